package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// record keeps what a dispatcher hands on.
type record struct {
	mu   sync.Mutex
	keys []string
}

func (r *record) add(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, key)
}

func (r *record) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.keys)
}

func at(thread string, n int) happening {
	ts := fmt.Sprintf("1700000000.%06d", n)
	return happening{key: thread + "/" + ts, channel: "C", thread: thread, ts: ts, at: ts}
}

// runDispatcher runs a test on fake time.
func runDispatcher(t *testing.T, handle func(context.Context, happening) error, test func(submit func(happening), d *dispatcher, acked *record)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := newDispatcher(handle, time.Millisecond, slog.New(slog.DiscardHandler))
		acked := &record{}
		test(func(h happening) { d.submit(ctx, h, func() { acked.add(h.key) }) }, d, acked)
		cancel()
		d.close()
		d.submit(ctx, at("late", 1), func() { t.Error("something was taken in after the end") })
	})
}

func TestDispatchSortsAThread(t *testing.T) {
	var got record
	runDispatcher(t, func(_ context.Context, h happening) error { got.add(h.key); return nil },
		func(submit func(happening), _ *dispatcher, acked *record) {
			for _, n := range []int{2, 1, 3} {
				submit(at("a", n))
			}
			synctest.Wait()
			if len(got.list()) != 0 {
				t.Error("an event was handed on before it had settled")
			}
			time.Sleep(2 * time.Millisecond)
			synctest.Wait()
			want := []string{at("a", 1).key, at("a", 2).key, at("a", 3).key}
			if !slices.Equal(got.list(), want) || !slices.Equal(acked.list(), want) {
				t.Errorf("handed on %q, acknowledged %q, want %q", got.list(), acked.list(), want)
			}
		})
}

func TestDispatchKeepsThreadsApart(t *testing.T) {
	var got record
	var release chan struct{}
	runDispatcher(t, func(_ context.Context, h happening) error {
		if h.thread == "slow" {
			<-release
		}
		got.add(h.thread)
		return nil
	}, func(submit func(happening), _ *dispatcher, _ *record) {
		release = make(chan struct{})
		submit(at("slow", 1))
		time.Sleep(10 * time.Millisecond)
		submit(at("quick", 2))
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if want := []string{"quick"}; !slices.Equal(got.list(), want) {
			t.Errorf("while a thread is slow, %q was handed on, want %q", got.list(), want)
		}
		close(release)
		synctest.Wait()
	})
}

func TestDispatchTriesAgainAndNothingOvertakes(t *testing.T) {
	var got record
	tries := 0
	runDispatcher(t, func(_ context.Context, h happening) error {
		if h.key == at("a", 1).key {
			if tries++; tries < 5 {
				return errors.New("away")
			}
		}
		got.add(h.key)
		return nil
	}, func(submit func(happening), _ *dispatcher, acked *record) {
		submit(at("a", 1))
		submit(at("a", 2))
		time.Sleep(100 * time.Millisecond)
		submit(at("a", 1)) // Slack offers it again
		synctest.Wait()
		if len(acked.list()) != 0 {
			t.Errorf("%q was acknowledged before it was stored", acked.list())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{at("a", 1).key, at("a", 2).key}; !slices.Equal(got.list(), want) {
			t.Errorf("handed on %q, want %q", got.list(), want)
		}
		if want := []string{at("a", 1).key, at("a", 1).key, at("a", 2).key}; !slices.Equal(acked.list(), want) {
			t.Errorf("acknowledged %q, want %q: both envelopes of the repeated one", acked.list(), want)
		}
	})
}

func TestDispatchIsBounded(t *testing.T) {
	var blocked chan struct{}
	room := false
	runDispatcher(t, func(context.Context, happening) error { <-blocked; return nil },
		func(submit func(happening), d *dispatcher, acked *record) {
			blocked = make(chan struct{})
			d.onRoom = func() { room = true }
			for n := range maxPending + 10 {
				submit(at("a", n))
			}
			close(blocked)
			time.Sleep(time.Second)
			synctest.Wait()
			if n := len(acked.list()); n != maxPending {
				t.Errorf("%d events were taken in, want %d", n, maxPending)
			}
			if !room {
				t.Error("nobody is told that events were turned away")
			}
		})
}

// A happening on which the code panics must neither end the process nor block its thread.
func TestDispatchDropsPoison(t *testing.T) {
	var got record
	tries := 0
	runDispatcher(t, func(_ context.Context, h happening) error {
		switch h.key {
		case at("a", 1).key:
			tries++
			panic("what somebody wrote")
		case at("a", 2).key:
			if tries++; tries == maxPanics+1 {
				panic("once")
			}
		}
		got.add(h.key)
		return nil
	}, func(submit func(happening), d *dispatcher, acked *record) {
		var out bytes.Buffer
		d.log = slog.New(slog.NewTextHandler(&out, nil))
		for n := range 3 {
			submit(at("a", n+1))
		}
		d.beside(func() { panic("what somebody pressed") })
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{at("a", 2).key, at("a", 3).key}; !slices.Equal(got.list(), want) {
			t.Errorf("handed on %q, want %q", got.list(), want)
		}
		if want := []string{at("a", 1).key, at("a", 2).key, at("a", 3).key}; !slices.Equal(acked.list(), want) {
			t.Errorf("acknowledged %q, want %q", acked.list(), want)
		}
		if tries != maxPanics+2 || d.pending != 0 {
			t.Errorf("tried %d times, %d pending", tries, d.pending)
		}
		log := out.String()
		if strings.Count(log, "level=ERROR") != maxPanics+3 || strings.Count(log, "dispatch_test.go") < maxPanics+2 || strings.Contains(log, "somebody") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

func TestSocketSurvivesAFrameThatPanics(t *testing.T) {
	s := &socket{receiver: &receiver{Adapter: newTestAdapter(t, nil)}} // without a client nothing can be acknowledged
	s.take(t.Context(), socketmode.Event{Type: socketmode.EventTypeInteractive, Request: &socketmode.Request{Type: "interactive"}})
}

func TestDispatchEndsWhileStoringFails(t *testing.T) {
	runDispatcher(t, func(context.Context, happening) error { return errors.New("away for good") },
		func(submit func(happening), _ *dispatcher, acked *record) {
			submit(at("a", 1))
			time.Sleep(time.Minute)
			if len(acked.list()) != 0 {
				t.Error("acknowledged though it was never stored")
			}
		})
}
