package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Gather makes the lanes those of the colleague conversation; see bridge.Tx. A lane that is left out sends nothing and
// has no thread any more, until it is named again.
func (t *tx) Gather(lanes []bridge.Lane) error {
	var id bridge.ConversationID
	err := t.get(&id, `SELECT id FROM conversations WHERE kind = 'colleagues' ORDER BY id LIMIT 1`)
	switch {
	case errors.Is(err, bridge.ErrNotFound) && len(lanes) == 0:
		return nil
	case errors.Is(err, bridge.ErrNotFound):
		c, err := t.OpenConversation(bridge.Conversation{Kind: bridge.Colleagues}, lanes)
		if err != nil {
			return err
		}
		id = c.ID
	case err != nil:
		return fmt.Errorf("find the colleague conversation: %w", err)
	}
	held, err := t.locked(id)
	if err != nil {
		return err
	}
	if err := t.lanesHaveChanged(id); err != nil {
		return err
	}
	for _, l := range held.lanes {
		if slices.ContainsFunc(lanes, func(named bridge.Lane) bool { return named.Endpoint == l.Endpoint }) {
			continue
		}
		_, err := t.exec(`UPDATE lanes SET reads = TRUE, thread = '', cursor = head, part = 0, intent = '', intent_at = 0,
			epoch = epoch + 1, lease_until = 0 WHERE id = ?`, l.ID)
		if err != nil {
			return fmt.Errorf("leave out a lane: %w", err)
		}
	}
	for _, l := range lanes {
		if err := t.gatherLane(held, l); err != nil {
			return err
		}
	}
	return nil
}

// gatherLane adds the lane, or moves it to its channel. What waited for a channel goes on in the next one, but not what
// was said while the lane was left out.
func (t *tx) gatherLane(held *heldConversation, l bridge.Lane) error {
	n, err := t.exec(`INSERT INTO lanes (conversation, endpoint, role, reads, thread, reopened, cursor, head, part,
			intent, intent_at, attempt, next_at, epoch, lease_until, since)
		VALUES (?, ?, ?, FALSE, ?, 0, ?, ?, 0, '', 0, 0, 0, 0, 0, now_ms()) ON CONFLICT (conversation, endpoint) DO NOTHING`,
		held.id, l.Endpoint, l.Role, l.Thread, held.lastSeq, held.lastSeq)
	if err == nil && n == 0 {
		_, err = t.exec(`UPDATE lanes SET thread = ?, reads = FALSE,
				since = CASE WHEN thread = ? AND since > 0 THEN since ELSE now_ms() END,
				cursor = CASE WHEN reads THEN ? ELSE cursor END, head = CASE WHEN reads THEN ? ELSE head END
			WHERE conversation = ? AND endpoint = ?`, l.Thread, l.Thread, held.lastSeq, held.lastSeq, held.id, l.Endpoint)
	}
	switch {
	case err != nil && t.dialect.isTaken(err):
		return fmt.Errorf("gather a lane: its channel is another conversation's: %w", err)
	case err != nil:
		return fmt.Errorf("gather a lane: %w", err)
	}
	return nil
}

// React notes who has which emoji under which entry; see bridge.Tx.
func (t *tx) React(r bridge.Reaction, has bool) (changed bool, err error) {
	query := `DELETE FROM reactions WHERE conversation = ? AND target = ? AND emoji = ? AND endpoint = ? AND person = ?`
	if has {
		query = `INSERT INTO reactions (conversation, target, emoji, endpoint, person) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	}
	n, err := t.exec(query, r.Conversation, r.Target, r.Emoji, r.Endpoint, r.Person)
	return n > 0, wrap("note a reaction", err)
}

// Unreact notes that nobody at the endpoint has an emoji under the entry any more; see bridge.Tx.
func (t *tx) Unreact(c bridge.ConversationID, target int64, e bridge.EndpointName, emoji string) (had []string, err error) {
	const gone = ` FROM reactions WHERE conversation = ? AND target = ? AND endpoint = ? AND (? = '' OR emoji = ?)`
	if err := t.all(&had, `SELECT DISTINCT emoji`+gone+` ORDER BY emoji`, c, target, e, emoji, emoji); err != nil {
		return nil, wrap("read reactions", err)
	}
	_, err = t.exec(`DELETE`+gone, c, target, e, emoji, emoji)
	return had, wrap("note that reactions are gone", err)
}

// hasReaction reports whether somebody who is not at the endpoint has the entry's emoji under its target.
func (h handle) hasReaction(en bridge.Entry, elsewhere bridge.EndpointName) (has bool, err error) {
	err = h.get(&has, `SELECT EXISTS (SELECT 1 FROM reactions
		WHERE conversation = ? AND target = ? AND emoji = ? AND endpoint <> ?)`, en.Conversation, en.Target, en.Emoji(), elsewhere)
	return has, err
}

// said returns, like a receipt, the message of the endpoint that an entry was said in; none when it was said elsewhere,
// or has been deleted.
func (h handle) said(c bridge.ConversationID, e bridge.EndpointName, seq int64) ([]bridge.Receipt, error) {
	var rows []receiptRow
	err := h.all(&rows, `SELECT e.seq, 0 AS part, e.seq AS version, e.message, 'sent' AS status, '' AS public, e.at FROM entries e
		WHERE e.conversation = ? AND e.seq = ? AND e.endpoint = ? AND e.message <> '' AND NOT EXISTS (SELECT 1 FROM entries d
			WHERE d.conversation = e.conversation AND d.target = e.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')`, c, seq, e)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return []bridge.Receipt{rows[0].receipt()}, nil
}

// rootFor returns the receipts here of the entry that began the chain of answers that ends with en.
func (h handle) rootFor(l bridge.Lane, en bridge.Entry) ([]bridge.Receipt, error) {
	var root int64
	err := h.get(&root, `WITH RECURSIVE chain (seq, target) AS (
			SELECT e.seq, e.target FROM entries e WHERE e.conversation = ? AND e.seq = ?
			UNION ALL
			SELECT e.seq, e.target FROM chain c JOIN entries e ON e.conversation = ? AND e.seq = c.target AND e.seq < c.seq)
		SELECT min(seq) FROM chain`, en.Conversation, en.Target, en.Conversation)
	if err != nil || en.Kind == bridge.Edited && root == en.Target { // what was edited answers nothing
		return nil, err
	}
	var rows []receiptRow
	err = h.all(&rows, `SELECT seq, part, version, message, status, public, at FROM receipts
		WHERE conversation = ? AND endpoint = ? AND seq = ? ORDER BY part`, l.Conversation, l.Endpoint, root)
	if err != nil || len(rows) == 0 {
		if err == nil {
			return h.said(l.Conversation, l.Endpoint, root)
		}
		return nil, err
	}
	receipts := make([]bridge.Receipt, len(rows))
	for i, r := range rows {
		receipts[i] = r.receipt()
	}
	return receipts, nil
}

// maxLinked is how many people one line can mention so that they are called elsewhere.
const maxLinked = 50

// linked finds those people of one endpoint whom another knows as well; see bridge.Delivery.
func (h handle) linked(from bridge.EndpointName, people []string, at bridge.EndpointName) (map[string]bridge.Person, error) {
	people = people[:min(len(people), maxLinked)]
	if len(people) == 0 {
		return nil, nil
	}
	args := []any{at, from}
	for _, id := range people {
		args = append(args, id)
	}
	var rows []struct {
		Known, Person, Name, Avatar string
	}
	err := h.all(&rows, `SELECT f.person AS known, min(t.person) AS person, `+shownName+` AS name, a.avatar
		FROM identities f JOIN identities t ON t.agent = f.agent AND t.endpoint = ? JOIN agents a ON a.id = f.agent
		WHERE f.endpoint = ? AND f.person IN (?`+strings.Repeat(", ?", len(people)-1)+`)
		GROUP BY f.person, a.id`, args...)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bridge.Person, len(rows))
	for _, r := range rows {
		known[r.Known] = bridge.Person{ID: r.Person, Name: r.Name, Avatar: r.Avatar}
	}
	return known, nil
}
