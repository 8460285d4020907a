package rich

import (
	"strings"
	"unicode/utf8"
)

// Split cuts doc into parts that each measure at most limit, in order. size measures a part as it will be sent
// (for example the UTF-16 length of its rendered form); it must be pure and should not shrink as text is added.
//
// A part ends after a paragraph where one ends in its second half, else after a line, else after a word, else
// between two characters as a reader sees them: never inside a code point or an emoji. Formatting, links, quotes
// and lists that are cut are closed in one part and opened again in the next; a cut list item repeats its mark.
// Read one after the other, the parts hold every visible character of doc once; only white space at a cut and
// the link under an address or a mention too long for any part may go.
//
// Every part is in canonical form and not empty; an empty doc has no parts. A part exceeds limit only when a
// single character does.
func Split(doc Doc, limit int, size func(Doc) int) []Doc {
	var parts []Doc
	rest := Normal(doc)
	for len(rest) > 0 {
		if size(rest) <= limit {
			return append(parts, rest)
		}
		n := fit(rest, limit, size)
		if n == 0 {
			if bare, ok := bareFirst(rest); ok {
				rest = Normal(bare)
				continue
			}
			n = 1
		}
		head, tail := cut(rest, n)
		if head = Normal(head); len(head) > 0 {
			parts = append(parts, head)
		}
		rest = Normal(tail)
	}
	return parts
}

// fit returns after how many units the next part should end, 0 when not even one fits.
func fit(doc Doc, limit int, size func(Doc) int) int {
	units := boundaries(doc)
	fits := func(n int) bool {
		head, _ := cut(doc, n)
		return size(Normal(head)) <= limit
	}
	// A rendered part is seldom shorter than its units, so look near limit first and not in the whole rest.
	low, high := 0, min(len(units), max(limit, 1))
	for high < len(units) && fits(high) {
		low, high = high, min(len(units), 2*high)
	}
	for low < high {
		if mid := (low + high + 1) / 2; fits(mid) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	for want := afterBlock; want >= afterWord; want-- {
		for n := low; n > low/2; n-- {
			if units[n-1] >= want && (n == low || fits(n)) {
				return n
			}
		}
	}
	return low
}

// A boundary is what ends after a unit. Units are what a cut may separate: a character as a reader sees it, a
// Break, a Mention, an Emoji.
type boundary uint8

const (
	afterCharacter boundary = iota
	afterWord
	afterLine
	afterBlock
)

func boundaries(nodes []Node) []boundary {
	var out []boundary
	for i := range nodes {
		n := &nodes[i]
		switch n.Kind {
		case Break:
			out = append(out, afterLine)
		case Mention, Emoji:
			out = append(out, afterCharacter)
		case Text, Code, Pre:
			out = appendText(out, n.Text)
		default:
			out = append(out, boundaries(n.Children)...)
		}
		if isBlock(n.Kind) && len(out) > 0 {
			out[len(out)-1] = afterBlock
		}
	}
	return out
}

func appendText(out []boundary, s string) []boundary {
	for s != "" {
		n := cluster(s)
		b := afterCharacter
		if r, _ := utf8.DecodeRuneInString(s); r == '\n' {
			b = afterLine
		} else if isSpace(r) {
			b = afterWord
		}
		out = append(out, b)
		s = s[n:]
	}
	return out
}

// width is len(boundaries) of one node.
func width(n *Node) int {
	switch n.Kind {
	case Break, Mention, Emoji:
		return 1
	case Text, Code, Pre:
		w := 0
		for s := n.Text; s != ""; s = s[cluster(s):] {
			w++
		}
		return w
	}
	w := 0
	for i := range n.Children {
		w += width(&n.Children[i])
	}
	return w
}

// cut separates the first n units from the others. The nodes on the cut are in both, each with its own share.
func cut(nodes []Node, n int) (head, tail []Node) {
	for i := range nodes {
		if n == 0 {
			return nodes[:i:i], nodes[i:]
		}
		w := width(&nodes[i])
		if n >= w {
			n -= w
			continue
		}
		left, right := cutNode(nodes[i], n)
		head = append(nodes[:i:i], left)
		tail = append([]Node{right}, nodes[i+1:]...)
		return head, tail
	}
	return nodes, nil
}

func cutNode(node Node, n int) (left, right Node) {
	left, right = node, node
	if node.Text != "" {
		at := 0
		for range n {
			at += cluster(node.Text[at:])
		}
		left.Text, right.Text = node.Text[:at], node.Text[at:]
		return left, right
	}
	left.Children, right.Children = cut(node.Children, n)
	if node.Ordered {
		right.Offset += len(node.Children) - len(right.Children)
	}
	return left, right
}

// bareFirst takes from the first unit of doc what can make it longer than it reads: the address behind a link,
// the wholeness of a mention or an emoji. It reports false when there is nothing to take.
func bareFirst(nodes []Node) ([]Node, bool) {
	if len(nodes) == 0 {
		return nil, false
	}
	first := nodes[0]
	var bare []Node
	switch first.Kind {
	case Link:
		bare = first.Children
	case Mention:
		bare = []Node{{Kind: Text, Text: "@" + first.Text}}
	case Emoji:
		bare = []Node{{Kind: Text, Text: strings.Clone(first.Text)}}
	default:
		children, ok := bareFirst(first.Children)
		if !ok {
			return nil, false
		}
		first.Children = children
		bare = []Node{first}
	}
	return append(bare[:len(bare):len(bare)], nodes[1:]...), true
}
