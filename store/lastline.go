package store

import (
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// complete adds what a list shows of each conversation besides: where agents have it, and what was said last.
func (h handle) complete(rows []bridge.ConversationRow) error {
	if len(rows) == 0 {
		return nil
	}
	listed := make([]*bridge.Listed, len(rows))
	ids := make([]bridge.ConversationID, len(rows))
	at := map[bridge.ConversationID]*bridge.ConversationRow{}
	for i := range rows {
		listed[i], ids[i] = &rows[i].Listed, rows[i].Conversation.ID
		at[ids[i]] = &rows[i]
	}
	if err := h.findThreads(listed); err != nil {
		return err
	}
	marks, args := list(ids)
	var last []entryRow
	if err := h.all(&last, lastLines+`(`+marks+`)`, args...); err != nil {
		return err
	}
	entries, err := entriesOf(last)
	if err != nil {
		return err
	}
	for _, en := range entries {
		at[en.Conversation].Last = bridge.LastLine{
			Seq: en.Seq, By: en.By, Private: en.Audience != bridge.Everyone, Excerpt: bridge.Excerpt(rich.Plain(en.Body)),
			Files: len(en.Files), At: en.At,
		}
	}
	return nil
}

// lastLines reads the newest lines of conversations, as they stand now, from among the newest entries. What the system says
// is none, nor what only one endpoint has, as commands are.
const lastLines = `SELECT e.conversation, e.seq, e.kind, e.audience, e.by_kind, e.by_id, e.by_name, e.by_avatar, e.endpoint, e.key,
		e.message, e.target, coalesce(n.body, e.body) AS body, coalesce(n.files, e.files) AS files, e.state, e.at, '' AS offers, 0 AS held
	FROM conversations c
	JOIN entries e ON e.conversation = c.id AND e.seq = (SELECT l.seq FROM entries l
		WHERE l.conversation = c.id AND l.seq > c.last_seq - 50 AND l.kind IN ('said', 'noted') AND l.by_kind <> 'system' AND l.audience IN ('everyone', 'agents')
			AND NOT EXISTS (SELECT 1 FROM entries d WHERE d.conversation = l.conversation AND d.target = l.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
		ORDER BY l.seq DESC LIMIT 1)
	LEFT JOIN entries n ON n.conversation = e.conversation AND n.seq = (SELECT max(v.seq) FROM entries v
		WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted') AND v.kind = 'edited')
	WHERE c.id IN `
