package language

import (
	"strings"
	"unicode/utf8"
)

// Stretches longer than these, in bytes, are not what their first character made them look like.
const (
	longestBraces    = 2000
	longestTag       = 300
	longestQuotation = 1000
)

// cut replaces by spaces what is set apart by marks: code in backticks, anything in braces, tags, lines that begin with
// ">", and quotations if they are not to count.
func cut(text string, quotations bool) string {
	if !strings.ContainsAny(text, "`{<>\"“„«「") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	lineStart := true
	for i := 0; i < len(text); {
		n := 0
		if text[i] == '>' && lineStart && quotations {
			n = lineEnd(text[i:])
		} else {
			n = marked(text[i:], quotations)
		}
		if n > 0 {
			if text[i] == '{' && strings.ContainsAny(text[i:i+n], ";=(") {
				out.WriteString(" {}") // what is left of the line should still look like code
			}
			out.WriteByte(' ')
			if strings.Contains(text[i:i+n], "\n") {
				out.WriteByte('\n')
			}
			i += n
			lineStart = false
			continue
		}
		_, n = utf8.DecodeRuneInString(text[i:])
		out.WriteString(text[i : i+n])
		lineStart = text[i] == '\n' || lineStart && text[i] == ' '
		i += n
	}
	return out.String()
}

// marked returns the length of the stretch at the beginning of s that is set apart, 0 if there is none.
func marked(s string, quotations bool) int {
	switch s[0] {
	case '`':
		return inBackticks(s)
	case '{':
		return inBraces(s)
	case '<':
		return inTag(s)
	case '"':
		if quotations {
			return quotation(s, "\"", "\"")
		}
	case 0xe2, 0xc2, 0xe3: // the first bytes of those below
		if !quotations {
			return 0
		}
		for _, pair := range [][2]string{{"“", "”"}, {"„", "“"}, {"„", "”"}, {"«", "»"}, {"「", "」"}} {
			if n := quotation(s, pair[0], pair[1]); n > 0 {
				return n
			}
		}
	}
	return 0
}

// inBackticks takes a fence to its end, or the text's, and a single one to the next in the line.
func inBackticks(s string) int {
	if rest, fence := strings.CutPrefix(s, "```"); fence {
		if end := strings.Index(rest, "```"); end >= 0 {
			return end + 6
		}
		return len(s)
	}
	end := strings.IndexByte(s[1:], '`')
	if end < 1 || strings.Contains(s[1:1+end], "\n") {
		return 0
	}
	return end + 2
}

func inBraces(s string) int {
	depth := 0
	for i := range min(len(s), longestBraces) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// inTag takes <b>, </b> and <!-- --> for tags, but not "a < b".
func inTag(s string) int {
	if len(s) < 3 || !(isLetter(rune(s[1])) || s[1] == '/' || s[1] == '!') {
		return 0
	}
	end := strings.IndexByte(s[:min(len(s), longestTag)], '>')
	if end < 0 || strings.Contains(s[:end], "\n") {
		return 0
	}
	return end + 1
}

// quotation takes what is quoted within a paragraph, if it has several words.
func quotation(s, open, closing string) int {
	rest, quoted := strings.CutPrefix(s, open)
	if !quoted {
		return 0
	}
	end := strings.Index(rest[:min(len(rest), longestQuotation)], closing)
	if end < 0 || strings.Contains(rest[:end], "\n\n") || !severalWords(rest[:end]) {
		return 0
	}
	return len(open) + end + len(closing)
}

func lineEnd(s string) int {
	if end := strings.IndexByte(s, '\n'); end >= 0 {
		return end
	}
	return len(s)
}
