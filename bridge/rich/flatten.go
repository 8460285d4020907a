package rich

import (
	"cmp"
	"slices"
	"strings"
)

type line []Span

// A flattener turns inlines into lines of spans.
type flattener struct{ lines []line }

func flatten(nodes []Node) []line {
	f := flattener{lines: []line{nil}}
	f.walk(nodes, Span{Kind: Text})
	for i, l := range f.lines {
		f.lines[i] = tidy(l)
	}
	return f.lines
}

func (f *flattener) walk(nodes []Node, around Span) {
	for i := range nodes {
		n := &nodes[i]
		switch n.Kind {
		case Break:
			f.newline()
		case Text, Code:
			f.text(n.Kind, n.Text, around)
		case Emoji:
			f.emoji(n.Text, around)
		case Mention:
			f.mention(n, around)
		case Link:
			f.link(n, around)
		case Bold, Italic, Underline, Strike, Spoiler:
			inner := around
			inner.Style |= StyleOf(n.Kind)
			f.walk(n.Children, inner)
		default:
			f.stray(n, around)
		}
	}
}

func (f *flattener) newline() { f.lines = append(f.lines, nil) }

func (f *flattener) add(r Span) {
	if r.Text != "" {
		last := len(f.lines) - 1
		f.lines[last] = append(f.lines[last], r)
	}
}

func (f *flattener) text(kind Kind, text string, around Span) {
	first := true
	for part := range strings.SplitSeq(Clean(text), "\n") {
		if !first {
			f.newline()
		}
		first = false
		r := around
		r.Kind, r.Text = kind, part
		f.add(r)
	}
}

func (f *flattener) emoji(text string, around Span) {
	if !isEmojiName(text) {
		f.text(Text, text, around)
		return
	}
	around.Kind, around.Text = Emoji, text
	f.add(around)
}

func (f *flattener) mention(n *Node, around Span) {
	name := strings.TrimFunc(oneLine(n.Text), isSpace)
	if name == "" {
		return
	}
	around.Kind, around.Text, around.Info, around.URL = Mention, name, oneLine(n.Info), ""
	f.add(around)
}

func (f *flattener) link(n *Node, around Span) {
	if around.URL == "" {
		around.URL, _ = SafeURL(n.URL)
	}
	lines, spans := len(f.lines), len(f.lines[len(f.lines)-1])
	f.walk(n.Children, around)
	if f.isBlankSince(lines, spans) {
		f.lines = f.lines[:lines]
		f.lines[lines-1] = f.lines[lines-1][:spans]
		f.text(Text, n.URL, around)
	}
}

// isBlankSince says whether nothing visible was added since there were so many lines and spans in the last.
func (f *flattener) isBlankSince(lines, spans int) bool {
	for i, l := range f.lines[lines-1:] {
		if i == 0 {
			l = l[spans:]
		}
		if !isBlankLine(l) {
			return false
		}
	}
	return true
}

// stray gives a block, or a kind from a later version, in the place of an inline lines of its own.
func (f *flattener) stray(n *Node, around Span) {
	block := isBlock(n.Kind)
	if block {
		f.newline()
	}
	if len(n.Children) > 0 {
		f.walk(n.Children, around)
	} else {
		f.text(Text, n.Text, around)
	}
	if block {
		f.newline()
	}
}

func oneLine(s string) string { return strings.ReplaceAll(Clean(s), "\n", " ") }

// isEmojiName accepts ":name:" with the characters platforms allow in names, and a second part for a skin tone.
func isEmojiName(s string) bool {
	if len(s) < 3 || len(s) > 130 || s[0] != ':' || s[len(s)-1] != ':' {
		return false
	}
	for _, r := range s {
		if !(r == ':' || r == '_' || r == '-' || r == '+' || r == '\'' || '0' <= r && r <= '9' ||
			'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80 && !isUnsafe(r) && !isSpace(r)) {
			return false
		}
	}
	return strings.Trim(s, ":") != ""
}

// tidy makes formatting hug its text and joins neighbours that differ in nothing. It goes from the outside in,
// because a style's stretches end where anything around them does.
func tidy(l line) line {
	var all Span // what any of the spans has
	for i := range l {
		all.Style |= l[i].Style
		all.URL = cmp.Or(all.URL, l[i].URL)
		if l[i].Kind == Code {
			all.Kind = Code
		}
	}
	if all.URL != "" {
		l = hug(l, func(s *Span) bool { return s.URL != "" }, 0, func(s *Span) { s.URL = "" })
	}
	for i := range styleKinds {
		if bit := Style(1) << i; all.Style&bit != 0 {
			l = hug(l, func(s *Span) bool { return s.Style&bit != 0 }, bit-1, func(s *Span) { s.Style &^= bit })
		}
	}
	if all.Kind == Code {
		l = hug(l, func(s *Span) bool { return s.Kind == Code }, ^Style(0), func(s *Span) { s.Kind = Text })
	}
	return join(l)
}

// hug clears one attribute from the white space at both ends of every stretch that has it. A stretch is of one
// link and of one set of the styles in around.
func hug(l line, has func(*Span) bool, around Style, clear func(*Span)) line {
	out := make(line, 0, len(l)+2)
	for i := 0; i < len(l); {
		if !has(&l[i]) {
			out = append(out, l[i])
			i++
			continue
		}
		j := i + 1
		for j < len(l) && has(&l[j]) && l[i].URL == l[j].URL && (l[i].Style^l[j].Style)&around == 0 {
			j++
		}
		out = append(out, hugStretch(slices.Clone(l[i:j]), clear)...)
		i = j
	}
	return out
}

func hugStretch(l line, clear func(*Span)) line {
	first, last := 0, len(l)
	for first < last && l[first].isText() && isBlank(l[first].Text) {
		clear(&l[first])
		first++
	}
	for first < last && l[last-1].isText() && isBlank(l[last-1].Text) {
		last--
		clear(&l[last])
	}
	if first == last {
		return l
	}
	if r := l[last-1]; r.isText() {
		if text := strings.TrimRightFunc(r.Text, isSpace); text != r.Text {
			space := r
			space.Text = r.Text[len(text):]
			clear(&space)
			l[last-1].Text = text
			l = slices.Insert(l, last, space)
		}
	}
	if r := l[first]; r.isText() {
		if text := strings.TrimLeftFunc(r.Text, isSpace); text != r.Text {
			space := r
			space.Text = r.Text[:len(r.Text)-len(text)]
			clear(&space)
			l[first].Text = text
			l = slices.Insert(l, first, space)
		}
	}
	return l
}

func join(l line) line {
	out := l[:0:0]
	for i := 0; i < len(l); {
		j := i + 1
		for j < len(l) && l[i].isText() && l[i].Kind == l[j].Kind && l[i].Style == l[j].Style && l[i].URL == l[j].URL {
			j++
		}
		if j > i+1 {
			var b strings.Builder
			for k := i; k < j; k++ {
				b.WriteString(l[k].Text)
			}
			l[i].Text = b.String()
		}
		out = append(out, l[i])
		i = j
	}
	return out
}

// nest groups by the link (level -1), then by each style in order, then writes leaves.
func nest(l line, level int) []Node {
	if level == len(styleKinds) || level < 0 && l.isBare() {
		out := make([]Node, len(l))
		for i, r := range l {
			out[i] = Node{Kind: r.Kind, Text: r.Text, Info: r.Info}
		}
		return out
	}
	var out []Node
	for i := 0; i < len(l); {
		j := i + 1
		for j < len(l) && l.together(i, j, level) {
			j++
		}
		inner := nest(l[i:j], level+1)
		switch {
		case level < 0 && l[i].URL != "":
			out = append(out, Node{Kind: Link, URL: l[i].URL, Children: inner})
		case level >= 0 && l[i].Style&(1<<level) != 0:
			out = append(out, Node{Kind: styleKinds[level], Children: inner})
		default:
			out = append(out, inner...)
		}
		i = j
	}
	return out
}

// isBare says whether there is nothing to group by, as in most lines.
func (l line) isBare() bool {
	for i := range l {
		if l[i].URL != "" || l[i].Style != 0 {
			return false
		}
	}
	return len(l) > 0
}

func (l line) together(i, j, level int) bool {
	if level < 0 {
		return l[i].URL == l[j].URL
	}
	return (l[i].Style^l[j].Style)&(1<<level) == 0
}
