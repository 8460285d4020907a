package bridge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Rank is what a member may do in the team. People read of it as a role.
type Rank string

const (
	RankAgent Rank = "agent"
	RankAdmin Rank = "admin" // also invites and removes
	RankOwner Rank = "owner" // also makes admins; there is one, the first member
)

// AtLeast reports whether r may do what least may. The empty Rank may do nothing, and everybody what is for it.
func (r Rank) AtLeast(least Rank) bool {
	order := []Rank{"", RankAgent, RankAdmin, RankOwner}
	return slices.Index(order, r) >= slices.Index(order, least)
}

// Agent is one team member.
type Agent struct {
	ID           AgentID
	Name         string // what others read: the chosen name, else the platform's
	Avatar       string
	PublicName   string // as they chose it; empty: the platform's stands
	PublicAvatar string
	Rank         Rank
	Languages    []string // BCP 47
	Capacity     int      // how many open conversations are given to them; 0: no limit
	Duty         bool     // what they said last: on or off
	Hours        Hours    // when they can be on duty
	Present      bool     // OnDuty, as it was when it was looked at last
	Leaving      bool     // they went, and their conversations are still to be given away
	Successor    AgentID  // who they turned out to be; 0: nobody else
	Removed      bool
}

// OnDuty reports whether conversations can be given to the agent at that time.
func (a Agent) OnDuty(t time.Time) bool { return !a.Removed && a.Duty && a.Hours.Include(t) }

// Speaks reports whether the agent has the language, whatever the country.
func (a Agent) Speaks(language string) bool {
	base := func(tag string) string { b, _, _ := strings.Cut(strings.ToLower(tag), "-"); return b }
	return slices.ContainsFunc(a.Languages, func(l string) bool { return language != "" && base(l) == base(language) })
}

// Member is an agent among the others.
type Member struct {
	Agent
	Open int            // conversations they own
	At   []EndpointName // where they are known
	Turn int64          // grows with every conversation that is given to them
}

// called is a mention that calls an agent wherever a notice with it is shown and the agent is known.
func called(a Agent) rich.Node {
	return rich.Node{Kind: rich.Mention, Text: a.Name, Info: strconv.FormatInt(int64(a.ID), 10)}
}

// calling logs a notice that begins by calling agents.
func (c *change) calling(conv Conversation, agents []Agent, text string) error {
	var nodes []rich.Node
	for _, a := range agents {
		nodes = append(nodes, called(a), rich.Node{Kind: rich.Text, Text: ", "})
	}
	if len(nodes) == 0 {
		return c.notify(conv, AgentsOnly, text)
	}
	en := notice(conv.ID, AgentsOnly, "")
	en.Body = rich.Doc{{Kind: rich.Paragraph, Children: append(nodes, rich.Node{Kind: rich.Text, Text: text})}}
	return c.write(en)
}

// Team lists the members, for those who show them.
func (d *Desk) Team(ctx context.Context) (members []Member, err error) {
	err = d.ledger.Look(ctx, func(tx Tx) (err error) {
		members, err = staff(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("team: %w", err)
	}
	return members, nil
}

// staff are the members that are still in the team, by name.
func staff(tx Tx) ([]Member, error) {
	members, err := tx.Team(false)
	members = slices.DeleteFunc(members, func(m Member) bool { return m.Removed })
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return members, err
}

// maxSuggested bounds how much of a name is looked at.
const maxNamed = 100

// named finds the member who is meant: mentioned in the line, or by number, by name or by what only their name begins with.
func (a asked) named(tx Tx, text string) (Member, error) {
	members, err := staff(tx)
	if err != nil {
		return Member{}, err
	}
	if !a.native {
		for _, id := range rich.Mentioned(a.in.Body) {
			agent, err := tx.AgentByPerson(a.in.Endpoint, id)
			if i := slices.IndexFunc(members, func(m Member) bool { return m.ID == agent.ID }); err == nil && i >= 0 {
				return members[i], nil
			}
		}
	}
	if agent, err := tx.AgentByPerson(a.in.Endpoint, strings.TrimSpace(text)); a.native && err == nil { // what a mention is there
		if i := slices.IndexFunc(members, func(m Member) bool { return m.ID == agent.ID }); i >= 0 {
			return members[i], nil
		}
	}
	text = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), "@"))
	if text == "me" {
		text = strconv.FormatInt(int64(a.agent.ID), 10)
	}
	if i := slices.IndexFunc(members, func(m Member) bool { return strconv.FormatInt(int64(m.ID), 10) == text }); i >= 0 {
		return members[i], nil // before all names: somebody may be called by another one's number
	}
	var found []Member
	for _, m := range members {
		name := strings.ToLower(m.Name)
		if name == text {
			return m, nil
		}
		if text != "" && len(text) <= maxNamed && strings.HasPrefix(name, text) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Member{}, &Problem{Code: "unknown_agent", Public: "Nothing was changed: nobody in the team is called that. Write !team to see who is."}
	}
	return Member{}, &Problem{Code: "ambiguous_agent", Public: "Nothing was changed: several in the team are called that. Write more of the name."}
}

// agentField asks for a member of the team.
func agentField(label string) Field { return Field{Name: "agent", Label: label, Kind: FieldSearch} }

// suggestAgents lists members whose name fits, those on duty first, with what they have open.
func suggestAgents(_ *Desk, tx Tx, _ Agent, q Query) ([]Choice, error) {
	members, err := staff(tx)
	if err != nil {
		return nil, err
	}
	at := now()
	slices.SortStableFunc(members, func(a, b Member) int {
		if away := cmp.Compare(btoi(!a.OnDuty(at)), btoi(!b.OnDuty(at))); away != 0 {
			return away
		}
		return cmp.Compare(a.Open, b.Open)
	})
	var choices []Choice
	text := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(q.Text), "@"))
	for _, m := range members {
		if strings.Contains(strings.ToLower(m.Name), text) {
			choices = append(choices, Choice{Value: strconv.FormatInt(int64(m.ID), 10), Label: m.Name, Detail: m.standing(at)})
		}
	}
	return choices, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// standing says whether the member is on duty, and what they have open.
func (m Member) standing(at time.Time) string {
	text := "off duty"
	if m.OnDuty(at) {
		text = "on duty"
	}
	text += fmt.Sprintf(", %d open", m.Open)
	if m.Capacity > 0 {
		text += fmt.Sprintf(" of %d", m.Capacity)
	}
	return text
}
