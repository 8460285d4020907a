package workbench

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Lists reads lists of conversations.
type Lists interface {
	// Conversations returns a page of a list.
	Conversations(ctx context.Context, q bridge.ConversationQuery) (bridge.ConversationPage, error)
}

// filter is what a list is narrowed to, as its address says it.
type filter struct {
	State    bridge.State // one of the four lists
	Kind     bridge.ConversationKind
	Owner    string // "me", a number, or ""
	Endpoint bridge.EndpointName
	Tag      string
	Language string
	From, To string // days, as 2026-11-26
	After    bridge.ConversationPlace
}

const pageOfList = 50

// listed is what the page of lists shows.
type listed struct {
	filter   filter
	tallies  []bridge.Tally
	page     bridge.ConversationPage
	members  []bridge.Member
	websites []bridge.EndpointName
	now      time.Time
}

func (b *Workbench) lists(v *visit) (content, error) {
	f, err := readFilter(v.URL.Query())
	if err != nil {
		return content{}, err
	}
	shown := listed{filter: f, now: v.now, websites: b.cfg.Visitors}
	if shown.tallies, err = b.cfg.Desk.Tallies(v.Context()); err != nil {
		return content{}, err
	}
	if shown.members, err = b.cfg.Desk.Team(v.Context()); err != nil {
		return content{}, err
	}
	shown.page, err = b.cfg.Lists.Conversations(v.Context(), f.query(v.agent.ID))
	if err != nil {
		return content{}, err
	}
	for i := range shown.page.Rows {
		row := &shown.page.Rows[i]
		row.Mine = row.Conversation.Owner == v.agent.ID
		row.Links = b.cfg.Desk.LinksTo(row.Threads)
	}
	title := f.State.ListName()
	if f.Kind == bridge.Colleagues {
		title = "Colleagues"
	}
	return content{title: title, body: listsPage(v, shown)}, nil
}

var errAddress = &bridge.Problem{Code: "address", Public: "This address is not one of a list. Choose a list above."}

// readFilter reads an address. What no list can be narrowed to is a *bridge.Problem.
func readFilter(q url.Values) (filter, error) {
	f := filter{
		State: bridge.StateUnassigned, Kind: bridge.Guest, Owner: q.Get("owner"), Endpoint: bridge.EndpointName(q.Get("endpoint")),
		Tag: q.Get("tag"), Language: q.Get("language"), From: q.Get("from"), To: q.Get("to"),
	}
	if q.Get("kind") == string(bridge.Colleagues) {
		f.Kind, f.State = bridge.Colleagues, ""
	} else if name := q.Get("list"); name != "" {
		state, known := listNames()[name]
		if !known {
			return f, errAddress
		}
		f.State = state
	}
	if f.Owner != "" && f.Owner != "me" && f.Owner != "nobody" {
		if _, err := strconv.ParseInt(f.Owner, 10, 64); err != nil {
			return f, errAddress
		}
	}
	var err error
	if f.After, err = bridge.ParseConversationPlace(q.Get("after")); err != nil {
		return f, errAddress
	}
	for _, day := range []string{f.From, f.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return f, &bridge.Problem{Code: "day", Public: "A day is written like 2026-11-26."}
		}
	}
	return f, nil
}

// listNames are the four lists as addresses name them.
func listNames() map[string]bridge.State {
	return map[string]bridge.State{
		"all": bridge.StateAssigned, "unassigned": bridge.StateUnassigned, "robot": bridge.StateRobot, "history": bridge.StateClosed,
	}
}

func (f filter) query(me bridge.AgentID) bridge.ConversationQuery {
	q := bridge.ConversationQuery{
		Kind: f.Kind, Endpoint: f.Endpoint, Tag: f.Tag, Language: f.Language, After: f.After, Limit: pageOfList,
		LongestWaiting: f.Kind == bridge.Guest && f.State != bridge.StateClosed,
	}
	if f.State != "" {
		q.States = []bridge.State{f.State}
	}
	switch f.Owner {
	case "":
	case "me":
		q.Owner = me
	case "nobody":
		q.Unowned = true
	default:
		id, _ := strconv.ParseInt(f.Owner, 10, 64) // readFilter has seen that it is a number
		q.Owner = bridge.AgentID(id)
	}
	if day, err := time.Parse(time.DateOnly, f.From); err == nil {
		q.UpdatedFrom = day
	}
	if day, err := time.Parse(time.DateOnly, f.To); err == nil {
		q.UpdatedTo = day.AddDate(0, 0, 1)
	}
	return q
}

// address is the page of the list, as it is or as change makes it. A list begins at its beginning.
func (f filter) address(change ...func(*filter)) string {
	f.After = bridge.ConversationPlace{}
	for _, c := range change {
		c(&f)
	}
	return Base + "/conversations?" + f.values().Encode()
}

// values is the filter as readFilter reads it.
func (f filter) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Kind == bridge.Colleagues {
		q.Set("kind", string(bridge.Colleagues))
	} else {
		for name, state := range listNames() {
			if state == f.State {
				q.Set("list", name)
			}
		}
	}
	set("owner", f.Owner)
	set("endpoint", string(f.Endpoint))
	set("tag", f.Tag)
	set("language", f.Language)
	set("from", f.From)
	set("to", f.To)
	set("after", f.After.String())
	return q
}

// of is the same list of another state.
func (f filter) of(s bridge.State) string {
	return f.address(func(f *filter) { f.Kind, f.State = bridge.Guest, s })
}

// narrowed reports whether anything but the list is chosen.
func (f filter) narrowed() bool {
	return f.Owner != "" || f.Endpoint != "" || f.Tag != "" || f.Language != "" || f.From != "" || f.To != ""
}
