package knowledge

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/search"
)

//go:embed person.txt
var personTable string

// wishes are the words with which a person is asked for in one language. Each is a phrase: its words, folded.
type wishes struct {
	person, talk, want, between, after, phrase, not []phrase
	reversed                                        bool // what is wanted stands before the word for wanting it
}

type phrase []string

var allWishes = sync.OnceValue(func() []wishes { return readWishes(personTable) })

func readWishes(table string) (all []wishes) {
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			all = append(all, wishes{})
		}
		key, list, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		w := &all[len(all)-1]
		phrases := map[string]*[]phrase{
			"person": &w.person, "talk": &w.talk, "want": &w.want, "between": &w.between, "after": &w.after, "phrase": &w.phrase, "not": &w.not,
		}
		if key == "reversed" {
			w.reversed = true
			continue
		}
		for text := range strings.SplitSeq(list, ", ") {
			*phrases[key] = append(*phrases[key], spokenWords(text))
		}
	}
	for i := range all {
		w := &all[i]
		for _, list := range [][]phrase{w.person, w.talk, w.want, w.between, w.phrase} {
			slices.SortStableFunc(list, func(a, b phrase) int { return len(b) - len(a) }) // what is longer says more
		}
	}
	return all
}

// maxClause is how many words between two marks of punctuation are looked at.
const maxClause = 60

// WantsPerson reports whether somebody asks to talk to a person rather than to a program, in any of the widget's languages,
// also with typing errors. Who speaks of persons without asking for one does not.
func WantsPerson(text string) bool {
	all := allWishes()
	if whole := spokenWords(text[:min(len(text), 200)]); slices.ContainsFunc(all, func(w wishes) bool { return w.alone(whole) }) {
		return true
	}
	for clause := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".,;:!?\n¡¿؟،。()\"«»“”", r) }) {
		words := spokenWords(clause)
		words = words[:min(len(words), maxClause)]
		for i := range all {
			if all[i].in(words) {
				return true
			}
		}
	}
	return false
}

var contracted = strings.NewReplacer("n't", "nt", "n’t", "nt")

// spokenWords are the words of a text, folded; "n't" is one with what is before it.
func spokenWords(text string) (words phrase) {
	for w := range search.Words(contracted.Replace(text)) {
		words = append(words, w.Text)
	}
	return words
}

// in reports whether a person is asked for in these words.
func (w *wishes) in(words phrase) bool {
	for i := range words {
		if n := starts(w.phrase, words[i:]); n > 0 && !w.denied(words, i, i+n) && (n > 1 || len(words) <= 3) {
			return true
		}
		if n := starts(w.person, words[i:]); n > 0 && w.wanted(words, i, i+n) {
			return true
		}
	}
	return false
}

// alone reports whether nothing but a person is spoken of, with courtesy around.
func (w *wishes) alone(words phrase) bool {
	named := false
	for i := 0; i < len(words); {
		n := starts(w.person, words[i:])
		switch {
		case n > 0:
			named = true
		case contains(w.after, words[i]) || len(words) > 1 && courtesy()[words[i]]:
			n = 1
		default:
			return false
		}
		i += n
	}
	return named && len(words) <= 4
}

// wanted reports whether the person named from start to end is one to talk to, or is asked for.
func (w *wishes) wanted(words phrase, start, end int) bool {
	before := start
	for before > 0 && contains(w.between, words[before-1]) {
		before--
	}
	after := end
	for after < len(words) && contains(w.between, words[after]) {
		after++
	}
	for i := before; i <= start; i++ { // a word between can belong to a phrase
		if n := ends(w.talk, words[:i]); n > 0 && !w.denied(words, i-n, end) {
			return true
		}
		n := ends(w.want, words[:i])
		if n > 0 && !w.denied(words, i-n, end) && (end == len(words) || contains(w.after, words[end]) || starts(w.talk, words[after:]) > 0) {
			return true
		}
	}
	for i := end; i <= after; i++ {
		if n := starts(w.talk, words[i:]); n > 0 && !w.denied(words, start, i+n) {
			return true
		}
		if n := starts(w.want, words[i:]); w.reversed && n > 0 && !w.denied(words, start, i+n) {
			return true
		}
	}
	return false
}

// denied reports whether it is said that what stands from start to end is not wanted.
func (w *wishes) denied(words phrase, start, end int) bool {
	for moved := true; moved; {
		moved = false
		if n := ends(w.want, words[:start]); n > 0 {
			start, moved = start-n, true
		} else if start > 0 && contains(w.between, words[start-1]) {
			start, moved = start-1, true
		}
	}
	return start > 0 && contains(w.not, words[start-1]) || end < len(words) && starts(w.not, words[end:]) > 0
}

// starts returns the length of the longest of the phrases that the words begin with; 0: with none.
func starts(phrases []phrase, words phrase) int {
	for _, p := range phrases {
		if len(p) <= len(words) && p.is(words[:len(p)]) {
			return len(p)
		}
	}
	return 0
}

// ends returns the length of the longest of the phrases that the words end with; 0: with none.
func ends(phrases []phrase, words phrase) int {
	for _, p := range phrases {
		if len(p) <= len(words) && p.is(words[len(words)-len(p):]) {
			return len(p)
		}
	}
	return 0
}

func contains(phrases []phrase, word string) bool {
	return slices.ContainsFunc(phrases, func(p phrase) bool { return len(p) == 1 && p[0] == word })
}

// is reports whether the words are those of the phrase, but for a typing error in each that is long.
func (p phrase) is(words phrase) bool {
	for i, word := range words {
		if word != p[i] && !misspelt(word, p[i]) {
			return false
		}
	}
	return true
}

// misspelt reports whether a word is another with one typing error. Its beginning must be right: too many words differ in that.
func misspelt(word, meant string) bool {
	if word == "" || meant == "" || word[0] != meant[0] || len(word)-len(meant) > utf8.UTFMax || len(meant)-len(word) > utf8.UTFMax {
		return false // as nearly all are
	}
	a, b := []rune(word), []rune(meant)
	return len(a) >= 5 && len(b) >= 5 && len(a) <= maxLetters && len(b) <= maxLetters && a[0] == b[0] && distance(a, b, 1) <= 1
}

// courtesy are words of greeting, asking and thanking that can stand around anything, in every language.
var courtesy = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, word := range spokenWords(`hello hi hey please pls plz now thanks thank you a an the real hallo bitte danke ein einen einem eine echter
		hola por favor gracias un una bonjour svp merci le la l s il vous plait ciao grazie uno alsjeblieft aub een prosze dziekuje ola
		obrigado obrigada um uma пожалуйста спасибо привет lutfen merhaba bir שלום בבקשה תודה مرحبا فضلك سمحت لو من`) {
		out[word] = true
	}
	return out
})
