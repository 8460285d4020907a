package slack

import (
	"sync"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// health knows how many connections are alive and reports how the endpoint does.
type health struct {
	*intake.Reports
	advice string // what the operator must know even while we are running; empty: nothing

	mu   sync.Mutex
	live int
	well bool   // the last report said that we are running, or why we would not be
	lost string // why the channel cannot be used, however well the connections are; empty: it can
}

func newHealth(endpoint bridge.EndpointName, sink bridge.Sink, advice string) *health {
	return &health{Reports: intake.NewReports(endpoint, sink), advice: advice}
}

// up says that one more connection receives. After there was none, events may have been missed.
func (h *health) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live++
	if h.live == 1 || !h.well {
		h.Add(h.running(h.live == 1))
		h.well = true
	}
}

// down says that a connection no longer receives.
func (h *health) down() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live--
	if h.live == 0 {
		h.well = false
		h.Add(bridge.Condition{
			State:  bridge.Impaired,
			Public: "The connection to Slack is interrupted. Skein keeps trying; what was written meanwhile will follow.",
		})
	}
}

// gap says that events may have been missed although a connection was alive.
func (h *health) gap() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.live > 0 {
		h.Add(h.running(true))
		h.well = true
	}
}

// trouble says why a connection cannot be made. While another one is alive it is not worth a report, unless a
// person must act.
func (h *health) trouble(f *bridge.Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.Refused || h.live == 0 {
		h.well = false
		h.Add(f.Condition())
	}
}

// unwelcome says that connections can be made and serve for nothing. While another one is alive that is no reason to
// blame the token.
func (h *health) unwelcome() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.live == 0 {
		h.Add(bridge.Condition{State: bridge.Refused, Public: adviseSocket})
	}
}

// lose says why nothing can be read or written in the channel until a person has put it right.
func (h *health) lose(public string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = public
	if h.live > 0 {
		h.Add(h.running(false))
	}
}

// regain says that the channel can be used again. Until now Slack told us of nothing there.
func (h *health) regain() {
	h.mu.Lock()
	h.lost = ""
	h.mu.Unlock()
	h.gap()
}

func (h *health) running(gap bool) bridge.Condition {
	if h.lost != "" {
		return bridge.Condition{State: bridge.Refused, Public: h.lost, Gap: gap}
	}
	if h.advice != "" {
		return bridge.Condition{State: bridge.Impaired, Public: h.advice, Gap: gap}
	}
	return bridge.Condition{State: bridge.Running, Gap: gap}
}
