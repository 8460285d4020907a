package bridge

import (
	"context"
	"fmt"
	"time"
)

// Card is what a thread's card shows besides the conversation and its visitor.
type Card struct {
	Earlier int          // earlier conversations of the visitor
	Failure *CardFailure // nil: what was said last got through, as far as is known
}

// CardFailure is what did not get through.
type CardFailure struct {
	Endpoint EndpointName
	Public   string
	At       time.Time
}

// A card has its own way, beside the entries of its lane: what it shows is no event but the present, so that changes which
// follow each other closely are shown as one, and no message waits for it. A change of what it shows marks the lane in the
// transaction that makes it (Lane.CardDue); here, whoever sends for the endpoint changes the cards of lanes that are marked
// and takes the mark away unless it has moved. Changing one twice does no harm. Should an endpoint go from one instance to
// another with a change on the wire, an older card may stand until the next change.

const (
	// maxCards is how many cards of an endpoint wait for their turn at once.
	maxCards = 64
	// cardTime is how long a change of a card may wait for its turn: less urgent than what is said, it waits for all of that.
	cardTime = time.Minute
	// cardPause is how long to leave a card alone after a failure.
	cardPause = 10 * time.Second
)

// lookForCards starts a change of each card that is due.
func (c *Courier) lookForCards(ctx context.Context) {
	endpoints, _ := c.room()
	for _, e := range endpoints {
		if c.posts[e].adapter.Abilities().Role != RoleTeam {
			continue
		}
		busy := c.changing(e)
		if busy >= maxCards {
			continue
		}
		lanes, err := c.book.DueCards(ctx, e, maxCards)
		if err != nil {
			c.log.Warn("look for cards", "endpoint", e, "error", err)
			return
		}
		for _, l := range lanes[:min(len(lanes), maxCards)] {
			c.startCard(ctx, l)
		}
	}
}

// changing counts the endpoint's cards in hand.
func (c *Courier) changing(e EndpointName) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, at := range c.cards {
		if at == e {
			n++
		}
	}
	return n
}

// startCard changes a lane's card, unless that is being done already.
func (c *Courier) startCard(ctx context.Context, l Lane) {
	c.mu.Lock()
	_, busy := c.cards[l.ID]
	if !busy {
		c.cards[l.ID] = l.Endpoint
	}
	c.mu.Unlock()
	if busy {
		return
	}
	c.work.Go(func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.cards, l.ID)
		}()
		if err := c.changeCard(ctx, l.ID); err != nil && ctx.Err() == nil {
			c.log.Warn("change a card", "endpoint", l.Endpoint, "lane", l.ID, "error", err)
		}
	})
}

// changeCard waits for the card's turn and shows what is true then.
func (c *Courier) changeCard(ctx context.Context, id LaneID) error {
	l, part, ok, err := c.cardPart(ctx, id)
	if err != nil || !ok {
		return err
	}
	p := c.posts[l.Endpoint]
	waiting, cancel := context.WithTimeout(ctx, cardTime)
	defer cancel()
	// The lane itself may wait in the same queue, under its own number.
	_, waited, err := p.pace.await(waiting, -l.ID, part, cardTime)
	if err != nil || !c.keeps(l.Endpoint) {
		return nil // it stays due
	}
	if waited {
		if l, part, ok, err = c.cardPart(ctx, id); err != nil || !ok {
			return err
		}
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if _, err = send(ctx, p.adapter, part); err != nil {
		return c.cardFailed(ctx, l, part, AsFailure(err))
	}
	if now, changed := p.trouble.over(l.ID, part.Place); changed {
		c.report(l.Endpoint, now)
	}
	return c.book.CardShown(ctx, l)
}

// cardPart makes the part that has the card show what is true now. ok is false when there is no card to be changed.
func (c *Courier) cardPart(ctx context.Context, id LaneID) (l Lane, part Part, ok bool, err error) {
	l, w, err := c.book.Card(ctx, id)
	if err != nil {
		return l, part, false, fmt.Errorf("read: %w", err)
	}
	d := Delivery{Conversation: w.Conversation, Visitor: w.Visitor, Thread: l.Thread, Card: w.Card, Landed: landed(w.Target)}
	if l.CardDue.IsZero() || l.Thread == "" {
		return l, part, false, nil
	}
	if n := len(d.Landed); n > 0 {
		d.Landed = d.Landed[n-1:] // a thread that was opened again has a newer card
		parts, err := render(c.posts[l.Endpoint].adapter, d)
		if err != nil {
			return l, part, false, c.cardFailed(ctx, l, part, AsFailure(err))
		}
		if len(parts) > 0 {
			parts[0].Key = NewDeliveryKey(l.Conversation, 0, l.Reopened, l.Endpoint)
			return l, parts[0], true, nil
		}
	}
	return l, part, false, c.book.CardShown(ctx, l)
}

// cardFailed lets a card wait, or gives it up: should its thread be gone, the next line finds that out.
func (c *Courier) cardFailed(ctx context.Context, l Lane, part Part, f *Failure) error {
	c.log.Info("card not changed", "endpoint", l.Endpoint, "conversation", l.Conversation, "verdict", f.Verdict, "error", f.Err)
	switch f.Verdict {
	case GiveUp, Reopen:
		return c.book.CardShown(ctx, l)
	case Wait:
		if f.Refused {
			c.posts[l.Endpoint].trouble.begins(f, part.Place, !f.Whole)
			c.report(l.Endpoint, condition(f))
		}
		if err := c.holdBack(ctx, l.Endpoint, part, f); err != nil {
			return err
		}
		return c.book.DeferCard(ctx, l, f.After)
	default:
		return c.book.DeferCard(ctx, l, max(cardPause, f.After))
	}
}
