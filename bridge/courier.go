package bridge

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Courier sends out: it moves lanes forward, each by one worker of its own, so that a slow thread never delays
// another. Several instances may run on one database; a lane is worked on by whoever has claimed it.
type Courier struct {
	book       LaneBook
	hub        *Hub
	proofs     *Hub
	conditions *Conditions
	meter      Meter
	log        *slog.Logger
	lease      time.Duration
	poll       time.Duration
	posts      map[EndpointName]*post
	tell       func(context.Context, ConversationID, Origin, string) error
	missed     func(EndpointName, OpenThread)
	bring      func(context.Context, []File, time.Time, bool) ([]File, error)

	mu     sync.Mutex
	ending context.Context // ends when Run is to end; nil while it does not run, and workers must not be started
	woken  map[ConversationID]struct{}
	active map[LaneID]*worker
	cards  map[LaneID]EndpointName // whose cards are being changed
	signal chan struct{}
	work   sync.WaitGroup
}

// post is one endpoint that the Courier sends to.
type post struct {
	adapter Adapter
	pace    *pace
	kept    bool // by this instance; guarded by Courier.mu
	resumed int  // how often there was reason to try again; guarded by Courier.mu
	trouble trouble
}

// worker is the goroutine that works on one lane.
type worker struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// CourierConfig is what a Courier is made of. Book, Hub and Adapters are required.
type CourierConfig struct {
	Book       LaneBook
	Hub        *Hub
	Proofs     *Hub // told of conversations in which something has come to a visitor, or never will; nil: nobody is
	Adapters   []Adapter
	Conditions *Conditions
	Meter      Meter
	Log        *slog.Logger
	Lease      time.Duration // how long a claim holds without renewal; default 6 s
	// Tell logs a notice to the agents of a conversation, but for those at the origin's endpoint; Desk.TellElsewhere.
	Tell func(ctx context.Context, c ConversationID, from Origin, text string) error
	// Missed is told of a thread that was opened some time ago and has become known only now; Repair.Expect.
	Missed func(e EndpointName, t OpenThread)
	// Bring makes an entry's files ready to be sent; Porter.Bring. nil: they are.
	Bring func(ctx context.Context, files []File, at time.Time, last bool) ([]File, error)
	Poll  time.Duration // how often to look for due lanes when no hint comes; default 250 ms
}

const (
	// claimLimit bounds one claim, maxWorkers what one instance works on at once.
	claimLimit = 256
	maxWorkers = 4096
	// leaseMargin is how long before its lease ends a worker stops trusting it: the time that a request already
	// on the wire may still take effect.
	leaseMargin = 1500 * time.Millisecond
	// patience is the longest wait for a turn with the lane in hand; past it the lane is given up until then.
	patience = 2 * time.Second
	// drainTime is how long sends under way may take once the program is stopping.
	drainTime = 10 * time.Second
	// settleTimeout bounds a write that must happen although the program is stopping.
	settleTimeout = 10 * time.Second
)

// NewCourier returns a Courier. It sends to no endpoint until Keep.
func NewCourier(cfg CourierConfig) *Courier {
	c := &Courier{
		book: cfg.Book, hub: cfg.Hub, conditions: cfg.Conditions, meter: meterOr(cfg.Meter), log: logOr(cfg.Log),
		lease: cmp.Or(cfg.Lease, 6*time.Second), poll: cmp.Or(cfg.Poll, 250*time.Millisecond),
		posts: map[EndpointName]*post{}, woken: map[ConversationID]struct{}{}, active: map[LaneID]*worker{}, cards: map[LaneID]EndpointName{},
		signal: make(chan struct{}, 1), tell: cfg.Tell, missed: cfg.Missed, bring: cfg.Bring,
	}
	if c.tell == nil {
		c.tell = func(context.Context, ConversationID, Origin, string) error { return nil }
	}
	if c.proofs = cfg.Proofs; c.proofs == nil {
		c.proofs = NewHub()
	}
	if c.missed == nil {
		c.missed = func(EndpointName, OpenThread) {}
	}
	for _, a := range cfg.Adapters {
		if !a.Abilities().Reads {
			c.posts[a.Name()] = &post{adapter: a, pace: newPace(a.Abilities())}
		}
	}
	return c
}

// Keep makes the Courier send to the endpoint, until Drop.
func (c *Courier) Keep(e EndpointName) { c.setKept(e, true) }

// Drop stops claiming lanes of the endpoint. Sends under way end by their leases.
func (c *Courier) Drop(e EndpointName) { c.setKept(e, false) }

func (c *Courier) setKept(e EndpointName, kept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.posts[e]; p != nil {
		p.kept = kept
		p.trouble.forget(0) // another instance may have told the agents, or sent
	}
	c.ring()
}

// Resume tries again at once what waits for a person to act: there is reason to believe that they have. What the platform
// itself has asked to wait goes on waiting.
func (c *Courier) Resume(ctx context.Context, e EndpointName) {
	p := c.posts[e]
	if p == nil || !p.trouble.mayEnd() {
		return
	}
	p.pace.resume()
	c.mu.Lock()
	p.resumed++
	c.mu.Unlock()
	if err := c.book.Resume(ctx, e, longestPause); err != nil {
		c.log.Warn("resume endpoint", "endpoint", e, "error", err)
	}
}

func (c *Courier) resumed(e EndpointName) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posts[e].resumed
}

func (c *Courier) keeps(e EndpointName) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posts[e].kept
}

// ring makes Run look for work. It must be called with mu held.
func (c *Courier) ring() {
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

// Run claims lanes and works on them until ctx ends; then it waits until what is being sent has been settled.
func (c *Courier) Run(ctx context.Context) error {
	cancel := c.hub.SubscribeClaims(func(id ConversationID) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.woken[id] = struct{}{}
		c.ring()
	})
	defer cancel()
	c.mu.Lock()
	c.ending = ctx
	c.mu.Unlock()
	defer c.drain()
	tick := time.NewTicker(c.poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.signal:
			if ids := c.takeWoken(); len(ids) > 0 {
				c.claim(ctx, ids)
			}
		case <-tick.C:
			c.claim(ctx, nil)
			c.lookForCards(ctx)
		}
	}
}

// drain waits for the workers. What the platform has not answered by then is broken off: its intent stays, and the next
// start asks what became of it.
func (c *Courier) drain() {
	c.mu.Lock()
	c.ending = nil
	c.mu.Unlock()
	timer := time.AfterFunc(drainTime, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, w := range c.active {
			w.cancel()
		}
	})
	defer timer.Stop()
	c.work.Wait()
}

func (c *Courier) takeWoken() []ConversationID {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := make([]ConversationID, 0, len(c.woken))
	for id := range c.woken {
		ids = append(ids, id)
	}
	clear(c.woken)
	return ids
}

// claim leases the lanes that are due, of the given conversations or of all, and starts their workers.
func (c *Courier) claim(ctx context.Context, ids []ConversationID) {
	endpoints, room := c.room()
	if len(endpoints) == 0 || room == 0 {
		return
	}
	for batch := range chunks(ids, claimLimit) {
		for ctx.Err() == nil && room > 0 {
			asked := time.Now()
			claimCtx, cancel := context.WithTimeout(ctx, c.lease-leaseMargin)
			lanes, err := c.book.Claim(claimCtx, endpoints, batch, c.lease, min(room, claimLimit))
			cancel()
			if err != nil {
				c.log.Warn("claim lanes", "error", err)
				return
			}
			c.start(ctx, lanes, asked)
			if room -= len(lanes); len(lanes) < claimLimit || room <= 0 {
				break
			}
		}
	}
}

// Along lets say claim the lanes that it brings work to, and works on them. That saves the way to the database on which they
// would be claimed.
func (c *Courier) Along(ctx context.Context, say func(Claimant) ([]Lane, error)) error {
	by := Claimant{Lease: c.lease}
	if endpoints, room := c.room(); room > 0 {
		by.Endpoints = endpoints
	}
	asked := time.Now()
	lanes, err := say(by)
	c.start(ctx, lanes, asked)
	return err
}

// chunks yields ids in runs of at most n; nil, which means all, is one run.
func chunks(ids []ConversationID, n int) func(yield func([]ConversationID) bool) {
	if ids == nil {
		return func(yield func([]ConversationID) bool) { yield(nil) }
	}
	return slices.Chunk(ids, n)
}

// room tells for which endpoints this instance sends, and how many more lanes it can work on.
func (c *Courier) room() ([]EndpointName, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending == nil {
		return nil, 0
	}
	var endpoints []EndpointName
	for name, p := range c.posts {
		if p.kept {
			endpoints = append(endpoints, name)
		}
	}
	return endpoints, maxWorkers - len(c.active)
}

// start works on lanes that were claimed when the database was asked at this time. Once Run has ended they are given up.
func (c *Courier) start(ctx context.Context, lanes []Lane, asked time.Time) {
	for _, l := range lanes {
		l.ClaimedAt = asked
		if !c.begin(l) { //nolint:contextcheck // whoever brings a lane does not wait until it is worked off
			c.giveUpLane(ctx, l)
		}
	}
}

// begin runs a worker for a claimed lane. Should this instance still have an older worker on it, that one has lost its
// lease: it is ended first. begun is false when there must be no more workers.
func (c *Courier) begin(l Lane) (begun bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending == nil {
		return false
	}
	ending := c.ending
	workCtx, cancel := context.WithCancel(context.WithoutCancel(ending))
	w := &worker{cancel: cancel, done: make(chan struct{})}
	older := c.active[l.ID]
	c.active[l.ID] = w
	c.work.Go(func() {
		defer close(w.done)
		defer cancel()
		if older != nil {
			older.cancel()
			<-older.done
		}
		c.drive(ending, workCtx, l)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.active[l.ID] == w {
			delete(c.active, l.ID)
		}
	})
	return true
}

// drive takes the lane from entry to entry until it has no more work, must wait, or is lost. When stopping ends or
// the endpoint is dropped, the part in hand is finished and the lane given up.
func (c *Courier) drive(stopping, ctx context.Context, l Lane) {
	for {
		next, more, err := c.step(ctx, l)
		switch {
		case errors.Is(err, ErrLost):
			return
		case err != nil:
			// The database failed. The lease runs out by itself and the lane is claimed again.
			c.log.Warn("work on lane", "endpoint", l.Endpoint, "lane", l.ID, "error", err)
			return
		case !more:
			return
		}
		if l = next; stopping.Err() != nil || !c.keeps(l.Endpoint) {
			c.giveUpLane(ctx, l)
			return
		}
	}
}

// giveUpLane leaves a claimed lane to whoever claims it next.
func (c *Courier) giveUpLane(ctx context.Context, l Lane) {
	if err := c.book.Defer(ctx, l, 0, false); err != nil && !errors.Is(err, ErrLost) {
		c.log.Warn("give up lane", "endpoint", l.Endpoint, "lane", l.ID, "error", err)
	}
}
