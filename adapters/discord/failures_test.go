package discord

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func TestJudge(t *testing.T) {
	refused := func(code int) error { return &apiError{status: 400, code: code, json: true} }
	for _, c := range []struct {
		name    string
		err     error
		verdict bridge.Verdict
		refused bool
		whole   bool
		after   time.Duration
		public  string
	}{
		{"thread gone", refused(10003), bridge.Reopen, false, false, 0, "deleted"},
		{"thread locked", refused(160005), bridge.Reopen, false, false, 0, "locked"},
		{"server gone", refused(10004), bridge.Wait, true, true, operatorPause, "Invite"},
		{"no access", refused(50001), bridge.Wait, true, true, operatorPause, "no longer on the server"},
		{"no permission", refused(50013), bridge.Wait, true, true, operatorPause, "permission"},
		{"form", refused(50035), bridge.GiveUp, false, false, 0, "text"},
		{"empty", refused(50006), bridge.GiveUp, false, false, 0, "empty"},
		{"archived", refused(50083), bridge.Retry, false, false, 0, "archived"},
		{"too many edits", refused(30046), bridge.GiveUp, false, false, 0, "changed"},
		{"full", refused(160006), bridge.Wait, true, false, operatorPause, "Archive"},
		{"filter", refused(200000), bridge.GiveUp, false, false, 0, "blocked by the filter"},
		{"harmful link", refused(240000), bridge.GiveUp, false, false, 0, "blocked by the filter"},
		{"tag wanted", refused(40067), bridge.Wait, true, true, operatorPause, "tag"},
		{"unknown code", refused(99999), bridge.GiveUp, false, false, 0, "refused"},
		{"a reason that is not known", &apiError{status: 403, code: 50009, json: true}, bridge.GiveUp, false, false, 0, "refused"},
		{"the server's own limit", refused(20029), bridge.Wait, false, false, limitedPause, "wait"},
		{"token", &apiError{status: 401, json: true}, bridge.Wait, true, true, operatorPause, "token"},
		{"forbidden", &apiError{status: 403, json: true}, bridge.Wait, true, true, operatorPause, "permission"},
		{"a proxy's 404", &apiError{status: 404}, bridge.Wait, true, true, operatorPause, "api_url"},
		{"too large", &apiError{status: 413}, bridge.GiveUp, false, false, 0, "too large"},
		{"limited", &apiError{status: 429, json: true, after: 5 * time.Second}, bridge.Wait, false, false, 5 * time.Second, "wait"},
		{"limited for a moment", &apiError{status: 429, json: true, after: time.Millisecond}, bridge.Wait, false, false, time.Second, "wait"},
		{"limited everywhere", &apiError{status: 429, json: true, after: 5 * time.Second, global: true}, bridge.Wait, false, true, 5 * time.Second, "wait"},
		{"shut out", &apiError{status: 429}, bridge.Wait, true, true, banPause, "network"},
		{"500", &apiError{status: 500}, bridge.Unsure, false, false, 0, "fault"},
		{"502", &apiError{status: 502}, bridge.Unsure, false, false, 0, "fault"},
		{"no answer", &url.Error{Op: "Post", URL: "https://discord.com/secret", Err: context.DeadlineExceeded}, bridge.Unsure, false, false, 0, "answer"},
		{"no connection", &url.Error{Op: "Post", URL: "https://discord.com/secret", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, bridge.Retry, false, false, 0, "reached"},
		{"not made", errNotMade{context.Canceled}, bridge.Retry, false, false, 0, "reached"},
	} {
		f := failure("a call", c.err)
		if f.Verdict != c.verdict || f.Refused != c.refused || f.Whole != c.whole || f.After != c.after || !strings.Contains(f.Public, c.public) {
			t.Errorf("%s: %+v", c.name, f)
		}
		if strings.Contains(f.Error(), "secret") {
			t.Errorf("%s: the error shows an address: %v", c.name, f)
		}
	}
}

func TestMissingChannelIsTheOperators(t *testing.T) {
	if f := deskFailure(failure("a call", &apiError{status: 404, code: 10003, json: true})); !f.Refused || f.Verdict != bridge.Wait {
		t.Errorf("a missing channel gives %+v", f)
	}
}

func TestRefs(t *testing.T) {
	for ref, want := range map[bridge.MessageRef]messagePlace{
		"12/34": {"12", "34", false}, "12/34/f": {"12", "34", true},
	} {
		got, err := parseMessage(ref)
		if err != nil || got != want || makePost(got.channel, got.id, got.files) != ref {
			t.Errorf("%s: %+v, %v", ref, got, err)
		}
	}
	for _, ref := range []bridge.MessageRef{"", "12", "12/", "/34", "12/34/", "12/34/x", "a/34", "12/34/f/f", "01/2"} {
		if got, err := parseMessage(ref); err == nil {
			t.Errorf("%q was read as %+v", ref, got)
		}
	}
	if _, err := parseThread("C1/2"); err == nil {
		t.Error("a reference of another platform was accepted")
	}
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	if !timeOf(before(at)).Before(at) || at.Sub(timeOf(before(at))) > time.Millisecond || before(time.Time{}) != "0" {
		t.Errorf("ids before %v: %s, %v", at, before(at), timeOf(before(at)))
	}
	if m := mark("12.3.0@support-discord"); len(m) != 25 || m == mark("12.3.1@support-discord") {
		t.Errorf("a mark is %q", m)
	}
}

func TestRoutesCountTogether(t *testing.T) {
	for path, want := range map[string]string{
		"/channels/1/messages/2":         "GET /channels/1/messages/*",
		"/channels/1/messages?after=5":   "GET /channels/1/messages",
		"/guilds/1/threads/active":       "GET /guilds/1/threads/active",
		"/channels/1/messages/2/threads": "GET /channels/1/messages/*/threads",
	} {
		if got := routeOf("GET", path); got != want {
			t.Errorf("%s is counted as %s", path, got)
		}
	}
}

// Sessions that hang do not pile up: the more there are, the later the next one is begun.
func TestHangingSessionsSlowDown(t *testing.T) {
	r := &receiver{Adapter: &Adapter{cfg: Config{FirstPause: time.Second}}}
	if usual := r.backoff(1); usual > time.Second {
		t.Errorf("the first pause is %v", usual)
	}
	r.opening.Store(3600)
	if slow := r.backoff(1); slow < 30*time.Minute {
		t.Errorf("with 3600 sessions that hang, the pause is %v", slow)
	}
}

func FuzzEvents(f *testing.F) {
	for _, s := range []string{
		`{"id":"1","channel_id":"2","guild_id":"3","author":{"id":"4"},"content":"hello","type":0}`,
		`{"id":1,"author":null,"mentions":[null,{"id":"1"}],"attachments":{},"edited_timestamp":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","channel_id":"2","author":{"id":"4"},"edited_timestamp":"x","sticker_items":[{"name":"wave"}],"poll":{"question":{"text":"q"}}}`,
		`[]`, `null`,
	} {
		f.Add(s)
	}
	a, err := New(Config{Name: "d", Token: "t", Guild: "3", Channel: "5", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &receiver{Adapter: a, me: self{user: "9"}}
		if m, ok := decoded[message](r, []byte(s)); ok {
			if h, ok := a.said(&m, r.me); ok {
				if in := a.inbound(h); in.Key == "" || in.Thread == "" || in.From.ID == "" {
					t.Errorf("an inbound is not complete: %+v", in)
				}
			}
			if h, ok := a.edited(&m, r.me); ok {
				a.inbound(h)
			}
		}
		_, _ = decoded[deletion](r, []byte(s))
		_, _ = decoded[interaction](r, []byte(s))
		_, _ = decoded[guild](r, []byte(s))
	})
}
