package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Segment is a piece of a text; Hit: it is what was looked for.
type Segment struct {
	Text string
	Hit  bool
}

// span is where a text holds something.
type span struct{ start, end int }

// Hits reports which terms of the query the text holds, one bit for each.
func (q Query) Hits(text string) (terms uint) {
	terms, _ = q.look(text)
	return terms
}

// All is what Hits says of a text that holds every term.
func (q Query) All() uint { return 1<<len(q) - 1 }

// look finds the terms in a text.
func (q Query) look(text string) (terms uint, at []span) {
	if len(q) == 0 {
		return 0, nil
	}
	words := slices.Collect(Words(text))
	for i, w := range words {
		for n, t := range q {
			if w.matches(t, 0) && t.follows(words[i:]) {
				terms |= 1 << n
				last := words[i+len(t.Words)-1]
				end := last.through()
				if t.Prefix {
					end = last.End
				}
				at = append(at, span{w.Start, end})
			}
		}
	}
	return terms, at
}

// through is where the word ends, the second of two characters included.
func (w Word) through() int {
	if first, _ := utf8.DecodeRuneInString(w.Text); writtenTogether(first) {
		return w.Start + len(w.Text)
	}
	return w.End
}

// matches reports whether the word is the n-th of the term.
func (w Word) matches(t Term, n int) bool {
	if t.Prefix && n == len(t.Words)-1 {
		return strings.HasPrefix(w.Text, t.Words[n])
	}
	return w.Text == t.Words[n]
}

func (t Term) follows(words []Word) bool {
	if len(words) < len(t.Words) {
		return false
	}
	for n := range t.Words {
		if !words[n].matches(t, n) {
			return false
		}
	}
	return true
}

const (
	// maxSnippet is how many bytes of a text are shown, about.
	maxSnippet = 200
	// beforeHit is how many bytes are shown before the first thing found, about.
	beforeHit = 60
)

// Snippet is the part of a text, on one line, that begins a little before the first thing found, with what was found marked.
func (q Query) Snippet(text string) []Segment {
	text = strings.Join(strings.Fields(text), " ")
	_, at := q.look(text)
	from, to := 0, len(text)
	if len(at) > 0 && at[0].start > beforeHit {
		from = edge(text, at[0].start-beforeHit)
	}
	if to-from > maxSnippet {
		to = edge(text, from+maxSnippet)
	}
	var segments []Segment
	add := func(s string, hit bool) {
		if n := len(segments); s != "" && n > 0 && segments[n-1].Hit == hit {
			segments[n-1].Text += s
		} else if s != "" {
			segments = append(segments, Segment{s, hit})
		}
	}
	if from > 0 {
		add("…", false)
	}
	done := from
	for _, s := range at {
		if s.end > to {
			break
		}
		if s.end > done {
			add(text[done:max(done, s.start)], false)
			add(text[max(done, s.start):s.end], true)
			done = s.end
		}
	}
	add(text[done:to], false)
	if to < len(text) {
		add("…", false)
	}
	return segments
}

// edge is where a text can be cut near i: after a space if there is one close by, else between characters.
func edge(text string, i int) int {
	if n := strings.LastIndexByte(text[max(0, i-20):i], ' '); n >= 0 {
		return max(0, i-20) + n + 1
	}
	for i > 0 && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}
