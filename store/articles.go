package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
)

var _ bridge.KnowledgeBook = (*Store)(nil)

const articleColumns = `a.id, a.language, a.title, a.questions, a.body, a.url, a.changed_by, a.changed_at, a.revision`

type articleRow struct {
	ID, Language, Title, Questions, Body, URL string
	ChangedBy                                 bridge.AgentID `db:"changed_by"`
	ChangedAt                                 int64          `db:"changed_at"`
	Revision                                  int64
}

func (r articleRow) article() (bridge.Article, error) {
	a := bridge.Article{
		Article:  knowledge.Article{ID: r.ID, Language: r.Language, Title: r.Title, URL: r.URL},
		Revision: r.Revision, ChangedBy: r.ChangedBy, ChangedAt: moment(r.ChangedAt),
	}
	if err := errors.Join(decode(r.Body, &a.Body), decode(r.Questions, &a.Questions)); err != nil {
		return a, fmt.Errorf("article %s: %w", r.ID, err)
	}
	return a, nil
}

// ArticlesVersion tells whether articles have changed; see bridge.KnowledgeBook.
func (s *Store) ArticlesVersion(ctx context.Context) (version int64, err error) {
	err = s.read(ctx).get(&version, `SELECT version FROM article_changes`)
	return version, wrap("look at the knowledge", err)
}

// Articles returns all articles; see bridge.KnowledgeBook.
func (s *Store) Articles(ctx context.Context) ([]bridge.Article, int64, error) {
	version, err := s.ArticlesVersion(ctx) // before the articles: what changes meanwhile is read again
	if err != nil {
		return nil, 0, err
	}
	var rows []articleRow
	if err := s.read(ctx).all(&rows, `SELECT `+articleColumns+` FROM articles a ORDER BY a.title, a.id, a.language`); err != nil {
		return nil, 0, wrap("read the knowledge", err)
	}
	articles := make([]bridge.Article, len(rows))
	for i, row := range rows {
		if articles[i], err = row.article(); err != nil {
			return nil, 0, err
		}
	}
	return articles, version, nil
}

// Article finds an article in a language; see bridge.KnowledgeTx.
func (t *tx) Article(id, language string) (bridge.Article, error) {
	var row articleRow
	if err := t.get(&row, `SELECT `+articleColumns+` FROM articles a WHERE a.id = ? AND a.language = ?`, id, language); err != nil {
		return bridge.Article{}, wrap("find an article", err)
	}
	return row.article()
}

// SaveArticle writes an article; see bridge.KnowledgeTx.
func (t *tx) SaveArticle(a bridge.Article) error {
	body, err := encode(a.Body)
	if err != nil {
		return wrap("keep an article", err)
	}
	questions, err := encodeList(a.Questions)
	if err != nil {
		return wrap("keep an article", err)
	}
	if err := t.articlesChanged(); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO articles (id, language, title, questions, body, url, changed_by, changed_at, revision)
		VALUES (?, ?, ?, ?, ?, ?, ?, now_ms(), (SELECT version FROM article_changes))
		ON CONFLICT (id, language) DO UPDATE SET title = excluded.title, questions = excluded.questions, body = excluded.body,
			url = excluded.url, changed_by = excluded.changed_by, changed_at = excluded.changed_at, revision = excluded.revision`,
		printable(a.ID), printable(a.Language), printable(a.Title), questions, body, printable(a.URL), a.ChangedBy)
	return wrap("keep an article", err)
}

// RemoveArticle removes an article; see bridge.KnowledgeTx.
func (t *tx) RemoveArticle(id, language string) error {
	if err := t.articlesChanged(); err != nil {
		return err
	}
	n, err := t.exec(`DELETE FROM articles WHERE id = ? AND language = ?`, id, language)
	if err == nil && n == 0 {
		return bridge.ErrNotFound
	}
	return wrap("remove an article", err)
}

// articlesChanged makes every instance read the articles again, and lets one at a time go on.
func (t *tx) articlesChanged() error {
	_, err := t.exec(`UPDATE article_changes SET version = version + 1`)
	return wrap("count a change of the knowledge", err)
}

const thoughtColumns = `h.conversation, h.seq, h.kind, h.question, h.sources, h.confidence, h.why, h.tokens, h.at`

type thoughtRow struct {
	Conversation           bridge.ConversationID
	Seq                    int64
	Kind                   bridge.ThoughtKind
	Question, Sources, Why string
	Confidence             float64
	Tokens                 int
	At                     int64
}

func (h handle) thoughts(query string, args ...any) ([]bridge.KeptThought, error) {
	var rows []thoughtRow
	if err := h.all(&rows, query, args...); err != nil {
		return nil, wrap("read what the robot has thought of", err)
	}
	kept := make([]bridge.KeptThought, len(rows))
	for i, r := range rows {
		kept[i] = bridge.KeptThought{
			Conversation: r.Conversation, Seq: r.Seq, Kind: r.Kind, Question: r.Question, Confidence: r.Confidence, Why: r.Why,
			Tokens: r.Tokens, At: moment(r.At),
		}
		if err := decode(r.Sources, &kept[i].Sources); err != nil {
			return nil, wrap("read what the robot has thought of", err)
		}
	}
	return kept, nil
}

// Unanswered lists what the robot had no answer to; see bridge.KnowledgeBook.
func (s *Store) Unanswered(ctx context.Context, within time.Duration, limit int) ([]bridge.KeptThought, error) {
	return s.read(ctx).thoughts(`SELECT `+thoughtColumns+` FROM thoughts h
		WHERE h.at > now_ms() - ? AND h.kind IN ('unsure', 'offered', 'failed') AND h.question <> '' ORDER BY h.at DESC LIMIT ?`,
		within.Milliseconds(), limit)
}

// ThoughtsOf returns a conversation's; see bridge.KnowledgeBook.
func (s *Store) ThoughtsOf(ctx context.Context, c bridge.ConversationID) ([]bridge.KeptThought, error) {
	return s.read(ctx).thoughts(`SELECT `+thoughtColumns+` FROM thoughts h WHERE h.conversation = ? ORDER BY h.seq`, c)
}
