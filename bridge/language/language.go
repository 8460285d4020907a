// Package language says in which language somebody writes, without asking anyone.
//
// # How
//
// What of a text is language is found first (Prose): links, code, numbers, names and the like say nothing. Then the
// n-grams of its words are looked up in a table of 60 languages, that of eld (see eld.NOTICE), and letters count that only
// some languages write. Both give points. Points are evidence: 50 of them between two languages mean that one is e times as
// likely as the other, which was measured, so Score is how often such a guess is right. Some fifteen letters are needed to
// be right in four of five cases, sixty to be right in ninety-nine of a hundred.
//
// A conversation has more than one line and a browser that says what it prefers: a Tally adds both up, and says when it
// is sure. No single line weighs more than two sentences, so that a long error message pasted into a conversation does
// not change what language it is in.
//
// # Codes
//
// Languages are named by ISO 639-1 codes, as "es", in lower case; where a person or a browser says more, as in "pt-BR" or
// "zh-Hant", that is kept. Serbian in Latin letters is taken for "hr", Indonesian for "ms", and both kinds of Norwegian are "no":
// nothing but the reader's choice tells them apart.
//
// The table takes 2 MB from the first use on. All functions may be called by many goroutines at once.
package language

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Guess is a language a text may be in.
type Guess struct {
	Code  string
	Score float64 // from 0 to 1: how likely, if the language is one of those asked for
}

// scale is how many points make one language e times as likely as another: measured, see TestScoresAreProbabilities.
const scale = 50

// Recognise returns what language a text may be in, the most likely first and none that is less likely than one in a
// thousand. With codes in among it is one of these; what the table does not know of them is left out. There is no guess
// where a text holds no language, or nothing by which to tell.
func Recognise(text string, among ...string) []Guess {
	t := loaded()
	var points sums
	if t.weigh(Prose(text), &points) == 0 {
		return nil
	}
	return t.guesses(&points, t.set(among))
}

// Known returns the codes of all languages that can be recognised, in alphabetical order.
func Known() []string { return slices.Clone(loaded().codes) }

// A set of languages has a bit for each, by its place in the table.
type set uint64

func (s set) has(i int) bool { return s&(1<<i) != 0 }

// set returns the languages that the codes name; no codes: all.
func (t *table) set(codes []string) set {
	if len(codes) == 0 {
		return 1<<len(t.codes) - 1
	}
	var out set
	for _, code := range codes {
		if i, known := slices.BinarySearch(t.codes, base(code)); known {
			out |= 1 << i
		}
	}
	return out
}

// guesses turns points into likelihoods.
func (t *table) guesses(points *sums, among set) []Guess {
	best := int32(0)
	for i, p := range points {
		if among.has(i) {
			best = max(best, p)
		}
	}
	if best == 0 {
		return nil
	}
	out := make([]Guess, 0, 8)
	total := 0.0
	for i, p := range points {
		if !among.has(i) || best-p > 10*scale {
			continue
		}
		likely := math.Exp(float64(p-best) / scale)
		total += likely
		if likely > 0.001 {
			out = append(out, Guess{t.codes[i], likely})
		}
	}
	for i := range out {
		out[i].Score /= total
	}
	slices.SortStableFunc(out, func(a, b Guess) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// base returns the table's code for a language that somebody named: "pt" for "pt-BR", "no" for "nb".
func base(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(code, "_", "-")), "-")
	return cmp.Or(alike[code], code)
}

// alike has the codes of languages that the table has by another name, or cannot tell from one that it has.
var alike = map[string]string{
	"nb": "no", "nn": "no", "id": "ms", "in": "ms", "iw": "he", "bs": "hr", "sh": "hr", "fil": "tl", "cmn": "zh", "yue": "zh", "ckb": "ku",
}
