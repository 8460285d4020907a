package entities

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// maxEntities is far more than Telegram puts on one message.
const maxEntities = 1000

// Read returns a text with its entities as a Doc in canonical form. Entities may overlap, point outside the text or
// into the middle of a character: whatever they are, every character of the text is kept.
func Read(text string, list []Entity) rich.Doc {
	text = valid(text)
	r := reader{text: text, marks: marks(text, list)}
	return rich.Normal(r.quotes())
}

// A reader holds the text and the entities that mark something in it, by byte.
type reader struct {
	text  string
	marks []mark
}

// mark is an entity by bytes: from before to.
type mark struct {
	Entity
	from, to int
}

// marks turns entities into ranges of whole characters within the text. What marks nothing is left out.
func marks(text string, list []Entity) []mark {
	list = list[:min(len(list), maxEntities)]
	at := offsets(text)
	units := len(at) - 1
	var out []mark
	for _, e := range list {
		from := min(max(e.Offset, 0), units)
		to := min(max(e.Length, 0), units-from) + from
		m := mark{Entity: e, from: at[from], to: at[to]}
		if m.from < m.to {
			out = append(out, m)
		}
	}
	return out
}

// offsets gives the byte at which each UTF-16 unit begins; of a pair, both begin where the character does. The last
// is the end of the text.
func offsets(text string) []int {
	at := make([]int, 0, len(text)+1)
	for i, r := range text {
		for range unitsOf(r) {
			at = append(at, i)
		}
	}
	return append(at, len(text))
}

// stretch is a range of the text to which the same marks apply.
type stretch struct{ from, to int }

// stretches cuts a range wherever one of the marks begins or ends in it.
func (r *reader) stretches(in stretch, of func(mark) bool) []stretch {
	cuts := []int{in.from, in.to}
	for _, m := range r.marks {
		if of(m) {
			for _, c := range []int{m.from, m.to} {
				if in.from < c && c < in.to {
					cuts = append(cuts, c)
				}
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []stretch
	for i := 1; i < len(cuts); i++ {
		out = append(out, stretch{cuts[i-1], cuts[i]})
	}
	return out
}

// over finds the first mark of a kind that covers a stretch.
func (r *reader) over(s stretch, of func(mark) bool) (m mark, ok bool) {
	for _, m := range r.marks {
		if of(m) && m.from <= s.from && s.to <= m.to {
			return m, true
		}
	}
	return mark{}, false
}

func isQuote(m mark) bool { return m.Type == quote || m.Type == longQuote }

func isPre(m mark) bool { return m.Type == pre }

func isInline(m mark) bool { return !isQuote(m) && !isPre(m) }

// quotes reads the whole text.
func (r *reader) quotes() rich.Doc {
	var doc rich.Doc
	for _, s := range r.stretches(stretch{0, len(r.text)}, isQuote) {
		blocks := r.pres(s)
		if _, ok := r.over(s, isQuote); ok {
			blocks = []rich.Node{{Kind: rich.Quote, Children: blocks}}
		}
		doc = append(doc, blocks...)
	}
	return doc
}

func (r *reader) pres(in stretch) []rich.Node {
	var blocks []rich.Node
	for _, s := range r.stretches(in, isPre) {
		if m, ok := r.over(s, isPre); ok {
			blocks = append(blocks, rich.Node{Kind: rich.Pre, Text: r.text[s.from:s.to], Info: m.Language})
			continue
		}
		blocks = append(blocks, rich.Node{Kind: rich.Paragraph, Children: r.inlines(s)})
	}
	return blocks
}

func (r *reader) inlines(in stretch) []rich.Node {
	var nodes, label []rich.Node
	linked := "" // where label leads
	end := func() {
		if linked != "" && !rich.IsEmpty(label) { // a link without a label would show its address, which nobody wrote
			label = []rich.Node{{Kind: rich.Link, URL: linked, Children: label}}
		}
		nodes, label = append(nodes, label...), nil
	}
	for _, s := range r.stretches(in, isInline) {
		n, url := r.leaf(s)
		if url != linked {
			end()
			linked = url
		}
		label = append(label, n)
	}
	end()
	return nodes
}

// leaf reads a stretch with all that is marked over it; url is where it leads, if anywhere.
func (r *reader) leaf(s stretch) (n rich.Node, url string) {
	n = rich.Node{Kind: rich.Text, Text: r.text[s.from:s.to]}
	var around []rich.Kind
	for _, m := range r.marks {
		if m.from > s.from || s.to > m.to {
			continue
		}
		whole := r.text[m.from:m.to]
		switch m.Type {
		case code:
			n.Kind = rich.Code
		case link:
			url = cmp.Or(url, m.URL)
		case address:
			url = cmp.Or(url, webAddress(whole))
		case email:
			url = cmp.Or(url, "mailto:"+whole)
		case phone:
			url = cmp.Or(url, "tel:"+strings.Map(dialled, whole))
		case mention, textPerson:
			if (stretch{m.from, m.to}) == s {
				n = person(m, whole)
			}
		default:
			if kind, ok := styles[m.Type]; ok {
				around = append(around, kind)
			}
		}
	}
	for _, kind := range around {
		n = rich.Node{Kind: kind, Children: []rich.Node{n}}
	}
	return n, url
}

// webAddress completes what Telegram found to be an address: people leave the scheme out.
func webAddress(s string) string {
	if u, ok := rich.SafeURL(s); ok {
		return u
	}
	return "http://" + s
}

func dialled(r rune) rune {
	if '0' <= r && r <= '9' || r == '+' {
		return r
	}
	return -1
}

func person(m mark, name string) rich.Node {
	n := rich.Node{Kind: rich.Mention, Text: strings.TrimPrefix(name, "@")}
	if m.User != nil {
		n.Info = strconv.FormatInt(m.User.ID, 10)
	}
	return n
}
