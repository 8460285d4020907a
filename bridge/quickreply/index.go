package quickreply

import (
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/skeindesk/skein/bridge/rich"
)

// What a word says about a reply, by where it stands.
const (
	inShortcut = 0.9
	inTitle    = 1.0
	inTags     = 0.6
	inBody     = 0.5
	ofAll      = 0.5 // times its share of the shortcut or the title, added there
)

// Index finds replies. It is made once of a set of replies and never changes: any number of goroutines may search it.
type Index struct {
	replies []Reply
	entries []entry
	terms   []term
	heads   []head           // of the terms: looked through in every search
	ids     map[string]int32 // of terms, by their text
	found   [][]posting      // by term
	most    []int            // indices of replies, the most used first
	rarity  []float32        // by the number of replies that have a word
	scratch sync.Pool
}

// entry is what a search wants to know about a reply.
type entry struct {
	shortcut string // its Key
	title    string
	mask     uint32 // of the letters in both
	starts   uint32 // of the letters their words begin with
	use      float32
}

type posting struct {
	reply  int32
	weight float32
}

// NewIndex returns an index of the replies. Their bodies are searched in every language.
func NewIndex(replies []Reply) *Index {
	x := &Index{replies: slices.Clone(replies), entries: make([]entry, len(replies)), ids: map[string]int32{}}
	x.scratch.New = func() any { return new(scratch) }
	for n := range len(replies) + 1 {
		x.rarity = append(x.rarity, float32(math.Log(1+float64(len(replies))/float64(max(n, 1)))+0.5))
	}
	b := builder{Index: x}
	texts := make([]fields, len(replies))
	for i := range x.replies {
		texts[i] = b.read(i, &x.replies[i])
	}
	for i := range texts {
		b.add(int32(i), &texts[i])
	}
	for i := range x.terms {
		x.heads = append(x.heads, x.terms[i].head)
	}
	b.rank()
	return x
}

// A builder fills an index.
type builder struct {
	*Index
	in []int // by term: how many replies have it
}

// fields are the terms of a reply by where they stand.
type fields struct{ shortcut, title, tags, body []int32 }

// read finds out which words a reply has.
func (b *builder) read(i int, r *Reply) fields {
	text := rich.Plain(r.Body)
	for _, variant := range r.Variants {
		text += "\n" + rich.Plain(variant)
	}
	f := fields{b.number(r.Shortcut), b.number(r.Title), b.number(strings.Join(r.Tags, " ")), b.number(text)}
	all := slices.Concat(f.shortcut, f.title, f.tags, f.body)
	slices.Sort(all)
	for _, id := range slices.Compact(all) {
		b.in[id]++
	}
	e := &b.entries[i]
	e.shortcut, e.title = Key(r.Shortcut), strings.Join(words(r.Title), " ")
	for _, id := range slices.Concat(f.shortcut, f.title) {
		t := &b.terms[id]
		e.mask |= t.mask
		e.starts |= letterBit(t.runes[0])
	}
	return f
}

// number returns the numbers of a text's words.
func (b *builder) number(text string) []int32 {
	var out []int32
	for _, word := range spellings(text) {
		id, known := b.ids[word]
		if !known {
			id = int32(len(b.terms)) //nolint:gosec // there is no room for so many words
			b.ids[word] = id
			b.terms, b.in, b.found = append(b.terms, newTerm(word)), append(b.in, 0), append(b.found, nil)
		}
		out = append(out, id)
	}
	return out
}

// add weighs a reply's words.
func (b *builder) add(reply int32, f *fields) {
	put := func(terms []int32, in, share float32) {
		var all float32
		for _, id := range terms {
			all += b.rarity[b.in[id]]
		}
		for _, id := range terms {
			weight := in + share*b.rarity[b.in[id]]/all
			if had := b.found[id]; len(had) > 0 && had[len(had)-1].reply == reply {
				had[len(had)-1].weight = max(had[len(had)-1].weight, weight)
				continue
			}
			b.found[id] = append(b.found[id], posting{reply, weight})
		}
	}
	put(f.body, inBody, 0)
	put(f.tags, inTags, 0)
	put(f.title, inTitle, ofAll)
	put(f.shortcut, inShortcut, ofAll)
}

// rank puts replies in the order of their use.
func (b *builder) rank() {
	var most float64
	for i := range b.replies {
		b.most = append(b.most, i)
		most = max(most, float64(b.replies[i].Uses))
	}
	for i := range b.replies {
		if most > 0 {
			b.entries[i].use = float32(math.Log1p(float64(max(b.replies[i].Uses, 0))) / math.Log1p(most))
		}
	}
	slices.SortStableFunc(b.most, func(i, j int) int {
		x, y := &b.replies[i], &b.replies[j]
		switch {
		case x.Uses != y.Uses:
			return int(max(-1, min(1, y.Uses-x.Uses)))
		case !x.LastUsed.Equal(y.LastUsed):
			return y.LastUsed.Compare(x.LastUsed)
		}
		return strings.Compare(x.Shortcut, y.Shortcut)
	})
}
