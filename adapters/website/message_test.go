package website

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const base = "/v1/website/website/"

// caller makes requests without a network.
type caller struct {
	t     testing.TB
	a     *Adapter
	token string
}

func (c *caller) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.a.Handler().ServeHTTP(w, r)
	return w
}

// want makes a request and decodes the answer.
func (c *caller) want(status int, into any, method, path, body string, headers ...string) {
	c.t.Helper()
	w := c.do(method, path, body, headers...)
	if w.Code != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			c.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// session opens a session and keeps its token.
func (c *caller) session(body string) session {
	c.t.Helper()
	var s session
	c.want(http.StatusOK, &s, "POST", "sessions", body)
	c.token = s.Token
	return s
}

func newCaller(t testing.TB, m *memory, change ...func(*Config)) *caller {
	return &caller{t: t, a: newTestAdapter(t, m, change...)}
}

func TestMessageIsAcceptedOnce(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	if s := c.session(`{}`); s.Conversation != nil {
		t.Fatalf("a new visitor has the conversation %+v", s.Conversation)
	}
	var first, again, second messageAnswer
	c.want(201, &first, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "a")
	c.want(200, &again, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "a")
	c.want(201, &second, "POST", "messages", `{"text":"see https://example.com <b>","unknown":1}`, "Idempotency-Key", "b")
	if first != again || first.Seq != 1 || first.Key != "a" || second.Seq != 2 {
		t.Fatalf("answers %+v %+v %+v", first, again, second)
	}
	var p page
	c.want(200, &p, "GET", "messages", "")
	if len(p.Entries) != 2 || p.LastSeq != 2 || p.Entries[0].At != first.At || p.Entries[0].By.Kind != bridge.ByVisitor {
		t.Fatalf("page %+v", p)
	}
	if html := p.Entries[1].HTML; !strings.Contains(html, `<a href="https://example.com"`) || !strings.Contains(html, "&lt;b&gt;") {
		t.Errorf("html %s", html)
	}
	s := c.session(fmt.Sprintf(`{"token":%q}`, c.token))
	if s.Conversation == nil || s.Conversation.LastSeq != 2 || s.Conversation.State != bridge.StateUnassigned {
		t.Errorf("conversation %+v", s.Conversation)
	}
}

func TestBadInput(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	key := []string{"Idempotency-Key", "k"}
	for name, test := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code, detail       string
	}{
		"empty":              {"POST", "messages", `{"text":""}`, key, 422, "empty", ""},
		"blank":              {"POST", "messages", `{"text":" \n\t\u200b "}`, key, 422, "empty", ""},
		"only controls":      {"POST", "messages", `{"text":"\u202e\u0000"}`, key, 422, "empty", ""},
		"too long":           {"POST", "messages", `{"text":"` + strings.Repeat("ü", maxText+1) + `"}`, key, 422, "too_long", "4001"},
		"too large":          {"POST", "messages", `{"text":"` + strings.Repeat("x", maxBody) + `"}`, key, 413, "too_large", ""},
		"no key":             {"POST", "messages", `{"text":"x"}`, nil, 400, "idempotency_key", ""},
		"long key":           {"POST", "messages", `{"text":"x"}`, []string{"Idempotency-Key", strings.Repeat("k", 65)}, 400, "idempotency_key", ""},
		"unprintable key":    {"POST", "messages", `{"text":"x"}`, []string{"Idempotency-Key", "ä"}, 400, "idempotency_key", ""},
		"not JSON":           {"POST", "messages", `text=x`, key, 400, "json", ""},
		"no body":            {"POST", "messages", ``, []string{"Idempotency-Key", "k", "Content-Type", "application/json"}, 400, "json", ""},
		"cut off":            {"POST", "messages", `{"text":"x`, key, 400, "json", ""},
		"two values":         {"POST", "messages", `{"text":"x"}{}`, key, 400, "json", ""},
		"number as text":     {"POST", "messages", `{"text":7}`, key, 400, "json", "text must be a string"},
		"text as files":      {"POST", "messages", `{"text":"x","files":"y"}`, key, 400, "json", "files must be an array"},
		"array":              {"POST", "messages", `[]`, key, 400, "json", "the body must be an object"},
		"deep":               {"POST", "messages", `{"x":` + strings.Repeat("[", 20000) + `}`, key, 400, "json", ""},
		"form":               {"POST", "messages", `text=x`, []string{"Idempotency-Key", "k", "Content-Type", "application/x-www-form-urlencoded"}, 415, "content_type", ""},
		"unknown file":       {"POST", "messages", `{"text":"x","files":["nope"]}`, key, 422, "unknown_file", ""},
		"many files":         {"POST", "messages", `{"text":"x","files":["1","2","3","4","5","6","7","8","9","10","11"]}`, key, 422, "too_many_files", ""},
		"negative after":     {"GET", "messages?after=-1", ``, nil, 400, "number", "after"},
		"after in words":     {"GET", "messages?after=two", ``, nil, 400, "number", "after"},
		"before in words":    {"GET", "messages?before=two", ``, nil, 400, "number", "before"},
		"after and before":   {"GET", "messages?after=1&before=2", ``, nil, 400, "number", "not both"},
		"bad Last-Event-ID":  {"GET", "stream", ``, []string{"Last-Event-ID", "x"}, 400, "number", ""},
		"stream without TCP": {"GET", "stream", ``, nil, 505, "http_version", ""},
		"HEAD stream":        {"HEAD", "stream", ``, nil, 405, "", ""},
		"read nothing":       {"POST", "read", `{"seq":-3}`, nil, 400, "number", ""},
		"read words":         {"POST", "read", `{"seq":"3"}`, nil, 400, "json", "seq must be a number"},
		"profile":            {"POST", "profile", `{"name":["x"]}`, nil, 400, "json", "name must be a string"},
		"page of a session":  {"POST", "sessions", `{"page":{"url":1}}`, nil, 400, "json", "page.url must be a string"},
		"rating of nothing":  {"POST", "rating", `{"score":5}`, nil, 409, "no_conversation", ""},
		"unknown call":       {"GET", "nothing", ``, nil, 404, "no_such_call", ""},
		"wrong method":       {"DELETE", "messages", ``, nil, 404, "no_such_call", ""},
		"no such file":       {"GET", "files/nope", ``, nil, 404, "no_such_file", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.do(test.method, test.path, test.body, test.headers...)
			if w.Code != test.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%d %s: %s, want %d", w.Code, w.Header().Get("Content-Type"), w.Body, test.status)
			}
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if test.code != "" && p.Code != test.code || p.Status != test.status || p.Title == "" || !strings.Contains(p.Detail, test.detail) {
				t.Errorf("problem %+v, want code %s, detail with %q", p, test.code, test.detail)
			}
		})
	}
	if len(m.entries) != 0 {
		t.Errorf("bad input reached the log: %v", m.entries)
	}
}

func TestTextIsCleaned(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	c.want(201, nil, "POST", "messages", "{\"text\":\"a\\u202eb\\u0007c\xffd\\r\\ne\"}", "Idempotency-Key", "k")
	var p page
	c.want(200, &p, "GET", "messages", "")
	if got := p.Entries[0].Text; got != "abc\ufffdd\ne" {
		t.Errorf("text %q", got)
	}
}

func TestPrivateLinesAreNotShown(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	secret := rich.Of("secret")
	m.agentSays(thread, "public")
	for _, en := range []bridge.Entry{
		{Kind: bridge.Noted, Audience: bridge.AgentsOnly, Body: secret},
		{Kind: bridge.Noted, Audience: bridge.Everyone, Body: secret}, // a mistake elsewhere
		{Kind: bridge.Said, Audience: bridge.AgentsOnly, Body: secret},
		{Kind: bridge.Said, Audience: bridge.Only("support-slack"), Body: secret},
		{Kind: bridge.Said, Audience: "unheard of", Body: secret},
		{Kind: "unheard of", Audience: bridge.Everyone, Body: secret},
		{Kind: bridge.Deleted, Target: 1, Body: secret},
	} {
		m.add(thread, en)
		if e, ok := shown(c.a.cfg.Name, en); ok && e.Kind != "deleted" {
			t.Errorf("shown: %+v", e)
		}
	}
	w := c.do("GET", "messages", "")
	if strings.Contains(w.Body.String(), "secret") {
		t.Errorf("a private line was shown: %s", w.Body)
	}
	var p page
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Entries) != 2 || p.Entries[1].Kind != "deleted" || p.Entries[1].Target != 1 || p.LastSeq != 8 {
		t.Errorf("page %+v", p)
	}
}

// Read backwards, a conversation comes in whole pages, whatever of it is not for the visitor.
func TestPagesBackwards(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	var p page
	c.want(200, &p, "GET", "messages?before=100", "")
	if len(p.Entries) != 0 || p.Before == nil || *p.Before != 0 {
		t.Fatalf("before anything was said: %+v", p)
	}
	for i := range 300 {
		if i > 50 && i < 250 {
			m.add(thread, bridge.Entry{Kind: bridge.Noted, Audience: bridge.AgentsOnly})
		} else {
			m.agentSays(thread, fmt.Sprint(i))
		}
	}
	var sizes []int
	var seqs []int64
	for before := int64(301); before != 0; before = *p.Before {
		c.want(200, &p, "GET", fmt.Sprintf("messages?before=%d&limit=40", before), "")
		sizes = append(sizes, len(p.Entries))
		page := make([]int64, len(p.Entries))
		for i, e := range p.Entries {
			page[i] = e.Seq
		}
		seqs = append(page, seqs...)
	}
	if want := []int{40, 40, 21}; !slices.Equal(sizes, want) {
		t.Errorf("pages of %v, want %v", sizes, want)
	}
	if !slices.IsSorted(seqs) || seqs[0] != 1 || seqs[50] != 51 || seqs[51] != 251 || seqs[100] != 300 {
		t.Errorf("read %v", seqs)
	}
}

func TestPages(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	for i := range 450 {
		if i%3 == 2 {
			m.add(thread, bridge.Entry{Kind: bridge.Noted, Audience: bridge.AgentsOnly})
		} else {
			m.agentSays(thread, fmt.Sprint(i))
		}
	}
	var after, told int64
	for {
		var p page
		c.want(200, &p, "GET", fmt.Sprintf("messages?after=%d&limit=1000", after), "")
		if len(p.Entries) > maxPage {
			t.Fatalf("a page of %d", len(p.Entries))
		}
		for _, e := range p.Entries {
			if e.Seq <= told {
				t.Fatalf("%d after %d", e.Seq, told)
			}
			told = e.Seq
		}
		after = p.LastSeq
		if len(p.Entries) < maxPage {
			break
		}
	}
	if after != 450 || told != 449 {
		t.Errorf("read to %d, told %d", after, told)
	}
}

func TestReceiptsAndTyping(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	c.want(204, nil, "POST", "read", `{"seq":1}`)
	m.agentSays(thread, "one")
	m.agentSays(thread, "two")
	c.want(204, nil, "POST", "read", `{"seq":99}`)
	if m.seen[1] != 2 {
		t.Errorf("seen up to %d, want 2: what is not there has not been read", m.seen[1])
	}
	if s := c.session(fmt.Sprintf(`{"token":%q}`, c.token)); s.Conversation.Seen != 2 {
		t.Errorf("conversation %+v", s.Conversation)
	}
	c.want(204, nil, "POST", "typing", "")
	if len(m.typing) != 1 || m.typing[0] != thread {
		t.Errorf("typing %v", m.typing)
	}
}

func decodeJSON(t testing.TB, w *httptest.ResponseRecorder, into any) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
}
