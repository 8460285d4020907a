package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// SaveLink keeps a link by its token's hash for as long as life, and forgets those that have expired; see bridge.Tx.
func (t *tx) SaveLink(hash string, l bridge.Link, life time.Duration) error {
	if _, err := t.exec(`DELETE FROM links WHERE expires_at <= now_ms()`); err != nil {
		return wrap("forget expired links", err)
	}
	_, err := t.exec(`INSERT INTO links (hash, endpoint, thread, person, target, expires_at) VALUES (?, ?, ?, ?, ?, now_ms() + ?)`,
		hash, l.Endpoint, l.Thread, l.Person, l.To, life.Milliseconds())
	return wrap("save a link", err)
}

// TakeLink returns the link with this hash and forgets it; see bridge.Tx.
func (t *tx) TakeLink(hash string, to bridge.EndpointName) (bridge.Link, error) {
	l := bridge.Link{To: to}
	var row struct {
		Endpoint bridge.EndpointName
		Thread   bridge.ThreadRef
		Person   string
	}
	err := t.get(&row, `DELETE FROM links WHERE hash = ? AND target = ? AND expires_at > now_ms() RETURNING endpoint, thread, person`, hash, to)
	l.Endpoint, l.Thread, l.Person = row.Endpoint, row.Thread, row.Person
	return l, wrap("take a link", err)
}

// LeaveThread takes the thread from its lane, which gets nothing more; see bridge.Tx. To be a lane that reads, and has
// no thread, is what nothing is ever sent to.
func (t *tx) LeaveThread(e bridge.EndpointName, thread bridge.ThreadRef) (bridge.Left, error) {
	var c bridge.ConversationID
	const here = ` WHERE endpoint = ? AND thread = ? AND thread <> ''`
	if err := t.get(&c, `SELECT conversation FROM lanes`+here, e, thread); err != nil {
		return bridge.Left{}, wrap("leave a thread", err)
	}
	if err := t.lanesHaveChanged(c); err != nil {
		return bridge.Left{}, err
	}
	left, err := t.left(c, e)
	if err != nil {
		return left, err
	}
	_, err = t.exec(`UPDATE lanes SET thread = '', reads = ?, cursor = head, part = 0, intent = '', intent_at = 0,
		epoch = epoch + 1, lease_until = 0`+here, true, e, thread)
	if err != nil {
		return left, wrap("leave a thread", err)
	}
	for i := range t.held {
		for j := range t.held[i].lanes {
			if l := &t.held[i].lanes[j]; t.held[i].id == c && l.Endpoint == e {
				l.Reads = true
			}
		}
	}
	return left, nil
}

// left is what the lane that has a thread at the endpoint has not come to; ErrNotFound when there is no such lane.
func (t *tx) left(c bridge.ConversationID, e bridge.EndpointName) (left bridge.Left, err error) {
	err = t.get(&left, `SELECT cursor, head FROM lanes WHERE conversation = ? AND endpoint = ? AND thread <> ''`, c, e)
	if err != nil {
		return left, wrap("leave a thread", err)
	}
	var rows []entryRow
	err = t.all(&rows, `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.seq > ? AND e.seq <= ?
		AND e.kind = 'deleted' AND e.audience = ? AND e.by_kind = 'agent' AND e.endpoint <> ? ORDER BY e.seq`,
		c, left.Cursor, left.Head, bridge.Everyone, e)
	if err != nil {
		return left, wrap("read recalls under way", err)
	}
	left.Recalls, err = entriesOf(rows)
	return left, wrap("read recalls under way", err)
}

// JoinThread makes the thread that of the conversation's lane at the endpoint, from the log's end on; see bridge.Tx.
func (t *tx) JoinThread(c bridge.ConversationID, e bridge.EndpointName, thread bridge.ThreadRef) (instead bool, left bridge.Left, err error) {
	held, err := t.locked(c)
	if err != nil {
		return false, left, err
	}
	left, err = t.left(c, e)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return false, left, fmt.Errorf("join a thread: %w", err)
	}
	return err == nil, left, t.joinThread(held, e, thread)
}

func (t *tx) joinThread(held *heldConversation, e bridge.EndpointName, thread bridge.ThreadRef) error {
	c := held.id
	lane := bridge.Lane{Conversation: c, Endpoint: e, Role: bridge.RoleVisitor}
	err := t.get(&lane.ID, `INSERT INTO lanes (conversation, endpoint, role, reads, thread, reopened, cursor, head, part,
			intent, intent_at, attempt, next_at, epoch, lease_until)
		VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0, '', 0, 0, 0, 0, 0)
		ON CONFLICT (conversation, endpoint) DO UPDATE SET reads = excluded.reads, thread = excluded.thread, cursor = excluded.cursor,
			head = excluded.head, part = 0, intent = '', intent_at = 0, attempt = 0, epoch = lanes.epoch + 1, lease_until = 0
		RETURNING id`, c, e, lane.Role, false, thread, held.lastSeq, held.lastSeq)
	switch {
	case err != nil && t.dialect.isTaken(err):
		t.lost = bridge.ErrConflict
		return bridge.ErrConflict
	case err != nil:
		return fmt.Errorf("join a thread: %w", err)
	}
	if err := t.lanesHaveChanged(c); err != nil {
		return err
	}
	if i := slices.IndexFunc(held.lanes, func(l bridge.Lane) bool { return l.Endpoint == e }); i >= 0 {
		held.lanes[i] = lane
	} else {
		held.lanes = append(held.lanes, lane)
	}
	return nil
}
