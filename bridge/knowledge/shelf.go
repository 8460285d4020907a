package knowledge

import (
	_ "embed"
	"math"
	"slices"
	"strings"
)

// How much a word says about an article by where it stands and how often.
const (
	inHead     = 4.0  // of the title or a question; once in the body is 1
	inLead     = 3.0  // of the body's first paragraph
	saturation = 1.6  // how soon more of the same says no more
	lengthy    = 0.5  // how much less a word says in a longer body
	ofRarity   = 0.4  // how much more words say that few articles have: this power of the usual logarithm
	ofFiller   = 0.2  // what words of grammar and courtesy weigh
	ofSynonym  = 0.65 // what a word is worth that is used for the one asked
)

// shelf holds the articles of one language.
type shelf struct {
	language string
	reader   reader // for questions
	articles []int32
	terms    map[string]int32     // by what remains of a word without endings
	found    [][]posting          // by term
	rarity   []float32            // by term
	synonyms map[string][]meaning // what else a word may mean, by what remains of it
	words    []written            // all words as they stand, for those mistyped
	fillers  []written            // words of grammar and courtesy, for the same
	heads    [][]head             // by article: its title and questions
	bodies   [][][]int32          // by article: the terms of each paragraph
}

// posting is an article that has a term.
type posting struct {
	doc    int32
	weight float32
	head   bool // in its title or a question
}

// meaning is a term that somebody may have meant, and how probable that is, from 0 to 1.
type meaning struct {
	term  int32
	worth float32
}

// head is the title or a question of an article.
type head struct {
	words []headWord
	all   float32 // weight of all words
}

type headWord struct {
	terms  []int32 // ways to write it
	weight float32
}

func newShelf(language string, articles []Article, mine []int32) *shelf {
	s := &shelf{language: language, articles: mine, terms: map[string]int32{}, heads: make([][]head, len(mine))}
	s.reader = reader{language: language, fillers: fillers(language)}
	b := shelfBuilder{shelf: s, reader: s.reader, written: map[string]bool{}}
	b.reader.known = map[string][]string{}
	texts := make([]counted, len(mine))
	var all float32
	for i, n := range mine {
		texts[i] = b.count(&articles[n])
		all += texts[i].length
	}
	s.found = make([][]posting, len(s.terms))
	for i := range texts {
		b.post(int32(i), &texts[i], max(1, all/float32(len(mine))))
	}
	for t := range s.found {
		s.rarity = append(s.rarity, rarity(len(s.found[t]), len(mine)))
	}
	for i := range texts {
		s.bodies = append(s.bodies, texts[i].paragraphs)
		for _, tokens := range texts[i].heads {
			s.heads[i] = append(s.heads[i], b.head(tokens))
		}
	}
	s.synonyms = b.relate()
	b.mean()
	return s
}

// doc is the place of an article here.
func (s *shelf) doc(article int32) int32 {
	at, _ := slices.BinarySearch(s.articles, article)
	return int32(at) //nolint:gosec // an index
}

// rarity is how much a word says that n of all articles have.
func rarity(n, all int) float32 {
	return float32(math.Pow(math.Log(1+(float64(all-n)+0.5)/(float64(n)+0.5)), ofRarity))
}

// A shelfBuilder fills a shelf.
type shelfBuilder struct {
	*shelf
	reader  reader
	written map[string]bool // the words that are there
}

// counted is an article taken apart.
type counted struct {
	heads      [][]token
	head       map[int32]bool    // the terms of its heads
	body       map[int32]float32 // how often each term is in its body
	length     float32           // of its body, in words
	paragraphs [][]int32         // the terms of each, without words of grammar
}

func (b *shelfBuilder) count(a *Article) counted {
	c := counted{body: map[int32]float32{}, head: map[int32]bool{}}
	for _, text := range append([]string{a.Title}, a.Questions...) {
		tokens := b.reader.read(text, true)
		c.heads = append(c.heads, tokens)
		for _, t := range tokens {
			for _, term := range b.number(t) {
				c.head[term] = true
			}
		}
	}
	for i, text := range paragraphs(a.Body) {
		times := float32(1)
		if i == 0 {
			times = inLead
		}
		var inside []int32
		for _, t := range b.reader.read(text, false) {
			terms := b.number(t)
			for _, term := range terms {
				c.body[term] += times
			}
			if !t.filler {
				inside = append(inside, terms[0])
			}
			c.length++
		}
		slices.Sort(inside)
		c.paragraphs = append(c.paragraphs, slices.Clone(slices.Compact(inside)))
	}
	return c
}

// number returns the numbers of a token's terms.
func (b *shelfBuilder) number(t token) []int32 {
	terms := make([]int32, len(t.stems))
	for i, s := range t.stems {
		id, known := b.terms[s]
		if !known {
			id = int32(len(b.terms)) //nolint:gosec // there is no room for so many words
			b.terms[s] = id
		}
		terms[i] = id
	}
	b.write(t)
	return terms
}

// write adds a word to those that may be mistyped.
func (b *shelfBuilder) write(t token) {
	if !t.filler && !b.written[t.word] {
		b.written[t.word] = true
		w := newWritten(t.word)
		w.stems = t.stems
		b.words = append(b.words, w)
	}
}

func (b *shelfBuilder) post(doc int32, c *counted, average float32) {
	long := 1 - lengthy + lengthy*c.length/average
	add := func(term int32, n float32, head bool) {
		b.found[term] = append(b.found[term], posting{doc, n * (1 + saturation) / (n + saturation), head})
	}
	for term := range c.head {
		add(term, inHead+c.body[term]/long, true)
	}
	for term, n := range c.body {
		if !c.head[term] {
			add(term, n/long, false)
		}
	}
}

func (b *shelfBuilder) head(tokens []token) (h head) {
	for _, t := range tokens {
		if t.joined {
			continue
		}
		w := headWord{terms: b.number(t)}
		w.weight = b.rarity[w.terms[0]]
		if t.filler {
			w.weight *= ofFiller
		}
		h.words, h.all = append(h.words, w), h.all+w.weight
	}
	return h
}

//go:embed synonyms.txt
var synonymTable string

// relate reads which words are used for one another here.
func (b *shelfBuilder) relate() map[string][]meaning {
	out := map[string][]meaning{}
	for line := range strings.Lines(synonymTable) {
		of, list, ok := strings.Cut(line, ": ")
		if !ok || of != b.language {
			continue
		}
		group := b.reader.read(list, false)
		for _, t := range group {
			b.write(t)
			for _, s := range t.stems {
				out[s] = append(out[s], b.others(t, group, out[s])...)
			}
		}
	}
	return out
}

// others are the terms that the other words of a group stand for, without those that are there already.
func (b *shelfBuilder) others(t token, group []token, have []meaning) (out []meaning) {
	for _, other := range group {
		for _, s := range other.stems {
			term, known := b.terms[s]
			m := meaning{term, ofSynonym}
			if known && !slices.Contains(t.stems, s) && !slices.Contains(have, m) && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}

// mean says what each word means that may be mistyped.
func (b *shelfBuilder) mean() {
	for i := range b.words {
		b.words[i].meant, _ = b.meanings(b.words[i].stems)
		b.words[i].stems = nil
	}
	for _, filler := range b.reader.fillerWords() {
		b.shelf.fillers = append(b.shelf.fillers, newWritten(filler))
	}
}

// meanings returns what a word may mean, without typing errors, and what it weighs.
func (s *shelf) meanings(stems []string) (out []meaning, weight float32) {
	weight = rarity(0, len(s.articles))
	for _, stem := range stems {
		if term, known := s.terms[stem]; known {
			out, weight = append(out, meaning{term, 1}), min(weight, s.rarity[term])
		}
	}
	literal := len(out) > 0
	for _, stem := range stems {
		out = append(out, s.synonyms[stem]...)
	}
	if !literal {
		for _, m := range out {
			weight = min(weight, s.rarity[m.term])
		}
	}
	return out, weight
}
