package workbench_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// pageOf is the address of a conversation's page.
func pageOf(c bridge.ConversationID) string { return fmt.Sprint(workbench.Base, "/conversations/", c) }

// say writes in the reply box. as is reply or note.
func (b *browser) say(c bridge.ConversationID, as, text string) page {
	b.t.Helper()
	b.rig.n++
	return b.post(pageOf(c)+"/say", url.Values{"text": {text}, "as": {as}, "key": {fmt.Sprint("say-", b.rig.n)}})
}

// gives presses a button that gives a word.
func (b *browser) gives(c bridge.ConversationID, word string, more url.Values) page {
	b.t.Helper()
	b.rig.n++
	form := url.Values{"word": {word}, "key": {fmt.Sprint("do-", b.rig.n)}, "back": {pageOf(c)}}
	for name, values := range more {
		form[name] = values
	}
	return b.post(pageOf(c)+"/do", form)
}

// log is the conversation's.
func (r *rig) log(c bridge.ConversationID) []bridge.Entry {
	r.t.Helper()
	entries, err := r.store.Log(context.WithoutCancel(r.t.Context()), c)
	must(r.t, err)
	return entries
}

func (p page) has(t *testing.T, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(p.body, want) {
			t.Errorf("%d %s lacks %q:\n%s", p.status, p.path, want, p.body)
		}
	}
}

func (p page) lacks(t *testing.T, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(p.body, u) {
			t.Errorf("%d %s has %q:\n%s", p.status, p.path, u, p.body)
		}
	}
}

// line is the part of the page that shows an entry.
func (p page) line(t *testing.T, seq int64) page {
	t.Helper()
	_, after, found := strings.Cut(p.body, fmt.Sprintf(`<li id="line-%d"`, seq))
	if !found {
		t.Fatalf("line %d is not on the page:\n%s", seq, p.body)
	}
	if i := strings.Index(after, `<li id="line-`); i >= 0 {
		after = after[:i]
	}
	after, _, _ = strings.Cut(after, "</ol></div></div>")
	return page{status: p.status, path: p.path, body: after}
}

func TestTranscript(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	asked := r.says("Maya", "Where is my parcel?")
	c := asked.Conversation
	b := r.signedIn(ana)
	b.say(c, "reply", "Let me look.")
	b.say(c, "note", "She wrote last week, too.")
	must(t, r.desk.Receive(t.Context(), bridge.Inbound{
		Endpoint: website, Key: "edit-1", Kind: bridge.InEdited, Thread: "Maya", From: bridge.Person{ID: "Maya", Name: "Maya"},
		Target: asked.Origin.Message, Body: rich.Of("Where is my parcel 4711?"),
	}))
	p := b.get(pageOf(c))
	p.line(t, asked.Seq).has(t, "line-visitor", "parcel 4711?", "edited", "Where is my parcel?")
	p.has(t, "<h1 dir=\"auto\">Maya</h1>", "Let me look.", "She wrote last week, too.", "Note, not for the visitor", "All", "Ana")
	entries := r.log(c)
	reply, note := entries[1], entries[3]
	if reply.Kind != bridge.Said || reply.Audience != bridge.Everyone || note.Audience != bridge.AgentsOnly {
		t.Fatalf("the log has %+v and %+v", reply, note)
	}
	p.line(t, reply.Seq).has(t, "line-team", "Take back", "Change it")
	p.line(t, reply.Seq).lacks(t, "Note, not for the visitor")
	p.line(t, note.Seq).has(t, "line-note", "Note, not for the visitor", "Delete the note")
	p.line(t, note.Seq).lacks(t, "Take back")

	bens := r.signedIn(ben).get(pageOf(c))
	bens.line(t, reply.Seq).lacks(t, "Take back", "Change it")
	if got := r.signedIn(ben).get(workbench.Base + "/conversations/999"); got.status != http.StatusNotFound {
		t.Errorf("an unknown conversation is answered %d", got.status)
	}
}

// TestRecalledWordsAreForAdmins: everybody sees that a line was taken back, admins also what it said.
func TestRecalledWordsAreForAdmins(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben") // the owner, an agent
	c := r.says("Maya", "Hello").Conversation
	bens, anas := r.signedIn(ben), r.signedIn(ana)
	bens.say(c, "reply", "The wrong words")
	seq := r.log(c)[1].Seq
	bens.post(fmt.Sprint(pageOf(c), "/lines/", seq), url.Values{"text": {"Other words"}, "key": {"edit"}})
	bens.get(pageOf(c)).line(t, seq).has(t, "Other words", "edited", "The wrong words")
	bens.gives(c, "recall", url.Values{"message": {string(bridge.WorkbenchMessage(c, seq))}})
	l := bens.get(pageOf(c)).line(t, seq)
	l.has(t, "Taken back by Ben")
	l.lacks(t, "words")
	anas.get(pageOf(c)).line(t, seq).has(t, "Taken back by Ben", "The wrong words", "Other words")
}

// TestPressedTwice sends the same forms again.
func TestPressedTwice(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	c := r.says("Maya", "Hello").Conversation
	for range 3 {
		b.post(pageOf(c)+"/say", url.Values{"text": {"Once"}, "as": {"reply"}, "key": {"one"}})
	}
	n := 0
	for _, en := range r.log(c) {
		if rich.Plain(en.Body) == "Once" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the line is in the log %d times", n)
	}
	again := b.post(pageOf(c)+"/say", url.Values{"text": {"Something else"}, "as": {"reply"}, "key": {"one"}})
	again.has(t, "Not sent: something else was sent with this form before.", "Something else")
	if key := hidden(t, again, "key"); key == "one" {
		t.Error("the box has the old key again")
	}
	b.post(pageOf(c)+"/say", url.Values{"text": {"For us"}, "as": {"note"}, "key": {"note"}})
	if p := b.post(pageOf(c)+"/say", url.Values{"text": {"For us"}, "as": {"note"}, "key": {"note"}}); strings.Contains(p.body, "Not sent") {
		t.Error("a note that is sent twice is refused")
	}
	for range 3 {
		b.post(pageOf(c)+"/do", url.Values{"word": {"tag"}, "rest": {"vip"}, "key": {"two"}})
	}
	if p := b.post(pageOf(c)+"/do", url.Values{"word": {"close"}}); !strings.Contains(p.body, "not complete") {
		t.Error("a form without a key was carried out")
	}
}

// TestNothingIsLostOnRefusal: what could not be sent stands in the box again.
func TestNothingIsLostOnRefusal(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	c := r.says("Maya", "Hello").Conversation
	p := b.gives(c, "edit", nil)
	p.has(t, "Edit customer", `name="field.email"`)
	kept := hidden(t, p, "form")
	p = b.gives(c, "edit", url.Values{"form": {kept}, "field.name": {"Maya Lind"}, "field.email": {"no address"}})
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a refused form is answered %d", p.status)
	}
	p.has(t, "that is not an email address", `value="Maya Lind"`, `value="no address"`)
	p = b.gives(c, "edit", url.Values{"form": {kept}, "field.name": {"Maya Lind"}, "field.email": {"maya@example.org"}})
	p.has(t, "<h1 dir=\"auto\">Maya Lind</h1>", "Ana has changed what is known of the visitor")
}

// TestEveryWordOfTheTable gives words by the reply box and by buttons, as in a thread.
func TestEveryWordOfTheTable(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b := r.signedIn(ana)
	c := r.says("Maya", "Hello").Conversation
	b.say(c, "reply", "!tag vip").has(t, "Tags: vip.")
	p := b.gives(c, "assign", nil)
	p.has(t, "<h2>Assign</h2>", fmt.Sprintf(`<option value="%d">`, ben.ID))
	b.gives(c, "assign", url.Values{"form": {hidden(t, p, "form")}, "field.agent": {fmt.Sprint(ben.ID)}})
	b.get(pageOf(c)).has(t, "<span>Ben</span>")
	p = b.say(c, "reply", "I answer although it is Ben's.") // the guard asks
	p.has(t, "Not sent yet: Ben is answering this visitor", ">Send</button>", ">Keep internal</button>")
	for _, en := range r.log(c) {
		if en.Audience == bridge.Everyone && strings.Contains(rich.Plain(en.Body), "although") {
			t.Fatal("it was sent without asking")
		}
	}
	other := r.signedIn(ben).get(pageOf(c))
	other.lacks(t, ">Keep internal</button>")
	b.gives(c, "send", nil)
	if n := strings.Count(b.get(pageOf(c)).body, `<p dir="auto">I answer although`); n != 1 {
		t.Errorf("what was sent after all is on the page %d times", n)
	}
	var sent bool
	for _, en := range r.log(c) {
		sent = sent || en.Audience == bridge.Everyone && strings.Contains(rich.Plain(en.Body), "although")
	}
	if !sent {
		t.Error("pressing Send has not sent it")
	}
	b.gives(c, "close", nil).has(t, "History", "Reopen")
}

// TestTranscriptPages goes back through a long conversation.
func TestTranscriptPages(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	var c bridge.ConversationID
	for i := range 130 {
		c = r.says("Maya", fmt.Sprintf("line %03d.", i)).Conversation
	}
	earlier := regexp.MustCompile(`href="([^"]*\?before=\d+)"`)
	p, seen := b.get(pageOf(c)), ""
	p.has(t, "line 129.")
	p.lacks(t, "Newest lines")
	for i := 0; ; i++ {
		seen += p.body
		m := earlier.FindStringSubmatch(p.body)
		if m == nil {
			break
		}
		if i > 5 {
			t.Fatal("there is no end to it")
		}
		p = b.get(m[1])
		p.has(t, "Newest lines")
	}
	for i := range 130 {
		if n := strings.Count(seen, fmt.Sprintf("line %03d.</p>", i)); n != 1 {
			t.Errorf("line %d is on %d pages", i, n)
		}
	}
}

// hidden is the value of a hidden field.
func hidden(t *testing.T, p page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(p.body, -1)
	if m == nil {
		t.Fatalf("there is no field %s:\n%s", name, p.body)
	}
	for _, one := range m {
		if value := html.UnescapeString(one[1]); value != "" && value != "null" {
			return value
		}
	}
	return ""
}

// TestQuickRepliesWhileWriting: they are found as one writes, and one that is chosen is shown before it is sent.
func TestQuickRepliesWhileWriting(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	c := r.says("Maya", "Hello").Conversation
	if p := b.gives(c, "qr add", url.Values{"rest": {"refund The money is back within five days."}}); p.status != http.StatusOK {
		t.Fatalf("keeping a quick reply is answered %d", p.status)
	}
	var found page
	for began := time.Now(); !strings.Contains(found.body, "refund"); {
		if time.Since(began) > time.Minute {
			t.Fatalf("it is not found: %s", found.body)
		}
		found = b.get(pageOf(c) + "/suggest?text=refnd")
	}
	found.lacks(t, "<html")
	id := regexp.MustCompile(`name="pick" value="([^"]+)"`).FindStringSubmatch(found.body)[1]
	p := b.post(pageOf(c)+"/say", url.Values{"pick": {html.UnescapeString(id)}, "text": {"#refnd"}, "key": {"pick"}})
	p.has(t, "within five days", ">Send</button>")
	for _, en := range r.log(c) {
		if en.Audience == bridge.Everyone && strings.Contains(rich.Plain(en.Body), "five days") {
			t.Fatal("it was sent without being looked at")
		}
	}
	rest := regexp.MustCompile(`name="rest" value="(:send[^"]+)"`).FindStringSubmatch(p.body)[1]
	b.gives(c, "qr", url.Values{"rest": {rest}}).line(t, r.log(c)[len(r.log(c))-2].Seq).has(t, "within five days")
	if p := b.get(pageOf(c) + "/suggest?text=" + url.QueryEscape("zzzz qqqq")); !strings.Contains(p.body, "No quick reply") {
		t.Errorf("nothing is found so: %s", p.body)
	}
}

// What was erased is said to be, and nothing is offered there.
func TestConversationThatWasErased(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	en := r.says("Vera", "My secret")
	r.does(ana, en.Conversation, "tag", "vip")
	r.does(ana, en.Conversation, "close", "")
	var visitor bridge.VisitorID
	must(t, r.store.Look(t.Context(), func(tx bridge.Tx) error {
		c, err := tx.Conversation(en.Conversation)
		visitor = c.Visitor
		return err
	}))
	must(t, r.store.EraseVisitor(t.Context(), visitor))
	b := r.signedIn(ana)
	p := b.get(workbench.Base + "/conversations/" + string(bridge.WorkbenchThread(en.Conversation)))
	if p.status != http.StatusOK || !strings.Contains(p.body, "What was said here was erased") {
		t.Errorf("the page is %d:\n%s", p.status, p.body)
	}
	for _, gone := range []string{"Vera", "secret", "vip", `id="reply"`, "Reopen", `value="block"`, `value="edit"`} {
		if strings.Contains(p.body, gone) {
			t.Errorf("the page has %s", gone)
		}
	}
	if p := b.get(workbench.Base + "/conversations?list=history"); !strings.Contains(p.body, "Erased") || strings.Contains(p.body, "Vera") {
		t.Error("the list does not say so")
	}
	if answer := r.does(ana, en.Conversation, "reopen", ""); !answer.Refused {
		t.Errorf("opening it again is answered %q", answer.Public)
	}
}
