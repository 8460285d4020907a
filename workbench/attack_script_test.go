package workbench_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// evil breaks out of text, of attributes in either quotes, and of elements whose text is no markup.
const evil = `"'></textarea></title></script></svg><b-evil onpointerover=alert(1)></b-evil><script>document.title='evil'</script>` +
	`<img src=x onerror="document.title='evil'"><svg onload="document.title='evil'">`

const evilAddress = "javascript:document.title='evil'//" + evil

// inert says that a page has nothing in it that runs and is not ours, and nothing of what evil would have made.
func (p page) inert(t *testing.T) {
	t.Helper()
	if kind := p.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		return
	}
	doc, err := html.Parse(strings.NewReader(p.body))
	must(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		src := attribute(n, "src")
		switch n.Data {
		case "script":
			if !strings.HasPrefix(src, workbench.Base+"/static/") && !strings.HasPrefix(src, "http://127.0.0.1:") || n.FirstChild != nil {
				t.Errorf("%s has the script %q: %s", p.path, src, written(n))
			}
		case "b-evil", "base", "object", "embed", "applet", "style":
			t.Errorf("%s has %s", p.path, written(n))
		case "meta":
			if attribute(n, "http-equiv") != "" {
				t.Errorf("%s has %s", p.path, written(n))
			}
		}
		for _, a := range n.Attr {
			if runs(a) || src == "x" {
				t.Errorf("%s has %s", p.path, written(n))
			}
		}
	}
}

// runs reports whether an attribute can run something. Addresses may be of the web only, or mail, or ours.
func runs(a html.Attribute) bool {
	switch {
	case strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "srcdoc" || a.Key == "style":
		return true
	case slices.Contains([]string{"href", "src", "action", "formaction", "poster", "srcset", "data", "hx-get", "hx-post"}, a.Key):
		u, err := url.Parse(a.Val)
		return err != nil || !slices.Contains([]string{"", "http", "https", "mailto", "tel"}, u.Scheme)
	}
	return false
}

func attribute(n *html.Node, name string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

func written(n *html.Node) string {
	var b strings.Builder
	_ = html.Render(&b, n)
	return b.String()[:min(b.Len(), 300)]
}

// attacked is a workbench in whose database everything that anybody can set is evil.
func attacked(t *testing.T) (r *rig, owner bridge.Agent, c bridge.ConversationID) {
	r = newRig(t)
	owner, ben := r.agent(evil), r.agent("Ben"+evil)
	ben.Languages, ben.PublicAvatar = []string{evil}, evilAddress
	must(t, r.store.Change(t.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(ben) }))
	_, err := r.desk.Greet(t.Context(), bridge.Visitor{
		Endpoint: website, Key: "Eve", Device: evil, Network: evil, Locale: evil, Place: evil,
		Profile: bridge.Profile{Name: evil, Email: evil, Phone: evil, Avatar: evilAddress, Attributes: map[string]string{evil: evil}},
		Page:    bridge.Page{URL: evilAddress, Title: evil, Referrer: evilAddress},
	})
	must(t, err)
	for i, in := range []bridge.Inbound{
		{Kind: bridge.InSaid, Body: rich.Of(evil), Message: "m1", Stored: []bridge.File{
			{ID: "evil-file", Name: evil, Type: "image/png" + evil, Size: 3}, {ID: bridge.FileID(evil), Name: evil + ".svg", Type: "image/svg+xml"},
		}},
		{Kind: bridge.InSaid, Message: "m2", Body: rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
			{Kind: rich.Link, URL: evilAddress, Children: []rich.Node{{Kind: rich.Text, Text: evil}}},
			{Kind: rich.Mention, Text: evil, Info: evil},
			{Kind: rich.Code, Text: evil},
		}}, {Kind: rich.Pre, Text: evil, Info: evil}}},
		{Kind: bridge.InEdited, Body: rich.Of(evil), Target: "m1"},
		{Kind: bridge.InNoticed, Body: rich.Of(evil)},
	} {
		in.Endpoint, in.Key, in.Thread, in.From = website, fmt.Sprint("evil-", i), "Eve", bridge.Person{ID: "Eve", Name: evil, Avatar: evilAddress}
		en, err := r.desk.Accept(t.Context(), in)
		must(t, err)
		c = max(c, en.Conversation)
	}
	must(t, r.desk.Rate(t.Context(), bridge.Inbound{
		Endpoint: website, Key: "evil-rating", Thread: "Eve", From: bridge.Person{ID: "Eve", Name: evil}, Body: rich.Of(evil),
	}, bridge.MinScore))
	r.does(owner, c, "tag", evil)
	r.keeps(quickreply.Reply{
		Shortcut: "x", Title: evil, Body: rich.Of(evil + " {agent.name} {visitor.name}"), Tags: []string{evil}, Language: "en",
		Variants: map[string]rich.Doc{"de": rich.Of(evil)}, Files: []quickreply.File{{ID: "F1", Name: evil, Type: "text/html", Size: 3}},
	})
	r.answers(owner, c, evil)
	r.knows(owner, knowledge.Article{
		ID: evil, Language: "en", Title: evil, Questions: []string{evil}, Body: rich.Of(evil), URL: "https://evil.example/?" + url.QueryEscape(evil),
	})
	robot, source := r.robot(), bridge.Source{ID: evil, Title: evil, URL: evilAddress, Language: evil}
	r.thinks(robot, "Eve's friend", evil, bridge.Thought{Failed: evil})
	r.thinks(robot, "Eve's sister", evil, bridge.Thought{Answer: bridge.RobotAnswer{
		Text: rich.Of(evil), Sources: []bridge.Source{source, {Title: evil}}, Confidence: 1, Why: evil,
	}})
	r.thinks(robot, "Eve's sister", evil, bridge.Thought{Answer: bridge.RobotAnswer{Unsure: true, Why: evil}})
	r.refused(c, desk, evil)
	r.digested()
	return r, owner, c
}

// reflecting are pages whose address is written by whoever made the link.
func reflecting() (paths []string) {
	for _, page := range []string{
		"/conversations?list=", "/conversations?tag=", "/conversations?language=", "/conversations?endpoint=", "/conversations?owner=",
		"/conversations?from=", "/conversations?after=", "/conversations?kind=", "/search?q=", "/search?q=evil&tag=", "/search?after=", "/quick-replies?q=",
		"/quick-replies?tag=", "/quick-replies?group=", "/join?code=", "/join?name=", "/undelivered?endpoint=", "/undelivered?after=",
		"/undelivered/all?word=retry&endpoint=", "/reports?from=", "/reports?endpoint=", "/conversations/1?before=", "/conversations/1/suggest?text=", "/in/",
		"/knowledge?q=", "/knowledge?ask=", "/knowledge?ask=evil&language=", "/knowledge?page=", "/knowledge/edit?title=", "/knowledge/edit?name=",
		"/knowledge/edit?language=en&id=", "/knowledge/edit?seq=1&conversation=", "/knowledge/remove?language=en&id=",
		"/files/", "/team/", "/quick-replies/", "/channels/", "/",
	} {
		paths = append(paths, workbench.Base+page+url.QueryEscape(evil), workbench.Base+page+url.QueryEscape(evilAddress))
	}
	return paths
}

// TestWhatAnybodySetsIsText reads every page where all that anybody can set is evil, and sends every form with evil in it.
func TestWhatAnybodySetsIsText(t *testing.T) {
	r, owner, c := attacked(t)
	b := r.signedIn(owner)
	places := r.places()
	places["conversations/{id}"] = fmt.Sprint(c)
	shown := 0
	for _, path := range append(r.addresses(http.MethodGet, places), reflecting()...) {
		if strings.HasSuffix(path, "/events") {
			continue // an answer without end, and without text
		}
		p := b.get(path)
		p.inert(t)
		if strings.Contains(p.body, "&lt;b-evil") {
			shown++
		}
	}
	if shown < 15 {
		t.Errorf("no more than %d pages show what is evil: the others show nothing at all", shown)
	}
	for _, talk := range []bridge.ConversationID{c + 1, c + 2} { // with the robot
		p := b.get(pageOf(talk))
		p.inert(t)
		p.has(t, "Confidence ")
	}
	for _, list := range []string{"list=all", "list=robot", "list=unassigned", "list=history", "kind=colleagues"} {
		b.get(workbench.Base + "/conversations?" + list).inert(t)
	}
	form := url.Values{}
	for _, field := range []string{
		"as", "attributes", "back", "began", "capacity", "code", "conversation", "delete", "duty", "email", "endpoint", "field.attributes", "field.email",
		"field.name", "field.phone", "form", "group", "hours", "id", "invitation", "kept", "languages", "language", "level", "message", "name", "pick", "picture",
		"q", "questions", "rest", "revision", "role", "shortcut", "tags", "text", "title", "url", "variant-language", "variant-text", "was-hours", "was-id",
		"was-language", "was-name", "word",
	} {
		form.Set(field, evil)
	}
	form.Set("form", `{"Title":`+fmt.Sprintf("%q", evil)+`,"Fields":[{"Name":`+fmt.Sprintf("%q", evil)+`}]}`)
	for i, path := range r.addresses(http.MethodPost, places) {
		if strings.HasSuffix(path, "/out") {
			continue
		}
		form.Set("key", fmt.Sprintf("evil-key-%030d", i))
		b.post(path, form).inert(t)
		b.upload(path, form, "file", evil+".csv", "shortcut,body,group\nx,y,"+evil+"\n").inert(t)
		b.get(pageOf(c)).inert(t) // what was asked may have been done
	}
	for _, field := range []string{"shortcut", "title", "tags", "language", "text", "group", "began", "variant-language"} {
		b.post(quickPath, b.get(quickPath+"/1").form(field, evil, "variant-text", evil)).inert(t)
		b.post(quickPath+"/preview", b.get(quickPath+"/1").form(field, evil, "variant-text", evil)).inert(t)
	}
	for _, path := range []string{"?q=", "?ask="} {
		b.get(knowledgePath+path+url.QueryEscape("onpointerover alert")).has(t, "&lt;b-evil")
	}
	for _, field := range []string{"title", "questions", "text", "id", "language", "url", "revision", "was-id", "was-language"} {
		b.post(knowledgePath+"/edit", b.get(articleIn(evil, "en")).form("title", evil, "text", evil, "id", evil, "language", "en", field, evil)).inert(t)
	}
	b.upload(knowledgePath+"/import", form, "file", evil+".md", "# "+evil+"\n\n"+evil+"\n").inert(t)
	b.upload(knowledgePath+"/import", url.Values{"level": {"9"}}, "file", evil+".csv", evil+","+evil+"\n").inert(t)
	for _, field := range []string{"name", "picture", "hours", "languages", "capacity", "was-hours"} {
		b.post(teamPath+"/2", b.keyed(field, evil)).inert(t)
	}
	edit := b.get(pageOf(c)).customerForm(t)
	edit.Set("field.email", evil)
	edit.Set("key", "evil")
	b.post(pageOf(c)+"/customer", edit).inert(t)
}

// TestNothingRunsInABrowser opens them in a real one: were anything in them a script or a handler, the policy would refuse
// it, and the browser say so.
func TestNothingRunsInABrowser(t *testing.T) {
	r, owner, c := attacked(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: owner.ID})
	must(t, err)
	browser := browsertest.New(t)
	p := browser.Open(link)
	p.Click("form button")
	p.WaitVisible("#lists")
	for _, path := range []string{
		pageOf(c), workbench.Base + "/conversations?list=all", workbench.Base + "/search?q=evil", quickPath + "/1", quickPath, teamPath, teamPath + "/2",
		knowledgePath, knowledgePath + "?ask=" + url.QueryEscape("onpointerover alert"), articleIn(evil, "en"), pageOf(c + 1), pageOf(c + 2),
		undeliveredPath, workbench.Base + "/search?q=" + url.QueryEscape(evil), workbench.Base + "/reports",
	} {
		p.Navigate(r.server.URL + path)
		p.WaitVisible("#content h1")
		p.Eval(`document.querySelectorAll('details').forEach((d) => { d.open = true; })`, nil)
		var title string
		if p.Eval(`document.title`, &title); title == "evil" || p.Has("b-evil, img[src=x], [onload], [onerror]") {
			t.Errorf("%s has run what is in it", path)
		}
	}
	for _, complaint := range p.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}
