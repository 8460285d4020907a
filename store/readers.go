package store

import (
	"context"
	"crypto/rand"
	"slices"
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

// Visible returns entries after seq after that a reader at endpoint e in role r may see, in order, at most limit. held is
// how long it takes until more can be read that is held back from visitors; 0: nothing is.
//
// What a line said before it was edited or taken back stays in the log and is for the team: others read it as it stands
// now, without words when it has been taken back, and not at all when that was done before they could see it.
func (s *Store) Visible(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role,
	after int64, limit int,
) (entries []bridge.Entry, held time.Duration, err error) {
	entries, err = s.visible(ctx, c, e, r, `e.seq > ? ORDER BY e.seq`, after, limit)
	if i := firstHeld(entries, r); i >= 0 {
		entries, held = entries[:i], entries[i].Held // nothing overtakes it: who has read on does not come back
	}
	return entries, held, wrap("read visible entries", err)
}

// VisibleBefore returns the last entries before seq before that Visible gives to such a reader, in order, at most limit.
// It is for readers who have what comes after: of what is held back it gives nothing.
func (s *Store) VisibleBefore(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role,
	before int64, limit int,
) ([]bridge.Entry, error) {
	entries, err := s.visible(ctx, c, e, r, `e.seq < ? ORDER BY e.seq DESC`, before, limit)
	slices.Reverse(entries)
	if i := firstHeld(entries, r); i >= 0 {
		entries = entries[:i]
	}
	return entries, wrap("read visible entries backwards", err)
}

func (s *Store) visible(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role,
	stretch string, seq int64, limit int,
) ([]bridge.Entry, error) {
	query := `SELECT ` + entryColumns + ` FROM entries e WHERE `
	audiences, args := list(audiences(e, r))
	args = append(append([]any{c}, args...), seq, limit)
	if r != bridge.RoleTeam {
		query, args = visitorsVisible, append([]any{e}, args...)
	}
	var rows []visibleRow
	err := s.read(ctx).all(&rows, query+`e.conversation = ? AND e.audience IN (`+audiences+`) AND `+stretch+` LIMIT ?`, args...)
	if err != nil {
		return nil, err
	}
	entries := make([]bridge.Entry, len(rows))
	for i, row := range rows {
		if entries[i], err = row.entry(); err == nil {
			entries[i].Rendition, err = row.Say.rendition()
		}
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// visibleRow is an entry with what it says to the reader.
type visibleRow struct {
	entryRow
	Say renditionRow
}

func firstHeld(entries []bridge.Entry, r bridge.Role) int {
	return slices.IndexFunc(entries, func(en bridge.Entry) bool { return en.HeldFrom(r) })
}

// visitorsVisible reads entries e in their newest version n, and of edits only the newest.
const visitorsVisible = `SELECT e.conversation, e.seq, e.kind, e.audience, e.by_kind, e.by_id, e.by_name, e.by_avatar, e.endpoint,
		e.key, e.message, e.target,
		CASE WHEN e.kind = 'deleted' OR n.kind = 'deleted' THEN '' WHEN n.kind = 'edited' THEN n.body ELSE e.body END AS body,
		CASE WHEN n.kind = 'deleted' THEN '' WHEN n.kind = 'edited' THEN n.files ELSE e.files END AS files, e.state, e.at,
		CASE WHEN n.kind = 'deleted' THEN '' WHEN n.kind = 'edited' THEN n.offers ELSE e.offers END AS offers,
		` + heldColumn + `, coalesce(t.from_language, '') AS "say.from_language", coalesce(t.to_language, '') AS "say.to_language",
		CASE WHEN n.kind = 'deleted' THEN '' ELSE coalesce(t.body, '') END AS "say.body"
	FROM entries e LEFT JOIN entries n ON e.kind = 'said' AND n.conversation = e.conversation AND n.seq = (SELECT max(v.seq)
		FROM entries v WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted'))
		LEFT JOIN translations t ON t.conversation = e.conversation AND t.seq = coalesce(n.seq, e.seq) AND t.endpoint = ?
	WHERE NOT (coalesce(n.kind, '') = 'deleted' AND n.not_before <> 0)
		AND NOT (e.kind = 'edited' AND EXISTS (SELECT 1 FROM entries v WHERE v.conversation = e.conversation
			AND v.target = e.target AND v.kind IN ('edited', 'deleted') AND v.seq > e.seq AND v.audience IN ('everyone', e.audience))) AND `

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
	return s.read(ctx).Lanes(c)
}

// Lanes returns the lanes of a conversation; see bridge.Tx.
func (h handle) Lanes(c bridge.ConversationID) ([]bridge.Lane, error) {
	var rows []laneRow
	if err := h.all(&rows, `SELECT `+laneColumns+` FROM lanes WHERE conversation = ? ORDER BY id`, c); err != nil {
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

type placedRow struct {
	Endpoint bridge.EndpointName
	receiptRow
}

// Receipts returns all receipts of a conversation by endpoint, entry and part.
func (s *Store) Receipts(ctx context.Context, c bridge.ConversationID) ([]PlacedReceipt, error) {
	var rows []placedRow
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

// VisitorByID finds a visitor by their number.
func (s *Store) VisitorByID(ctx context.Context, id bridge.VisitorID) (bridge.Visitor, error) {
	return s.read(ctx).visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.id = ?`, id)
}

// FirstAnswer returns when the visitor of a conversation first wrote and when an agent first answered; zero: not yet.
func (s *Store) FirstAnswer(ctx context.Context, c bridge.ConversationID) (asked, answered time.Time, err error) {
	first := func(by bridge.SpeakerKind) (time.Time, error) {
		var at []int64
		err := s.read(ctx).all(&at, `SELECT at FROM entries WHERE conversation = ? AND kind = 'said' AND by_kind = ? AND audience = ?
			ORDER BY seq LIMIT 1`, c, by, bridge.Everyone)
		if err != nil || len(at) == 0 {
			return time.Time{}, wrap("find the first answer", err)
		}
		return moment(at[0]), nil
	}
	if asked, err = first(bridge.ByVisitor); err == nil {
		answered, err = first(bridge.ByAgent)
	}
	return asked, answered, err
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

// LaneStats returns one LaneStat for each endpoint that has anything to send.
func (s *Store) LaneStats(ctx context.Context) ([]bridge.LaneStat, error) {
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
	stats := make([]bridge.LaneStat, len(rows))
	for i, r := range rows {
		stats[i] = bridge.LaneStat{Endpoint: r.Endpoint, Lag: r.Lag, Oldest: time.Duration(max(r.Oldest, 0)) * time.Millisecond}
	}
	return stats, nil
}
