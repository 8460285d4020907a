package rich

import (
	"strconv"
	"strings"
)

// Plain returns doc as a person would type it without formatting: paragraphs between empty lines, "• " and
// "1. " for list items, "> " for quotes, "label (address)" for a link whose label says something else,
// "@name" for a mention. It is for notifications, search, translation and logs people read; it is not markup
// and is not safe to put into one.
func Plain(doc Doc) string {
	var p plainWriter
	p.blocks(Normal(doc), "\n\n", "")
	return p.String()
}

// A plainWriter puts the prefix of the blocks it is in at the start of every line.
type plainWriter struct {
	strings.Builder
}

func (p *plainWriter) blocks(nodes []Node, between, prefix string) {
	for i := range nodes {
		if i > 0 {
			p.separate(between, prefix)
		}
		p.block(&nodes[i], prefix)
	}
}

func (p *plainWriter) separate(between, prefix string) {
	if between == "\n\n" {
		p.WriteByte('\n')
		p.WriteString(strings.TrimRight(prefix, " "))
	}
	p.WriteByte('\n')
	p.WriteString(prefix)
}

func (p *plainWriter) block(n *Node, prefix string) {
	switch n.Kind {
	case Paragraph, Heading:
		p.inlines(n.Children, prefix)
	case Pre:
		p.WriteString(strings.ReplaceAll(n.Text, "\n", "\n"+prefix))
	case Quote:
		p.WriteString("> ")
		p.blocks(n.Children, "\n\n", prefix+"> ")
	case List:
		for i := range n.Children {
			if i > 0 {
				p.separate("\n", prefix)
			}
			mark := Mark(n, i)
			p.WriteString(mark)
			p.blocks(n.Children[i].Children, "\n", prefix+strings.Repeat(" ", len([]rune(mark))))
		}
	}
}

// Mark returns what stands before item i of a List in plain text: "• ", or its number as "3. ".
func Mark(list *Node, i int) string {
	if list.Ordered {
		return strconv.Itoa(list.Offset+i+1) + ". "
	}
	return "• "
}

func (p *plainWriter) inlines(nodes []Node, prefix string) {
	for i := range nodes {
		n := &nodes[i]
		switch n.Kind {
		case Break:
			p.WriteByte('\n')
			p.WriteString(prefix)
		case Mention:
			p.WriteByte('@')
			p.WriteString(n.Text)
		case Link:
			start := p.Len()
			p.inlines(n.Children, prefix)
			if label := p.String()[start:]; !SaysURL(label, n.URL) {
				p.WriteString(" (" + n.URL + ")")
			}
		default:
			p.WriteString(n.Text)
			p.inlines(n.Children, prefix)
		}
	}
}

// SaysURL says whether a link's label already shows its address, with or without the scheme that a person
// would leave out.
func SaysURL(label, url string) bool {
	if label == url {
		return true
	}
	for _, scheme := range []string{"mailto:", "tel:", "https://", "http://"} {
		if rest, ok := strings.CutPrefix(url, scheme); ok {
			return strings.TrimSuffix(rest, "/") == strings.TrimSuffix(label, "/")
		}
	}
	return false
}
