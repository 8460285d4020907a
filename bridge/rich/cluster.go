package rich

import (
	"unicode"
	"unicode/utf8"
)

// maxCluster bounds a cluster, in runes, so that a letter under a thousand accents can still be cut.
const maxCluster = 32

// cluster returns the length in bytes of the first thing in s that a reader sees as one character: a rune with
// its combining marks, an emoji with its joiners, variation selectors and skin tone, a flag. It follows the
// parts of Unicode's text segmentation (UAX #29) that matter for cutting; s must not be empty.
func cluster(s string) int {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1 // nothing in ASCII extends anything
	}
	prev, n := utf8.DecodeRuneInString(s)
	flag := isRegional(prev)
	for range maxCluster - 1 {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 {
			break
		}
		pair := flag && isRegional(r)
		if !pair && !extends(prev, r) {
			break
		}
		flag = false
		prev = r
		n += size
	}
	return n
}

func extends(prev, r rune) bool {
	if prev == '\n' {
		return false
	}
	switch {
	case r < 0x300:
		return false
	case r == 0x200d, 0xfe00 <= r && r <= 0xfe0f, // joiner, variation selectors
		0x1f3fb <= r && r <= 0x1f3ff, // skin tones
		0xe0020 <= r && r <= 0xe007f, // tags of subdivision flags
		0x1160 <= r && r <= 0x11ff:   // Hangul vowels and finals written apart
		return true
	case prev == 0x200d:
		return unicode.Is(unicode.So, r) || r >= 0x1f000
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc)
}

func isRegional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }
