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
	seen *seenAgent         // read along with a conversation, for whoever asks next
	lost error              // set when half of something was written that must not be committed
}

var _ bridge.Tx = (*tx)(nil)

// Look runs fn on what is committed; see bridge.Ledger.
func (s *Store) Look(ctx context.Context, fn func(tx bridge.Tx) error) error {
	return fn(&tx{handle: s.read(ctx)})
}

// heldConversation is a conversation whose row this transaction has locked, with its lanes: what Append needs to know.
type heldConversation struct {
	id      bridge.ConversationID
	lastSeq int64
	waiting bool
	tags    string        // as they are stored
	lanes   []bridge.Lane // ID, Endpoint, Role, Reads: what never changes
}

// laneOf is a row of a conversation with one of its lanes. Changed and Seen differ when the statement had looked for lanes
// before it waited for the conversation, and they have become others meanwhile.
type laneOf struct {
	conversationRow
	Changed      int64
	Seen         int64
	LaneID       bridge.LaneID       `db:"lane_id"`
	LaneEndpoint bridge.EndpointName `db:"lane_endpoint"`
	LaneRole     bridge.Role         `db:"lane_role"`
	LaneReads    bool                `db:"lane_reads"`
	Who          agentRow            `db:"who"` // where it was asked for
}

const laneOfColumns = `, c.lanes_changed AS changed, ` + lanesSeen + ` AS seen, o.id AS lane_id, o.endpoint AS lane_endpoint, o.role AS lane_role, o.reads AS lane_reads`

// lanesSeen is a conversation c's lanes_changed as the statement saw it when it began, also if it has waited for c since.
const lanesSeen = `(SELECT began.lanes_changed FROM conversations began WHERE began.id = c.id)`

// lanesHaveChanged is to be called by whoever changes which lanes a conversation has, or which of them are sent to.
func (t *tx) lanesHaveChanged(c bridge.ConversationID) error {
	_, err := t.exec(`UPDATE conversations SET lanes_changed = lanes_changed + 1 WHERE id = ?`, c)
	return wrap("count a change of lanes", err)
}

// lock reads a conversation with its lanes by a query that locks it. What the query began with may be older than what it
// has waited for: then it is asked again, now that nothing changes any more.
func (t *tx) lock(query string, args ...any) (rows []laneOf, err error) {
	for again := false; ; again = true {
		rows = nil
		if err := t.all(&rows, query, args...); err != nil || len(rows) == 0 {
			return rows, err
		}
		ownerUnknown := rows[0].Owner != 0 && rows[0].OwnerName == "" && !again // an agent since a moment ago
		if rows[0].Changed == rows[0].Seen && !ownerUnknown {
			return rows, nil
		}
	}
}

const lanesOfThread = ` FROM lanes l JOIN conversations c ON c.id = l.conversation JOIN lanes o ON o.conversation = c.id`

// ConversationByThread finds the conversation that has a lane in this thread, and locks it.
func (t *tx) ConversationByThread(e bridge.EndpointName, thread bridge.ThreadRef) (bridge.Conversation, bridge.Role, error) {
	return t.byThread(e, `SELECT `+conversationColumns+laneOfColumns+lanesOfThread+`
		WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> ''`+t.dialect.lockRow("c"), e, thread)
}

// ConversationByThreadFor is ConversationByThread, with the agent behind a person read along; see bridge.Tx.
func (t *tx) ConversationByThreadFor(e bridge.EndpointName, thread bridge.ThreadRef, person string) (bridge.Conversation, bridge.Role, error) {
	t.seen = &seenAgent{endpoint: e, person: person}
	return t.byThread(e, `SELECT `+conversationColumns+laneOfColumns+whoColumns+lanesOfThread+`
		LEFT JOIN identities i ON i.endpoint = ? AND i.person = ? LEFT JOIN agents w ON w.id = i.agent AND NOT w.removed
		WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> ''`+t.dialect.lockRow("c"), e, person, e, thread)
}

func (t *tx) byThread(e bridge.EndpointName, query string, args ...any) (bridge.Conversation, bridge.Role, error) {
	rows, err := t.lock(query, args...)
	if err != nil {
		return bridge.Conversation{}, "", fmt.Errorf("find the conversation of a thread: %w", err)
	}
	if len(rows) == 0 {
		return bridge.Conversation{}, "", bridge.ErrNotFound
	}
	if t.seen != nil {
		t.seen.row = rows[0].Who
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
	held := heldConversation{id: id, lastSeq: rows[0].LastSeq, waiting: rows[0].Waiting != 0, tags: rows[0].Tags}
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
	rows, err := t.lock(`SELECT `+conversationColumns+laneOfColumns+`
		FROM conversations c JOIN lanes o ON o.conversation = c.id WHERE c.id = ?`+t.dialect.lockRow("c"), id)
	if err != nil {
		return nil, fmt.Errorf("lock a conversation: %w", err)
	}
	if len(rows) == 0 {
		return nil, bridge.ErrNotFound
	}
	return t.hold(rows), nil
}

// OpenConversation writes a conversation and its lanes, whose log begins after c.LastSeq. A zero OpenedAt is now. A conversation has at least one lane.
func (t *tx) OpenConversation(c bridge.Conversation, lanes []bridge.Lane) (bridge.Conversation, error) {
	if len(lanes) == 0 {
		return bridge.Conversation{}, errors.New("open a conversation: it has no lane")
	}
	var row conversationRow
	err := t.get(&row, `INSERT INTO conversations (kind, state, endpoint, visitor, owner, last_seq, opened_at, updated_at, joined, lanes_changed,
			language, language_sure, heard, auto, listening)
		VALUES (?, ?, ?, ?, ?, ?, coalesce(nullif(cast(? AS BIGINT), 0), now_ms()), now_ms(), 0, 0, ?, ?, ?, ?, ?) RETURNING id, opened_at, updated_at`,
		c.Kind, c.State, c.Endpoint, nullable(c.Visitor), c.Owner, c.LastSeq, milli(c.OpenedAt),
		c.Language, c.LanguageSure, c.Heard, c.Auto, c.Listening)
	if err != nil {
		return bridge.Conversation{}, fmt.Errorf("open a conversation: %w", err)
	}
	held := heldConversation{id: row.ID, lastSeq: c.LastSeq}
	for _, l := range lanes {
		// Two may open the same thread at once: the second waits here for the first, and then has lost.
		err := t.get(&l.ID, `INSERT INTO lanes (conversation, endpoint, role, reads, thread, reopened, cursor, head, part,
			intent, intent_at, attempt, next_at, epoch, lease_until)
			VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0, '', 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING id`,
			row.ID, l.Endpoint, l.Role, l.Reads, l.Thread, c.LastSeq, c.LastSeq)
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
	c.ID, c.OpenedAt, c.UpdatedAt = row.ID, moment(row.OpenedAt), moment(row.UpdatedAt)
	return c, nil
}

// UpdateConversation writes State, Owner, Joined and Tags, and marks the cards.
func (t *tx) UpdateConversation(c bridge.Conversation) error {
	held, err := t.locked(c.ID)
	if err != nil {
		return err
	}
	tags, err := encodeList(c.Tags)
	if err != nil {
		return fmt.Errorf("update a conversation: %w", err)
	}
	_, err = t.exec(`UPDATE conversations SET state = ?, owner = ?, joined = ?, tags = ?, updated_at = now_ms(),
			waiting_since = CASE WHEN ? = 'closed' THEN 0 ELSE waiting_since END,
			closed_at = CASE WHEN ? = 'closed' THEN coalesce(nullif(closed_at, 0), now_ms()) ELSE 0 END WHERE id = ?`,
		c.State, c.Owner, c.Joined, tags, c.State, c.State, c.ID)
	if err != nil {
		return fmt.Errorf("update a conversation: %w", err)
	}
	held.waiting = held.waiting && c.State != bridge.StateClosed
	if tags != held.tags {
		held.tags = tags
		if err := t.findByTags(c.ID, c.Tags); err != nil {
			return err
		}
	}
	return t.CardChanged(c.ID)
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
	if b := bearing(en); b == asks && !held.waiting || b == answers && held.waiting {
		held.waiting = b == asks
		if err := t.CardChanged(en.Conversation); err != nil {
			return bridge.Entry{}, err
		}
	}
	return en, t.fileEntry(en)
}
