package rich

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes incoming text safe to store and to show: invalid UTF-8 becomes U+FFFD; CR LF, CR, NEL and the
// Unicode line and paragraph separators become "\n"; other control characters except tab, the byte order mark,
// and the controls that reorder foreign text (bidi embeddings, overrides, isolates) are removed.
//
// Joiners stay because emoji and several scripts need them, and so do the invisible marks LRM, RLM and ALM,
// which affect only their neighbours. Clean(Clean(s)) == Clean(s).
func Clean(s string) string {
	dirty := strings.IndexFunc(s, isUnsafe)
	if dirty < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:dirty])
	for i := dirty; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '\r':
			if !strings.HasPrefix(s[i:], "\n") {
				b.WriteByte('\n')
			}
		case r == 0x85, r == 0x2028, r == 0x2029:
			b.WriteByte('\n')
		case r == utf8.RuneError: // also what an invalid byte decodes to
			b.WriteRune(utf8.RuneError)
		case !isUnsafe(r):
			b.WriteString(s[i-n : i])
		}
	}
	return b.String()
}

// isUnsafe also reports U+FFFD, which is harmless, because IndexFunc shows invalid bytes as that.
func isUnsafe(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\n' && r != '\t'
	case r < 0x7f:
		return false
	case r <= 0x9f: // DEL and C1
		return true
	case r < 0x2028:
		return false
	}
	return r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0xfeff || r == utf8.RuneError
}

// isSpace includes the zero width space: it takes no part in what a person reads.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r == 0x200b }

func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !isSpace(r) }) < 0
}
