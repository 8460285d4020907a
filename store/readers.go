package store

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Conversation returns ErrNotFound for an unknown conversation.
func (s *Store) Conversation(ctx context.Context, id bridge.ConversationID) (bridge.Conversation, error) {
	c, err := s.read(ctx).conversation(`c.id = ?`, id)
	return c, wrap("find a conversation", err)
}

// ConversationAt finds the conversation that has a lane in this thread.
func (s *Store) ConversationAt(ctx context.Context, e bridge.EndpointName, t bridge.ThreadRef) (bridge.Conversation, error) {
	c, err := s.read(ctx).conversation(
		`c.id = (SELECT l.conversation FROM lanes l WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> '')`, e, t)
	return c, wrap("find the conversation of a thread", err)
}

// Visible returns entries after seq after that a reader at endpoint e in role r may see, in order, at most limit.
func (s *Store) Visible(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role,
	after int64, limit int,
) ([]bridge.Entry, error) {
	audiences, args := list(audiences(e, r))
	args = append([]any{c, after}, append(args, limit)...)
	return s.entries(ctx, "read visible entries", `e.conversation = ? AND e.seq > ? AND e.audience IN (`+audiences+`)
		ORDER BY e.seq LIMIT ?`, args...)
}

// audiences are all that include a reader: what Audience.Includes decides, as a list.
func audiences(e bridge.EndpointName, r bridge.Role) []bridge.Audience {
	var included []bridge.Audience
	for _, a := range []bridge.Audience{bridge.Everyone, bridge.AgentsOnly, bridge.Only(e)} {
		if a.Includes(e, r) {
			included = append(included, a)
		}
	}
	return included
}

// Log returns every entry of a conversation, in order.
func (s *Store) Log(ctx context.Context, c bridge.ConversationID) ([]bridge.Entry, error) {
	return s.entries(ctx, "read a log", `e.conversation = ? ORDER BY e.seq`, c)
}

func (s *Store) entries(ctx context.Context, operation, where string, args ...any) ([]bridge.Entry, error) {
	var rows []entryRow
	if err := s.read(ctx).all(&rows, `SELECT `+entryColumns+` FROM entries e WHERE `+where, args...); err != nil {
		return nil, wrap(operation, err)
	}
	entries, err := entriesOf(rows)
	return entries, wrap(operation, err)
}

// Lanes returns the lanes of a conversation in the order in which they were given to OpenConversation.
func (s *Store) Lanes(ctx context.Context, c bridge.ConversationID) ([]bridge.Lane, error) {
	var rows []laneRow
	err := s.read(ctx).all(&rows, `SELECT `+laneColumns+` FROM lanes WHERE conversation = ? ORDER BY id`, c)
	if err != nil {
		return nil, wrap("read lanes", err)
	}
	lanes := make([]bridge.Lane, len(rows))
	for i, r := range rows {
		lanes[i] = r.lane()
	}
	return lanes, nil
}

// PlacedReceipt is a receipt with the endpoint it is from.
type PlacedReceipt struct {
	Endpoint bridge.EndpointName
	bridge.Receipt
}

// Receipts returns all receipts of a conversation by endpoint, entry and part.
func (s *Store) Receipts(ctx context.Context, c bridge.ConversationID) ([]PlacedReceipt, error) {
	var rows []struct {
		Endpoint bridge.EndpointName
		receiptRow
	}
	err := s.read(ctx).all(&rows, `SELECT endpoint, seq, part, version, message, status, public, at FROM receipts
		WHERE conversation = ? ORDER BY endpoint, seq, part`, c)
	if err != nil {
		return nil, wrap("read receipts", err)
	}
	receipts := make([]PlacedReceipt, len(rows))
	for i, r := range rows {
		receipts[i] = PlacedReceipt{Endpoint: r.Endpoint, Receipt: r.receipt()}
	}
	return receipts, nil
}

// Seen raises the cursor of a reading lane to seq. It never lowers it, nor raises it beyond the log's end.
func (s *Store) Seen(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	err := s.writer.write(ctx, relaxed, func(h handle) error {
		_, err := h.exec(`UPDATE lanes SET cursor = ? WHERE conversation = ? AND endpoint = ? AND reads AND cursor < ?
			AND ? <= (SELECT c.last_seq FROM conversations c WHERE c.id = lanes.conversation)`, seq, c, e, seq, seq)
		return err
	})
	return wrap("note what was seen", err)
}

// SeenUpTo returns the cursor of the endpoint's lane; ErrNotFound when there is no such lane.
func (s *Store) SeenUpTo(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (int64, error) {
	var seq int64
	err := s.read(ctx).get(&seq, `SELECT l.cursor FROM lanes l WHERE l.conversation = ? AND l.endpoint = ?`, c, e)
	return seq, wrap("find what was seen", err)
}

// Visitor finds a visitor by the endpoint's own identity of the person.
func (s *Store) Visitor(ctx context.Context, e bridge.EndpointName, key string) (bridge.Visitor, error) {
	return s.read(ctx).visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.endpoint = ? AND v.key = ?`, e, key)
}

// Secret returns the 32 random bytes of this name, which are made when they are first asked for and are the same for
// all instances ever after.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := s.writer.write(ctx, whole, func(h handle) error {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // never fails
		_, err := h.exec(`INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, fresh)
		if err != nil {
			return err
		}
		return h.get(&value, `SELECT value FROM secrets WHERE name = ?`, name)
	})
	return value, wrap("read a secret", err)
}

// ChangedSince lists the conversations that were written to at or after since, with the time of the newest change;
// that is since itself when there is none. A transaction that commits late may carry an earlier time: ask again with
// some overlap.
func (s *Store) ChangedSince(ctx context.Context, since time.Time) ([]bridge.ConversationID, time.Time, error) {
	rows, err := s.changedSince(ctx, since)
	if err != nil {
		return nil, since, err
	}
	ids := make([]bridge.ConversationID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		since = moment(r.UpdatedAt)
	}
	return ids, since, nil
}

type changedRow struct {
	ID        bridge.ConversationID
	UpdatedAt int64 `db:"updated_at"`
	LastSeq   int64 `db:"last_seq"`
}

// changedSince lists changed conversations, oldest change first.
func (s *Store) changedSince(ctx context.Context, since time.Time) ([]changedRow, error) {
	var rows []changedRow
	err := s.read(ctx).all(&rows, `SELECT c.id, c.updated_at, c.last_seq FROM conversations c
		WHERE c.updated_at >= ? ORDER BY c.updated_at`, milli(since))
	return rows, wrap("list changed conversations", err)
}

// LaneStat says how far an endpoint's lanes are behind.
type LaneStat struct {
	Endpoint bridge.EndpointName
	Lag      int64         // entries between cursor and head, over all lanes
	Oldest   time.Duration // since the oldest entry that is waiting was said
}

// LaneStats returns one LaneStat for each endpoint that has anything to send.
func (s *Store) LaneStats(ctx context.Context) ([]LaneStat, error) {
	var rows []struct {
		Endpoint bridge.EndpointName
		Lag      int64
		Oldest   int64
	}
	err := s.read(ctx).all(&rows, `SELECT l.endpoint, cast(sum(l.head - l.cursor) AS BIGINT) AS lag, now_ms() - min(e.at) AS oldest
		FROM lanes l JOIN entries e ON e.conversation = l.conversation AND e.seq = l.cursor + 1
		WHERE l.cursor < l.head GROUP BY l.endpoint ORDER BY l.endpoint`)
	if err != nil {
		return nil, wrap("measure the lanes", err)
	}
	stats := make([]LaneStat, len(rows))
	for i, r := range rows {
		stats[i] = LaneStat{Endpoint: r.Endpoint, Lag: r.Lag, Oldest: time.Duration(max(r.Oldest, 0)) * time.Millisecond}
	}
	return stats, nil
}
