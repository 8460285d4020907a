package bridge

import (
	"errors"
	"fmt"
)

// Route is what the Desk knows of one endpoint.
type Route struct {
	Endpoint EndpointName
	Role     Role
	Reads    bool           // see Abilities
	Desk     []EndpointName // RoleVisitor: where conversations open threads
	Invited  bool           // RoleTeam: only linked team members are agents, not whoever can write in the channel
	Notes    bool           // RoleTeam: a plain line is a note, not a reply
}

// open finds the conversation of a visitor's thread, or opens one with a lane at the visitor's endpoint and one at
// each of its desks.
func (d *Desk) open(tx Tx, r Route, in Inbound) (Conversation, error) {
	c, _, err := tx.ConversationByThread(in.Endpoint, in.Thread)
	if !errors.Is(err, ErrNotFound) {
		return c, err
	}
	v, err := tx.SaveVisitor(Visitor{
		Endpoint: in.Endpoint, Key: in.From.ID,
		Profile: Profile{Name: in.From.Name, Avatar: in.From.Avatar}, SeenAt: in.At,
	})
	if err != nil {
		return Conversation{}, fmt.Errorf("save visitor: %w", err)
	}
	lanes := []Lane{{Endpoint: r.Endpoint, Role: RoleVisitor, Thread: in.Thread, Reads: r.Reads}}
	for _, name := range r.Desk {
		lanes = append(lanes, Lane{Endpoint: name, Role: RoleTeam, Reads: d.routes[name].Reads})
	}
	c, err = tx.OpenConversation(Conversation{
		Kind: Guest, State: d.firstState, Endpoint: r.Endpoint, Visitor: v.ID, OpenedAt: in.At,
	}, lanes)
	if err != nil {
		return Conversation{}, fmt.Errorf("open conversation: %w", err)
	}
	return c, nil
}
