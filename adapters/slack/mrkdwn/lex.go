package mrkdwn

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// An atom is a character of mrkdwn, or something that formatting can stand around but not look into.
type atom struct {
	r    rune
	node *rich.Node // a token or an emoji; r is then 0
	raw  string     // what node reads as inside code
}

func (a atom) is(r rune) bool { return a.node == nil && a.r == r }

func (a atom) isWord() bool { return a.node == nil && isWord(a.r) }

func (a atom) isSpace() bool { return a.node == nil && unicode.IsSpace(a.r) }

// isWord is about where Slack lets formatting begin and end: not inside a word.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

type lexer struct {
	names Names
	out   []atom
}

func (l *lexer) lex(s string) {
	for i := 0; i < len(s); {
		switch s[i] {
		case '<':
			if inside, ok := tokenAt(s[i:]); ok {
				l.token(inside)
				i += len(inside) + 2
				continue
			}
		case '&':
			if r, n := entityAt(s[i:]); n > 0 {
				l.out = append(l.out, atom{r: r})
				i += n
				continue
			}
		case ':':
			if shown, n := emojiAt(s[i:]); n > 0 {
				node := text(shown)
				l.out = append(l.out, atom{node: &node, raw: s[i : i+n]})
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		l.out = append(l.out, atom{r: r})
		i += n
	}
}

// tokenAt returns what stands between the < that s begins with and its >.
func tokenAt(s string) (string, bool) {
	end := strings.IndexAny(s[1:], "<>\n")
	if end < 1 || s[1+end] != '>' {
		return "", false
	}
	return s[1 : 1+end], true
}

// Slack escapes these three characters and no others.
func entityAt(s string) (rune, int) {
	for _, e := range []struct {
		name string
		r    rune
	}{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}} {
		if strings.HasPrefix(s, e.name) {
			return e.r, len(e.name)
		}
	}
	return 0, 0
}

var unescaper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// emojiAt reads ":name:" or ":name::skin-tone-2:" where the table has that name.
func emojiAt(s string) (shown string, length int) {
	name := emojiNameAt(s)
	if name == "" {
		return "", 0
	}
	length = len(name) + 2
	if tone := emojiNameAt(s[length:]); strings.HasPrefix(tone, "skin-tone-") {
		if shown, ok := EmojiText(name + "::" + tone); ok {
			return shown, length + len(tone) + 2
		}
	}
	shown, ok := EmojiText(name)
	if !ok {
		return "", 0
	}
	return shown, length
}

// emojiNameAt returns the name between the colon that s begins with and the next one, "" if none could be.
func emojiNameAt(s string) string {
	const longest = 100
	if len(s) < 3 || s[0] != ':' {
		return ""
	}
	end := strings.IndexFunc(s[1:min(len(s), longest+2)], func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("_+-'", r))
	})
	if end < 1 || s[1+end] != ':' {
		return ""
	}
	return s[1 : 1+end]
}

// token appends what <inside> reads as.
func (l *lexer) token(inside string) {
	target, label, _ := strings.Cut(inside, "|")
	label = plainLabel(label)
	var node rich.Node
	switch {
	case isID(target, '@', "UW"):
		id := target[1:]
		node = rich.Node{Kind: rich.Mention, Text: userName(l.names, id, label), Info: id}
	case isID(target, '#', "CGD"):
		node = text("#" + channelName(l.names, target[1:], label))
	case strings.HasPrefix(target, "!"):
		node = special(target[1:], label)
	default:
		l.link(unescaper.Replace(target), label)
		return
	}
	l.out = append(l.out, atom{node: &node, raw: plainNode(node)})
}

func isID(s string, sigil byte, kinds string) bool {
	if len(s) < 3 || s[0] != sigil || !strings.ContainsRune(kinds, rune(s[1])) {
		return false
	}
	return !strings.ContainsFunc(s[1:], func(r rune) bool { return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9') })
}

func special(word, label string) rich.Node {
	name, argument, _ := strings.Cut(word, "^")
	switch name {
	case "here", "channel", "everyone":
		return text("@" + name)
	case "subteam":
		if label == "" {
			label = unknownGroup
		}
		return text("@" + strings.TrimPrefix(label, "@"))
	case "date":
		return dateToken(argument, label)
	}
	if label == "" {
		label = unescaper.Replace(name)
	}
	return text(label)
}

// dateToken reads "timestamp^format^link", of which the link may be missing.
func dateToken(argument, label string) rich.Node {
	stamp, rest, _ := strings.Cut(argument, "^")
	if label == "" {
		if seconds, err := strconv.ParseInt(stamp, 10, 64); err == nil {
			label = moment(seconds)
		}
	}
	if _, link, ok := strings.Cut(rest, "^"); ok {
		return rich.Node{Kind: rich.Link, URL: unescaper.Replace(link), Children: []rich.Node{text(label)}}
	}
	return text(label)
}

func (l *lexer) link(url, label string) {
	if _, ok := rich.SafeURL(url); !ok {
		if label == "" {
			label = url
			if !strings.Contains(url, ":") { // not an address at all: somebody's own brackets
				label = "<" + url + ">"
			}
		}
		for _, r := range label {
			l.out = append(l.out, atom{r: r})
		}
		return
	}
	if strings.TrimSpace(label) == "" {
		label = url
	}
	node := rich.Node{Kind: rich.Link, URL: url, Children: []rich.Node{text(label)}}
	l.out = append(l.out, atom{node: &node, raw: label})
}

// plainLabel reads a label, which knows entities and emoji but no formatting.
func plainLabel(label string) string {
	if !strings.ContainsAny(label, "&:\u200b") {
		return label
	}
	var l lexer
	l.lex(label)
	var b strings.Builder
	for _, a := range l.out {
		if a.node != nil {
			b.WriteString(a.node.Text)
		} else {
			b.WriteRune(a.r)
		}
	}
	return withoutZeroWidth(b.String())
}

func plainNode(n rich.Node) string {
	switch n.Kind {
	case rich.Mention:
		return "@" + n.Text
	case rich.Link:
		return n.Children[0].Text
	}
	return n.Text
}

func text(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }
