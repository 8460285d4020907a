package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

const (
	otherDesk = "C1DESK"
	chloeID   = "U1CHLOE"
)

// newOther adds a second Slack workspace to the rig, in which the website's conversations stand as well.
func (r *rig) newOther() *slacktest.Server {
	r.t.Helper()
	other := slacktest.New(slacktest.Options{
		Users:    []slacktest.User{{ID: chloeID, Name: "chloe", RealName: "Chloe Martin", DisplayName: "Chloe"}},
		Channels: []slacktest.Channel{{ID: otherDesk, Name: "support", Members: []string{chloeID}}},
	})
	if err := other.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(other.Close)
	o := other.Options()
	for key, value := range map[string]string{
		"TYPE": "slack", "BOT_TOKEN": o.BotToken, "APP_TOKEN": o.AppToken, "API_URL": other.URL(), "CHANNEL": otherDesk, "PLACE_RATE": "0",
	} {
		r.settings["ENDPOINTS__OTHER_SLACK__"+key] = value
	}
	r.settings["ENDPOINTS__WEBSITE__DESK"] = "support-slack,other-slack"
	return other
}

// threadIn waits for the thread that holds a visitor's first line.
func threadIn(ctx context.Context, t *testing.T, s *slacktest.Server, channel, first string) (root string) {
	t.Helper()
	err := s.Await(ctx, func(state slacktest.State) bool {
		for _, m := range state.Channel(channel) {
			if thread := state.Thread(channel, m.TS); len(thread) > 1 && thread[1].Text == first {
				root = m.TS
			}
		}
		return root != ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// awaitThread waits until the thread shows exactly these lines after its card, as "name: text".
func awaitThread(ctx context.Context, t *testing.T, s *slacktest.Server, channel, root string, want ...string) {
	t.Helper()
	shown := func(thread []slacktest.Message) (out []string) {
		for _, m := range thread[1:] {
			name := m.Username
			if name == "" {
				name = m.User
			}
			if !m.Deleted && !(m.Bot && cameLate(m.Text)) {
				out = append(out, name+": "+m.Text)
			}
		}
		return out
	}
	err := s.Await(ctx, func(state slacktest.State) bool { return slices.Equal(shown(state.Thread(channel, root)), want) })
	if err != nil {
		t.Fatalf("%s shows %q, want %q: %v", channel, shown(s.Thread(channel, root)), want, err)
	}
}

// TestTwoWorkspaces: one conversation in two Slack workspaces at once, and a browser.
func TestTwoWorkspaces(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind, patient)
			other := r.newOther()
			p := r.start("127.0.0.1:0")
			r.connected()
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%v\n%s", err, p.stderr)
				}
			}
			must(other.Await(ctx, func(state slacktest.State) bool { return state.Delivery().Sockets >= 2 }))
			g := &guest{name: "vera", visitor: r.site(p.address).Visitor()}
			_, err := g.visitor.Open(ctx, introduction("Vera"))
			must(err)
			streamCtx, stop := context.WithCancel(ctx)
			streaming := make(chan error, 1)
			go func() { streaming <- g.visitor.Stream(streamCtx) }()
			defer func() { stop(); <-streaming }()
			g.say(ctx, t, "Hello")
			here, there := threadIn(ctx, t, r.slack, desk, "Hello"), threadIn(ctx, t, other, otherDesk, "Hello")

			began := time.Now()
			ts, err := other.Say(chloeID, otherDesk, there, "Good mroning")
			must(err)
			awaitThread(ctx, t, r.slack, desk, here, "Vera · visitor: Hello", "Chloe: Good mroning")
			if took := time.Since(began); took > time.Second && !raceEnabled {
				t.Errorf("a reply took %v from one workspace to the other", took)
			}
			must(other.Edit(chloeID, otherDesk, ts, "Good morning"))
			awaitThread(ctx, t, r.slack, desk, here, "Vera · visitor: Hello", "Chloe: Good morning")
			_, err = r.slack.Say(anaID, desk, here, "// a regular")
			must(err)
			const note = "Ana: :lock: Note for the team. The visitor does not see it.\na regular"
			awaitThread(ctx, t, other, otherDesk, there, "Vera · visitor: Hello", chloeID+": Good morning", note)
			must(g.visitor.AwaitText(ctx, "Good mroning"))

			card := func(s *slacktest.Server, channel, root, words string) {
				t.Helper()
				must(s.Await(ctx, func(state slacktest.State) bool {
					return strings.Contains(string(state.Thread(channel, root)[0].Blocks), words)
				}))
			}
			card(r.slack, desk, here, "Assigned* · Chloe")
			card(other, otherDesk, there, "Assigned* · Chloe")
			press, err := r.slack.Press(anaID, here, "skein:take", "")
			must(err)
			_, err = press.Await(ctx)
			must(err)
			card(r.slack, desk, here, "Assigned* · Ana")
			card(other, otherDesk, there, "Assigned* · Ana")
			const over = ":warning: Ana has taken this conversation over from Chloe."
			must(other.Await(ctx, func(state slacktest.State) bool { return lastText(state.Thread(otherDesk, there)) == over }))

			must(other.Delete(chloeID, otherDesk, ts))
			const receipt = ":warning: Taken back. website: removed; support-slack: removed."
			for _, at := range []struct {
				s             *slacktest.Server
				channel, root string
			}{{r.slack, desk, here}, {other, otherDesk, there}} {
				must(at.s.Await(ctx, func(state slacktest.State) bool { return lastText(state.Thread(at.channel, at.root)) == receipt }))
			}
			must(g.visitor.Await(ctx, func(heard []webtest.Entry) bool {
				return slices.ContainsFunc(heard, func(e webtest.Entry) bool { return e.Kind == "deleted" })
			}))
			read, err := g.visitor.History(ctx)
			must(err)
			for _, e := range read {
				if strings.Contains(e.Text, "morning") || strings.Contains(e.Text, "regular") {
					t.Errorf("the history still holds %q", e.Text)
				}
			}
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}

func lastText(thread []slacktest.Message) string { return thread[len(thread)-1].Text }
