package bridge

import (
	"fmt"
	"slices"
	"strings"
)

// teamCommands are the words about who is in the team.
func teamCommands() []command {
	return []command{
		{Word: Word{Word: "team", Usage: "!team", Help: "who is in the team", Anywhere: true}, run: commandTeam},
		{
			Word: Word{
				Word: "join", Usage: "!join code", Help: "come into the team, or link this account to yours, with a code",
				Anywhere: true, Anyone: true, Args: []Field{{Name: "code", Label: "Code", Kind: FieldLine}},
			},
			run: commandJoin,
		},
		{Word: Word{Word: "link", Usage: "!link", Help: "a code that links your account on the other platform", Anywhere: true}, run: commandLink},
		{
			Word: Word{
				Word: "invite", Usage: "!invite [agent, admin or revoke]", Help: "a code for a new member; revoke makes unused ones useless",
				Anywhere: true, Least: RankAdmin, Args: []Field{{
					Name: "role", Label: "Role", Kind: FieldChoice, Value: string(RankAgent), Optional: true,
					Choices: []Choice{
						{Value: string(RankAgent), Label: "Agent"},
						{Value: string(RankAdmin), Label: "Admin"},
						{Value: "me", Label: "Me, on the other platform"},
						{Value: "revoke", Label: "Nobody: revoke unused codes"},
					},
				}},
			},
			run: commandInvite,
		},
		{
			Word: Word{
				Word: "role", Usage: "!role @agent agent, admin or owner", Help: "what a member may do", Anywhere: true, Least: RankOwner,
				Args: []Field{agentField("Member"), {
					Name: "role", Label: "Role", Kind: FieldChoice, Choices: []Choice{
						{Value: string(RankAgent), Label: "Agent"}, {Value: string(RankAdmin), Label: "Admin"}, {Value: string(RankOwner), Label: "Owner, in your place"},
					},
				}},
			},
			run: commandRole,
		},
		{
			Word: Word{
				Word: "remove", Usage: "!remove @agent", Help: "take somebody out of the team", Anywhere: true, Least: RankAdmin,
				Args: []Field{agentField("Member")},
			},
			run: commandRemove,
		},
	}
}

func commandTeam(_ *Desk, c *change, a asked) error {
	members, err := staff(c.tx)
	if err != nil {
		return err
	}
	at := now()
	lines := []string{"The team:"}
	for _, m := range members {
		line := fmt.Sprintf("%s, %s, %s", m.Name, m.Rank, m.standing(at))
		if len(m.Languages) > 0 {
			line += ", " + strings.Join(m.Languages, " ")
		}
		if !m.Hours.IsZero() {
			line += ", " + m.Hours.String()
		}
		lines = append(lines, line)
	}
	a.answer.Public = strings.Join(lines, "\n")
	return nil
}

func commandJoin(d *Desk, c *change, a asked) error {
	_, told, err := d.enter(c.tx, a.in.Endpoint, a.in.From, a.field("code"))
	if err != nil {
		return err
	}
	a.answer.Public = told
	c.dutyChanged = true
	return nil
}

// aside answers a word whose answer only the person who asked may read. Written in a thread it is answered with a button.
func (a asked) aside(word, rest, label string) {
	a.answer.Public = "Press to see it: only you will."
	a.answer.Offers = []Offer{{Word: word, Rest: rest, Label: label, Style: OfferPrimary}}
}

func commandLink(_ *Desk, c *change, a asked) error {
	if !a.native {
		a.aside("link", "", "Show my code")
		return nil
	}
	code := newCode()
	if err := c.tx.SaveInvitation(HashOf(code), Invitation{Rank: a.agent.Rank, Agent: a.agent.ID}, IdentityLife); err != nil {
		return err
	}
	a.answer.Public = fmt.Sprintf("Write !join %s in a thread on the other platform, or give join there with this code, within 15 minutes. "+
		"Whoever does is you: keep it to yourself.", code)
	return nil
}

func commandInvite(d *Desk, c *change, a asked) error {
	role := strings.ToLower(a.field("role"))
	switch role {
	case "me":
		return commandLink(d, c, a)
	case "revoke":
		return commandRevoke(c, a)
	case "":
		role = string(RankAgent)
	}
	rank := Rank(role)
	switch {
	case rank != RankAgent && rank != RankAdmin:
		return &Problem{Code: "bad_role", Public: "Nobody was invited: write agent or admin after the word, or nothing."}
	case !a.native:
		a.aside("invite", role, "Show the code")
		return nil
	}
	code := newCode()
	if err := c.tx.SaveInvitation(HashOf(code), Invitation{Rank: rank, By: a.agent.ID}, InvitationLife); err != nil {
		return err
	}
	a.answer.Public = fmt.Sprintf("Give this code to one person: %s\nThey write !join %s in a thread, or give join with it, within 7 days, and are an %s then. "+
		"!invite revoke makes it useless.", code, code, rank)
	return nil
}

func commandRevoke(c *change, a asked) error {
	n, err := c.tx.RevokeInvitations()
	if err != nil {
		return err
	}
	a.answer.Public = fmt.Sprintf("Codes that can no longer be used: %d.", n)
	return nil
}

// lastWord divides what follows a word at its last space.
func lastWord(text string) (before, last string) {
	i := strings.LastIndexByte(text, ' ')
	return strings.TrimSpace(text[:max(i, 0)]), text[i+1:]
}

func commandRole(_ *Desk, c *change, a asked) error {
	name, role := a.fields["agent"], a.fields["role"]
	if a.fields == nil {
		name, role = lastWord(a.rest)
	}
	rank := Rank(strings.ToLower(role))
	if !slices.Contains([]Rank{RankAgent, RankAdmin, RankOwner}, rank) {
		return &Problem{Code: "bad_role", Public: "Nothing was changed: write the member and then agent, admin or owner."}
	}
	m, err := a.named(c.tx, name)
	if err != nil {
		return err
	}
	agent, err := c.standing(m)
	if err != nil {
		return err
	}
	if m.ID == a.agent.ID {
		return &Problem{Code: "own_role", Public: "Nothing was changed: to be the owner no longer, make somebody else the owner."}
	}
	if rank == RankOwner {
		a.agent.Rank = RankAdmin
		if err := c.tx.SaveAgent(a.agent); err != nil {
			return err
		}
	}
	agent.Rank = rank
	a.answer.Public = fmt.Sprintf("%s is %s now.", agent.Name, rank)
	return c.tx.SaveAgent(agent)
}

// standing locks a member and returns them as they are now: a colleague may have removed them since they were found.
func (c *change) standing(m Member) (Agent, error) {
	agent, err := c.tx.Agent(m.ID)
	if err == nil && agent.Removed {
		err = &Problem{Code: "unknown_agent", Public: "Nothing was changed: " + m.Name + " has just been removed from the team."}
	}
	return agent, err
}

func commandRemove(_ *Desk, c *change, a asked) error {
	m, err := a.named(c.tx, a.field("agent"))
	if err != nil {
		return err
	}
	gone, err := c.standing(m)
	if err != nil {
		return err
	}
	if gone.Rank == RankOwner || gone.Rank == RankAdmin && a.agent.Rank != RankOwner {
		return &Problem{Code: "protected", Public: "Nothing was changed: an admin is removed by the owner, and the owner by nobody. See !role."}
	}
	gone.Removed, gone.Leaving, gone.Present, gone.Duty, gone.Rank = true, true, false, false, RankAgent
	a.answer.Public = m.Name + " is out of the team. Open conversations of theirs go to others, or back to Unassigned."
	c.dutyChanged = true
	return c.tx.SaveAgent(gone)
}
