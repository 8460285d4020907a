package store

import (
	"fmt"
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Conversation finds a conversation by its number, and locks it.
func (t *tx) Conversation(id bridge.ConversationID) (bridge.Conversation, error) {
	rows, err := t.lock(`SELECT `+conversationColumns+laneOfColumns+`
		FROM conversations c JOIN lanes o ON o.conversation = c.id WHERE c.id = ?`+t.dialect.lockRow("c"), id)
	if err != nil {
		return bridge.Conversation{}, fmt.Errorf("find a conversation: %w", err)
	}
	if len(rows) == 0 {
		return bridge.Conversation{}, bridge.ErrNotFound
	}
	t.hold(rows)
	return rows[0].conversation(), nil
}

// Unowned lists Unassigned conversations that nobody has put back there; see bridge.Tx.
func (t *tx) Unowned(limit int) (ids []bridge.ConversationID, err error) {
	err = t.all(&ids, `SELECT c.id FROM conversations c WHERE c.state = 'unassigned' AND c.kind = 'guest' AND c.last_seq > 0 AND c.joined = 0
			AND coalesce((SELECT e.by_kind FROM entries e WHERE e.conversation = c.id AND e.kind = 'state'
				ORDER BY e.seq DESC LIMIT 1), 'system') <> 'agent'
		ORDER BY c.opened_at, c.id LIMIT ?`, limit)
	return ids, wrap("list conversations without an owner", err)
}

type listedRow struct {
	conversationRow
	Profile string
}

// List lists guest conversations, the latest used first; see bridge.Tx.
func (t *tx) List(q bridge.ListQuery) ([]bridge.Listed, error) {
	states := q.States
	if len(states) == 0 {
		states = []bridge.State{bridge.StateRobot, bridge.StateUnassigned, bridge.StateAssigned}
	}
	where, args := `c.state = 'closed'`, []any{}
	if !slices.Equal(states, []bridge.State{bridge.StateClosed}) {
		var marks string
		marks, args = list(states)
		where = `c.state <> 'closed' AND c.state IN (` + marks + `)`
	}
	if q.Visitor != 0 {
		where, args = `c.visitor = ?`, []any{q.Visitor}
	}
	order := `c.updated_at DESC, c.id DESC`
	if q.LongestWaiting {
		order = `c.waiting_since = 0, c.waiting_since, ` + order
	}
	args = append(args, q.Owner, q.Owner, q.Limit)
	var rows []listedRow
	err := t.all(&rows, `SELECT `+conversationColumns+`, v.profile FROM conversations c JOIN visitors v ON v.id = c.visitor
		WHERE c.kind = 'guest' AND `+where+` AND (cast(? AS BIGINT) = 0 OR c.owner = ?) ORDER BY `+order+` LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	listed := make([]bridge.Listed, len(rows))
	for i, r := range rows {
		var profile bridge.Profile
		if err := decode(r.Profile, &profile); err != nil {
			return nil, fmt.Errorf("list conversations: profile: %w", err)
		}
		listed[i] = bridge.Listed{Conversation: r.conversation(), Visitor: profile.Name, Threads: map[bridge.EndpointName]bridge.ThreadRef{}}
	}
	found := make([]*bridge.Listed, len(listed))
	for i := range listed {
		found[i] = &listed[i]
	}
	return listed, t.findThreads(found)
}

// Tallies counts guest conversations by state; see bridge.Tx.
func (t *tx) Tallies(most int) ([]bridge.Tally, error) { return t.tallies(most) }

func (h handle) tallies(most int) ([]bridge.Tally, error) {
	var rows []struct {
		State         bridge.State
		Conversations int
		Waiting       int
		Longest       int64
	}
	err := h.all(&rows, `SELECT c.state, count(*) AS conversations, count(nullif(c.waiting_since, 0)) AS waiting,
			coalesce(min(nullif(c.waiting_since, 0)), 0) AS longest
		FROM conversations c WHERE c.state <> 'closed' AND c.state IN ('robot', 'unassigned', 'assigned') GROUP BY c.state
		UNION ALL
		SELECT 'closed', count(*), 0, 0 FROM (SELECT 1 FROM conversations c WHERE c.state = 'closed' LIMIT ?) AS closed`, most)
	tallies := make([]bridge.Tally, len(rows))
	for i, r := range rows {
		tallies[i] = bridge.Tally{State: r.State, Conversations: r.Conversations, Waiting: r.Waiting, Longest: moment(r.Longest)}
	}
	return tallies, wrap("count conversations", err)
}

// findThreads fills in where agents have the conversations.
func (h handle) findThreads(listed []*bridge.Listed) error {
	if len(listed) == 0 {
		return nil
	}
	at := map[bridge.ConversationID]int{}
	var ids []bridge.ConversationID
	for i, l := range listed {
		at[l.Conversation.ID] = i
		ids = append(ids, l.Conversation.ID)
	}
	marks, args := list(ids)
	var rows []struct {
		Conversation bridge.ConversationID
		Endpoint     bridge.EndpointName
		Thread       bridge.ThreadRef
	}
	err := h.all(&rows, `SELECT conversation, endpoint, thread FROM lanes
		WHERE role = 'team' AND thread <> '' AND conversation IN (`+marks+`)`, args...)
	for _, r := range rows {
		listed[at[r.Conversation]].Threads[r.Endpoint] = r.Thread
	}
	return wrap("list conversations' threads", err)
}
