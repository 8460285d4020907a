package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/knowledge/importing"
	"github.com/skeindesk/skein/bridge/rich"
)

// ArticleKey is which article it is, in which language.
type ArticleKey struct{ ID, Language string }

// Key is what the article is kept by.
func (a Article) Key() ArticleKey { return ArticleKey{a.ID, a.Language} }

// KeepArticle writes an article as an agent has edited it. It replaces the one that was, whose revision it has; one that
// takes its place elsewhere (another language) too. ErrChanged when that is another by now, ErrNotFound when it is gone; nothing
// is written then. was is empty for a new one, whose ID is made if it has none. A *Problem says what is wrong with it.
func (d *Desk) KeepArticle(ctx context.Context, by AgentID, a Article, was ArticleKey) (kept Article, err error) {
	kept = a
	kept.Title, kept.Language, kept.URL = strings.TrimSpace(a.Title), strings.TrimSpace(a.Language), strings.TrimSpace(a.URL)
	kept.Questions = nil
	for _, q := range a.Questions {
		if q = strings.Join(strings.Fields(q), " "); q != "" {
			kept.Questions = append(kept.Questions, q)
		}
	}
	if a.ID != was.ID || a.ID == "" {
		kept.ID = importing.Slug(cmp.Or(strings.TrimSpace(a.ID), kept.Title))
	}
	kept.ChangedBy = by
	if wrong := checkArticle(kept.Article); wrong != "" {
		return kept, &Problem{Code: "bad_article", Public: "Not kept yet: " + wrong}
	}
	err = d.ledger.Change(ctx, func(tx Tx) error {
		if _, err := tx.Member(by); err != nil {
			return err
		}
		return keepArticle(tx, kept, was)
	})
	if err != nil {
		return kept, fmt.Errorf("keep an article: %w", err)
	}
	d.knowledge.changed()
	return kept, nil
}

func keepArticle(tx Tx, a Article, was ArticleKey) error {
	if was != (ArticleKey{}) {
		stands, err := tx.Article(was.ID, was.Language)
		if err != nil {
			return err
		}
		if stands.Revision != a.Revision {
			return ErrChanged
		}
	}
	if a.Key() == was {
		return tx.SaveArticle(a)
	}
	switch other, err := tx.Article(a.ID, a.Language); {
	case err == nil && was == (ArticleKey{}) && other.Title == a.Title && rich.Equal(other.Body, a.Body):
		return nil // pressed twice
	case err == nil:
		return &Problem{Code: "article_taken", Public: "Not kept yet: there is “" + other.Title + "” already with this name and language."}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	if was != (ArticleKey{}) {
		if err := tx.RemoveArticle(was.ID, was.Language); err != nil {
			return err
		}
	}
	return tx.SaveArticle(a)
}

var articleLanguage = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// checkArticle says what is wrong with an article; empty: nothing.
func checkArticle(a knowledge.Article) string {
	_, web := rich.SafeURL(a.URL)
	switch {
	case a.ID == "":
		return "it needs a name."
	case a.Title == "":
		return "write a title, or a question."
	case len(a.Title) > importing.MaxTitle:
		return fmt.Sprintf("the title is longer than %d characters.", importing.MaxTitle)
	case len(a.Questions) > importing.MaxQuestions:
		return fmt.Sprintf("there are more than %d other ways to ask.", importing.MaxQuestions)
	case rich.IsEmpty(a.Body):
		return "write an answer."
	case len(rich.Plain(a.Body)) > importing.MaxBody:
		return fmt.Sprintf("the answer is longer than %d characters.", importing.MaxBody)
	case a.Language != "" && !articleLanguage.MatchString(a.Language):
		return "a language is written as en or pt-BR."
	case a.URL != "" && !web:
		return "the address is no web address."
	}
	for _, q := range a.Questions {
		if len(q) > importing.MaxTitle {
			return fmt.Sprintf("another way to ask is longer than %d characters.", importing.MaxTitle)
		}
	}
	return ""
}

// RemoveArticle removes an article in a language. ErrNotFound when it is gone.
func (d *Desk) RemoveArticle(ctx context.Context, by AgentID, k ArticleKey) error {
	err := d.ledger.Change(ctx, func(tx Tx) error {
		if _, err := tx.Member(by); err != nil {
			return err
		}
		return tx.RemoveArticle(k.ID, k.Language)
	})
	if err != nil {
		return fmt.Errorf("remove an article: %w", err)
	}
	d.knowledge.changed()
	return nil
}

// ImportArticles writes articles that were read from a file, all of them or none. Those with the ID and language of another
// one replace it.
func (d *Desk) ImportArticles(ctx context.Context, by AgentID, articles []knowledge.Article) error {
	for _, a := range articles {
		if wrong := checkArticle(a); wrong != "" {
			return &Problem{Code: "bad_article", Public: "Nothing was imported: with “" + Excerpt(a.Title) + "”, " + wrong}
		}
	}
	err := d.ledger.Change(ctx, func(tx Tx) error {
		if _, err := tx.Member(by); err != nil {
			return err
		}
		for _, a := range articles {
			if err := tx.SaveArticle(Article{Article: a, ChangedBy: by}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("import articles: %w", err)
	}
	d.knowledge.changed()
	return nil
}

// learned names the article that is made of an agent's line: whoever learns from it again replaces it.
func learned(c ConversationID, seq int64) string {
	return fmt.Sprintf("answer-%d-%d", c, seq)
}

// Lesson is the article that an agent's line would make: what it answers is the title.
func (d *Desk) Lesson(ctx context.Context, c ConversationID, seq int64) (a Article, err error) {
	err = d.ledger.Look(ctx, func(tx Tx) error {
		a, err = lesson(tx, c, seq)
		return err
	})
	return a, err
}

// lesson finds what a line answers: the visitor's last words before it.
func lesson(tx Tx, c ConversationID, seq int64) (Article, error) {
	answer, gone, err := tx.EntryAt(c, seq)
	if err != nil || gone || answer.Kind != Said || answer.Audience != Everyone || answer.By.Kind != ByAgent {
		return Article{}, errors.Join(err, errNoLesson)
	}
	conv, err := tx.Conversation(c)
	if err != nil {
		return Article{}, err
	}
	said, err := tx.Recent(c, 100)
	if err != nil {
		return Article{}, err
	}
	a := Article{Article: knowledge.Article{ID: learned(c, seq), Language: conv.Language, Body: answer.Body}}
	for _, en := range said {
		if text := strings.TrimSpace(rich.Plain(en.Body)); en.Seq < seq && en.By.Kind == ByVisitor && text != "" {
			a.Title = strings.Join(strings.Fields(text), " ")
		}
	}
	a.Title = Excerpt(a.Title)
	return a, nil
}

var errNoLesson = &Problem{Code: "no_lesson", Public: "Nothing was kept: what becomes knowledge is a line that you said to a visitor."}

// learnCommand keeps an agent's answer as knowledge.
func learnCommand() command {
	return command{
		Word: Word{Word: "learn", Usage: "!learn", Help: "keep your last answer, or the one you answer with it, as knowledge for the robot"},
		run:  commandLearn,
	}
}

func commandLearn(d *Desk, c *change, a asked) error {
	if d.robot == nil {
		return errNoRobot
	}
	seq, _ := strconv.ParseInt(a.rest, 10, 64)
	if seq == 0 {
		target, err := c.ownReply(a)
		if err != nil {
			return err
		}
		seq = target.Seq
	}
	article, err := lesson(c.tx, a.conv.ID, seq)
	if err != nil {
		return err
	}
	article.ChangedBy = a.agent.ID
	if wrong := checkArticle(article.Article); wrong != "" {
		return &Problem{Code: "bad_article", Public: "Nothing was kept: " + wrong + " Write it in the workbench, under Knowledge."}
	}
	if err := c.tx.SaveArticle(article); err != nil {
		return err
	}
	a.answer.Public = "Kept as knowledge: “" + article.Title + "”. The robot answers so from now on; change it in the workbench, under Knowledge."
	return nil
}
