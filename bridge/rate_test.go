package bridge_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func TestRating(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		in := bridge.Inbound{
			Endpoint: "shop", Key: "r1", Thread: "chat/vera", From: bridge.Person{ID: "vera", Name: "vera"},
			Body: rich.Of("Quick and kind."), At: time.Now(),
		}
		if err := w.desk.Rate(w.ctx, in, 5); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("rating before the first line: %v, want ErrNotFound", err)
		}
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		for _, score := range []int{0, 6, -1} {
			if _, ok := errors.AsType[*bridge.Problem](w.desk.Rate(w.ctx, in, score)); !ok {
				t.Errorf("score %d was taken", score)
			}
		}
		w.must(w.desk.Rate(w.ctx, in, 5))
		w.must(w.desk.Rate(w.ctx, in, 5)) // sent again
		w.settled()
		w.sees(w.team, thread, "vera: Hello", "vera: 5 of 5\n\nQuick and kind.")
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}
