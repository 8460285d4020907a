package importing

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// HTML reads a page. Of what is around the text (navigation, forms, what only programs read, what is hidden) nothing is taken, nor
// anything that runs or loads.
func HTML(file io.Reader, o Options) ([]knowledge.Article, []Fault) {
	in := newIntake(o)
	source := in.read(file)
	if len(in.faults) > 0 {
		return in.result()
	}
	page, err := parsePage(source)
	if err != nil {
		in.fault(0, "The page is nested too deeply to be read.")
		return in.result()
	}
	p := pageReader{in: in}
	p.about(page)
	text := find(page, "main")
	if text == nil {
		text = page
	}
	p.blocks(text, p.language)
	p.flush()
	in.sections(p.out, about{title: p.title, language: p.language})
	return in.result()
}

// leftOut are elements that are not what a page says.
var leftOut = set(`script style noscript template nav footer aside form button select textarea input iframe object embed svg math video audio canvas
	head map dialog title noembed noframes xmp`)

func hidden(n *node) bool {
	_, hide := n.attributes["hidden"]
	return hide || n.attributes["aria-hidden"] == "true" || leftOut[n.name]
}

// find returns the first element of that name; nil: there is none.
func find(n *node, name string) *node {
	for d := range n.descendants() {
		if d.name == name {
			return d
		}
	}
	return nil
}

// pageReader turns elements into blocks.
type pageReader struct {
	in              *intake
	title, language string
	out             []block
	inline          []rich.Node // of the paragraph that has begun
}

// about reads what a page says about itself: its language, its title, where its links begin.
func (p *pageReader) about(page *node) {
	if root := find(page, "html"); root != nil {
		p.language = root.attributes["lang"]
	}
	if head := find(page, "head"); head != nil {
		page = head
	}
	if title := find(page, "title"); title != nil {
		p.title = oneLine(content(title))
	}
	if base := find(page, "base"); base != nil && p.in.URL == "" {
		p.in.URL, _ = rich.SafeURL(base.attributes["href"])
	}
}

var headings = map[string]int{"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

// blocks reads the children of an element that holds blocks, text among them.
func (p *pageReader) blocks(n *node, language string) {
	if own := n.attributes["lang"]; own != "" {
		language = own
	}
	for _, c := range n.children {
		switch {
		case c.name == "":
			p.inline = append(p.inline, spaced(c.text))
		case hidden(c):
		case headings[c.name] > 0:
			p.flush()
			b := block{level: headings[c.name], lang: language, id: c.attributes["id"]}
			b.node = rich.Node{Kind: rich.Heading, Children: trimmed(p.inlines(c))}
			if own := c.attributes["lang"]; own != "" {
				b.lang = own
			}
			p.out = append(p.out, b)
		case containers[c.name]:
			p.flush()
			p.blocks(c, language)
			p.flush()
		case single[c.name]:
			p.flush()
			p.out = append(p.out, block{node: p.block(c)})
		default:
			p.inline = append(p.inline, p.span(c)...)
		}
	}
}

// flush ends a paragraph.
func (p *pageReader) flush() {
	node := rich.Node{Kind: rich.Paragraph, Children: trimmed(p.inline)}
	if p.inline = nil; !rich.IsEmpty(rich.Doc{node}) {
		p.out = append(p.out, block{node: node})
	}
}

var (
	// containers hold blocks, or text of their own.
	containers = set(`html body div section article main header figure details center dl fieldset p dd dt figcaption summary address hgroup`)
	// single are elements that are one block.
	single = set("ul ol menu blockquote pre table hr li")
)

// block reads an element that is one block.
func (p *pageReader) block(n *node) rich.Node {
	switch n.name {
	case "pre":
		return rich.Node{Kind: rich.Pre, Text: content(n)}
	case "blockquote":
		return rich.Node{Kind: rich.Quote, Children: p.inside(n)}
	case "table":
		return p.table(n)
	case "hr":
		return rich.Node{Kind: rich.Paragraph}
	case "li":
		return rich.Node{Kind: rich.List, Children: []rich.Node{{Kind: rich.Item, Children: p.inside(n)}}}
	}
	list := rich.Node{Kind: rich.List, Ordered: n.name == "ol"}
	for _, c := range n.children {
		if c.name != "" && !hidden(c) {
			list.Children = append(list.Children, rich.Node{Kind: rich.Item, Children: p.inside(c)})
		}
	}
	return list
}

// inside reads an element's blocks, headings included, for a place where no article can begin.
func (p *pageReader) inside(n *node) (nodes []rich.Node) {
	inner := pageReader{in: p.in}
	inner.blocks(n, "")
	inner.flush()
	for _, b := range inner.out {
		nodes = append(nodes, b.node)
	}
	return nodes
}

// table reads rows as lines, cells with a bar between them.
func (p *pageReader) table(n *node) rich.Node {
	out := rich.Node{Kind: rich.Paragraph}
	for row := range n.descendants() {
		if row.name != "tr" {
			continue
		}
		if len(out.Children) > 0 {
			out.Children = append(out.Children, rich.Node{Kind: rich.Break})
		}
		first := true
		for _, c := range row.children {
			if c.name == "" || hidden(c) {
				continue
			}
			if !first {
				out.Children = append(out.Children, rich.Node{Kind: rich.Text, Text: " | "})
			}
			out.Children, first = append(out.Children, trimmed(p.inlines(c))...), false
		}
	}
	return out
}

// inlines reads an element's content as one run of text.
func (p *pageReader) inlines(n *node) (nodes []rich.Node) {
	for _, c := range n.children {
		switch {
		case c.name == "":
			nodes = append(nodes, spaced(c.text))
		case !hidden(c):
			nodes = append(nodes, p.span(c)...)
		}
	}
	return nodes
}

var styles = map[string]rich.Kind{
	"b": rich.Bold, "strong": rich.Bold, "i": rich.Italic, "em": rich.Italic, "cite": rich.Italic, "u": rich.Underline,
	"ins": rich.Underline, "s": rich.Strike, "del": rich.Strike, "strike": rich.Strike,
}

// span reads an element inside a line.
func (p *pageReader) span(n *node) []rich.Node {
	if kind, ok := styles[n.name]; ok {
		return []rich.Node{{Kind: kind, Children: p.inlines(n)}}
	}
	switch n.name {
	case "br":
		return []rich.Node{{Kind: rich.Break}}
	case "img":
		return []rich.Node{spaced(n.attributes["alt"])}
	case "code", "kbd", "samp", "tt":
		return []rich.Node{{Kind: rich.Code, Text: oneLine(content(n))}}
	case "a":
		if safe, ok := p.in.link(n.attributes["href"]); ok && !strings.HasPrefix(n.attributes["href"], "#") && n.attributes["href"] != "" {
			return []rich.Node{{Kind: rich.Link, URL: safe, Children: p.inlines(n)}}
		}
	}
	if containers[n.name] || single[n.name] { // where it should not be
		return append(append([]rich.Node{{Kind: rich.Text, Text: " "}}, p.inlines(n)...), rich.Node{Kind: rich.Text, Text: " "})
	}
	return p.inlines(n)
}

// spaced is a text whose white space a browser shows as one. Spaces that hold words together are not of that kind.
func spaced(text string) rich.Node {
	var b strings.Builder
	last := false
	for _, r := range text {
		space := isSpace(r)
		if space && !last {
			b.WriteByte(' ')
		} else if !space {
			b.WriteRune(r)
		}
		last = space
	}
	return rich.Node{Kind: rich.Text, Text: b.String()}
}

func isSpace(r rune) bool { return r < utf8.RuneSelf && strings.ContainsRune(" \t\n\r\f", r) }

// content is an element's text as it stands.
func content(n *node) string {
	var b strings.Builder
	for d := range n.descendants() {
		b.WriteString(d.text)
	}
	return b.String()
}
