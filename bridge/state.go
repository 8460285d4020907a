package bridge

// setState writes a conversation's new state and owner and logs the change. Visitors see only that a conversation
// was closed.
func (c *change) setState(conv Conversation, by Speaker, origin Origin) error {
	if err := c.tx.UpdateConversation(conv); err != nil {
		return err
	}
	audience := AgentsOnly
	if conv.State == StateClosed {
		audience = Everyone
	}
	return c.write(Entry{
		Conversation: conv.ID, Kind: Changed, Audience: audience, By: by, Origin: origin, State: conv.State, At: now(),
	})
}

// assign makes agent the owner.
func (c *change) assign(conv Conversation, agent Agent, by Speaker, origin Origin) error {
	conv.State, conv.Owner, conv.OwnerName = StateAssigned, agent.ID, agent.Name
	return c.setState(conv, by, origin)
}
