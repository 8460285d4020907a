package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Change runs fn in one transaction; see bridge.Ledger. Once fn has begun, the end of ctx does not interrupt it: the
// outcome is always known. An ErrConflict of a method is final for the transaction, even if fn returns nil.
func (s *Store) Change(ctx context.Context, fn func(tx bridge.Tx) error) error {
	return s.writer.write(ctx, whole, func(h handle) error {
		t := &tx{handle: h}
		if err := fn(t); err != nil {
			return err
		}
		return t.lost
	})
}

// tx is one transaction on the log.
type tx struct {
	handle
	held []heldConversation // rarely more than one
	lost error              // set when half of something was written that must not be committed
}

var _ bridge.Tx = (*tx)(nil)

// heldConversation is a conversation whose row this transaction has locked, with its lanes: what Append needs to know.
type heldConversation struct {
	id      bridge.ConversationID
	lastSeq int64
	lanes   []bridge.Lane // ID, Endpoint, Role, Reads: what never changes
}

// laneOf is a row of a conversation with one of its lanes.
type laneOf struct {
	conversationRow
	LaneID       bridge.LaneID       `db:"lane_id"`
	LaneEndpoint bridge.EndpointName `db:"lane_endpoint"`
	LaneRole     bridge.Role         `db:"lane_role"`
	LaneReads    bool                `db:"lane_reads"`
}

const laneOfColumns = `, o.id AS lane_id, o.endpoint AS lane_endpoint, o.role AS lane_role, o.reads AS lane_reads`

// ConversationByThread finds the conversation that has a lane in this thread, and locks it.
func (t *tx) ConversationByThread(e bridge.EndpointName, thread bridge.ThreadRef) (bridge.Conversation, bridge.Role, error) {
	var rows []laneOf
	err := t.all(&rows, `SELECT `+conversationColumns+laneOfColumns+`
		FROM lanes l JOIN conversations c ON c.id = l.conversation JOIN lanes o ON o.conversation = c.id
		WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> ''`+t.dialect.lockRow("c"), e, thread)
	if err != nil {
		return bridge.Conversation{}, "", fmt.Errorf("find the conversation of a thread: %w", err)
	}
	if len(rows) == 0 {
		return bridge.Conversation{}, "", bridge.ErrNotFound
	}
	held := t.hold(rows)
	here := slices.IndexFunc(held.lanes, func(l bridge.Lane) bool { return l.Endpoint == e })
	return rows[0].conversation(), held.lanes[here].Role, nil
}

// hold remembers a locked conversation. What is known of it already is what this transaction itself has written.
func (t *tx) hold(rows []laneOf) *heldConversation {
	id := rows[0].ID
	if i := slices.IndexFunc(t.held, func(h heldConversation) bool { return h.id == id }); i >= 0 {
		return &t.held[i]
	}
	held := heldConversation{id: id, lastSeq: rows[0].LastSeq}
	for _, r := range rows {
		held.lanes = append(held.lanes, bridge.Lane{
			ID: r.LaneID, Conversation: id, Endpoint: r.LaneEndpoint, Role: r.LaneRole, Reads: r.LaneReads,
		})
	}
	t.held = append(t.held, held)
	return &t.held[len(t.held)-1]
}

// locked returns the conversation, after locking it if this transaction has not yet.
func (t *tx) locked(id bridge.ConversationID) (*heldConversation, error) {
	if i := slices.IndexFunc(t.held, func(h heldConversation) bool { return h.id == id }); i >= 0 {
		return &t.held[i], nil
	}
	var rows []laneOf
	err := t.all(&rows, `SELECT `+conversationColumns+laneOfColumns+`
		FROM conversations c JOIN lanes o ON o.conversation = c.id WHERE c.id = ?`+t.dialect.lockRow("c"), id)
	if err != nil {
		return nil, fmt.Errorf("lock a conversation: %w", err)
	}
	if len(rows) == 0 {
		return nil, bridge.ErrNotFound
	}
	return t.hold(rows), nil
}

// OpenConversation writes a conversation and its lanes. A zero OpenedAt is now. A conversation has at least one lane.
func (t *tx) OpenConversation(c bridge.Conversation, lanes []bridge.Lane) (bridge.Conversation, error) {
	if len(lanes) == 0 {
		return bridge.Conversation{}, errors.New("open a conversation: it has no lane")
	}
	var row conversationRow
	err := t.get(&row, `INSERT INTO conversations (kind, state, endpoint, visitor, owner, last_seq, opened_at, updated_at)
		VALUES (?, ?, ?, ?, ?, 0, coalesce(nullif(cast(? AS BIGINT), 0), now_ms()), now_ms()) RETURNING id, opened_at, updated_at`,
		c.Kind, c.State, c.Endpoint, nullable(c.Visitor), c.Owner, milli(c.OpenedAt))
	if err != nil {
		return bridge.Conversation{}, fmt.Errorf("open a conversation: %w", err)
	}
	held := heldConversation{id: row.ID}
	for _, l := range lanes {
		// Two may open the same thread at once: the second waits here for the first, and then has lost.
		err := t.get(&l.ID, `INSERT INTO lanes (conversation, endpoint, role, reads, thread, reopened, cursor, head, part,
			intent, intent_at, attempt, next_at, epoch, lease_until)
			VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, '', 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING id`,
			row.ID, l.Endpoint, l.Role, l.Reads, l.Thread)
		if errors.Is(err, bridge.ErrNotFound) {
			t.lost = bridge.ErrConflict
			return bridge.Conversation{}, bridge.ErrConflict
		}
		if err != nil {
			return bridge.Conversation{}, fmt.Errorf("open a lane: %w", err)
		}
		l.Conversation = row.ID
		held.lanes = append(held.lanes, l)
	}
	t.held = append(t.held, held)
	c.ID, c.LastSeq, c.OpenedAt, c.UpdatedAt = row.ID, 0, moment(row.OpenedAt), moment(row.UpdatedAt)
	return c, nil
}

// UpdateConversation writes State and Owner.
func (t *tx) UpdateConversation(c bridge.Conversation) error {
	if _, err := t.locked(c.ID); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE conversations SET state = ?, owner = ?, updated_at = now_ms() WHERE id = ?`,
		c.State, c.Owner, c.ID)
	if err != nil {
		return fmt.Errorf("update a conversation: %w", err)
	}
	return nil
}

// Append gives the entry its Seq and writes it; see bridge.Tx. An entry without an audience is refused.
func (t *tx) Append(en bridge.Entry) (bridge.Entry, error) {
	if en.Audience == "" {
		return bridge.Entry{}, errors.New("append an entry: it has no audience")
	}
	held, err := t.locked(en.Conversation)
	if err != nil {
		return bridge.Entry{}, err
	}
	en.Seq = held.lastSeq + 1
	if err := t.writeEntry(en, held.lanes); err != nil {
		return bridge.Entry{}, err
	}
	held.lastSeq = en.Seq
	return en, t.fileEntry(en)
}
