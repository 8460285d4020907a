package markdown

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge/rich"
)

// A Writer writes trees for Discord. The zero Writer mentions nobody: a Mention is written as the text "@name".
type Writer struct {
	// UserID, if set, returns the Discord id of a Mention of somebody on the server this is written for; "" leaves the
	// mention as text. A Mention's own Info may be from elsewhere.
	UserID func(mention rich.Node) string
}

// Write is Text of the zero Writer.
func Write(doc rich.Doc) string { return Writer{}.Text(doc) }

// Text returns doc as Discord's markdown. Read reads it back as the same text.
func (w Writer) Text(doc rich.Doc) string {
	t := textWriter{id: w.UserID}
	t.blocks(w.reduced(doc), "")
	return t.String()
}

type textWriter struct {
	strings.Builder
	id   func(rich.Node) string
	open []marker
	last byte // the marker character that was written last; 0 when something else was
}

func (t *textWriter) blocks(nodes []rich.Node, prefix string) {
	for i := range nodes {
		if i > 0 {
			t.WriteString("\n" + prefix + "\n" + prefix)
		}
		t.block(&nodes[i], prefix)
	}
}

func (t *textWriter) block(n *rich.Node, prefix string) {
	switch n.Kind {
	case rich.Paragraph:
		t.paragraph(n.Children, prefix)
	case rich.Heading:
		t.WriteString("### ")
		t.paragraph(n.Children, prefix)
	case rich.Quote:
		t.WriteString("> ")
		t.blocks(n.Children, prefix+"> ")
	case rich.Pre:
		body := strings.ReplaceAll(n.Text, "``", "`"+zeroWidthSpace+"`")
		t.WriteString("```" + n.Info + "\n" + prefix + strings.ReplaceAll(body, "\n", "\n"+prefix) + "\n" + prefix + "```")
	case rich.List:
		t.list(n, prefix, "")
	}
}

// list writes items of a paragraph each, with lists after it.
func (t *textWriter) list(list *rich.Node, prefix, indent string) {
	for i := range list.Children {
		if i > 0 {
			t.WriteString("\n" + prefix)
		}
		mark := "- "
		if list.Ordered {
			mark = rich.Mark(list, i)
		}
		t.WriteString(indent + mark)
		inner := indent + strings.Repeat(" ", len(mark))
		for j := range list.Children[i].Children {
			b := &list.Children[i].Children[j]
			if b.Kind == rich.List {
				t.WriteString("\n" + prefix)
				t.list(b, prefix, inner)
			} else {
				t.paragraph(b.Children, prefix+inner)
			}
		}
	}
}

func (t *textWriter) paragraph(inlines []rich.Node, prefix string) {
	spans := rich.Spans(inlines)
	begin := true // of a line: nothing but white space so far
	for i := 0; i < len(spans); i++ {
		s := spans[i]
		switch {
		case s.Kind == rich.Break:
			t.restyle(0)
			t.last = 0
			t.WriteString("\n" + prefix)
			begin = true
			continue
		case s.URL != "":
			j := i
			for j < len(spans) && spans[j].URL == s.URL {
				j++
			}
			t.restyle(0)
			t.link(s.URL, spans[i:j])
			i = j - 1
		default:
			t.restyle(s.Style)
			t.span(&s, begin)
		}
		begin = begin && s.Kind == rich.Text && s.URL == "" && s.Style == 0 && strings.TrimSpace(s.Text) == ""
	}
	t.restyle(0)
	t.last = 0
}

func (t *textWriter) span(s *rich.Span, begin bool) {
	switch s.Kind {
	case rich.Code:
		t.code(s.Text)
	case rich.Mention:
		t.plain("<@" + t.id(rich.Node{Kind: rich.Mention, Text: s.Text, Info: s.Info}) + ">")
	default:
		t.plain(escape(s.Text, begin))
	}
}

func (t *textWriter) plain(s string) {
	t.WriteString(s)
	t.last = 0
}

func (t *textWriter) link(url string, label []rich.Span) {
	words := ""
	for _, s := range label {
		words += s.Text
	}
	if rich.SaysURL(words, url) && strings.HasPrefix(words, "http") {
		t.plain("<" + url + ">")
		return
	}
	t.plain("[")
	for i := range label {
		t.restyle(label[i].Style)
		t.span(&label[i], false)
	}
	t.restyle(0)
	t.plain("](<" + url + ">)")
}

// code writes text between more backticks than it holds in a row.
func (t *textWriter) code(s string) {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(strings.TrimLeft(s, " "), "`") {
		s = " " + s
	}
	if strings.HasSuffix(strings.TrimRight(s, " "), "`") {
		s += " "
	}
	if t.last == '`' {
		t.WriteString(zeroWidthSpace)
	}
	t.WriteString(fence + s + fence)
	t.last = '`'
}

// restyle closes and opens markers so that exactly style is on, nested in the one order.
func (t *textWriter) restyle(style rich.Style) {
	var want []marker
	for _, m := range markers {
		if style.Has(m.kind) {
			want = append(want, m)
		}
	}
	same := 0
	for same < len(want) && same < len(t.open) && want[same] == t.open[same] {
		same++
	}
	for _, m := range slices.Backward(t.open[same:]) {
		t.mark(m)
	}
	for _, m := range want[same:] {
		t.mark(m)
	}
	t.open = want
}

func (t *textWriter) mark(m marker) {
	if t.last == m.text[0] {
		t.WriteString(zeroWidthSpace)
	}
	t.WriteString(m.text)
	t.last = m.text[0]
}

var (
	numbered  = regexp.MustCompile(`^\d+\.`)
	nameToken = regexp.MustCompile(`^:[A-Za-z0-9_+\-]+:`)
)

// escape writes text so that Discord shows it as written; begin says that it stands at the start of a line.
func escape(s string, begin bool) string {
	var b strings.Builder
	for i, r := range s {
		rest := s[i:]
		switch r {
		case '\\', '*', '_', '~', '`', '|', '<', '[', ']':
			b.WriteByte('\\')
		case ':':
			if strings.HasPrefix(rest, "://") || nameToken.MatchString(rest) {
				b.WriteByte('\\')
			}
		case '@':
			if strings.HasPrefix(rest, "@everyone") || strings.HasPrefix(rest, "@here") {
				b.WriteByte('\\')
			}
		case '>', '#', '-', '+':
			if begin {
				b.WriteByte('\\')
			}
		}
		if begin && numbered.MatchString(rest) {
			number := numbered.FindString(rest)
			b.WriteString(number[:len(number)-1] + `\`)
			return b.String() + escape(rest[len(number)-1:], false)
		}
		begin = begin && unicode.IsSpace(r)
		b.WriteRune(r)
	}
	return b.String()
}
