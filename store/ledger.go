package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	// The entry comes first, so that one already seen leaves no gap behind.
	if err := t.insertEntry(en); err != nil {
		return bridge.Entry{}, err
	}
	n, err := t.exec(`UPDATE conversations SET last_seq = ?, updated_at = now_ms() WHERE id = ? AND last_seq = ?`,
		en.Seq, en.Conversation, en.Seq-1)
	if err == nil && n != 1 {
		err = errors.New("it was not locked")
	}
	if err != nil {
		return bridge.Entry{}, fmt.Errorf("number an entry: %w", err)
	}
	held.lastSeq = en.Seq
	if err := t.raise(held.lanes, en); err != nil {
		return bridge.Entry{}, err
	}
	return en, t.fileEntry(en)
}

func (t *tx) insertEntry(en bridge.Entry) error {
	body, err := encodeList(en.Body)
	if err != nil {
		return fmt.Errorf("append an entry: body: %w", err)
	}
	files, err := encodeList(en.Files)
	if err != nil {
		return fmt.Errorf("append an entry: files: %w", err)
	}
	n, err := t.exec(`INSERT INTO entries (conversation, seq, kind, audience, by_kind, by_id, by_name, by_avatar, endpoint,
		key, message, target, body, files, state, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		en.Conversation, en.Seq, en.Kind, en.Audience, en.By.Kind, en.By.ID, en.By.Name, en.By.Avatar, en.Origin.Endpoint,
		en.Origin.Key, en.Origin.Message, en.Target, body, files, en.State, milli(en.At))
	if err != nil {
		return fmt.Errorf("append an entry: %w", err)
	}
	if n == 0 {
		return bridge.ErrSeen
	}
	return nil
}

// raise gives the entry to the lanes that it matters to. A lane that had nothing to do is due from now on; one that
// is waiting to try again goes on waiting.
func (t *tx) raise(lanes []bridge.Lane, en bridge.Entry) error {
	args := []any{en.Seq}
	for _, l := range lanes {
		if l.Minds(en) {
			args = append(args, l.ID)
		}
	}
	count := len(args) - 1
	if count == 0 {
		return nil
	}
	_, err := t.exec(`UPDATE lanes SET head = ?, next_at = CASE WHEN cursor < head THEN next_at ELSE now_ms() END
		WHERE id IN (?`+strings.Repeat(", ?", count-1)+`)`, args...)
	if err != nil {
		return fmt.Errorf("give an entry to its lanes: %w", err)
	}
	return nil
}

// EntryByMessage finds the entry that a platform's message came from or was made of.
func (t *tx) EntryByMessage(e bridge.EndpointName, m bridge.MessageRef) (bridge.Entry, error) {
	return t.entry("find the entry of a message", `SELECT `+entryColumns+` FROM entries e
		WHERE e.endpoint = ? AND e.message = ? AND e.message <> ''
		UNION ALL
		SELECT `+entryColumns+` FROM receipts r JOIN entries e ON e.conversation = r.conversation AND e.seq = r.seq
		WHERE r.endpoint = ? AND r.message = ? AND r.message <> ''
		LIMIT 1`, e, m, e, m)
}

// LastVersion returns the newest Edited or Deleted entry whose target is seq.
func (t *tx) LastVersion(c bridge.ConversationID, seq int64) (bridge.Entry, error) {
	return t.lastVersion(c, seq)
}

func (h handle) lastVersion(c bridge.ConversationID, seq int64) (bridge.Entry, error) {
	return h.entry("find the last version", `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.target = ? AND e.kind IN ('edited', 'deleted') ORDER BY e.seq DESC LIMIT 1`, c, seq)
}

// EntryByKey finds the entry with this origin.
func (s *Store) EntryByKey(ctx context.Context, e bridge.EndpointName, key string) (bridge.Entry, error) {
	return s.read(ctx).entry("find the entry of a key",
		`SELECT `+entryColumns+` FROM entries e WHERE e.endpoint = ? AND e.key = ? AND e.endpoint <> ''`, e, key)
}

// entry reads the entry that query finds.
func (h handle) entry(operation, query string, args ...any) (bridge.Entry, error) {
	var row entryRow
	if err := h.get(&row, query, args...); err != nil {
		return bridge.Entry{}, wrap(operation, err)
	}
	en, err := row.entry()
	return en, wrap(operation, err)
}
