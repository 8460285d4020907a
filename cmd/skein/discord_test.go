package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge/rich"
)

// belowName is what a message of the bot's says: above it stands the name of whoever speaks.
func belowName(m discordtest.Message) string {
	line, text, _ := strings.Cut(m.Content, "\n")
	if m.Bot && len(line) > 4 && strings.HasPrefix(line, "**") && strings.HasSuffix(line, "**") {
		return text
	}
	return m.Content
}

// discordTexts are what people see, but for what is told of lines that came late.
func discordTexts(list []discordtest.Message) (texts []string) {
	for _, m := range list {
		text := m.Content
		if m.Bot && cameLate(text) {
			continue
		}
		if m.Bot {
			text = rich.Plain(markdown.Read(belowName(m), nil))
		}
		for _, f := range m.Attachments {
			text += "[" + f.Name + "]"
		}
		texts = append(texts, text)
	}
	return texts
}

// TestDiscord: a visitor on Telegram whose conversation lives in Slack and in Discord: what is said, edited, taken back
// and attached in one place is seen in the others, and nothing is lost or doubled when the daemon is killed between.
func TestDiscord(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			c := &chat{rig: r, telegram: r.addTelegram("support-slack,support-discord", telegramtest.User{ID: veraID, FirstName: "Vera"})}
			server := r.addDiscord(discordtest.Text)
			thread := ""
			inDiscord := func(want ...string) {
				t.Helper()
				c.within(func(ctx context.Context) error {
					return server.Await(ctx, func(s discordtest.State) bool {
						if list := s.Threads(deskPlace); len(list) == 1 {
							thread = list[0].ID
						}
						return thread != "" && slices.Equal(discordTexts(s.Said(thread)), want)
					})
				}, strings.Join(want, " | "))
			}
			p := r.start(freeAddress(t))
			r.connected(server)
			hello := c.say(telegramtest.Draft{Text: "Do you ship?"})
			inDiscord("Do you ship?")
			c.inSlack("Do you ship?")
			c.must(c.telegram.Edit(veraID, veraID, hello, "Do you ship to Norway?"))
			inDiscord("Do you ship to Norway?")
			c.inSlack("Do you ship to Norway?")

			yes, err := server.Say(chloeUser, thread, "We **do**.")
			c.must(err)
			c.inTelegram("Do you ship to Norway?", "We do.")
			c.inSlack("Do you ship to Norway?", "We *do*.")
			c.must(server.Edit(chloeUser, yes, "Every day."))
			c.inTelegram("Do you ship to Norway?", "Every day.")
			c.inSlack("Do you ship to Norway?", "Every day.")
			_, err = r.slack.Upload(anaID, desk, c.root, "label.txt", []byte("stick it on"), "your label")
			c.must(err)
			c.inTelegram("Do you ship to Norway?", "Every day.", "your label[label.txt]")
			inDiscord("Do you ship to Norway?", "Every day.", "your label[label.txt]")

			p.kill()
			_, err = server.Say(chloeUser, thread, "Are you there?")
			c.must(err)
			c.must(server.Delete(chloeUser, yes))
			c.say(telegramtest.Draft{Text: "Yes"})
			p = r.start(p.address)
			c.within(func(ctx context.Context) error {
				return c.telegram.Await(ctx, func(s telegramtest.State) bool {
					list := telegramTexts(s.Chat(veraID))
					return !slices.Contains(list, "Every day.") && count(list, "Are you there?") == 1
				})
			}, "what was written and deleted meanwhile")
			c.within(func(ctx context.Context) error {
				return server.Await(ctx, func(s discordtest.State) bool { return count(discordTexts(s.Said(thread)), "Yes") == 1 })
			}, "the visitor's line in Discord")
			c.within(func(ctx context.Context) error {
				return r.slack.Await(ctx, func(s slacktest.State) bool {
					list := slackTexts(s.Thread(desk, c.root))
					return count(list, "Yes") == 1 && count(list, "Are you there?") == 1
				})
			}, "both in Slack")

			press, err := server.Press(chloeUser, thread, "skein:close")
			c.must(err)
			answerCtx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
			defer cancel()
			_, err = press.Await(answerCtx)
			c.must(err)
			c.within(func(ctx context.Context) error {
				return server.Await(ctx, func(s discordtest.State) bool { ch, _ := s.Channel(thread); return ch.Archived })
			}, "the thread archived")
			p.terminate()
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}

func count(list []string, text string) int {
	n := 0
	for _, s := range list {
		if s == text {
			n++
		}
	}
	return n
}
