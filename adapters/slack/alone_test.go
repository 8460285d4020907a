package slack_test

import (
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// What keeps the app from the channel of colleagues alone holds up nothing of the visitors'; what keeps it from everything
// does, and so does what keeps it from their own channel.
func TestColleaguesRefusedAlone(t *testing.T) {
	const team = "CTEAM"
	server := newServer(t, slacktest.Options{Channels: []slacktest.Channel{{ID: team, Name: "team", Members: []string{ana}}}})
	a := newAdapter(t, server, func(c *slack.Config) { c.Colleagues = team })
	thread, _ := openThread(t, a)
	among, err := a.Render(bridge.Delivery{
		Thread: a.Commons(), Conversation: bridge.Conversation{ID: 13, Kind: bridge.Colleagues}, Entry: bridge.Entry{
			Conversation: 13, Seq: 1, Kind: bridge.Said, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: bridge.ByAgent, Name: "Zoe"},
			Origin: bridge.Origin{Endpoint: "support-discord"}, Body: rich.Of("Lunch?"),
		},
	})
	if err != nil || len(among) != 1 {
		t.Fatalf("%d parts, %v", len(among), err)
	}
	visitors := spoken(t, a, thread, 1, "hello")
	refused := func(p bridge.Part, why string, whole bool) {
		t.Helper()
		_, err := a.Send(t.Context(), p)
		if f := verdictOf(t, err); f.Verdict != bridge.Wait || !f.Refused || f.Whole != whole || f.After != time.Minute {
			t.Errorf("%s in %s: %+v", why, p.Place, f)
		}
	}
	for code, alone := range map[string]bool{
		"channel_not_found": true, "not_in_channel": true, "is_archived": true, "restricted_action": true,
		"restricted_action_read_only_channel": true, "restricted_action_thread_only_channel": true,
		"restricted_action_non_threadable_channel": true, "posting_to_general_channel_denied": true,
		"missing_scope": false, "token_revoked": false, "access_denied": false,
	} {
		server.Fail(slacktest.Fault{Method: "chat.postMessage", Error: code, Times: 2})
		refused(among[0], code, !alone)
		refused(visitors[0], code, true)
	}
	if err := server.Archive(ana, team, true); err != nil {
		t.Fatal(err)
	}
	refused(among[0], "archived", false)
	if _, err := a.Send(t.Context(), visitors[0]); err != nil {
		t.Errorf("visitors wait for the channel of colleagues: %v", err)
	}
}
