// Package masking takes out of a text what a translator must not touch, and puts it back afterwards.
//
// Cut makes segments of a document: one for each line that has words in it. In a segment, what must stay as it is (links,
// code, mentions, addresses, order numbers, prices, placeholders, emoji, terms of the glossary) is a mark, and so are the
// ends of what is formatted or linked. The translator gets the words and the marks, never an address or a name that was
// masked; it may move marks about, as the word order of its language wants it. Restore reads the translation, and builds
// the document again around the original's own links, code and so on.
//
// Nothing is believed of a translator: a segment comes back translated only if each of its marks is there exactly once and
// what was cut out cannot be told apart from before; else the original's line stays. So whatever the translator does, no
// text is lost, and no link leads elsewhere.
package masking

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// Form is how marks look.
type Form int

const (
	// Elements are HTML's, and the segments are HTML: <span id="1">words</span>, and <span id="2" translate="no"
	// class="notranslate">X2</span> for what was cut out.
	Elements Form = iota
	// Numbers are for translators that know plain text only: [1]words[/1], and [2] for what was cut out.
	Numbers
)

// Masked is a document on its way to a translator and back. It may be used by many goroutines at once.
type Masked struct {
	doc      rich.Doc
	form     Form
	segments []segment
}

// Cut masks a document. A nil glossary has no terms.
func Cut(doc rich.Doc, form Form, glossary *Glossary) *Masked {
	m := &Masked{doc: rich.Normal(doc), form: form}
	eachLine(m.doc, func(line []rich.Span) {
		m.segments = append(m.segments, newSegment(line, form, glossary))
	})
	return m
}

// Texts returns what is to be translated, in reading order; nothing, if there are no words in the document.
func (m *Masked) Texts() []string {
	var out []string
	for i := range m.segments {
		if m.segments[i].worded {
			out = append(out, m.segments[i].text)
		}
	}
	return out
}

// Restore returns the document with the translations of Texts, in the same order, in the place of its words. kept is how
// many of them cannot be used, and are left as they were in the original; all are, if there are not as many texts.
func (m *Masked) Restore(texts []string) (doc rich.Doc, kept int) {
	if want := len(m.Texts()); len(texts) != want {
		return m.doc, want
	}
	lines := make([][]rich.Span, len(m.segments))
	for i := range m.segments {
		s := &m.segments[i]
		translation := s.text
		if s.worded {
			translation, texts = texts[0], texts[1:]
		}
		line, ok := s.restore(translation, m.form)
		if !ok {
			line = s.line
			kept++
		}
		lines[i] = line
	}
	return rich.Normal(withLines(m.doc, &lines)), kept
}

// eachLine calls visit for every line of paragraphs and headings, in reading order.
func eachLine(blocks []rich.Node, visit func(line []rich.Span)) {
	for i := range blocks {
		switch b := &blocks[i]; b.Kind {
		case rich.Paragraph, rich.Heading:
			for line := range linesOf(b) {
				visit(line)
			}
		case rich.Pre:
		default:
			eachLine(b.Children, visit)
		}
	}
}

// linesOf divides a block's spans at its line ends.
func linesOf(block *rich.Node) func(yield func([]rich.Span) bool) {
	return func(yield func([]rich.Span) bool) {
		spans := rich.Spans(block.Children)
		for {
			end := slices.IndexFunc(spans, func(s rich.Span) bool { return s.Kind == rich.Break })
			if end < 0 {
				yield(spans)
				return
			}
			if !yield(spans[:end]) {
				return
			}
			spans = spans[end+1:]
		}
	}
}

// withLines returns a copy of the blocks in which the lines are those given, and takes from these what it used.
func withLines(blocks []rich.Node, lines *[][]rich.Span) []rich.Node {
	out := slices.Clone(blocks)
	for i := range out {
		b := &out[i]
		switch b.Kind {
		case rich.Paragraph, rich.Heading:
			var spans []rich.Span
			for range linesOf(&blocks[i]) {
				if spans != nil {
					spans = append(spans, rich.Span{Kind: rich.Break})
				}
				spans = append(spans, (*lines)[0]...)
				*lines = (*lines)[1:]
			}
			b.Children = rich.Inlines(spans)
		case rich.Pre:
		default:
			b.Children = withLines(b.Children, lines)
		}
	}
	return out
}

// Prose returns the words of a document that somebody wrote themselves, a line each, as recognition of its language wants
// them: no code, no mentions, no emoji, no addresses, nothing quoted.
func Prose(doc rich.Doc) string {
	var out strings.Builder
	doc = slices.DeleteFunc(rich.Normal(doc), func(n rich.Node) bool { return n.Kind == rich.Quote })
	eachLine(doc, func(line []rich.Span) {
		for _, s := range line {
			if s.Kind == rich.Text && !rich.SaysURL(s.Text, s.URL) {
				out.WriteString(s.Text)
			} else {
				out.WriteByte(' ')
			}
		}
		out.WriteByte('\n')
	})
	return out.String()
}
