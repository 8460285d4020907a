package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// List is how the four lists stand, and what is in one of them or in all that are open.
type List struct {
	Of    State     // which list Rows are from; "": whatever is open
	Mine  bool      // only what the agent owns
	All   []Tally   // All (assigned), Unassigned, Robot, History (closed), in this order
	Rows  []Listed  // the agent's own first, then the longest waiting; of History the latest
	More  bool      // there are more than Rows
	Asked time.Time // when all of this was so
}

// Tally is how one of the four lists stands.
type Tally struct {
	State         State
	Conversations int       // of History no more than MaxTally
	Waiting       int       // in which the visitor waits for an answer
	Longest       time.Time // since when the first of these does
}

// MaxTally is where counting History ends: so many or more.
const MaxTally = 1000

// Listed is a conversation in one of the four lists.
type Listed struct {
	Conversation Conversation
	Visitor      string                     // their name; may be empty
	Mine         bool                       // the agent who asks owns it
	Threads      map[EndpointName]ThreadRef // where agents have it
	Links        map[EndpointName]string    // addresses of threads, as far as they are known
}

// ListQuery says which guest conversations to list.
type ListQuery struct {
	States         []State   // none: those that are not closed; StateClosed alone or not at all
	Owner          AgentID   // 0: whoever it is
	Visitor        VisitorID // not 0: all of this visitor's, in whatever state
	LongestWaiting bool      // those first, then the latest used; else the latest used first
	Limit          int
}

// ListName is what people call the list of a state.
func (s State) ListName() string {
	switch s {
	case StateAssigned:
		return "All"
	case StateUnassigned:
		return "Unassigned"
	case StateRobot:
		return "Robot"
	case StateClosed:
		return "History"
	default:
		return "Open"
	}
}

// lists are the states of the four lists, in their order.
func lists() []State { return []State{StateAssigned, StateUnassigned, StateRobot, StateClosed} }

// tally reads how the four lists stand.
func tally(tx Tx) ([]Tally, error) {
	found, err := tx.Tallies(MaxTally)
	if err != nil {
		return nil, err
	}
	all := make([]Tally, 0, len(lists()))
	for _, s := range lists() {
		t := Tally{State: s}
		for _, f := range found {
			if f.State == s {
				t = f
			}
		}
		all = append(all, t)
	}
	return all, nil
}

// suggestConversations lists the conversations whose visitor or number fits the text, the agent's own first: open ones, or
// for a word that is about closed ones those.
func suggestConversations(_ *Desk, tx Tx, agent Agent, q Query) ([]Choice, error) {
	query := ListQuery{Limit: maxListed}
	if q.Word == "reopen" {
		query.States = []State{StateClosed}
	}
	listed, err := ownFirst(tx, query, agent.ID)
	if err != nil {
		return nil, err
	}
	var choices []Choice
	for _, l := range listed {
		if len(choices) == q.Limit {
			break
		}
		c := l.choice()
		if strings.Contains(strings.ToLower(c.Label), strings.ToLower(strings.TrimSpace(q.Text))) {
			choices = append(choices, c)
		}
	}
	return choices, nil
}

// maxListed bounds how many conversations one list reads.
const maxListed = 200

// ownFirst lists what the query says, before it what of that the agent owns.
func ownFirst(tx Tx, q ListQuery, agent AgentID) ([]Listed, error) {
	others, err := tx.List(q)
	if err != nil || agent == 0 {
		return others, err
	}
	q.Owner = agent
	own, err := tx.List(q)
	if err != nil {
		return nil, err
	}
	for i := range own {
		own[i].Mine = true
	}
	for _, l := range others {
		if l.Conversation.Owner != agent {
			own = append(own, l)
		}
	}
	return own, nil
}

// called is what the conversation is called among others.
func (l Listed) called() string {
	return fmt.Sprintf("%s on %s (%d)", nameOr(l.Visitor), l.Conversation.Endpoint, l.Conversation.ID)
}

func nameOr(visitor string) string {
	if visitor == "" {
		return "A visitor"
	}
	return visitor
}

func (l Listed) choice() Choice {
	return Choice{
		Value: strconv.FormatInt(int64(l.Conversation.ID), 10),
		Label: l.called(), Detail: l.Conversation.OwnerName,
	}
}

func parseConversation(s string) (ConversationID, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return ConversationID(id), err == nil && id > 0
}
