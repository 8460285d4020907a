package bridge

// setState writes a conversation's new state and owner and logs the change. Of changes visitors see only that their
// conversation was closed, or is open again.
func (c *change) setState(conv Conversation, to State, by Speaker, origin Origin) error {
	audience := AgentsOnly
	if (conv.State == StateClosed) != (to == StateClosed) {
		audience = Everyone
	}
	conv.State = to
	if err := c.tx.UpdateConversation(conv); err != nil {
		return err
	}
	return c.write(Entry{
		Conversation: conv.ID, Kind: Changed, Audience: audience, By: by, Origin: origin, State: to, At: now(),
	})
}

// assign makes agent the owner.
func (c *change) assign(conv Conversation, agent Agent, by Speaker, origin Origin) error {
	conv.Owner, conv.OwnerName = agent.ID, agent.Name
	return c.setState(conv, StateAssigned, by, origin)
}
