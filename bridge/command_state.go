package bridge

import "github.com/skeindesk/skein/bridge/rich"

// stateCommands move a conversation between the four lists.
func stateCommands() []command {
	return []command{
		{Word: Word{Word: "take", Usage: "!take", Help: "make the conversation yours"}, run: commandTake},
		{Word: Word{Word: "unassign", Usage: "!unassign", Help: "put it back to Unassigned"}, run: commandUnassign},
		{
			Word: Word{
				Word: "close", Usage: "!close [words to the visitor]", Help: "move it to History",
				Args: []Field{{Name: "words", Label: "Last words to the visitor", Kind: FieldText, Optional: true}},
			},
			run: commandClose,
		},
		{Word: Word{Word: "reopen", Usage: "!reopen", Help: "take it back from History"}, run: commandReopen},
	}
}

// TakeFree follows the word take on a button that was shown while nobody owned the conversation: whoever presses it does not
// mean to take it away from somebody.
const TakeFree = "free"

func commandTake(_ *Desk, c *change, a asked) error {
	if a.conv.State == StateAssigned && a.conv.Owner == a.agent.ID {
		return &Problem{Code: "already_yours", Public: "This conversation is already yours."}
	}
	if a.conv.State != StateAssigned {
		return c.assign(a.conv, a.agent, a.by, Origin{})
	}
	if a.rest == TakeFree { // of two who press it at once the first one has it
		a.answer.Public = "Nothing was changed: " + a.conv.OwnerName + " took this conversation just before you. Take it over (!take)?"
		a.answer.Offers = []Offer{{Word: "take", Label: "Take over"}}
		return nil
	}
	// Of two who write it at once the later one has it, and the earlier one has to know.
	if err := c.assign(a.conv, a.agent, a.by, Origin{}); err != nil {
		return err
	}
	return c.notify(a.conv, AgentsOnly, a.agent.Name+" has taken this conversation over from "+a.conv.OwnerName+".")
}

func commandUnassign(_ *Desk, c *change, a asked) error {
	if a.conv.State == StateUnassigned {
		return &Problem{Code: "not_assigned", Public: "Nobody owns this conversation."}
	}
	a.conv.Owner, a.conv.OwnerName = 0, ""
	return c.setState(a.conv, StateUnassigned, a.by, Origin{})
}

func commandClose(d *Desk, c *change, a asked) error {
	if a.conv.State == StateClosed {
		return &Problem{Code: "already_closed", Public: "This conversation is already closed."}
	}
	if words := a.field("words"); words != "" {
		if err := c.write(c.spoken(a, rich.Of(words), nil)); err != nil {
			return err
		}
	}
	if err := c.setState(a.conv, StateClosed, a.by, Origin{}); err != nil {
		return err
	}
	return d.askRating(c, a.conv)
}

func commandReopen(_ *Desk, c *change, a asked) error {
	if a.conv.State != StateClosed {
		return &Problem{Code: "not_closed", Public: "This conversation is open."}
	}
	return c.assign(a.conv, a.agent, a.by, Origin{})
}
