package masking

import (
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge/rich"
)

// A segment is one line of the document.
type segment struct {
	line   []rich.Span // as it was
	tokens []token     // the line as a translator sees it
	marks  []mark      // by number, from 1; the first is not used
	around rich.Span   // link and style of the words, where all of the line has the same
	text   string      // the tokens, written; without the white space around
	edges  [2]string   // the white space before and after
	worded bool        // there are words for a translator in it
}

// A mark stands for something cut out, or for a link or style around words.
type mark struct {
	pair   bool
	around rich.Span   // pair: its link and style
	spans  []rich.Span // cut out: what comes back
	label  string      // cut out: what a translator sees of it
}

// A token is a part of a line.
type token struct {
	kind tokenKind
	mark int    // its number, but for words
	text string // words only
}

type tokenKind int

const (
	words tokenKind = iota
	opening
	closing
	cutOut
)

func newSegment(line []rich.Span, form Form, g *Glossary) segment {
	s := segment{line: line, marks: make([]mark, 1)}
	if runs := runsOf(line); len(runs) == 1 && !saysURL(runs[0]) {
		s.around = around(line[0])
		s.add(line, g)
	} else {
		s.around = rich.Span{Kind: rich.Text}
		for _, run := range runs {
			s.addRun(run, g)
		}
	}
	text := write(&s, form)
	s.text = strings.TrimFunc(text, unicode.IsSpace)
	before := strings.Index(text, s.text)
	s.edges = [2]string{text[:before], text[before+len(s.text):]}
	s.worded = hasLetters(s.words())
	return s
}

// runsOf divides a line where link or style change.
func runsOf(line []rich.Span) (runs [][]rich.Span) {
	start := 0
	for i := range line {
		if i > start && around(line[i]) != around(line[start]) {
			runs = append(runs, line[start:i])
			start = i
		}
	}
	return append(runs, line[start:])
}

// around returns what is around a span's text.
func around(s rich.Span) rich.Span { return rich.Span{Kind: rich.Text, URL: s.URL, Style: s.Style} }

// saysURL reports whether a run is a link that shows its address.
func saysURL(run []rich.Span) bool {
	var label strings.Builder
	for _, s := range run {
		label.WriteString(s.Text)
	}
	return run[0].URL != "" && rich.SaysURL(label.String(), run[0].URL)
}

// addRun adds spans of one link and style, with a pair of marks around their words.
func (s *segment) addRun(run []rich.Span, g *Glossary) {
	outside := around(run[0])
	if outside == s.around {
		s.add(run, g)
		return
	}
	inner := segment{marks: make([]mark, 1)}
	inner.add(run, g)
	if saysURL(run) {
		s.cut(run, "")
		return
	}
	if !hasLetters(inner.words()) {
		spans, _ := inner.spansOf(inner.tokens, outside)
		s.cut(spans, "")
		return
	}
	s.marks = append(s.marks, mark{pair: true, around: outside})
	pair := len(s.marks) - 1
	s.tokens = append(s.tokens, token{kind: opening, mark: pair})
	s.add(run, g)
	s.tokens = append(s.tokens, token{kind: closing, mark: pair})
}

// add adds spans whose link and style are seen to.
func (s *segment) add(run []rich.Span, g *Glossary) {
	for _, span := range run {
		if span.Kind != rich.Text {
			s.cut([]rich.Span{span}, "")
			continue
		}
		for _, p := range pieces(span.Text, g) {
			if !p.cut {
				s.tokens = append(s.tokens, token{kind: words, text: p.text})
				continue
			}
			back, label := span, ""
			back.Text = p.as
			if p.term {
				label = p.as
			}
			s.cut([]rich.Span{back}, label)
		}
	}
}

func (s *segment) cut(spans []rich.Span, label string) {
	s.marks = append(s.marks, mark{spans: spans, label: label})
	s.tokens = append(s.tokens, token{kind: cutOut, mark: len(s.marks) - 1})
}

// words returns the words that are not cut out.
func (s *segment) words() string { return wordsOf(s.tokens) }

func wordsOf(tokens []token) string {
	var out strings.Builder
	for _, t := range tokens {
		if t.kind == words {
			out.WriteString(t.text)
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func hasLetters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
