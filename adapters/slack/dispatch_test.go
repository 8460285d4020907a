package slack

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
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

// dispatching runs a test on fake time. busy says whether something is still arriving over another connection.
func dispatching(t *testing.T, busy *atomic.Bool, test func(submit func(happening, wait), got, acked *record)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got, acked record
		d := newDispatcher(func(_ context.Context, h happening) error { got.add(h.key); return nil },
			func(_, _ time.Time) bool { return busy.Load() }, func() {}, slog.New(slog.DiscardHandler))
		test(func(h happening, how wait) { d.Submit(ctx, arrived(h, how), func() { acked.add(h.key) }) }, &got, &acked)
		cancel()
		d.Close()
	})
}

func TestDispatchSortsAThread(t *testing.T) {
	dispatching(t, &atomic.Bool{}, func(submit func(happening, wait), got, acked *record) {
		for _, n := range []int{2, 1, 3, 2} { // the second is offered again
			submit(at("a", n), wait{settle: time.Millisecond})
		}
		submit(at("b", 1), wait{})
		synctest.Wait()
		if want := []string{at("b", 1).key}; !slices.Equal(got.list(), want) {
			t.Errorf("handed on %q before they had settled, want %q", got.list(), want)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		want := []string{at("b", 1).key, at("a", 1).key, at("a", 2).key, at("a", 3).key}
		if !slices.Equal(got.list(), want) {
			t.Errorf("handed on %q, want %q", got.list(), want)
		}
		if want := slices.Insert(want, 2, at("a", 2).key); !slices.Equal(acked.list(), want) {
			t.Errorf("acknowledged %q, want %q: both envelopes of the repeated one", acked.list(), want)
		}
	})
}

func TestDispatchWaitsForWhatIsStillArriving(t *testing.T) {
	var busy atomic.Bool
	dispatching(t, &busy, func(submit func(happening, wait), got, _ *record) {
		other := &wire{}
		busy.Store(true)
		submit(at("a", 2), wait{settle: time.Millisecond, unread: []mark{{other, 100}}})
		time.Sleep(20 * time.Millisecond)
		busy.Store(false)
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		if len(got.list()) != 0 {
			t.Error("an event was handed on before everything older was read")
		}
		busy.Store(true)
		other.read.Add(100)
		time.Sleep(20 * time.Millisecond)
		submit(at("a", 1), wait{settle: time.Millisecond}) // what was read
		busy.Store(false)
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		if want := []string{at("a", 1).key, at("a", 2).key}; !slices.Equal(got.list(), want) {
			t.Errorf("handed on %q, want %q", got.list(), want)
		}
		busy.Store(true)
		submit(at("a", 3), wait{settle: time.Millisecond})
		time.Sleep(maxArriving*arrivalLook + 10*time.Millisecond)
		synctest.Wait()
		if n := len(got.list()); n != 3 {
			t.Errorf("%d events were handed on: a connection that never falls silent holds one back for ever", n)
		}
	})
}

func TestSocketSurvivesAFrameThatPanics(t *testing.T) {
	s := &socket{receiver: &receiver{Adapter: newTestAdapter(t, nil)}} // without a client nothing can be acknowledged
	s.take(t.Context(), socketmode.Event{Type: socketmode.EventTypeInteractive, Request: &socketmode.Request{Type: "interactive"}})
}
