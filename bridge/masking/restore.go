package masking

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// restore reads the translation of a segment; false: it cannot be used.
func (s *segment) restore(translation string, form Form) ([]rich.Span, bool) {
	if !s.worded {
		spans, _ := s.spansOf(s.tokens, s.around)
		return spans, true
	}
	tokens, ok := s.read(oneLine(translation), form)
	if !ok || !s.complete(tokens) || !s.plausible(tokens) {
		return nil, false
	}
	_, tight := s.spansOf(s.tokens, s.around)
	spans := s.join(tokens, tight)
	if s.edges[0] != "" {
		spans = slices.Insert(spans, 0, rich.Span{Kind: rich.Text, Text: s.edges[0]})
	}
	if s.edges[1] != "" {
		spans = append(spans, rich.Span{Kind: rich.Text, Text: s.edges[1]})
	}
	return spans, true
}

// oneLine makes one line of a translation, since it is of one.
func oneLine(text string) string {
	text = strings.TrimFunc(rich.Clean(text), unicode.IsSpace)
	return strings.ReplaceAll(text, "\n", " ")
}

// complete reports whether each mark is there once, pairs are around something, and no pair begins within another.
func (s *segment) complete(tokens []token) bool {
	seen := make([]int, len(s.marks))
	open, filled := 0, false
	for _, t := range tokens {
		switch t.kind {
		case words:
			filled = filled || hasLetters(t.text)
		case opening:
			if open != 0 {
				return false
			}
			open, filled = t.mark, false
			seen[t.mark]++
		case closing:
			if open != t.mark || !filled {
				return false
			}
			open = 0
			seen[t.mark]++
		case cutOut:
			seen[t.mark]++
		}
	}
	for id := 1; id < len(seen); id++ {
		want := 1
		if s.marks[id].pair {
			want = 2
		}
		if seen[id] != want {
			return false
		}
	}
	return open == 0
}

// suspicious are signs of which a translation may have no more than the original: what is left of marks, and what some
// place might take for an address or a mention. All that the original had of these was cut out, if it meant something.
var suspicious = []string{"[", "]", "<", ">", "{", "}", "&", "@", "://", "www."}

// plausible reports whether the words of a translation can be those of the segment's.
func (s *segment) plausible(tokens []token) bool {
	was, is := wordsOf(s.tokens), wordsOf(tokens)
	if !hasLetters(is) || utf8.RuneCountInString(is) > 8*utf8.RuneCountInString(was)+200 {
		return false
	}
	for _, sign := range suspicious {
		if strings.Count(is, sign) > strings.Count(was, sign) {
			return false
		}
	}
	for id := 1; id < len(s.marks); id++ {
		if s.marks[id].label == "" && hasWord(is, s.label(id)) && !hasWord(was, s.label(id)) {
			return false
		}
	}
	return true
}

func hasWord(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		if wordEnds(text, at) && wordEnds(text, at+len(word)) {
			return true
		}
		from = at + len(word)
	}
}
