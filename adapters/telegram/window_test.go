package telegram

import (
	"testing"
	"testing/synctest"
	"time"
)

// An offset that Telegram was not told within a day, because it could not be reached, is not told later: its numbers may
// have started anew meanwhile, and it would forget what nobody has heard.
func TestNoOldOffsets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &window{changed: make(chan struct{}, 1)}
		want := func(offset int64, waiting bool) {
			t.Helper()
			if got, still := w.offset(); got != offset || still != waiting {
				t.Errorf("offset %d, waiting %v, want %d, %v", got, still, offset, waiting)
			}
		}
		stored, _ := w.take(900)
		want(900, true)
		time.Sleep(25 * time.Hour)
		want(0, true)
		stored()
		want(0, false)

		stored, _ = w.take(950)
		stored()
		want(951, false)
		time.Sleep(25 * time.Hour)
		want(0, false)
		stored, _ = w.take(5)
		stored()
		want(6, false)
		w.confirmed(6)
		want(0, false)
	})
}
