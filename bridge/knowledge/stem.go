package knowledge

import (
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/turkish"
)

// stemmers take the endings from words, by language. For those that have none here, words with the same beginning are
// compared (see alike).
var stemmers = map[string]func(*snowballstem.Env) bool{
	"ar": arabic.Stem,
	"de": german.Stem,
	"en": english.Stem,
	"es": spanish.Stem,
	"fr": french.Stem,
	"it": italian.Stem,
	"nl": dutch.Stem,
	"pt": portuguese.Stem,
	"ru": russian.Stem,
	"tr": turkish.Stem,
}

// stem returns the word without its endings. What is not made of letters stays as it is.
func stem(language, word string) string {
	cut, known := stemmers[language]
	if !known {
		return word
	}
	for _, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			return word
		}
	}
	env := snowballstem.NewEnv(word)
	cut(env)
	if env.Current() == "" {
		return word
	}
	return env.Current()
}
