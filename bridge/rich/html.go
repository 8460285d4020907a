package rich

import (
	"html"
	"strconv"
	"strings"
)

// HTML returns doc for a browser, built from nothing but the tree: every text is escaped, the only attribute
// that carries anything from it is an href that passed SafeURL, and every element is closed. Elements: p,
// blockquote, ul, ol, li, pre, code, br, a, strong, em, u, s, and span with the class "mention" or "spoiler".
// Blocks carry dir="auto" so that Hebrew and Arabic lines run their own way.
func HTML(doc Doc) string {
	var w htmlWriter
	w.blocks(Normal(doc))
	return w.String()
}

type htmlWriter struct{ strings.Builder }

func (w *htmlWriter) blocks(nodes []Node) {
	for i := range nodes {
		w.block(&nodes[i])
	}
}

func (w *htmlWriter) block(n *Node) {
	switch n.Kind {
	case Paragraph:
		w.WriteString(`<p dir="auto">`)
		w.inlines(n.Children)
		w.WriteString("</p>")
	case Heading: // not h1–h6: a message must not enter the outline of the page it is shown on
		w.WriteString(`<p dir="auto"><strong>`)
		w.inlines(n.Children)
		w.WriteString("</strong></p>")
	case Pre:
		w.WriteString("<pre><code>")
		w.escape(n.Text)
		w.WriteString("</code></pre>")
	case Quote:
		w.WriteString(`<blockquote dir="auto">`)
		w.blocks(n.Children)
		w.WriteString("</blockquote>")
	case List:
		w.list(n)
	}
}

func (w *htmlWriter) list(n *Node) {
	element := "ul"
	if n.Ordered {
		element = "ol"
	}
	w.WriteString("<" + element)
	if n.Offset > 0 {
		w.WriteString(` start="` + strconv.Itoa(n.Offset+1) + `"`)
	}
	w.WriteString(">")
	for i := range n.Children {
		w.WriteString(`<li dir="auto">`)
		if blocks := n.Children[i].Children; blocks[0].Kind == Paragraph {
			w.inlines(blocks[0].Children)
			w.blocks(blocks[1:])
		} else {
			w.blocks(blocks)
		}
		w.WriteString("</li>")
	}
	w.WriteString("</" + element + ">")
}

// tags holds the inline kinds that are an element and nothing more.
var tags = map[Kind][2]string{
	Bold:      {"<strong>", "</strong>"},
	Italic:    {"<em>", "</em>"},
	Underline: {"<u>", "</u>"},
	Strike:    {"<s>", "</s>"},
	Spoiler:   {`<span class="spoiler">`, "</span>"},
	Code:      {"<code>", "</code>"},
}

func (w *htmlWriter) inlines(nodes []Node) {
	for i := range nodes {
		n := &nodes[i]
		switch n.Kind {
		case Break:
			w.WriteString("<br>")
		case Mention:
			w.WriteString(`<span class="mention">@`)
			w.escape(n.Text)
			w.WriteString("</span>")
		case Link:
			w.WriteString(`<a href="`)
			w.escape(n.URL)
			w.WriteString(`" rel="nofollow noopener noreferrer" target="_blank">`)
			w.inlines(n.Children)
			w.WriteString("</a>")
		default:
			tag := tags[n.Kind]
			w.WriteString(tag[0])
			w.escape(n.Text)
			w.inlines(n.Children)
			w.WriteString(tag[1])
		}
	}
}

func (w *htmlWriter) escape(s string) { w.WriteString(html.EscapeString(s)) }
