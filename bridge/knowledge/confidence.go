package knowledge

import "math"

// evidence is what speaks for an article being the answer. Shares are from 0 to 1, and of weight, so that rare words count
// more; what is only probably meant counts less.
type evidence struct {
	covered float32 // the share of the question that the article has
	titled  float32 // the share of the question that its title, or a question of it, has
	recall  float32 // the share of that title which is asked
	lead    float32 // how much of its score the next article has not
	words   int     // how many words that say something it has
}

// confidence is how probable it is that the article answers the question: a logistic regression over the questions and the
// small talk of testdata that are marked "tune". What shares nothing but words of grammar is no answer, however much that is.
func (e *evidence) confidence() float64 {
	if e.words == 0 {
		return 0
	}
	z := -4.82 + 1.03*e.covered + 1.59*e.titled + 1.39*e.recall + 2.92*e.lead*e.covered + 4.62*float32(min(e.words, 3))/3
	return 1 / (1 + math.Exp(-float64(z)))
}
