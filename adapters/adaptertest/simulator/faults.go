package simulator

import (
	"context"
	"slices"
	"time"
)

// Faults are the rules of one kind that stand, oldest first. Whoever calls its methods holds the lock.
type Faults[R any] struct {
	lock     *Lock
	standing []*Standing[R]
}

// NewFaults returns no faults, of a simulator with that lock.
func NewFaults[R any](lock *Lock) Faults[R] { return Faults[R]{lock: lock} }

// Standing is a rule that was installed. It takes the lock itself.
type Standing[R any] struct {
	Rule R

	faults *Faults[R]
	until  time.Time
	left   int
	hits   int
	shown  int           // effects begun
	gone   chan struct{} // closed when cleared
}

// Add installs a rule that is spent after so many matches (0: no bound) and lives so long (0: no bound).
func (f *Faults[R]) Add(rule R, times int, life time.Duration) *Standing[R] {
	s := &Standing[R]{Rule: rule, faults: f, left: times, gone: make(chan struct{})}
	if life > 0 {
		s.until = time.Now().Add(life)
	}
	f.standing = append(f.standing, s)
	return s
}

// Take returns the first standing rule that matches what happens at a time, spending one of its times, or nil.
func (f *Faults[R]) Take(at time.Time, matches func(R) bool) *Standing[R] {
	for i, s := range f.standing {
		if !s.until.IsZero() && !at.Before(s.until) || !matches(s.Rule) {
			continue
		}
		s.hits++
		if s.left > 0 {
			if s.left--; s.left == 0 {
				f.standing = slices.Delete(f.standing, i, i+1)
			}
		}
		f.lock.Change()
		return s
	}
	return nil
}

// Clear removes every rule.
func (f *Faults[R]) Clear() {
	for _, s := range f.standing {
		s.letGo()
	}
	f.standing = nil
}

// Clear removes the rule and lets go of what hangs in it. It may be called again.
func (s *Standing[R]) Clear() {
	s.faults.lock.Lock()
	defer s.faults.lock.Unlock()
	s.letGo()
	s.faults.standing = slices.DeleteFunc(s.faults.standing, func(x *Standing[R]) bool { return x == s })
}

func (s *Standing[R]) letGo() {
	select {
	case <-s.gone:
	default:
		close(s.gone)
	}
}

// Hits is how often the rule was applied.
func (s *Standing[R]) Hits() int {
	s.faults.lock.Lock()
	defer s.faults.lock.Unlock()
	return s.hits
}

// Show counts an effect that begins.
func (s *Standing[R]) Show() {
	s.faults.lock.Lock()
	defer s.faults.lock.Unlock()
	s.shown++
	s.faults.lock.Change()
}

// Await waits until the rule's effect has begun at least n times. Where it only hides the outcome of a call, the call has
// been carried out by then.
func (s *Standing[R]) Await(ctx context.Context, n int) error {
	return s.faults.lock.Await(ctx, func() bool { return s.shown >= n })
}

// Hang returns when the rule is cleared or one of the contexts ends.
func (s *Standing[R]) Hang(client, server context.Context) {
	select {
	case <-client.Done():
	case <-server.Done():
	case <-s.gone:
	}
}
