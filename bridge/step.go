package bridge

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// step does one thing for a claimed lane: it skips what does not matter, or sends one part of the next entry by
// intend, send, settle. It returns the lane as it then stands; more is false when the lease has been given up. An
// error is ErrLost or the database's.
//
// The order is the promise. The intent is durable before the platform is asked, so that whoever finds it after a
// crash knows to ask what became of it; receipt and cursor move in one write after the platform has answered.
func (c *Courier) step(ctx context.Context, l Lane) (next Lane, more bool, err error) {
	w, ok, err := c.book.Next(ctx, l)
	if err != nil {
		return l, false, fmt.Errorf("next: %w", err)
	}
	if !ok {
		return c.settle(ctx, l, Settlement{Cursor: l.Head})
	}
	d, show := prepare(l, w)
	if !show {
		return c.settle(ctx, l, Settlement{Cursor: w.Entry.Seq})
	}
	p := c.posts[l.Endpoint]
	parts, err := render(p.adapter, d)
	if err != nil {
		return c.giveUp(ctx, l, w, d, AsFailure(err))
	}
	if l.Part >= len(parts) && !d.Opening {
		return c.settle(ctx, l, Settlement{Cursor: w.Entry.Seq})
	}
	if d.Opening && len(parts) != 1 {
		return l, false, fmt.Errorf("render opening: %d parts, want 1", len(parts))
	}
	job := job{c: c, post: p, lane: l, work: w, delivery: d, parts: parts}
	return job.run(ctx)
}

// render, send and find keep a panic of one adapter from ending the program, which would come back to it after every
// start: what cannot be rendered is given up, what panicked on its way is of unknown fate.

func render(a Adapter, d Delivery) (parts []Part, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Verdict: GiveUp, Public: "Skein could not show it there.", Err: panicked("render", p)}
		}
	}()
	return a.Render(d)
}

func send(ctx context.Context, a Adapter, part Part) (sent Sent, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("send", p)
		}
	}()
	return a.Send(ctx, part)
}

func panicked(operation string, p any) error {
	return fmt.Errorf("%s: panic: %v\n%s", operation, p, debug.Stack())
}

// job is one part on its way: run decides, attempt talks to the platform, sent and failed record.
type job struct {
	c        *Courier
	post     *post
	lane     Lane
	work     Work
	delivery Delivery
	parts    []Part
}

// index is which of the parts is in hand.
func (j *job) index() int {
	if j.delivery.Opening {
		return 0
	}
	return j.lane.Part
}

// key names the part in hand. Every reopening has a card of its own.
func (j *job) key() DeliveryKey {
	if j.delivery.Opening {
		return NewDeliveryKey(j.lane.Conversation, 0, j.lane.Reopened, j.lane.Endpoint)
	}
	return NewDeliveryKey(j.lane.Conversation, j.work.Entry.Seq, j.lane.Part, j.lane.Endpoint)
}

func (j *job) run(ctx context.Context) (Lane, bool, error) {
	c, part := j.c, j.parts[j.index()]
	part.Key, part.After = j.key(), j.lane.IntentAt

	sent, outcome, err := j.attempt(ctx, part)
	switch {
	case err != nil:
		return j.lane, false, err
	case outcome.again > 0:
		return j.lane, false, c.book.Defer(ctx, j.lane, outcome.again, false)
	case outcome.failure != nil:
		return j.failed(ctx, outcome.failure)
	case outcome.unasked != nil:
		return j.failed(ctx, j.unasked(outcome.unasked))
	case outcome.dropped:
		return c.settle(ctx, j.lane, Settlement{Cursor: j.work.Entry.Seq})
	default:
		return j.sent(ctx, part, sent, outcome.found)
	}
}

// outcome is what came of an attempt; at most one field is set, and none when the part was sent.
type outcome struct {
	again   time.Duration // its turn comes later
	failure *Failure      // the platform did not accept it
	unasked *Failure      // the platform could not be asked what became of an earlier attempt
	found   bool          // an earlier attempt had got through
	dropped bool          // none had, and the part is no longer wanted
}

// unasked turns a failure to ask into one that keeps the question open: whatever the platform said, it did not say
// that the part has not got through. Only a thread that is gone settles it, since nothing stands there.
func (j *job) unasked(f *Failure) *Failure {
	open := *f
	if f.Verdict != Reopen {
		open.Verdict = Unsure
	}
	if f.Verdict == Wait {
		j.post.pace.block(j.parts[j.index()].Place, f.After)
	}
	return &open
}

// attempt waits for the part's turn and sends it, with the lane's lease held. An error is ErrLost or the database's.
func (j *job) attempt(ctx context.Context, part Part) (Sent, outcome, error) {
	c := j.c
	ctx, release := c.hold(ctx, j.lane)
	defer release()
	again, waited, err := j.post.pace.await(ctx, part.Place, part.Urgency, patience)
	if waited {
		c.meter.PaceWait(j.lane.Endpoint)
	}
	if err != nil {
		return Sent{}, outcome{}, ErrLost
	}
	if again > 0 {
		return Sent{}, outcome{again: again}, nil
	}
	if j.lane.Intent == part.Key && part.Op == Post {
		sent, found, err := j.find(ctx, part)
		switch {
		case err != nil:
			return Sent{}, outcome{unasked: AsFailure(err)}, nil
		case found:
			c.meter.Delivery(j.lane.Endpoint, "found", 0)
			return sent, outcome{found: true}, nil
		}
	}
	if j.work.withdrawn() && !j.delivery.Opening {
		return Sent{}, outcome{dropped: true}, nil
	}
	if err := c.book.Intend(ctx, j.lane, part.Key, c.lease); err != nil {
		return Sent{}, outcome{}, fmt.Errorf("intend: %w", err)
	}
	j.lane.Intent = part.Key
	sent, err := send(ctx, j.post.adapter, part)
	if err != nil {
		return Sent{}, outcome{failure: AsFailure(err)}, nil
	}
	return sent, outcome{}, nil
}

// find asks the platform whether an earlier attempt got through. A platform that cannot be asked is sent to again:
// rather twice than never.
func (j *job) find(ctx context.Context, part Part) (sent Sent, found bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("find", p)
		}
	}()
	finder, ok := j.post.adapter.(Finder)
	if !ok {
		return Sent{}, false, nil
	}
	return finder.Find(ctx, part)
}

// sent settles an accepted part. Of one that was found to have got through before, nobody knows in which version: it
// counts as the first, so that every edit follows.
func (j *job) sent(ctx context.Context, part Part, sent Sent, found bool) (Lane, bool, error) {
	l, i := j.lane, j.index()
	if j.post.troubled.CompareAndSwap(true, false) {
		j.c.conditions.Set(l.Endpoint, Condition{State: Running})
	}
	if j.delivery.Opening {
		if found { // people may have written in the thread since, and nobody knew it
			j.c.missed(l.Endpoint, OpenThread{Conversation: l.Conversation, Thread: sent.Thread, LastAt: l.IntentAt})
		}
		return j.c.settle(ctx, l, Settlement{
			Thread:  sent.Thread,
			Receipt: &Receipt{Seq: 0, Part: l.Reopened, Message: sent.Message, Status: ReceiptSent, At: now()},
		})
	}
	s := Settlement{Part: l.Part + 1}
	entry := j.work.Entry
	if part.Op != Delete && entry.Kind != Changed {
		s.Receipt = &Receipt{Seq: entry.Seq, Part: i, Version: version(j.work), Message: sent.Message, Status: ReceiptSent, At: now()}
		if found {
			s.Receipt.Version = entry.Seq
		}
		if entry.Kind == Edited { // the copy of what was edited has changed; the edit has no place of its own
			s.Receipt.Seq, s.Receipt.Part = entry.Target, partNumber(j.delivery.Landed, i)
		}
		if s.Receipt.Message == "" {
			s.Receipt.Message = part.Message
		}
	}
	if s.Part == len(j.parts) {
		s.Cursor, s.Forget = entry.Seq, removed(j.parts, j.delivery.Landed)
		j.c.meter.Delivery(l.Endpoint, "sent", time.Since(entry.At))
	}
	return j.c.settle(ctx, l, s)
}

// partNumber is the number of the target's part that the i-th part of an edit is about: one that has landed, or a new one
// after the last. Numbers have gaps once an edit has removed parts.
func partNumber(landed []Landed, i int) int {
	switch {
	case i < len(landed):
		return landed[i].Part
	case len(landed) == 0: // it was refused, and is sent anew
		return i
	}
	return landed[len(landed)-1].Part + 1 + i - len(landed)
}

// removed lists the messages that the parts have deleted. They are forgotten together, when the entry is through:
// until then rendering it again must give the same parts.
func removed(parts []Part, landed []Landed) []Landed {
	var gone []Landed
	for i, p := range parts {
		if p.Op == Delete && i < len(landed) {
			gone = append(gone, landed[i])
		}
	}
	return gone
}

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

// trouble reports the endpoint's condition, until a part is accepted again.
func (j *job) trouble(f *Failure) {
	if j.c.conditions == nil {
		return
	}
	state := Impaired
	if f.Refused {
		state = Refused
	}
	j.post.troubled.Store(true)
	j.c.conditions.Set(j.lane.Endpoint, Condition{State: state, Public: f.Public})
}

// tellDelayed tells the agents, where they can be reached, that a line is late. It is a courtesy: the line stays due.
func (j *job) tellDelayed(ctx context.Context, f *Failure) {
	if j.work.Entry.IsNotice() {
		return
	}
	text := fmt.Sprintf("A line by %s, %s, has not reached %s yet: %s Skein keeps trying.",
		j.work.Entry.By.Name, j.work.Entry.At.Format("15:04:05 UTC"), j.lane.Endpoint, f.Public)
	if err := j.c.tell(ctx, j.lane.Conversation, text); err != nil {
		j.c.log.Warn("tell agents of a delay", "conversation", j.lane.Conversation, "error", err)
	}
}

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

// undelivered tells agents which line was not delivered, and why.
func undelivered(en Entry, e EndpointName, f *Failure) string {
	what := "A line by " + en.By.Name
	switch en.Kind {
	case Edited:
		what = "An edit by " + en.By.Name
	case Deleted:
		what = "A deletion by " + en.By.Name
	default:
	}
	return fmt.Sprintf("%s, %s, did not reach %s: %s It is kept here.", what, en.At.Format("15:04:05 UTC"), e, f.Public)
}

// settle writes what became of a part, even when the program is stopping: the platform already has it.
func (c *Courier) settle(ctx context.Context, l Lane, s Settlement) (Lane, bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	next, err := c.book.Settle(ctx, l, s)
	if err != nil {
		return l, false, fmt.Errorf("settle: %w", err)
	}
	return next, next.Cursor < next.Head, nil
}

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
