package website

import (
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// What a visitor's program has taken counts as delivered, by a stream or by asking, and those who mark it are told.
func TestWhatWasFetchedIsNoted(t *testing.T) {
	m := newMemory()
	proofs, told := bridge.NewHub(), make(chan bridge.ConversationID, 10)
	defer proofs.Subscribe(func(c bridge.ConversationID) { told <- c })()
	fetched := func(want int64) {
		t.Helper()
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody was told")
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.fetched != want {
			t.Errorf("fetched up to %d, want %d", m.fetched, want)
		}
	}
	a, url, _ := serve(t, m, func(c *Config) { c.Proofs = proofs })
	token := a.newToken(visitor{Key: "v1"}, time.Now())
	m.add("v1", bridge.Entry{Kind: bridge.Said, Body: rich.Of("hello"), By: bridge.Speaker{Kind: bridge.ByVisitor}})
	m.agentSays("v1", "one")
	c := &caller{t: t, a: a, token: token}
	c.want(200, nil, "GET", "messages?after=0", "")
	fetched(2)
	l := listen(t, url, token, 2)
	m.add("v1", bridge.Entry{Kind: bridge.Said, Body: rich.Of("thanks"), By: bridge.Speaker{Kind: bridge.ByVisitor}})
	if e := l.entry(); e.Seq != 3 {
		t.Fatalf("entry %+v", e)
	}
	m.agentSays("v1", "two")
	if e := l.entry(); e.Seq != 4 {
		t.Fatalf("entry %+v", e)
	}
	fetched(4)
	c.want(204, nil, "POST", "read", `{"seq":4}`)
	fetched(4)
	if len(told) > 0 {
		t.Error("somebody was told of a line that nobody is to see marked")
	}
}
