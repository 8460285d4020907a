package website

import (
	"net/http"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// erase leaves of a thread's conversation nothing by which it is found, as the store does.
func (m *memory) erase(t bridge.ThreadRef) (was bridge.ConversationID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was = m.threads[t]
	delete(m.threads, t)
	m.threads["erased/"+t] = was
	return was
}

// The numbers of what a visitor writes after they were erased begin anew. Whoever still listens hears it.
func TestStreamBeginsAnewAfterAnErasure(t *testing.T) {
	for name, begin := range map[string]func(m *memory, a *Adapter, url, token string){
		"written here": func(m *memory, a *Adapter, _, token string) {
			m.erase("v1")
			c := caller{t: t, a: a, token: token}
			c.want(http.StatusCreated, nil, "POST", "messages", `{"text":"anew"}`, "Idempotency-Key", "anew")
		},
		"written elsewhere": func(m *memory, a *Adapter, _, _ string) {
			m.hub.Relay(m.erase("v1"))
			await(t, "the stream waits for another conversation", func() bool {
				a.streams.mu.Lock()
				defer a.streams.mu.Unlock()
				return a.streams.waiting == 1 && len(a.streams.byConversation) == 0
			})
			m.agentSays("v1", "anew")
		},
		"unheard of until somebody comes": func(m *memory, _ *Adapter, url, token string) {
			m.erase("v1")
			m.agentSays("v1", "anew")
			l := listen(t, url, token, 0)
			if e := l.entry(); e.Seq != 1 || e.Text != "anew" {
				t.Errorf("who comes is told %+v", e)
			}
			l.close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			a, url, _ := serve(t, m)
			token := a.newToken(visitor{Key: "v1"}, time.Now())
			l := listen(t, url, token, 0)
			for want := range int64(3) {
				m.agentSays("v1", "old")
				if e := l.entry(); e.Seq != want+1 {
					t.Fatalf("entry %+v", e)
				}
			}
			begin(m, a, url, token)
			if e := l.entry(); e.Seq != 1 || e.Text != "anew" {
				t.Errorf("entry %+v", e)
			}
			back := listen(t, url, token, 3) // while another listens
			if e := back.entry(); e.Seq != 1 {
				t.Errorf("who comes back is told %+v", e)
			}
			m.agentSays("v1", "more")
			for _, l := range []*listener{l, back} {
				if e := l.entry(); e.Seq != 2 || e.Text != "more" {
					t.Errorf("entry %+v", e)
				}
				l.close()
			}
			await(t, "closed streams are forgotten", func() bool { return a.streams.count() == 0 })
			if n := a.streams.waiting; n != 0 {
				t.Errorf("%d wait where nobody listens", n)
			}
			first := listen(t, url, token, 3)
			if e := first.entry(); e.Seq != 1 {
				t.Errorf("who listens first is told %+v", e)
			}
		})
	}
}
