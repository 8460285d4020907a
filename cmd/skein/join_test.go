package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// askLink asks a daemon for a visitor's link to Telegram and returns what it carries.
func askLink(t *testing.T, p *process, token string) (payload string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/v1/website/website/links", http.NoBody)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	var link struct{ URL string }
	must(t, json.NewDecoder(resp.Body).Decode(&link))
	u, err := url.Parse(link.URL)
	if must(t, err); resp.StatusCode != http.StatusOK || u.Host != "t.me" {
		t.Fatalf("asked for a link and got %d %q\n%s", resp.StatusCode, link.URL, p.stderr)
	}
	return u.Query().Get("start")
}

// TestAVisitorGoesOnInTelegram: a visitor of the website follows a link to Telegram. From then on both are one place:
// what is said in one is seen in the other and answered in both, edits and deletions included, also after a restart.
func TestAVisitorGoesOnInTelegram(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			c := &chat{rig: r, telegram: r.addTelegram("support-slack", telegramtest.User{ID: veraID, FirstName: "Vera"})}
			r.endpoint("WEBSITE", map[string]string{"TELEGRAM": "shop-telegram"})
			p := r.start(freeAddress(t))
			r.connected()
			asked := p
			if kind == "postgres" { // where Telegram is received, nobody who asks for a link knows
				asked = r.start("127.0.0.1:0")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			g := &guest{name: "vera", visitor: r.site(p.address).Visitor()}
			_, err := g.visitor.Open(ctx, introduction("Vera"))
			must(t, err)
			streaming := make(chan error, 1)
			go func() { streaming <- g.visitor.Stream(ctx) }()
			defer func() { cancel(); <-streaming }()
			g.say(ctx, t, "Hello")
			c.root = threadIn(ctx, t, r.slack, desk, "Hello")
			g.thread = c.root
			r.reply(g, anaID, "Good morning")
			c.within(func(ctx context.Context) error { return g.visitor.AwaitText(ctx, "Good morning") }, "the browser")

			_, err = c.telegram.Begin(veraID, askLink(t, p, g.visitor.Token()))
			must(t, err)
			_, err = c.telegram.Begin(veraID, askLink(t, asked, g.visitor.Token()))
			must(t, err)
			const joined = ":warning: The visitor goes on at shop-telegram as well. Answers go to both places."
			c.inSlack("Hello", "Good morning", joined)
			telegram := func(want ...string) { // below what the links have been answered with
				t.Helper()
				c.within(func(ctx context.Context) error {
					return c.telegram.Await(ctx, func(s telegramtest.State) bool {
						got := telegramTexts(s.Chat(veraID))
						return len(got) >= 4 && strings.HasPrefix(got[2], "You are connected. ") && slices.Equal(got[4:], want)
					})
				}, strings.Join(want, " | "))
			}
			telegram()
			browser := func(text string) {
				t.Helper()
				c.within(func(ctx context.Context) error { return g.visitor.AwaitText(ctx, text) }, "the browser to show "+text)
			}

			reply, err := r.slack.Say(anaID, desk, c.root, "To bth")
			must(t, err)
			_, err = r.slack.Say(anaID, desk, c.root, "// not for her")
			must(t, err)
			browser("To bth")
			telegram("To bth")
			c.say(telegramtest.Draft{Text: "From the phone"})
			browser("From the phone")
			c.inSlack("Hello", "Good morning", joined, "To bth", "// not for her", "From the phone")
			must(t, r.slack.Edit(anaID, desk, reply, "To both"))
			browser("To both")
			telegram("To both", "From the phone")
			must(t, r.slack.Delete(anaID, desk, reply))
			telegram("From the phone")
			const receipt = ":warning: Taken back. website: removed; shop-telegram: removed."
			c.inSlack("Hello", "Good morning", joined, "// not for her", "From the phone", receipt)

			p.kill()
			p = r.start(p.address)
			g.say(ctx, t, "From the page")
			r.reply(g, anaID, "Still both")
			browser("Still both")
			telegram("From the phone", "You:\nFrom the page", "Still both")
			c.within(func(ctx context.Context) error {
				return r.slack.Await(ctx, func(s slacktest.State) bool {
					return slices.Contains(slackTexts(s.Thread(desk, c.root)), "From the page")
				})
			}, "the page's line in the thread")
			read, err := g.visitor.History(ctx)
			must(t, err)
			if i := slices.IndexFunc(read, func(e webtest.Entry) bool {
				return strings.Contains(e.Text, "both") && e.Text != "Still both" || strings.Contains(e.Text, "for her") || strings.Contains(e.Text, "connected")
			}); i >= 0 {
				t.Errorf("the browser can read %q", read[i].Text)
			}
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}
