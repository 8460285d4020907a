package store

import (
	"errors"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// HasSpoken reports whether the agent has said something to the visitor since the state changed last; see bridge.Tx.
func (t *tx) HasSpoken(c bridge.ConversationID, by bridge.AgentID) (bool, error) {
	var spoken bool
	err := t.get(&spoken, `SELECT EXISTS (SELECT 1 FROM entries e
		WHERE e.conversation = ? AND e.kind = 'said' AND e.audience = ? AND e.by_kind = 'agent' AND e.by_id = ?
			AND e.seq > (SELECT coalesce(max(s.seq), 0) FROM entries s WHERE s.conversation = e.conversation AND s.kind = 'state'))`,
		c, bridge.Everyone, by)
	return spoken, wrap("look whether an agent has spoken", err)
}

// HeldLine returns an agent's line about which a question stands; see bridge.Tx.
func (t *tx) HeldLine(c bridge.ConversationID, by bridge.AgentID, seq int64) (bridge.HeldLine, error) {
	const operation = "find a held line"
	question, err := t.entry(operation, `SELECT `+entryColumns+` FROM entries e
		JOIN entries l ON l.conversation = e.conversation AND l.seq = e.target AND l.by_kind = 'agent' AND l.by_id = ?
		WHERE e.conversation = ? AND e.kind = 'noted' AND e.offers LIKE '[{"word":"send"%' AND (cast(? AS BIGINT) = 0 OR e.target = ?)
			AND NOT EXISTS (SELECT 1 FROM entries v
				WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted'))
		ORDER BY e.seq DESC LIMIT 1`, by, c, seq, seq)
	if err != nil {
		return bridge.HeldLine{}, err
	}
	line, err := t.entry(operation, `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.seq = ?`, c, question.Target)
	if err != nil {
		return bridge.HeldLine{}, err
	}
	line, gone, err := t.asItStands(line)
	return bridge.HeldLine{Question: question, Line: line, Gone: gone}, err
}

// asItStands gives the entry its newest body and files; gone tells that it has been deleted.
func (t *tx) asItStands(en bridge.Entry) (now bridge.Entry, gone bool, err error) {
	last, err := t.LastVersion(en.Conversation, en.Seq)
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return en, false, nil
	case err != nil:
		return bridge.Entry{}, false, err
	case last.Kind == bridge.Deleted:
		return en, true, nil
	}
	en.Body, en.Files = last.Body, last.Files
	return en, false, nil
}

// VisitorByEmail finds whose address it is; see bridge.Tx.
func (t *tx) VisitorByEmail(address string, rather bridge.VisitorID) (id bridge.VisitorID, err error) {
	err = t.get(&id, `SELECT id FROM visitors WHERE email = ? AND email <> ''
		ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END, id LIMIT 1`, folded(address), rather)
	return id, wrap("find whose address it is", err)
}

// folded is an e-mail address as it is compared.
func folded(address string) string { return strings.ToLower(printable(strings.TrimSpace(address))) }
