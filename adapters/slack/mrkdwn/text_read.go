package mrkdwn

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// FromText reads Slack's mrkdwn, as in a message's text. names may be nil.
//
// Formatting begins and ends only at the edge of a word and does not cross a line, as in Slack. Lists have no
// markup and stay lines. Of ids and special tokens only names come out: a mention is a Mention node, "<!here>"
// is the text "@here", a date its fallback. What looks like markup and is not stays as it was typed.
func FromText(mrkdwn string, names Names) rich.Doc {
	l := lexer{names: names}
	l.lex(rich.Clean(mrkdwn))
	return rich.Normal(blocks(l.out))
}

func blocks(atoms []atom) []rich.Node {
	var out []rich.Node
	for {
		open := fence(atoms)
		if open < 0 {
			break
		}
		inside := atoms[open+3:]
		end := fence(inside)
		if end < 0 {
			break
		}
		out = append(out, lines(atoms[:open])...)
		out = append(out, rich.Node{Kind: rich.Pre, Text: rawText(inside[:end])})
		atoms = inside[end+3:]
	}
	return append(out, lines(atoms)...)
}

func fence(atoms []atom) int {
	for i := 0; i+2 < len(atoms); i++ {
		if atoms[i].is('`') && atoms[i+1].is('`') && atoms[i+2].is('`') {
			return i
		}
	}
	return -1
}

func rawText(atoms []atom) string {
	var b strings.Builder
	for _, a := range atoms {
		if a.node != nil {
			b.WriteString(a.raw)
		} else {
			b.WriteRune(a.r)
		}
	}
	return withoutZeroWidth(b.String())
}

// lines makes a quote of each run of lines that begin with ">", and paragraphs of the others.
func lines(atoms []atom) []rich.Node {
	var out []rich.Node
	var last rich.Kind
	for len(atoms) > 0 {
		line := atoms
		if end := slices.IndexFunc(atoms, func(a atom) bool { return a.is('\n') }); end >= 0 {
			line, atoms = atoms[:end], atoms[end+1:]
		} else {
			atoms = nil
		}
		kind := rich.Paragraph
		if len(line) > 0 && line[0].is('>') {
			kind, line = rich.Quote, line[1:]
			if len(line) > 0 && line[0].is(' ') {
				line = line[1:]
			}
		}
		if kind != last {
			out = append(out, rich.Node{Kind: kind})
		}
		last = kind
		block := &out[len(out)-1]
		if len(block.Children) > 0 {
			block.Children = append(block.Children, rich.Node{Kind: rich.Break})
		}
		block.Children = append(block.Children, inlines(codes(line))...)
		if len(block.Children) == 0 {
			block.Children = append(block.Children, text("")) // so that the next line begins with a Break
		}
	}
	return out
}

// A marker is a character that stands on both sides of what it formats.
type marker struct {
	r    rune
	kind rich.Kind
}

// The order is the nesting order of package rich's canonical form.
var markers = [...]marker{{'*', rich.Bold}, {'_', rich.Italic}, {'~', rich.Strike}}

// opens says whether the marker at i can begin formatting.
func opens(atoms []atom, i int) bool {
	if i > 0 && atoms[i-1].isWord() || i+1 == len(atoms) {
		return false
	}
	next := atoms[i+1]
	return !next.isSpace() && !next.is('\u200b') && !next.is(atoms[i].r)
}

// closing returns where the formatting that begins at open ends, or -1.
func closing(atoms []atom, open int) int {
	for i := open + 2; i < len(atoms); i++ {
		if atoms[i].is(atoms[open].r) && !atoms[i-1].isSpace() && (i+1 == len(atoms) || !atoms[i+1].isWord()) {
			return i
		}
	}
	return -1
}

// codes replaces each `code` in a line by one atom: nothing inside is formatting, an emoji or a link.
func codes(line []atom) []atom {
	out := line[:0:0]
	hopeless := false // no closing backtick in the rest of the line; keeps reading linear
	for i := 0; i < len(line); i++ {
		if line[i].is('`') && !hopeless && opens(line, i) {
			end := closing(line, i)
			if end > 0 {
				node := rich.Node{Kind: rich.Code, Text: rawText(line[i+1 : end])}
				out = append(out, atom{node: &node, raw: node.Text})
				i = end
				continue
			}
			hopeless = true
		}
		out = append(out, line[i])
	}
	return out
}

func inlines(line []atom) []rich.Node {
	var out []rich.Node
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, text(withoutZeroWidth(plain.String())))
			plain.Reset()
		}
	}
	var hopeless [len(markers)]bool
	for i := 0; i < len(line); i++ {
		a := line[i]
		if a.node != nil {
			flush()
			out = append(out, *a.node)
			continue
		}
		m := slices.IndexFunc(markers[:], func(m marker) bool { return m.r == a.r })
		if m >= 0 && !hopeless[m] && opens(line, i) {
			if end := closing(line, i); end > 0 {
				flush()
				out = append(out, rich.Node{Kind: markers[m].kind, Children: inlines(line[i+1 : end])})
				i = end
				continue
			}
			hopeless[m] = true
		}
		plain.WriteRune(a.r)
	}
	flush()
	return out
}
