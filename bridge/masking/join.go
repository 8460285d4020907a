package masking

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// An edge is where a mark begins, or ends.
type edge struct {
	mark int
	end  bool
}

// A joiner makes spans of tokens.
type joiner struct {
	marks   []mark
	outside rich.Span // link and style of words outside of pairs
	inside  rich.Span // and of those that come now
	spans   []rich.Span
	last    rune   // the last character
	spaced  bool   // it is a space among words
	passed  []edge // since then

	// Where words of the original touch across the edge of a mark; found out from the original, and heeded in translations,
	// since translators lose spaces there.
	touching map[edge]bool
	original bool
	single   bool // no space of the original follows another
}

// spansOf returns what tokens of the original stand for, with the link and style for words outside of pairs.
func (s *segment) spansOf(tokens []token, outside rich.Span) ([]rich.Span, map[edge]bool) {
	j := joiner{marks: s.marks, outside: outside, touching: map[edge]bool{}, original: true}
	j.join(tokens)
	return j.spans, j.touching
}

// join returns what the tokens of a translation stand for.
func (s *segment) join(tokens []token, touching map[edge]bool) []rich.Span {
	j := joiner{marks: s.marks, outside: s.around, touching: touching, single: !strings.Contains(s.text, "  ")}
	j.join(tokens)
	return j.spans
}

func (j *joiner) join(tokens []token) {
	j.inside = j.outside
	for _, t := range tokens {
		switch t.kind {
		case words:
			span := j.inside
			span.Text = t.text
			j.add(span, true)
		case opening:
			j.passed = append(j.passed, edge{t.mark, false})
			j.inside = j.marks[t.mark].around
		case closing:
			j.passed = append(j.passed, edge{t.mark, true})
			j.inside = j.outside
		case cutOut:
			j.passed = append(j.passed, edge{t.mark, false})
			for _, span := range j.marks[t.mark].spans {
				j.add(span, false)
			}
			j.passed = append(j.passed, edge{t.mark, true})
		}
	}
}

func (j *joiner) add(span rich.Span, words bool) {
	first, _ := utf8.DecodeRuneInString(span.Text)
	if words && j.spaced && j.single && !j.original && unicode.IsSpace(first) {
		span.Text = strings.TrimLeftFunc(span.Text, unicode.IsSpace)
	}
	if span.Text == "" {
		return
	}
	if inWord(first) && inWord(j.last) && !runsOn(first) && !runsOn(j.last) {
		j.meet()
	}
	j.passed = j.passed[:0]
	j.last, _ = utf8.DecodeLastRuneInString(span.Text)
	j.spaced = words && unicode.IsSpace(j.last)
	j.spans = append(j.spans, span)
}

// meet sees to words that touch across edges.
func (j *joiner) meet() {
	apart := len(j.passed) > 0
	for _, e := range j.passed {
		if j.original {
			j.touching[e] = true
		}
		apart = apart && !j.touching[e]
	}
	if apart {
		space := j.outside
		space.Text = " "
		j.spans = append(j.spans, space)
	}
}
