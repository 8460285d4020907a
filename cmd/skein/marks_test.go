package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// reactionsIn are the names of reactions under a message in Slack.
func reactionsIn(m slacktest.Message) string {
	var names []string
	for _, r := range m.Reactions {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

// TestMarks: agents see under their own lines what has become of them, whatever the visitor and the agent write with.
func TestMarks(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			discord := r.addDiscord(discordtest.Text)
			bot := r.addTelegram("support-discord", telegramtest.User{ID: veraID, FirstName: "Vera"})
			p := r.start("127.0.0.1:0")
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			r.marksOfAWebsite(ctx, t, p)
			marksOfAChat(ctx, t, discord, bot)
		})
	}
}

func (r *rig) marksOfAWebsite(ctx context.Context, t *testing.T, p *process) {
	g := &guest{name: "vera", visitor: r.site(p.address).Visitor()}
	_, err := g.visitor.Open(ctx, introduction("Vera"))
	must(t, err)
	g.say(ctx, t, "Hello")
	root := threadIn(ctx, t, r.slack, desk, "Hello")
	ts, err := r.slack.Say(anaID, desk, root, "Good morning")
	must(t, err)
	marked := func(want string) {
		t.Helper()
		err := r.slack.Await(ctx, func(state slacktest.State) bool {
			for _, m := range state.Thread(desk, root) {
				if m.TS == ts {
					return reactionsIn(m) == want
				}
			}
			return false
		})
		if err != nil {
			t.Fatalf("not marked %s: %v\n%s", want, err, p.stderr)
		}
	}
	marked("hourglass_flowing_sand") // no browser listens
	history, err := g.visitor.History(ctx)
	must(t, err)
	marked("white_check_mark")
	must(t, g.visitor.Read(ctx, lastSeq(history)))
	marked("eyes")
}

func lastSeq(history []webtest.Entry) int64 { return history[len(history)-1].Seq }

func marksOfAChat(ctx context.Context, t *testing.T, discord *discordtest.Server, bot *telegramtest.Server) {
	_, err := bot.Say(veraID, veraID, "Hallo")
	must(t, err)
	thread := ""
	must(t, discord.Await(ctx, func(s discordtest.State) bool {
		for _, ch := range s.Threads(deskPlace) {
			thread = ch.ID
		}
		return thread != "" && len(s.Messages(thread)) > 0
	}))
	marked := func(id, want string) {
		t.Helper()
		err := discord.Await(ctx, func(s discordtest.State) bool {
			for _, m := range s.Messages(thread) {
				if m.ID == id {
					var marks []string
					for _, r := range m.Reactions {
						marks = append(marks, r.Emoji)
					}
					return strings.Join(marks, " ") == want
				}
			}
			return false
		})
		if err != nil {
			t.Fatalf("not marked %q: %v", want, err)
		}
	}
	first, err := discord.Say(chloeUser, thread, "Guten Tag")
	must(t, err)
	marked(first, "✅")
	must(t, bot.Block(veraID, true))
	lost, err := discord.Say(chloeUser, thread, "Sind Sie noch da?")
	must(t, err)
	marked(lost, "⚠️")
	marked(first, "")
	must(t, bot.Block(veraID, false))
	_, err = discord.Say(chloeUser, thread, "!retry")
	must(t, err)
	marked(lost, "✅")
}
