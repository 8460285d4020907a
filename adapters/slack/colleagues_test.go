package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func withCommons(c *Config) { c.Colleagues = "CTEAM" }

func TestDecodesWhatColleaguesDo(t *testing.T) {
	a := newTestAdapter(t, withCommons)
	a.people.remember(bridge.Person{ID: "UANA", Name: "Ana"}, personTTL)
	for event, want := range map[string]string{
		`{"type":"message","channel":"CTEAM","user":"UANA","text":"hi","ts":"1700000001.000100"}`:                                                                                                      "said CTEAM CTEAM/1700000001.000100 ← ",
		`{"type":"message","channel":"CTEAM","user":"UANA","text":"hi","ts":"1700000002.000100","thread_ts":"1700000001.000100"}`:                                                                      "said CTEAM CTEAM/1700000002.000100 ← CTEAM/1700000001.000100",
		`{"type":"message","channel":"CTEAM","user":"UANA","text":"hi","ts":"1700000001.000100","thread_ts":"1700000001.000100"}`:                                                                      "said CTEAM CTEAM/1700000001.000100 ← ",
		`{"type":"reaction_added","user":"UANA","reaction":"tada","item":{"type":"message","channel":"CTEAM","ts":"1700000001.000100"},"event_ts":"1700000003.000100"}`:                                "reacted CTEAM  ← CTEAM/1700000001.000100 🎉",
		`{"type":"reaction_removed","user":"UANA","reaction":"our-own","item":{"type":"message","channel":"CTEAM","ts":"1700000001.000100"},"event_ts":"1700000003.000100"}`:                           "unreacted CTEAM  ← CTEAM/1700000001.000100 :our-own:",
		`{"type":"message","subtype":"message_deleted","channel":"CTEAM","deleted_ts":"1700000001.000100","event_ts":"1700000004.000100","previous_message":{"user":"UANA","ts":"1700000001.000100"}}`: "deleted CTEAM  ← CTEAM/1700000001.000100",
		// Not for a conversation: what we did ourselves, and what is done elsewhere.
		`{"type":"reaction_added","user":"` + testSelf.user + `","reaction":"tada","item":{"type":"message","channel":"CTEAM","ts":"1700000001.000100"},"event_ts":"1700000003.000100"}`: "",
		`{"type":"message","channel":"CTEAM","bot_id":"` + testSelf.bot + `","text":"hi","ts":"1700000001.000100"}`:                                                                      "",
		`{"type":"reaction_added","user":"UANA","reaction":"tada","item":{"type":"message","channel":"CDESK","ts":"1700000001.000100"},"event_ts":"1700000003.000100"}`:                  "",
		`{"type":"reaction_added","user":"UANA","reaction":"tada","item":{"type":"message","channel":"CTEAM","ts":"x"},"event_ts":"1700000003.000100"}`:                                  "",
		`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000001.000100"}`:                                                                                        "",
	} {
		got := ""
		if h, ok := a.decode(json.RawMessage(event), testSelf); ok {
			in := a.inbound(t.Context(), h)
			got = strings.TrimSuffix(fmt.Sprintf("%s %s %s ← %s %s", in.Kind, in.Thread, in.Message, in.Target, in.Emoji), " ")
		}
		if got != want {
			t.Errorf("%s\n is %q, want %q", event, got, want)
		}
	}
}

func TestRendersWhatColleaguesSay(t *testing.T) {
	a := newTestAdapter(t, withCommons)
	d := bridge.Delivery{
		Conversation: bridge.Conversation{Kind: bridge.Colleagues}, Thread: a.Commons(),
		Root:   []bridge.Landed{{Message: "CTEAM/1700000001.000100"}},
		People: map[string]bridge.Person{"D1": {ID: "UANA", Name: "Ana"}},
		Entry: bridge.Entry{
			Kind: bridge.Said, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: bridge.ByAgent, Name: "Ben"},
			Origin: bridge.Origin{Endpoint: "support-discord"},
			Body: rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
				{Kind: rich.Mention, Text: "Ana", Info: "D1"}, {Kind: rich.Text, Text: " and "}, {Kind: rich.Mention, Text: "UZOE", Info: "UZOE"},
			}}},
		},
	}
	parts, err := a.Render(d)
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	p := parts[0].Content.(post)
	if p.Text != "<@UANA> and @UZOE" || p.Name != "Ben · support-discord" || p.Root != "1700000001.000100" || parts[0].Place != "CTEAM" {
		t.Errorf("it is %+v in %s", p, parts[0].Place)
	}
	d.Entry.Kind, d.Landed = bridge.Edited, []bridge.Landed{{Message: "CTEAM/1700000002.000100"}}
	parts, err = a.Render(d)
	if err != nil || len(parts) != 1 || parts[0].Op != bridge.Edit || strings.Contains(parts[0].Content.(post).Text, noteHead) {
		t.Errorf("edited it is %+v, %v", parts, err)
	}
	for emoji, want := range map[string]string{"🎉": "tada", ":our-own:": "our-own", "no emoji": "", ":a:b:": "", ":": "", "": ""} {
		d.Entry.Kind, d.Entry.Body = bridge.Reacted, rich.Of(emoji)
		parts, err := a.Render(d)
		got := ""
		if len(parts) == 1 && parts[0].Op == bridge.React {
			got = parts[0].Content.(reaction).Name
		}
		if got != want || err != nil {
			t.Errorf("%q is put as %q, %v; want %q", emoji, got, err, want)
		}
	}
}

func TestAMessageStandsOrDoesNot(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := `{"ok":false,"error":"thread_not_found"}`
		if ts := r.FormValue("ts"); ts < "1700000002" {
			answer = `{"ok":true,"messages":[{"type":"message","user":"UANA","ts":"` + ts + `"}]}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(web.Close)
	a := newTestAdapter(t, func(c *Config) { withCommons(c); c.APIURL = web.URL + "/" })
	for m, want := range map[bridge.MessageRef]bool{"CTEAM/1700000001.000100": true, "CTEAM/1700000002.000100": false, "CDESK/1700000001.000100": false} {
		if stands, err := a.Stands(t.Context(), m); stands != want || err != nil {
			t.Errorf("%s stands: %v, %v", m, stands, err)
		}
	}
}
