package adaptertest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func receiveInOrder(t *testing.T, s Stage) {
	sink := start(t, s)
	const threads, lines = 4, 12
	var refs []bridge.ThreadRef
	for range threads {
		refs = append(refs, open(t, s))
	}
	for i := range lines {
		for _, ref := range refs {
			must(t, "", second(s.Platform.Say(ref, line(i))))
		}
		time.Sleep(5 * time.Millisecond) // people are not faster; this is no waiting for anything
	}
	said := map[bridge.ThreadRef][]string{}
	keys := map[string]bool{}
	for _, in := range sink.AwaitInbounds(t, threads*lines) {
		said[in.Thread] = append(said[in.Thread], rich.Plain(in.Body))
		if in.Kind != bridge.InSaid || in.Message == "" || in.Endpoint != s.Adapter.Name() || in.At.IsZero() || in.From.ID == "" ||
			in.From.Name == "" && !s.Adapter.Abilities().Reads { // who reads the log has been greeted, with the name
			t.Errorf("an inbound is not complete: %+v", in)
		}
		if keys[in.Key] {
			t.Errorf("two inbounds have the key %q", in.Key)
		}
		keys[in.Key] = true
	}
	for _, ref := range refs {
		for i, text := range said[ref] {
			if text != line(i) {
				t.Fatalf("thread %s: message %d is %q, want %q; all: %q", ref, i, text, line(i), said[ref])
			}
		}
	}
}

// second drops a value that a test does not need.
func second[T any](_ T, err error) error { return err }

func acknowledgeAfterSink(t *testing.T, s Stage) {
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	sink := start(t, s, func(sink *Sink) {
		sink.OnReceive = func(ctx context.Context, _ bridge.Inbound) error {
			once.Do(func() { close(arrived) })
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	thread := open(t, s)
	await(t, "silence", func() bool { return s.Platform.Unacknowledged() == 0 })
	must(t, "", second(s.Platform.Say(thread, "hello")))
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("the message did not arrive")
	}
	if s.Platform.Unacknowledged() == 0 {
		t.Error("the event was acknowledged before it was stored")
	}
	close(release)
	sink.AwaitInbounds(t, 1)
	await(t, "the acknowledgement", func() bool { return s.Platform.Unacknowledged() == 0 })
}

func offerAgain(t *testing.T, s Stage) {
	var refused atomic.Int32
	sink := start(t, s, func(sink *Sink) {
		sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
			if rich.Plain(in.Body) == line(0) && refused.Add(1) <= 2 {
				return errors.New("the database is away")
			}
			return nil
		}
	})
	thread := open(t, s)
	for i := range 3 {
		must(t, "", second(s.Platform.Say(thread, line(i))))
	}
	for i, in := range sink.AwaitInbounds(t, 3) {
		if text := rich.Plain(in.Body); text != line(i) {
			t.Errorf("message %d is %q: what the sink refused was overtaken", i, text)
		}
	}
	await(t, "the acknowledgements", func() bool { return s.Platform.Unacknowledged() == 0 })
}

func receiveEdits(t *testing.T, s Stage) {
	sink := start(t, s)
	thread := open(t, s)
	message := must1(t)(s.Platform.Say(thread, "first"))
	sink.AwaitInbounds(t, 1)
	must(t, 0, s.Platform.Edit(message, "second"))
	in := sink.AwaitInbounds(t, 2)[1]
	if in.Kind != bridge.InEdited || in.Target != message || in.Thread != thread || rich.Plain(in.Body) != "second" {
		t.Errorf("the edit arrived as %+v", in)
	}
}

func receiveDeletions(t *testing.T, s Stage) {
	sink := start(t, s)
	thread := open(t, s)
	message := must1(t)(s.Platform.Say(thread, "first"))
	sink.AwaitInbounds(t, 1)
	must(t, 0, s.Platform.Delete(message))
	in := sink.AwaitInbounds(t, 2)[1]
	if in.Kind != bridge.InDeleted || in.Target != message || in.Thread != thread {
		t.Errorf("the deletion arrived as %+v", in)
	}
}

// forgetDeleted: what could not be taken until it was deleted is nothing that anybody is to read.
func forgetDeleted(t *testing.T, s Stage) {
	sink := start(t, s, func(sink *Sink) {
		sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
			if in.Kind == bridge.InSaid && rich.Plain(in.Body) == line(0) {
				return errors.New("the database is away")
			}
			return nil
		}
	})
	thread := open(t, s)
	message := must1(t)(s.Platform.Say(thread, line(0)))
	sink.Await(t, "the line to be refused", func(h Heard) bool { return h.Offers > 0 })
	must1(t)(s.Platform.Say(thread, line(1)))
	must(t, 0, s.Platform.Delete(message))
	all := sink.AwaitInbounds(t, 2)
	if all[0].Kind != bridge.InDeleted || all[0].Target != message || all[0].Unsaid == "" || rich.Plain(all[1].Body) != line(1) {
		t.Errorf("taken were %+v", all)
	}
	await(t, "the acknowledgements", func() bool { return s.Platform.Unacknowledged() == 0 })
}

func must1(t testing.TB) func(bridge.MessageRef, error) bridge.MessageRef {
	return func(m bridge.MessageRef, err error) bridge.MessageRef {
		t.Helper()
		return must(t, m, err)
	}
}

func hearNothingOfOurselves(t *testing.T, s Stage) {
	sink := start(t, s)
	thread := open(t, s)
	landed, _ := deliver(t, s.Adapter, said(thread, 1, "from the visitor"))
	deliver(t, s.Adapter, edited(thread, 2, 1, "from the visitor, better", landed))
	deliver(t, s.Adapter, deleted(thread, 3, 1, landed))
	must1(t)(s.Platform.Say(thread, "from a person"))
	for _, in := range sink.AwaitInbounds(t, 1) {
		if rich.Plain(in.Body) != "from a person" {
			t.Errorf("we heard ourselves: %+v", in)
		}
	}
}

func reportGap(t *testing.T, s Stage) {
	for _, c := range start(t, s).Heard().Conditions {
		if c.State == bridge.Running && c.Gap {
			return
		}
	}
	t.Error("no gap is reported at the start, though events may have been missed before")
}

func stop(t *testing.T, s Stage) {
	ctx, cancel := context.WithCancel(t.Context())
	sink := NewSink()
	ended := make(chan error, 1)
	go func() { ended <- s.Adapter.Run(ctx, sink) }()
	sink.Await(t, "the endpoint running", func(h Heard) bool {
		return len(h.Conditions) > 0 && h.Conditions[len(h.Conditions)-1].State == bridge.Running
	})
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run ended with %v when its context did", err)
		}
	case <-time.After(patience):
		t.Error("Run does not end with its context")
	}
}

// await polls what cannot be subscribed to.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
