package knowledge

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// maxAsked is how many words of a question are looked at.
	maxAsked = 40
	// maxLike is how many words somebody may have meant who mistyped one.
	maxLike = 12
	// ranked is how many articles are looked at closely.
	ranked = 24
	// ofHead is what an article gains whose title is the question.
	ofHead = 1.0
	// ofForm is what another form of a word is worth where the word itself is known, compared with where it is not.
	ofForm = 0.25
)

// An asked word is one of a question, with what it may mean.
type askedWord struct {
	token
	meant  []meaning
	weight float32
}

// candidate is an article that has something of what is asked.
type candidate struct {
	doc         int32
	base, score float32
	evidence
}

// find returns what may answer a question, best first.
func (s *shelf) find(asked []askedWord) []candidate {
	var all float32
	for i := range asked {
		all += asked[i].weight
	}
	if all == 0 {
		return nil
	}
	top := s.gather(asked, all)
	for i := range top {
		s.look(&top[i], asked, all)
	}
	slices.SortStableFunc(top, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for i := range top {
		top[i].lead = 1
		if i+1 < len(top) {
			top[i].lead = 1 - top[i+1].score/top[i].score
		}
	}
	return top
}

// gather returns the articles that have most of what is asked.
func (s *shelf) gather(asked []askedWord, all float32) []candidate {
	base, worth := make([]float32, len(s.articles)), make([]float32, len(s.articles))
	for i := range asked {
		clear(worth)
		for _, m := range asked[i].meant {
			for _, p := range s.found[m.term] {
				worth[p.doc] = max(worth[p.doc], m.worth*p.weight)
			}
		}
		for doc, w := range worth {
			base[doc] += w * asked[i].weight
		}
	}
	var top []candidate
	for doc, b := range base {
		if b > 0 {
			top = append(top, candidate{doc: int32(doc), base: b / all})
		}
	}
	slices.SortStableFunc(top, func(a, b candidate) int { return cmp.Compare(b.base, a.base) })
	return top[:min(len(top), ranked)]
}

// look compares an article with the question.
func (s *shelf) look(c *candidate, asked []askedWord, all float32) {
	var title float32
	for i := range asked {
		a := &asked[i]
		in, inHead := s.has(c.doc, a)
		title += inHead * a.weight / all
		c.covered += in * in * a.weight / all
		c.titled += inHead * inHead * a.weight / all
		if !a.filler && in > 0 {
			c.words++
		}
	}
	for i := range s.heads[c.doc] {
		c.recall = max(c.recall, s.heads[c.doc][i].asked(asked))
	}
	c.score = c.base * (1 + ofHead*c.recall*title)
}

// has returns how much of what a word may mean is in an article, and in its title or a question of it.
func (s *shelf) has(doc int32, a *askedWord) (in, inHead float32) {
	for _, m := range a.meant {
		at, found := slices.BinarySearchFunc(s.found[m.term], doc, func(p posting, d int32) int { return cmp.Compare(p.doc, d) })
		if !found {
			continue
		}
		in = max(in, m.worth)
		if s.found[m.term][at].head {
			inHead = max(inHead, m.worth)
		}
	}
	return in, inHead
}

// asked is the share of the head that the question has.
func (h *head) asked(asked []askedWord) float32 {
	if h.all == 0 {
		return 0
	}
	var sum float32
	for _, w := range h.words {
		var best float32
		for a := range asked {
			for _, m := range asked[a].meant {
				if m.worth > best && slices.Contains(w.terms, m.term) {
					best = m.worth
				}
			}
		}
		sum += best * w.weight
	}
	return sum / h.all
}

// understand says what each word of a question may mean here. The fillers are those of who asks.
func (s *shelf) understand(question string, fillers map[string]bool) []askedWord {
	var out []askedWord
	for _, t := range s.reader.read(question, true) {
		t.filler = t.filler || fillers[t.word]
		switch n := len(out); {
		case !t.joined && n >= maxAsked:
			return out
		case !t.joined:
			if first, second, ok := s.split(t); ok {
				out = append(out, s.asked(first), s.asked(second))
			} else {
				out = append(out, s.asked(t))
			}
		case n > 1: // what two words mean together, each may mean
			together, _ := s.meanings(t.stems)
			out[n-2].meant = append(out[n-2].meant, together...)
			out[n-1].meant = append(out[n-1].meant, together...)
		}
	}
	return out
}

// split takes a word apart that the articles do not have into two that they have, as "Versandkosten" into "Versand" and
// "Kosten".
func (s *shelf) split(t token) (first, second token, ok bool) {
	letters := []rune(t.word)
	if t.filler || len(letters) < 2*minStem || s.knows(t) {
		return first, second, false
	}
	for i := len(letters) - minStem; i >= minStem; i-- {
		for _, link := range []string{"", "s"} { // what German puts between
			start, linked := strings.CutSuffix(string(letters[:i]), link)
			if !linked {
				continue
			}
			first, second = s.reader.token(start, start), s.reader.token(string(letters[i:]), string(letters[i:]))
			if !first.filler && !second.filler && s.knows(first) && s.knows(second) {
				return first, second, true
			}
		}
	}
	return first, second, false
}

func (s *shelf) knows(t token) bool {
	return slices.ContainsFunc(t.stems, func(stem string) bool {
		_, known := s.terms[stem]
		return known || len(s.synonyms[stem]) > 0
	})
}

func (s *shelf) asked(t token) askedWord {
	w := askedWord{token: t}
	w.meant, w.weight = s.meanings(t.stems)
	if !t.filler {
		s.guess(&w)
	}
	if w.filler {
		w.weight *= ofFiller
	}
	return w
}

// guess adds what may be meant by a word that is mistyped, or stands in the articles in another form.
func (s *shelf) guess(w *askedWord) {
	known := len(w.meant) > 0
	typed := newWritten(w.word)
	type likeness struct {
		word int
		like float32
	}
	var near []likeness
	for i := range s.words {
		like := alike(&typed, &s.words[i])
		if like == 0 || known && like != worthForm && like != worthPart {
			continue
		}
		if known {
			like *= ofForm
		}
		near = append(near, likeness{i, like})
	}
	slices.SortStableFunc(near, func(a, b likeness) int { return cmp.Compare(b.like, a.like) })
	near = near[:min(len(near), maxLike)]
	courteous := !known && slices.ContainsFunc(s.fillers, func(f written) bool { return alike(&typed, &f) == worthOneError })
	if courteous && (len(near) == 0 || near[0].like < worthOneError) {
		w.filler = true
		return
	}
	var rarest float32
	for _, n := range near {
		for _, m := range s.words[n.word].meant {
			w.meant = append(w.meant, meaning{m.term, m.worth * n.like})
			rarest = max(rarest, s.rarity[m.term])
		}
	}
	if !known && len(w.meant) > 0 {
		w.weight = rarest
	}
	if courteous {
		w.weight /= 2
	}
}
