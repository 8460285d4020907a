package knowledge

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/skeindesk/skein/bridge/search"
)

// A token is a word of a text as it is compared: folded, and what remains of it without endings, which can be written in
// more than one way, since people leave out accents.
type token struct {
	word   string
	stems  []string
	filler bool // said around what is meant
	joined bool // written in two, and added as one: "e-mail" as "email"
}

// A reader takes texts of one language apart.
type reader struct {
	language string // primary subtag, lower case
	fillers  map[string]bool
	known    map[string][]string // stems by word as it stands; nil: not kept
}

// fillerWords are the words of grammar and courtesy that are long enough to be mistyped.
func (r *reader) fillerWords() (out []string) {
	for word := range r.fillers {
		if len(word) >= minStem {
			out = append(out, word)
		}
	}
	return out
}

// read returns the tokens of a text, in order. What is written with a hyphen, or with together in any two words, is there
// once more as one word, after its parts.
func (r *reader) read(text string, together bool) []token {
	var out []token
	end, last := -1, "" // of the word before
	for w := range search.Words(text) {
		out = append(out, r.token(w.Text, text[w.Start:w.End]))
		if end >= 0 && end <= w.Start && (together || isHyphen(text[end:w.Start])) {
			whole := last + w.Text
			out = append(out, token{word: whole, stems: r.stems(whole, whole), joined: true})
		}
		end, last = w.End, w.Text
	}
	return out
}

func (r *reader) token(word, written string) token {
	filler := r.fillers[word] || len(word) == 1 && word[0] >= 'a'
	return token{word: word, stems: r.stems(word, written), filler: filler}
}

// stems returns the ways to write what remains of a word: of it as it stands, of it without accents, and of German words
// with umlauts spelled out.
func (r *reader) stems(word, written string) []string {
	if had, ok := r.known[written]; ok {
		return had
	}
	out := []string{fold(stem(r.language, word))}
	if !isASCII(written) {
		written = norm.NFC.String(strings.ToLower(written))
		add := func(s string) {
			if s = fold(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		add(stem(r.language, written))
		if r.language == "de" {
			add(stem(r.language, umlauts.Replace(written)))
		}
	}
	if r.known != nil {
		r.known[written] = out
	}
	return out
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// fold returns the first word of a text as search writes it.
func fold(text string) string {
	if isASCII(text) {
		return text
	}
	for w := range search.Words(text) {
		return w.Text
	}
	return text
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isHyphen(between string) bool {
	return between == "-" || between == "‐" || between == "‑" || between == "'" || between == "’"
}

//go:embed filler.txt
var fillerTable string

// fillers are the words of a language that say nothing about what is meant, folded. They are not to be changed.
func fillers(language string) map[string]bool { return allFillers()[language] }

var allFillers = sync.OnceValue(func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for line := range strings.Lines(fillerTable) {
		language, list, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		all[language] = map[string]bool{}
		for w := range search.Words(list) {
			all[language][w.Text] = true
		}
	}
	return all
})

// primary returns what a BCP 47 tag says about the language itself, in lower case.
func primary(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(language)
}
