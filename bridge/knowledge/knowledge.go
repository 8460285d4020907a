package knowledge

import (
	"cmp"
	"maps"
	"slices"

	"github.com/skeindesk/skein/bridge/rich"
)

// Article is something the team knows: a question and its answer, or a text under a title.
type Article struct {
	ID        string   // of the article in all its languages
	Language  string   // BCP 47; empty: unknown
	Title     string   // or the question
	Questions []string // other ways to ask for it
	Body      rich.Doc
	URL       string // where visitors can read it; empty: nowhere
}

// Hit is an article that may answer a question.
type Hit struct {
	Article    *Article // of the index: not to be changed
	Score      float64  // comparable within one search and language only
	Confidence float64  // from 0 to 1: how probable it is that the article answers the question
	Lead       float64  // from 0 to 1: how clearly it comes before the next; 1 where it is the only one
	Passage    string   // the part of its body that comes nearest to the question, plain
}

// Index finds articles. It is made once of a set of articles and never changes: any number of goroutines may search it.
type Index struct {
	articles []Article
	shelves  []*shelf           // one for each language
	same     map[string][]int32 // articles by ID, where there are several
}

// Build returns an index of the articles. Those with the same ID are one article in several languages.
func Build(articles []Article) *Index {
	x := &Index{articles: slices.Clone(articles), same: map[string][]int32{}}
	by := map[string][]int32{}
	for i := range x.articles {
		a, n := &x.articles[i], int32(i)
		by[primary(a.Language)] = append(by[primary(a.Language)], n)
		if a.ID != "" {
			x.same[a.ID] = append(x.same[a.ID], n)
		}
	}
	maps.DeleteFunc(x.same, func(_ string, all []int32) bool { return len(all) == 1 })
	for _, language := range slices.Sorted(maps.Keys(by)) {
		x.shelves = append(x.shelves, newShelf(language, x.articles, by[language]))
	}
	return x
}

// What to do with the best hit, by its confidence.
const (
	Sure     = 0.75 // and more: answer with it
	Possible = 0.6  // and more: ask whether it was meant. Below, nothing was found that is worth showing
)

// abroad is how probable it is that somebody wants an answer in another language than theirs, where theirs has one as well.
const abroad = 0.7

// Find returns at most n articles that may answer the question, best first, none of them twice in several languages. The
// language is the asker's, as a BCP 47 tag, empty: unknown; what is there in it is given in it.
func (x *Index) Find(question, language string, n int) []Hit {
	own := primary(language)
	var lists []*list
	asked := map[*shelf][]askedWord{}
	for _, s := range x.shelves {
		l := &list{shelf: s, worth: 1}
		if own != "" && s.language != own {
			l.worth = abroad
		}
		asked[s] = s.understand(question, fillers(own))
		if l.rest = s.find(asked[s]); len(l.rest) > 0 {
			lists = append(lists, l)
		}
	}
	var hits []Hit
	seen := map[string]bool{}
	for len(hits) < n && len(lists) > 0 {
		best := slices.MaxFunc(lists, func(a, b *list) int { return cmp.Compare(a.next(), b.next()) })
		c := best.rest[0]
		if best.rest = best.rest[1:]; len(best.rest) == 0 {
			lists = slices.DeleteFunc(lists, func(l *list) bool { return l == best })
		}
		number := x.in(own, best.shelf.articles[c.doc])
		a := &x.articles[number]
		if a.ID != "" && seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		s := x.shelf(a)
		hits = append(hits, Hit{
			Article: a, Score: float64(c.score), Confidence: best.worth * c.confidence(), Lead: float64(c.lead),
			Passage: s.passage(s.doc(number), a.Body, asked[s]),
		})
	}
	return hits
}

// in returns the same article in a language, if it is there, or else as it is.
func (x *Index) in(language string, article int32) int32 {
	for _, other := range x.same[x.articles[article].ID] {
		if language != "" && primary(x.articles[other].Language) == language && primary(x.articles[article].Language) != language {
			return other
		}
	}
	return article
}

// shelf is where an article stands.
func (x *Index) shelf(a *Article) *shelf {
	at, _ := slices.BinarySearchFunc(x.shelves, primary(a.Language), func(s *shelf, l string) int { return cmp.Compare(s.language, l) })
	return x.shelves[at]
}

// list is what one shelf has found, best first.
type list struct {
	shelf *shelf
	rest  []candidate
	worth float64
}

// next says how good the next of the list is. Scores of different shelves cannot be compared; probabilities can.
func (l *list) next() float64 { return l.worth * l.rest[0].confidence() }
