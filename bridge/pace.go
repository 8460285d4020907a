package bridge

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace makes parts wait for their turn: a token bucket for each place (channel or chat) and one for the endpoint.
// Among those that wait for one place the most urgent goes first, then the one that has waited longest. A place
// that waits never holds up another.
type pace struct {
	rates Abilities

	mu     sync.Mutex
	total  *rate.Limiter // nil: no limit
	places map[string]*place
	asked  int64 // numbers the waiters
}

type place struct {
	limiter *rate.Limiter // nil: no limit
	blocked time.Time     // the platform said: not before
	waiting waiters
	timer   *time.Timer // for the next turn; nil when none is set
}

type waiter struct {
	urgency Urgency
	number  int64
	ready   chan struct{}
	index   int // in the heap; -1 once it has had its turn
}

func newPace(a Abilities) *pace {
	p := &pace{rates: a, places: map[string]*place{}}
	if a.TotalRate > 0 {
		p.total = rate.NewLimiter(rate.Limit(a.TotalRate), max(1, int(a.TotalRate)))
	}
	return p
}

// await returns 0 when it is the caller's turn. When that would take longer than patience it returns at once, with
// the time after which to ask again. waited tells that the turn was not immediate.
func (p *pace) await(ctx context.Context, name string, u Urgency, patience time.Duration) (again time.Duration, waited bool, err error) {
	p.mu.Lock()
	pl := p.place(name)
	if again = p.expected(pl, u); again > patience {
		p.mu.Unlock()
		return again, true, nil
	}
	p.asked++
	w := &waiter{urgency: u, number: p.asked, ready: make(chan struct{})}
	heap.Push(&pl.waiting, w)
	p.serve(name, pl)
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
		}
		return 0, true, ctx.Err()
	}
}

// block holds a place back; an empty name holds back every place there is.
func (p *pace) block(name string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := time.Now().Add(d)
	if name != "" {
		p.place(name).block(until)
		return
	}
	for _, pl := range p.places {
		pl.block(until)
	}
}

func (pl *place) block(until time.Time) {
	if until.After(pl.blocked) {
		pl.blocked = until
	}
}

// place returns the place of that name, forgetting idle ones from time to time.
func (p *pace) place(name string) *place {
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
	pl := &place{}
	if p.rates.PlaceRate > 0 {
		pl.limiter = rate.NewLimiter(rate.Limit(p.rates.PlaceRate), max(1, p.rates.PlaceBurst))
	}
	p.places[name] = pl
	return pl
}

func (pl *place) idle() bool {
	now := time.Now()
	return len(pl.waiting) == 0 && pl.timer == nil && now.After(pl.blocked) &&
		(pl.limiter == nil || pl.limiter.TokensAt(now) >= float64(pl.limiter.Burst()))
}

// expected estimates when a newcomer of this urgency would have its turn.
func (p *pace) expected(pl *place, u Urgency) time.Duration {
	now := time.Now()
	wait := max(0, pl.blocked.Sub(now))
	if pl.limiter == nil {
		return wait
	}
	ahead := 1.0
	for _, w := range pl.waiting {
		if w.urgency <= u {
			ahead++
		}
	}
	missing := ahead - pl.limiter.TokensAt(now)
	if missing <= 0 {
		return wait
	}
	return wait + time.Duration(missing/float64(pl.limiter.Limit())*float64(time.Second))
}

// serve gives turns as far as the buckets allow and sets the timer for the next.
func (p *pace) serve(name string, pl *place) {
	now := time.Now()
	for len(pl.waiting) > 0 {
		delay := max(pl.blocked.Sub(now), shortage(pl.limiter, now), shortage(p.total, now))
		if delay > 0 {
			if pl.timer == nil {
				pl.timer = time.AfterFunc(delay, func() {
					p.mu.Lock()
					defer p.mu.Unlock()
					pl.timer = nil
					p.serve(name, pl)
				})
			}
			return
		}
		if pl.limiter != nil {
			pl.limiter.AllowN(now, 1)
		}
		if p.total != nil {
			p.total.AllowN(now, 1)
		}
		w := heap.Pop(&pl.waiting).(*waiter)
		close(w.ready)
	}
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

// waiters is a heap: the most urgent first, then in order of asking.
type waiters []*waiter

func (h waiters) Len() int { return len(h) }

func (h waiters) Less(i, j int) bool {
	if h[i].urgency != h[j].urgency {
		return h[i].urgency < h[j].urgency
	}
	return h[i].number < h[j].number
}

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
