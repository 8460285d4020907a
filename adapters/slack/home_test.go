package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// home waits until Ana's home fits.
func (f front) home(what string, fits func(raw string) bool) (shown slacktest.View) {
	f.Helper()
	awaitServer(f.T, f.server, what, func(v slacktest.State) bool {
		shown, _ = v.Home(ana)
		return shown.ID != "" && fits(string(shown.Raw))
	})
	return shown
}

func TestTheHome(t *testing.T) {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	answer := func(call bridge.Invocation) (bridge.Answer, error) {
		switch {
		case call.Word == "list":
			l := bridge.List{Asked: at, All: []bridge.Tally{{State: bridge.StateUnassigned, Conversations: 41}}}
			if call.Rest == "unassigned" {
				l.Rows = []bridge.Listed{
					{Conversation: bridge.Conversation{ID: 12, Endpoint: "website", UpdatedAt: at}, Visitor: "Mira", Threads: map[bridge.EndpointName]bridge.ThreadRef{"support-slack": "CDESK/1700000000.000100"}},
					{Conversation: bridge.Conversation{ID: 14, Endpoint: "website", UpdatedAt: at}, Visitor: "Theo"},
					{Conversation: bridge.Conversation{ID: 15, Endpoint: "website", UpdatedAt: at}, Visitor: "Ida", Mine: true},
				}
			}
			return bridge.Answer{Public: "in words", List: &l}, nil
		case call.Thread == "" && call.Fields["conversation"] == "14":
			return bridge.Answer{Form: noteForm()}, nil
		}
		if call.Word == "close" {
			return bridge.Answer{Public: "Ben was quicker.", Refused: true}, nil
		}
		return bridge.Answer{}, nil
	}
	inBothModes(t, answer, func(f front) {
		f.must(f.server.OpenHome(ana))
		f.home("the first list", func(raw string) bool {
			return strings.Contains(raw, "Nobody waits") || strings.Contains(raw, "No conversation has an owner")
		})
		press := func(view slacktest.View, block, id string) {
			f.Helper()
			f.acked(f.server.PressView(ana, view.ID, block, id, ""))
		}
		press(f.home("tabs", func(raw string) bool { return strings.Contains(raw, "Unassigned 41") }), "", "skein-home:unassigned")
		listed := f.home("the second list", func(raw string) bool { return strings.Contains(raw, "Mira") })
		published := len(f.server.Calls("views.publish", ""))
		press(listed, `skein0:{"t":"CDESK/1700000000.000100"}`, "skein:take")
		awaitServer(f.T, f.server, "the list anew", func(v slacktest.State) bool { return v.Calls("views.publish", "") > published })
		press(listed, `skein1:{"c":"14"}`, "skein:take")
		open := f.modal("the form", anyForm)
		f.must(f.server.Type(ana, open.ID, "words", "now"))
		f.acked(f.server.Submit(ana, open.ID))
		f.must(f.server.OpenHome(ana)) // on the tab where it was left
		f.home("the second list again", func(raw string) bool { return strings.Contains(raw, "Mira") })
		press(listed, `skein2:{"c":"15"}`, "skein:close")
		f.modal("the refusal", func(v slacktest.View) bool { return strings.Contains(string(v.Raw), "Ben was quicker.") })
		for _, call := range f.sink.Heard().Commands {
			if call.From.ID != ana || call.Word == "take" && call.Thread != "CDESK/1700000000.000100" && call.Fields["conversation"] != "14" {
				f.Errorf("the command is %+v", call)
			}
		}
	})
}

// An open home follows what changes, not at every change.
func TestAnOpenHomeFollows(t *testing.T) {
	f := front{T: t, server: newServer(t, slacktest.Options{}), sink: adaptertest.NewSink()}
	f.a = newAdapter(t, f.server, func(c *slack.Config) { c.HomePause = 10 * time.Millisecond })
	f.sink.OnCommand = func(bridge.Invocation) (bridge.Answer, error) {
		return bridge.Answer{List: &bridge.List{}, Public: "x"}, nil
	}
	run(t, f.server, f.a, f.sink)
	for range 3 {
		openThread(t, f.a) // nobody looks
	}
	if n := len(f.server.Calls("views.publish", "")); n != 0 {
		t.Errorf("%d homes were published for nobody", n)
	}
	f.must(f.server.OpenHome(ana))
	published := func(n int) {
		t.Helper()
		awaitServer(t, f.server, fmt.Sprint("home ", n), func(v slacktest.State) bool { return v.Calls("views.publish", "") >= n })
	}
	published(1)
	before := len(f.sink.Heard().Commands)
	for range 5 {
		openThread(t, f.a)
	}
	published(2)
	if asked := len(f.sink.Heard().Commands) - before; asked > 2 {
		t.Errorf("five changes at once are looked for %d times", asked)
	}
}
