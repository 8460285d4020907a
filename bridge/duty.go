package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// dutyTurn is how often the Desk looks whose hours have begun or ended, and who waits.
const dutyTurn = 10 * time.Second

// wakeDuty has KeepDuty look at once.
func (d *Desk) wakeDuty() {
	select {
	case d.duty <- struct{}{}:
	default:
	}
}

// KeepDuty gives away what agents leave behind who go off duty or out of the team, and reminds of visitors who wait, until
// ctx ends. Every instance runs it: what there is to do is found, and done once, in the database.
func (d *Desk) KeepDuty(ctx context.Context) error {
	tick := time.NewTicker(dutyTurn)
	defer tick.Stop()
	for {
		if err := d.lookAtDuty(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("look who is on duty", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-d.duty:
		}
	}
}

func (d *Desk) lookAtDuty(ctx context.Context) error {
	var team []Member
	err := d.ledger.Change(ctx, func(tx Tx) (err error) {
		team, err = tx.Team(false)
		return err
	})
	if err != nil {
		return err
	}
	d.askers.keep(team)
	if err := d.giveOut(ctx, team); err != nil {
		return err
	}
	for _, m := range team {
		if !m.Removed && m.Present != m.OnDuty(now()) {
			if m.Agent, err = d.look(ctx, m.ID); err != nil {
				return err
			}
		}
		if m.Leaving || m.Removed { // removed, they may have been given something at the same moment
			if err := d.handOver(ctx, m.Agent); err != nil {
				return err
			}
		}
	}
	if err := d.remind(ctx, Remind, d.assignment.RemindAfter); err != nil {
		return err
	}
	return d.remind(ctx, Escalate, d.assignment.EscalateAfter)
}

// maxGivenOut bounds how many conversations one look gives to somebody.
const maxGivenOut = 100

// giveOut gives what has no owner to those who have room now, but not what an agent has put back.
func (d *Desk) giveOut(ctx context.Context, team []Member) error {
	at := now()
	if d.assignment.off() || !slices.ContainsFunc(team, func(m Member) bool { return m.hasRoom(at) }) {
		return nil
	}
	var waiting []ConversationID
	err := d.ledger.Change(ctx, func(tx Tx) (err error) {
		waiting, err = tx.Unowned(maxGivenOut)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range waiting {
		var c change
		err := d.ledger.Change(ctx, func(tx Tx) error {
			c = change{tx: tx}
			conv, err := tx.Conversation(id)
			if err != nil || conv.State != StateUnassigned {
				return err
			}
			_, err = d.distribute(&c, conv, 0, "a visitor waits: ")
			return err
		})
		if err != nil {
			return fmt.Errorf("give conversation %d to somebody: %w", id, err)
		}
		d.announce(c.written)
	}
	return nil
}

// look notes that an agent's hours have begun or ended.
func (d *Desk) look(ctx context.Context, id AgentID) (agent Agent, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) (err error) {
		if agent, err = tx.Agent(id); err != nil || agent.Removed {
			return err
		}
		agent.look()
		return tx.SaveAgent(agent)
	})
	return agent, err
}

// handOver gives away all that an agent who left owns, one conversation at a time: no change holds more than one.
func (d *Desk) handOver(ctx context.Context, left Agent) error {
	for {
		var owned []Listed
		err := d.ledger.Change(ctx, func(tx Tx) error {
			agent, err := tx.Agent(left.ID)
			if err != nil || !agent.Leaving && !agent.Removed { // they have come back
				return err
			}
			owned, err = tx.List(ListQuery{States: []State{StateAssigned}, Owner: left.ID, Limit: maxListed})
			if err != nil || len(owned) > 0 {
				return err
			}
			agent.Leaving = false
			return tx.SaveAgent(agent)
		})
		if err != nil || len(owned) == 0 {
			return err
		}
		for _, l := range owned {
			if err := d.giveAway(ctx, l.Conversation.ID, left); err != nil {
				return fmt.Errorf("give conversation %d away: %w", l.Conversation.ID, err)
			}
		}
	}
}

// giveAway finds another owner for a conversation, unless somebody else has it by now.
func (d *Desk) giveAway(ctx context.Context, id ConversationID, left Agent) error {
	var c change
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c = change{tx: tx}
		conv, err := tx.Conversation(id)
		if err != nil || conv.State != StateAssigned || conv.Owner != left.ID {
			return err
		}
		team, err := tx.Team(true)
		if err != nil || !slices.ContainsFunc(team, func(m Member) bool { return m.ID == left.ID && (m.Leaving || m.Removed) }) {
			return err // they have come back meanwhile
		}
		if left.Successor != 0 {
			successor, err := tx.Agent(left.Successor)
			if err != nil {
				return err
			}
			return c.assign(conv, successor, Speaker{Kind: BySystem, Name: "Skein"}, Origin{})
		}
		why := left.Name + " is off duty"
		if left.Removed {
			why = left.Name + " is out of the team"
		}
		given, err := d.distribute(&c, conv, left.ID, why+", and ")
		if err != nil || given {
			return err
		}
		conv.Owner, conv.OwnerName = 0, ""
		if err := c.setState(conv, StateUnassigned, Speaker{Kind: BySystem, Name: "Skein"}, Origin{}); err != nil {
			return err
		}
		return c.notify(conv, AgentsOnly, why+". Nobody has this conversation now: whoever answers, or writes !take, does.")
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		d.announce(c.written)
	}
	return err
}
