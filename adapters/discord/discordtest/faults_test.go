package discordtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

func TestFaults(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	path := "/channels/" + desk + "/messages"
	send := func() error {
		_, err := dg.ChannelMessageSend(desk, "x")
		return err
	}
	posted := func() int { return len(s.Messages(desk)) }
	f := discordtest.Fault{Method: "create_message", Channel: desk, Times: 1}

	f.Status = 502
	s.Fail(f)
	if err := send(); err == nil || posted() != 0 {
		t.Errorf("502 before: %v, %d posted", err, posted())
	}
	f.Act = true
	s.Fail(f)
	if err := send(); err == nil || posted() != 1 {
		t.Errorf("502 after: %v, %d posted", err, posted())
	}
	f = discordtest.Fault{Method: "create_message", Times: 1, Act: true, Hang: true}
	hung := s.Fail(f)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _ = hung.Await(ctx, 1); cancel() }()
	if _, err := dg.ChannelMessageSend(desk, "x", discordgo.WithContext(ctx)); !errors.Is(err, context.Canceled) || posted() != 2 {
		t.Errorf("silence: %v, %d posted", err, posted())
	}
	for _, f := range []discordtest.Fault{{Drop: true}, {Act: true, Cut: true}, {Malformed: true}} {
		f.Times = 1
		s.Fail(f)
		if err := send(); err == nil {
			t.Errorf("no error with %+v", f)
		}
	}
	if posted() != 3 {
		t.Errorf("%d posted", posted())
	}
	s.Fail(discordtest.Blocked(1))
	refused(t, send(), 200000)
	s.Fail(discordtest.Fault{Code: 240000, Times: 1})
	call(t, s, "POST", path, object{"content": "x"}).want(t, 400, 240000)

	s.Fail(discordtest.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond, Times: 1})
	var limited *discordgo.RateLimitError
	if err := send(); !errors.As(err, &limited) || limited.RetryAfter != 1500*time.Millisecond {
		t.Errorf("429: %v", err)
	}
	s.Fail(discordtest.Fault{Status: 429, HTML: true, RetryAfter: time.Minute, Times: 1})
	var syntax *json.SyntaxError
	if err := send(); !errors.As(err, &syntax) {
		t.Errorf("a 429 that is a page: %v", err)
	}
	standing := s.Fail(discordtest.Fault{Status: 500})
	_, _ = send(), send()
	if standing.Hits() != 2 {
		t.Errorf("%d hits", standing.Hits())
	}
	standing.Clear()
	must(t, send())
	s.Fail(discordtest.Fault{Status: 500})
	s.ClearFaults()
	must(t, send())
}

func TestLimits(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.Limits = discordtest.DiscordLimits() })
	path := "/channels/" + desk + "/messages"
	for i := range 5 {
		r := call(t, s, "POST", path, object{"content": "x"})
		r.want(t, 200, 0)
		if got := r.header.Get("X-RateLimit-Remaining"); got != string(rune('4'-i)) {
			t.Errorf("%d: remaining %s", i, got)
		}
	}
	r := call(t, s, "POST", path, object{"content": "x"})
	var body struct {
		RetryAfter float64 `json:"retry_after"`
		Global     bool
	}
	must(t, json.Unmarshal(r.body, &body))
	if r.status != 429 || body.RetryAfter <= 0 || body.RetryAfter > 5 || body.Global || r.header.Get("X-RateLimit-Scope") != "user" {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
	call(t, s, "POST", "/channels/"+forum+"/threads", object{"name": "other bucket", "message": object{"content": "x"}}).want(t, 201, 0)

	s.SetLimits(discordtest.Limits{discordtest.Rename: {Calls: 2, Per: 10 * time.Minute, Hidden: true}})
	th := thread(t, s)
	for range 2 {
		if r := call(t, s, "PATCH", "/channels/"+th, object{"name": "x"}); r.status != 200 || r.header.Get("X-RateLimit-Limit") != "" {
			t.Errorf("%d %v", r.status, r.header)
		}
	}
	r = call(t, s, "PATCH", "/channels/"+th, object{"name": "x"})
	must(t, json.Unmarshal(r.body, &body))
	if r.status != 429 || body.RetryAfter < 590 {
		t.Errorf("%d %s", r.status, r.body)
	}
	call(t, s, "PATCH", "/channels/"+th, object{"archived": true}).want(t, 200, 0)

	s.SetLimits(discordtest.Limits{discordtest.Global: {Calls: 1, Per: time.Minute}})
	call(t, s, "GET", "/users/@me", nil).want(t, 200, 0)
	if r = call(t, s, "GET", "/channels/"+desk, nil); r.status != 429 || r.header.Get("X-RateLimit-Global") != "true" {
		t.Errorf("%d %v", r.status, r.header)
	}
	call(t, s, "GET", "/gateway", nil).want(t, 200, 0)
	s.Look(func(v discordtest.State) {
		if v.Limited("update_channel", th) != 1 || v.Calls("create_message", desk) != 7 {
			t.Errorf("%d limited, %d calls", v.Limited("update_channel", th), v.Calls("create_message", desk))
		}
	})
}

// TestBan: too many invalid requests shut the address out.
func TestBan(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.MaxInvalid = 3 })
	s.Fail(discordtest.Fault{Status: 429, Scope: "shared", Times: 5})
	for range 5 {
		call(t, s, "GET", "/users/@me", nil)
	}
	call(t, s, "GET", "/users/@me", nil).want(t, 200, 0)
	must(t, s.Deny(desk, discordtest.ViewChannel))
	for range 3 {
		call(t, s, "GET", "/channels/"+desk, nil).want(t, 403, 50001)
	}
	if r := call(t, s, "GET", "/users/@me", nil); r.status != http.StatusTooManyRequests || !strings.Contains(r.header.Get("Content-Type"), "html") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestViolations: what a client gets wrong is refused and kept.
func TestViolations(t *testing.T) {
	s := provoke(t, nil)
	path := "/channels/" + desk + "/messages"
	call(t, s, "POST", path, object{"content": "x", "enforce_nonces": true}).want(t, 400, 50035)
	call(t, s, "POST", path, object{"content": 17}).want(t, 400, 50035)
	call(t, s, "GET", path+"?limit=101", nil).want(t, 400, 50035)
	call(t, s, "GET", path+"?limt=1", nil).want(t, 400, 50035)
	call(t, s, "GET", "/channels/abc", nil).want(t, 400, 50035)
	call(t, s, "GET", "/nowhere", nil).want(t, 404, 0)
	if got := s.Violations(); len(got) != 5 {
		t.Errorf("violations %v", got)
	}
}

// TestWithoutDescription: the demonstration has no folder of descriptions.
func TestWithoutDescription(t *testing.T) {
	s := provoke(t, func(o *discordtest.Options) { o.Spec = nil })
	call(t, s, "POST", "/channels/"+desk+"/messages", object{"content": "x"}).want(t, 200, 0)
	call(t, s, "POST", "/channels/"+desk+"/messages", object{"content": strings.Repeat("x", 2001)}).want(t, 400, 50035)
}
