package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/bridge/rich"
)

// visitorsText is what visitors' programs send in place of words: raw is the text's JSON, quotes included, and stands
// what everybody reads of it. The line begins with the canary.
var visitorsText = []struct{ name, raw, stands string }{
	{"invalid UTF-8", "\"\xff\xfe a\xc3(\"", "�� a�("},
	{"overlong UTF-8", "\"\xc0\xaf\"", "��"},
	{"lone surrogates", `"\ud800 \udc00 \ud83d\ude00"`, "� � 😀"},
	{"NUL and control characters", `"a\u0000b\u0007c\u001b[31md\u007fe\u0085f"`, "abc[31mde\nf"},
	{"carriage returns", `"a\r\nb\rc\u2028d"`, "a\nb\nc\nd"},
	{"bidi overrides", `"\u202egpj.exe\u202c \u2066x\u2069"`, "gpj.exe x"},
	{"byte order marks", `"a\ufeffb"`, "ab"},
	{"broadcasts", `"<!channel> <!here|here> <!everyone> <!subteam^S1>"`, "<!channel> <!here|here> <!everyone> <!subteam^S1>"},
	{"broadcasts, escaped", `"&lt;!channel&gt; &amp;lt;!here&amp;gt;"`, "&lt;!channel&gt; &amp;lt;!here&amp;gt;"},
	{"broadcasts, bare", `"@here @channel @everyone"`, "@here @channel @everyone"},
	{"people and channels", `"<@U0ANA> <#C0DESK> @ana #support"`, "<@U0ANA> <#C0DESK> @ana #support"},
	{"formatting", `"*bold* _italic_ ~gone~ > no quote :skull:"`, "*bold* _italic_ ~gone~ > no quote :skull:"},
	{"links with another face", `"<http://evil.example|https://shop.example>"`, "<http://evil.example|https://shop.example>"},
	{"code fences", "\"```\\n<!channel>\\n``` `<@U0ANA>`\"", "```\n<!channel>\n``` `<@U0ANA>`"},
	{"elements", `"<script>alert(1)</script><img src=x onerror=alert(1)>"`, "<script>alert(1)</script><img src=x onerror=alert(1)>"},
	{"commands", `"!close"`, "!close"},
	{"notes", `"// not for you"`, "// not for you"},
	{"a date token", `"<!date^1392734382^{date}|x>"`, "<!date^1392734382^{date}|x>"},
	{"combining characters", `"Z` + strings.Repeat("͑", 500) + `"`, "Z" + strings.Repeat("͑", 500)},
	{"the longest there is", `"` + strings.Repeat("😀<&", 1328) + `"`, strings.Repeat("😀<&", 1328)},
}

// TestVisitorsText: whatever a visitor writes is shown as written, to everybody the same, and means nothing in Slack.
func TestVisitorsText(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite", func(o *slacktest.Options) { o.OnCall = callsNobody(t) })
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	for _, test := range visitorsText {
		t.Run(test.name, func(t *testing.T) {
			token := tokenOf(t, p, "website", `{}`)
			body := `{"text":"` + canary + ` ` + test.raw[1:] + `}`
			a := p.ask(t, request{
				method: "POST", path: "/v1/website/website/messages", body: body, token: token,
				header: map[string]string{"Content-Type": "application/json", "Idempotency-Key": "1"},
			})
			if a.status != http.StatusCreated {
				t.Fatalf("answered %d %s", a.status, a.body)
			}
			stands := canary + " " + test.stands
			var page struct{ Entries []webtest.Entry }
			history := p.ask(t, request{method: "GET", path: "/v1/website/website/messages", token: token})
			must(t, json.Unmarshal([]byte(history.body), &page))
			if got := texts(page.Entries, "visitor"); len(got) != 1 || got[0] != stands {
				t.Errorf("the visitor reads %q, want %q", got, stands)
			}
			thread := r.awaitThread(t, func(thread []slacktest.Message) bool {
				return slackText(thread) == stands
			})
			for _, m := range thread {
				inert(t, m)
			}
		})
	}
	healthy.end()
}

// callsNobody checks that Slack is never asked to look for names in a text.
func callsNobody(t testing.TB) func(slacktest.Call) {
	return func(c slacktest.Call) {
		parse, names := c.Params["parse"], c.Params["link_names"]
		if parse == "full" || names == "1" || names == "true" {
			t.Errorf("%s is called with parse %q and link_names %q", c.Method, parse, names)
		}
	}
}

// slackText is what the visitor's lines in a thread say in blocks and in text, which must be the same.
func slackText(thread []slacktest.Message) string {
	var blocks, plain strings.Builder
	for _, m := range thread[1:] {
		doc, _ := mrkdwn.FromBlocks(m.Blocks, nil)
		blocks.WriteString(rich.Plain(doc))
		plain.WriteString(rich.Plain(mrkdwn.FromText(m.Text, nil)))
	}
	if blocks.String() != plain.String() {
		return fmt.Sprintf("%q in blocks, %q in text", blocks.String(), plain.String())
	}
	return blocks.String()
}

// alive is what a mrkdwn text must not hold: what calls somebody, and a link whose face is not its address.
var alive = regexp.MustCompile(`<[!@#]|<[^<>]*\|`)

// ourDate is when something happened, as the card says it: the one token that is ours.
var ourDate = regexp.MustCompile(`<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^<>|]*>`)

// inert checks that a message calls nobody and that its links say where they lead.
func inert(t testing.TB, m slacktest.Message) {
	t.Helper()
	if found := alive.FindString(m.Text); found != "" {
		t.Errorf("the text holds %s: %q", found, m.Text)
	}
	var blocks any
	if len(m.Blocks) > 0 {
		must(t, json.Unmarshal(m.Blocks, &blocks))
	}
	walk(blocks, func(node map[string]any) {
		switch kind := node["type"]; kind {
		case "broadcast", "user", "usergroup", "channel", "emoji", "date":
			t.Errorf("a visitor's words became a %v", kind)
		case "link":
			if face, given := node["text"]; given && face != node["url"] {
				t.Errorf("a link to %v looks like %v", node["url"], face)
			}
		case "mrkdwn":
			if found := alive.FindString(ourDate.ReplaceAllString(node["text"].(string), "")); found != "" {
				t.Errorf("a block holds %s: %q", found, node["text"])
			}
		}
	})
}

func walk(v any, see func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		see(v)
		for _, child := range v {
			walk(child, see)
		}
	case []any:
		for _, child := range v {
			walk(child, see)
		}
	}
}

// TestRefusedText: what cannot be taken is refused in words that help, and nothing of it is stored.
func TestRefusedText(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	for _, test := range []struct {
		name, body string
		code       string
		says       string
	}{
		{"over-long", `{"text":"` + canary + strings.Repeat("é", 4000) + `"}`, "too_long", "4013 characters; at most 4000"},
		{"empty", `{"text":""}`, "empty", "neither words nor files"},
		{"blank", `{"text":" \n\t\u200b\u3000 "}`, "empty", "neither words nor files"},
		{"nothing but control characters", `{"text":"\u0000\u202e\ufeff"}`, "empty", "neither words nor files"},
		{"somebody else's file", `{"text":"","files":["` + canary + `"]}`, "unknown_file", "Upload it again"},
		{"too many files", `{"files":["` + strings.Repeat(`a","`, 11) + `b"]}`, "too_many_files", "at most 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := tokenOf(t, p, "website", `{}`)
			a := p.ask(t, request{
				method: "POST", path: "/v1/website/website/messages", body: test.body, token: token,
				header: map[string]string{"Content-Type": "application/json", "Idempotency-Key": "1"},
			})
			refusedAs(t, a, http.StatusUnprocessableEntity, test.code, test.says)
			if h := p.ask(t, request{method: "GET", path: "/v1/website/website/messages", token: token}); !strings.Contains(h.body, `"entries":[]`) {
				t.Errorf("something was stored: %s", h.body)
			}
		})
	}
	if threads := len(r.slack.Channel(desk)); threads != 1 {
		t.Errorf("%d threads in Slack, want the healthy one", threads)
	}
	healthy.end()
}

// refusedAs checks a problem document (RFC 9457).
func refusedAs(t testing.TB, a reply, status int, code, says string) {
	t.Helper()
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
	}
	err := json.Unmarshal([]byte(a.body), &p)
	if err != nil || a.status != status || p.Status != status || p.Code != code || !strings.Contains(p.Detail, says) ||
		p.Type == "" || p.Title == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answered %d %s %q, want %d %s %q", a.status, a.header.Get("Content-Type"), a.body, status, code, says)
	}
}

// TestVisitorsNames: no name makes a visitor an agent, calls anybody, or breaks the card.
func TestVisitorsNames(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	for i, name := range []string{
		"Ana <!here>", "Ana Ruiz", "<@U0ANA>", "Ana · visitor", "skein", "*Unassigned*\\n:white_check_mark: Closed",
		"\\u202eanA", "\\u0000Ana\\u0007", strings.Repeat("A", 79) + "😀😀", "<http://evil.example|Ana>", "`Ana`", "@channel",
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			profile := fmt.Sprintf(`{"profile":{"name":"%s","email":"<!channel>@%s","phone":"*7*","plan":"<!here> %s"},
				"page":{"url":"javascript:alert(1)","title":"<!channel>","referrer":"data:x"}}`, name, canary, canary)
			token := tokenOf(t, p, "website", profile)
			text := fmt.Sprintf("%s %d", canary, i)
			a := p.ask(t, request{
				method: "POST", path: "/v1/website/website/messages", body: `{"text":"` + text + `"}`, token: token,
				header: map[string]string{"Content-Type": "application/json", "Idempotency-Key": "1"},
			})
			if a.status != http.StatusCreated {
				t.Fatalf("answered %d %s", a.status, a.body)
			}
			thread := r.awaitThread(t, func(thread []slacktest.Message) bool { return len(thread) == 2 && thread[1].Text == text })
			for _, m := range thread {
				inert(t, m)
			}
			under := thread[1].Username
			if !strings.HasSuffix(under, " · visitor") || len([]rune(under)) > 80 || rich.Clean(under) != under || strings.Contains(under, "\n") {
				t.Errorf("the line stands under %q", under)
			}
		})
	}
	healthy.end()
}

// TestAgentsLongText: a text that is longer than a message may be reaches the visitor whole, and another desk in
// parts, in order, with nothing lost.
func TestAgentsLongText(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	other := newRig(t, "")
	o := other.slack.Options()
	for key, value := range map[string]string{
		"WEBSITE__DESK": "support-slack,other-slack", "OTHER_SLACK__TYPE": "slack", "OTHER_SLACK__BOT_TOKEN": o.BotToken,
		"OTHER_SLACK__APP_TOKEN": o.AppToken, "OTHER_SLACK__API_URL": other.slack.URL(), "OTHER_SLACK__CHANNEL": desk,
		"OTHER_SLACK__PLACE_RATE": "0",
	} {
		r.settings["ENDPOINTS__"+key] = value
	}
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	for i, long := range []string{
		words(30_000), strings.Repeat("x", 30_000), strings.Repeat("😀", 9_000), strings.Repeat("<&> *bold* `", 600),
		"```\n" + strings.Repeat("line of code\n", 2_000) + "```",
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			g := &guest{name: fmt.Sprint("guest ", i), visitor: r.site(p.address).Visitor()}
			must(t, r.meet(g))
			g.say(r.ctx, t, fmt.Sprintf("%s long %d", canary, i))
			must(t, r.findThread(r.ctx, g))
			mirror := &guest{said: g.said}
			must(t, other.findThread(r.ctx, mirror))
			ctx, cancel := context.WithTimeout(r.ctx, 3*time.Minute)
			defer cancel()
			for n, text := range []string{long, "after it"} {
				_, err := r.slack.Say(anaID, desk, g.thread, text)
				must(t, err)
				must(t, g.visitor.Await(ctx, func(heard []webtest.Entry) bool { return len(texts(heard, "agent")) > n }))
			}
			own := r.slack.Thread(desk, g.thread)
			doc, _ := mrkdwn.FromBlocks(own[len(own)-2].Blocks, nil)
			want := rich.Plain(doc)
			if got := texts(g.visitor.Transcript(), "agent"); !same(got[0], want) {
				t.Errorf("the visitor hears %d characters, want %d", len(got[0]), len(want))
			}
			must(t, other.slack.Await(ctx, func(s slacktest.State) bool {
				thread := s.Thread(desk, mirror.thread)
				return thread[len(thread)-1].Text == "after it"
			}))
			thread := other.slack.Thread(desk, mirror.thread)
			parts := thread[2 : len(thread)-1]
			if len(parts) < 2 {
				t.Errorf("%d parts", len(parts))
			}
			var whole strings.Builder
			for _, m := range parts {
				part, ok := mrkdwn.FromBlocks(m.Blocks, nil)
				if !ok || len([]rune(m.Text)) > 4000 {
					t.Errorf("a part of %d characters, blocks %v", len([]rune(m.Text)), ok)
				}
				whole.WriteString(rich.Plain(part) + "\n")
			}
			if !same(whole.String(), want) {
				t.Errorf("the %d parts say something else in %d characters, want %d", len(parts), whole.Len(), len(want))
			}
		})
	}
	healthy.end()
}

// same compares texts but for white space, where they may be cut.
func same(a, b string) bool { return squeeze(a) == squeeze(b) }

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// words is running text of about n characters, each word of it different.
func words(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "word%d%s ", i, strings.Repeat(".", i%7))
	}
	return strings.TrimSpace(b.String()[:n])
}

// TestAgentsText: what an agent writes may hold anything; the visitor gets words and harmless links.
func TestAgentsText(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	g := &guest{name: "guest", visitor: r.site(p.address).Visitor()}
	must(t, r.meet(g))
	g.say(r.ctx, t, canary+" with agents")
	must(t, r.findThread(r.ctx, g))
	for i, text := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "a\u202eb", "<!channel> hello",
		"<https://shop.example/\"onmouseover=\"alert(1)|look>", "<https://shop.example/?a=1&b=<2>|look>", "&lt;b&gt;",
	} {
		_, err := r.slack.Say(anaID, desk, g.thread, text)
		must(t, err)
		ctx, cancel := context.WithTimeout(r.ctx, time.Minute)
		must(t, g.visitor.Await(ctx, func(heard []webtest.Entry) bool { return len(texts(heard, "agent")) == i+1 }))
		cancel()
	}
	for _, e := range g.visitor.Transcript() {
		html := strings.ToLower(e.HTML)
		for _, bad := range []string{"<script", "<img", "onmouseover=\"", "href=\"javascript", "\u202e"} {
			if strings.Contains(html, bad) {
				t.Errorf("the visitor is sent %q", e.HTML)
			}
		}
	}
	r.sendRaw(t, g, healthy)
	healthy.end()
}

// sendRaw sends events as no client of Slack makes them.
func (r *rig) sendRaw(t *testing.T, g *guest, healthy *beside) {
	t.Helper()
	message := func(change map[string]any) map[string]any {
		m := map[string]any{
			"type": "message", "channel": desk, "user": anaID, "text": canary,
			"ts": "1900000000.000100", "thread_ts": g.thread, "event_ts": "1900000000.000100",
		}
		for k, v := range change {
			m[k] = v
		}
		return m
	}
	deep := any("x")
	for range 2000 {
		deep = []any{deep}
	}
	before := len(g.visitor.Transcript())
	for _, odd := range []any{
		nil, 7, "x",
		[]any{},
		map[string]any{},
		map[string]any{"type": 7},
		message(map[string]any{"ts": "nonsense"}), message(map[string]any{"ts": 17}), message(map[string]any{"thread_ts": "1.000001"}),
		message(map[string]any{"user": map[string]any{}}), message(map[string]any{"channel": "C0OTHER"}),
		message(map[string]any{"subtype": "message_changed", "message": 7}), message(map[string]any{"subtype": "unheard_of"}),
		message(map[string]any{"subtype": "message_deleted", "deleted_ts": canary, "previous_message": []any{}}),
		message(map[string]any{"user": "U0NOBODY", "bot_id": "B0OTHER"}),
		message(map[string]any{"blocks": deep, "text": " ", "ts": "1900000000.000200"}),
	} {
		r.slack.SendEvent(odd)
		healthy.turn()
	}
	if r.slack.SendFrame([]byte(`{"type":"events_api","payload":` + strings.Repeat("[", 50_000))) {
		healthy.turn()
	}
	after := g.visitor.Transcript()
	if extra := texts(after[before:], "agent"); len(extra) > 0 && !slices.Equal(extra, []string{canary}) {
		t.Errorf("odd events became %q", extra)
	}
}
