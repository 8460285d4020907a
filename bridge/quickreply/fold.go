package quickreply

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many runes of a word are looked at.
const maxWord = 32

// letters that Unicode does not take apart, though people leave out what makes them special.
var spelled = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ς", "σ")

// umlauts as those write them whose keyboard has none.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa")

// words takes a text apart into its words, in lower case and without accents.
func words(text string) []string {
	text = spelled.Replace(strings.ToLower(text))
	if !isASCII(text) {
		text = norm.NFKD.String(text)
	}
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
		}
		word = word[:0]
	}
	for _, r := range text {
		switch {
		case isAccent(r):
		case writtenTogether(r):
			flush()
			out = append(out, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if len(word) < maxWord {
				word = append(word, r)
			}
		default:
			flush()
		}
	}
	flush()
	return out
}

// spellings are the words of a text, and those with umlauts as two letters beside them.
func spellings(text string) []string {
	out := words(text)
	if isASCII(text) {
		return out
	}
	lower := norm.NFC.String(strings.ToLower(text))
	if apart := umlauts.Replace(lower); apart != lower {
		out = append(out, words(apart)...)
	}
	return out
}

// isAccent reports marks that may be left out. In the scripts of India, for example, marks are vowels.
func isAccent(r rune) bool {
	return 0x300 <= r && r <= 0x36f || 0x591 <= r && r <= 0x5c7 || 0x64b <= r && r <= 0x65f
}

// writtenTogether reports characters of scripts that put no space between words: each is a word here.
func writtenTogether(r rune) bool {
	return r >= 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
