package bridge

// assignCommands are the words that give a conversation to somebody else.
func assignCommands() []command {
	return []command{{
		Word: Word{
			Word: "assign", Usage: "!assign @agent", Help: "give the conversation to somebody", Args: []Field{agentField("Who has it from now on")},
		},
		run: commandAssign,
	}}
}

func commandAssign(d *Desk, c *change, a asked) error {
	who := a.field("agent")
	if who == "" {
		return &Problem{Code: "nobody_named", Public: "Nothing was changed: write who has it from now on after the word, such as @ana or ana."}
	}
	m, err := a.named(c.tx, who)
	if err != nil {
		return err
	}
	if a.conv.State == StateAssigned && a.conv.Owner == m.ID {
		return &Problem{Code: "already_theirs", Public: "Nothing was changed: " + m.Name + " owns this conversation already."}
	}
	if a.conv.Owner == a.agent.ID || m.ID != a.agent.ID { // or it is like take
		if err := c.assign(a.conv, m.Agent, a.by, Origin{}); err != nil {
			return err
		}
		if err := c.tx.Turn(m.ID); err != nil {
			return err
		}
		return c.calling(a.conv, []Agent{m.Agent}, a.by.Name+" has given this conversation to you.")
	}
	return commandTake(d, c, a)
}
