package intake

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	maxPending   = 4096 // items in memory; more are not taken: the platform offers them again, or threads are read back
	maxParallel  = 32   // threads handled at a time
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 5 * time.Second
	maxPanics    = 3 // after that an item is dropped: nothing may block its thread for ever
)

// Rules are what differs from platform to platform. Only Handle, Thread and Key are needed.
type Rules[T any] struct {
	// Handle stores an item, or those that go together. It is called again and again until it returns nil; a group
	// may have grown by then.
	Handle func(ctx context.Context, group []T) error
	// Thread names the line in which an item waits its turn.
	Thread func(T) string
	// Key is an item's identity: one that waits already is joined. It appears in the log.
	Key func(T) string
	// Order sorts what waits in one thread. Without it, and among equals, items are handled as they came.
	Order func(a, b T) int
	// Together reports whether an item that waits behind the first of its thread is handled as one with it.
	Together func(first, other T) bool
	// Ready reports whether the items at the head of a thread may be handled now. When not, it has waited for a while
	// and is asked again about what is at the head then. Something arrives at more when an item joins the thread.
	Ready func(ctx context.Context, group []T, more <-chan struct{}) bool
	// Room is called once there is room again after items were not taken, before others are. It must not block.
	Room func()
}

// Dispatcher hands items on: those of one thread one after the other, different threads beside each other. One that
// cannot be stored stays at the head of its thread and is tried again, so that nothing overtakes it; what the platform
// offers again in the meantime joins it. One on which Handle panics again and again is dropped.
type Dispatcher[T any] struct {
	rules Rules[T]
	log   *slog.Logger
	slots chan struct{}
	work  sync.WaitGroup

	mu       sync.Mutex
	queues   map[string]*queue[T]
	pending  int
	overflow bool
	closed   bool
}

type queue[T any] struct {
	items []*item[T]
	more  chan struct{} // has room for one
}

type item[T any] struct {
	value  T
	key    string
	done   []func()
	tries  int
	panics int
}

// NewDispatcher returns a dispatcher that is to be closed.
func NewDispatcher[T any](rules Rules[T], log *slog.Logger) *Dispatcher[T] {
	if rules.Order == nil {
		rules.Order = func(_, _ T) int { return 0 }
	}
	if rules.Together == nil {
		rules.Together = func(_, _ T) bool { return false }
	}
	if rules.Ready == nil {
		rules.Ready = func(context.Context, []T, <-chan struct{}) bool { return true }
	}
	if rules.Room == nil {
		rules.Room = func() {}
	}
	return &Dispatcher[T]{rules: rules, log: log, slots: make(chan struct{}, maxParallel), queues: map[string]*queue[T]{}}
}

// Submit queues an item and does not block. done, unless it is nil, is called once the item is stored or dropped, from
// another goroutine, and else never. After ctx has ended nothing is handled any more.
func (d *Dispatcher[T]) Submit(ctx context.Context, value T, done func()) {
	if done == nil {
		done = func() {}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	name, key := d.rules.Thread(value), d.rules.Key(value)
	q := d.queues[name]
	if q != nil {
		if i := slices.IndexFunc(q.items, func(it *item[T]) bool { return it.key == key }); i >= 0 {
			q.items[i].done = append(q.items[i].done, done)
			return
		}
	}
	if d.overflow || d.pending >= maxPending { // what was not taken comes by another way, and is not to be overtaken
		d.overflow = true
		return
	}
	d.pending++
	if q == nil {
		q = &queue[T]{more: make(chan struct{}, 1)}
		d.queues[name] = q
		d.work.Go(func() { d.run(ctx, name, q) })
	}
	at := len(q.items)
	for at > 0 && d.rules.Order(q.items[at-1].value, value) > 0 {
		at--
	}
	q.items = slices.Insert(q.items, at, &item[T]{value: value, key: key, done: []func(){done}})
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// Beside runs what has no place in a thread's order, unless the dispatcher is closed.
func (d *Dispatcher[T]) Beside(do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.work.Go(func() { Isolate(d.log, do) })
	}
}

// Close takes nothing in any more and returns after everything has stopped; ctx of Submit must have ended.
func (d *Dispatcher[T]) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.work.Wait()
}

// run works one queue off and ends with it.
func (d *Dispatcher[T]) run(ctx context.Context, name string, q *queue[T]) {
	for {
		group := d.next(ctx, name, q)
		if group == nil {
			return
		}
		err := d.try(ctx, group)
		switch {
		case err == nil || d.drops(group[0], err):
			d.finish(q, group)
		case ctx.Err() != nil:
			return
		default:
			d.pause(ctx, group[0], err)
		}
	}
}

// next returns what is to be handled next, once it is ready; nil: the queue is over or ctx has ended.
func (d *Dispatcher[T]) next(ctx context.Context, name string, q *queue[T]) []*item[T] {
	for ctx.Err() == nil {
		d.mu.Lock()
		group := d.head(q)
		if group == nil {
			delete(d.queues, name)
		}
		d.mu.Unlock()
		if group == nil || d.rules.Ready(ctx, values(group), q.more) {
			return group
		}
	}
	return nil
}

// head is the first item, with those that go together with it; nil: there is none.
func (d *Dispatcher[T]) head(q *queue[T]) (group []*item[T]) {
	for i, it := range q.items {
		if i == 0 || d.rules.Together(q.items[0].value, it.value) {
			group = append(group, it)
		}
	}
	return group
}

func values[T any](group []*item[T]) []T {
	vs := make([]T, len(group))
	for i, it := range group {
		vs[i] = it.value
	}
	return vs
}

func (d *Dispatcher[T]) try(ctx context.Context, group []*item[T]) error {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return Guard(d.log, unhandled, func() error { return d.rules.Handle(ctx, values(group)) })
}

// drops reports whether an item is to be given up because of err.
func (d *Dispatcher[T]) drops(it *item[T], err error) bool {
	if _, ok := errors.AsType[*panicked](err); !ok {
		return false
	}
	if it.panics++; it.panics < maxPanics {
		return false
	}
	d.log.Error("an event was dropped", "key", it.key)
	return true
}

// pause waits for longer and longer after an item could not be stored.
func (d *Dispatcher[T]) pause(ctx context.Context, it *item[T], err error) {
	if it.tries++; it.tries == 3 {
		d.log.Warn("an event cannot be stored and is kept waiting", "error", err)
	}
	Pause(ctx, min(lastBackoff, firstBackoff<<min(it.tries-1, 10)))
}

func (d *Dispatcher[T]) finish(q *queue[T], group []*item[T]) {
	d.mu.Lock()
	q.items = slices.DeleteFunc(q.items, func(it *item[T]) bool { return slices.Contains(group, it) })
	d.pending -= len(group)
	if d.overflow && d.pending <= maxPending/2 {
		d.rules.Room()
		d.overflow = false
	}
	d.mu.Unlock()
	for _, it := range group {
		for _, done := range it.done {
			done()
		}
	}
}
