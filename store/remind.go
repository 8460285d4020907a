package store

import (
	"time"

	"github.com/skeindesk/skein/bridge"
)

// remindedFor is the column that says for which wait people have been called, by when it began.
func remindedFor(r bridge.Reminder) string {
	if r == bridge.Escalate {
		return "escalated_for"
	}
	return "reminded_for"
}

// Waiting lists conversations to which people are to be called; see bridge.Tx.
func (t *tx) Waiting(r bridge.Reminder, after time.Duration, limit int) (ids []bridge.ConversationID, err error) {
	err = t.all(&ids, `SELECT c.id FROM conversations c WHERE c.state IN ('unassigned', 'assigned') AND c.state <> 'closed'
			AND c.waiting_since > 0 AND c.waiting_since <= now_ms() - ? AND c.`+remindedFor(r)+` <> c.waiting_since
		ORDER BY c.waiting_since, c.id LIMIT ?`, after.Milliseconds(), limit)
	return ids, wrap("list who waits", err)
}

// Reminded notes that people are called to a conversation; see bridge.Tx.
func (t *tx) Reminded(c bridge.ConversationID, r bridge.Reminder, after time.Duration) (claimed bool, err error) {
	column := remindedFor(r)
	n, err := t.exec(`UPDATE conversations SET `+column+` = waiting_since
		WHERE id = ? AND waiting_since > 0 AND waiting_since <= now_ms() - ? AND `+column+` <> waiting_since`, c, after.Milliseconds())
	return n > 0, wrap("note that people are called", err)
}
