// Package richtest makes text trees for the property tests of everything that reads or writes them.
package richtest

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge/rich"
)

// Words gives short texts made of what breaks converters: every platform's markup, special tokens, addresses,
// emoji of several code points, text that runs right to left, characters that Clean removes.
func Words() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringN(0, 4, 12)), 1, 6).Draw(t, "pieces")
		return strings.Join(parts, "")
	})
}

var pieces = []string{
	"a", "word", "snake_case", " ", "  ", "\t", "x", "7", ".", ",", "(", ")", "-", "!", "|",
	"*", "**", "_", "__", "~", "~~", "`", "``", "```", ">", "> ", ">>>", "<", "&", "&amp;", "&lt;", "#", "\\",
	"*bold*", "_it_", "~no~", "`code`", "<!channel>", "<@U123>", "<#C1|x>", "<https://e.com|e>", "@here", "@everyone",
	":", ":wave:", ":+1::skin-tone-3:", ":nope:", "12:30:45", "<script>alert(1)</script>", "\"", "'",
	"https://e.com/a_b*c?d=1&e=2", "http://x.y", "www.e.com", "e@x.com", "||spoiler||", "[a](http://b.c)",
	"שלום", "مرحبا", "日本語", "é", "e\u0301", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "1️⃣",
	"\u200b", "\u200d", "\u202e", "\u2066", "\x00", "\x1b", "\xff", "\u2028", "\r\n", "\n", "\n\n",
}

// Docs gives canonical trees with every kind of node.
func Docs() *rapid.Generator[rich.Doc] {
	return rapid.Custom(func(t *rapid.T) rich.Doc { return rich.Normal(blocks(t, 2)) })
}

// Trees gives trees that need not be canonical: kinds in the wrong places, empty nodes, unknown kinds.
func Trees() *rapid.Generator[rich.Doc] {
	return rapid.Custom(func(t *rapid.T) rich.Doc { return tree(t, 4) })
}

func tree(t *rapid.T, depth int) []rich.Node {
	if depth == 0 {
		return nil
	}
	nodes := make([]rich.Node, rapid.IntRange(0, 3).Draw(t, "n"))
	for i := range nodes {
		nodes[i] = rich.Node{
			Kind: rapid.SampledFrom([]rich.Kind{
				rich.Paragraph, rich.Heading, rich.Quote, rich.List, rich.Item, rich.Pre, rich.Text, rich.Break, rich.Bold,
				rich.Italic, rich.Underline, rich.Strike, rich.Spoiler, rich.Code, rich.Link, rich.Mention, rich.Emoji, "later",
			}).Draw(t, "kind"),
			Ordered:  rapid.Bool().Draw(t, "ordered"),
			Offset:   rapid.IntRange(-1, 3).Draw(t, "offset"),
			Children: tree(t, depth-1),
		}
		if rapid.Bool().Draw(t, "has text") {
			nodes[i].Text = Words().Draw(t, "text")
		}
		if rapid.Bool().Draw(t, "has url") {
			nodes[i].URL = url(t)
		}
	}
	return nodes
}

func blocks(t *rapid.T, depth int) []rich.Node {
	nodes := make([]rich.Node, rapid.IntRange(1, 3).Draw(t, "blocks"))
	for i := range nodes {
		nodes[i] = block(t, depth)
	}
	return nodes
}

func block(t *rapid.T, depth int) rich.Node {
	kinds := []rich.Kind{rich.Paragraph, rich.Paragraph, rich.Paragraph, rich.Heading, rich.Pre}
	if depth > 0 {
		kinds = append(kinds, rich.Quote, rich.List)
	}
	n := rich.Node{Kind: rapid.SampledFrom(kinds).Draw(t, "block")}
	switch n.Kind {
	case rich.Paragraph, rich.Heading:
		n.Children = inlines(t, 2)
	case rich.Pre:
		n.Text = Words().Draw(t, "code")
		n.Info = rapid.SampledFrom([]string{"", "go", "c++"}).Draw(t, "language")
	case rich.Quote:
		n.Children = blocks(t, depth-1)
	case rich.List:
		n.Ordered = rapid.Bool().Draw(t, "ordered")
		if n.Ordered {
			n.Offset = rapid.IntRange(0, 2).Draw(t, "offset")
		}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			n.Children = append(n.Children, rich.Node{Kind: rich.Item, Children: blocks(t, depth-1)})
		}
	}
	return n
}

func inlines(t *rapid.T, depth int) []rich.Node {
	nodes := make([]rich.Node, rapid.IntRange(1, 4).Draw(t, "inlines"))
	for i := range nodes {
		nodes[i] = inline(t, depth)
	}
	return nodes
}

func inline(t *rapid.T, depth int) rich.Node {
	kinds := []rich.Kind{rich.Text, rich.Text, rich.Code, rich.Mention, rich.Emoji, rich.Break}
	if depth > 0 {
		kinds = append(kinds, rich.Bold, rich.Italic, rich.Underline, rich.Strike, rich.Spoiler, rich.Link)
	}
	n := rich.Node{Kind: rapid.SampledFrom(kinds).Draw(t, "inline")}
	switch n.Kind {
	case rich.Text, rich.Code:
		n.Text = Words().Draw(t, "text")
	case rich.Mention:
		n.Text = rapid.SampledFrom([]string{"Ana", "Ben_B", "here", "שירה"}).Draw(t, "name")
		n.Info = rapid.SampledFrom([]string{"U1", "W2ABC", "42"}).Draw(t, "id")
	case rich.Emoji:
		n.Text = rapid.SampledFrom([]string{":party-gopher:", "👍🏽", "❤️"}).Draw(t, "emoji")
	case rich.Break:
	default:
		n.Children = inlines(t, depth-1)
	}
	if n.Kind == rich.Link {
		n.URL = url(t)
		if rapid.Bool().Draw(t, "bare") {
			n.Children = nil
		}
	}
	return n
}

func url(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"https://e.com/a_b?c=1&d=2", "http://e.com/*x*", "mailto:a@e.com", "tel:+491234", "javascript:alert(1)", "https://e.com/" + "שלום",
	}).Draw(t, "url")
}
