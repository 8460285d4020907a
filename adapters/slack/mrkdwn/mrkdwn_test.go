package mrkdwn_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

func TestEmojiNames(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"wave", "👋"},
		{"+1", "👍"},
		{"heart", "❤️"},
		{"flag-il", "🇮🇱"},
		{"family", "👪"},
		{"100", "💯"},
		{"wave::skin-tone-2", "👋🏻"},
		{"+1::skin-tone-6", "👍🏿"},
		{"point_up::skin-tone-4", "☝🏽"},
		{"female-doctor::skin-tone-3", "👩🏼\u200d⚕️"},
		{"keycap_star", "*️⃣"},
	} {
		got, ok := mrkdwn.EmojiText(c.name)
		if !ok || got != c.text {
			t.Errorf("EmojiText(%q) = %q, %v, want %q", c.name, got, ok, c.text)
		}
		if name, ok := mrkdwn.EmojiName(c.text); !ok || name != c.name {
			t.Errorf("EmojiName(%q) = %q, %v, want %q", c.text, name, ok, c.name)
		}
	}
	for name, want := range map[string]string{"thumbsup": "👍", "flag-de": "🇩🇪", "heart::skin-tone-3": "❤️", "handshake::skin-tone-2::skin-tone-4": "🤝🏻"} {
		if got, _ := mrkdwn.EmojiText(name); got != want {
			t.Errorf("EmojiText(%q) = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"", "party-gopher", "wave::skin-tone-9", "wave::x", ":wave:"} {
		if got, ok := mrkdwn.EmojiText(name); ok {
			t.Errorf("EmojiText(%q) = %q", name, got)
		}
	}
	for _, text := range []string{"", "a", "🏽🏽", "a🏽", "❤🏽"} {
		if name, ok := mrkdwn.EmojiName(text); ok {
			t.Errorf("EmojiName(%q) = %q", text, name)
		}
	}
}

// An answer of Names must not matter to what is safe: here nobody is known, or nobody can be asked.
func TestNobodyKnownShowsNoID(t *testing.T) {
	const text = "<@U0AB12CD> <@W0AB12CD> <#C0AB12CD> <!subteam^S0AB12CD> <@U0AB12CD|> <#G0AB12CD>"
	const blocks = `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[
		{"type":"user","user_id":"U0AB12CD"},{"type":"channel","channel_id":"C0AB12CD"},{"type":"usergroup","usergroup_id":"S0AB12CD"},
		{"type":"team","team_id":"T0AB12CD"},{"type":"file","file_id":"F0AB12CD"},{"type":"canvas","file_id":"F0AB12CD"}]}]}]`
	for _, names := range []mrkdwn.Names{nil, people{}} {
		fromBlocks, _ := mrkdwn.FromBlocks([]byte(blocks), names)
		for _, doc := range []rich.Doc{mrkdwn.FromText(text, names), fromBlocks} {
			for _, shown := range []string{rich.Plain(doc), rich.HTML(doc)} {
				if shown == "" || strings.Contains(shown, "0AB12CD") || strings.Contains(shown, "!subteam") {
					t.Errorf("a reader is shown %q", shown)
				}
			}
		}
	}
}

func TestWriterMentionsOnlySlackIDs(t *testing.T) {
	doc := rich.Doc{{Kind: rich.Mention, Text: "Ana", Info: "U1"}}
	for id, want := range map[string]string{
		"U0AB12CD": "<@U0AB12CD>", "W1": "<@W1>", "": "@Ana", "here": "@Ana", "U1> <!channel": "@Ana", "1234": "@Ana", "U1|x": "@Ana", "U": "@Ana",
	} {
		w := mrkdwn.Writer{UserID: func(rich.Node) string { return id }}
		if got := w.Text(doc); got != want {
			t.Errorf("id %q is written %q, want %q", id, got, want)
		}
	}
	if got := mrkdwn.ToText(doc); got != "@Ana" {
		t.Errorf("the zero Writer wrote %q", got)
	}
}

// Slack's own Go library must find in our blocks what we put there.
func TestBlocksAreWhatTheLibraryReads(t *testing.T) {
	raw := blocksJSON(t, inSlack, rich.Doc{
		{Kind: rich.Paragraph, Children: []rich.Node{
			{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: "Hi "}, {Kind: rich.Mention, Text: "Ana", Info: "U1"}}},
		}},
		{Kind: rich.List, Ordered: true, Offset: 2, Children: []rich.Node{{Kind: rich.Item, Children: []rich.Node{{Kind: rich.Text, Text: "x"}}}}},
	})
	var blocks slack.Blocks
	if err := blocks.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	block := blocks.BlockSet[0].(*slack.RichTextBlock)
	section := block.Elements[0].(*slack.RichTextSection)
	if user := section.Elements[1].(*slack.RichTextSectionUserElement); user.UserID != "U1" || !user.Style.Bold {
		t.Errorf("user is %+v", user)
	}
	if list := block.Elements[1].(*slack.RichTextList); list.Style != slack.RTEListOrdered || list.Offset != 2 {
		t.Errorf("list is %+v", list)
	}
}

func TestLongTextIsReadInLinearTime(t *testing.T) {
	for _, piece := range []string{"*a ", "_*~`a ", "<", "<a", ":a", "```", "> ", "`", "&amp", "*_~"} {
		doc := mrkdwn.FromText(strings.Repeat(piece, 40_000/len(piece)), nil)
		_ = rich.Plain(doc) // the test's own time limit is the assertion
	}
}

func TestLongMessage(t *testing.T) {
	doc := rich.Of(strings.Repeat("A line with snake_case & <b> 😀 https://e.com/a_b\n", 400))
	parts := mrkdwn.Split(doc)
	if len(parts) < 5 {
		t.Errorf("%d parts", len(parts))
	}
	for i, p := range parts {
		if n := mrkdwn.Size(p); n > mrkdwn.Limit || i+1 < len(parts) && n < mrkdwn.Limit/2 {
			t.Errorf("part %d measures %d", i, n)
		}
	}
}

const benchText = "Hello *there*, see <https://shop.example.com/orders/12345?ref=mail&amp;x=1|your order> :wave:\n> quoted\nThanks, <@U1>!"

func BenchmarkFromText(b *testing.B) {
	for b.Loop() {
		mrkdwn.FromText(benchText, known)
	}
}

func BenchmarkFromBlocks(b *testing.B) {
	raw := blocksJSON(b, inSlack, mrkdwn.FromText(benchText, known))
	for b.Loop() {
		mrkdwn.FromBlocks(raw, known)
	}
}

func BenchmarkToText(b *testing.B) {
	doc := rich.Of("Hello, my order 12345 has not arrived. See https://shop.example.com/orders/12345?ref=mail\n\nThanks!")
	for b.Loop() {
		mrkdwn.ToText(doc)
	}
}

func BenchmarkToBlocks(b *testing.B) {
	doc := rich.Of("Hello, my order 12345 has not arrived. See https://shop.example.com/orders/12345?ref=mail\n\nThanks!")
	for b.Loop() {
		mrkdwn.ToBlocks(doc)
	}
}
