package discord

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
)

// maxWait is how long a call waits for its turn by itself; what takes longer is said to the Courier. The windows in
// which Discord counts messages are of five seconds.
const maxWait = 6 * time.Second

// gates remember how many more calls of a route Discord wants and until when, or that it wants none at all, as its
// headers say (D:topics/rate-limits). They keep a second's calls of all routes below the total, which no header
// tells. Safe for concurrent use.
type gates struct {
	mu     sync.Mutex
	all    time.Time
	routes map[string]*gate
	swept  time.Time
	least  time.Duration // that a call has taken
	second chan struct{} // a slot for each call that Discord may count in the present second; nil: no such limit
}

// gate is what is known of one route.
type gate struct {
	limit, left int       // calls in a window, and left in this one
	until       time.Time // its end; zero: not known before an answer
}

// newGates returns gates for at most so many calls a second, 0 for any number.
func newGates(total float64) *gates {
	g := &gates{routes: map[string]*gate{}}
	if total > 0 {
		g.second = make(chan struct{}, int(math.Ceil(total)))
	}
	return g
}

// pass waits for a moment if need be. A longer wait is an apiError that nothing was sent for. The call must be followed
// by learn.
func (g *gates) pass(ctx context.Context, route string) error {
	for {
		wait, global := g.take(route)
		switch {
		case wait <= 0:
			return g.enter(ctx, route)
		case wait > maxWait:
			return &apiError{status: http.StatusTooManyRequests, json: true, after: wait, global: global}
		}
		if intake.Pause(ctx, wait); ctx.Err() != nil {
			return errNotMade{ctx.Err()}
		}
	}
}

// enter takes a slot of the present second. It is given back so much later that Discord has begun to count anew, whenever
// within the call it has counted this one; the time that every call takes does not matter.
func (g *gates) enter(ctx context.Context, route string) error {
	if !g.counted(route) {
		return nil
	}
	select {
	case g.second <- struct{}{}:
		return nil
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		g.unanswered(route)
		return errNotMade{ctx.Err()}
	}
}

// idle reports whether so few calls are being made that one more delays none.
func (g *gates) idle() bool { return g.second == nil || len(g.second) < cap(g.second)/2 }

// counted reports whether a call is one of those whose number in a second is limited: answers to interactions are not.
func (g *gates) counted(route string) bool {
	return g.second != nil && !strings.Contains(route, " /interactions/") && !strings.Contains(route, " /webhooks/")
}

// unanswered forgets a window whose end no answer has told: another call may find it out.
func (g *gates) unanswered(route string) {
	if r := g.routes[route]; r != nil && r.until.IsZero() {
		delete(g.routes, route)
	}
}

// unknownWindow is how soon to look again when a window is spent and no answer has told its end.
const unknownWindow = 20 * time.Millisecond

// take counts a call, or returns how long to wait.
func (g *gates) take(route string) (wait time.Duration, global bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if wait = g.all.Sub(now); wait > 0 {
		return wait, true
	}
	r := g.routes[route]
	switch {
	case r == nil:
		return 0, false
	case !r.until.IsZero() && !now.Before(r.until):
		r.left, r.until = r.limit, time.Time{}
	case r.left <= 0 && r.until.IsZero():
		return unknownWindow, false
	case r.left <= 0:
		return r.until.Sub(now), false
	}
	r.left--
	return 0, false
}

// learn takes in the headers of an answer to a call that took so long.
func (g *gates) learn(route string, n *note, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.least == 0 || took < g.least {
		g.least = took
	}
	if g.counted(route) {
		time.AfterFunc(time.Second-min(g.least/2, time.Second), func() { <-g.second })
	}
	now := time.Now()
	g.forget(now)
	limited := n.status == http.StatusTooManyRequests
	after := seconds(n.header.Get("X-RateLimit-Reset-After"))
	left, err := strconv.Atoi(n.header.Get("X-RateLimit-Remaining"))
	if limited {
		after, left = max(after, seconds(n.header.Get("Retry-After"))), 0
		if n.header.Get("X-RateLimit-Scope") == "global" {
			g.all = now.Add(after)
			return
		}
	}
	r := g.routes[route]
	if err != nil && !limited { // it was not answered, or has no limit that Discord tells
		g.unanswered(route)
		return
	}
	limit, _ := strconv.Atoi(n.header.Get("X-RateLimit-Limit"))
	limit = max(1, limit)
	if r == nil {
		r = &gate{}
		g.routes[route] = r
	}
	if limit > r.limit { // news
		r.left = left
	}
	r.limit, r.left = limit, min(r.left, left) // some of those left may be on their way
	if until := now.Add(after + headerGrain); until.After(r.until) {
		r.until = until
	}
}

// headerGrain is what the headers' milliseconds may have rounded away.
const headerGrain = time.Millisecond

// forget drops the routes of which nothing needs to be known any more, from time to time.
func (g *gates) forget(now time.Time) {
	if now.Sub(g.swept) < time.Minute {
		return
	}
	g.swept = now
	for route, r := range g.routes {
		if !r.until.IsZero() && now.After(r.until) {
			delete(g.routes, route)
		}
	}
}
