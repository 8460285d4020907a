package discord

import (
	"sync"
	"time"
)

// lateness tells interactions that came too late from those that came in time. An interaction is as old as its id says, by
// Discord's clock; by ours it cannot be younger than the youngest that ever came. Safe for concurrent use.
type lateness struct {
	mu    sync.Mutex
	least time.Duration
	known bool
}

// expired reports whether Discord has told the person by now that we did not answer: after a lost connection, what was
// given meanwhile arrives when nobody waits for it.
func (l *lateness) expired(id string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	age := now.Sub(timeOf(id))
	if !l.known || age < l.least {
		l.least, l.known = age, true
	}
	return age-l.least > firstAnswer
}
