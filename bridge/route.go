package bridge

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Route is what the Desk knows of one endpoint.
type Route struct {
	Endpoint EndpointName
	Role     Role
	Reads    bool           // see Abilities
	Desk     []EndpointName // RoleVisitor: where conversations open threads
	Rates    bool           // RoleVisitor: visitors are asked how they were served when a conversation is closed
	Invited  bool           // RoleTeam: only linked team members are agents, not whoever can write in the channel
	Asks     bool           // RoleTeam: whoever writes what a visitor should perhaps not get is asked first
	Language string         // RoleTeam: what agents here read and write, a BCP 47 tag; empty: nobody has said
	// Translates, of RoleVisitor: conversations begin with translation both ways.
	Translates bool

	// What follows is as DeskConfig.Policy has it, if that is given.

	Rules  []Rule        // RoleVisitor: which of Desk a conversation opens its threads at
	Office Office        // RoleVisitor: what rules mean by hours
	Notes  bool          // RoleTeam: a plain line is a note, not a reply
	Hold   time.Duration // RoleTeam: how long what is said here to a visitor waits, in whole milliseconds
}

// route is what is known of an endpoint at this moment.
func (d *Desk) route(e EndpointName) (r Route, known bool) {
	r, known = d.routes[e]
	if known && d.policy != nil {
		r = d.policy().At(e).over(r)
	}
	return r, known
}

// open finds the conversation of a visitor's thread, or opens one with a lane at the visitor's endpoint and one at
// each of its desks. For a visitor who is blocked it opens none: then it has no ID.
func (d *Desk) open(tx Tx, r Route, in Inbound) (Conversation, error) {
	c, _, err := tx.ConversationByThread(in.Endpoint, in.Thread)
	if !errors.Is(err, ErrNotFound) {
		return c, err
	}
	v, err := tx.SaveVisitor(Visitor{
		Endpoint: in.Endpoint, Key: in.From.ID,
		Profile: profileOf(in.From), Locale: in.From.Locale, SeenAt: in.At,
	})
	if err != nil {
		return Conversation{}, fmt.Errorf("save visitor: %w", err)
	}
	if v.Blocked {
		return Conversation{Visitor: v.ID, Blocked: true}, nil
	}
	team, err := d.teamLanes(tx, r, v)
	if err != nil {
		return Conversation{}, err
	}
	c, err = tx.OpenConversation(Conversation{
		Kind: Guest, State: d.firstState, Endpoint: r.Endpoint, Visitor: v.ID, OpenedAt: in.At,
	}, append([]Lane{{Endpoint: r.Endpoint, Role: RoleVisitor, Thread: in.Thread, Reads: r.Reads}}, team...))
	if err != nil {
		return Conversation{}, fmt.Errorf("open conversation: %w", err)
	}
	return c, nil
}

// teamLanes are where a conversation of the visitor's opens its threads, if it opens now.
func (d *Desk) teamLanes(tx Tx, r Route, v Visitor) (lanes []Lane, err error) {
	a := arrival{page: v.Page.URL, locale: v.Locale, at: now()}
	if slices.ContainsFunc(r.Rules, func(rule Rule) bool { return len(rule.Tags) > 0 }) {
		if a.tags, err = earlierTags(tx, v.ID); err != nil {
			return nil, err
		}
	}
	for _, name := range r.desks(d.desks(r.Endpoint), a) {
		lanes = append(lanes, Lane{Endpoint: name, Role: RoleTeam, Reads: d.routes[name].Reads})
	}
	if d.robot != nil {
		lanes = append(lanes, Lane{Endpoint: Robot, Role: RoleRobot})
	}
	return lanes, nil
}

// maxEarlier is how many of a visitor's conversations are looked at for their tags.
const maxEarlier = 20

// earlierTags are those of the visitor's conversations so far.
func earlierTags(tx Tx, v VisitorID) (tags []string, err error) {
	listed, err := tx.List(ListQuery{Visitor: v, Limit: maxEarlier})
	for _, l := range listed {
		tags = append(tags, l.Conversation.Tags...)
	}
	return tags, err
}

// profileOf is what a platform tells of a visitor.
func profileOf(p Person) Profile {
	profile := Profile{Name: p.Name, Avatar: p.Avatar}
	if p.Handle != "" {
		profile.Attributes = map[string]string{"username": p.Handle}
	}
	return profile
}
