package bridge_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// A line that is taken in is on its way at once: nobody has to look for it.
func TestALineIsSentAsItIsTakenIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		for range 3 {
			time.Sleep(77 * time.Millisecond)
			before, n := time.Now(), len(w.team.Messages(thread))
			w.visitor("vera", "And another thing")
			w.must(w.team.Await(w.ctx, func([]bridgetest.Message) bool { return len(w.team.Messages(thread)) > n }))
			if took := time.Since(before); took > 0 {
				t.Errorf("it took %v", took)
			}
			w.settled()
		}
	})
}

// What was claimed along with a line, when sending has ended meanwhile, is there for whoever claims it next.
func TestWhatIsClaimedTooLateIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		w.thread("vera")
		w.settled()
		w.stop()
		s, err := store.Open(w.ctx, w.database, store.Options{})
		w.must(err)
		defer s.Close()
		claim := func() ([]bridge.Lane, error) {
			return s.Claim(w.ctx, []bridge.EndpointName{"team"}, nil, time.Minute, 1)
		}
		ended := bridge.NewCourier(bridge.CourierConfig{Book: s, Hub: bridge.NewHub(), Adapters: []bridge.Adapter{w.team}})
		ended.Keep("team")
		w.must(ended.Along(w.ctx, func(by bridge.Claimant) ([]bridge.Lane, error) {
			if len(by.Endpoints) > 0 {
				t.Errorf("it would claim for %v", by.Endpoints)
			}
			_, _, err := s.Say(w.ctx, "chat/vera", bridge.Entry{
				Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.ByVisitor, Name: "vera"},
				Origin: bridge.Origin{Endpoint: "shop", Key: "late"}, Body: rich.Of("Are you still there"),
			}, by)
			w.must(err)
			lanes, err := claim()
			if len(lanes) != 1 {
				t.Errorf("claimed %d lanes", len(lanes))
			}
			return lanes, err
		}))
		if lanes, err := claim(); err != nil || len(lanes) != 1 {
			t.Errorf("claimed %d lanes that were given up, %v", len(lanes), err)
		}
	})
}
