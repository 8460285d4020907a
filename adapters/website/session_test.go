package website

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func TestSessionStoresOnlyNews(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	first := c.session(`{}`)
	if m.greeted.Load() != 0 {
		t.Fatal("a visitor of whom nothing is known was stored")
	}
	again := func(rest string) session {
		t.Helper()
		return c.session(fmt.Sprintf(`{"token":%q%s}`, c.token, rest))
	}
	page := `,"page":{"url":"https://shop.example.com/a","title":"Shoes"},"locale":"de-AT","profile":{"name":"Eve","plan":"gold","age":30}`
	for step, want := range []int64{1, 1} {
		s := again(page)
		if s.Visitor.ID != first.Visitor.ID || s.Visitor.Name != "Eve" || s.Visitor.Verified {
			t.Fatalf("visitor %+v", s.Visitor)
		}
		if n := m.greeted.Load(); n != want {
			t.Fatalf("step %d: stored %d times, want %d", step, n, want)
		}
	}
	again(``)
	if n := m.greeted.Load(); n != 1 {
		t.Fatalf("stored %d times: nothing was new", n)
	}
	again(`,"page":{"url":"https://shop.example.com/b"}`)
	v := m.visitors[first.Visitor.ID]
	if m.greeted.Load() != 2 || v.Page.URL != "https://shop.example.com/b" || v.Locale != "de-AT" || v.Profile.Name != "Eve" ||
		v.Profile.Attributes["plan"] != "gold" || v.Profile.Attributes["age"] != "30" {
		t.Fatalf("visitor %+v", v)
	}
	c.want(204, nil, "POST", "profile", `{"email":"eve@example.com"}`)
	c.want(204, nil, "POST", "profile", `{"email":"eve@example.com"}`)
	if v = m.visitors[first.Visitor.ID]; m.greeted.Load() != 3 || v.Profile.Email != "eve@example.com" || v.Profile.Name != "Eve" {
		t.Fatalf("visitor %+v", v)
	}
}

func TestProfileIsCleaned(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, test := range map[string]struct{ given, want bridge.Profile }{
		"nothing":           {},
		"controls":          {bridge.Profile{Name: " A\u202e\x00\nB\t C "}, bridge.Profile{Name: "A B C"}},
		"long":              {bridge.Profile{Name: long}, bridge.Profile{Name: long[:maxName-1] + "…"}},
		"script as picture": {bridge.Profile{Avatar: "javascript:alert(1)"}, bridge.Profile{}},
		"plain picture":     {bridge.Profile{Avatar: "http://example.com/a.png"}, bridge.Profile{}},
		"picture":           {bridge.Profile{Avatar: "https://example.com/a.png"}, bridge.Profile{Avatar: "https://example.com/a.png"}},
		"long address":      {bridge.Profile{Avatar: "https://example.com/" + long}, bridge.Profile{}},
		"empty attribute":   {bridge.Profile{Attributes: map[string]string{"": "x", "y": " "}}, bridge.Profile{}},
	} {
		if got := cleanProfile(test.given); !sameProfile(got, test.want) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	many := map[string]string{}
	for i := range 100 {
		many[fmt.Sprint(i)] = "x"
	}
	if n := len(cleanProfile(bridge.Profile{Attributes: many}).Attributes); n != maxAttributes {
		t.Errorf("%d attributes", n)
	}
	if page := cleanPage(bridge.Page{URL: "https://user:secret@example.com/", Referrer: "file:///etc/passwd"}); page != (bridge.Page{}) {
		t.Errorf("page %+v", page)
	}
	if cleanLocale("pt-BR") != "pt-BR" || cleanLocale("<script>") != "" || cleanLocale(long) != "" {
		t.Error("locale")
	}
}

func TestVerifiedAndUnverifiedNeverMix(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	anonymous := c.session(`{"profile":{"name":"Nobody"}}`)
	c.want(201, nil, "POST", "messages", `{"text":"before signing in"}`, "Idempotency-Key", "1")

	statement := signedIdentity(c.a.cfg.IdentitySecret, `{"alg":"HS256"}`,
		fmt.Sprintf(`{"sub":"42","exp":%d,"name":"Eve"}`, time.Now().Add(time.Minute).Unix()))
	eve := c.session(fmt.Sprintf(`{"token":%q,"identity":%q,"profile":{"name":"Mallory","email":"eve@example.com"}}`, c.token, statement))
	if eve.Visitor.ID == anonymous.Visitor.ID || !eve.Visitor.Verified || eve.Visitor.Name != "Eve" || eve.Conversation != nil {
		t.Fatalf("session %+v", eve)
	}
	if v := m.visitors["id:42"]; !v.Verified || v.Profile.Name != "Eve" || v.Profile.Email != "eve@example.com" {
		t.Fatalf("visitor %+v: what the host site says comes first", v)
	}
	c.want(204, nil, "POST", "profile", `{"name":"Adam","phone":"+49 30 1","attributes":{"plan":"pro"}}`)
	c.session(fmt.Sprintf(`{"token":%q,"profile":{"name":"Adam"}}`, c.token))
	if v := m.visitors["id:42"]; v.Profile.Name != "Eve" || v.Profile.Phone != "+49 30 1" || v.Profile.Attributes["plan"] != "pro" {
		t.Fatalf("visitor %+v: what the host site has said goes on coming first", v)
	}
	var p page
	if c.want(200, &p, "GET", "messages", ""); len(p.Entries) != 0 {
		t.Fatalf("the verified visitor reads %+v", p.Entries)
	}
	c.want(201, nil, "POST", "messages", `{"text":"after"}`, "Idempotency-Key", "1")
	if c.want(200, &p, "GET", "messages", ""); len(p.Entries) != 1 || p.Entries[0].Text != "after" {
		t.Fatalf("the verified visitor reads %+v", p.Entries)
	}

	c.token = ""
	elsewhere := c.session(fmt.Sprintf(`{"identity":%q}`, statement))
	if elsewhere.Visitor.ID != eve.Visitor.ID || elsewhere.Conversation == nil {
		t.Errorf("on another device %+v", elsewhere)
	}
	c.want(401, nil, "POST", "sessions", `{"identity":"forged"}`)
}
