package intake

import (
	"sync"
	"time"
)

// Limiter remembers when something was done last. Its methods may be called concurrently.
type Limiter struct {
	mu   sync.Mutex
	keep time.Duration
	last map[string]time.Time
}

// maxRemembered is how many names a Limiter knows before it forgets those that no longer matter.
const maxRemembered = 10_000

// NewLimiter returns a Limiter that may forget what was done longer ago than keep.
func NewLimiter(keep time.Duration) *Limiter {
	return &Limiter{keep: keep, last: map[string]time.Time{}}
}

// Allow reports whether name was not allowed within the last d.
func (l *Limiter) Allow(name string, d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if last, ok := l.last[name]; ok && now.Sub(last) < d {
		return false
	}
	if len(l.last) >= maxRemembered {
		for n, t := range l.last {
			if now.Sub(t) > l.keep {
				delete(l.last, n)
			}
		}
	}
	l.last[name] = now
	return true
}
