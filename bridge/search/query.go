package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxText is how many bytes of what somebody types count.
	maxText = 300
	// maxTerms is how many things can be looked for at once.
	maxTerms = 12
	// minPrefix is how many bytes the beginning of a word must have to stand for all words that begin so.
	minPrefix = 2
)

// A Term is what a text has to hold: words that follow each other.
type Term struct {
	Words  []string
	Prefix bool // of the last word it is only the beginning
}

// A Query is what somebody looks for: a text has to hold every Term. One without terms finds nothing.
type Query []Term

// Parse reads what somebody types, whatever that is: words, of which the last may not be finished yet, and between quotation
// marks words that follow each other. What only a program takes for one word, as an address, is several that do.
func Parse(text string) Query {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	parts := strings.Split(quotes.Replace(text), `"`)
	var q Query
	for i, part := range parts {
		if i%2 == 1 {
			q = q.add(part, false)
			continue
		}
		words := strings.Fields(part)
		for n, word := range words {
			q = q.add(word, i == len(parts)-1 && n == len(words)-1 && strings.HasSuffix(part, word))
		}
	}
	return q
}

var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)

// add adds what a piece of text says, if that is a word at all.
func (q Query) add(text string, unfinished bool) Query {
	words := slices.Collect(Words(text))
	if n := len(words); n > 1 && words[n-2].End == words[n-1].Start && strings.HasSuffix(words[n-2].Text, words[n-1].Text) {
		words = words[:n-1] // the last of what is written together: the word before says it already
	}
	if len(words) == 0 {
		return q
	}
	t := Term{}
	for _, w := range words {
		t.Words = append(t.Words, w.Text)
	}
	last := words[len(words)-1].Text
	if first, size := utf8.DecodeRuneInString(last); writtenTogether(first) {
		t.Prefix = size == len(last)
	} else {
		t.Prefix = unfinished && len(last) >= minPrefix
	}
	return q.with(t)
}

func (q Query) with(t Term) Query {
	if len(q) == maxTerms {
		return q
	}
	if len(t.Words) > maxTerms {
		t.Words, t.Prefix = t.Words[:maxTerms], false
	}
	return append(q, t)
}
