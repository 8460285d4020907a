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
		n := fit(rest, limit, size)
		if n == 0 {
			if bare, ok := bareFirst(rest); ok {
				rest = Normal(bare)
				continue
			}
			n = 1
		}
		if part := normalEnd(before(rest, n)); len(part) > 0 {
			parts = append(parts, part)
		}
		rest = normalStart(after(rest, n))
	}
	return parts
}

// Of a canonical doc that was cut only the block on the cut may have to change.
func normalStart(doc Doc) Doc {
	if len(doc) == 0 {
		return nil
	}
	return append(Normal(doc[:1]), doc[1:]...)
}

func normalEnd(doc Doc) Doc {
	if len(doc) == 0 {
		return nil
	}
	k := len(doc) - 1
	return append(doc[:k:k], Normal(doc[k:])...)
}

// fit returns after how many units the next part should end, 0 when not even one fits.
func fit(doc Doc, limit int, size func(Doc) int) int {
	fits := func(n int) bool { return size(normalEnd(before(doc, n))) <= limit }
	// A rendered part is seldom shorter than its units, so look near limit first and not in the whole rest.
	low, high := 0, max(limit, 1)
	units := boundaries(nil, doc, high)
	for fits(len(units)) {
		low = len(units)
		if low < high {
			return low
		}
		high *= 2
		units = boundaries(units[:0], doc, high)
		if len(units) == low {
			return low
		}
	}
	for high = len(units) - 1; low < high; {
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

// boundaries appends what ends after each of the first units of nodes, up to a length of most.
func boundaries(out []boundary, nodes []Node, most int) []boundary {
	for i := range nodes {
		if len(out) == most {
			return out
		}
		n := &nodes[i]
		switch n.Kind {
		case Break:
			out = append(out, afterLine)
		case Mention, Emoji:
			out = append(out, afterCharacter)
		case Text, Code, Pre:
			out = appendText(out, n.Text, most)
		default:
			out = boundaries(out, n.Children, most)
		}
		if isBlock(n.Kind) && len(out) > 0 && len(out) < most {
			out[len(out)-1] = afterBlock
		}
	}
	return out
}

func appendText(out []boundary, s string, most int) []boundary {
	for s != "" && len(out) < most {
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

// width is the number of units in a node, counted up to most.
func width(n *Node, most int) int {
	w := 0
	switch n.Kind {
	case Break, Mention, Emoji:
		return 1
	case Text, Code, Pre:
		for s := n.Text; s != "" && w < most; s = s[cluster(s):] {
			w++
		}
		return w
	}
	for i := range n.Children {
		if w >= most {
			break
		}
		w += width(&n.Children[i], most-w)
	}
	return w
}

// locate finds where the first n units of nodes end: before node i when within is 0, else inside it after as
// many of its own units.
func locate(nodes []Node, n int) (i, within int) {
	for i = range nodes {
		if n == 0 {
			return i, 0
		}
		w := width(&nodes[i], n+1)
		if n < w {
			return i, n
		}
		n -= w
	}
	return len(nodes), 0
}

// before returns the first n units of nodes. A node on the cut keeps its share, as it does in after.
func before(nodes []Node, n int) []Node {
	i, within := locate(nodes, n)
	if within == 0 {
		return nodes[:i:i]
	}
	left := nodes[i]
	if left.Text != "" {
		left.Text = left.Text[:offset(left.Text, within)]
	} else {
		left.Children = before(left.Children, within)
	}
	return append(nodes[:i:i], left)
}

// after returns what before leaves.
func after(nodes []Node, n int) []Node {
	i, within := locate(nodes, n)
	if within == 0 {
		return nodes[i:]
	}
	right := nodes[i]
	if right.Text != "" {
		right.Text = right.Text[offset(right.Text, within):]
	} else {
		right.Children = after(right.Children, within)
		if right.Ordered {
			right.Offset += len(nodes[i].Children) - len(right.Children)
		}
	}
	return append([]Node{right}, nodes[i+1:]...)
}

func offset(s string, units int) int {
	at := 0
	for range units {
		at += cluster(s[at:])
	}
	return at
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
