package knowledge

import "math/bits"

// What a word is worth that is not quite the one that was written.
const (
	worthOneError  = 0.85 // a letter wrong, missing, doubled, or two swapped
	worthTwoErrors = 0.65 // in a long word
	worthForm      = 0.75 // the same beginning and another ending
	worthPart      = 0.55 // the one is the beginning of a longer other
)

const (
	// maxLetters is how many letters of a word are compared.
	maxLetters = 24
	// minStem is how many letters two words must have in common at their beginning to be forms of one, for instance.
	minStem = 4
)

// A written word is one ready to be compared.
type written struct {
	letters []rune
	mask    uint32 // of the letters it has: a–z, and all others in the bits that remain
	stems   []string
	meant   []meaning
}

func newWritten(word string) written {
	w := written{letters: []rune(word)}
	w.letters = w.letters[:min(len(w.letters), maxLetters)]
	for _, r := range w.letters {
		w.mask |= letterBit(r)
	}
	return w
}

func letterBit(r rune) uint32 {
	if 'a' <= r && r <= 'z' {
		return 1 << (r - 'a')
	}
	return 1 << (26 + r%6)
}

// alike says how probable it is that who wrote a meant b, from 0 to 1: a typing error away, another form of it, or a part
// of it, as words are put together in German. What is the same is not asked.
func alike(a, b *written) float32 {
	if len(a.letters) < minStem || len(b.letters) < minStem {
		return 0
	}
	same := commonStart(a.letters, b.letters)
	var best float32
	switch shorter, longer := min(len(a.letters), len(b.letters)), max(len(a.letters), len(b.letters)); {
	case same >= minStem && longer-same <= 3 && 3*same >= 2*longer:
		best = worthForm
	case same >= minStem+1 && same == shorter:
		best = worthPart
	}
	errors := 1
	if len(a.letters) >= 8 {
		errors = 2
	}
	if bits.OnesCount32(a.mask&^b.mask) > errors || bits.OnesCount32(b.mask&^a.mask) > errors {
		return best
	}
	if len(a.letters) == minStem && same == 0 {
		return best // so short a word is no longer itself without its beginning
	}
	switch d := distance(a.letters, b.letters, errors); {
	case d > errors:
		return best
	case d == 2:
		return max(best, worthTwoErrors)
	}
	return worthOneError
}

func commonStart(a, b []rune) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// distance returns how many typing errors lead from a to b (a letter more, less or wrong, or two swapped), or any number over
// the limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var rows [3][maxLetters + 1]int
	before, last, this := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		this[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			c := last[j-1]
			if a[i-1] != b[j-1] {
				c++
			}
			c = min(c, last[j]+1, this[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				c = min(c, before[j-2]+1)
			}
			this[j] = c
			least = min(least, c)
		}
		if least > limit {
			return limit + 1
		}
		before, last, this = last, this, before
	}
	return last[len(b)]
}
