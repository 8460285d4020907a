package store

import (
	"context"
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Transcript returns a stretch of a conversation's log with what became of each entry. A conversation that is not there has
// no lines.
func (s *Store) Transcript(ctx context.Context, q bridge.TranscriptQuery) (bridge.Transcript, error) {
	q.Limit = min(max(q.Limit, 1), bridge.MaxTranscript)
	t, err := s.read(ctx).transcript(q)
	return t, wrap("read a transcript", err)
}

func (h handle) transcript(q bridge.TranscriptQuery) (bridge.Transcript, error) {
	where, order := `e.seq > ?`, `e.seq`
	from := q.After
	if q.After == 0 {
		order = `e.seq DESC`
		if q.Before != 0 {
			where, from = `e.seq < ?`, q.Before
		}
	}
	var rows []entryRow
	err := h.all(&rows, `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND `+where+`
		AND e.kind NOT IN ('edited', 'deleted') ORDER BY `+order+` LIMIT ?`, q.Conversation, from, q.Limit+1)
	if err != nil {
		return bridge.Transcript{}, err
	}
	more := len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	t := bridge.Transcript{Earlier: more || q.After != 0, Later: q.Before != 0}
	if q.After != 0 {
		t.Later = more
	} else {
		slices.Reverse(rows)
	}
	entries, err := entriesOf(rows)
	if err != nil || len(entries) == 0 {
		return t, err
	}
	for _, en := range entries {
		t.Lines = append(t.Lines, bridge.TranscriptLine{Entry: en})
	}
	return t, h.follow(q.Conversation, t.Lines)
}

// follow adds to lines of a conversation what became of them.
func (h handle) follow(c bridge.ConversationID, lines []bridge.TranscriptLine) error {
	var seqs []int64
	at := map[int64]*bridge.TranscriptLine{}
	for i := range lines {
		seqs = append(seqs, lines[i].Entry.Seq)
		at[lines[i].Entry.Seq] = &lines[i]
	}
	marks, args := list(seqs)
	var rows []entryRow
	err := h.all(&rows, `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.target IN (`+marks+`)
		AND e.kind IN ('edited', 'deleted') AND (e.endpoint <> '' OR e.key = '') ORDER BY e.seq`, append([]any{c}, args...)...)
	if err != nil {
		return err
	}
	versions, err := entriesOf(rows)
	if err != nil {
		return err
	}
	for _, en := range versions {
		if l := at[en.Target]; en.Kind == bridge.Deleted {
			l.Gone = &en
		} else {
			l.Versions = append(l.Versions, en)
		}
	}
	proofs, err := h.proofs(c, seqs)
	if err != nil {
		return err
	}
	for seq, p := range proofs {
		at[seq].Proofs = p
	}
	if err := h.findRenditions(c, at, seqs); err != nil {
		return err
	}
	return h.findFiles(lines)
}

// findRenditions adds to lines what their newest versions say in other languages. A translation that came late is one of
// an entry that says the same anew.
func (h handle) findRenditions(c bridge.ConversationID, at map[int64]*bridge.TranscriptLine, seqs []int64) error {
	var rows []struct {
		Line, Seq int64
		renditionRow
	}
	marks, args := list(seqs)
	err := h.all(&rows, `SELECT CASE WHEN e.kind = 'edited' THEN e.target ELSE e.seq END AS line, t.seq, t.from_language, t.to_language, t.body
		FROM translations t JOIN entries e ON e.conversation = t.conversation AND e.seq = t.seq
		WHERE t.conversation = ? AND t.status = 'done' AND (e.seq IN (`+marks+`) OR e.kind = 'edited' AND e.target IN (`+marks+`)) ORDER BY t.seq`,
		slices.Concat([]any{c}, args, args)...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		l := at[row.Line]
		r, err := row.rendition()
		if err != nil {
			return err
		}
		if n := len(l.Versions); l == nil || n > 0 && row.Seq < l.Versions[n-1].Seq {
			continue
		}
		l.Translated = slices.DeleteFunc(l.Translated, func(o bridge.Rendition) bool { return o.To == r.To })
		l.Translated = append(l.Translated, *r)
	}
	return nil
}

// findFiles adds to lines what is known of the files of their newest versions.
func (h handle) findFiles(lines []bridge.TranscriptLine) error {
	var ids []bridge.FileID
	for _, l := range lines {
		for _, f := range l.Newest().Files {
			ids = append(ids, f.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	marks, args := list(ids)
	var rows []fileRow
	if err := h.all(&rows, `SELECT `+fileColumns+` FROM files WHERE id IN (`+marks+`)`, args...); err != nil {
		return err
	}
	known := map[bridge.FileID]fileRow{}
	for _, r := range rows {
		known[r.ID] = r
	}
	for i := range lines {
		for _, f := range lines[i].Newest().Files {
			if r, ok := known[f.ID]; ok {
				lines[i].Files = append(lines[i].Files, r.file())
			}
		}
	}
	return nil
}

// Visits returns the pages on which a visitor was, the latest first, MaxVisits at most.
func (s *Store) Visits(ctx context.Context, v bridge.VisitorID) ([]bridge.Visit, error) {
	var rows []struct {
		URL, Title, Referrer string
		At                   int64
	}
	err := s.read(ctx).all(&rows, `SELECT url, title, referrer, at FROM visits WHERE visitor = ? ORDER BY at DESC, id DESC LIMIT ?`, v, bridge.MaxVisits)
	visits := make([]bridge.Visit, len(rows))
	for i, r := range rows {
		visits[i] = bridge.Visit{Page: bridge.Page{URL: r.URL, Title: r.Title, Referrer: r.Referrer}, At: moment(r.At)}
	}
	return visits, wrap("read visits", err)
}

// visit notes that a visitor is on a page, and forgets their oldest visits.
func (t *tx) visit(v bridge.VisitorID, p bridge.Page) error {
	_, err := t.exec(`INSERT INTO visits (visitor, at, url, title, referrer) VALUES (?, now_ms(), ?, ?, ?)`,
		v, printable(p.URL), printable(p.Title), printable(p.Referrer))
	if err != nil {
		return wrap("note a visit", err)
	}
	_, err = t.exec(`DELETE FROM visits WHERE visitor = ? AND id NOT IN (SELECT id FROM visits WHERE visitor = ?
		ORDER BY at DESC, id DESC LIMIT ?)`, v, v, bridge.MaxVisits)
	return wrap("forget old visits", err)
}
