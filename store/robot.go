package store

import (
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Overtaken reports whether an answer comes too late; see bridge.RobotTx.
func (t *tx) Overtaken(c bridge.ConversationID, seq int64) (overtaken bool, err error) {
	err = t.get(&overtaken, `SELECT EXISTS (SELECT 1 FROM entries e WHERE e.conversation = ? AND e.seq > ? AND (e.kind = 'state'
		OR e.audience = 'everyone' AND (e.kind = 'said' AND e.by_kind IN ('visitor', 'agent') OR e.kind = 'edited' AND e.by_kind = 'visitor'
			OR e.kind = 'deleted' AND e.target = (SELECT CASE q.kind WHEN 'edited' THEN q.target ELSE q.seq END FROM entries q
				WHERE q.conversation = e.conversation AND q.seq = ?))))`, c, seq, seq)
	return overtaken, wrap("look whether the robot comes too late", err)
}

// KeepThought keeps what became of a thought; see bridge.RobotTx.
func (t *tx) KeepThought(k bridge.KeptThought) error {
	sources, err := encodeList(k.Sources)
	if err != nil {
		return wrap("keep a thought", err)
	}
	_, err = t.exec(`INSERT INTO thoughts (conversation, seq, kind, question, sources, confidence, why, tokens, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, now_ms()) ON CONFLICT DO NOTHING`,
		k.Conversation, k.Seq, k.Kind, printable(k.Question), sources, k.Confidence, printable(k.Why), k.Tokens)
	return wrap("keep a thought", err)
}

// Unsure counts thoughts that were no answer; see bridge.RobotTx.
func (t *tx) Unsure(c bridge.ConversationID) (n int, err error) {
	err = t.get(&n, `SELECT count(*) FROM thoughts h WHERE h.conversation = ? AND h.kind IN ('unsure', 'offered')
		AND h.seq > coalesce((SELECT max(o.seq) FROM thoughts o WHERE o.conversation = h.conversation AND o.kind NOT IN ('unsure', 'offered')), 0)
		AND h.seq > coalesce((SELECT max(e.seq) FROM entries e WHERE e.conversation = h.conversation AND e.kind = 'state'), 0)`, c)
	return n, wrap("count what the robot had no answer to", err)
}

// Thoughts counts the conversation's newest thoughts; see bridge.RobotTx.
func (t *tx) Thoughts(c bridge.ConversationID, within time.Duration) (n int, err error) {
	err = t.get(&n, `SELECT count(*) FROM thoughts WHERE conversation = ? AND at > now_ms() - ?`, c, within.Milliseconds())
	return n, wrap("count the robot's answers", err)
}

// Recent returns what was said last; see bridge.RobotTx.
func (t *tx) Recent(c bridge.ConversationID, limit int) ([]bridge.Entry, error) {
	var rows []entryRow
	err := t.all(&rows, `SELECT e.conversation, e.seq, e.kind, e.audience, e.by_kind, e.by_id, e.by_name, e.by_avatar, e.endpoint,
			e.key, e.message, e.target, coalesce(n.body, e.body) AS body, coalesce(n.files, e.files) AS files, e.state, e.at, '' AS offers, 0 AS held
		FROM entries e LEFT JOIN entries n ON n.conversation = e.conversation AND n.seq = (SELECT max(v.seq) FROM entries v
			WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted'))
		WHERE e.conversation = ? AND e.kind = 'said' AND e.audience = 'everyone' AND coalesce(n.kind, '') <> 'deleted'
		ORDER BY e.seq DESC LIMIT ?`, c, limit)
	if err != nil {
		return nil, wrap("read what was said last", err)
	}
	slices.Reverse(rows)
	return entriesOf(rows)
}
