package rich

import (
	"math"
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
	limit = min(limit, math.MaxInt32) // room to reckon with
	c := cutter{rest: Normal(doc), limit: limit, size: size, guess: max(limit, 1)}
	var parts []Doc
	for len(c.rest) > 0 {
		n := c.fit()
		if n == 0 {
			if bareFirst(c.rest) {
				continue
			}
			n = 1
		}
		if part := Normal(before(c.rest, n)); len(part) > 0 {
			parts = append(parts, part)
		}
		c.rest = after(c.rest, n)
	}
	return parts
}

// A cutter holds what is still to be cut. Its time is linear in the text because a part costs a few measurements of
// about its own length: nothing looks far into the rest, or copies it.
type cutter struct {
	rest  []Node // ours alone; as it was cut, which need not be canonical
	limit int
	size  func(Doc) int
	guess int        // how many units are likely to fit
	ends  []boundary // after each of the first units of rest
}

// A cut is a place in rest, after so many units, and how much all before it measures.
type cut struct{ units, size int }

// fit returns after how many units the next part should end, 0 when not even one fits.
func (c *cutter) fit() int {
	most := c.most()
	c.guess = max(most, 1)
	for want := afterBlock; want >= afterWord; want-- {
		for n := most; n > most/2; n-- {
			if c.ends[n-1] >= want && (n == most || c.measure(n) <= c.limit) {
				return n
			}
		}
	}
	return most
}

// most returns how many units fit.
func (c *cutter) most() int {
	low, high := cut{size: min(c.limit, 0)}, cut{} // what fits, and what does not once that is known
	c.ends = c.ends[:0]
	next := c.guess
	for tries := 0; high.units == 0 || low.units+1 < high.units; tries++ {
		if next > len(c.ends) {
			c.ends = boundaries(c.ends[:0], c.rest, next)
		}
		next = min(next, len(c.ends))
		if next == low.units {
			break // all that is left
		}
		if s := c.measure(next); s <= c.limit {
			low = cut{next, s}
		} else {
			high = cut{next, s}
		}
		next = c.between(low, high, tries)
	}
	return low.units
}

// between returns where to measure next. Sizes grow evenly in most texts, so the place is reckoned from them; every
// third time the middle is taken, for texts in which they do not.
func (c *cutter) between(low, high cut, tries int) int {
	left := c.limit - low.size
	switch {
	case high.units == 0: // a unit seldom measures less than 1
		return low.units + (left+1)<<min(tries, 20)
	case tries%3 == 2:
		return (low.units + high.units) / 2
	}
	next := low.units + (high.units-low.units)*left/(high.size-low.size)
	return min(max(next, low.units+1), high.units-1)
}

func (c *cutter) measure(n int) int { return c.size(Normal(before(c.rest, n))) }

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

// after returns what before leaves, in the place of nodes.
func after(nodes []Node, n int) []Node {
	i, within := locate(nodes, n)
	nodes = nodes[i:]
	if within == 0 {
		return nodes
	}
	right := &nodes[0]
	if right.Text != "" {
		right.Text = right.Text[offset(right.Text, within):]
		return nodes
	}
	all := len(right.Children)
	right.Children = after(right.Children, within)
	if right.Ordered {
		right.Offset += all - len(right.Children)
	}
	return nodes
}

func offset(s string, units int) int {
	at := 0
	for range units {
		at += cluster(s[at:])
	}
	return at
}

// bareFirst takes from the first unit of nodes, in their place, what can make it longer than it reads: the address
// behind a link, the wholeness of a mention or an emoji. It reports false when there is nothing to take.
func bareFirst(nodes []Node) bool {
	if len(nodes) == 0 {
		return false
	}
	first := &nodes[0]
	switch first.Kind {
	case Link:
		*first = Node{Children: first.Children} // no kind: read as its children
	case Mention:
		*first = Node{Kind: Text, Text: "@" + first.Text}
	case Emoji:
		*first = Node{Kind: Text, Text: first.Text}
	default:
		return bareFirst(first.Children)
	}
	return true
}
