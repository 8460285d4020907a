package discord

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// told is an answer with the headers of a route's window.
func told(status, limit, left int, after time.Duration, more ...string) *note {
	n := &note{status: status, header: http.Header{}}
	n.header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	n.header.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	n.header.Set("X-RateLimit-Reset-After", strconv.FormatFloat(after.Seconds(), 'f', 3, 64))
	for i := 0; i+1 < len(more); i += 2 {
		n.header.Set(more[i], more[i+1])
	}
	return n
}

const inOne = "POST /channels/1/messages"

func (g *gates) mustPass(t *testing.T, route string) {
	t.Helper()
	if err := g.pass(t.Context(), route); err != nil {
		t.Fatal(err)
	}
}

// waited is how long the gates hold a call up.
func (g *gates) waited(t *testing.T, route string) time.Duration {
	t.Helper()
	began := time.Now()
	g.mustPass(t, route)
	return time.Since(began)
}

func TestGatesKeepToTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(0)
		g.mustPass(t, inOne)
		g.learn(inOne, told(200, 3, 2, 5*time.Second), 0)
		for range 2 {
			if wait := g.waited(t, inOne); wait != 0 {
				t.Errorf("a call that is left waits %v", wait)
			}
		}
		if wait := g.waited(t, inOne); wait != 5*time.Second+headerGrain {
			t.Errorf("the call after the last waits %v, want until the window's end", wait)
		}
		if wait := g.waited(t, "POST /channels/2/messages"); wait != 0 {
			t.Errorf("another channel waits %v", wait)
		}
	})
}

func TestGatesSayWhatTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(0)
		g.learn(inOne, told(429, 3, 0, time.Minute, "Retry-After", "60"), 0)
		refused, ok := errors.AsType[*apiError](g.pass(t.Context(), inOne))
		if !ok || refused.after != time.Minute+headerGrain || refused.global {
			t.Errorf("a wait of a minute is told as %+v", refused)
		}
		time.Sleep(time.Minute + headerGrain)
		if wait := g.waited(t, inOne); wait != 0 {
			t.Errorf("after it a call waits %v", wait)
		}
	})
}

func TestGatesCloseTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(0)
		g.learn(inOne, told(429, 3, 2, time.Second, "X-RateLimit-Scope", "global", "Retry-After", "2"), 0)
		if wait := g.waited(t, "GET /gateway/bot"); wait != 2*time.Second {
			t.Errorf("after a global limit another route waits %v, want 2s", wait)
		}
	})
}

func TestGatesCountASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(3)
		call := func(route string) time.Duration {
			wait := g.waited(t, route)
			g.learn(route, &note{status: 200, header: http.Header{}}, 100*time.Millisecond)
			return wait
		}
		for i := range 3 {
			if wait := call("PUT /a/" + strconv.Itoa(i)); wait != 0 {
				t.Errorf("call %d waits %v", i, wait)
			}
		}
		if wait := call("POST /interactions/1/callback"); wait != 0 {
			t.Errorf("an answer to a press waits %v", wait)
		}
		if wait := call("PUT /a/4"); wait <= 0 || wait > time.Second {
			t.Errorf("the fourth call of a second waits %v", wait)
		}
	})
}

// A call that is given up while it waits must not take another's turn with it.
func TestGatesForgetWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(1)
		g.mustPass(t, "GET /a")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := g.pass(ctx, "GET /b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up with %v", err)
		}
		g.learn("GET /a", &note{status: 200, header: http.Header{}}, 0)
		if wait := g.waited(t, "GET /c"); wait > time.Second {
			t.Errorf("the next waits %v", wait)
		}
	})
}

// What nobody needs is left undone long before it would take a turn from what somebody does.
func TestGatesAreIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(4)
		for i, want := range []bool{true, true, false} {
			if g.idle() != want {
				t.Errorf("with %d calls in a second idle is %v", i, g.idle())
			}
			g.mustPass(t, inOne)
			g.learn(inOne, &note{status: http.StatusOK, header: http.Header{}}, 0)
		}
		time.Sleep(2 * time.Second)
		if !g.idle() || !newGates(0).idle() {
			t.Error("not idle without calls")
		}
	})
}
