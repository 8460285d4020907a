package bridge

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

func listCommands() []command {
	return []command{{
		Word: Word{
			Word: "list", Usage: "!list [all|unassigned|robot|history] [mine]", Anywhere: true,
			Help: "show what is open, or one of the four lists",
			Args: []Field{
				{Name: "list", Label: "List", Kind: FieldChoice, Optional: true, Choices: []Choice{
					{Value: "all", Label: "All", Detail: "assigned to somebody"},
					{Value: "unassigned", Label: "Unassigned"},
					{Value: "robot", Label: "Robot"},
					{Value: "history", Label: "History", Detail: "closed"},
				}},
				{Name: "whose", Label: "Whose", Kind: FieldChoice, Optional: true, Choices: []Choice{
					{Value: "mine", Label: "Mine"}, {Value: "everybody's", Label: "Everybody's"},
				}},
			},
		},
		run: commandList,
	}}
}

// maxRows is how many conversations an answer lists.
const maxRows = 30

func commandList(d *Desk, c *change, a asked) error {
	l := List{}
	for _, word := range strings.Fields(strings.ToLower(a.rest + " " + a.fields["list"] + " " + a.fields["whose"])) {
		switch of, known := listStates()[word]; {
		case known:
			l.Of = of
		case word == "mine":
			l.Mine = true
		case word != "everybody's":
			return &Problem{Code: "no_list", Public: "There is no list of this name. Write !list, or !list all, unassigned, robot or history, and mine after it for your own."}
		}
	}
	l, err := d.list(c.tx, l, a.agent.ID)
	if err != nil {
		return err
	}
	shown := l
	shown.Rows = slices.Clone(l.Rows)
	a.answer.List, a.answer.Rich = &shown, l.words(a.in.Endpoint)
	for i := range l.Rows {
		l.Rows[i].Links = nil
	}
	a.answer.Public = rich.Plain(l.words(""))
	return nil
}

func listStates() map[string]State {
	return map[string]State{"all": StateAssigned, "unassigned": StateUnassigned, "robot": StateRobot, "history": StateClosed}
}

// Lists implements Sink.
func (d *Desk) Lists(ctx context.Context, from EndpointName) (l List, err error) {
	if r, known := d.routes[from]; !known || r.Role != RoleTeam {
		return List{}, fmt.Errorf("lists: endpoint %q has no agents", from)
	}
	err = d.ledger.Change(ctx, func(tx Tx) error {
		l, err = d.list(tx, List{}, 0)
		return err
	})
	if err != nil {
		return List{}, fmt.Errorf("lists: %w", err)
	}
	return l, nil
}

// list completes a list as the agent sees it; 0: as anybody does.
func (d *Desk) list(tx Tx, l List, agent AgentID) (List, error) {
	var err error
	if l.All, err = tally(tx); err != nil {
		return List{}, err
	}
	q := ListQuery{LongestWaiting: l.Of != StateClosed, Limit: maxRows + 1}
	if l.Of != "" {
		q.States = []State{l.Of}
	}
	if l.Mine {
		q.Owner = agent
	}
	if l.Of == StateClosed {
		l.Rows, err = tx.List(q)
	} else {
		l.Rows, err = ownFirst(tx, q, agent)
	}
	if err != nil {
		return List{}, err
	}
	l.More, l.Asked = len(l.Rows) > maxRows, now()
	l.Rows = l.Rows[:min(len(l.Rows), maxRows)]
	for i := range l.Rows {
		l.Rows[i].Mine = agent != 0 && l.Rows[i].Conversation.Owner == agent
		l.Rows[i].Links = d.LinksTo(l.Rows[i].Threads)
	}
	return l, nil
}

// Tallies tells how the four lists stand, in their order.
func (d *Desk) Tallies(ctx context.Context) (all []Tally, err error) {
	err = d.ledger.Look(ctx, func(tx Tx) error {
		all, err = tally(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tallies: %w", err)
	}
	return all, nil
}

// LinksTo are the addresses of threads, as far as they are known.
func (d *Desk) LinksTo(threads map[EndpointName]ThreadRef) map[EndpointName]string {
	links := map[EndpointName]string{}
	for e, t := range threads {
		if url, ok := rich.SafeURL(d.link(e, t)); ok {
			links[e] = url
		}
	}
	return links
}

// words is the list as it is read in a line. Links lead to where it is read, if the conversation is there.
func (l List) words(at EndpointName) rich.Doc {
	counts := make([]string, len(l.All))
	for i, t := range l.All {
		counts[i] = fmt.Sprintf("%s: %d", t.State.ListName(), t.Conversations)
		switch {
		case t.Conversations == MaxTally && t.State == StateClosed:
			counts[i] += " or more"
		case !t.Longest.IsZero():
			counts[i] += fmt.Sprintf(" (%d waiting, the longest for %s)", t.Waiting, spell(l.Asked.Sub(t.Longest)))
		}
	}
	head := l.Of.ListName()
	if l.Mine {
		head += ", yours"
	}
	doc := rich.Doc{
		{Kind: rich.Paragraph, Children: []rich.Node{text(strings.Join(counts, " · "))}},
		{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Bold, Children: []rich.Node{text(head)}}}},
	}
	if len(l.Rows) == 0 {
		doc[1].Children = append(doc[1].Children, text(": nothing is here."))
		return doc
	}
	rows := rich.Node{Kind: rich.List}
	for _, r := range l.Rows {
		rows.Children = append(rows.Children, rich.Node{
			Kind: rich.Item, Children: []rich.Node{{Kind: rich.Paragraph, Children: r.words(at, l.Asked)}},
		})
	}
	doc = append(doc, rows)
	if l.More {
		doc = append(doc, rich.Of("There are more.")...)
	}
	return doc
}

func (l Listed) words(at EndpointName, asked time.Time) []rich.Node {
	nodes := []rich.Node{text(l.called())}
	if url := l.Links[at]; url != "" {
		nodes[0] = linked(l.called(), url)
	}
	switch c := l.Conversation; {
	case l.Mine:
		nodes = append(nodes, text(" · yours"))
	case c.OwnerName != "":
		nodes = append(nodes, text(" · "+c.OwnerName))
	default:
		nodes = append(nodes, text(" · "+c.State.ListName()))
	}
	if since := l.Conversation.WaitingSince; !since.IsZero() {
		nodes = append(nodes, text(" · waiting for "+spell(asked.Sub(since))))
	} else {
		nodes = append(nodes, text(" · last written in "+spell(asked.Sub(l.Conversation.UpdatedAt))+" ago"))
	}
	for _, e := range slices.Sorted(maps.Keys(l.Links)) {
		if e != at {
			nodes = append(nodes, text(" · "), linked(string(e), l.Links[e]))
		}
	}
	return nodes
}

func text(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }

func linked(label, url string) rich.Node {
	return rich.Node{Kind: rich.Link, URL: url, Children: []rich.Node{text(label)}}
}

// spell is a duration as people say it.
func spell(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.of); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return strconv.Itoa(n) + " " + unit.name + "s"
		}
	}
	return "less than a minute"
}
