package website

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// ratings are the entries of that kind in the visitor's conversation, as words.
func ratings(m *memory, visitor string) (texts []string, by []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, en := range m.entries[m.threads[bridge.ThreadRef(visitor)]] {
		if en.Kind == bridge.Rated {
			texts, by = append(texts, rich.Plain(en.Body)), append(by, en.By.Name)
		}
	}
	return texts, by
}

func TestRating(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	s := c.session(`{"profile":{"name":"Eve"}}`)
	var early problem
	if c.want(409, &early, "POST", "rating", `{"score":5}`); early.Code != "no_conversation" {
		t.Errorf("before a conversation: %+v", early)
	}
	c.want(201, nil, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "1")
	c.want(204, nil, "POST", "rating", `{"score":4,"comment":"quick\u0000 and kind"}`, "Idempotency-Key", "1")
	c.want(204, nil, "POST", "rating", `{"score":4,"comment":"quick\u0000 and kind"}`, "Idempotency-Key", "1")
	c.want(204, nil, "POST", "rating", `{"score":1}`)
	c.want(204, nil, "POST", "rating", `{"score":2}`)
	texts, by := ratings(m, s.Visitor.ID)
	if len(texts) != 3 || !strings.Contains(texts[0], "quick and kind") || by[0] != "Eve" {
		t.Errorf("rated %q by %q", texts, by)
	}
	var p page
	if c.want(200, &p, "GET", "messages", ""); len(p.Entries) != 1 {
		t.Errorf("the visitor is shown %+v", p.Entries)
	}
	c.token = ""
	c.want(401, nil, "POST", "rating", `{"score":5}`)
}

func TestBadRatings(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	s := c.session(`{}`)
	c.want(201, nil, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "1")
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		`{}`:            {422, "bad_score"},
		`{"score":0}`:   {422, "bad_score"},
		`{"score":6}`:   {422, "bad_score"},
		`{"score":4.5}`: {422, "bad_score"},
		`{"score":1e9}`: {422, "bad_score"},
		`{"score":"5"}`: {400, "json"},
		fmt.Sprintf(`{"score":5,"comment":%q}`, strings.Repeat("é", maxComment+1)): {422, "too_long"},
	} {
		var p problem
		if c.want(want.status, &p, "POST", "rating", body); p.Code != want.code {
			t.Errorf("%.40s: %+v", body, p)
		}
	}
	c.want(400, nil, "POST", "rating", `{"score":5}`, "Idempotency-Key", "é")
	if texts, _ := ratings(m, s.Visitor.ID); len(texts) != 0 {
		t.Errorf("rated %q", texts)
	}
	c.want(204, nil, "POST", "rating", fmt.Sprintf(`{"score":5,"comment":%q}`, strings.Repeat("é", maxComment)))
}

func TestRatingsCountAsMessages(t *testing.T) {
	c := newCaller(t, newMemory(), func(c *Config) { c.Limits.MessagesPerMinute = 2 })
	c.session(`{}`)
	c.want(201, nil, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "1")
	c.want(204, nil, "POST", "rating", `{"score":5}`)
	c.want(429, nil, "POST", "rating", `{"score":5}`)
}
