package mrkdwn

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// A Writer writes trees for Slack. The zero Writer mentions nobody: a Mention is written as the text "@name".
type Writer struct {
	// UserID, if set, returns the Slack id ("U…", "W…") of a Mention of somebody in the workspace this is written
	// for, who then is notified; "" leaves the mention as text. A Mention's own Info may be from elsewhere.
	UserID func(mention rich.Node) string
}

// ToText is Text of the zero Writer.
func ToText(doc rich.Doc) string { return Writer{}.Text(doc) }

// Text returns doc as mrkdwn, to be sent as a message's text. FromText reads it back as the same text.
func (w Writer) Text(doc rich.Doc) string {
	r := reducer{userID: w.UserID, text: true}
	t := textWriter{id: r.id}
	for i, n := range r.doc(doc) {
		if i > 0 {
			t.newline("")
			t.newline("")
		}
		t.block(&n)
	}
	return t.String()
}

type textWriter struct {
	strings.Builder
	id func(*rich.Span) string

	last   rune // the last visible character written, 0 at the start of a line
	closed bool // last ended formatting: no part of a word may follow
	blank  bool // nothing but white space in this line yet
	open   []marker
}

func (t *textWriter) block(n *rich.Node) {
	switch n.Kind {
	case rich.Paragraph:
		t.paragraph(n, "")
	case rich.Quote:
		t.prefix("> ")
		for i := range n.Children {
			if i > 0 {
				t.newline("> ")
				t.newline("> ")
			}
			t.paragraph(&n.Children[i], "> ")
		}
	case rich.Pre:
		t.WriteString("```\n")
		t.WriteString(escaper.Replace(strings.ReplaceAll(n.Text, "``", "`"+zeroWidthSpace+"`")))
		t.WriteString("\n```")
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (t *textWriter) newline(prefix string) {
	t.WriteByte('\n')
	t.prefix(prefix)
}

func (t *textWriter) prefix(prefix string) {
	t.WriteString(prefix)
	t.last, t.closed, t.blank = 0, false, true
}

func (t *textWriter) paragraph(p *rich.Node, prefix string) {
	t.last, t.closed, t.blank = 0, false, true
	spans := rich.Spans(p.Children)
	for i := 0; i < len(spans); i++ {
		s := &spans[i]
		t.restyle(s.Style)
		switch {
		case s.Kind == rich.Break:
			t.newline(prefix)
		case s.URL != "":
			label := s.Text
			for i+1 < len(spans) && spans[i+1].URL == s.URL {
				i++
				label += spans[i].Text
			}
			t.link(s.URL, label)
		case s.Kind == rich.Mention:
			t.token("<@" + t.id(s) + ">")
		case s.Kind == rich.Code:
			t.mark('`')
			t.WriteString(escaper.Replace(s.Text))
			t.unmark('`')
		default:
			t.text(s.Text)
		}
	}
	t.restyle(0)
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
		t.unmark(m.r)
	}
	for _, m := range want[same:] {
		t.mark(m.r)
	}
	t.open = want
}

// mark begins formatting, which Slack reads only where no word is going on.
func (t *textWriter) mark(r rune) {
	if isWord(t.last) {
		t.WriteString(zeroWidthSpace)
	}
	t.WriteRune(r)
	t.last, t.closed, t.blank = r, false, false
}

func (t *textWriter) unmark(r rune) {
	t.WriteRune(r)
	t.last, t.closed = r, true
}

func (t *textWriter) link(url, label string) {
	if label == url {
		t.token("<" + escaper.Replace(url) + ">")
		return
	}
	inner := textWriter{}
	inner.text(label)
	t.token("<" + escaper.Replace(url) + "|" + inner.String() + ">")
}

func (t *textWriter) token(s string) {
	t.WriteString(s)
	t.last, t.closed, t.blank = '>', false, false
}

// text writes what a person wrote so that Slack shows it as written.
func (t *textWriter) text(s string) {
	for i, r := range s {
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		if t.closed && isWord(r) {
			t.WriteString(zeroWidthSpace)
		}
		switch r {
		case '&':
			t.WriteString("&amp;")
		case '<':
			t.WriteString("&lt;")
		case '>':
			if t.blank { // would begin a quote, escaped or not
				t.WriteString(zeroWidthSpace)
			}
			t.WriteString("&gt;")
		case '*', '_', '~':
			t.WriteRune(r)
			if !unicode.IsSpace(next) && !(isWord(t.last) && isWord(next)) {
				t.WriteString(zeroWidthSpace)
			}
		case '`':
			t.WriteString("`" + zeroWidthSpace)
		case ':':
			t.WriteByte(':')
			if isEmojiAt(s[i:]) {
				t.WriteString(zeroWidthSpace)
			}
		default:
			t.WriteRune(r)
		}
		t.last, t.closed = r, false
		t.blank = t.blank && unicode.IsSpace(r)
	}
}

// isEmojiAt is true also for names that only a workspace's own emoji could have, but not inside "12:30:45".
func isEmojiAt(s string) bool {
	name := emojiNameAt(s)
	if name == "" {
		return false
	}
	_, known := EmojiText(name)
	return known || strings.ContainsFunc(name, unicode.IsLetter)
}
