package slack

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func nobody(context.Context, string) (bridge.Person, error) {
	return bridge.Person{}, errors.New("nobody")
}

func TestPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answer := func(ctx context.Context, id string) (bridge.Person, error) {
			asked.Add(1)
			return bridge.Person{ID: id, Name: "Ana"}, nil
		}
		p := newPeople(func(ctx context.Context, id string) (bridge.Person, error) { return answer(ctx, id) }, slog.New(slog.DiscardHandler))
		get := func(want string, questions int32) {
			t.Helper()
			if got := p.get(t.Context(), "U1"); got.Name != want || got.ID != "U1" {
				t.Errorf("get = %+v, want the name %q", got, want)
			}
			if n := asked.Load(); n != questions {
				t.Errorf("Slack was asked %d times, want %d", n, questions)
			}
		}
		get("Ana", 1)
		get("Ana", 1)
		p.change(json.RawMessage(`{"type":"user_change","user":{"id":"U1","profile":{"display_name":"Ana Maria"}}}`))
		get("Ana Maria", 1)

		time.Sleep(personTTL + 1)
		answer = func(ctx context.Context, _ string) (bridge.Person, error) {
			asked.Add(1)
			<-ctx.Done() // Slack is silent
			return bridge.Person{}, ctx.Err()
		}
		began := time.Now()
		get("Ana Maria", 2) // the old name serves
		if waited := time.Since(began); waited != lookUpTime {
			t.Errorf("waited %v for a silent Slack, want %v", waited, lookUpTime)
		}
		get("Ana Maria", 2) // and is not asked for again at once
		if got := p.get(t.Context(), "U2"); got.Name != unknownAgent || got.ID != "U2" {
			t.Errorf("somebody unknown is %+v", got)
		}
		answer = func(context.Context, string) (bridge.Person, error) { panic("of a shape nobody thought of") }
		if got := p.get(t.Context(), "U3"); got.Name != unknownAgent || got.ID != "U3" {
			t.Errorf("somebody whose look-up panics is %+v", got)
		}
	})
}
