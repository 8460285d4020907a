package workbench_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

const knowledgePath = workbench.Base + "/knowledge"

// knows keeps articles, as from a file.
func (r *rig) knows(by bridge.Agent, articles ...knowledge.Article) {
	r.t.Helper()
	must(r.t, r.desk.ImportArticles(r.t.Context(), by.ID, articles))
}

func (r *rig) article(id, language string) (a bridge.Article, err error) {
	r.t.Helper()
	err = r.store.Look(r.t.Context(), func(tx bridge.Tx) (err error) {
		a, err = tx.Article(id, language)
		return err
	})
	return a, err
}

// articleIn is where the article is edited.
func articleIn(id, language string) string {
	return knowledgePath + "/edit?" + url.Values{"id": {id}, "language": {language}}.Encode()
}

// robot is a desk over the same database at which a robot answers first.
func (r *rig) robot() *bridge.Desk {
	return bridge.NewDesk(bridge.DeskConfig{
		Ledger: r.store, Hub: r.hub, Routes: routes(), Robot: &bridge.RobotManners{Name: "Tarn's robot", UnsureAfter: 2},
	})
}

// thinks lets a visitor ask and the robot have thought about it, and returns what was asked.
func (r *rig) thinks(at *bridge.Desk, visitor, question string, t bridge.Thought) bridge.Entry {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	r.n++
	en, err := at.Accept(ctx, bridge.Inbound{
		Endpoint: website, Key: fmt.Sprint("asked-", r.n), Message: bridge.MessageRef(fmt.Sprint("q-", r.n)), Kind: bridge.InSaid,
		Thread: bridge.ThreadRef(visitor), From: bridge.Person{ID: visitor, Name: visitor}, Body: rich.Of(question), At: time.Now().UTC(),
	})
	must(r.t, err)
	thread := bridge.ThreadRef(fmt.Sprint(en.Conversation))
	lanes, err := r.store.Claim(ctx, []bridge.EndpointName{bridge.Robot}, []bridge.ConversationID{en.Conversation}, time.Hour, 1)
	must(r.t, err)
	for _, lane := range lanes {
		_, err := r.store.Settle(ctx, lane, bridge.Settlement{
			Thread: thread, Receipt: &bridge.Receipt{Message: bridge.MessageRef(thread), Status: bridge.ReceiptSent},
		})
		must(r.t, err)
	}
	t.Seq = en.Seq
	must(r.t, at.Receive(ctx, bridge.Inbound{
		Endpoint: bridge.Robot, Key: fmt.Sprintf("%d.%d", en.Conversation, en.Seq), Kind: bridge.InThought, Thread: thread,
		From: bridge.Person{ID: string(bridge.Robot)}, Thought: &t, At: time.Now(),
	}))
	return en
}

func returns() knowledge.Article {
	return knowledge.Article{
		ID: "returns", Language: "en", Title: "Sending something back", Questions: []string{"How do I return my order?", "When do I get my money back?"},
		Body: rich.Of("Send it back within 60 days. The label is in the box."), URL: "https://shop.example/help",
	}
}

func shipping() knowledge.Article {
	return knowledge.Article{
		ID: "shipping", Language: "en", Title: "How long does shipping take?", Body: rich.Of("Two days within the country, a week to everywhere else."),
	}
}

func TestArticleIsMadeChangedAndRemoved(t *testing.T) {
	r := newRig(t)
	r.agent("Ana")
	b := r.signedIn(r.agent("Ben")) // no admin
	b.get(knowledgePath).has(t, "Here will be what the robot answers from", `aria-current="page"`)
	form := b.get(knowledgePath+"/edit").form("title", " How do I return something? ", "questions", "Send it back?\r\n\r\nMoney back", "language", "en",
		"text", "Within **60 days**.\r\nThe label is in the box.", "url", "https://shop.example/help")
	p := b.post(knowledgePath+"/edit", form)
	p.has(t, "Kept. The robot answers with it", "**60 days**", `value="how-do-i-return-something"`, "Send it back?\nMoney back")
	b.post(knowledgePath+"/edit", form).has(t, "Kept.") // pressed twice
	a, err := r.article("how-do-i-return-something", "en")
	must(t, err)
	if a.Title != "How do I return something?" || len(a.Questions) != 2 || rich.Plain(a.Body) != "Within 60 days.\nThe label is in the box." ||
		a.URL != "https://shop.example/help" || a.ChangedBy != 2 {
		t.Errorf("kept is %+v", a)
	}
	b.get(knowledgePath).has(t, ">How do I return something?</a>", "<td>en</td>", time.Now().UTC().Format("2 Jan 2006"), ">Ben</div>")

	at := articleIn("how-do-i-return-something", "en")
	p = b.post(knowledgePath+"/edit", b.get(at).form("title", "Returns", "id", "returns", "language", "en-GB", "text", "Within 30 days."))
	p.has(t, "Kept.", `value="returns"`)
	if _, err := r.article("how-do-i-return-something", "en"); err == nil {
		t.Error("it is there under its old name, too")
	}
	if p := b.get(at); p.status != http.StatusNotFound {
		t.Errorf("the old name is answered %d", p.status)
	}
	another := b.get(knowledgePath + "/edit?name=returns")
	another.has(t, "In other languages", ">Returns</a>")
	b.post(knowledgePath+"/edit", another.form("title", "Retouren", "id", "returns", "language", "de", "text", "Binnen 30 Tagen.")).has(t, "Kept.", ">Returns</a>")

	p = b.get(strings.Replace(articleIn("returns", "de"), "/edit?", "/remove?", 1))
	p.has(t, "Remove “<bdi>Retouren</bdi>”?", "Binnen 30 Tagen.")
	b.post(knowledgePath+"/remove", p.form()).has(t, "Removed.")
	b.post(knowledgePath+"/remove", p.form()).has(t, "removed already")
	if _, err := r.article("returns", "en-GB"); err != nil {
		t.Errorf("the other language went with it: %v", err)
	}
}

func TestArticlesAreFound(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.knows(ana, returns(), shipping())
	b := r.signedIn(ana)
	for query, want := range map[string]string{
		"": "returns shipping", "?q=label": "returns", "?q=MONEY+label": "returns", "?q=days": "returns shipping", "?q=label+country": "", "?q=ship": "shipping",
	} {
		p := b.get(knowledgePath + query)
		for id, title := range map[string]string{"returns": ">Sending something back</a>", "shipping": ">How long does shipping take?</a>"} {
			if has, wanted := strings.Contains(p.body, title), strings.Contains(want, id); has != wanted {
				t.Errorf("%q has %s: %v, want %v", query, id, has, wanted)
			}
		}
	}
	b.get(knowledgePath+"?q=zzzzz").has(t, "Nothing has all of these words")
	var more []knowledge.Article
	for i := range 60 {
		more = append(more, knowledge.Article{ID: fmt.Sprint("more-", i), Title: fmt.Sprintf("More %02d", i), Body: rich.Of("More")})
	}
	r.knows(ana, more...)
	first, second := b.get(knowledgePath), b.get(knowledgePath+"?page=2")
	first.has(t, "Page 1 of 2, 62 articles", `rel="next"`)
	second.has(t, `rel="prev"`)
	if n := strings.Count(first.body, `<th scope="row">`) + strings.Count(second.body, `<th scope="row">`); n != 62 {
		t.Errorf("the pages have %d of 62", n)
	}
}

func TestAQuestionIsTried(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	spanish := knowledge.Article{ID: "shipping", Language: "es", Title: "¿Cuánto tarda el envío?", Body: rich.Of("Dos días.")}
	r.knows(ana, returns(), shipping(), spanish)
	b := r.signedIn(ana)
	p := b.get(knowledgePath + "?ask=" + url.QueryEscape("How do I return my order?"))
	p.has(t, "The robot would answer with the first.", "Sending something back", " %</strong>", `value="How do I return my order?"`)
	b.get(knowledgePath+"?ask="+url.QueryEscape("how long does shipping take")+"&language=es").has(t, "¿Cuánto tarda el envío?")
	b.get(knowledgePath+"?ask=elephants").has(t, "The robot would have no answer: nothing in the knowledge is about this.")
	b.get(knowledgePath+"?ask="+url.QueryEscape("box elephants zebra")).has(t, "nothing comes near enough", "Sending something back")
}

func TestWhatWasNotAnsweredIsListed(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	robot, b := r.robot(), r.signedIn(ana)
	for i, question := range []string{"Do you ship to Norway?", "do you ship to norway", "Is the stove allowed on planes?"} {
		r.thinks(robot, fmt.Sprint("Visitor ", i), question, bridge.Thought{Answer: bridge.RobotAnswer{Unsure: true}})
	}
	r.thinks(robot, "Maya", "How do I return it?", bridge.Thought{Answer: bridge.RobotAnswer{Text: rich.Of("So."), Confidence: 0.9}})
	p := b.get(knowledgePath)
	p.has(t, "2 times", "Is the stove allowed on planes?", pageOf(2), "title=Is+the+stove+allowed+on+planes%3F")
	p.lacks(t, "How do I return it?")
	if n := strings.Count(p.body, "Write an answer</a>"); n != 2 {
		t.Errorf("%d questions are listed, want 2:\n%s", n, p.body)
	}
	p = b.get(knowledgePath + "/edit?title=Is+the+stove+allowed+on+planes%3F")
	p.has(t, `value="Is the stove allowed on planes?"`)
	b.post(knowledgePath+"/edit", p.form("title", "Is the stove allowed on planes?", "text", "Without the gas."))
	b.get(knowledgePath).has(t, "By now the robot would answer with “<bdi>Is the stove allowed on planes?</bdi>”")
}

// TestTwoWriteAnArticleAtOnce has two agents change the same article: whoever comes second loses nothing, and replaces nothing
// without having seen it.
func TestTwoWriteAnArticleAtOnce(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.knows(ana, returns())
	at := articleIn("returns", "en")
	first, second := r.signedIn(ana), r.signedIn(r.agent("Ben"))
	one, two := first.get(at), second.get(at)
	fields := func(text string) []string {
		return []string{"id", "returns", "language", "en", "title", "Returns", "text", text}
	}
	stands := func() string {
		a, err := r.article("returns", "en")
		must(t, err)
		return rich.Plain(a.Body)
	}
	first.post(knowledgePath+"/edit", one.form(fields("Within 30 days.")...)).has(t, "Kept.")
	p := second.post(knowledgePath+"/edit", two.form(fields("Within a week.")...))
	if p.status != http.StatusConflict || stands() != "Within 30 days." {
		t.Errorf("the second is answered %d, and there stands %q", p.status, stands())
	}
	p.has(t, "somebody else has changed", "Within a week.", "What stands now", "Within 30 days.")
	second.post(knowledgePath+"/edit", p.form(fields("Within a week.")...)).has(t, "Kept.")
	if stands() != "Within a week." {
		t.Errorf("having seen it, the second keeps %q", stands())
	}
	must(t, r.desk.RemoveArticle(t.Context(), ana.ID, bridge.ArticleKey{ID: "returns", Language: "en"}))
	p = first.post(knowledgePath+"/edit", one.form(fields("Within a month.")...))
	p.has(t, "somebody has removed", "Within a month.")
	first.post(knowledgePath+"/edit", p.form(fields("Within a month.")...)).has(t, "Kept.")
}

func TestWhatIsWrongWithAnArticleIsSaidAndNothingLost(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.knows(ana, returns())
	b := r.signedIn(ana)
	for want, fields := range map[string][]string{
		"write an answer":            {"title", "Kept words", "text", " "},
		"write a title":              {"id", "x", "text", "Kept words"},
		"it needs a name":            {"title", "???", "text", "Kept words"},
		"a language is written as":   {"title", "x", "text", "Kept words", "language", "no tag"},
		"the address is no web":      {"title", "x", "text", "Kept words", "url", "javascript:alert(1)"},
		"Sending something back” al": {"title", "x", "text", "Kept words", "id", "Returns", "language", "en"},
	} {
		p := b.post(knowledgePath+"/edit", b.get(knowledgePath+"/edit").form(fields...))
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) || !strings.Contains(p.body, "Kept words") {
			t.Errorf("%v is answered %d, without %q or what was written", fields, p.status, want)
		}
	}
}

func TestArticlesAreImported(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	at := knowledgePath + "/import"
	b.get(at).has(t, `<option value="2" selected>With each heading of level 2`)
	form := url.Values{"level": {"2"}, "language": {"en"}, "url": {"https://shop.example/help"}}
	p := b.upload(at, form, "file", "help.md", "# Help\n\n## Returns\n\n## Returns\n\nWithin 60 days.\n")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad file is answered %d", p.status)
	}
	p.has(t, "1 thing is to be put right in help.md", "Line 3: “Returns” has no text.", `value="https://shop.example/help"`, `value="2" selected`)
	b.get(knowledgePath).has(t, "Here will be")
	b.upload(at, form, "file", "help.xls", "x").has(t, "must end in .md, .html or .csv")
	b.upload(at, form, "", "", "").has(t, "choose a file")

	p = b.upload(at, form, "file", "help.md", "# Help\n\n## Returns {#returns}\n\nWithin **60 days**.\n\n## Shipping {#shipping lang=de}\n\nTwo days.\n")
	p.has(t, "Imported: 2 articles.", ">Returns</a>")
	a, err := r.article("returns", "en")
	must(t, err)
	if a.URL != "https://shop.example/help" || a.ChangedBy != 1 || rich.Plain(a.Body) != "Within 60 days." {
		t.Errorf("imported is %+v", a)
	}
	if _, err := r.article("shipping", "de"); err != nil {
		t.Error(err)
	}
	b.upload(at, form, "file", "more.csv", "question,answer\nWho?,Us\n").has(t, "Imported: 1 article.")
	b.upload(at, url.Values{"level": {"0"}}, "file", "about.html", "<html lang=en><title>About us</title><p>We are a shop.</p>").has(t, "Imported: 1 article.", "About us")
}

// TestAConversationSaysWhy the robot said something, or nothing.
func TestAConversationSaysWhy(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.knows(ana, shipping())
	robot, b := r.robot(), r.signedIn(ana)
	source := bridge.Source{ID: "shipping", Title: "How long does shipping take?", Language: "en"}
	told := r.thinks(robot, "Maya", "How long is shipping?", bridge.Thought{Answer: bridge.RobotAnswer{
		Text: rich.Of("Two days."), Sources: []bridge.Source{source}, Confidence: 0.91, Why: "It says so.", Tokens: 412,
	}})
	unsure := r.thinks(robot, "Maya", "And to Mars?", bridge.Thought{Answer: bridge.RobotAnswer{
		Unsure: true, Confidence: 0.2, Why: "Nothing comes near enough.", Tokens: 88,
	}})
	failed := r.thinks(robot, "Maya", "Hello?", bridge.Thought{Failed: "The model did not answer."})
	p := b.get(pageOf(told.Conversation))
	log := r.log(told.Conversation)
	said := log[slices.IndexFunc(log, func(en bridge.Entry) bool { return rich.Plain(en.Body) == "Two days." })]
	p.line(t, said.Seq).has(t, "Why the robot says this", "It says so.", strings.ReplaceAll(articleIn("shipping", "en"), "&", "&amp;"),
		"How long does shipping take?</a>", "Confidence 91 %", "412 tokens")
	p.line(t, told.Seq).lacks(t, "obot")
	p.line(t, unsure.Seq).has(t, "The robot had no answer", "Nothing comes near enough.", "Confidence 20 %")
	p.line(t, failed.Seq).has(t, "The robot failed", "The model did not answer.")
	p.has(t, "<dd>500 tokens</dd>", `<span class="tag" dir="auto">Talk to a person</span>`)
	p.lacks(t, ">Talk to a person</button>")
	plain := b.get(pageOf(r.says("Ben", "Hello").Conversation))
	plain.lacks(t, "tokens")
	plain.lacks(t, "The robot")
}

// TestAnAnswerIsKeptAsKnowledge from the menu of the agent's own line.
func TestAnAnswerIsKeptAsKnowledge(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	c := r.says("Maya", "Is the stove allowed on planes?").Conversation
	r.answers(ana, c, "Yes, without the gas.")
	b := r.signedIn(ana)
	log := r.log(c)
	seq := log[slices.IndexFunc(log, func(en bridge.Entry) bool { return rich.Plain(en.Body) == "Yes, without the gas." })].Seq
	link := fmt.Sprintf("%s/edit?conversation=%d&seq=%d", knowledgePath, c, seq)
	b.get(pageOf(c)).line(t, seq).has(t, strings.ReplaceAll(link, "&", "&amp;"), "Keep as knowledge")
	r.signedIn(ben).get(pageOf(c)).line(t, seq).lacks(t, "Keep as knowledge")
	p := b.get(link)
	p.has(t, "New article", `value="Is the stove allowed on planes?"`, "Yes, without the gas.")
	name := fmt.Sprintf("answer-%d-%d", c, seq)
	b.post(knowledgePath+"/edit", p.form("title", "The stove on planes", "text", "Without the gas.", "id", name)).has(t, "Kept.")
	b.get(link).has(t, "The stove on planes", "Remove…") // it is changed, not made again
	if p := b.get(fmt.Sprintf("%s/edit?conversation=%d&seq=1", knowledgePath, c)); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a visitor's line is made knowledge: %d", p.status)
	}
}

func TestWithoutKnowledgeThereIsNoPage(t *testing.T) {
	r := newRigWith(t, func(c *workbench.Config) { c.Knowledge = nil })
	ana := r.agent("Ana")
	b := r.signedIn(ana)
	c := r.says("Maya", "Hello").Conversation
	r.answers(ana, c, "Hi")
	b.get(pageOf(c)).lacks(t, "nowledge")
	if p := b.get(knowledgePath); p.status != http.StatusNotFound {
		t.Errorf("the page is answered %d", p.status)
	}
}

// taught fills what the pages about the knowledge show, and returns a conversation with the robot.
func (r *rig) taught(ana, ben bridge.Agent) bridge.ConversationID {
	r.knows(ana, returns(), shipping(),
		knowledge.Article{ID: "returns", Language: "de", Title: "Etwas zurückschicken", Body: rich.Of("Innerhalb von 60 Tagen.")},
		knowledge.Article{ID: "returns", Language: "ar", Title: "كيف أعيد ما اشتريته؟", Body: rich.Of("خلال ستين يوما.")})
	r.knows(ben,
		knowledge.Article{ID: "countries", Language: "en", Title: "Where we ship to", Questions: []string{"Do you ship to Norway?"}, Body: rich.Of(
			"To every country of Europe. Elsewhere we look for a way: write to us.")},
		knowledge.Article{ID: "sizes", Language: "en", Title: "Which size of rucksack fits me?", Body: rich.Of("Up to 52 cm of back take M.")},
		knowledge.Article{ID: "wash", Language: "en", Title: "Washing a sleeping bag", Body: rich.Of("By hand, with down soap, and dry it for two days.")})
	robot := r.robot()
	nothing := bridge.Thought{Answer: bridge.RobotAnswer{Unsure: true, Confidence: 0.31, Why: "Nothing in the knowledge comes near enough (at most 31 %).", Tokens: 640}}
	r.thinks(robot, "Noor Haddad", "هل توجد خيام لأربعة أشخاص؟", nothing)
	r.thinks(robot, "Pat Lee", "is the folding stove allowed on a plane", nothing)
	r.thinks(robot, "Elif Demir", "Is the folding stove allowed on a plane?", nothing)
	asked := r.thinks(robot, "Kari Berg", "How long does shipping take?", bridge.Thought{Answer: bridge.RobotAnswer{
		Text: shipping().Body, Sources: []bridge.Source{{ID: "shipping", Title: shipping().Title, Language: "en"}}, Confidence: 0.93,
		Why: "“How long does shipping take?” answers this (93 %).", Tokens: 812,
	}})
	r.thinks(robot, "Kari Berg", "And do you take old tents back?", nothing)
	return asked.Conversation
}
