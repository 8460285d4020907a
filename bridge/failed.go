package bridge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// failed does what the failure's verdict says.
//
// An intent is cleared only by a receipt or by a send that has certainly failed. As long as nobody knows, it stays, and
// whoever takes the lane next asks first.
func (j *job) failed(ctx context.Context, f *Failure) (Lane, bool, error) {
	c, l := j.c, j.lane
	c.log.Info("part not accepted", "endpoint", l.Endpoint, "conversation", l.Conversation, "lane", l.ID,
		"seq", j.work.Entry.Seq, "attempt", l.Attempt+1, "verdict", f.Verdict, "error", f.Err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if f.Refused || l.Attempt+1 >= impairedAfter {
		j.trouble(f)
	}
	if l.Attempt+1 == tellAfter {
		j.tellDelayed(ctx, f)
	}
	switch f.Verdict {
	case GiveUp:
		return c.giveUp(ctx, l, j.work, j.delivery, f)
	case Reopen:
		return j.reopen(ctx, f)
	case Wait:
		c.meter.Delivery(l.Endpoint, "deferred", 0)
		l.Intent = ""
		if f.Whole {
			if err := c.book.Pause(ctx, l.Endpoint, f.After); err != nil {
				return l, false, fmt.Errorf("pause: %w", err)
			}
			j.post.pace.block("", f.After)
		} else {
			j.post.pace.block(j.parts[j.index()].Place, f.After)
		}
		return l, false, c.book.Defer(ctx, l, f.After, false)
	case Retry:
		l.Intent = ""
		return l, false, c.book.Defer(ctx, l, retryAfter(l.Attempt+1, rand.Float64()), true)
	default: // Unsure: what was on the wire is given a moment to take effect before the platform is asked
		c.meter.Delivery(l.Endpoint, "unsure", 0)
		wait := max(retryAfter(l.Attempt+2, rand.Float64()), f.After)
		return l, false, c.book.Defer(ctx, l, wait, true)
	}
}

const (
	// impairedAfter and tellAfter are after how many failed attempts in a row operators and agents are told; about
	// fifteen seconds and five minutes.
	impairedAfter = 6
	tellAfter     = 11
)

// reopen forgets a thread that is gone, so that the next step opens another. A conversation that loses one thread after
// the other is slowed down, since each opening shows in the channel.
func (j *job) reopen(ctx context.Context, f *Failure) (Lane, bool, error) {
	c, l := j.c, j.lane
	switch {
	case j.parts[j.index()].Op != Post: // another thread does not bring back what stood in this one
		return c.giveUp(ctx, l, j.work, j.delivery, f)
	case j.delivery.Opening, l.Reopened >= reopenLimit && l.Attempt == 0:
		l.Intent = ""
		return l, false, c.book.Defer(ctx, l, reopenPause, true)
	default:
		return c.settle(ctx, l, Settlement{Reopen: true})
	}
}

const (
	// reopenLimit is how often a conversation may lose its thread before each further opening waits for reopenPause.
	reopenLimit = 5
	reopenPause = time.Hour
)

// giveUp records that a part will never be accepted, goes on with the next entry and tells the agents why.
func (c *Courier) giveUp(ctx context.Context, l Lane, w Work, d Delivery, f *Failure) (Lane, bool, error) {
	c.meter.Delivery(l.Endpoint, "failed", 0)
	if d.Opening { // without a thread there is nowhere to go on; a person must act
		l.Intent = ""
		if c.conditions != nil {
			c.conditions.Set(l.Endpoint, Condition{State: Refused, Public: f.Public})
		}
		return l, false, c.book.Defer(ctx, l, retryAfter(len(retrySchedule), rand.Float64()), true)
	}
	s := Settlement{
		Receipt: &Receipt{Seq: w.Entry.Seq, Part: l.Part, Version: version(w), Status: ReceiptFailed, Public: f.Public, At: now()},
		Cursor:  w.Entry.Seq,
	}
	if !w.Entry.IsNotice() && w.Entry.Kind != Changed {
		n := notice(l.Conversation, AgentsOnly, undelivered(w.Entry, l.Endpoint, f))
		s.Notice = &n
	}
	next, more, err := c.settle(ctx, l, s)
	if err == nil && s.Notice != nil {
		c.hub.Publish(l.Conversation)
	}
	return next, more, err
}
