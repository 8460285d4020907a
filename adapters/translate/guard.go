package translate

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/skeindesk/skein/bridge"
)

// Guarded leaves a translator alone for rest after so many failures in a row, and as long as it wants after it said that it
// has too much to do. Meanwhile requests are refused at once. After the rest one request tries; the others go on being
// refused until it has succeeded. changed may be nil; it must not block, nor use the translator.
func Guarded(t bridge.Translator, failures int, rest time.Duration, changed func(down bool)) bridge.Translator {
	g := &guarded{Translator: t, rest: rest}
	g.breaker = gobreaker.NewCircuitBreaker[bridge.Translation](gobreaker.Settings{
		Timeout:      rest,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return int(counts.ConsecutiveFailures) >= failures },
		IsSuccessful: func(err error) bool { return err == nil || reason(err) != bridge.Unavailable },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) }, // whoever asked has gone away
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				g.opened(time.Now())
			}
			if changed != nil && (from == gobreaker.StateClosed || to == gobreaker.StateClosed) {
				changed(to != gobreaker.StateClosed)
			}
		},
	})
	return g
}

// breather is how long an engine is left alone that has too much to do and does not say for how long.
const breather = 5 * time.Second

type guarded struct {
	bridge.Translator
	breaker *gobreaker.CircuitBreaker[bridge.Translation]
	rest    time.Duration

	mu    sync.Mutex
	open  time.Time // when the circuit was last opened
	until time.Time // the engine wants to be left alone until then
}

func (g *guarded) opened(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = at
}

func (g *guarded) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	if wait := g.wait(); wait > 0 {
		return bridge.Translation{}, &bridge.Untranslated{Reason: bridge.RateLimited, After: wait}
	}
	got, err := g.breaker.Execute(func() (bridge.Translation, error) { return g.Translator.Translate(ctx, r) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return bridge.Translation{}, &bridge.Untranslated{Reason: bridge.CircuitOpen, After: g.remaining()}
	}
	if u, ok := errors.AsType[*bridge.Untranslated](err); ok && u.Reason == bridge.RateLimited {
		g.restUntil(time.Now().Add(cmp.Or(u.After, breather)))
	}
	return got, err
}

func (g *guarded) wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until)
}

func (g *guarded) restUntil(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at.After(g.until) {
		g.until = at
	}
}

// remaining returns how long the circuit stays open, at least a second.
func (g *guarded) remaining() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.open.Add(g.rest)), time.Second)
}
