// Package search decides what a word is, when a text holds what somebody looks for, and where. It knows no database: a store
// keeps the words of each text, finds the texts that may match, and has the rest decided here.
package search

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many bytes of a word count, folded.
const maxWord = 64

// A Word is a word of a text as it is compared, in lower case and without accents, and where it stands. Scripts that put
// no space between words have one at each character, of that and the one after it: what is looked for may begin anywhere.
type Word struct {
	Text       string
	Start, End int // bytes of the text; the End of two characters is that of the first
}

// spelled are letters that Unicode does not take apart, though people leave out what makes them special.
var spelled = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ς': "σ",
}

// Words goes through the words of a text in order.
func Words(text string) iter.Seq[Word] {
	return func(yield func(Word) bool) {
		var word []byte
		start := 0
		flush := func(end int) bool {
			if len(word) == 0 {
				return true
			}
			w := Word{Text: string(word), Start: start, End: end}
			word = word[:0]
			return yield(w)
		}
		for i, r := range text {
			switch {
			case isAccent(r):
				continue
			case writtenTogether(r):
				if !flush(i) || !yield(together(text, i, r)) {
					return
				}
				continue
			case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
				if !flush(i) {
					return
				}
				continue
			}
			if len(word) == 0 {
				start = i
			}
			if len(word) < maxWord {
				word = appendFolded(word, r)
			}
		}
		flush(len(text))
	}
}

// together is the word that begins at a character which is written together with the next.
func together(text string, i int, r rune) Word {
	end := i + utf8.RuneLen(r)
	w := Word{Text: string(r), Start: i, End: end}
	if next, size := utf8.DecodeRuneInString(text[end:]); size > 0 && writtenTogether(next) {
		w.Text = text[i : end+size]
	}
	return w
}

func appendFolded(word []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(word, byte(r)) //nolint:gosec // it is one
	}
	r = unicode.ToLower(r)
	if s, ok := spelled[r]; ok {
		return append(word, s...)
	}
	for _, part := range norm.NFKD.String(string(r)) {
		// What a compatible form is made of can be more than letters: "½" is "1⁄2".
		if !isAccent(part) && (unicode.IsLetter(part) || unicode.IsDigit(part) || unicode.IsMark(part)) {
			word = utf8.AppendRune(word, unicode.ToLower(part))
		}
	}
	return word
}

// isAccent reports marks that may be left out. In the scripts of India, for example, marks are vowels.
func isAccent(r rune) bool {
	return 0x300 <= r && r <= 0x36f || 0x591 <= r && r <= 0x5c7 || 0x64b <= r && r <= 0x65f
}

// writtenTogether reports characters of scripts that put no space between words.
func writtenTogether(r rune) bool {
	return r >= 0xe00 && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}
