package importing

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

const (
	// maxSpan is how many bytes lie between a mark and the one that ends it, at most.
	maxSpan = 2000
	// maxNested is how deep spans are read within each other.
	maxNested = 12
)

// spans reads what is inside a paragraph.
func (m *markdownReader) spans(text string) []rich.Node {
	s := spanReader{m: m}
	s.read(text, 0)
	s.flush()
	return trimmed(s.out)
}

// spanReader turns a text into nodes, from left to right.
type spanReader struct {
	m     *markdownReader
	out   []rich.Node
	plain strings.Builder
}

func (s *spanReader) flush() {
	if s.plain.Len() > 0 {
		s.out = append(s.out, rich.Node{Kind: rich.Text, Text: html.UnescapeString(s.plain.String())})
		s.plain.Reset()
	}
}

func (s *spanReader) add(n rich.Node) {
	s.flush()
	s.out = append(s.out, n)
}

func (s *spanReader) read(text string, depth int) {
	for i := 0; i < len(text); {
		used := 0
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			used = s.escaped(text[i+1:])
		case c == '\n':
			used = s.lineEnd(text[:i])
		case c == '`':
			used = s.code(text[i:])
		case c == '<':
			used = s.angle(text[i:])
		case depth >= maxNested:
		case c == '!' && strings.HasPrefix(text[i:], "!["):
			if used = s.link(text[i+1:], depth, true); used > 0 {
				used++
			}
		case c == '[':
			used = s.link(text[i:], depth, false)
		case c == '*' || c == '_' || c == '~':
			used = s.styled(text, i, depth)
		}
		if used == 0 {
			s.plain.WriteByte(text[i])
			used = 1
		}
		i += used
	}
}

// escaped reads what follows a backslash.
func (s *spanReader) escaped(rest string) int {
	switch {
	case rest[0] == '\n':
		s.add(rich.Node{Kind: rich.Break})
	case rest[0] < utf8.RuneSelf && !unicode.IsLetter(rune(rest[0])) && !unicode.IsDigit(rune(rest[0])) && rest[0] != ' ':
		s.add(rich.Node{Kind: rich.Text, Text: rest[:1]}) // apart, so that no entity comes of it
	default:
		return 0
	}
	return 2
}

// lineEnd is a space, but after two spaces the line really ends.
func (s *spanReader) lineEnd(before string) int {
	if strings.HasSuffix(before, "  ") {
		s.add(rich.Node{Kind: rich.Break})
	} else {
		s.plain.WriteByte(' ')
	}
	return 1
}

// code reads from a run of backquotes to the next as long.
func (s *spanReader) code(text string) int {
	run := len(text) - len(strings.TrimLeft(text, "`"))
	for i := run; i < len(text); {
		next := strings.IndexByte(text[i:], '`')
		if next < 0 {
			break
		}
		i += next
		n := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		if n == run {
			s.add(rich.Node{Kind: rich.Code, Text: oneLine(text[run:i])})
			return i + n
		}
		i += n
	}
	s.plain.WriteString(text[:run])
	return run
}

var (
	autoLink = regexp.MustCompile(`^<((?i:https?://|mailto:|tel:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>`)
	tag      = regexp.MustCompile(`^<(?:/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]{0,1000})?/?>|!--[^<>]{0,1000}-->)`)
	lineTag  = regexp.MustCompile(`^(?i:<br\s*/?>)`)
)

// angle reads an address in angle brackets, or leaves out a tag.
func (s *spanReader) angle(text string) int {
	if found := autoLink.FindStringSubmatch(text); found != nil {
		address, label := found[1], found[1]
		if !strings.Contains(address, ":") {
			address = "mailto:" + address
		}
		if safe, ok := rich.SafeURL(address); ok {
			s.add(rich.Node{Kind: rich.Link, URL: safe, Children: []rich.Node{{Kind: rich.Text, Text: label}}})
			return len(found[0])
		}
	}
	if found := lineTag.FindString(text); found != "" {
		s.add(rich.Node{Kind: rich.Break})
		return len(found)
	}
	return len(tag.FindString(text))
}

var linkTarget = regexp.MustCompile(`^\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`)

// link reads a link, or an image's words, from its bracket on.
func (s *spanReader) link(text string, depth int, image bool) int {
	end := closing(text)
	if end < 0 {
		return 0
	}
	label, rest := text[1:end], text[end+1:]
	address, used := "", end+1
	if found := linkTarget.FindStringSubmatch(rest); found != nil {
		address = found[1] + strings.ReplaceAll(found[2], `\`, "")
		used += len(found[0])
	} else {
		reference := label
		if close := strings.IndexByte(rest, ']'); strings.HasPrefix(rest, "[") && close > 0 && close < maxSpan {
			used += close + 1
			if close > 1 {
				reference = rest[1:close]
			}
		}
		known := false
		if address, known = s.m.references[strings.ToLower(oneLine(reference))]; !known {
			return 0
		}
	}
	inner := spanReader{m: s.m}
	inner.read(label, depth+1)
	inner.flush()
	if safe, ok := s.m.in.link(html.UnescapeString(address)); ok && !image && address != "" && !strings.HasPrefix(address, "#") {
		s.add(rich.Node{Kind: rich.Link, URL: safe, Children: inner.out})
		return used
	}
	s.flush()
	s.out = append(s.out, inner.out...)
	return used
}

// closing is where the bracket ends that a text begins with.
func closing(text string) int {
	open := 0
	for i := 0; i < min(len(text), maxSpan); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			open++
		case ']':
			if open--; open == 0 {
				return i
			}
		}
	}
	return -1
}

// styled reads what stands between two runs of marks: one is italic, two are bold, three both.
func (s *spanReader) styled(text string, i, depth int) int {
	n := runLength(text, i)
	kinds := styleOf(text[i], n)
	begin := i + n
	if len(kinds) > 0 && opens(text, i, n) {
		for from := begin; from < min(len(text), begin+maxSpan); {
			next := strings.IndexByte(text[from:min(len(text), begin+maxSpan)], text[i])
			if next < 0 {
				break
			}
			at := from + next
			run := runLength(text, at)
			from = at + run
			end := from - n
			if n == 1 {
				end = at // what has begun outside ends after it
			}
			if (run == n || run == 3) && end > begin && closes(text, at, run) {
				inner := spanReader{m: s.m}
				inner.read(text[begin:end], depth+1)
				inner.flush()
				nodes := inner.out
				for _, kind := range kinds {
					nodes = []rich.Node{{Kind: kind, Children: nodes}}
				}
				s.flush()
				s.out = append(s.out, nodes...)
				return end + n - i
			}
		}
	}
	s.plain.WriteString(text[i:begin])
	return n
}

func runLength(text string, i int) int {
	n := 1
	for i+n < len(text) && text[i+n] == text[i] {
		n++
	}
	return n
}

// styleOf is what so many marks mean.
func styleOf(mark byte, n int) []rich.Kind {
	switch {
	case mark == '~' && n == 2:
		return []rich.Kind{rich.Strike}
	case mark == '~':
		return nil
	}
	switch n {
	case 1:
		return []rich.Kind{rich.Italic}
	case 2:
		return []rich.Kind{rich.Bold}
	case 3:
		return []rich.Kind{rich.Italic, rich.Bold}
	}
	return nil
}

func opens(text string, i, n int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, size := utf8.DecodeRuneInString(text[i+n:])
	return size > 0 && !unicode.IsSpace(after) && (text[i] != '_' || !isWord(before))
}

func closes(text string, i, n int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, size := utf8.DecodeRuneInString(text[i+n:])
	return !unicode.IsSpace(before) && before != '\\' && (text[i] != '_' || size == 0 || !isWord(after))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
