package simulator

import (
	"context"
	"sync"
)

// Lock guards the state of a simulator and wakes those who await a condition of it.
type Lock struct {
	sync.Mutex
	changed chan struct{} // non-nil while someone awaits; closed at the next change
}

// Change wakes everyone who awaits a condition. The caller holds the lock.
func (l *Lock) Change() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Next returns a channel that is closed at the next change. The caller holds the lock.
func (l *Lock) Next() <-chan struct{} {
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// Await returns nil as soon as the condition holds, or the context's error. The condition is evaluated under the lock,
// now and after changes (several changes may be seen at once).
func (l *Lock) Await(ctx context.Context, condition func() bool) error {
	for {
		l.Lock()
		if condition() {
			l.Unlock()
			return nil
		}
		changed := l.Next()
		l.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
