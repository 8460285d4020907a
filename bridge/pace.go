package bridge

import (
	"container/heap"
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace makes parts wait for their turn: a token bucket for each place (channel or chat), for each operation that the
// platform counts apart, and one for the endpoint. Among those that wait for one bucket the most urgent goes first, then
// the one that has waited longest, whether in hand or told to ask again. A place that waits never holds up another.
type pace struct {
	rates Abilities

	mu     sync.Mutex
	total  *rate.Limiter // nil: no limit
	timer  *time.Timer   // for the next turn of the endpoint; nil when none is set
	places map[string]*place
	ready  map[*place]struct{} // those that wait for the endpoint's bucket only
	asked  int64               // numbers the waiters
}

type place struct {
	limiter *rate.Limiter // nil: no limit
	blocked time.Time     // the platform said: not before
	refused time.Time     // not before, unless a person acts earlier
	waiting waiters
	absent  map[LaneID]absence
	timer   *time.Timer // for the next turn; nil when none is set
}

// absence is the place in the queue of a lane that was told to ask again.
type absence struct {
	urgency Urgency
	number  int64
	until   time.Time // given up if it has not asked by then
}

type waiter struct {
	urgency Urgency
	number  int64
	ready   chan struct{}
	index   int // in the heap; -1 once it has had its turn
}

// absenceGrace is how late a lane may ask again without losing its place in the queue.
const absenceGrace = 5 * time.Second

func newPace(a Abilities) *pace {
	p := &pace{rates: a, places: map[string]*place{}, ready: map[*place]struct{}{}}
	if a.TotalRate > 0 {
		// A platform that counts by the second sees the burst beside a whole second's turns; without one, turns are
		// lost whenever the machine is late.
		p.total = rate.NewLimiter(rate.Limit(a.TotalRate), max(2, int(a.TotalRate/4)))
	}
	return p
}

// await returns 0 when it is the lane's turn to send the part. When that would take longer than patience it returns at
// once, with the time after which to ask again. waited tells that the turn was not immediate.
func (p *pace) await(ctx context.Context, lane LaneID, part Part, patience time.Duration) (again time.Duration, waited bool, err error) {
	p.mu.Lock()
	pl := p.place(part)
	w := p.enter(pl, lane, part.Urgency)
	if wait := pl.expected(w); wait > patience {
		again = wait - patience/2 // so that it is there when its turn comes
		pl.absent[lane] = absence{w.urgency, w.number, time.Now().Add(again + absenceGrace)}
		p.mu.Unlock()
		return again, true, nil
	}
	heap.Push(&pl.waiting, w)
	p.serve(pl)
	p.mu.Unlock()

	select {
	case <-w.ready:
		return 0, false, nil
	default:
	}
	select {
	case <-w.ready:
		return 0, true, nil
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		if w.index >= 0 {
			heap.Remove(&pl.waiting, w.index)
			p.serve(pl)
		}
		return 0, true, ctx.Err()
	}
}

// enter gives a lane its place in the queue: the one that it has kept, or the last.
func (p *pace) enter(pl *place, lane LaneID, u Urgency) *waiter {
	w := &waiter{urgency: u, ready: make(chan struct{})}
	if kept, ok := pl.absent[lane]; ok && kept.urgency == u && time.Now().Before(kept.until) {
		w.number = kept.number
	} else {
		p.asked++
		w.number = p.asked
	}
	delete(pl.absent, lane)
	return w
}

// block holds back what counts like the part; where it was refused, until resume at most.
func (p *pace) block(part Part, d time.Duration, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.place(part).block(time.Now().Add(d), refused)
}

// blockAll holds back every place there is.
func (p *pace) blockAll(d time.Duration, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := time.Now().Add(d)
	for _, pl := range p.places {
		pl.block(until, refused)
	}
}

// resume lets go on what was refused.
func (p *pace) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pl := range p.places {
		pl.refused = time.Time{}
		if pl.timer != nil && pl.timer.Stop() {
			pl.timer = nil
		}
		p.serve(pl)
	}
}

func (pl *place) block(until time.Time, refused bool) {
	held := &pl.blocked
	if refused {
		held = &pl.refused
	}
	if until.After(*held) {
		*held = until
	}
}

// until is before when nobody has a turn there.
func (pl *place) until() time.Time {
	if pl.refused.After(pl.blocked) {
		return pl.refused
	}
	return pl.blocked
}

// bucket names what the part counts in, and its rate.
func (p *pace) bucket(part Part) (name string, r Rate) {
	r, apart := p.rates.Apart[part.Op]
	switch {
	case !apart:
		return part.Place, Rate{PerSecond: p.rates.PlaceRate, Burst: p.rates.PlaceBurst}
	case r.Anywhere:
		return "\x00" + string(part.Op), r
	default:
		return part.Place + "\x00" + string(part.Op), r
	}
}

// place returns what the part counts in, forgetting idle ones from time to time.
func (p *pace) place(part Part) *place {
	name, r := p.bucket(part)
	if pl := p.places[name]; pl != nil {
		return pl
	}
	if len(p.places) >= 10_000 {
		for n, pl := range p.places {
			if pl.idle() {
				delete(p.places, n)
			}
		}
	}
	pl := &place{absent: map[LaneID]absence{}}
	if r.PerSecond > 0 {
		pl.limiter = rate.NewLimiter(rate.Limit(r.PerSecond), max(1, r.Burst))
	}
	p.places[name] = pl
	return pl
}

func (pl *place) idle() bool {
	now := time.Now()
	return len(pl.waiting) == 0 && pl.queued(&waiter{urgency: UrgencyReaction, number: math.MaxInt64}, now) == 0 &&
		pl.timer == nil && now.After(pl.until()) &&
		(pl.limiter == nil || pl.limiter.TokensAt(now) >= float64(pl.limiter.Burst()))
}

// expected estimates when the waiter would have its turn.
func (pl *place) expected(w *waiter) time.Duration {
	now := time.Now()
	wait := max(0, pl.until().Sub(now))
	if pl.limiter == nil {
		return wait
	}
	missing := float64(1+pl.queued(w, now)) - pl.limiter.TokensAt(now.Add(wait))
	if missing <= 0 {
		return wait
	}
	return wait + time.Duration(missing/float64(pl.limiter.Limit())*float64(time.Second))
}

// queued counts those before the waiter. Those who do not come back are forgotten.
func (pl *place) queued(w *waiter, now time.Time) (n int) {
	for _, other := range pl.waiting {
		if other.before(w) {
			n++
		}
	}
	for lane, a := range pl.absent {
		if now.After(a.until) {
			delete(pl.absent, lane)
		} else if (&waiter{urgency: a.urgency, number: a.number}).before(w) {
			n++
		}
	}
	return n
}

// serve gives turns as far as the buckets allow and sets the timer for the next.
func (p *pace) serve(pl *place) {
	for p.may(pl) {
		if p.total != nil {
			p.share()
			return
		}
		pl.next(time.Now())
	}
}

// may reports whether somebody at the place could go but for the endpoint's bucket. Otherwise it sets the timer.
func (p *pace) may(pl *place) bool {
	delete(p.ready, pl)
	if len(pl.waiting) == 0 {
		return false
	}
	now := time.Now()
	if delay := max(pl.until().Sub(now), shortage(pl.limiter, now)); delay > 0 {
		if pl.timer == nil {
			pl.timer = time.AfterFunc(delay, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				pl.timer = nil
				p.serve(pl)
			})
		}
		return false
	}
	p.ready[pl] = struct{}{}
	return true
}

// share gives the endpoint's turns to the places that are ready, the most urgent waiter first.
func (p *pace) share() {
	for len(p.ready) > 0 {
		now := time.Now()
		if delay := shortage(p.total, now); delay > 0 {
			if p.timer == nil {
				p.timer = time.AfterFunc(delay, func() {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.timer = nil
					p.share()
				})
			}
			return
		}
		var first *place
		for pl := range p.ready {
			if first == nil || pl.waiting[0].before(first.waiting[0]) {
				first = pl
			}
		}
		if pl := first; p.may(pl) { // it may have been blocked meanwhile
			p.total.AllowN(now, 1)
			pl.next(now)
			p.may(pl)
		}
	}
}

// next gives the first of those who wait its turn.
func (pl *place) next(now time.Time) {
	if pl.limiter != nil {
		pl.limiter.AllowN(now, 1)
	}
	close(heap.Pop(&pl.waiting).(*waiter).ready)
}

// shortage is how long until the limiter has a token.
func shortage(l *rate.Limiter, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing/float64(l.Limit())*float64(time.Second)) + time.Microsecond
}

// before tells who goes first: the more urgent, then whoever asked earlier.
func (w *waiter) before(other *waiter) bool {
	if w.urgency != other.urgency {
		return w.urgency < other.urgency
	}
	return w.number < other.number
}

// waiters is a heap.
type waiters []*waiter

func (h waiters) Len() int { return len(h) }

func (h waiters) Less(i, j int) bool { return h[i].before(h[j]) }

func (h waiters) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *waiters) Push(x any) {
	w := x.(*waiter)
	w.index = len(*h)
	*h = append(*h, w)
}

func (h *waiters) Pop() any {
	old := *h
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	w.index = -1
	return w
}
