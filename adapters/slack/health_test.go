package slack

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

// reported keeps what a sink is told.
type reported struct {
	bridge.Sink
	got []bridge.Condition
}

func (s *reported) Report(_ context.Context, _ bridge.EndpointName, c bridge.Condition) {
	s.got = append(s.got, c)
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sink := &reported{}
		h := newHealth("support-slack", sink, "")
		go h.Run(ctx)

		states := func(want ...bridge.Condition) {
			t.Helper()
			if err := h.Settle(ctx); err != nil {
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
		h.up()
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
		h.lose("!")
		states(refused)
		h.gap()
		states(bridge.Condition{State: bridge.Refused, Gap: true})
		h.unwelcome() // the other one is alive
		states()
		h.down()
		h.unwelcome()
		h.up() // it is as lost as before
		states(impaired, refused, bridge.Condition{State: bridge.Refused, Gap: true})
		h.regain()
		states(gap)
	})
}
