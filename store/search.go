package store

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/search"
)

const (
	// searchTime is after which a page of what was found ends as it is.
	searchTime = 60 * time.Millisecond
	// matchTime is how long the database may look for documents.
	matchTime = 80 * time.Millisecond
	// newest is how many documents are looked at one by one, on PostgreSQL, before an index is asked: words that are in many
	// documents are in some of those, and the index would name all.
	newest = 250
)

// Search finds conversations by words; see bridge.SearchQuery. What has changed in the last seconds may not be found yet, but
// what was taken back since is not found any more.
func (s *Store) Search(ctx context.Context, q bridge.SearchQuery) (bridge.SearchPage, error) {
	q.Limit = min(max(q.Limit, 1), bridge.MaxFound)
	if q.After <= 0 {
		q.After = math.MaxInt64
	}
	words := search.Parse(q.Text)
	if len(words) == 0 {
		return bridge.SearchPage{}, nil
	}
	f := &finder{store: s, handle: s.read(ctx), words: words, limit: q.Limit, seen: map[bridge.ConversationID]bool{}}
	clean(&q.Among)
	ask(&f.asked, q.Among)
	page, err := f.find(q.After)
	if err == nil {
		err = f.finish(page.Found)
	}
	return page, wrap("search", err)
}

// finder is one search.
type finder struct {
	handle
	store *Store
	words search.Query
	asked terms
	limit int
	seen  map[bridge.ConversationID]bool
}

// match is a document that has the words.
type match struct {
	No           int64
	Conversation bridge.ConversationID
	Part         int64
}

func (f *finder) find(after int64) (page bridge.SearchPage, err error) {
	for begin := time.Now(); ; {
		m, err := f.store.matches(f.ctx, f.words, after, 2*f.limit)
		if err != nil {
			return page, err
		}
		page.Cut = m.cut
		rows, err := f.among(m.found)
		if err != nil {
			return page, err
		}
		for _, at := range m.found {
			row, ok := rows[at.Conversation]
			if after = at.No; !ok || f.seen[at.Conversation] {
				continue
			}
			found, ok, err := f.show(row, at.Part)
			if err != nil {
				return page, err
			}
			if ok {
				f.seen[at.Conversation] = true
				page.Found = append(page.Found, found)
			}
			if len(page.Found) == f.limit || time.Since(begin) > searchTime {
				page.Next = after
				return page, nil
			}
		}
		if !m.more {
			return page, nil
		}
		if time.Since(begin) > searchTime {
			page.Next = after
			return page, nil
		}
	}
}

// among reads those of the conversations that are asked for.
func (f *finder) among(found []match) (map[bridge.ConversationID]bridge.ConversationRow, error) {
	if len(found) == 0 {
		return nil, nil
	}
	var ids []bridge.ConversationID
	for _, m := range found {
		ids = append(ids, m.Conversation)
	}
	marks, args := list(ids)
	rows, err := f.rows(marks, args, &f.asked, latestUsed, len(ids))
	among := map[bridge.ConversationID]bridge.ConversationRow{}
	for _, row := range rows {
		among[row.Conversation.ID] = row
	}
	return among, err
}

// show finds where in a part of a conversation the words are. ok is false when they are no longer there.
func (f *finder) show(row bridge.ConversationRow, part int64) (found bridge.Found, ok bool, err error) {
	found = bridge.Found{ConversationRow: row}
	c := row.Conversation.ID
	facts, _, err := f.facts(c)
	if err != nil {
		return found, false, err
	}
	lines, err := f.standing(c, part)
	if err != nil {
		return found, false, err
	}
	var all uint
	most, text := 0, ""
	better := func(candidate string) bool {
		hits := f.words.Hits(candidate)
		all |= hits
		if n := bits.OnesCount(hits); n > most {
			most, text = n, candidate
			return true
		}
		return false
	}
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		said, files, err := l.texts()
		if err != nil {
			return found, false, err
		}
		in := bridge.FoundIn("")
		if better(said) {
			in = bridge.InLine
		}
		for _, name := range files {
			if better(name) {
				in = bridge.InFile
			}
		}
		if in != "" {
			found.Where, found.Line, found.Private = in, l.Seq, l.Audience != bridge.Everyone
			found.By = bridge.Speaker{Kind: l.ByKind, ID: l.ByID, Name: l.ByName, Avatar: l.ByAvatar}
		}
	}
	for _, fact := range facts {
		if better(fact.text) {
			found.Where, found.Line, found.Private, found.By = fact.in, 0, false, bridge.Speaker{}
		}
	}
	if all != f.words.All() {
		return found, false, nil
	}
	found.Snippet = f.words.Snippet(text)
	return found, true, nil
}

// finish adds what lists show besides.
func (f *finder) finish(found []bridge.Found) error {
	rows := make([]bridge.ConversationRow, len(found))
	for i := range found {
		rows[i] = found[i].ConversationRow
	}
	err := f.complete(rows)
	for i := range found {
		found[i].ConversationRow = rows[i]
	}
	return err
}

// matched are documents with the words, those used last first. more: there may be others after them. cut: the database
// was stopped before it had found all.
type matched struct {
	found     []match
	more, cut bool
}

// matches finds at most limit documents, or the newest few, that come after one.
func (s *Store) matches(ctx context.Context, words search.Query, after int64, limit int) (matched, error) {
	if s.dialect == onPostgres {
		return s.matchesOnPostgres(ctx, forPostgres(words), after, limit)
	}
	ctx, cancel := context.WithTimeout(ctx, matchTime)
	defer cancel()
	var m matched
	err := s.read(ctx).all(&m.found, `SELECT d.no, d.conversation, d.part FROM (SELECT rowid AS no FROM document_words
			WHERE document_words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) AS matching
		JOIN documents d ON d.no = matching.no ORDER BY d.no DESC`, forSQLite(words), after, limit)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		return matched{cut: true}, nil
	}
	m.more = len(m.found) == limit
	return m, err
}

func (s *Store) matchesOnPostgres(ctx context.Context, words string, after int64, limit int) (m matched, err error) {
	err = s.read(ctx).all(&m.found, `SELECT no, conversation, part FROM (SELECT no, conversation, part, words FROM documents
			WHERE no < ? ORDER BY no DESC LIMIT ?) AS newest
		WHERE words @@ cast(cast(? AS TEXT) AS TSQUERY) ORDER BY no DESC LIMIT ?`, after, newest, words, limit)
	if err != nil || len(m.found) == limit {
		m.more = true
		return m, err
	}
	tx, err := s.readers.BeginTxx(ctx, nil)
	if err != nil {
		return m, err
	}
	defer func() { _ = tx.Rollback() }()
	h := handle{ctx: ctx, db: tx, dialect: s.dialect}
	// The index names all documents that have the words; those that come first are chosen from them, without a look at the words
	// of each.
	if _, err := h.exec(`SELECT set_config('statement_timeout', ?, true), set_config('enable_seqscan', 'off', true)`,
		milliseconds(matchTime)); err != nil {
		return m, err
	}
	var found []match
	err = h.all(&found, `SELECT no, conversation, part FROM documents WHERE words @@ cast(cast(? AS TEXT) AS TSQUERY) AND no < ?
		ORDER BY no + 0 DESC LIMIT ?`, words, after, limit)
	if e, ok := errors.AsType[*pq.Error](err); ok && e.Code == "57014" { // query_canceled
		m.cut = true
		return m, nil
	}
	return matched{found: found, more: len(found) == limit}, err
}

// forSQLite is the query as FTS5 reads it. Words have no quotation marks in them.
func forSQLite(q search.Query) string {
	terms := make([]string, len(q))
	for i, t := range q {
		terms[i] = `"` + strings.Join(t.Words, " ") + `"`
		if t.Prefix {
			terms[i] += " *"
		}
	}
	return strings.Join(terms, " AND ")
}

// forPostgres is the query as PostgreSQL reads it.
func forPostgres(q search.Query) string {
	terms := make([]string, len(q))
	for i, t := range q {
		terms[i] = `('` + strings.Join(t.Words, `' <-> '`) + `'`
		if t.Prefix {
			terms[i] += ":*"
		}
		terms[i] += `)`
	}
	return strings.Join(terms, " & ")
}
