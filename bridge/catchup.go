package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Repair reads threads back after a gap: on start and whenever an adapter reports that events may have been missed.
// Order is kept: a live event of a thread that is still to be read back waits until that has been done.
type Repair struct {
	book ThreadBook
	desk *Desk
	log  *slog.Logger
}

// NewRepair returns a Repair that hands what was missed to desk.
func NewRepair(book ThreadBook, desk *Desk, log *slog.Logger) *Repair {
	return &Repair{book: book, desk: desk, log: logOr(log)}
}

const (
	// closedFor is how long after its last entry a closed conversation's thread is still read back.
	closedFor = 7 * 24 * time.Hour
	// lookBack is how far before the last known message edits and deletions are looked for.
	lookBack = 24 * time.Hour
)

// watch wraps the sink of one adapter for as long as it runs. finish waits for the reading under way.
func (r *Repair) watch(ctx context.Context, a Adapter, sink Sink) (watched Sink, finish func()) {
	historian, ok := a.(Historian)
	if !ok {
		return sink, func() {}
	}
	g := &gap{Sink: sink, repair: r, adapter: a, historian: historian, ctx: ctx, pending: map[ThreadRef]*reading{}}
	return g, g.readers.Wait
}

// gap is the sink of an endpoint some of whose threads may still have to be read back.
type gap struct {
	Sink
	repair    *Repair
	adapter   Adapter
	historian Historian
	ctx       context.Context // of the adapter's term
	readers   sync.WaitGroup

	mu      sync.Mutex
	pending map[ThreadRef]*reading
}

// reading is one thread to be read back; its mutex is held while somebody does.
type reading struct {
	mu   sync.Mutex
	open OpenThread
	done bool
}

// Report implements Sink. With the report of a gap the endpoint's threads are marked before it returns, so that no
// live event that comes after it can overtake.
func (g *gap) Report(ctx context.Context, e EndpointName, c Condition) {
	if c.Gap {
		g.mark(ctx)
	}
	g.Sink.Report(ctx, e, c)
}

func (g *gap) mark(ctx context.Context) {
	var threads []OpenThread
	for attempts := 1; ; attempts++ {
		var err error
		threads, err = g.repair.book.OpenThreads(ctx, g.adapter.Name(), time.Now().Add(-closedFor))
		if err == nil {
			break
		}
		g.repair.log.Warn("list threads to read back", "endpoint", g.adapter.Name(), "error", err)
		if !pause(ctx, retryAfter(attempts, 0)) {
			return
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	order := make([]ThreadRef, 0, len(threads))
	for _, t := range threads {
		g.pending[t.Thread] = &reading{open: t}
		order = append(order, t.Thread)
	}
	if len(order) > 0 {
		g.readers.Go(func() { g.readAll(order) })
	}
}

// readAll reads the marked threads back, the most recently used first.
func (g *gap) readAll(order []ThreadRef) {
	for _, t := range order {
		for attempts := 1; g.ctx.Err() == nil; attempts++ {
			err := g.read(g.ctx, t)
			if err == nil {
				break
			}
			g.repair.log.Info("read thread back", "endpoint", g.adapter.Name(), "error", err)
			wait := retryAfter(attempts, 0)
			if f := AsFailure(err); f.Verdict == Wait {
				wait = max(wait, f.After)
			}
			pause(g.ctx, wait)
		}
	}
}

// Receive implements Sink.
func (g *gap) Receive(ctx context.Context, in Inbound) error {
	if err := g.read(ctx, in.Thread); err != nil {
		return fmt.Errorf("read the thread back first: %w", err)
	}
	return g.Sink.Receive(ctx, in)
}

// read reads one thread back if that is still to be done.
func (g *gap) read(ctx context.Context, t ThreadRef) error {
	g.mu.Lock()
	rd := g.pending[t]
	g.mu.Unlock()
	if rd == nil {
		return nil
	}
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if rd.done {
		return nil
	}
	if err := g.catchUp(ctx, rd.open); err != nil {
		return err
	}
	rd.done = true
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending[t] == rd {
		delete(g.pending, t)
	}
	return nil
}

// catchUp brings what was said, edited and deleted in a thread into the log.
func (g *gap) catchUp(ctx context.Context, t OpenThread) error {
	began := time.Now()
	h, err := g.historian.History(ctx, t.Thread, t.LastAt.Add(-lookBack))
	if err != nil {
		return err
	}
	missed := 0
	for _, in := range h.Happen {
		en, err := g.repair.desk.Accept(ctx, in)
		switch {
		case errors.Is(err, ErrSeen):
		case err != nil:
			return err
		case en.Kind == Said && in.At.Before(began):
			missed++
		}
	}
	if !h.Gone { // of a thread that is gone nothing can be concluded; the next delivery opens another
		if err := g.takeBack(ctx, t, h); err != nil {
			return err
		}
	}
	if missed > 0 {
		return g.repair.desk.tellMissed(ctx, t.Conversation, g.adapter.Name(), missed)
	}
	return nil
}

// takeBack logs the deletion of what the log has from the thread and the thread no longer has.
func (g *gap) takeBack(ctx context.Context, t OpenThread, h History) error {
	known, err := g.repair.book.MessagesFrom(ctx, t.Conversation, g.adapter.Name(), h.From)
	if err != nil {
		return err
	}
	for _, m := range known {
		if h.Present[m] {
			continue
		}
		err := g.Sink.Receive(ctx, Inbound{
			Endpoint: g.adapter.Name(), Key: string(m) + "/gone", Kind: InDeleted, Thread: t.Thread, Target: m, At: now(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellMissed tells the agents of an endpoint what was carried over late.
func (d *Desk) tellMissed(ctx context.Context, c ConversationID, e EndpointName, n int) error {
	text := fmt.Sprintf("%d messages arrived while the bridge was away and have been passed on now.", n)
	if n == 1 {
		text = "1 message arrived while the bridge was away and has been passed on now."
	}
	en := notice(c, Only(e), text)
	err := d.ledger.Change(ctx, func(tx Tx) (err error) {
		_, err = tx.Append(en)
		return err
	})
	if err != nil {
		return fmt.Errorf("tell what was missed: %w", err)
	}
	d.announce([]Entry{en})
	return nil
}
