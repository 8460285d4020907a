package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// AssignMode says how conversations find an owner by themselves.
type AssignMode string

const (
	AssignOff        AssignMode = "off"         // they wait for somebody to take them
	AssignRoundRobin AssignMode = "round_robin" // whoever has waited longest for one
	AssignLeastBusy  AssignMode = "least_busy"  // whoever has the fewest open
	AssignByLanguage AssignMode = "by_language" // whoever speaks the visitor's language and has the fewest open; if nobody does, as least busy
)

// Assignment is what the Desk does by itself about who has a conversation.
type Assignment struct {
	Mode          AssignMode
	RemindAfter   time.Duration // a visitor has waited so long: the owner is called, or those on duty; 0: never
	EscalateAfter time.Duration // and so long: the admins are; 0: never
	Reopen        time.Duration // how long after it was closed a conversation goes on when its visitor writes; 0: always
}

func (a Assignment) off() bool { return a.Mode == AssignOff || a.Mode == "" }

// hasRoom reports whether the member can be given one more conversation.
func (m Member) hasRoom(at time.Time) bool {
	return m.OnDuty(at) && (m.Capacity == 0 || m.Open < m.Capacity)
}

// distribute gives a conversation to somebody on duty who has room for one more and can read its threads; but not to the
// agent who has just left it. Of several instances each counts what the other has given away: the team is locked. given is
// false when it stays without an owner.
func (d *Desk) distribute(c *change, conv Conversation, left AgentID, why string) (given bool, err error) {
	if d.assignment.off() {
		return false, nil
	}
	members, err := c.tx.Team(true)
	if err != nil {
		return false, err
	}
	lanes, err := c.tx.Lanes(conv.ID)
	if err != nil {
		return false, err
	}
	at := now()
	members = slices.DeleteFunc(members, func(m Member) bool {
		return m.ID == left || !m.reads(lanes) || !m.hasRoom(at)
	})
	if len(members) == 0 {
		return false, nil
	}
	chosen, err := d.choose(c.tx, conv, members)
	if err != nil {
		return false, err
	}
	if err := c.tx.Turn(chosen.ID); err != nil {
		return false, err
	}
	if err := c.assign(conv, chosen.Agent, Speaker{Kind: BySystem, Name: "Skein"}, Origin{}); err != nil {
		return false, err
	}
	return true, c.calling(conv, []Agent{chosen.Agent}, why+"this conversation is yours.")
}

// choose picks one of several who could take the conversation: whoever had it before, else as the mode says. Those who have
// equally much wait for their turn.
func (d *Desk) choose(tx Tx, conv Conversation, members []Member) (Member, error) {
	if i := slices.IndexFunc(members, func(m Member) bool { return conv.Owner != 0 && m.ID == conv.Owner }); i >= 0 {
		return members[i], nil
	}
	if d.assignment.Mode == AssignByLanguage {
		v, err := tx.Visitor(conv.Visitor)
		if err != nil {
			return Member{}, fmt.Errorf("find the visitor's language: %w", err)
		}
		speakers := slices.DeleteFunc(slices.Clone(members), func(m Member) bool { return !m.Speaks(v.Locale) })
		if len(speakers) > 0 {
			members = speakers
		}
	}
	return slices.MinFunc(members, func(a, b Member) int {
		if d.assignment.Mode != AssignRoundRobin && a.Open != b.Open {
			return cmp.Compare(a.Open, b.Open)
		}
		return cmp.Compare(a.Turn, b.Turn)
	}), nil
}
