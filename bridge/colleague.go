package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge/rich"
)

// A colleague conversation is the shared channels of several team endpoints, as one log. Each channel is a lane whose
// thread is the channel itself: it needs no card. Whatever is said there has the audience AgentsOnly, no lane of it is a
// visitor's, and nothing in it is a note or a command: "!close" among colleagues is a word.

// Gather makes the shared channels of the adapters one conversation, from now on. It is to be called before anything
// runs and may be called again, also by several instances: a channel that has been configured anew takes the place of
// the one before, and an endpoint that is no longer named is left out.
func (d *Desk) Gather(ctx context.Context, adapters []Adapter) error {
	var lanes []Lane
	for _, a := range adapters {
		commons, ok := a.(Commons)
		if !ok || commons.Commons() == "" || a.Abilities().Role != RoleTeam {
			return fmt.Errorf("gather colleagues: endpoint %q has no shared channel", a.Name())
		}
		lanes = append(lanes, Lane{Endpoint: a.Name(), Role: RoleTeam, Thread: commons.Commons()})
	}
	gather := func() error {
		return d.ledger.Change(ctx, func(tx Tx) error { return tx.Gather(lanes) })
	}
	err := gather()
	if errors.Is(err, ErrConflict) { // another instance opened the conversation first
		err = gather()
	}
	if err != nil {
		return fmt.Errorf("gather colleagues: %w", err)
	}
	return nil
}

// takeColleague logs what somebody said in a shared channel. Whoever may write there is a colleague; nobody becomes a
// member of the team by it.
func (d *Desk) takeColleague(c *change, conv Conversation, in Inbound) error {
	if rich.IsEmpty(in.Body) && len(c.files) == 0 {
		return nil
	}
	target, err := referred(c.tx, conv.ID, in)
	if err != nil {
		return err
	}
	by, err := colleague(c.tx, in)
	if err != nil {
		return err
	}
	en := said(conv, in, by, c.files, target)
	en.Audience = AgentsOnly
	return c.write(en)
}

// takeReaction logs that somebody in a shared channel has an emoji under a line, or no longer has it. Visitors are not
// told of reactions.
func (d *Desk) takeReaction(c *change, in Inbound) error {
	conv, _, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) || err == nil && (conv.Kind != Colleagues || in.Emoji == "" && !in.clears()) {
		return nil
	}
	if err != nil {
		return err
	}
	target, err := referred(c.tx, conv.ID, in)
	if err != nil || target == 0 {
		return err
	}
	if in.clears() {
		return c.clearReactions(conv, target, in)
	}
	kind := Unreacted
	if in.Kind == InReacted {
		kind = Reacted
	}
	changed, err := c.tx.React(Reaction{
		Conversation: conv.ID, Target: target, Emoji: in.Emoji, Endpoint: in.Endpoint, Person: in.From.ID,
	}, kind == Reacted)
	if err != nil || !changed {
		return err
	}
	by, err := colleague(c.tx, in)
	if err != nil {
		return err
	}
	return c.write(Entry{
		Conversation: conv.ID, Kind: kind, Audience: AgentsOnly, By: by, Target: target,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key}, Body: emojiBody(in.Emoji), At: in.At,
	})
}

// clears reports whether somebody took away what others had put under a line.
func (in Inbound) clears() bool { return in.Kind == InUnreacted && in.From.ID == "" }

// clearReactions logs that nobody at the endpoint has the emoji, or any, under a line any more.
func (c *change) clearReactions(conv Conversation, target int64, in Inbound) error {
	had, err := c.tx.Unreact(conv.ID, target, in.Endpoint, in.Emoji)
	if err != nil {
		return err
	}
	for _, emoji := range had {
		err := c.write(Entry{
			Conversation: conv.ID, Kind: Unreacted, Audience: AgentsOnly, By: Speaker{Kind: BySystem, Name: "Skein"}, Target: target,
			Origin: Origin{Endpoint: in.Endpoint, Key: in.Key + "/" + emoji}, Body: emojiBody(emoji), At: in.At,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// emojiBody is the Body of a reaction; see Entry.Emoji.
func emojiBody(emoji string) rich.Doc {
	return rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: emoji}}}}
}

// colleague is who speaks in a shared channel: the member of the team, or else the person as the platform names them.
func colleague(tx Tx, in Inbound) (Speaker, error) {
	agent, err := tx.AgentByPerson(in.Endpoint, in.From.ID)
	if errors.Is(err, ErrNotFound) {
		return Speaker{Kind: ByAgent, Name: in.From.Name, Avatar: in.From.Avatar}, nil
	}
	if err != nil {
		return Speaker{}, err
	}
	return agentSpeaking(agent), nil
}
