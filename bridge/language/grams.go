package language

import (
	"unicode"
	"unicode/utf8"
)

// Texts and words are looked at this far, in bytes of UTF-8.
const (
	maxText = 350
	maxWord = 70
)

// sums has a place for each language of the table.
type sums [60]int32

// weigh adds to out what the n-grams of a text weigh in each language, each n-gram once, less what letters cost that the
// language does not write. It returns how many n-grams there are.
func (t *table) weigh(text string, out *sums) int {
	var seen gramSet
	var letters letterSet
	var word [maxWord]byte
	length, size := 0, 0
	for i, r := range text {
		if isLetter(r) || isApostrophe(r) && beforeLetter(text[i:]) {
			r = unicode.ToLower(r)
			if r >= utf8.RuneSelf {
				letters.add(t, r, out)
			}
			length += copy(word[length:], string(r))
			continue
		}
		if length > 0 {
			t.weighWord(word[:length], &seen, out)
			size += length + 1
			length = 0
		}
		if size > maxText {
			return seen.size
		}
	}
	if length > 0 {
		t.weighWord(word[:length], &seen, out)
	}
	return seen.size
}

// weighWord cuts a word as eld does: its first four bytes with a space before, four more at every third, and its last
// four with a space after.
func (t *table) weighWord(word []byte, seen *gramSet, out *sums) {
	at := 0
	for ; at+4 < len(word); at += 3 {
		t.weighGram(pack(at == 0, word[at:at+4], false), seen, out)
	}
	t.weighGram(pack(at == 0, word[max(0, len(word)-4):], true), seen, out)
}

func (t *table) weighGram(g gram, seen *gramSet, out *sums) {
	if !seen.add(g) {
		return
	}
	e := t.entry(g)
	for _, w := range t.weights[e.start : e.start+e.count] {
		out[w.language] += int32(w.points) + floor
	}
}

// pack makes a gram of at most four bytes and the spaces around.
func pack(before bool, b []byte, after bool) gram {
	var g gram
	if after {
		g = ' '
	}
	for i := len(b) - 1; i >= 0; i-- {
		g = g<<8 | gram(b[i])
	}
	if before {
		g = g<<8 | ' '
	}
	return g
}

// isLetter reports what words are made of. Marks are not part of it, nor were they when the table was made.
func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return r <= 0xffff && unicode.IsLetter(r)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '`' || r == '’' }

// beforeLetter reports whether a letter follows the character that s begins with.
func beforeLetter(s string) bool {
	_, n := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[n:])
	return isLetter(next)
}

// A gramSet holds the few hundred grams of a text.
type gramSet struct {
	slots [512]gram
	size  int
}

// add returns false if g was there already, or if the set is full.
func (s *gramSet) add(g gram) bool {
	for i := g.hash() >> (64 - 9); ; i = (i + 1) % uint64(len(s.slots)) {
		switch {
		case s.slots[i] == g || s.size == len(s.slots)-1:
			return false
		case s.slots[i] == 0:
			s.slots[i] = g
			s.size++
			return true
		}
	}
}
