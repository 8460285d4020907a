package workbench

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
)

// articleDraft is an article as it stands in the editor's form.
type articleDraft struct {
	was                        bridge.ArticleKey // what it is kept by; empty: it is a new one
	revision                   int64             // of what the editor began with
	id, language               string
	title, questions, text, at string
	others                     []bridge.Article // the same in other languages
	wrong                      string           // why it is not kept yet
	stands                     *bridge.Article  // what somebody else has made of it meanwhile
}

func (d articleDraft) isNew() bool { return d.was == (bridge.ArticleKey{}) }

// articleShow is the editor: of the article that the address names, of what an agent has answered, or of a new one.
func (b *Workbench) articleShow(v *visit) (content, error) {
	d := articleDraft{title: v.FormValue("title"), id: v.FormValue("name")}
	switch q := v.URL.Query(); {
	case q.Has("id"):
		a, err := b.articleOf(v.Context(), keyOf(v))
		if err != nil {
			return content{}, err
		}
		d = b.articleDraftOf(a)
	case q.Has("seq"):
		a, err := b.lesson(v)
		if err != nil {
			return content{}, err
		}
		d = b.articleDraftOf(a)
	}
	return b.articleEditor(v, d)
}

// lesson is the article that an agent's line makes, or has made already.
func (b *Workbench) lesson(v *visit) (bridge.Article, error) {
	conversation, _ := strconv.ParseInt(v.FormValue("conversation"), 10, 64)
	seq, _ := strconv.ParseInt(v.FormValue("seq"), 10, 64)
	a, err := b.cfg.Desk.Lesson(v.Context(), bridge.ConversationID(conversation), seq)
	if err != nil {
		return a, err
	}
	stands, err := b.articleOf(v.Context(), a.Key())
	if errors.Is(err, bridge.ErrNotFound) {
		return a, nil
	}
	return stands, err
}

// articleDraftOf is an article as the form begins with it.
func (b *Workbench) articleDraftOf(a bridge.Article) articleDraft {
	d := articleDraft{
		revision: a.Revision, id: a.ID, language: a.Language, title: a.Title, questions: strings.Join(a.Questions, "\n"),
		text: b.markup.Write(a.Body), at: a.URL,
	}
	if a.Revision != 0 {
		d.was = a.Key()
	}
	return d
}

// articleEditor shows the form, with what there is of the article in other languages.
func (b *Workbench) articleEditor(v *visit, d articleDraft) (content, error) {
	all, err := b.cfg.Knowledge.All(v.Context())
	if err != nil {
		return content{}, err
	}
	for _, a := range all {
		if a.ID == d.id && a.Key() != d.was && a.ID != "" {
			d.others = append(d.others, a)
		}
	}
	return content{title: "Article", body: articleEditPage(d)}, nil
}

// articleKeep writes what the editor's form holds. If it cannot be kept the form is shown again as it was sent.
func (b *Workbench) articleKeep(v *visit) error {
	d := articleDraft{
		was: bridge.ArticleKey{ID: v.FormValue("was-id"), Language: v.FormValue("was-language")}, id: v.FormValue("id"), language: v.FormValue("language"),
		title: v.FormValue("title"), questions: lines(v.FormValue("questions")), text: lines(v.FormValue("text")), at: v.FormValue("url"),
	}
	d.revision, _ = strconv.ParseInt(v.FormValue("revision"), 10, 64)
	kept, err := b.cfg.Desk.KeepArticle(v.Context(), v.agent.ID, bridge.Article{
		Article: knowledge.Article{
			ID: d.id, Language: d.language, Title: d.title, Questions: strings.Split(d.questions, "\n"), Body: b.markup.Read(d.text), URL: d.at,
		},
		Revision: d.revision,
	}, d.was)
	if errors.Is(err, bridge.ErrChanged) {
		stands, now := b.articleOf(v.Context(), d.was)
		if err = now; now == nil {
			d.stands, d.revision = &stands, stands.Revision
			return b.articleAgain(v, d, http.StatusConflict, "Not kept yet: somebody else has changed this article since you began. "+
				"Your text is below, and theirs beside it. Keep yours to replace theirs, or take over from theirs what is to stay.")
		}
	}
	problem, isProblem := errors.AsType[*bridge.Problem](err)
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		d.was, d.revision = bridge.ArticleKey{}, 0
		return b.articleAgain(v, d, http.StatusConflict, "Not kept yet: somebody has removed this article since you began. "+
			"Your text is below: keep it to make the article anew.")
	case isProblem:
		return b.articleAgain(v, d, http.StatusUnprocessableEntity, problem.Public)
	case err != nil:
		return err
	}
	v.tell("Kept. The robot answers with it from now on.", false)
	http.Redirect(v.w, v.Request, articleAt(kept.Key()), http.StatusSeeOther)
	return nil
}

// articleAgain shows the form as it was sent, and why.
func (b *Workbench) articleAgain(v *visit, d articleDraft, status int, wrong string) error {
	d.wrong = wrong
	c, err := b.articleEditor(v, d)
	if err != nil {
		return err
	}
	return v.render(status, c)
}
