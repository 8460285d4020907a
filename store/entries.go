package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Writing an entry takes three statements. PostgreSQL runs them as one, because each costs a trip to the server;
// SQLite does not know changes within WITH, and needs no trips.
const (
	intoEntries = `INSERT INTO entries (conversation, seq, kind, audience, by_kind, by_id, by_name, by_avatar, endpoint, key,
		message, target, body, files, state, at, offers, not_before)`
	// An entry comes first, so that one already seen leaves no gap behind.
	insertEntry = intoEntries + ` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
		CASE WHEN cast(? AS BIGINT) = 0 THEN 0 ELSE cast(? AS BIGINT) + now_ms() END)
		ON CONFLICT DO NOTHING`
	numberEntry = `UPDATE conversations SET last_seq = ?, updated_at = now_ms(), ` + wait + ` WHERE id = ? AND last_seq = ?`
	// wait takes what the entry is, of those below, and its time.
	wait = `waiting_since = CASE cast(? AS TEXT)
		WHEN '` + asks + `' THEN coalesce(nullif(waiting_since, 0), nullif(cast(? AS BIGINT), 0), now_ms())
		WHEN '` + answers + `' THEN 0 ELSE waiting_since END`
	// A lane that had nothing to do is due from now on; one that waits to try again goes on waiting.
	raiseLanes = `UPDATE lanes SET head = ?, next_at = CASE WHEN cursor < head THEN next_at ELSE now_ms() END WHERE id IN `
)

// What an entry is to a visitor who waits.
const (
	asks    = "asks"
	answers = "answers"
)

// bearing is what the entry is to a visitor who waits; "": nothing.
func bearing(en bridge.Entry) string {
	switch {
	case en.Kind != bridge.Said || en.Audience != bridge.Everyone || en.IsHandoff():
		return ""
	case en.By.Kind == bridge.ByVisitor:
		return asks
	default:
		return answers
	}
}

// writeEntry writes the entry, makes it the conversation's last, and gives it to the lanes that it matters to.
// ErrSeen when its key is in the log already.
func (t *tx) writeEntry(en bridge.Entry, lanes []bridge.Lane) error {
	entry, err := entryArgs(en)
	if err != nil {
		return fmt.Errorf("append an entry: %w", err)
	}
	number := []any{en.Seq, bearing(en), milli(en.At), en.Conversation, en.Seq - 1}
	raise := []any{en.Seq}
	for _, l := range lanes {
		if l.Minds(en) {
			raise = append(raise, l.ID)
		}
	}
	if len(raise) == 1 {
		raise = append(raise, 0) // no lane's number
	}
	ids := "(?" + strings.Repeat(", ?", len(raise)-2) + ")"
	if t.dialect == onPostgres {
		err = t.writeEntryAtOnce(entry, number, raise, ids)
	} else {
		err = t.writeEntryInSteps(entry, number, raise, ids)
	}
	if errors.Is(err, bridge.ErrSeen) {
		return err
	}
	return wrap("append an entry", err)
}

func (t *tx) writeEntryInSteps(entry, number, raise []any, ids string) error {
	if n, err := t.exec(insertEntry, entry...); err != nil || n == 0 {
		return cmp.Or(err, bridge.ErrSeen)
	}
	if n, err := t.exec(numberEntry, number...); err != nil || n == 0 {
		return cmp.Or(err, errNotLocked)
	}
	_, err := t.exec(raiseLanes+ids, raise...)
	return err
}

func (t *tx) writeEntryAtOnce(entry, number, raise []any, ids string) error {
	var done struct{ Written, Numbered int }
	err := t.get(&done, `WITH written AS (`+insertEntry+` RETURNING seq),
		numbered AS (`+numberEntry+` AND EXISTS (SELECT 1 FROM written) RETURNING id),
		raised AS (`+raiseLanes+ids+` AND EXISTS (SELECT 1 FROM written))
		SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM numbered) AS numbered`,
		slices.Concat(entry, number, raise)...)
	switch {
	case err != nil:
		return err
	case done.Written == 0:
		return bridge.ErrSeen
	case done.Numbered == 0:
		return errNotLocked
	}
	return nil
}

// errNotLocked would be a mistake in this package.
var errNotLocked = errors.New("the conversation was not locked")

func entryArgs(en bridge.Entry) ([]any, error) {
	body, err := encodeList(en.Body)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	files, err := encodeList(en.Files)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	offers, err := encodeList(en.Offers)
	if err != nil {
		return nil, fmt.Errorf("offers: %w", err)
	}
	return []any{
		en.Conversation, en.Seq, en.Kind, en.Audience, en.By.Kind, en.By.ID, printable(en.By.Name), printable(en.By.Avatar),
		en.Origin.Endpoint, en.Origin.Key, en.Origin.Message, en.Target, body, files, en.State, milli(en.At), offers,
		en.Held.Milliseconds(), en.Held.Milliseconds(),
	}, nil
}

// EntryByMessage finds the entry that a platform's message came from or was made of; see bridge.Tx.
func (t *tx) EntryByMessage(e bridge.EndpointName, m bridge.MessageRef) (bridge.Entry, error) {
	en, err := t.entryByMessage(e, m)
	if !errors.Is(err, bridge.ErrNotFound) || m == "" {
		return en, err
	}
	return t.entry("find the entry of a message", `SELECT `+entryColumns+` FROM receipts r
		JOIN entries e ON e.conversation = r.conversation AND e.seq = r.seq
		WHERE r.endpoint = ? AND r.message > ? AND r.message < ? AND r.message <> '' LIMIT 1`, e, m+"/", m+"0") // "0" follows "/"
}

func (t *tx) entryByMessage(e bridge.EndpointName, m bridge.MessageRef) (bridge.Entry, error) {
	// A line that was held back and then sent is in the log twice: it counts as what it became last.
	return t.entry("find the entry of a message", `SELECT * FROM (SELECT `+entryColumns+` FROM entries e
		WHERE e.endpoint = ? AND e.message = ? AND e.message <> '' ORDER BY e.conversation DESC, e.seq DESC LIMIT 1) AS said
		UNION ALL
		SELECT `+entryColumns+` FROM receipts r JOIN entries e ON e.conversation = r.conversation AND e.seq = r.seq
		WHERE r.endpoint = ? AND r.message = ? AND r.message <> ''
		LIMIT 1`, e, m, e, m)
}

// LastVersion returns the newest Edited or Deleted entry whose target is seq.
func (t *tx) LastVersion(c bridge.ConversationID, seq int64) (bridge.Entry, error) {
	return t.lastVersion(c, seq)
}

func (h handle) lastVersion(c bridge.ConversationID, seq int64) (bridge.Entry, error) {
	return h.entry("find the last version", `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.target = ? AND e.kind IN ('edited', 'deleted') ORDER BY e.seq DESC LIMIT 1`, c, seq)
}

// EntryByKey finds the entry with this origin.
func (s *Store) EntryByKey(ctx context.Context, e bridge.EndpointName, key string) (bridge.Entry, error) {
	return s.read(ctx).entry("find the entry of a key",
		`SELECT `+entryColumns+` FROM entries e WHERE e.endpoint = ? AND e.key = ? AND e.endpoint <> ''`, e, key)
}

// entry reads the entry that query finds.
func (h handle) entry(operation, query string, args ...any) (bridge.Entry, error) {
	var row entryRow
	if err := h.get(&row, query, args...); err != nil {
		return bridge.Entry{}, wrap(operation, err)
	}
	en, err := row.entry()
	return en, wrap(operation, err)
}
