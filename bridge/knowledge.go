package bridge

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/bridge/knowledge"
)

// Article is something the team knows, in one language, as it is kept.
type Article struct {
	knowledge.Article
	Revision  int64 // another one whenever it is written; 0: it is not kept yet
	ChangedBy AgentID
	ChangedAt time.Time
}

// KnowledgeBook is what a Knowledge reads.
type KnowledgeBook interface {
	// ArticlesVersion tells with one cheap look whether articles have changed: it grows then.
	ArticlesVersion(ctx context.Context) (int64, error)
	// Articles returns all of them, by title, as they are at that version or later.
	Articles(ctx context.Context) ([]Article, int64, error)
	// Unanswered lists what the robot had no answer to, the newest first.
	Unanswered(ctx context.Context, within time.Duration, limit int) ([]KeptThought, error)
	// ThoughtsOf returns what the robot has thought of in a conversation, in order.
	ThoughtsOf(ctx context.Context, c ConversationID) ([]KeptThought, error)
}

// KnowledgeTx is the part of a transaction that is about articles.
type KnowledgeTx interface {
	// Article finds an article in a language.
	Article(id, language string) (Article, error)
	// SaveArticle writes an article, anew or in the stead of the one with its ID and language. Its revision is what it is
	// counted to, its time now.
	SaveArticle(a Article) error
	// RemoveArticle removes an article in a language. ErrNotFound when there is none.
	RemoveArticle(id, language string) error
}

const (
	// knowledgeLook is how late a change by another instance can be seen.
	knowledgeLook = 2 * time.Second
	// maxFound is how many articles are found for a question.
	maxFound = 6
)

// Knowledge has the team's knowledge at hand, ready to be asked, and follows what this and other instances change.
type Knowledge struct {
	book  KnowledgeBook
	log   *slog.Logger
	index atomic.Pointer[knowledge.Index]
	look  chan struct{} // capacity 1

	following sync.Mutex
	version   int64 // of articles and index; -1: nothing was read yet
	articles  []Article
}

// NewKnowledge returns a Knowledge, empty until Run has read the book.
func NewKnowledge(book KnowledgeBook, log *slog.Logger) *Knowledge {
	k := &Knowledge{book: book, log: logOr(log), look: make(chan struct{}, 1), version: -1}
	k.index.Store(knowledge.Build(nil))
	return k
}

// Run follows the book until ctx ends. It returns nil.
func (k *Knowledge) Run(ctx context.Context) error {
	tick := time.NewTicker(knowledgeLook)
	defer tick.Stop()
	for {
		if _, err := k.All(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("read the knowledge", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-k.look:
		}
	}
}

// All returns the articles as they are now, by title. They must not be changed.
func (k *Knowledge) All(ctx context.Context) ([]Article, error) {
	k.following.Lock()
	defer k.following.Unlock()
	if k.book == nil {
		return nil, nil
	}
	version, err := k.book.ArticlesVersion(ctx)
	if err != nil || version == k.version {
		return k.articles, err
	}
	articles, version, err := k.book.Articles(ctx)
	if err != nil {
		return nil, err
	}
	plain := make([]knowledge.Article, len(articles))
	for i := range articles {
		plain[i] = articles[i].Article
	}
	k.index.Store(knowledge.Build(plain))
	k.articles, k.version = articles, version
	return articles, nil
}

// changed makes Run look at once.
func (k *Knowledge) changed() {
	select {
	case k.look <- struct{}{}:
	default:
	}
}

// Find returns what of the knowledge may answer a question, best first. The language is the asker's, empty: unknown.
func (k *Knowledge) Find(question, language string) []Passage {
	hits := k.index.Load().Find(question, language, maxFound)
	passages := make([]Passage, len(hits))
	for i, hit := range hits {
		a := hit.Article
		passages[i] = Passage{
			Source: Source{ID: a.ID, Title: a.Title, URL: a.URL, Language: a.Language}, Answer: a.Body, Text: hit.Passage,
			Confidence: hit.Confidence, Lead: hit.Lead,
		}
	}
	return passages
}

// Unanswered lists what the robot had no answer to; see KnowledgeBook.
func (k *Knowledge) Unanswered(ctx context.Context, within time.Duration, limit int) ([]KeptThought, error) {
	if k.book == nil {
		return nil, nil
	}
	return k.book.Unanswered(ctx, within, limit)
}

// ThoughtsOf returns what the robot has thought of in a conversation; see KnowledgeBook.
func (k *Knowledge) ThoughtsOf(ctx context.Context, c ConversationID) ([]KeptThought, error) {
	if k.book == nil {
		return nil, nil
	}
	return k.book.ThoughtsOf(ctx, c)
}
