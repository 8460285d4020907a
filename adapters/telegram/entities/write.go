package entities

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// Write returns doc as Telegram's text with entities, which nest as Telegram asks for: what has common characters lies
// one within the other; quotes hold no quotes; code holds nothing and nothing holds code but a quote. What Telegram has
// no form for is written as a person would type it: headings bold, lists with marks, a quote within a quote behind "> ".
//
// Names are written without a sigil: with one, Telegram would make a link to whoever has that name there.
func Write(doc rich.Doc) (text string, list []Entity) {
	w := writer{}
	for i, n := range rich.Normal(doc) {
		if i > 0 {
			w.between(n)
		}
		w.block(&n, "", true)
		w.last = n.Kind
	}
	return w.text.String(), w.list
}

type writer struct {
	text  strings.Builder
	units int
	list  []Entity
	last  rich.Kind // of the block before
}

// between separates blocks. Clients draw quotes and code as boxes with space around.
func (w *writer) between(next rich.Node) {
	if isBox(w.last) || isBox(next.Kind) {
		w.write("\n")
		return
	}
	w.write("\n\n")
}

func isBox(k rich.Kind) bool { return k == rich.Quote || k == rich.Pre }

func (w *writer) write(s string) {
	w.text.WriteString(s)
	w.units += Units(s)
}

// marked writes what do writes and marks it, if it is anything. An entity stands before those within it.
func (w *writer) marked(e Entity, do func()) {
	at := len(w.list)
	e.Offset = w.units
	w.list = append(w.list, e)
	do()
	if w.list[at].Length = w.units - e.Offset; w.units == e.Offset {
		w.list = w.list[:at]
	}
}

// block writes one block. Lines after its first begin with prefix. On top, quotes and code have entities of their own.
func (w *writer) block(n *rich.Node, prefix string, top bool) {
	switch n.Kind {
	case rich.Paragraph:
		w.inlines(n.Children, prefix)
	case rich.Heading:
		w.inlines([]rich.Node{{Kind: rich.Bold, Children: n.Children}}, prefix)
	case rich.Pre:
		if top {
			w.marked(Entity{Type: pre, Language: n.Info}, func() { w.write(n.Text) })
			return
		}
		w.codeLines(n.Text, prefix)
	case rich.Quote:
		if top {
			w.marked(Entity{Type: quote}, func() { w.blocks(n.Children, "\n\n", "") })
			return
		}
		w.write("> ")
		w.blocks(n.Children, "\n", prefix+"> ")
	case rich.List:
		w.items(n, prefix)
	}
}

func (w *writer) blocks(nodes []rich.Node, between, prefix string) {
	for i := range nodes {
		if i > 0 {
			w.write(between)
			w.write(prefix)
		}
		w.block(&nodes[i], prefix, false)
	}
}

func (w *writer) items(list *rich.Node, prefix string) {
	for i := range list.Children {
		if i > 0 {
			w.write("\n" + prefix)
		}
		mark := rich.Mark(list, i)
		w.write(mark)
		w.blocks(list.Children[i].Children, "\n", prefix+strings.Repeat(" ", len([]rune(mark))))
	}
}

func (w *writer) codeLines(text, prefix string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			w.write("\n" + prefix)
		}
		w.marked(Entity{Type: code}, func() { w.write(line) })
	}
}

func (w *writer) inlines(nodes []rich.Node, prefix string) {
	w.nodes(rich.Inlines(possible(rich.Spans(nodes))), prefix)
}

func (w *writer) nodes(nodes []rich.Node, prefix string) {
	for i := range nodes {
		n := &nodes[i]
		inside := func() { w.nodes(n.Children, prefix) }
		switch n.Kind {
		case rich.Break:
			w.write("\n" + prefix)
		case rich.Code:
			w.marked(Entity{Type: code}, func() { w.write(n.Text) })
		case rich.Link:
			w.marked(Entity{Type: link, URL: n.URL}, inside)
		case rich.Bold, rich.Italic, rich.Underline, rich.Strike, rich.Spoiler:
			w.marked(Entity{Type: styleTypes[n.Kind]}, inside)
		default:
			w.write(n.Text)
		}
	}
}

// possible changes spans into those that Telegram can show: code has no style and no link of its own, but rather than
// uncover what was hidden, or lose an address, it is no code; only web addresses are links.
func possible(spans []rich.Span) []rich.Span {
	var out []rich.Span
	for i := 0; i < len(spans); {
		j := i + 1
		for j < len(spans) && spans[i].URL != "" && spans[j].URL == spans[i].URL {
			j++
		}
		out = append(out, reachable(spans[i:j])...)
		i = j
	}
	for i := range out {
		s := &out[i]
		switch {
		case s.Kind != rich.Code:
		case s.URL != "" || s.Style.Has(rich.Spoiler):
			s.Kind = rich.Text
		default:
			s.Style = 0
		}
	}
	return out
}

// reachable writes an address that Telegram takes for no link behind its label. The spans are of one link, or of none.
func reachable(spans []rich.Span) []rich.Span {
	url := spans[0].URL
	if url == "" || isWeb(url) {
		return spans
	}
	out := slices.Clone(spans)
	label := ""
	for i := range out {
		label += out[i].Text
		out[i].URL = ""
	}
	if !rich.SaysURL(label, url) {
		out = append(out, rich.Span{Kind: rich.Text, Text: " (" + url + ")"})
	}
	return out
}

func isWeb(url string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
	return scheme == "http" || scheme == "https"
}
