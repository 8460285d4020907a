package store

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.LanguageBook = (*Store)(nil)

// renditionRow is what an entry says at an endpoint; without a language it need not be translated there.
type renditionRow struct {
	From string `db:"from_language"`
	To   string `db:"to_language"`
	Body string
}

// translation returns nil where nothing was to be translated.
func (r renditionRow) rendition() (*bridge.Rendition, error) {
	if r.To == "" {
		return nil, nil
	}
	t := &bridge.Rendition{From: r.From, To: r.To}
	return t, decode(r.Body, &t.Body)
}

// add makes it what the entry seq says.
func (r renditionRow) add(w *bridge.Work, seq int64) error {
	t, err := r.rendition()
	if err != nil || t == nil {
		return err
	}
	if w.Renditions == nil {
		w.Renditions = map[int64]*bridge.Rendition{}
	}
	w.Renditions[seq] = t
	return nil
}

// translate adds what the newest version says at the lane's endpoint.
func (h handle) translate(l bridge.Lane, w *bridge.Work) error {
	var rows []renditionRow
	err := h.all(&rows, `SELECT from_language, to_language, body FROM translations WHERE conversation = ? AND seq = ? AND endpoint = ?`,
		l.Conversation, w.Newest.Seq, l.Endpoint)
	if err != nil || len(rows) == 0 {
		return err
	}
	return rows[0].add(w, w.Newest.Seq)
}

// SaveLanguage writes what is known of a conversation's language; see bridge.LanguageTx.
func (t *tx) SaveLanguage(c bridge.Conversation) error {
	_, err := t.exec(`UPDATE conversations SET language = ?, language_sure = ?, heard = ?, auto = ?, listening = ? WHERE id = ?`,
		c.Language, c.LanguageSure, c.Heard, c.Auto, c.Listening, c.ID)
	return wrap("save a conversation's language", err)
}

// Want notes that a text is to be translated; see bridge.LanguageTx.
func (t *tx) Want(w bridge.Wanted) error {
	_, err := t.exec(`INSERT INTO translations (conversation, seq, endpoint, from_language, to_language, status, goes_at, due_at)
		VALUES (?, ?, ?, ?, ?, 'wanted', CASE WHEN cast(? AS BIGINT) = 0 THEN 0 ELSE now_ms() + cast(? AS BIGINT) END, now_ms())
		ON CONFLICT DO NOTHING`,
		w.Conversation, w.Seq, w.Endpoint, w.From, w.To, w.Hold.Milliseconds(), w.Hold.Milliseconds())
	return wrap("want a translation", err)
}

// ClaimWishes leases texts that are to be translated; see bridge.LanguageBook. While there is nothing to do it writes nothing.
func (s *Store) ClaimWishes(ctx context.Context, lease time.Duration, limit int) ([]bridge.Wish, error) {
	const due = `w.status = 'wanted' AND w.due_at <= now_ms() AND w.lease_until <= now_ms()`
	var some []int
	if err := s.read(ctx).all(&some, `SELECT 1 FROM translations w WHERE `+due+` LIMIT 1`); err != nil || len(some) == 0 {
		return nil, wrap("look what is to be translated", err)
	}
	var rows []wishRow
	err := s.writer.write(ctx, whole, func(h handle) error {
		rows = nil
		return h.all(&rows, `WITH due AS MATERIALIZED (SELECT w.conversation AS c, w.seq AS s, w.endpoint AS e FROM translations w WHERE `+due+`
			ORDER BY w.due_at LIMIT ?`+h.dialect.skipLocked()+`)
			UPDATE translations SET epoch = epoch + 1, lease_until = now_ms() + ? FROM due
			WHERE conversation = c AND seq = s AND endpoint = e
			RETURNING conversation, seq, endpoint, from_language, to_language, epoch, attempt`, limit, lease.Milliseconds())
	})
	if err != nil {
		return nil, wrap("claim what is to be translated", err)
	}
	wishes := make([]bridge.Wish, len(rows))
	for i, r := range rows {
		wishes[i] = bridge.Wish{
			Wanted: bridge.Wanted{Conversation: r.Conversation, Seq: r.Seq, Endpoint: r.Endpoint, From: r.From, To: r.To},
			Epoch:  r.Epoch, Attempt: r.Attempt,
		}
		wishes[i].Line, err = s.read(ctx).entry("read what is to be translated",
			`SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.seq = ?`, r.Conversation, r.Seq)
		if err != nil {
			return nil, err
		}
	}
	return wishes, nil
}

type wishRow struct {
	Conversation bridge.ConversationID
	Seq          int64
	Endpoint     bridge.EndpointName
	From         string `db:"from_language"`
	To           string `db:"to_language"`
	Epoch        int64
	Attempt      int
}

// inTime is how much longer an entry has to be held back for nobody to have read it as it is before its translation commits.
const inTime = 500 * time.Millisecond

// Grant notes what a wish has come to; see bridge.LanguageTx.
func (t *tx) Grant(w bridge.Wish, done bridge.Rendition) (bridge.Granted, error) {
	const operation = "note a translation"
	var granted bridge.Granted
	if _, err := t.locked(w.Conversation); err != nil {
		return granted, err
	}
	var now struct {
		Held       int64
		Superseded bool
	}
	err := t.get(&now, `SELECT CASE WHEN e.not_before = 0 THEN 0 ELSE e.not_before - now_ms() END AS held,
		EXISTS (SELECT 1 FROM entries v WHERE v.conversation = e.conversation AND v.target = CASE WHEN e.kind = 'edited' THEN e.target ELSE e.seq END
			AND v.kind IN ('edited', 'deleted') AND v.seq > e.seq AND NOT `+sameWords+`) AS superseded
		FROM entries e WHERE e.conversation = ? AND e.seq = ?`, w.Conversation, w.Seq)
	if err != nil {
		return granted, wrap(operation, err)
	}
	granted.InTime, granted.Superseded = now.Held > inTime.Milliseconds(), now.Superseded
	status := "failed"
	body, err := encodeList(done.Body)
	if err != nil {
		return granted, wrap(operation, err)
	}
	if len(done.Body) > 0 && granted.InTime {
		status = "done"
	} else {
		body = "" // who has begun to read it as it is goes on so
	}
	if err := t.settleWish(operation, w, `status = ?, body = ?, lease_until = 0`, status, body); err != nil {
		return granted, err
	}
	return granted, t.letGo(w)
}

// sameWords: an edit v says what its line says already, translated late or tried again.
const sameWords = `(v.endpoint = '' AND v.key IN ('translated', 'again', 'again/edit'))`

// SayAgain copies the translations of a line's newest words; see bridge.LanguageTx.
func (t *tx) SayAgain(c bridge.ConversationID, line, seq int64) error {
	_, err := t.exec(`INSERT INTO translations (conversation, seq, endpoint, from_language, to_language, status, body, due_at)
		SELECT s.conversation, ?, s.endpoint, s.from_language, s.to_language, 'done', s.body, 0 FROM translations s
		WHERE s.conversation = ? AND s.status = 'done' AND s.seq = (SELECT max(v.seq) FROM entries v
			JOIN translations n ON n.conversation = v.conversation AND n.seq = v.seq AND n.endpoint = s.endpoint AND n.status = 'done'
			WHERE v.conversation = s.conversation AND (v.seq = ? OR v.kind = 'edited' AND v.target = ?))
		AND s.seq >= (SELECT max(v.seq) FROM entries v WHERE v.conversation = s.conversation
			AND (v.seq = ? OR v.kind = 'edited' AND v.target = ? AND NOT `+sameWords+`))`, seq, c, line, line, line, line)
	return wrap("translate as before", err)
}

// GrantLate makes a late translation what another entry says; see bridge.LanguageTx.
func (t *tx) GrantLate(w bridge.Wish, done bridge.Rendition, seq int64) error {
	const operation = "note a late translation"
	body, err := encodeList(done.Body)
	if err != nil {
		return wrap(operation, err)
	}
	_, err = t.exec(`INSERT INTO translations (conversation, seq, endpoint, from_language, to_language, status, body, due_at)
		SELECT conversation, ?, endpoint, from_language, to_language, 'done', body, 0 FROM translations
		WHERE conversation = ? AND seq = ? AND status = 'done' AND endpoint <> ?`, seq, w.Conversation, w.Seq, w.Endpoint)
	if err == nil {
		_, err = t.exec(`INSERT INTO translations (conversation, seq, endpoint, from_language, to_language, status, body, due_at)
			VALUES (?, ?, ?, ?, ?, 'done', ?, 0)`, w.Conversation, seq, w.Endpoint, w.From, w.To, body)
	}
	return wrap(operation, err)
}

// PutOff gives a wish up for a time; see bridge.LanguageTx.
func (t *tx) PutOff(w bridge.Wish, after time.Duration, goes bool) error {
	if _, err := t.locked(w.Conversation); err != nil {
		return err
	}
	err := t.settleWish("put a translation off", w, `attempt = attempt + 1, due_at = now_ms() + ?, lease_until = 0`, after.Milliseconds())
	if err != nil || !goes {
		return err
	}
	return t.letGo(w)
}

// settleWish writes to a wish that is still claimed under its epoch.
func (t *tx) settleWish(operation string, w bridge.Wish, set string, args ...any) error {
	n, err := t.exec(`UPDATE translations SET `+set+` WHERE conversation = ? AND seq = ? AND endpoint = ? AND epoch = ?`,
		append(args, w.Conversation, w.Seq, w.Endpoint, w.Epoch)...)
	if err == nil && n == 0 {
		return bridge.ErrLost
	}
	return wrap(operation, err)
}

// letGo lets everybody have an entry that waited for its translations, unless one is awaited that has not been tried yet,
// or its agent may still think better of it.
func (t *tx) letGo(w bridge.Wish) error {
	const operation = "let an entry go that is translated"
	n, err := t.exec(`UPDATE entries SET not_before = coalesce((SELECT max(o.goes_at) FROM translations o
			WHERE o.conversation = entries.conversation AND o.seq = entries.seq), 0)
		WHERE conversation = ? AND seq = ? AND not_before > now_ms() AND NOT EXISTS (SELECT 1 FROM translations o
			WHERE o.conversation = entries.conversation AND o.seq = entries.seq AND o.status = 'wanted' AND o.attempt = 0)`, w.Conversation, w.Seq)
	if err != nil || n == 0 {
		return wrap(operation, err)
	}
	_, err = t.exec(`UPDATE lanes SET next_at = now_ms() WHERE conversation = ? AND cursor < ? AND head >= ? AND attempt = 0 AND intent = ''`,
		w.Conversation, w.Seq, w.Seq)
	return wrap(operation, err)
}

// Failing reports whether the latest other wish has failed, too; see bridge.LanguageTx.
func (t *tx) Failing(w bridge.Wish) (bool, error) {
	var failed []bool
	err := t.all(&failed, `SELECT status <> 'done' FROM translations WHERE conversation = ? AND NOT (seq = ? AND endpoint = ?)
		AND (status <> 'wanted' OR attempt > 0) ORDER BY seq DESC LIMIT 1`, w.Conversation, w.Seq, w.Endpoint)
	return len(failed) > 0 && failed[0], wrap("look whether translations fail", err)
}
