package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack/socketmode"
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
	a.out(200)
	expect(false, 60, 60, "it came out")
	a.read(900, at(100))
	a.read(900, at(110))
	a.out(890)
	expect(false, 111, 99, "nothing is older")
	expect(true, 10_000, 110, "the next one was read before one came out")
	a.out(870)
	expect(false, 10_001, 10_001, "both came out, but for what is inexact")
	a.read(100, at(20_000))
	expect(true, 20_050, 20_000, "a little may be a ping")
	expect(false, 20_051, 20_000, "a ping")
	a.read(100, at(20_300))
	expect(false, 20_301, 20_299, "a ping before does not make a frame older")
	expect(true, 20_301, 20_300, "a frame after a ping")
	a.read(4096, at(20_310))
	expect(true, 20_600, 20_300, "a long frame takes longer than a ping")
	expect(true, 20_310+10_000, 20_300, "much longer on a busy machine")
	expect(false, 20_311+30_000, 20_300, "and not for ever")
	a.over(nil)
	expect(false, 20_311, 20_311, "with another connection nothing is left")
}

// What an event had on its connection is known closely enough: with TLS or without, offered once or again.
func TestSizeOf(t *testing.T) {
	const head, tls = 4, 29 // of a frame, and of a record of TLS 1.2 at most
	for _, again := range []string{"", `,"retry_attempt":1,"retry_reason":"timeout"`, `,"retry_attempt":0,"retry_reason":""`} {
		raw := `{"envelope_id":"a1b2c3d4-0000-4000-8000-000000000000","payload":` + `{"event":{"text":"` + strings.Repeat("x", 900) + `"}}` +
			`,"type":"events_api","accepts_response_payload":false` + again + `}`
		var request socketmode.Request
		if err := json.Unmarshal([]byte(raw), &request); err != nil {
			t.Fatal(err)
		}
		size := sizeOf(socketmode.Event{Type: socketmode.EventTypeEventsAPI, Request: &request})
		for _, wire := range []int{len(raw) + head, len(raw) + head + tls} {
			if wrong := wire - size; wrong < -inexact || wrong > inexact {
				t.Errorf("%d bytes on the wire are taken for %d", wire, size)
			}
		}
	}
}
