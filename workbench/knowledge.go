package workbench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/search"
)

// Knowledge is what the pages about the robot's knowledge read.
type Knowledge interface {
	// All returns the articles as they are now, by title. They must not be changed.
	All(ctx context.Context) ([]bridge.Article, error)
	// Find returns what may answer a question, best first. The language is the asker's, empty: unknown.
	Find(question, language string) []bridge.Passage
	// Unanswered lists what the robot had no answer to, the newest first.
	Unanswered(ctx context.Context, within time.Duration, limit int) ([]bridge.KeptThought, error)
	// ThoughtsOf returns what the robot has thought of in a conversation, in order.
	ThoughtsOf(ctx context.Context, c bridge.ConversationID) ([]bridge.KeptThought, error)
}

const knowledgePath = Base + "/knowledge"

// handleKnowledge registers the pages about what the robot knows.
func (b *Workbench) handleKnowledge(mux *routes) {
	if b.cfg.Knowledge == nil {
		return
	}
	b.page(mux, "/knowledge", bridge.RankAgent, b.knowledge)
	b.page(mux, "/knowledge/edit", bridge.RankAgent, b.articleShow)
	mux.Handle("POST "+knowledgePath+"/edit", b.visited(bridge.RankAgent, b.formed(b.articleKeep)))
	b.page(mux, "/knowledge/remove", bridge.RankAgent, b.articleAskRemove)
	b.post(mux, "/knowledge/remove", bridge.RankAgent, b.articleRemove)
	b.page(mux, "/knowledge/import", bridge.RankAgent, b.articlesAskImport)
	mux.Handle("POST "+knowledgePath+"/import", b.visited(bridge.RankAgent, b.articlesImport))
}

const (
	articlesPerPage = 50
	// What was not answered is looked for so far back, and among so many.
	unansweredWithin = 30 * 24 * time.Hour
	unansweredAtMost = 500
	unansweredShown  = 20
)

// knowledgeListed is what the page of the knowledge shows.
type knowledgeListed struct {
	words       string
	page, pages int
	rows        []bridge.Article
	found       int
	any         bool // there are articles, whatever is looked for
	names       map[bridge.AgentID]string
	trial       trial
	unanswered  []unanswered
}

// trial is a question that an agent tries, and what is found for it.
type trial struct {
	question, language string
	passages           []bridge.Passage // at most as many as visitors are offered
}

// unanswered is what visitors asked and the robot had no answer to.
type unanswered struct {
	bridge.KeptThought        // the newest
	times              int    // how often it was asked
	now                string // the title of what would answer it by now; empty: nothing would
}

func (b *Workbench) knowledge(v *visit) (content, error) {
	all, err := b.cfg.Knowledge.All(v.Context())
	if err != nil {
		return content{}, err
	}
	k := knowledgeListed{words: v.FormValue("q"), any: len(all) > 0, names: map[bridge.AgentID]string{}}
	if members, err := b.cfg.Desk.Team(v.Context()); err == nil {
		for _, m := range members {
			k.names[m.Agent.ID] = m.Agent.Name
		}
	} else {
		return content{}, err
	}
	k.turnTo(articlesWith(all, k.words), v.FormValue("page"))
	if k.trial = (trial{question: strings.TrimSpace(v.FormValue("ask")), language: strings.TrimSpace(v.FormValue("language"))}); k.trial.question != "" {
		found := b.cfg.Knowledge.Find(k.trial.question, k.trial.language)
		k.trial.passages = found[:min(len(found), bridge.MaxOffers)]
	}
	if k.unanswered, err = b.unanswered(v.Context()); err != nil {
		return content{}, err
	}
	return content{title: "Knowledge", body: knowledgePage(k)}, nil
}

// turnTo shows one page of what was found.
func (k *knowledgeListed) turnTo(found []bridge.Article, page string) {
	k.found, k.pages = len(found), max((len(found)+articlesPerPage-1)/articlesPerPage, 1)
	k.page, _ = strconv.Atoi(page)
	k.page = min(max(k.page, 1), k.pages)
	from := (k.page - 1) * articlesPerPage
	k.rows = found[from:min(from+articlesPerPage, len(found))]
}

// at is where another page of the same is.
func (k knowledgeListed) at(page int) string {
	q := url.Values{"page": {strconv.Itoa(page)}}
	if k.words != "" {
		q.Set("q", k.words)
	}
	return knowledgePath + "?" + q.Encode()
}

// articlesWith are the articles in which all the words stand.
func articlesWith(all []bridge.Article, words string) (found []bridge.Article) {
	query := search.Parse(words)
	if len(query) == 0 {
		return all
	}
	for _, a := range all {
		hits := query.Hits(a.Title) | query.Hits(strings.Join(a.Questions, "\n"))
		if hits == query.All() || hits|query.Hits(rich.Plain(a.Body)) == query.All() {
			found = append(found, a)
		}
	}
	return found
}

// verdict says what the robot would do with what is found for a question.
func (t trial) verdict() string {
	switch {
	case len(t.passages) == 0:
		return "The robot would have no answer: nothing in the knowledge is about this."
	case t.passages[0].Confidence >= knowledge.Sure:
		return "The robot would answer with the first."
	case t.passages[0].Confidence < knowledge.Possible:
		return "The robot would have no answer: nothing comes near enough."
	case len(t.passages) == 1:
		return "The robot would ask whether this is meant."
	}
	return fmt.Sprintf("The robot would ask which of these %d is meant.", len(t.passages))
}

// percent writes a confidence as people read it.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// unanswered counts what was asked in the same words as one question.
func (b *Workbench) unanswered(ctx context.Context) (asked []unanswered, err error) {
	thoughts, err := b.cfg.Knowledge.Unanswered(ctx, unansweredWithin, unansweredAtMost)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for _, t := range thoughts {
		same := sameWords(t.Question)
		i, again := at[same]
		if !again {
			i, at[same] = len(asked), len(asked)
			asked = append(asked, unanswered{KeptThought: t})
		}
		asked[i].times++
	}
	asked = asked[:min(len(asked), unansweredShown)]
	for i := range asked {
		if found := b.cfg.Knowledge.Find(asked[i].Question, ""); len(found) > 0 && found[0].Confidence >= knowledge.Sure {
			asked[i].now = found[0].Title
		}
	}
	return asked, nil
}

// sameWords is what two questions have in common that differ only in capitals, accents and signs.
func sameWords(question string) string {
	var words []string
	for w := range search.Words(question) {
		words = append(words, w.Text)
	}
	if len(words) == 0 {
		return question
	}
	return strings.Join(words, " ")
}

// articleAt is where an article is edited.
func articleAt(k bridge.ArticleKey) string { return articlePage("edit", k) }

func articlePage(page string, k bridge.ArticleKey) string {
	return knowledgePath + "/" + page + "?" + url.Values{"id": {k.ID}, "language": {k.Language}}.Encode()
}

// newArticle is where an article is begun with something in it.
func newArticle(fields ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		q.Set(fields[i], fields[i+1])
	}
	return knowledgePath + "/edit?" + q.Encode()
}

// articleOf finds an article. bridge.ErrNotFound when there is none.
func (b *Workbench) articleOf(ctx context.Context, k bridge.ArticleKey) (bridge.Article, error) {
	all, err := b.cfg.Knowledge.All(ctx)
	if err != nil {
		return bridge.Article{}, err
	}
	i := slices.IndexFunc(all, func(a bridge.Article) bool { return a.Key() == k })
	if i < 0 {
		return bridge.Article{}, bridge.ErrNotFound
	}
	return all[i], nil
}

// keyOf is the article that an address or a form names.
func keyOf(v *visit) bridge.ArticleKey {
	return bridge.ArticleKey{ID: v.FormValue("id"), Language: v.FormValue("language")}
}

func (b *Workbench) articleAskRemove(v *visit) (content, error) {
	a, err := b.articleOf(v.Context(), keyOf(v))
	if err != nil {
		return content{}, err
	}
	return content{title: "Remove " + a.Title, body: articleRemovePage(a)}, nil
}

func (b *Workbench) articleRemove(v *visit) (string, error) {
	err := b.cfg.Desk.RemoveArticle(v.Context(), v.agent.ID, keyOf(v))
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		v.tell("It was removed already.", false)
	case err != nil:
		return "", err
	default:
		v.tell("Removed. The robot does not answer with it any more.", false)
	}
	return knowledgePath, nil
}
