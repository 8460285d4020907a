package masking

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Term is an entry of a glossary. It is found as whole words, in capitals or not.
type Term struct {
	Text string
	As   string // its fixed translation; empty: it stays as it was written
}

// Glossary holds the terms of a site, for one pair of languages.
type Glossary struct {
	search *regexp.Regexp // nil without terms
	as     map[string]string
}

// NewGlossary makes a glossary. Of terms that begin at the same place the longest counts; empty ones do not.
func NewGlossary(terms []Term) *Glossary {
	g := &Glossary{as: map[string]string{}}
	var alternatives []string
	for _, t := range terms {
		text := strings.Join(strings.Fields(t.Text), " ")
		if text == "" || g.as[strings.ToLower(text)] != "" {
			continue
		}
		g.as[strings.ToLower(text)] = t.As
		alternatives = append(alternatives, strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
	}
	if len(alternatives) == 0 {
		return g
	}
	slices.SortStableFunc(alternatives, func(a, b string) int { return len(b) - len(a) })
	g.search = regexp.MustCompile(`(?i)(?:` + strings.Join(alternatives, "|") + `)`)
	return g
}

// find returns where the first term in s from from on begins and ends, and what it becomes; -1: there is none.
func (g *Glossary) find(s string, from int) (start, end int, as string) {
	if g == nil || g.search == nil {
		return -1, -1, ""
	}
	for from < len(s) {
		at := g.search.FindStringIndex(s[from:])
		if at == nil {
			break
		}
		start, end = from+at[0], from+at[1]
		if wordEnds(s, start) && wordEnds(s, end) {
			term := s[start:end]
			if as = g.as[strings.ToLower(strings.Join(strings.Fields(term), " "))]; as == "" {
				as = term
			}
			return start, end, as
		}
		_, n := utf8.DecodeRuneInString(s[start:])
		from = start + n
	}
	return -1, -1, ""
}

// wordEnds reports whether no word goes on across the place in s.
func wordEnds(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	return !inWord(before) || !inWord(after) || runsOn(before) || runsOn(after)
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_')
}

// runsOn reports letters of scripts that do not separate words: Thai, Lao, kana, Han.
func runsOn(r rune) bool {
	return 0x0e00 <= r && r <= 0x0eff || 0x3040 <= r && r <= 0x30ff || 0x3400 <= r && r <= 0x9fff
}
