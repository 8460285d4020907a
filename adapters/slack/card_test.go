package slack

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

func sectionOf(t *testing.T, p post) string {
	t.Helper()
	section, ok := p.Blocks[0].(*slackgo.SectionBlock)
	if !ok {
		t.Fatalf("the card begins with a %T", p.Blocks[0])
	}
	return section.Text.Text
}

// Slack counts a text as it is sent, and refuses the card with one that is too long: then the thread is never opened.
func TestCardFitsIntoASection(t *testing.T) {
	a := newTestAdapter(t, nil)
	many := func(s string) string { return strings.Repeat(s, 1000) }
	page := "https://shop.example.com/?" + strings.Repeat("&", 970)
	for name, c := range map[string]struct {
		delivery   bridge.Delivery
		has, lacks string
	}{
		"a page with many &": {
			bridge.Delivery{Visitor: bridge.Visitor{Page: bridge.Page{URL: page}}}, "website", "shop.example.com",
		},
		"a page with as many & as fit": {
			bridge.Delivery{Visitor: bridge.Visitor{Page: bridge.Page{URL: "https://shop.example.com/?" + strings.Repeat("&", 570), Title: "Shop"}}},
			"&amp;&amp;|Shop>", "no such words",
		},
		"everything is long": {
			bridge.Delivery{
				Visitor: bridge.Visitor{
					Page: bridge.Page{URL: page, Title: many("&")}, Device: many("&"), Place: many("&"), Blocked: true,
					Profile: bridge.Profile{Name: many("<"), Email: many("&"), Phone: many(">")},
				},
				Conversation: bridge.Conversation{
					State: bridge.StateAssigned, OwnerName: many("&"), WaitingSince: time.Now(), Rating: 5, Tags: []string{many("&"), many("<"), many("😀")},
				},
				Recap: many("&"), Card: &bridge.Card{Earlier: 12345},
			}, ":no_entry: *Blocked*", "shop.example.com",
		},
		"only the recap is long": {
			bridge.Delivery{Visitor: bridge.Visitor{Page: bridge.Page{URL: "https://shop.example.com/"}}, Recap: many("&")}, "website", "&amp;&amp;",
		},
		"a failure is long": {
			bridge.Delivery{
				Conversation: bridge.Conversation{Tags: []string{"vip"}},
				Card:         &bridge.Card{Failure: &bridge.CardFailure{Public: many("&")}},
			}, "#vip", "&amp;&amp;",
		},
	} {
		c.delivery.Conversation.Endpoint, c.delivery.Opening = "website", true
		got := sectionOf(t, a.card(c.delivery))
		if n := utf8.RuneCountInString(got); n > 3000 || !strings.Contains(got, c.has) || strings.Contains(got, c.lacks) {
			t.Errorf("%s: %d characters: %.300s", name, n, got)
		}
	}
}
