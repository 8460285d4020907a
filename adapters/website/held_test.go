package website

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// What is held back comes when it is due, without a further hint, and in order; a page read meanwhile does not lead past it.
func TestStreamTellsWhatWasHeld(t *testing.T) {
	m := newMemory()
	hold := func(two, four time.Duration) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.held = map[int64]time.Time{2: time.Now().Add(two), 4: time.Now().Add(four)}
	}
	hold(time.Hour, time.Hour) // however long it takes until the page is read
	a, url, _ := serve(t, m)
	token := a.newToken(visitor{Key: "v1"}, time.Now())
	m.agentSays("v1", "one")
	m.agentSays("v1", "two")
	m.add("v1", bridge.Entry{Kind: bridge.Said, By: bridge.Speaker{Kind: bridge.ByVisitor}})
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"messages", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var p page
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil || len(p.Entries) != 1 || p.LastSeq != 1 {
		t.Errorf("while two is held, the page is %+v, %v", p, err)
	}
	hold(400*time.Millisecond, 800*time.Millisecond)
	l := listen(t, url, token, 0)
	m.agentSays("v1", "four")
	for want := range int64(4) {
		if e := l.entry(); e.Seq != want+1 {
			t.Fatalf("entry %+v, want %d", e, want+1)
		}
		if until, held := m.held[want+1]; held && time.Now().Before(until) {
			t.Errorf("entry %d came too early", want+1)
		}
	}
}
