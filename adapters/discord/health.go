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
}

func newHealth(endpoint bridge.EndpointName, sink bridge.Sink) *health {
	return &health{Reports: intake.NewReports(endpoint, sink)}
}

// up says that we receive; with gap, that events may have been missed until now.
func (h *health) up(gap bool) { h.report(bridge.Condition{State: bridge.Running, Gap: gap}) }

// down says that the connection is lost.
func (h *health) down() {
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
func (h *health) trouble(f *bridge.Failure) { h.report(f.Condition()) }

// report queues a condition. The same again is no news, but for a gap.
func (h *health) report(c bridge.Condition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c == h.last && !c.Gap {
		return
	}
	h.last = bridge.Condition{State: c.State, Public: c.Public}
	h.Add(c)
}
