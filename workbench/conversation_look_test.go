package workbench_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// talk is a conversation with a bit of everything in it.
func (r *rig) talk(ana, ben bridge.Agent, visitor, question string) bridge.ConversationID {
	r.t.Helper()
	first := r.says(visitor, question)
	c := first.Conversation
	_, err := r.desk.Greet(r.t.Context(), bridge.Visitor{
		Endpoint: website, Key: visitor, Verified: true, Device: "Firefox on Windows", Network: "203.0.113.0/24", Locale: "nb-NO",
		Profile: bridge.Profile{Name: visitor, Email: "mira@example.org", Attributes: map[string]string{"customer since": "2021", "plan": "Plus"}},
		Page:    bridge.Page{URL: "https://shop.example.com/tents/tarn-2", Title: "Tarn 2, the light tent", Referrer: "https://search.example/"},
	})
	must(r.t, err)
	a, b := r.signedIn(ana), r.signedIn(ben)
	a.gives(c, "tag", map[string][]string{"rest": {"warranty"}})
	a.sends(pageOf(c)+"/say", part{name: "key", value: visitor + "-files"}, part{name: "as", value: "reply"},
		part{name: "text", value: "I am sorry about that. This is the part that I would send you."}, part{"file", "flysheet.png", picture(r.t)})
	b.say(c, "note", "We had three of these this month. The seam at the door, every time.")
	b.say(c, "reply", "I'll send it today.") // Ana's: it asks first
	b.gives(c, "keep", nil)
	a.say(c, "reply", "It leaves today.")
	for _, en := range r.log(c) {
		if rich.Plain(en.Body) == "It leaves today." {
			a.post(fmt.Sprint(pageOf(c), "/lines/", en.Seq), map[string][]string{"text": {"It leaves tomorrow morning."}, "key": {visitor + "-edit"}})
		}
	}
	a.say(c, "reply", "The wrong window.")
	a.gives(c, "recall", nil)
	r.says(visitor, "Thank you. That was quick.")
	return c
}

// TestConversationLook opens the page as people see it: light, dark, on a phone, with a script from right to left.
func TestConversationLook(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana Ruiz"), r.agent("Ben Okafor")
	c := r.talk(ana, ben, "Mira Sand", "The tent arrived with a torn flysheet. Order TT-48213: can you send me a new one?")
	robot := r.taught(ana, ben)
	rtl := r.talk(ana, ben, "محمد الخطيب", "وصلت الخيمة وغطاؤها ممزق. هل يمكنكم إرسال غطاء جديد؟")
	b := browsertest.New(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: ana.ID})
	must(t, err)
	in := b.Open(link)
	in.Click("form button")
	in.WaitVisible("#lists") // signed in: the pages below are not for strangers
	wide, phone := browsertest.Size(1280, 860, false), browsertest.Size(390, 844, true)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	for look, options := range map[string][]browsertest.Option{"": {wide}, "-dark": {wide, dark}, "-phone": {phone}, "-rtl": {wide}, "-turned": {wide, browsertest.Script(fromTheRight)}, "-robot": {wide}} {
		at := pageOf(c)
		if look == "-rtl" || look == "-turned" {
			at = pageOf(rtl)
		}
		if look == "-robot" {
			at = pageOf(robot)
		}
		page := b.Open(r.server.URL+at, options...)
		page.WaitVisible("#transcript")
		page.Wait(`document.querySelector('img')?.complete !== false`)
		axe.Check(t, page.Frame)
		var over bool
		if page.Eval(`document.documentElement.scrollWidth > innerWidth`, &over); over {
			t.Errorf("%s: the page is wider than the window", look)
		}
		if *pictures != "" && look != "-turned" && look != "-robot" {
			page.Screenshot(filepath.Join("..", *pictures, "workbench-conversation"+look+".png"))
		}
		page.Eval(`document.querySelectorAll('details').forEach((d) => { d.open = true; })`, nil)
		axe.Check(t, page.Frame)
		for _, complaint := range page.Complaints() {
			t.Errorf("%s: the browser complains: %s", look, complaint)
		}
		page.Close()
	}
}

// TestConversationByKeyboard answers a visitor without a mouse, and reads what comes meanwhile.
func TestConversationByKeyboard(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana Ruiz")
	c := r.says("Mira", "Hello").Conversation
	b := browsertest.New(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: ana.ID, Path: strings.TrimPrefix(pageOf(c), workbench.Base+"/")})
	must(t, err)
	page := b.Open(link)
	page.Click("form button")
	page.WaitVisible("#text")
	tab := func(to string) {
		t.Helper()
		for range 60 {
			page.Press("Tab", 9)
			var there bool
			if page.Eval(fmt.Sprintf(`document.activeElement.matches(%q)`, to), &there); there {
				return
			}
		}
		t.Fatalf("nobody comes to %s by Tab", to)
	}
	tab("#text")
	page.Commit("Good morning, Mira.")
	tab(`#reply button[value="reply"]`)
	page.Activate()
	page.WaitText("#transcript", "Good morning, Mira.")
	page.Wait(`document.querySelector('#text').value === ''`)
	page.Wait(`document.querySelector('#standing').innerText.includes('Ana Ruiz')`) // the first answer has taken it

	tab("#text")
	page.Commit("What I am writing")
	r.says("Mira", "Are you there?")
	page.WaitText("#transcript", "Are you there?")
	page.Wait(`document.querySelector('#text').value.includes('What I am writing')`)
	page.Wait(`document.querySelector('#news').textContent.includes('Are you there?')`)

	tab(".line-team details.more > summary")
	page.Activate()
	page.WaitVisible(".line-team .sheet")
	tab(".line-team .sheet button.danger")
	r.says("Mira", "Hello?") // the transcript is made anew, and nobody loses their place in it
	page.WaitText("#transcript", "Hello?")
	page.Activate()
	page.WaitText("#transcript", "Taken back by Ana Ruiz")
	for _, complaint := range page.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}
