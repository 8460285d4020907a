package store

import "github.com/skeindesk/skein/bridge"

// NewestReply returns the agent's newest line for the visitor that still stands; see bridge.Tx.
func (t *tx) NewestReply(c bridge.ConversationID, by bridge.AgentID) (bridge.Entry, error) {
	return t.entry("find the newest reply", `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.kind = 'said' AND e.audience = ? AND e.by_kind = 'agent'
			AND (cast(? AS BIGINT) = 0 OR e.by_id = ?)
			AND NOT EXISTS (SELECT 1 FROM entries d
				WHERE d.conversation = e.conversation AND d.target = e.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
		ORDER BY e.seq DESC LIMIT 1`, c, bridge.Everyone, by, by)
}

// NewestLine returns the newest line of such a speaker; see bridge.Tx.
func (t *tx) NewestLine(c bridge.ConversationID, by bridge.SpeakerKind) (bridge.Entry, error) {
	en, err := t.entry("find the newest line", `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.kind = 'said' AND e.audience = ? AND e.by_kind = ?
			AND NOT EXISTS (SELECT 1 FROM entries d
				WHERE d.conversation = e.conversation AND d.target = e.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
		ORDER BY e.seq DESC LIMIT 1`, c, bridge.Everyone, by)
	if err != nil {
		return en, err
	}
	en, _, err = t.EntryAt(c, en.Seq)
	return en, err
}

// SaveReceipt notes what became of a part where no worker will; see bridge.Tx.
func (t *tx) SaveReceipt(c bridge.ConversationID, e bridge.EndpointName, r bridge.Receipt) error {
	return t.saveReceipt(bridge.Lane{Conversation: c, Endpoint: e}, r)
}

// Removals returns every lane of the conversation with what it has settled of the entry seq itself; see bridge.Tx.
func (t *tx) Removals(c bridge.ConversationID, seq int64) ([]bridge.Removal, error) {
	lanes, err := t.Lanes(c)
	if err != nil {
		return nil, err
	}
	var rows []placedRow
	err = t.all(&rows, `SELECT endpoint, seq, part, version, message, status, public, at FROM receipts
		WHERE conversation = ? AND seq = ? ORDER BY endpoint, part`, c, seq)
	if err != nil {
		return nil, wrap("read receipts", err)
	}
	removals := make([]bridge.Removal, len(lanes))
	for i, l := range lanes {
		removals[i].Lane = l
		for _, r := range rows {
			if r.Endpoint == l.Endpoint {
				removals[i].Receipts = append(removals[i].Receipts, r.receipt())
			}
		}
	}
	return removals, nil
}
