package slack

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	maxPending   = 4096 // happenings in memory; more are not taken, so that Slack offers them again
	maxParallel  = 32   // threads handled at a time
	maxArriving  = 500  // how often an item that has settled looks whether something else is still arriving
	arrivalLook  = time.Millisecond
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 5 * time.Second
	maxExtended  = 5 // how often an item's time to settle is extended
	maxPanics    = 3 // after that an item is dropped: no event may block its thread for ever
)

// dispatcher hands happenings on: those of one thread one after the other in the order of their ts, different
// threads beside each other. One that cannot be stored stays at the head of its thread and is tried again, so that
// nothing overtakes it; what Slack offers again in the meantime joins it. One on which handle panics again and again
// is dropped.
type dispatcher struct {
	handle func(context.Context, happening) error
	settle time.Duration
	log    *slog.Logger
	slots  chan struct{}
	work   sync.WaitGroup

	mu       sync.Mutex
	queues   map[string]*queue
	pending  int
	overflow bool
	closed   bool
	onRoom   func() // called after an overflow once there is room again

	// arriving says whether at now anything is still on its way in that began to arrive until then.
	arriving func(now, then time.Time) bool
}

type queue struct{ items []*item }

type item struct {
	happening
	done     []func()
	settled  time.Time // from then on nothing earlier is expected; of the queue's goroutine after submit
	extended int
	looks    int
	tries    int
	panics   int
}

func newDispatcher(handle func(context.Context, happening) error, settle time.Duration, log *slog.Logger) *dispatcher {
	return &dispatcher{
		handle: handle, settle: settle, log: log,
		slots: make(chan struct{}, maxParallel), queues: map[string]*queue{}, onRoom: func() {},
		arriving: func(_, _ time.Time) bool { return false },
	}
}

// submit queues a happening; done is called once it is stored or dropped, from another goroutine, and else never.
// submit itself does not block. After ctx has ended nothing is handled any more.
func (d *dispatcher) submit(ctx context.Context, h happening, done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	name := h.queue()
	q := d.queues[name]
	if q != nil {
		if i := slices.IndexFunc(q.items, func(it *item) bool { return it.key == h.key }); i >= 0 {
			q.items[i].done = append(q.items[i].done, done)
			return
		}
	}
	if d.pending >= maxPending {
		d.overflow = true
		return
	}
	d.pending++
	it := &item{happening: h, settled: time.Now().Add(d.settle), done: []func(){done}}
	if q == nil {
		q = &queue{}
		d.queues[name] = q
		d.work.Go(func() { d.run(ctx, name, q) })
	}
	at, _ := slices.BinarySearchFunc(q.items, it, func(a, b *item) int {
		return cmp.Or(compareTS(a.at, b.at), cmp.Compare(a.key, b.key))
	})
	q.items = slices.Insert(q.items, at, it)
}

// beside runs what has no place in a thread's order, unless the dispatcher is closed.
func (d *dispatcher) beside(do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.work.Go(func() { isolated(d.log, do) })
	}
}

// close takes nothing in any more and returns after everything has stopped; ctx of submit must have ended.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.work.Wait()
}

// run works one queue off and ends with it.
func (d *dispatcher) run(ctx context.Context, name string, q *queue) {
	for {
		it, ok := d.next(ctx, name, q)
		if !ok {
			return
		}
		err := d.try(ctx, it)
		if err == nil {
			d.finish(q, it)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if d.drops(it, err) {
			d.finish(q, it)
			continue
		}
		it.tries++
		if it.tries == 3 {
			d.log.Warn("an event cannot be stored and is kept waiting", "error", err)
		}
		pause(ctx, min(lastBackoff, firstBackoff<<min(it.tries-1, 10)))
	}
}

// next returns the earliest item after it has settled. ok is false when the queue is over or ctx has ended.
func (d *dispatcher) next(ctx context.Context, name string, q *queue) (it *item, ok bool) {
	for ctx.Err() == nil {
		d.mu.Lock()
		if len(q.items) == 0 {
			delete(d.queues, name)
			d.mu.Unlock()
			return nil, false
		}
		it := q.items[0]
		d.mu.Unlock()
		left := time.Until(it.settled)
		if left <= 0 {
			now := time.Now()
			if it.looks == 0 {
				it.settled = now
			}
			if it.looks == maxArriving || !d.arriving(now, it.settled) {
				return it, true
			}
			it.looks++ // a long line may be read for longer than a short one that was written after it
			pause(ctx, arrivalLook)
			continue
		}
		pause(ctx, left)
		// On a machine so busy that we wake up late, the connections are read late, too.
		if late := time.Since(it.settled); late > d.settle && it.extended < maxExtended {
			it.extended++
			it.settled = time.Now().Add(late)
		}
	}
	return nil, false
}

func (d *dispatcher) try(ctx context.Context, it *item) error {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return guarded(func() error { return d.handle(ctx, it.happening) })
}

// drops reports whether an item is to be given up because of err.
func (d *dispatcher) drops(it *item, err error) bool {
	p, ok := errors.AsType[*panicked](err)
	if !ok {
		return false
	}
	it.panics++
	p.report(d.log, "an event could not be handled")
	if it.panics < maxPanics {
		return false
	}
	d.log.Error("an event was dropped", "key", it.key)
	return true
}

func (d *dispatcher) finish(q *queue, it *item) {
	d.mu.Lock()
	q.items = slices.DeleteFunc(q.items, func(x *item) bool { return x == it })
	done := it.done
	d.pending--
	room := d.overflow && d.pending <= maxPending/2
	if room {
		d.overflow = false
	}
	d.mu.Unlock()
	for _, tell := range done {
		tell()
	}
	if room {
		d.onRoom()
	}
}

// pause sleeps, or returns earlier when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
