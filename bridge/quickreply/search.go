package quickreply

import (
	"slices"
	"strings"
)

// maxWords is how many words of a query are looked at.
const maxWords = 12

// Hit is a reply that was found.
type Hit struct {
	Reply Reply
	Score float32 // comparable within one search only
	Exact bool    // the query is its shortcut
}

// usePrior is what the most used reply gains over one that was never used.
const usePrior = 0.04

// aboveAll is more than any reply can be worth for its words.
const aboveAll = 2

// scratch is the room that one search needs.
type scratch struct {
	worth  [][]float32 // by the query's word and reply
	like   []likeTerm
	chosen []int32
	order  []scored
}

type likeTerm struct {
	term int
	like float32
}

type scored struct {
	reply int32
	score float32
	exact bool
}

// Search returns what the agent may have meant, best first, at most limit: the team's replies and the agent's own. An
// empty query is answered with what is used most. What is returned belongs to the index and must not be changed.
func (x *Index) Search(query string, agent int64, limit int) []Hit {
	asked := words(query)
	asked = asked[:min(len(asked), maxWords)]
	if len(asked) == 0 {
		return x.mostUsed(agent, limit)
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.clear(len(asked), len(x.replies))
	rarity := make([]float32, len(asked))
	for i, word := range asked {
		rarity[i] = x.weigh(s, word, s.worth[i])
	}
	for i := 1; i < len(asked); i++ {
		x.join(asked[i-1]+asked[i], s.worth[i-1], s.worth[i])
	}
	return x.best(s, asked, rarity, agent, limit)
}

func (s *scratch) clear(asked, replies int) {
	for len(s.worth) < asked {
		s.worth = append(s.worth, make([]float32, replies))
	}
	for _, w := range s.worth[:asked] {
		clear(w)
	}
	s.order = s.order[:0]
}

// weigh notes what a word of the query is worth in every reply, and returns how rare it is.
func (x *Index) weigh(s *scratch, word string, worth []float32) (rarity float32) {
	_, known := x.ids[word]
	q := newTyped(word, known)
	x.alike(s, &q)
	var closest float32
	for _, l := range s.like {
		closest = max(closest, l.like)
	}
	has := 0
	for _, l := range s.like {
		if l.like >= 0.95*closest {
			has += len(x.found[l.term])
		}
		for _, p := range x.found[l.term] {
			worth[p.reply] = max(worth[p.reply], l.like*l.like*p.weight)
		}
	}
	if closest < 0.9 && len(q.runes) >= 2 {
		x.abbreviations(s, &q, worth)
	}
	return x.rarity[min(has, len(x.replies))]
}

// alike lists the terms that may have been meant.
func (x *Index) alike(s *scratch, q *typed) {
	s.like, s.chosen = s.like[:0], s.chosen[:0]
	for i := range x.heads {
		h := &x.heads[i]
		var like float32
		if q.mayMean(h) {
			like = q.likeness(&x.terms[i])
		}
		if like > 0 {
			s.like = append(s.like, likeTerm{i, like})
		} else if q.mayAbbreviate(h) && containsInOrder(x.terms[i].text, q.text) {
			s.chosen = append(s.chosen, int32(i))
		}
	}
	texts := func(yield func(string) bool) {
		for _, i := range s.chosen {
			if !yield(x.terms[i].text) {
				return
			}
		}
	}
	for i, quality := range abbreviated(q.text, texts) {
		s.like = append(s.like, likeTerm{int(s.chosen[i]), 0.85 * quality})
	}
}

// abbreviations adds what the word is worth as an abbreviation of several words of a title or a shortcut.
func (x *Index) abbreviations(s *scratch, q *typed, worth []float32) {
	x.abbreviate(s, q, worth, func(e *entry) string { return e.title })
	x.abbreviate(s, q, worth, func(e *entry) string { return e.shortcut })
}

func (x *Index) abbreviate(s *scratch, q *typed, worth []float32, text func(*entry) string) {
	s.chosen = s.chosen[:0]
	first := letterBit(q.first)
	for i := range x.entries {
		e := &x.entries[i]
		if q.mask&^e.mask == 0 && e.starts&first != 0 && containsInOrder(text(e), q.text) {
			s.chosen = append(s.chosen, int32(i))
		}
	}
	texts := func(yield func(string) bool) {
		for _, i := range s.chosen {
			if !yield(text(&x.entries[i])) {
				return
			}
		}
	}
	for i, quality := range abbreviated(q.text, texts) {
		r := s.chosen[i]
		worth[r] = max(worth[r], 0.9*quality*(inTitle+ofAll/2))
	}
}

// join counts two words of the query as one where replies have them so.
func (x *Index) join(word string, first, second []float32) {
	if id, known := x.ids[word]; known {
		for _, p := range x.found[id] {
			first[p.reply], second[p.reply] = max(first[p.reply], p.weight), max(second[p.reply], p.weight)
		}
	}
}

// best puts the replies in order.
func (x *Index) best(s *scratch, asked []string, rarity []float32, agent int64, limit int) []Hit {
	var all float32
	for _, r := range rarity {
		all += r
	}
	typed := strings.Join(asked, " ")
	for i := range x.replies {
		if owner := x.replies[i].Owner; owner != 0 && owner != agent {
			continue
		}
		var sum, covered float32
		for w := range asked {
			v := s.worth[w][i]
			sum += rarity[w] * v
			covered += rarity[w] * min(1, 2*v)
		}
		if sum == 0 {
			continue
		}
		e := &x.entries[i]
		score := sum / all * covered / all * (1 + usePrior*e.use)
		exact := typed == e.shortcut
		if exact {
			score += aboveAll
		}
		s.keep(scored{int32(i), score, exact}, limit)
	}
	hits := make([]Hit, len(s.order))
	for i, o := range s.order {
		hits[i] = Hit{Reply: x.replies[o.reply], Score: o.score, Exact: o.exact}
	}
	return hits
}

// keep puts a reply in its place among the best.
func (s *scratch) keep(r scored, limit int) {
	at := len(s.order)
	for at > 0 && s.order[at-1].score < r.score {
		at--
	}
	if at < limit {
		s.order = slices.Insert(s.order, at, r)
		s.order = s.order[:min(len(s.order), limit)]
	}
}

func (x *Index) mostUsed(agent int64, limit int) (hits []Hit) {
	for _, i := range x.most {
		if owner := x.replies[i].Owner; len(hits) < limit && (owner == 0 || owner == agent) {
			hits = append(hits, Hit{Reply: x.replies[i]})
		}
	}
	return hits
}
