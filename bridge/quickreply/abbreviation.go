package quickreply

import (
	"iter"

	"github.com/sahilm/fuzzy"
)

// abbreviated yields, of the texts that contain the letters of q in their order and begin a word with its first, the
// index and how well q abbreviates them, from 0 to 1. Texts are folded, their words separated by single spaces.
func abbreviated(q string, texts iter.Seq[string]) iter.Seq2[int, float32] {
	return func(yield func(int, float32) bool) {
		for _, m := range fuzzy.FindFromIterNoSort(q, texts) {
			if q := quality(m.Str, m.MatchedIndexes); q > 0 && !yield(m.Index, q) {
				return
			}
		}
	}
}

// containsInOrder is a quick way to see that a text does not contain the bytes of q in their order.
func containsInOrder(text, q string) bool {
	for i := 0; q != "" && i < len(text); i++ {
		if text[i] == q[0] {
			q = q[1:]
		}
	}
	return q == ""
}

// quality says how much like an abbreviation the letters of text at the given places are: people keep the beginnings of
// words and what follows at once, then consonants; they leave out no words between.
func quality(text string, at []int) float32 {
	if !startsWord(text, at[0]) {
		return 0
	}
	var kept float32
	touched, spanned, consonants := 0, 0, 0
	last := -2
	for _, i := range at {
		switch {
		case startsWord(text, i):
			touched++
			kept++
		case i == last+1:
			kept++
		case !isVowel(text[i]):
			kept += 0.7
		default:
			kept += 0.3
		}
		last = i
	}
	for i := at[0]; i <= last; i++ {
		if startsWord(text, i) {
			spanned++
		}
	}
	for i := at[0]; i < len(text); i++ {
		if text[i] == ' ' && i > last {
			break
		}
		if text[i] != ' ' && !isVowel(text[i]) {
			consonants++
		}
	}
	n := float32(len(at))
	of := kept / n * float32(touched) / float32(spanned)
	if spanned == 1 { // one word: its consonants are what one would keep
		of *= 0.5 + 0.5*min(1, n/float32(max(consonants, 1)))
	}
	return of
}

func startsWord(text string, i int) bool { return i == 0 || text[i-1] == ' ' }

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}
