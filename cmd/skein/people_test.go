package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/skeindesk/skein/adapters/website/webtest"
)

func introduction(name string) webtest.Introduction {
	return webtest.Introduction{Locale: "en", Profile: map[string]any{"name": name}}
}

// say sends a line until it is acknowledged.
func (g *guest) say(ctx context.Context, t testing.TB, text string) {
	t.Helper()
	if _, err := g.visitor.Say(ctx, text); err != nil {
		t.Fatalf("%s: %v", g.name, err)
	}
	g.said = append(g.said, text)
}

// reply is an agent writing in the guest's thread.
func (r *rig) reply(g *guest, user, text string) {
	r.t.Helper()
	if _, err := r.slack.Say(user, desk, g.thread, text); err != nil {
		r.t.Fatal(err)
	}
	g.replies = append(g.replies, text)
}

// condition asks a daemon how one of its endpoints does.
func (r *rig) condition(t testing.TB, in *instance, endpoint string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(r.ctx, http.MethodGet, "http://"+in.address+"/readyz", nil)
	must(t, err)
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer answer.Body.Close()
	var body struct {
		Endpoints map[string]struct{ Condition string }
	}
	must(t, json.NewDecoder(answer.Body).Decode(&body))
	return body.Endpoints[endpoint].Condition
}

// meet opens the guest's session and keeps its stream open until the test ends.
func (r *rig) meet(g *guest) error {
	if _, err := g.visitor.Open(r.ctx, introduction(g.name)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.ctx)
	var stream sync.WaitGroup
	stream.Go(func() {
		if err := g.visitor.Stream(ctx); err != nil && ctx.Err() == nil {
			r.t.Errorf("%s: stream: %v", g.name, err)
		}
	})
	r.t.Cleanup(func() { cancel(); stream.Wait() })
	return nil
}
