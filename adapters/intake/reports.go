package intake

import (
	"context"
	"sync"

	"github.com/skeindesk/skein/bridge"
)

// Reports tells the sink how an endpoint does, in order and without making a connection wait for the sink.
type Reports struct {
	endpoint bridge.EndpointName
	sink     bridge.Sink

	mu     sync.Mutex
	unsent []bridge.Condition
	told   chan struct{} // closed while nothing is unsent
	wake   chan struct{}
}

// NewReports returns reports for which Run is to be called.
func NewReports(endpoint bridge.EndpointName, sink bridge.Sink) *Reports {
	r := &Reports{endpoint: endpoint, sink: sink, told: make(chan struct{}), wake: make(chan struct{}, 1)}
	close(r.told)
	return r
}

// Run passes reports on until ctx ends.
func (r *Reports) Run(ctx context.Context) {
	for {
		select {
		case <-r.wake:
		case <-ctx.Done():
			return
		}
		for c, ok := r.next(); ok; c, ok = r.next() {
			r.sink.Report(ctx, r.endpoint, c)
		}
	}
}

// next takes the oldest report that the sink has not had; ok is false when it has had them all.
func (r *Reports) next() (c bridge.Condition, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.unsent) == 0 {
		close(r.told)
		return bridge.Condition{}, false
	}
	c = r.unsent[0]
	r.unsent = r.unsent[1:]
	return c, true
}

// Add queues a condition, unless the sink is about to hear the same.
func (r *Reports) Add(c bridge.Condition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.unsent); n > 0 && r.unsent[n-1] == c {
		return
	}
	r.unsent = append(r.unsent, c)
	select {
	case <-r.told:
		r.told = make(chan struct{})
		r.wake <- struct{}{} // it is empty: Run has seen the end of the list since the last one
	default:
	}
}

// Settle returns after everything reported so far has reached the sink. What happened after a gap must not reach it
// before the report of the gap does: the sink reads the threads back first.
func (r *Reports) Settle(ctx context.Context) error {
	r.mu.Lock()
	told := r.told
	r.mu.Unlock()
	select {
	case <-told:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
