package rich

import "slices"

// A Span is a leaf with everything around it: the flat form of inlines, in which formatting has no nesting to
// disagree about. Platforms that mark ranges instead of nesting (Slack's rich text, Telegram's entities) are
// written from spans and read into them.
type Span struct {
	Kind  Kind // Text, Code, Mention, Emoji or Break
	Text  string
	Info  string
	URL   string // of the Link around it, "" without one
	Style Style
}

// Style is a set of Bold, Italic, Underline, Strike and Spoiler.
type Style uint8

// The order is the nesting order of the canonical form, outermost first.
var styleKinds = [...]Kind{Spoiler, Bold, Italic, Underline, Strike}

// StyleOf returns the set of those kinds that are a style.
func StyleOf(kinds ...Kind) Style {
	var s Style
	for _, k := range kinds {
		if i := slices.Index(styleKinds[:], k); i >= 0 {
			s |= 1 << i
		}
	}
	return s
}

// Has says whether the set holds kind.
func (s Style) Has(kind Kind) bool { return s&StyleOf(kind) != 0 }

// Spans returns the canonical flat form of inlines, a Break between lines.
func Spans(inlines []Node) []Span {
	var out []Span
	for i, l := range flatten(inlines) {
		if i > 0 {
			out = append(out, Span{Kind: Break})
		}
		out = append(out, l...)
	}
	return out
}

// Inlines is the inverse of Spans: the inlines in which each span has its link and its styles around it, with
// what neighbours share around both.
func Inlines(spans []Span) []Node { return nest(spans, -1) }

func (s Span) isText() bool { return s.Kind == Text || s.Kind == Code }
