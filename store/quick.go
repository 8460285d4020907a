package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

var _ bridge.QuickBook = (*Store)(nil)

const quickColumns = `q.id, q.owner, q.shortcut, q.title, q.body, q.language, q.variants, q.files, q.tags, q.uses, q.edits, q.last_used`

type quickRow struct {
	ID, Owner                       int64
	Shortcut, Title, Body, Language string
	Variants, Files, Tags           string
	Uses, Edits                     int64
	LastUsed                        int64 `db:"last_used"`
}

func (r quickRow) reply() (quickreply.Reply, error) {
	q := quickreply.Reply{
		ID: r.ID, Owner: r.Owner, Shortcut: r.Shortcut, Title: r.Title, Language: r.Language, Uses: r.Uses, Amended: r.Edits, LastUsed: moment(r.LastUsed),
		Variants: map[string]rich.Doc{},
	}
	err := errors.Join(decode(r.Body, &q.Body), decode(r.Variants, &q.Variants), decode(r.Files, &q.Files), decode(r.Tags, &q.Tags))
	if err != nil {
		return quickreply.Reply{}, fmt.Errorf("quick reply %d: %w", r.ID, err)
	}
	return q, nil
}

// QuickState tells whether quick replies have changed; see bridge.QuickBook.
func (s *Store) QuickState(ctx context.Context) (bridge.QuickState, error) {
	var row struct{ Version, Used int64 }
	err := s.read(ctx).get(&row, `SELECT version, coalesce((SELECT max(last_used) FROM quick_replies), 0) AS used FROM quick_reply_changes`)
	return bridge.QuickState{Version: row.Version, LastUsed: moment(row.Used)}, wrap("look at quick replies", err)
}

// QuickReplies returns all quick replies; see bridge.QuickBook.
func (s *Store) QuickReplies(ctx context.Context) ([]quickreply.Reply, bridge.QuickState, error) {
	state, err := s.QuickState(ctx) // before the replies: what changes meanwhile is read again
	if err != nil {
		return nil, state, err
	}
	var rows []quickRow
	if err := s.read(ctx).all(&rows, `SELECT `+quickColumns+` FROM quick_replies q ORDER BY q.id`); err != nil {
		return nil, state, wrap("read quick replies", err)
	}
	replies := make([]quickreply.Reply, len(rows))
	for i, row := range rows {
		if replies[i], err = row.reply(); err != nil {
			return nil, state, err
		}
	}
	return replies, state, nil
}

// QuickReply finds a quick reply by its ID.
func (t *tx) QuickReply(id int64) (quickreply.Reply, error) {
	return t.quickReply(`SELECT `+quickColumns+` FROM quick_replies q WHERE q.id = ?`, id)
}

// QuickReplyByShortcut finds the owner's with this shortcut; see bridge.QuickTx.
func (t *tx) QuickReplyByShortcut(shortcut string, owner bridge.AgentID) (quickreply.Reply, error) {
	return t.quickReply(`SELECT `+quickColumns+` FROM quick_replies q WHERE q.owner = ? AND q.shortcut_key = ?`, owner, quickreply.Key(shortcut))
}

func (t *tx) quickReply(query string, args ...any) (quickreply.Reply, error) {
	var row quickRow
	if err := t.get(&row, query, args...); err != nil {
		return quickreply.Reply{}, wrap("find a quick reply", err)
	}
	return row.reply()
}

// SaveQuickReply writes a quick reply; see bridge.QuickTx.
func (t *tx) SaveQuickReply(r quickreply.Reply) (quickreply.Reply, error) {
	values, err := quickValues(r)
	if err != nil {
		return r, fmt.Errorf("save a quick reply: %w", err)
	}
	if err := t.quickChanged(); err != nil { // which lets one at a time go on
		return r, err
	}
	switch other, err := t.QuickReplyByShortcut(r.Shortcut, bridge.AgentID(r.Owner)); {
	case err == nil && other.ID != r.ID:
		return r, bridge.ErrConflict
	case err != nil && !errors.Is(err, bridge.ErrNotFound):
		return r, err
	}
	if r.ID == 0 {
		err := t.get(&r.ID, `INSERT INTO quick_replies (owner, shortcut, shortcut_key, title, body, language, variants, files, tags,
			uses, last_used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0) RETURNING id`, values...)
		return r, wrap("add a quick reply", err)
	}
	n, err := t.exec(`UPDATE quick_replies SET owner = ?, shortcut = ?, shortcut_key = ?, title = ?, body = ?, language = ?,
		variants = ?, files = ?, tags = ? WHERE id = ?`, append(values, r.ID)...)
	if err == nil && n == 0 {
		return r, bridge.ErrNotFound
	}
	return r, wrap("change a quick reply", err)
}

func quickValues(r quickreply.Reply) ([]any, error) {
	body, err := encode(r.Body)
	if err != nil {
		return nil, err
	}
	var variants string
	if len(r.Variants) > 0 {
		if variants, err = encode(r.Variants); err != nil {
			return nil, err
		}
	}
	files, err := encodeList(r.Files)
	if err != nil {
		return nil, err
	}
	tags, err := encodeList(r.Tags)
	return []any{
		r.Owner, printable(r.Shortcut), quickreply.Key(printable(r.Shortcut)), printable(r.Title), body, printable(r.Language), variants, files, tags,
	}, err
}

// quickChanged makes every instance read quick replies again.
func (t *tx) quickChanged() error {
	_, err := t.exec(`UPDATE quick_reply_changes SET version = version + 1`)
	return wrap("count a change of quick replies", err)
}

// RemoveQuickReply removes a quick reply.
func (t *tx) RemoveQuickReply(id int64) error {
	if err := t.quickChanged(); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM quick_replies WHERE id = ?`, id)
	return wrap("remove a quick reply", err)
}

// UseQuickReply counts a use.
func (t *tx) UseQuickReply(id int64) error {
	_, err := t.exec(`UPDATE quick_replies SET uses = uses + 1, last_used = now_ms() WHERE id = ?`, id)
	return wrap("count the use of a quick reply", err)
}

// QuickSent notes what has said a line; see bridge.QuickTx.
func (t *tx) QuickSent(c bridge.ConversationID, seq int64, replies []int64) error {
	for _, id := range replies {
		if _, err := t.exec(`INSERT INTO quick_lines (conversation, seq, reply) VALUES (?, ?, ?)`, c, seq, id); err != nil {
			return wrap("note what a quick reply has said", err)
		}
	}
	return nil
}

// QuickAmended counts a change to what quick replies have said; see bridge.QuickTx.
func (t *tx) QuickAmended(c bridge.ConversationID, seq int64) error {
	n, err := t.exec(`UPDATE quick_replies SET edits = edits + 1
		WHERE id IN (SELECT s.reply FROM quick_lines s WHERE s.conversation = ? AND s.seq = ?)`, c, seq)
	if err == nil && n > 0 {
		_, err = t.exec(`DELETE FROM quick_lines WHERE conversation = ? AND seq = ?`, c, seq)
	}
	return wrap("count a change to what a quick reply has said", err)
}

// InheritQuickReplies makes an agent's own quick replies another one's; see bridge.QuickTx.
func (t *tx) InheritQuickReplies(from, to bridge.AgentID) error {
	if err := t.quickChanged(); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE quick_replies SET owner = ? WHERE owner = ? AND shortcut_key NOT IN
		(SELECT h.shortcut_key FROM quick_replies h WHERE h.owner = ?)`, to, from, to)
	return wrap("inherit quick replies", err)
}

// KeepFile writes down a file of a quick reply; see bridge.QuickTx. Having no carrier it is not withdrawn with an entry.
func (t *tx) KeepFile(f bridge.File, of bridge.ConversationID) error {
	_, err := t.exec(insertFile, fileArgs(bridge.StoredFile{File: f, Conversation: of}, 0)...)
	return wrap("keep a file", err)
}

// shelved stands for a conversation in files that only quick replies carry: they belong to none, and stay.
const shelved = math.MaxInt64

// ShelveFile makes an upload a file of a quick reply; see bridge.QuickTx.
func (t *tx) ShelveFile(id bridge.FileID) error {
	n, err := t.exec(`UPDATE files SET conversation = ? WHERE id = ? AND conversation = 0`, int64(shelved), id)
	if err == nil && n == 0 {
		return bridge.ErrNotFound
	}
	return wrap("keep a quick reply's file", err)
}

// QuickAtOnce reports whether a shortcut sends at once for the agent.
func (t *tx) QuickAtOnce(a bridge.AgentID) (on bool, err error) {
	err = t.get(&on, `SELECT EXISTS (SELECT 1 FROM quick_at_once WHERE agent = ?)`, a)
	return on, wrap("look whether quick replies are sent at once", err)
}

// SetQuickAtOnce changes that.
func (t *tx) SetQuickAtOnce(a bridge.AgentID, on bool) error {
	query := `DELETE FROM quick_at_once WHERE agent = ?`
	if on {
		query = `INSERT INTO quick_at_once (agent) VALUES (?) ON CONFLICT DO NOTHING`
	}
	_, err := t.exec(query, a)
	return wrap("set whether quick replies are sent at once", err)
}
