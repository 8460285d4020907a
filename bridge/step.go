package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// heldTurn is how often a lane looks whether an entry that is held back may go: it is let go sooner when its translation is
// there, perhaps between our reading of it and our waiting for it.
const heldTurn = 250 * time.Millisecond

// step does one thing for a claimed lane: it skips what does not matter, or sends one part of the next entry by
// intend, send, settle. It returns the lane as it then stands; more is false when the worker is done with it: the lease
// has been given up, or is left to run out because of the error, which is ErrLost or the database's.
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
		return c.pass(ctx, l, w.Entry, Settlement{Receipt: w.lostSight()})
	}
	if held := w.heldFrom(l.Role); held > 0 {
		return l, false, c.book.Defer(ctx, l, min(held, heldTurn), false)
	}
	p := c.posts[l.Endpoint]
	if !d.Opening && len(d.Entry.Files) > 0 {
		files, err := c.bringFiles(ctx, l, d.Entry)
		if err != nil {
			return c.late(ctx, l, err)
		}
		d.Entry.Files = files
		d = attach(d, p.adapter.Abilities().MaxFile, l.Part > 0 && d.Entry.Kind != Edited)
	}
	parts, err := render(p.adapter, d)
	if err != nil {
		return c.giveUp(ctx, l, w, d, AsFailure(err))
	}
	if l.Part >= len(parts) && !d.Opening {
		return c.pass(ctx, l, w.Entry, Settlement{})
	}
	if w.resumes(l.Part) && !d.Opening {
		return c.settle(ctx, l, Settlement{Part: l.Part + 1})
	}
	if d.Opening && len(parts) != 1 {
		return l, false, fmt.Errorf("render opening: %d parts, want 1", len(parts))
	}
	job := job{c: c, post: p, lane: l, work: w, delivery: d, parts: parts}
	return job.run(ctx)
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

// key names the part in hand. Every reopening has a card of its own: there the number of the part is the number of the
// reopening, or a card that was found would be the one that is gone.
func (j *job) key() DeliveryKey {
	if j.delivery.Opening {
		return NewDeliveryKey(j.lane.Conversation, 0, j.lane.Reopened, j.lane.Endpoint)
	}
	return NewDeliveryKey(j.lane.Conversation, j.work.Entry.Seq, j.lane.Part, j.lane.Endpoint)
}

func (j *job) run(ctx context.Context) (Lane, bool, error) {
	c, part := j.c, j.parts[j.index()]
	part.Key, part.After = j.key(), j.lane.IntentAt
	if f := j.post.trouble.refused(part.Place); f != nil { // its turn may come late, and only for one at a time
		j.tellLate(ctx, f)
	}
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
	case outcome.dropped && !j.work.withdrawn():
		return c.settle(ctx, j.lane, Settlement{Part: j.lane.Part + 1, Receipt: outcome.receipt})
	case outcome.dropped:
		return c.pass(ctx, j.lane, j.work.Entry, Settlement{Receipt: outcome.receipt})
	default:
		return j.sent(ctx, part, sent, outcome.found)
	}
}

// outcome is what came of an attempt; at most one field is set besides receipt, and none when the part was sent.
type outcome struct {
	again   time.Duration // its turn comes later
	failure *Failure      // the platform did not accept it
	unasked *Failure      // the platform could not be asked what became of an earlier attempt
	found   bool          // an earlier attempt had got through
	dropped bool          // none had, or nobody knows, and the part is no longer wanted
	receipt *Receipt      // of what was dropped: nobody knows
}

// unasked turns a failure to ask into one that keeps the question open: whatever the platform said, it did not say
// that the part has not got through. Only a thread that is gone settles it, since nothing stands there.
func (j *job) unasked(f *Failure) *Failure {
	open := *f
	if f.Verdict != Reopen {
		open.Verdict = Unsure
	}
	if f.Verdict == Wait {
		j.post.pace.block(j.parts[j.index()], f.After, f.Refused)
	}
	return &open
}

// attempt waits for the part's turn and sends it, with the lane's lease held. An error is ErrLost or the database's.
func (j *job) attempt(ctx context.Context, part Part) (Sent, outcome, error) {
	c := j.c
	ctx, release := c.hold(ctx, j.lane)
	defer release()
	again, waited, err := j.post.pace.await(ctx, j.lane.ID, part, patience)
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
	if (j.work.withdrawn() || part.Void) && !j.delivery.Opening {
		return Sent{}, outcome{dropped: true, receipt: j.perhapsSent(part)}, nil
	}
	if j.lane.Intended != part.Key || time.Since(j.lane.ClaimedAt) > freshClaim { // else the lease may be another's by now
		if err := c.book.Intend(ctx, j.lane, part.Key, c.lease); err != nil {
			return Sent{}, outcome{}, fmt.Errorf("intend: %w", err)
		}
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

// sent settles an accepted part. Of one that was found to have got through before, nobody knows in which version: the
// line may have been edited between the attempt that was lost and now. It counts as the first version, so that every
// edit follows; carrying out an edit that was not needed does no harm.
func (j *job) sent(ctx context.Context, part Part, sent Sent, found bool) (Lane, bool, error) {
	l, i := j.lane, j.index()
	if now, changed := j.post.trouble.over(l.ID, part.Place); changed {
		j.c.report(l.Endpoint, now)
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
	switch {
	case entry.Kind == Deleted: // the receipts of what is gone are forgotten; this one tells that it was there
		s.Receipt = &Receipt{Seq: entry.Seq, Part: i, Version: entry.Seq, Status: ReceiptSent, At: now()}
		if lost := j.work.lostSight(); lost != nil && s.Part == len(j.parts) { // and other parts may stand there
			s.Receipt, lost.Part = lost, i
		}
	case (part.Op == Post || part.Op == Edit) && entry.Kind != Changed:
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
		s.Forget = j.removed(s.Part)
		j.c.meter.Delivery(l.Endpoint, "sent", time.Since(entry.At))
		return j.c.pass(ctx, l, entry, s)
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

// removed lists the messages that the first n parts have deleted. They are forgotten together, when the entry is
// through: until then rendering it again must give the same parts.
func (j *job) removed(n int) []Landed {
	var gone []Landed
	for i, p := range j.parts[:n] {
		refused := slices.ContainsFunc(j.work.Settled, func(r Receipt) bool { return r.Part == i && r.Status == ReceiptFailed })
		if p.Op == Delete && i < len(j.delivery.Landed) && !refused {
			gone = append(gone, j.delivery.Landed[i])
		}
	}
	return gone
}

// pass puts the lane's cursor behind an entry. The last lane to pass a recall tells the agents what became of it.
func (c *Courier) pass(ctx context.Context, l Lane, en Entry, s Settlement) (Lane, bool, error) {
	s.Cursor = en.Seq
	c.posts[l.Endpoint].trouble.forget(l.ID)
	told := s.Notice != nil
	if en.IsRecall() {
		s.Also = func(tx Tx) error {
			receipt, complete, err := recallReceipt(tx, en)
			if err != nil || !complete {
				return err
			}
			told = true
			_, err = tx.Append(receipt)
			return err
		}
	}
	next, more, err := c.settle(ctx, l, s)
	if err == nil && told {
		c.hub.Publish(l.Conversation)
	}
	if err == nil && l.Role == RoleVisitor && en.By.Kind == ByAgent {
		c.proofs.Publish(l.Conversation)
	}
	return next, more, err
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
