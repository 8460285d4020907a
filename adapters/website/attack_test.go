package website

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// What somebody might try who is no visitor, or not the one whose conversation they are after. What holds for every call is
// tried on every call that there is.

// eachCall has the method and the path of every call, with an id of a file filled in.
func (c *caller) eachCall(file bridge.FileID, try func(method, path string)) {
	for call := range c.a.calls() {
		method, path, _ := strings.Cut(call, " ")
		try(method, strings.ReplaceAll(path, "{id}", string(file)))
	}
}

// TestOtherSitesCallNothing: a page that is not allowed has nothing done for it, and no answer to read, whatever it knows.
// Nothing depends on cookies, and none are set.
func TestOtherSitesCallNothing(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	c.eachCall("any", func(method, path string) {
		for _, origin := range []string{"https://evil.example", "null", "https://shop.example.com.evil.example", "http://shop.example.com", "file://"} {
			w := c.do(method, path, "{}", "Origin", origin, "Idempotency-Key", "k", "Cookie", "token="+c.token)
			if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s from %s: %d %v", method, path, origin, w.Code, w.Header())
			}
		}
		w := c.do(method, path, "{}", "Origin", "https://shop.example.com", "Idempotency-Key", "k")
		if w.Header().Get("Access-Control-Allow-Credentials") != "" || w.Header().Get("Set-Cookie") != "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: %v", method, path, w.Header())
		}
	})
}

// TestNobodyGuessesAConversation lets Mallory call everything that there is with what she might know of Eve's.
func TestNobodyGuessesAConversation(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	eve := c.session(`{"profile":{"name":"Eve"}}`)
	var f file
	decodeJSON(t, c.upload("file", "secret.png", pngPicture(t)), &f)
	c.want(201, nil, "POST", "messages", fmt.Sprintf(`{"text":"my secret","files":[%q]}`, f.ID), "Idempotency-Key", "eve-1")
	known := c.session(fmt.Sprintf(`{"token":%q}`, c.token))
	before := len(m.entries[1])

	eves := c.token
	for _, token := range []string{
		"", eve.Visitor.ID, known.Conversation.ID, "1", eves[:len(eves)-1], eves + "x", strings.ToUpper(eves), strings.Replace(eves, ".", "", 1),
	} {
		c.token = token
		c.eachCall(f.ID, func(method, path string) {
			if path == "sessions" {
				return
			}
			w := c.do(method, path+"?token="+token, `{"seq":1,"score":1,"text":"x"}`, "Idempotency-Key", "eve-1")
			if w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s %s with %q for a token: %d", method, path, token, w.Code)
			}
		})
		c.token = ""
		if s := c.session(fmt.Sprintf(`{"token":%q}`, token)); s.Visitor.ID == eve.Visitor.ID || s.Conversation != nil {
			t.Errorf("a session with %q for a token is Eve's", token)
		}
	}

	c.token = ""
	c.session(`{"conversation":{"id":"` + known.Conversation.ID + `"},"visitor":{"id":"` + eve.Visitor.ID + `"},"profile":{"name":"Eve"}}`)
	c.want(201, nil, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "eve-1") // her own line, though the key is Eve's
	for _, path := range []string{
		"messages", "messages?after=0", "messages?before=9", "messages?conversation=1", "messages?conversation=" + known.Conversation.ID, "messages?thread=" + eve.Visitor.ID,
		"files/" + string(f.ID), "files/" + string(f.ID) + "?size=thumbnail", "files/" + string(f.ID.Thumbnail()),
	} {
		if w := c.do("GET", path, ""); strings.Contains(w.Body.String(), "secret") || strings.HasPrefix(path, "files") && w.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d: %s", path, w.Code, w.Body)
		}
	}
	c.want(422, nil, "POST", "messages", fmt.Sprintf(`{"text":"mine now","files":[%q]}`, f.ID), "Idempotency-Key", "2")
	for _, call := range []string{"read", "typing", "rating", "profile"} {
		c.do("POST", call, `{"seq":1,"score":1,"conversation":1,"thread":"`+eve.Visitor.ID+`","name":"Mallory"}`)
	}
	if len(m.entries[1]) != before || m.seen[1] != 0 || m.visitors[eve.Visitor.ID].Profile.Name != "Eve" {
		t.Errorf("Eve's conversation has become %+v", m.entries[1])
	}
}

// TestForgedAddresses claims to ask for others, as a guesser or flooder would to get limits of their own, or to seem to be
// somewhere else.
func TestForgedAddresses(t *testing.T) {
	const perMinute = 5
	for name, test := range map[string]struct {
		trusted   []netip.Prefix
		forwarded func(i int) string
		refused   bool
		network   string
	}{
		"nobody is trusted":              {nil, func(i int) string { return fmt.Sprint("198.51.100.", i) }, true, "192.0.2.0/24"},
		"another is trusted":             {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, func(i int) string { return fmt.Sprint("198.51.100.", i) }, true, "192.0.2.0/24"},
		"the proxy is trusted":           {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, func(i int) string { return fmt.Sprint("198.51.100.", i) }, false, "198.51.100.0/24"},
		"a claim before a trusted proxy": {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, func(i int) string { return fmt.Sprintf("203.0.113.%d, 198.51.100.7", i) }, true, "198.51.100.0/24"},
	} {
		m := newMemory()
		c := newCaller(t, m, func(c *Config) {
			c.Limits.SessionsPerMinute, c.TrustedProxies = perMinute, test.trusted
			c.Place = func(address string) string { return "at " + address }
		})
		refused := 0
		for i := range 3 * perMinute {
			// httptest's requests come from 192.0.2.1
			if w := c.do("POST", "sessions", `{"locale":"en"}`, "X-Forwarded-For", test.forwarded(i)); w.Code == http.StatusTooManyRequests {
				refused++
			}
		}
		if (refused > 0) != test.refused {
			t.Errorf("%s: %d of %d are refused", name, refused, 3*perMinute)
		}
		for _, v := range m.visitors {
			if v.Network != test.network || !strings.HasPrefix(v.Place, "at "+strings.TrimSuffix(test.network, "0/24")) {
				t.Errorf("%s: the visitor seems to be in %s, %s", name, v.Network, v.Place)
			}
		}
	}
}

// TestWhatVisitorsAreShownIsInert puts markup into all that is answered as HTML: it is text, in a handful of elements.
func TestWhatVisitorsAreShownIsInert(t *testing.T) {
	const evil = `"'></p></code><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)> javascript:alert(1)`
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	c.want(201, nil, "POST", "messages", fmt.Sprintf(`{"text":%q}`, evil), "Idempotency-Key", "k")
	text := rich.Node{Kind: rich.Text, Text: evil}
	for _, kind := range []bridge.EntryKind{bridge.Said, bridge.Edited} {
		m.add(thread, bridge.Entry{Kind: kind, Target: 1, By: bridge.Speaker{Kind: bridge.ByAgent, Name: evil}, Body: rich.Doc{
			{Kind: rich.Paragraph, Children: []rich.Node{
				text,
				{Kind: rich.Link, URL: "javascript:alert(1)", Children: []rich.Node{text}},
				{Kind: rich.Link, URL: "https://a.example/" + evil, Children: []rich.Node{text}},
				{Kind: rich.Link, URL: " \tjava\nscript:alert(1)", Children: []rich.Node{text}},
				{Kind: rich.Link, URL: "data:text/html," + evil, Children: []rich.Node{text}},
				{Kind: rich.Mention, Text: evil, Info: evil},
				{Kind: rich.Code, Text: evil},
			}}, {Kind: rich.Pre, Text: evil, Info: evil}, {Kind: rich.Heading, Children: []rich.Node{text}}, {Kind: rich.Quote, Children: []rich.Node{{Kind: rich.Paragraph, Children: []rich.Node{text}}}},
		}})
	}
	var p page
	c.want(200, &p, "GET", "messages", "")
	for _, en := range p.Entries {
		doc, err := html.Parse(strings.NewReader(en.HTML))
		if err != nil || !strings.Contains(en.HTML, "&lt;script&gt;") {
			t.Fatalf("%v: %s", err, en.HTML)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if !slices.Contains(strings.Fields("html head body p a code pre blockquote strong em del u span ul ol li br h1 h2 h3 h4 h5 h6"), n.Data) {
				t.Errorf("there is a <%s> in %s", n.Data, en.HTML)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "https://a.example/") {
					t.Errorf("there is %s=%q in %s", a.Key, a.Val, en.HTML)
				}
			}
		}
	}
}
