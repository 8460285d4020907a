package markdown

import (
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge/rich"
)

// deepestList is the deepest level of a list that Discord draws.
const deepestList = 10

// reduced rewrites a tree into one that Discord's markdown can hold, so that the writer is simple and the loss is in
// one place: paragraphs, headings, code and lists, and quotes of them; items hold a paragraph and then lists.
func (w Writer) reduced(doc rich.Doc) rich.Doc {
	return rich.Normal(w.reduceBlocks(rich.Normal(doc), false))
}

func (w Writer) reduceBlocks(nodes []rich.Node, quoted bool) []rich.Node {
	var out []rich.Node
	for _, n := range nodes {
		switch n.Kind {
		case rich.Paragraph:
			out = append(out, rich.Node{Kind: n.Kind, Children: w.inlines(n.Children)})
		case rich.Heading:
			out = append(out, rich.Node{Kind: n.Kind, Children: trimmed(w.inlines(n.Children))})
		case rich.Quote:
			inner := w.reduceBlocks(n.Children, true)
			if quoted {
				out = append(out, inner...)
			} else {
				out = append(out, rich.Node{Kind: rich.Quote, Children: inner})
			}
		case rich.Pre:
			n.Text = withoutZeroWidth(n.Text)
			out = append(out, n)
		case rich.List:
			out = append(out, rich.Node{Kind: rich.List, Ordered: n.Ordered, Offset: n.Offset, Children: w.items(&n, 1)})
		}
	}
	return out
}

// items gives every item one paragraph first and lists after it. Words that come after an inner list become an item
// of their own, so that nothing changes places.
func (w Writer) items(list *rich.Node, depth int) []rich.Node {
	var out []rich.Node
	for _, it := range list.Children {
		var words, lists []rich.Node
		flush := func() {
			if len(words)+len(lists) > 0 {
				out = append(out, rich.Node{Kind: rich.Item, Children: append([]rich.Node{onlyParagraph(words)}, lists...)})
			}
			words, lists = nil, nil
		}
		for _, b := range it.Children {
			if b.Kind != rich.List {
				if len(lists) > 0 {
					flush()
				}
				for _, line := range w.lines([]rich.Node{b}) {
					if len(words) > 0 {
						words = append(words, rich.Node{Kind: rich.Break})
					}
					words = append(words, trimmed(line)...)
				}
				continue
			}
			inner := w.items(&b, depth+1)
			if depth >= deepestList || len(words) == 0 {
				flush()
				out = append(out, inner...)
			} else if k := len(lists) - 1; k >= 0 && lists[k].Ordered == b.Ordered { // nothing would stand between them
				lists[k].Children = append(lists[k].Children, inner...)
			} else {
				lists = append(lists, rich.Node{Kind: rich.List, Ordered: b.Ordered, Offset: b.Offset, Children: inner})
			}
		}
		flush()
	}
	return out
}

// onlyParagraph holds all lines but the empty ones, which would end it.
func onlyParagraph(inlines []rich.Node) rich.Node {
	only := rich.Node{Kind: rich.Paragraph}
	for _, p := range rich.Normal(rich.Doc{{Kind: rich.Paragraph, Children: inlines}}) {
		if len(only.Children) > 0 {
			only.Children = append(only.Children, rich.Node{Kind: rich.Break})
		}
		only.Children = append(only.Children, p.Children...)
	}
	return only
}

// trimmed takes the white space away that every line begins with: behind a mark it is part of the mark.
func trimmed(inlines []rich.Node) []rich.Node {
	spans := rich.Spans(inlines)
	begin := true
	for i := range spans {
		s := &spans[i]
		if begin && s.Kind == rich.Text {
			s.Text = strings.TrimLeftFunc(s.Text, unicode.IsSpace)
		}
		begin = s.Kind == rich.Break || begin && s.Kind == rich.Text && s.Text == ""
	}
	return rich.Inlines(spans)
}

// lines flattens blocks to what one paragraph can hold.
func (w Writer) lines(blocks []rich.Node) [][]rich.Node {
	var out [][]rich.Node
	for _, b := range blocks {
		switch b.Kind {
		case rich.Pre:
			for line := range strings.SplitSeq(withoutZeroWidth(b.Text), "\n") {
				out = append(out, w.inlines([]rich.Node{{Kind: rich.Code, Text: line}}))
			}
		case rich.Quote, rich.Item:
			out = append(out, w.lines(b.Children)...)
		case rich.List:
			for i := range b.Children {
				mark := rich.Mark(&b, i)
				for _, line := range w.lines(b.Children[i].Children) {
					out = append(out, append([]rich.Node{text(mark)}, line...))
					mark = "  "
				}
			}
		default:
			out = append(out, w.inlines(b.Children))
		}
	}
	return out
}

// inlines rewrites what a line cannot hold.
func (w Writer) inlines(nodes []rich.Node) []rich.Node {
	spans := rich.Spans(nodes)
	for i := range spans {
		s := &spans[i]
		s.Text = withoutZeroWidth(s.Text)
		switch {
		case s.Kind == rich.Emoji:
			s.Kind = rich.Text
		case s.Kind == rich.Mention && (s.URL != "" || !isID(w.userID(s))):
			*s = rich.Span{Kind: rich.Text, Text: "@" + s.Text, Style: s.Style, URL: s.URL}
		case s.Kind == rich.Code && (s.URL != "" || strings.Contains(s.Text, "``") || strings.TrimSpace(s.Text) != s.Text):
			s.Kind = rich.Text
		}
	}
	spans = plainLinks(rich.Spans(rich.Inlines(spans)))
	spans = rich.Spans(rich.Inlines(spans))
	for _, m := range markers {
		dropAroundCode(spans, m)
	}
	return rich.Inlines(spans)
}

func (w Writer) userID(s *rich.Span) string {
	if w.UserID == nil {
		return ""
	}
	return w.UserID(rich.Node{Kind: rich.Mention, Text: s.Text, Info: s.Info})
}

// isID is strict because the id is written between < and >.
func isID(id string) bool {
	return id != "" && len(id) <= 20 && strings.Trim(id, "0123456789") == ""
}

// plainLinks leaves as links only what Discord makes one: an http address under words that are no other address. The
// address of any other is written out.
func plainLinks(spans []rich.Span) []rich.Span {
	var out []rich.Span
	for i := 0; i < len(spans); {
		j, label := i, ""
		for j < len(spans) && spans[j].URL == spans[i].URL {
			label += spans[j].Text
			j++
		}
		url := spans[i].URL
		switch {
		case url == "":
			out = append(out, spans[i:j]...)
		case rich.SaysURL(label, url) && strings.HasPrefix(label, "http"):
			out = append(out, rich.Span{Kind: rich.Text, Text: url, URL: url})
		case strings.HasPrefix(url, "http") && !strings.Contains(label, "://"):
			out = append(out, spans[i:j]...)
		default:
			for _, s := range spans[i:j] {
				s.URL = ""
				out = append(out, s)
			}
			out = append(out, writtenOut(label, url)...)
		}
		i = j
	}
	return out
}

func writtenOut(label, url string) []rich.Span {
	switch {
	case rich.SaysURL(label, url):
		return nil
	case strings.HasPrefix(url, "http"):
		return []rich.Span{{Kind: rich.Text, Text: " ("}, {Kind: rich.Text, Text: url, URL: url}, {Kind: rich.Text, Text: ")"}}
	}
	return []rich.Span{{Kind: rich.Text, Text: " (" + url + ")"}}
}

// dropAroundCode takes a style from every stretch with code that holds the style's marker: Discord looks for the end
// of formatting in code, too.
func dropAroundCode(spans []rich.Span, m marker) {
	for i := 0; i < len(spans); {
		j, found := i, false
		for j < len(spans) && spans[j].Style.Has(m.kind) {
			found = found || spans[j].Kind == rich.Code && strings.ContainsAny(spans[j].Text, m.text[:1]+`\`)
			j++
		}
		for k := i; found && k < j; k++ {
			spans[k].Style &^= rich.StyleOf(m.kind)
		}
		i = max(j, i+1)
	}
}

func withoutZeroWidth(s string) string { return strings.ReplaceAll(s, zeroWidthSpace, "") }
