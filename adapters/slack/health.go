package slack

import (
	"context"
	"sync"

	"github.com/skeindesk/skein/bridge"
)

// health knows how many connections are alive and tells the sink how the endpoint does, in order and without
// making a connection wait for the sink.
type health struct {
	endpoint bridge.EndpointName
	sink     bridge.Sink
	advice   string // what the operator must know even while we are running; empty: nothing

	mu     sync.Mutex
	live   int
	well   bool // the last report said that we are running
	unsent []bridge.Condition
	told   chan struct{} // closed while nothing is unsent
	wake   chan struct{}
}

func newHealth(endpoint bridge.EndpointName, sink bridge.Sink, advice string) *health {
	h := &health{endpoint: endpoint, sink: sink, advice: advice, told: make(chan struct{}), wake: make(chan struct{}, 1)}
	close(h.told)
	return h
}

// run passes reports on until ctx ends.
func (h *health) run(ctx context.Context) {
	for {
		select {
		case <-h.wake:
		case <-ctx.Done():
			return
		}
		for c, ok := h.next(); ok; c, ok = h.next() {
			h.sink.Report(ctx, h.endpoint, c)
		}
	}
}

// next takes the oldest report that the sink has not had; ok is false when it has had them all.
func (h *health) next() (c bridge.Condition, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.unsent) == 0 {
		close(h.told)
		return bridge.Condition{}, false
	}
	c = h.unsent[0]
	h.unsent = h.unsent[1:]
	return c, true
}

// settle returns after everything reported so far has reached the sink. What happened after a gap must not reach it
// before the report of the gap does: the sink reads the threads back first.
func (h *health) settle(ctx context.Context) error {
	h.mu.Lock()
	told := h.told
	h.mu.Unlock()
	select {
	case <-told:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// up says that one more connection receives. After there was none, events may have been missed.
func (h *health) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live++
	if h.live == 1 || !h.well {
		h.report(h.running(h.live == 1))
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
		h.report(bridge.Condition{
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
		h.report(h.running(true))
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
		h.report(troubled(f))
	}
}

func troubled(f *bridge.Failure) bridge.Condition {
	if f.Refused {
		return bridge.Condition{State: bridge.Refused, Public: f.Public}
	}
	return bridge.Condition{State: bridge.Impaired, Public: f.Public + " Skein keeps trying."}
}

func (h *health) running(gap bool) bridge.Condition {
	if h.advice != "" {
		return bridge.Condition{State: bridge.Impaired, Public: h.advice, Gap: gap}
	}
	return bridge.Condition{State: bridge.Running, Gap: gap}
}

// report queues a condition. The caller holds the lock.
func (h *health) report(c bridge.Condition) {
	if n := len(h.unsent); n > 0 && h.unsent[n-1] == c {
		return
	}
	h.unsent = append(h.unsent, c)
	select {
	case <-h.told:
		h.told = make(chan struct{})
		h.wake <- struct{}{} // it is empty: run has seen the end of the list since the last one
	default:
	}
}
