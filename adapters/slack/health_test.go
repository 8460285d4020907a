package slack

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

// slowSink takes its time for reports.
type slowSink struct {
	bridge.Sink
	release chan struct{}
	got     []bridge.Condition
}

func (s *slowSink) Report(_ context.Context, _ bridge.EndpointName, c bridge.Condition) {
	<-s.release
	s.got = append(s.got, c)
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sink := &slowSink{release: make(chan struct{})}
		h := newHealth("support-slack", sink, "")
		go h.run(ctx)

		h.up()
		settled := make(chan error, 1)
		go func() { settled <- h.settle(ctx) }()
		synctest.Wait()
		select {
		case <-settled:
			t.Error("settled though the sink has not been told of the gap")
		default:
		}
		close(sink.release)
		if err := <-settled; err != nil {
			t.Error(err)
		}
		states := func(want ...bridge.Condition) {
			t.Helper()
			if err := h.settle(ctx); err != nil {
				t.Error(err)
			}
			for i := range sink.got {
				sink.got[i].Public = ""
			}
			if !slices.Equal(sink.got, want) {
				t.Errorf("reported %+v, want %+v", sink.got, want)
			}
			sink.got = nil
		}
		running, gap := bridge.Condition{State: bridge.Running}, bridge.Condition{State: bridge.Running, Gap: true}
		impaired, refused := bridge.Condition{State: bridge.Impaired}, bridge.Condition{State: bridge.Refused}
		states(gap)
		h.up() // the second connection
		h.down()
		h.up()
		h.trouble(&bridge.Failure{Verdict: bridge.Unsure, Public: "?"}) // the other one is alive
		states()
		h.trouble(&bridge.Failure{Refused: true, Public: "!"})
		states(refused)
		h.down()
		h.up() // the refusal is over, and one connection was alive all the time
		states(running)
		h.down()
		h.down()
		h.trouble(&bridge.Failure{Verdict: bridge.Unsure, Public: "?"})
		h.up()
		states(impaired, impaired, gap)
		h.gap()
		states(gap)
		cancel()
		h.down()
		if err := h.settle(ctx); err == nil {
			t.Error("settled after the end")
		}
	})
}
