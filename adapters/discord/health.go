package discord

import (
	"sync"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// health knows how the endpoint does and reports what is news.
type health struct {
	*intake.Reports

	mu   sync.Mutex
	last bridge.Condition
	lost string // why the channel cannot be used, however well the connection is; empty: it can
}

func newHealth(endpoint bridge.EndpointName, sink bridge.Sink) *health {
	return &health{Reports: intake.NewReports(endpoint, sink)}
}

// up says that we receive; with gap, that events may have been missed until now.
func (h *health) up(gap bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost != "" {
		h.report(bridge.Condition{State: bridge.Refused, Public: h.lost})
		return
	}
	h.report(bridge.Condition{State: bridge.Running, Gap: gap})
}

// down says that the connection is lost.
func (h *health) down() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report(bridge.Condition{
		State:  bridge.Impaired,
		Public: "The connection to Discord is interrupted. Skein keeps trying; what was written meanwhile will follow.",
	})
}

// impaired reports whether the last report was no good news.
func (h *health) impaired() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last.State != bridge.Running
}

// trouble says why we cannot receive.
func (h *health) trouble(f *bridge.Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report(f.Condition())
}

// lose says why nothing can be read or written in the channel until a person has put it right. A connection that comes
// back changes nothing about that: of what it missed, Discord tells us before it says that it is back.
func (h *health) lose(public string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = public
	h.report(bridge.Condition{State: bridge.Refused, Public: public})
}

// regain says that the channel can be used; the next up reports it.
func (h *health) regain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = ""
}

// report queues a condition. The same again is no news, but for a gap. The caller holds mu.
func (h *health) report(c bridge.Condition) {
	if c == h.last && !c.Gap {
		return
	}
	h.last = bridge.Condition{State: c.State, Public: c.Public}
	h.Add(c)
}
