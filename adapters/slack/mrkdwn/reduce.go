package mrkdwn

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// deepestList is the deepest indent Slack draws, counted from 0
// (https://docs.slack.dev/tools/node-slack-sdk/reference/types/interfaces/RichTextList).
const deepestList = 8

// A reducer rewrites a tree into one that a form of Slack's text can hold, so that the writers are simple and
// the loss is in one place.
type reducer struct {
	userID func(rich.Node) string
	text   bool // for mrkdwn text rather than blocks
}

// doc returns doc made of paragraphs, pre blocks, quotes of paragraphs and, for blocks, lists whose items hold
// paragraphs and then lists.
func (r reducer) doc(doc rich.Doc) rich.Doc {
	return rich.Normal(r.blocks(rich.Normal(doc)))
}

func (r reducer) blocks(nodes []rich.Node) []rich.Node {
	var out []rich.Node
	for _, n := range nodes {
		switch n.Kind {
		case rich.Paragraph:
			out = append(out, r.paragraph(n.Children, 0))
		case rich.Heading:
			out = append(out, r.paragraph(n.Children, rich.StyleOf(rich.Bold)))
		case rich.Quote:
			out = append(out, rich.Node{Kind: rich.Quote, Children: r.paragraphs(n.Children)})
		case rich.Pre:
			if r.text {
				n.Text = withoutZeroWidth(n.Text)
			}
			n.Info = ""
			out = append(out, n)
		case rich.List:
			if r.text {
				out = append(out, rich.Node{Kind: rich.Paragraph, Children: r.listLines(&n, "")})
			} else {
				out = append(out, rich.Node{Kind: rich.List, Ordered: n.Ordered, Offset: n.Offset, Children: r.items(&n, 0)})
			}
		}
	}
	return out
}

// paragraphs flattens blocks to the paragraphs that a quote may hold.
func (r reducer) paragraphs(blocks []rich.Node) []rich.Node {
	var out []rich.Node
	for _, b := range blocks {
		switch b.Kind {
		case rich.Quote:
			out = append(out, r.paragraphs(b.Children)...)
		case rich.List:
			out = append(out, rich.Node{Kind: rich.Paragraph, Children: r.listLines(&b, "")})
		case rich.Pre:
			out = append(out, r.paragraph(codeLines(b.Text), 0))
		default:
			out = append(out, r.blocks([]rich.Node{b})...)
		}
	}
	return out
}

func codeLines(code string) []rich.Node {
	var out []rich.Node
	for line := range strings.SplitSeq(code, "\n") {
		if len(out) > 0 {
			out = append(out, rich.Node{Kind: rich.Break})
		}
		out = append(out, rich.Node{Kind: rich.Code, Text: line})
	}
	return out
}

// listLines writes a list as lines with their marks, as Slack does in text.
func (r reducer) listLines(list *rich.Node, indent string) []rich.Node {
	var out []rich.Node
	for i := range list.Children {
		mark := indent + rich.Mark(list, i)
		for _, b := range list.Children[i].Children {
			if len(out) > 0 {
				out = append(out, rich.Node{Kind: rich.Break})
			}
			if b.Kind == rich.List {
				if strings.TrimSpace(mark) != "" {
					out = append(out, text(mark), rich.Node{Kind: rich.Break})
				}
				out = append(out, r.listLines(&b, indent+"    ")...)
			} else {
				out = append(out, text(mark))
				for j, p := range r.paragraphs([]rich.Node{b}) {
					if j > 0 {
						out = append(out, rich.Node{Kind: rich.Break}, text(indent+"    "))
					}
					out = append(out, indentLines(p.Children, indent+"    ")...)
				}
			}
			mark = indent + "    "
		}
	}
	return out
}

func indentLines(inlines []rich.Node, indent string) []rich.Node {
	var out []rich.Node
	for _, n := range inlines {
		out = append(out, n)
		if n.Kind == rich.Break {
			out = append(out, text(indent))
		}
	}
	return out
}

// items gives every item its paragraphs first and lists after them. Words that come after an inner list become
// an item of their own, so that nothing changes places.
func (r reducer) items(list *rich.Node, depth int) []rich.Node {
	var out []rich.Node
	for _, item := range list.Children {
		var now []rich.Node
		flush := func() {
			if len(now) > 0 {
				out = append(out, rich.Node{Kind: rich.Item, Children: now})
			}
			now = nil
		}
		for _, b := range item.Children {
			if b.Kind != rich.List {
				if len(now) > 0 && now[len(now)-1].Kind == rich.List {
					flush()
				}
				now = append(now, r.paragraphs([]rich.Node{b})...)
				continue
			}
			inner := r.items(&b, min(depth+1, deepestList))
			if depth >= deepestList || len(now) == 0 {
				flush()
				out = append(out, inner...)
			} else {
				now = append(now, rich.Node{Kind: rich.List, Ordered: b.Ordered, Offset: b.Offset, Children: inner})
			}
		}
		flush()
	}
	return out
}

// paragraph rewrites inlines, all with style more.
func (r reducer) paragraph(inlines []rich.Node, more rich.Style) rich.Node {
	p := rich.Node{Kind: rich.Paragraph}
	lines := rich.Spans(inlines)
	for len(lines) > 0 {
		end := slices.IndexFunc(lines, func(s rich.Span) bool { return s.Kind == rich.Break })
		if end < 0 {
			end = len(lines)
		}
		p.Children = append(p.Children, rich.Inlines(r.line(lines[:end:end], more))...)
		if end < len(lines) {
			p.Children = append(p.Children, rich.Node{Kind: rich.Break})
			end++
		}
		lines = lines[end:]
	}
	return p
}

var kept = rich.StyleOf(rich.Bold, rich.Italic, rich.Strike)

func (r reducer) line(spans []rich.Span, more rich.Style) []rich.Span {
	for i := range spans {
		s := &spans[i]
		s.Style = (s.Style | more) & kept
		switch {
		case s.Kind == rich.Emoji:
			s.Kind = rich.Text
		case s.Kind == rich.Mention && r.id(s) == "":
			*s = rich.Span{Kind: rich.Text, Text: "@" + s.Text, Style: s.Style}
		}
		if r.text {
			s.Text = withoutZeroWidth(s.Text)
			if s.Kind == rich.Code && (s.URL != "" || strings.Contains(s.Text, "`")) {
				s.Kind = rich.Text
			}
		}
	}
	if r.text {
		spans = rich.Spans(rich.Inlines(spans)) // back into canonical form
		evenLinks(spans)
		for _, m := range markers {
			dropAroundMarker(spans, m)
		}
	}
	return spans
}

func (r reducer) id(s *rich.Span) string {
	if r.userID == nil {
		return ""
	}
	id := r.userID(rich.Node{Kind: rich.Mention, Text: s.Text, Info: s.Info})
	if !isUserID(id) {
		return ""
	}
	return id
}

// isUserID is strict because the id is written between < and >.
func isUserID(id string) bool {
	if len(id) < 2 || len(id) > 32 || id[0] != 'U' && id[0] != 'W' {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool { return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9') })
}

// evenLinks leaves a link only the styles that all of its label has: in mrkdwn they stand around the link.
func evenLinks(spans []rich.Span) {
	for i := 0; i < len(spans); {
		j, common := i, kept
		for j < len(spans) && spans[j].URL == spans[i].URL {
			common &= spans[j].Style
			j++
		}
		for k := i; spans[i].URL != "" && k < j; k++ {
			spans[k].Style = common
		}
		i = j
	}
}

// dropAroundMarker takes a style from every stretch that holds the style's own marker.
func dropAroundMarker(spans []rich.Span, m marker) {
	for i := 0; i < len(spans); {
		j, found := i, false
		for j < len(spans) && spans[j].Style.Has(m.kind) {
			found = found || strings.ContainsRune(spans[j].Text, m.r)
			j++
		}
		for k := i; found && k < j; k++ {
			spans[k].Style &^= rich.StyleOf(m.kind)
		}
		i = max(j, i+1)
	}
}

const zeroWidthSpace = "\u200b"

func withoutZeroWidth(s string) string { return strings.ReplaceAll(s, zeroWidthSpace, "") }
