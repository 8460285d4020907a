package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// TestRatingByTelegram: when a conversation is closed the visitor is asked once, by buttons; what they press and what they
// write under it reaches the agents, and opens nothing.
func TestRatingByTelegram(t *testing.T) {
	r := newRig(t, "sqlite")
	c := &chat{rig: r, telegram: r.addTelegram("support-slack", telegramtest.User{ID: veraID, FirstName: "Vera"})}
	r.configure("shop-telegram", map[string]string{"ASK_RATING": "true"})
	p := r.start("127.0.0.1:0")
	c.say(telegramtest.Draft{Text: "Do you ship?"})
	c.inSlack("Do you ship?")
	_, err := r.slack.Say(anaID, desk, c.root, "!close Yes. Good bye")
	c.must(err)
	question := "How did we do? 5 is best."
	c.inTelegram("Do you ship?", "Yes. Good bye", question)
	messages := c.telegram.Chat(veraID)
	asked := messages[len(messages)-1]
	press, err := c.telegram.Press(veraID, veraID, asked.ID, "4 ⭐")
	c.must(err)
	thanks := "Thank you. You gave ⭐⭐⭐⭐. Answer this message to add a few words."
	c.inTelegram("Do you ship?", "Yes. Good bye", thanks)
	c.within(func(ctx context.Context) error {
		return c.telegram.Await(ctx, func(s telegramtest.State) bool { _, ok := s.Answered(press); return ok })
	}, "the press to be answered")
	if buttons := slices.Concat(c.telegram.Chat(veraID)[len(messages)-1].Buttons...); len(buttons) > 0 {
		t.Errorf("the buttons stay: %v", buttons)
	}
	c.say(telegramtest.Draft{Text: "Quick and kind", ReplyTo: asked.ID})
	c.within(func(ctx context.Context) error {
		return c.slack.Await(ctx, func(s slacktest.State) bool {
			all := strings.Join(slackTexts(s.Thread(desk, c.root)), "\n")
			return strings.Contains(all, "4 of 5") && strings.Contains(all, "Quick and kind")
		})
	}, "the rating in Slack")
	c.within(func(ctx context.Context) error {
		return c.slack.Await(ctx, func(s slacktest.State) bool { return strings.Contains(s.Thread(desk, c.root)[0].Text, "Closed") })
	}, "the card to say that it is closed")
	c.say(telegramtest.Draft{Text: "One more thing"})
	_, err = r.slack.Say(anaID, desk, c.root, "!close")
	c.must(err)
	_, err = r.slack.Say(anaID, desk, c.root, "!reopen")
	c.must(err)
	_, err = r.slack.Say(anaID, desk, c.root, "Still there?")
	c.must(err)
	c.inTelegram("Do you ship?", "Yes. Good bye", thanks, "Quick and kind", "One more thing", "Still there?")
	p.terminate()
}
