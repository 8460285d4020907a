package workbench_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// maya writes from a page, with data that her site knows.
func (r *rig) maya() bridge.ConversationID {
	r.t.Helper()
	c := r.says("Maya", "Hello").Conversation
	_, err := r.desk.Greet(r.t.Context(), bridge.Visitor{
		Endpoint: website, Key: "Maya", Verified: true, Device: "Firefox on Windows", Network: "203.0.113.0/24", Locale: "nb-NO", Place: "Bergen, Norway",
		Profile: bridge.Profile{Name: "Maya Lind", Email: "maya@example.org", Attributes: map[string]string{"Plan": "pro"}},
		Page:    bridge.Page{URL: "https://shop.example.com/boots", Title: "Boots", Referrer: "https://search.example"},
	})
	must(r.t, err)
	return c
}

// shown is the form in which the customer's data is changed, as a page shows it.
func (p page) customerForm(t *testing.T) url.Values {
	t.Helper()
	form := url.Values{}
	for _, name := range []string{"name", "email", "phone", "attributes"} {
		was := "field." + bridge.WasField + name
		form.Set(was, hidden(t, p, was))
		form.Set("field."+name, form.Get(was))
	}
	return form
}

func TestCustomerInformation(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	c := r.maya()
	a, b := r.signedIn(ana), r.signedIn(ben)
	p := a.get(pageOf(c))
	p.has(t, "Maya Lind", "maya@example.org", "Plan", "pro", `href="https://shop.example.com/boots"`, "Boots", "https://search.example", "Firefox on Windows",
		"203.0.113.0/24", "Bergen, Norway", "nb-NO", "verified by the site", "Pages visited (1)")
	first, second := p.customerForm(t), b.get(pageOf(c)).customerForm(t) // both look at the same
	first.Set("field.email", "lind@example.org")
	first.Set("field.attributes", "Plan=pro\ncity=Oslo")
	first.Set("key", "first")
	p = a.post(pageOf(c)+"/customer", first)
	p.has(t, "lind@example.org", "city", "Oslo", "set by the team", "Ana has changed what is known of the visitor: city: Oslo; email: lind@example.org, was maya@example.org.")
	second.Set("field.phone", "+47 22 33")
	second.Set("field.email", "other@example.org")
	second.Set("key", "second")
	p = b.post(pageOf(c)+"/customer", second)
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("writing over another's change is answered %d", p.status)
	}
	p.has(t, "somebody has changed the same meanwhile", `&#34;lind@example.org&#34; now`, `value="other@example.org"`, `value="+47 22 33"`)
	second = p.customerForm(t) // now Ben has seen it
	second.Set("field.phone", "+47 22 33")
	second.Set("field.email", "other@example.org")
	second.Set("key", "third")
	p = b.post(pageOf(c)+"/customer", second)
	p.has(t, "other@example.org", "+47 22 33", "Oslo", "was lind@example.org")
	for _, en := range r.log(c) {
		if en.Audience == bridge.Everyone && strings.Contains(rich.Plain(en.Body), "changed what is known") {
			t.Error("the visitor is told what the team knows")
		}
	}
	a.gives(c, "block", nil).has(t, "Blocked", "Let them write again")
	a.gives(c, "unblock", nil).lacks(t, "Let them write again")
}

func TestOtherConversationsAndFirstAnswer(t *testing.T) {
	r := newRig(t)
	ana := r.signedIn(r.agent("Ana"))
	c := r.maya()
	ana.get(pageOf(c)).lacks(t, "First answer", "Other conversations")
	ana.say(c, "reply", "Good morning")
	ana.get(pageOf(c)).has(t, "First answer")
}
