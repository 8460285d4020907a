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
	j.tellLate(ctx, f)
	switch f.Verdict {
	case GiveUp:
		return j.giveUp(ctx, f)
	case Reopen:
		return j.reopen(ctx, f)
	case Wait:
		c.meter.Delivery(l.Endpoint, "deferred", 0)
		l.Intent = ""
		if err := c.holdBack(ctx, l.Endpoint, j.parts[j.index()], f); err != nil {
			return l, false, err
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

// holdBack keeps what the platform would not take either from being sent before it may be: the endpoint's parts, or those
// that count like this one.
func (c *Courier) holdBack(ctx context.Context, e EndpointName, part Part, f *Failure) error {
	p := c.posts[e].pace
	if !f.Whole {
		p.block(part, f.After, f.Refused)
		return nil
	}
	p.blockAll(f.After, f.Refused)
	if err := c.book.Pause(ctx, e, min(f.After, longestPause)); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	return nil
}

const (
	// impairedAfter is after how many failed attempts in a row operators are told, about fifteen seconds, and tellAfter
	// how late a line is of which agents are told.
	impairedAfter = 6
	tellAfter     = 5 * time.Minute
	// longestPause is how long lanes are left alone at most. Those that come to wait meanwhile are then claimed, whose
	// agents are told, and have to wait on for their turn.
	longestPause = time.Minute
)

// reopen forgets a thread that is gone, so that the next step opens another. A conversation that loses one thread after
// the other is slowed down, since each opening shows in the channel.
func (j *job) reopen(ctx context.Context, f *Failure) (Lane, bool, error) {
	c, l := j.c, j.lane
	switch {
	case j.parts[j.index()].Op != Post: // another thread does not bring back what stood in this one
		return j.giveUp(ctx, f)
	case j.delivery.Conversation.Kind == Colleagues: // no card can stand for a shared channel: a person must act
		l.Intent = ""
		j.trouble(f)
		return l, false, c.book.Defer(ctx, l, retryAfter(l.Attempt+1, rand.Float64()), true)
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

// giveUp is what becomes of a job whose part in hand will never be accepted. Of a deletion the other parts are still
// carried out: rather half of a line stands there than all of it.
func (j *job) giveUp(ctx context.Context, f *Failure) (Lane, bool, error) {
	if j.work.Entry.Kind != Deleted || j.delivery.Opening {
		return j.c.giveUp(ctx, j.lane, j.work, j.delivery, f)
	}
	s := Settlement{Receipt: failure(j.lane, j.work, f), Part: j.lane.Part + 1}
	if s.Part < len(j.parts) {
		return j.c.settle(ctx, j.lane, s)
	}
	s.Forget = j.removed(j.lane.Part)
	return j.c.abandon(ctx, j.lane, j.work, s, f)
}

// giveUp records that a part will never be accepted, goes on with the next entry and tells the agents why.
func (c *Courier) giveUp(ctx context.Context, l Lane, w Work, d Delivery, f *Failure) (Lane, bool, error) {
	if d.Opening {
		c.meter.Delivery(l.Endpoint, "failed", 0)
		// Without a thread there is nowhere to go on; a person must act.
		l.Intent = ""
		refused := *f
		refused.Refused = true
		c.posts[l.Endpoint].trouble.begins(&refused, "", false)
		c.report(l.Endpoint, condition(&refused))
		return l, false, c.book.Defer(ctx, l, retryAfter(len(retrySchedule), rand.Float64()), true)
	}
	return c.abandon(ctx, l, w, Settlement{Receipt: failure(l, w, f)}, f)
}

// failure is the receipt of a part that will never be accepted.
func failure(l Lane, w Work, f *Failure) *Receipt {
	return &Receipt{Seq: w.Entry.Seq, Part: l.Part, Version: version(w), Status: ReceiptFailed, Public: f.Public, At: now()}
}

// abandon goes on after an entry that has failed and tells the agents why; of a recall, its receipt does.
func (c *Courier) abandon(ctx context.Context, l Lane, w Work, s Settlement, f *Failure) (Lane, bool, error) {
	c.meter.Delivery(l.Endpoint, "failed", 0)
	if en := w.Entry; !en.IsNotice() && !en.isTrifle() && !en.IsRecall() {
		n := undelivered(w, l.Endpoint, f)
		s.Notice = &n
	}
	return c.pass(ctx, l, w.Entry, s)
}
