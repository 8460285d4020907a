package markdown

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

func text(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }

// inlines reads text within a block. Rules are tried at every place in one order, as Discord's program does.
func (r reader) inlines(s string, depth int) []rich.Node {
	var out []rich.Node
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, text(plain.String()))
			plain.Reset()
		}
	}
	hopeless := map[string]bool{} // no closing marker in the rest: keeps reading linear
	for i := 0; i < len(s); {
		if s[i] == '\\' && escapes(s[i+1:]) {
			c, n := utf8.DecodeRuneInString(s[i+1:])
			plain.WriteRune(c)
			i += 1 + n
			continue
		}
		if address := addressAt(s, i); address > 0 {
			plain.WriteString(s[i : i+address])
			i += address
			continue
		}
		if nodes, n := r.markup(s[i:], depth, hopeless); n > 0 {
			flush()
			out = append(out, nodes...)
			i += n
			continue
		}
		if s[i] == '\n' {
			flush()
			out = append(out, rich.Node{Kind: rich.Break})
			i++
			continue
		}
		c, n := utf8.DecodeRuneInString(s[i:])
		plain.WriteRune(c)
		i += n
	}
	flush()
	return out
}

// escapes reports whether a backslash before s takes the meaning of its first character.
func escapes(s string) bool {
	if s == "" {
		return false
	}
	c, _ := utf8.DecodeRuneInString(s)
	return c > ' ' && !unicode.IsSpace(c) && !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z')
}

// addressAt returns how long the web address is that begins at i, 0 without one. Nothing in it is markup.
func addressAt(s string, i int) int {
	if s[i] != 'h' || !strings.HasPrefix(s[i:], "http://") && !strings.HasPrefix(s[i:], "https://") {
		return 0
	}
	end := strings.IndexFunc(s[i:], func(c rune) bool { return unicode.IsSpace(c) || c == '<' })
	if end < 0 {
		end = len(s) - i
	}
	address := strings.TrimRight(s[i:i+end], ".,:;\"'])|*_~`\\")
	if len(address) <= len("https://") {
		return 0
	}
	return len(address)
}

// markup reads the token or the formatting that s begins with; n is 0 when there is none.
func (r reader) markup(s string, depth int, hopeless map[string]bool) (nodes []rich.Node, n int) {
	switch s[0] {
	case '<':
		return r.token(s)
	case '[':
		return r.link(s, depth)
	case '`':
		return code(s)
	case '*', '_', '~', '|':
	default:
		return nil, 0
	}
	if depth >= maxDepth {
		return nil, 0
	}
	for _, f := range formats {
		if !strings.HasPrefix(s, f.text) || hopeless[f.text] {
			continue
		}
		end := f.close(s)
		if end < 0 {
			if f.certain {
				hopeless[f.text] = true
			}
			continue
		}
		inside := s[len(f.text) : end-len(f.text)]
		return []rich.Node{{Kind: f.kind, Children: r.inlines(inside, depth+1)}}, end
	}
	return nil, 0
}

// format is one way to format; close returns where what begins s ends, behind its closing marker, or -1.
type format struct {
	marker
	close   func(s string) int
	certain bool // -1 holds for all that follows, too
}

// The order is Discord's: two characters before one. "_" formats like "*", but only up to the end of a word.
var formats = []format{
	{marker{"**", rich.Bold}, closer("**"), true},
	{marker{"__", rich.Underline}, closer("__"), true},
	{marker{"~~", rich.Strike}, closer("~~"), true},
	{marker{"||", rich.Spoiler}, closer("||"), true},
	{marker{"*", rich.Italic}, closeStar, false},
	{marker{"_", rich.Italic}, closeLow, false},
}

// closer finds the next mark that is not one of three such characters, with something in between.
func closer(mark string) func(string) int {
	return func(s string) int {
		for i := len(mark); i < len(s); i++ {
			if s[i] == '\\' {
				i++
				continue
			}
			if i == len(mark) || !strings.HasPrefix(s[i:], mark) {
				continue
			}
			end := i + len(mark)
			if mark != "||" && end < len(s) && s[end] == mark[0] {
				continue
			}
			return end
		}
		return -1
	}
}

// closeStar: white space may not follow the opening star or come before the closing one.
func closeStar(s string) int {
	if len(s) < 3 || isSpaceAt(s[1:]) {
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "**"):
			i++
		case s[i] == '*':
			if i == 1 || isSpaceBefore(s[:i]) {
				return -1
			}
			return i + 1
		}
	}
	return -1
}

func closeLow(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "__"):
			i++
		case s[i] == '_':
			c, _ := utf8.DecodeRuneInString(s[i+1:])
			if i == 1 || i+1 < len(s) && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
				return -1
			}
			return i + 1
		}
	}
	return -1
}

func isSpaceAt(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(c)
}

func isSpaceBefore(s string) bool {
	c, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(c)
}

// code reads `code` between as many backticks as it begins with.
func code(s string) ([]rich.Node, int) {
	ticks := len(s) - len(strings.TrimLeft(s, "`"))
	fence := s[:ticks]
	for i := ticks; i < len(s); {
		at := strings.Index(s[i:], fence)
		if at < 0 {
			return nil, 0
		}
		at += i
		run := len(s[at:]) - len(strings.TrimLeft(s[at:], "`"))
		if run != ticks {
			i = at + run
			continue
		}
		inside := s[ticks:at]
		if strings.HasPrefix(strings.TrimLeft(inside, " "), "`") {
			inside = strings.TrimPrefix(inside, " ")
		}
		if strings.HasSuffix(strings.TrimRight(inside, " "), "`") {
			inside = strings.TrimSuffix(inside, " ")
		}
		var nodes []rich.Node
		for j, line := range strings.Split(inside, "\n") {
			if j > 0 {
				nodes = append(nodes, rich.Node{Kind: rich.Break})
			}
			nodes = append(nodes, rich.Node{Kind: rich.Code, Text: line})
		}
		return nodes, at + ticks
	}
	return nil, 0
}

// link reads [label](address) and [label](<address>).
func (r reader) link(s string, depth int) ([]rich.Node, int) {
	end := labelEnd(s)
	if end < 0 || depth >= maxDepth || !strings.HasPrefix(s[end:], "](") {
		return nil, 0
	}
	target := s[end+2:]
	var address string
	var n int
	if strings.HasPrefix(target, "<") {
		at := strings.Index(target, ">)")
		if at < 0 {
			return nil, 0
		}
		address, n = target[1:at], at+2
	} else {
		at := parenthesis(target)
		if at < 0 {
			return nil, 0
		}
		address, n = target[:at], at+1
		if words := strings.Fields(address); len(words) > 0 { // a title may follow
			address = words[0]
		}
	}
	address, ok := rich.SafeURL(address)
	label := s[1:end]
	if !ok || strings.TrimSpace(label) == "" || strings.Contains(address, "\n") {
		return nil, 0
	}
	return []rich.Node{{Kind: rich.Link, URL: address, Children: r.inlines(label, depth+1)}}, end + 2 + n
}

// labelEnd finds the bracket that closes the one that s begins with.
func labelEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		case '\n':
			return -1
		}
	}
	return -1
}

// parenthesis finds the one that closes the address.
func parenthesis(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		case '\n', '<', '>':
			return -1
		}
	}
	return -1
}

var (
	userToken    = regexp.MustCompile(`^<@!?(\d{1,20})>`)
	roleToken    = regexp.MustCompile(`^<@&\d{1,20}>`)
	channelToken = regexp.MustCompile(`^<#\d{1,20}>`)
	emojiToken   = regexp.MustCompile(`^<a?:([A-Za-z0-9_]{1,64}):\d{1,20}>`)
	timeToken    = regexp.MustCompile(`^<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>`)
	commandToken = regexp.MustCompile(`^<(/[^<>\n:]{1,100}):\d{1,20}>`)
	guideToken   = regexp.MustCompile(`^<id:([a-z-]{1,30})(?::\d{1,20})?>`)
	linkToken    = regexp.MustCompile(`^<((?:https?://|mailto:|tel:)[^\s<>]+)>`)
)

func (r reader) token(s string) ([]rich.Node, int) {
	if m := userToken.FindStringSubmatch(s); m != nil {
		name := ""
		if r.names != nil {
			name = r.names.User(m[1])
		}
		if name == "" {
			name = unknownUser
		}
		return []rich.Node{{Kind: rich.Mention, Text: name, Info: m[1]}}, len(m[0])
	}
	if m := roleToken.FindString(s); m != "" {
		return []rich.Node{text("@" + unknownRole)}, len(m)
	}
	if m := channelToken.FindString(s); m != "" {
		return []rich.Node{text("#" + unknownChannel)}, len(m)
	}
	if m := emojiToken.FindStringSubmatch(s); m != nil {
		return []rich.Node{{Kind: rich.Emoji, Text: ":" + m[1] + ":"}}, len(m[0])
	}
	if m := timeToken.FindStringSubmatch(s); m != nil {
		if seconds, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			return []rich.Node{text(moment(seconds, m[2]))}, len(m[0])
		}
	}
	if m := commandToken.FindStringSubmatch(s); m != nil {
		return []rich.Node{text(m[1])}, len(m[0])
	}
	if m := guideToken.FindStringSubmatch(s); m != nil {
		return []rich.Node{text("#" + m[1])}, len(m[0])
	}
	if m := linkToken.FindStringSubmatch(s); m != nil {
		if address, ok := rich.SafeURL(m[1]); ok {
			label := address
			for _, scheme := range []string{"mailto:", "tel:"} {
				label = strings.TrimPrefix(label, scheme)
			}
			return []rich.Node{{Kind: rich.Link, URL: address, Children: []rich.Node{text(label)}}}, len(m[0])
		}
	}
	return nil, 0
}

// moment says when, in words that are right everywhere; form is Discord's letter.
func moment(seconds int64, form string) string {
	at := time.Unix(seconds, 0).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return strconv.FormatInt(seconds, 10)
	}
	switch form {
	case "t":
		return at.Format("15:04 UTC")
	case "T":
		return at.Format("15:04:05 UTC")
	case "d", "D":
		return at.Format("2 January 2006")
	default:
		return at.Format("2 January 2006, 15:04 UTC")
	}
}
