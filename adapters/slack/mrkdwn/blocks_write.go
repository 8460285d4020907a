package mrkdwn

import (
	"slices"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge/rich"
)

// A block is a rich_text block in the shape in which it is read.
type block element

var _ slack.Block = block{}

func (block) BlockType() slack.MessageBlockType { return slack.MBTRichText }

// ID returns "": Slack gives the block an id.
func (block) ID() string { return "" }

// ToBlocks is Blocks of the zero Writer.
func ToBlocks(doc rich.Doc) []slack.Block { return Writer{}.Blocks(doc) }

// Blocks returns doc as one rich_text block, nil for an empty doc. FromBlocks reads it back as the same text.
func (w Writer) Blocks(doc rich.Doc) []slack.Block {
	r := reducer{userID: w.UserID}
	b := blockWriter{id: r.id}
	for _, n := range r.doc(doc) {
		b.block(&n)
	}
	if len(b.out) == 0 {
		return nil
	}
	return []slack.Block{block{Type: "rich_text", Elements: b.out}}
}

type blockWriter struct {
	id  func(*rich.Span) string
	out []element
}

func (b *blockWriter) block(n *rich.Node) {
	switch n.Kind {
	case rich.Paragraph:
		// Slack draws no empty line between sections, so paragraphs in a row share one.
		if k := len(b.out) - 1; k >= 0 && b.out[k].Type == "rich_text_section" {
			b.out[k].Elements = b.inlines(addText(b.out[k].Elements, "\n\n"), n.Children)
			return
		}
		b.out = append(b.out, element{Type: "rich_text_section", Elements: b.inlines(nil, n.Children)})
	case rich.Quote:
		b.out = append(b.out, element{Type: "rich_text_quote", Elements: b.paragraphs(n.Children)})
	case rich.Pre:
		b.out = append(b.out, element{Type: "rich_text_preformatted", Elements: addText(nil, n.Text)})
	case rich.List:
		b.list(n, 0)
	}
}

// list writes nested lists one after the other, each with its indent, as Slack does.
func (b *blockWriter) list(list *rich.Node, indent int) {
	kind := "bullet"
	if list.Ordered {
		kind = "ordered"
	}
	var now *element
	for i := range list.Children {
		if now == nil {
			b.out = append(b.out, element{Type: "rich_text_list", Style: style{List: kind}, Indent: indent})
			now = &b.out[len(b.out)-1]
			if list.Ordered {
				now.Offset = list.Offset + i
			}
		}
		blocks := list.Children[i].Children
		words := slices.IndexFunc(blocks, func(n rich.Node) bool { return n.Kind == rich.List })
		if words < 0 {
			words = len(blocks)
		}
		now.Elements = append(now.Elements, element{Type: "rich_text_section", Elements: b.paragraphs(blocks[:words])})
		for j := range blocks[words:] {
			b.list(&blocks[words+j], indent+1)
			now = nil
		}
	}
}

// paragraphs puts an empty line between paragraphs: Slack has no other way to part them.
func (b *blockWriter) paragraphs(nodes []rich.Node) []element {
	var out []element
	for i := range nodes {
		if i > 0 {
			out = addText(out, "\n\n")
		}
		out = b.inlines(out, nodes[i].Children)
	}
	return out
}

func (b *blockWriter) inlines(out []element, inlines []rich.Node) []element {
	for _, s := range rich.Spans(inlines) {
		e := element{Type: "text", Text: s.Text, Style: style{
			Bold:   s.Style.Has(rich.Bold),
			Italic: s.Style.Has(rich.Italic),
			Strike: s.Style.Has(rich.Strike),
			Code:   s.Kind == rich.Code,
		}}
		switch {
		case s.Kind == rich.Break:
			out = addText(out, "\n")
			continue
		case s.Kind == rich.Mention:
			e.Type, e.Text, e.UserID = "user", "", b.id(&s)
		case s.URL != "":
			e.Type, e.URL = "link", s.URL
			if s.Text == s.URL {
				e.Text = ""
			}
		case e.Style == style{}:
			out = addText(out, s.Text)
			continue
		}
		out = append(out, e)
	}
	return out
}

// addText appends plain text, to the last element if that is plain text too.
func addText(out []element, s string) []element {
	if k := len(out) - 1; k >= 0 && out[k].Type == "text" && out[k].Style == (style{}) {
		out[k].Text += s
		return out
	}
	return append(out, element{Type: "text", Text: s})
}
