package store

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Marking reads what the marks of a conversation depend on; see bridge.MarkBook.
func (s *Store) Marking(ctx context.Context, c bridge.ConversationID) (bridge.Marking, error) {
	m, err := s.read(ctx).marking(c)
	return m, wrap("read what marks depend on", err)
}

func (h handle) marking(c bridge.ConversationID) (m bridge.Marking, err error) {
	if m.Conversation, err = h.conversation(`c.id = ?`, c); err != nil {
		return m, err
	}
	var rows []entryRow
	err = h.all(&rows, `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.kind = 'said' AND e.audience = ? AND e.by_kind = 'agent' AND e.seq IN (
			SELECT CASE WHEN f.kind = 'edited' THEN f.target ELSE f.seq END
			FROM receipts r JOIN lanes l ON l.conversation = r.conversation AND l.endpoint = r.endpoint AND l.role = 'visitor'
			JOIN entries f ON f.conversation = r.conversation AND f.seq = r.seq
			WHERE r.conversation = ? AND r.status = 'failed' AND f.kind IN ('said', 'edited')
			UNION ALL
			SELECT max(n.seq) FROM entries n WHERE n.conversation = ? AND n.kind = 'said' AND n.audience = ? AND n.by_kind = 'agent'
				AND NOT EXISTS (SELECT 1 FROM entries d
					WHERE d.conversation = n.conversation AND d.target = n.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted'))
			AND NOT EXISTS (SELECT 1 FROM entries d
				WHERE d.conversation = e.conversation AND d.target = e.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
		ORDER BY e.seq`, c, bridge.Everyone, c, c, bridge.Everyone)
	if err != nil {
		return m, err
	}
	lines, err := entriesOf(rows)
	if err != nil {
		return m, err
	}
	proofs, err := h.proofs(c, numbers(lines))
	if err != nil {
		return m, err
	}
	for i, line := range lines {
		m.Lines = append(m.Lines, bridge.MarkedLine{Line: line, Newest: i == len(lines)-1, Proofs: proofs[line.Seq]})
	}
	var marks []markRow
	if err := h.all(&marks, `SELECT endpoint, message, sign, put FROM marks WHERE conversation = ?`, c); err != nil {
		return m, err
	}
	for _, r := range marks {
		m.Marks = append(m.Marks, bridge.Mark{Conversation: c, Endpoint: r.Endpoint, Message: r.Message, Sign: r.Sign, Put: r.Put})
	}
	return m, nil
}

type markRow struct {
	Endpoint bridge.EndpointName
	Message  bridge.MessageRef
	Sign     bridge.Proven
	Put      bool
}

// SaveMark notes a mark that is about to be put, or has been.
func (s *Store) SaveMark(ctx context.Context, m bridge.Mark) error {
	err := s.writer.write(ctx, single, func(h handle) error {
		_, err := h.exec(`INSERT INTO marks (conversation, endpoint, message, sign, put) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (conversation, endpoint, message, sign) DO UPDATE SET put = excluded.put`,
			m.Conversation, m.Endpoint, m.Message, m.Sign, m.Put)
		return err
	})
	return wrap("note a mark", err)
}

// DropMark notes that a mark stands no longer.
func (s *Store) DropMark(ctx context.Context, m bridge.Mark) error {
	err := s.writer.write(ctx, single, func(h handle) error {
		_, err := h.exec(`DELETE FROM marks WHERE conversation = ? AND endpoint = ? AND message = ? AND sign = ?`,
			m.Conversation, m.Endpoint, m.Message, m.Sign)
		return err
	})
	return wrap("forget a mark", err)
}

// lately is how long ago a change may have been that nobody has marked yet: longer than a restart takes.
const lately = time.Hour

// Unmarked lists conversations whose marks at the endpoint may have to be brought up to date; see bridge.MarkBook.
func (s *Store) Unmarked(ctx context.Context, e bridge.EndpointName) (ids []bridge.ConversationID, err error) {
	err = s.read(ctx).all(&ids, `SELECT m.conversation FROM marks m WHERE m.endpoint = ? AND (m.sign = 'queued' OR NOT m.put)
		UNION SELECT l.conversation FROM conversations c JOIN lanes l ON l.conversation = c.id AND l.endpoint = ?
			WHERE c.updated_at >= now_ms() - cast(? AS BIGINT)`, e, e, lately.Milliseconds())
	return ids, wrap("find what is not marked", err)
}
