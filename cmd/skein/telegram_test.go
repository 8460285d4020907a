package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

const veraID = 7001

// addTelegram starts a Telegram with these people, and the endpoint shop-telegram, whose conversations open at the given
// desks.
func (r *rig) addTelegram(desks string, people ...telegramtest.User) *telegramtest.Server {
	r.t.Helper()
	return r.addTelegramWith(desks, telegramtest.Options{Users: people})
}

func (r *rig) addTelegramWith(desks string, opts telegramtest.Options) *telegramtest.Server {
	r.t.Helper()
	spec, err := telegramtest.LoadSpec()
	must(r.t, err)
	opts.Spec = spec
	server := telegramtest.New(opts)
	must(r.t, server.Start())
	r.t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			r.t.Error("against the description of the API: ", v)
		}
	})
	r.endpoint("SHOP_TELEGRAM", map[string]string{
		"TYPE": "telegram", "DESK": desks, "TOKEN": server.Options().Token, "API_URL": server.URL(),
		"PLACE_RATE": "0", "TOTAL_RATE": "0", "ASK_RATING": "false",
	})
	return server
}

// chat is Vera's chat with the bot beside the thread in Slack that it became.
type chat struct {
	*rig
	telegram *telegramtest.Server
	root     string // ts of the thread's first message
}

// must fails the test when a simulated platform refuses what a person does.
func (c *chat) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// say is what Vera says.
func (c *chat) say(d telegramtest.Draft) (id int64) {
	c.t.Helper()
	id, err := c.telegram.Post(veraID, veraID, d)
	c.must(err)
	return id
}

func (c *chat) within(wait func(ctx context.Context) error, what string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	if err := wait(ctx); err != nil {
		c.t.Fatalf("waited in vain for %s\nchat: %q\nthread: %q", what, c.chat(), c.thread())
	}
}

// inTelegram waits until Vera sees these texts, her own among them, and no other.
func (c *chat) inTelegram(want ...string) {
	c.t.Helper()
	c.within(func(ctx context.Context) error {
		return c.telegram.Await(ctx, func(s telegramtest.State) bool { return slices.Equal(telegramTexts(s.Chat(veraID)), want) })
	}, strings.Join(want, " | "))
}

func (c *chat) chat() []string { return telegramTexts(c.telegram.Chat(veraID)) }

func telegramTexts(list []telegramtest.Message) (texts []string) {
	for _, m := range list {
		text := m.Text
		if m.File != nil {
			text += "[" + m.File.Name + "]"
		}
		texts = append(texts, text)
	}
	return texts
}

// inSlack waits until the thread shows these texts below its card, and no other.
func (c *chat) inSlack(want ...string) {
	c.t.Helper()
	c.within(func(ctx context.Context) error {
		return c.slack.Await(ctx, func(s slacktest.State) bool {
			if c.root == "" {
				for _, m := range s.Channel(desk) {
					if strings.Contains(m.Text, "shop-telegram") {
						c.root = m.TS
					}
				}
			}
			return c.root != "" && slices.Equal(slackTexts(s.Thread(desk, c.root)), want)
		})
	}, strings.Join(want, " | "))
}

func (c *chat) thread() []string { return slackTexts(c.slack.Thread(desk, c.root)) }

func slackTexts(list []slacktest.Message) (texts []string) {
	for _, m := range list[min(1, len(list)):] {
		text := m.Text
		if m.Bot && cameLate(text) {
			continue
		}
		for _, f := range m.Files {
			text += "[" + f.Title + "]"
		}
		texts = append(texts, text)
	}
	return texts
}

// TestTelegram: a visitor on Telegram is answered from Slack: text, edits, deletions, files and answers, both ways, and
// nothing is lost or doubled when the daemon is killed between.
func TestTelegram(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			c := &chat{rig: r, telegram: r.addTelegram("support-slack", telegramtest.User{ID: veraID, FirstName: "Vera", Language: "fr"})}
			p := r.start("127.0.0.1:0")
			c.say(telegramtest.Draft{Text: "/start"})
			greeting := "Hello! Write your question here, and our team will answer."
			c.inTelegram("/start", greeting)

			hello := c.say(telegramtest.Draft{Text: "Do you ship?"})
			c.inSlack("Do you ship?")
			c.must(c.telegram.Edit(veraID, veraID, hello, "Do you ship to Norway?"))
			c.inSlack("Do you ship to Norway?")

			ts, err := r.slack.Say(anaID, desk, c.root, "We *do*.")
			c.must(err)
			c.inTelegram("/start", greeting, "Do you ship to Norway?", "We do.")
			c.must(r.slack.Edit(anaID, desk, ts, "We do. It takes four days."))
			c.inTelegram("/start", greeting, "Do you ship to Norway?", "We do. It takes four days.")
			c.must(r.slack.Delete(anaID, desk, ts))
			c.inTelegram("/start", greeting, "Do you ship to Norway?")
			receipt := ":warning: Taken back. shop-telegram: removed."
			c.inSlack("Do you ship to Norway?", receipt)

			p.kill()
			c.say(telegramtest.Draft{Text: "a kayak", Attach: telegramtest.Document("kayak.txt", "text/plain", []byte("a long boat"))})
			p = r.start(p.address)
			c.inSlack("Do you ship to Norway?", receipt, "a kayak[kayak.txt]")
			_, err = r.slack.Upload(anaID, desk, c.root, "label.txt", []byte("stick it on"), "your label")
			c.must(err)
			c.inTelegram("/start", greeting, "Do you ship to Norway?", "a kayak[kayak.txt]", "your label[label.txt]")

			c.must(c.telegram.Block(veraID, true))
			c.within(func(ctx context.Context) error {
				return r.slack.Await(ctx, func(s slacktest.State) bool {
					list := slackTexts(s.Thread(desk, c.root))
					return strings.Contains(list[len(list)-1], "has blocked the bot")
				})
			}, "the notice")
			p.terminate()
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}
