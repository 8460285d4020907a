package store

import (
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// narrow finds conversations, as a query of their numbers, among which all that q asks for are, if an index tells that there
// are few enough to look at each.
func (h handle) narrow(q bridge.ConversationQuery) (query string, args []any, ok bool, err error) {
	for _, s := range selections(q) {
		var n int
		err := h.get(&n, `SELECT count(*) FROM (SELECT 1 FROM (`+s.query+`) AS few LIMIT ?) AS counted`, append(slices.Clip(s.args), maxNarrow+1)...)
		if err != nil {
			return "", nil, false, err
		}
		if n <= maxNarrow {
			return s.query, s.args, true, nil
		}
	}
	return "", nil, false, nil
}

type selection struct {
	query string
	args  []any
}

// selections are queries by an index that find all that q asks for, and more.
func selections(q bridge.ConversationQuery) (all []selection) {
	add := func(query string, args ...any) { all = append(all, selection{query, args}) }
	if q.Kind == bridge.Colleagues {
		add(`SELECT c.id FROM conversations c WHERE c.kind = 'colleagues'`)
	}
	if q.Visitor != 0 {
		add(`SELECT c.id FROM conversations c WHERE c.visitor = ?`, q.Visitor)
	}
	if q.Tag != "" {
		add(`SELECT t.conversation AS id FROM conversation_tags t WHERE t.tag = ?`, q.Tag)
	}
	if q.Language != "" {
		add(`SELECT c.id FROM visitors s JOIN conversations c ON c.visitor = s.id WHERE s.locale <> '' AND `+spoken+` = ?`, spokenKey(q.Language))
	}
	if q.Owner != 0 && slices.Equal(q.States, []bridge.State{bridge.StateAssigned}) {
		add(`SELECT c.id FROM conversations c WHERE c.state = 'assigned' AND c.owner = ?`, q.Owner)
	}
	if len(q.States) > 0 && !slices.Contains(q.States, bridge.StateClosed) {
		marks, args := list(q.States)
		add(`SELECT c.id FROM conversations c WHERE c.state <> 'closed' AND c.state IN (`+marks+`)`, args...)
	}
	if slices.Equal(q.States, []bridge.State{bridge.StateClosed}) {
		add(`SELECT c.id FROM conversations c WHERE c.state = 'closed'`)
	}
	return all
}

// along is a walk of so many steps from a place on in one order, past conversations of which some may be asked for, as a
// query of their numbers and moments.
func along(q bridge.ConversationQuery, r ranking, place bridge.ConversationPlace, steps int) (query string, args []any) {
	if r.first.Waiting {
		return alongWaiting(q, place, steps)
	}
	t := &terms{}
	if slices.Equal(q.States, []bridge.State{bridge.StateClosed}) {
		t.and(`c.state = 'closed'`)
	}
	from := q.UpdatedFrom
	if q.OpenedFrom.After(from) { // nothing is used before it is opened
		from = q.OpenedFrom
	}
	if !q.UpdatedTo.IsZero() && place.At >= milli(q.UpdatedTo) {
		place.At = milli(q.UpdatedTo)
		place.ID = 0
	}
	t.and(r.place, place.At, place.At, place.ID)
	t.and(`c.updated_at >= ?`, milli(from))
	return `SELECT c.id, c.updated_at AS at FROM conversations c WHERE ` + t.sql.String() + ` ORDER BY c.updated_at DESC, c.id DESC LIMIT ?`,
		append(t.args, steps)
}

// alongWaiting goes along each state's own order: no index has all of them in one.
func alongWaiting(q bridge.ConversationQuery, place bridge.ConversationPlace, steps int) (query string, args []any) {
	query = `SELECT id, at FROM (`
	union := ""
	for _, state := range []bridge.State{bridge.StateRobot, bridge.StateUnassigned, bridge.StateAssigned} {
		if len(q.States) > 0 && !slices.Contains(q.States, state) {
			continue
		}
		query += union + `SELECT * FROM (SELECT c.id, c.waiting_since AS at FROM conversations c
			WHERE c.state <> 'closed' AND c.state = ? AND ` + longestWaiting.place + ` ORDER BY c.waiting_since, c.id LIMIT ?) AS of_state`
		args = append(args, state, place.At, place.At, place.ID, steps)
		union = ` UNION ALL `
	}
	if union == "" { // of what is closed nobody waits
		return `SELECT c.id, c.waiting_since AS at FROM conversations c WHERE c.id = 0`, nil
	}
	return query + `) AS waiting ORDER BY at, id LIMIT ?`, append(args, steps)
}

// findByTags makes a conversation be found by these tags, and by no others.
func (t *tx) findByTags(c bridge.ConversationID, tags []string) error {
	if _, err := t.exec(`DELETE FROM conversation_tags WHERE conversation = ?`, c); err != nil {
		return wrap("forget the tags of a conversation", err)
	}
	for _, tag := range tags {
		_, err := t.exec(`INSERT INTO conversation_tags (tag, conversation) VALUES (?, ?) ON CONFLICT DO NOTHING`, tag, c)
		if err != nil {
			return wrap("note a tag of a conversation", err)
		}
	}
	return nil
}
