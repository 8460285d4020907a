package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Reminder is one of what is done about a visitor who waits, at most once for each wait.
type Reminder string

const (
	Remind   Reminder = "reminded"  // the owner is called, or those on duty
	Escalate Reminder = "escalated" // the admins on duty are
)

const (
	// maxReminded bounds how many conversations one look calls somebody to.
	maxReminded = 100
	// maxCalled bounds how many people one notice calls.
	maxCalled = 10
)

// remind calls people to visitors who have waited too long. While nobody is on duty who could be called it waits, too.
func (d *Desk) remind(ctx context.Context, r Reminder, after time.Duration) error {
	if after <= 0 {
		return nil
	}
	var due []ConversationID
	err := d.ledger.Change(ctx, func(tx Tx) (err error) {
		due, err = tx.Waiting(r, after, maxReminded)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := d.remindOf(ctx, id, r, after); err != nil {
			return fmt.Errorf("remind of conversation %d: %w", id, err)
		}
	}
	return nil
}

// remindOf calls people to one conversation, unless somebody has answered or another instance has called them.
func (d *Desk) remindOf(ctx context.Context, id ConversationID, r Reminder, after time.Duration) error {
	var c change
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c = change{tx: tx}
		conv, err := tx.Conversation(id)
		if err != nil || conv.WaitingSince.IsZero() {
			return err
		}
		people, err := toCall(tx, conv, r)
		if err != nil || len(people) == 0 {
			return err
		}
		claimed, err := tx.Reminded(id, r, after)
		if err != nil || !claimed {
			return err
		}
		return c.calling(conv, people, fmt.Sprintf("the visitor has been waiting for %s.", inWords(after)))
	})
	if err == nil {
		d.announce(c.written)
	}
	return err
}

// toCall are those who are called: they can read the conversation and, but for its owner, are on duty.
func toCall(tx Tx, conv Conversation, r Reminder) (people []Agent, err error) {
	members, err := staff(tx)
	if err != nil {
		return nil, err
	}
	lanes, err := tx.Lanes(conv.ID)
	if err != nil {
		return nil, err
	}
	at := now()
	for _, m := range members {
		wanted := m.OnDuty(at)
		switch {
		case r == Escalate:
			wanted = wanted && m.Rank.AtLeast(RankAdmin)
		case conv.State == StateAssigned:
			wanted = m.ID == conv.Owner
		}
		if wanted && m.reads(lanes) && len(people) < maxCalled {
			people = append(people, m.Agent)
		}
	}
	return people, nil
}

// reads reports whether one of the lanes is in a chat where the member is known.
func (m Member) reads(lanes []Lane) bool {
	return slices.ContainsFunc(lanes, func(l Lane) bool { return l.Role == RoleTeam && slices.Contains(m.At, l.Endpoint) })
}

// inWords is a time as people say it.
func inWords(d time.Duration) string {
	if d < 2*time.Minute {
		return d.Round(time.Second).String()
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}
