package bridge

import (
	"context"
	"errors"
	"time"
)

// freshClaim is for how long a claim alone proves that the lane is held. A worker that comes to send later has to prove it
// again, by writing its intent: hold cannot know how much of the lease was gone when it began.
const freshClaim = leaseMargin / 2

// hold keeps a lane's lease alive while its worker waits or sends, and ends the returned context before the lease can
// run out, so that nobody sends on a lease that another may already have. release must be called before the lane is
// settled: a late renewal would take the lane out of reach after it was given up.
func (c *Courier) hold(ctx context.Context, l Lane) (held context.Context, release context.CancelFunc) {
	held, cancel := context.WithCancelCause(ctx)
	trusted := c.lease - leaseMargin
	expiry := time.AfterFunc(trusted, func() { cancel(ErrLost) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		renew := time.NewTicker(c.lease / 3)
		defer renew.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-renew.C:
			}
			asked := time.Now()
			switch err := c.book.Extend(held, l, c.lease); {
			case errors.Is(err, ErrLost):
				cancel(ErrLost)
			case err == nil:
				expiry.Reset(trusted - time.Since(asked))
			}
		}
	}()
	return held, func() {
		expiry.Stop()
		cancel(context.Canceled)
		<-done
	}
}
