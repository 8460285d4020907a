package slack

import (
	"testing"
	"time"
)

func TestArriving(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	var a arriving
	expect := func(want bool, now, then int, when string) {
		t.Helper()
		if got := a.isAt(at(now), at(then)); got != want {
			t.Errorf("%s: %v", when, got)
		}
	}
	expect(false, 0, 0, "nothing was read")
	a.read(100, at(10))
	a.read(100, at(40))
	expect(true, 60, 10, "in the middle of a frame")
	expect(false, 60, 9, "it began later than the moment asked about")
	a.handled(func() { expect(true, 60, 10, "while it is handled") })
	expect(false, 60, 60, "it came out")
	a.read(100, at(100))
	a.handled(func() { a.read(100, at(110)) })
	expect(true, 111, 111, "the next one began while one was handled")
	expect(false, 110+51, 111, "a ping")
	a.read(100, at(300))
	expect(false, 301, 299, "a ping before does not make a frame older")
	expect(true, 301, 300, "a frame after a ping")
	a.read(4096, at(310))
	expect(true, 600, 300, "a long frame takes longer than a ping")
	expect(true, 310+10_000, 300, "much longer on a busy machine")
	expect(false, 311+30_000, 300, "and not for ever")
}
