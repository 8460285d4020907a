package rich

import (
	"slices"
	"strings"
)

func isBlock(k Kind) bool {
	switch k {
	case Paragraph, Heading, Quote, List, Item, Pre:
		return true
	}
	return false
}

// Normal returns the canonical form of doc (see the package comment). It shares nothing with doc that either
// may change. Normal(Normal(doc)) equals Normal(doc), node for node.
func Normal(doc Doc) Doc { return normalBlocks(doc, 0) }

func normalBlocks(nodes []Node, depth int) []Node {
	var out []Node
	for i := 0; i < len(nodes); {
		if !startsBlock(&nodes[i]) {
			j := i + 1
			for j < len(nodes) && !startsBlock(&nodes[j]) {
				j++
			}
			out = append(out, paragraphs(nodes[i:j])...)
			i = j
			continue
		}
		for _, b := range normalBlock(&nodes[i], depth) {
			out = appendBlock(out, b)
		}
		i++
	}
	return out
}

// startsBlock is also true for a wrapper from a later version around blocks.
func startsBlock(n *Node) bool {
	if isBlock(n.Kind) {
		return true
	}
	return isUnknown(n.Kind) && slices.ContainsFunc(n.Children, func(c Node) bool { return isBlock(c.Kind) })
}

func isUnknown(k Kind) bool {
	switch k {
	case Text, Break, Code, Link, Mention, Emoji:
		return false
	}
	return !isBlock(k) && StyleOf(k) == 0
}

func normalBlock(n *Node, depth int) []Node {
	switch n.Kind {
	case Paragraph:
		return paragraphs(content(n))
	case Heading:
		return heading(content(n))
	case Pre:
		return pre(n)
	case Quote:
		children := normalBlocks(content(n), depth+1)
		if depth >= MaxDepth || len(children) == 0 {
			return children
		}
		return []Node{{Kind: Quote, Children: children}}
	case List:
		return list(n, depth)
	}
	return normalBlocks(content(n), depth)
}

// content lets a block that was given text instead of children keep that text.
func content(n *Node) []Node {
	if len(n.Children) == 0 && n.Text != "" {
		return []Node{{Kind: Text, Text: n.Text}}
	}
	return n.Children
}

func list(n *Node, depth int) []Node {
	if depth >= MaxDepth {
		return normalBlocks(content(n), depth)
	}
	out := Node{Kind: List, Ordered: n.Ordered}
	if n.Ordered && n.Offset > 0 && n.Offset < maxOffset {
		out.Offset = n.Offset
	}
	for _, c := range content(n) {
		blocks := []Node{c}
		if c.Kind == Item {
			blocks = content(&c)
		}
		if blocks = normalBlocks(blocks, depth+1); len(blocks) > 0 {
			out.Children = append(out.Children, Node{Kind: Item, Children: blocks})
		}
	}
	if len(out.Children) == 0 {
		return nil
	}
	return []Node{out}
}

// maxOffset keeps numbering within what every platform and every integer type can write.
const maxOffset = 1_000_000

// appendBlock joins a list to the one before it when it counts on from there: readers see one list.
func appendBlock(out []Node, b Node) []Node {
	if k := len(out) - 1; k >= 0 && b.Kind == List && out[k].Kind == List && out[k].Ordered == b.Ordered &&
		(!b.Ordered || b.Offset == out[k].Offset+len(out[k].Children)) {
		out[k].Children = append(out[k].Children, b.Children...)
		return out
	}
	return append(out, b)
}

func pre(n *Node) []Node {
	text := n.Text
	if len(n.Children) > 0 {
		text = plainText(n.Children)
	}
	text = strings.Trim(Clean(text), "\n")
	if isBlank(text) {
		return nil
	}
	return []Node{{Kind: Pre, Text: text, Info: language(n.Info)}}
}

// language keeps a name like "go" or "c++" and drops anything that could be markup somewhere.
func language(info string) string {
	if len(info) > 32 {
		return ""
	}
	for _, r := range info {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("+#._-", r)) {
			return ""
		}
	}
	return info
}

func heading(inlines []Node) []Node {
	var words line
	for _, l := range flatten(inlines) {
		if isBlankLine(l) {
			continue
		}
		if len(words) > 0 {
			words = append(words, Span{Kind: Text, Text: " "})
		}
		words = append(words, l...)
	}
	if len(words) == 0 {
		return nil
	}
	return []Node{{Kind: Heading, Children: Inlines(tidy(words))}}
}

// paragraphs makes a paragraph of each run of lines between blank ones.
func paragraphs(inlines []Node) []Node {
	var out []Node
	var p []Node
	flush := func() {
		if len(p) > 0 {
			out = append(out, Node{Kind: Paragraph, Children: p})
		}
		p = nil
	}
	for _, l := range flatten(inlines) {
		if isBlankLine(l) {
			flush()
			continue
		}
		if len(p) > 0 {
			p = append(p, Node{Kind: Break})
		}
		p = append(p, Inlines(l)...)
	}
	flush()
	return out
}

func isBlankLine(l line) bool {
	for i := range l {
		if !l[i].isText() || !isBlank(l[i].Text) {
			return false
		}
	}
	return true
}

func plainText(nodes []Node) string {
	var b strings.Builder
	for i := range nodes {
		n := &nodes[i]
		if n.Kind == Break {
			b.WriteByte('\n')
		}
		b.WriteString(n.Text)
		b.WriteString(plainText(n.Children))
	}
	return b.String()
}
