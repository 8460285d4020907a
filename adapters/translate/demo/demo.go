// Package demo is a translator for the demonstration, where no engine is at hand: a table of what people say in a shop, in
// English and Spanish. It translates word by word where it knows no phrase, and leaves what it does not know as it is.
package demo

import (
	"context"
	_ "embed"
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
)

//go:embed phrases.txt
var table string

// Translator translates between English and Spanish. Its zero value is ready, and may be used by many goroutines at once.
type Translator struct{}

var _ bridge.Translator = Translator{}

// Skill implements bridge.Translator.
func (Translator) Skill() bridge.Skill { return bridge.Skill{Name: "Demonstration", Markup: true} }

// Translate implements bridge.Translator.
func (Translator) Translate(_ context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	from, to := language(r.From), language(r.To)
	d := dictionaries()[[2]string{from, to}]
	if d == nil {
		return bridge.Translation{}, &bridge.Untranslated{Reason: bridge.UnknownPair, Err: errors.New("the demonstration knows English and Spanish only")}
	}
	out := bridge.Translation{From: from}
	for _, text := range r.Texts {
		out.Texts = append(out.Texts, d.translate(text))
		out.Characters += utf8.RuneCountInString(text)
	}
	return out, nil
}

func language(tag string) string {
	code, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return code
}

// A dictionary translates one way.
type dictionary struct {
	phrases map[string]string // by their words, folded, with a space between
	longest int               // words in a phrase
	spanish bool              // it translates into Spanish
}

var dictionaries = sync.OnceValue(func() map[[2]string]*dictionary {
	into, back := &dictionary{phrases: map[string]string{}, spanish: true}, &dictionary{phrases: map[string]string{}}
	for line := range strings.SplitSeq(table, "\n") {
		at := strings.IndexAny(line, "=<>")
		if at < 0 || line[0] == '#' {
			continue
		}
		english, spanish := strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:])
		if line[at] != '<' {
			into.add(english, spanish)
		}
		if line[at] != '>' {
			back.add(spanish, english)
		}
	}
	return map[[2]string]*dictionary{{"en", "es"}: into, {"es", "en"}: back}
})

func (d *dictionary) add(phrase, translation string) {
	words := strings.FieldsFunc(fold(phrase), func(r rune) bool { return !inWord(r) })
	key := strings.Join(words, " ")
	if _, known := d.phrases[key]; !known {
		d.phrases[key] = translation
	}
	d.longest = max(d.longest, len(words))
}

var accents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "’", "'")

// fold makes of words what people may leave out.
func fold(s string) string { return accents.Replace(strings.ToLower(s)) }

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’' || r == '-'
}

// tokens divides a text: marks of a masked text, entities, words, and what is between.
var tokens = regexp.MustCompile(`<[^>]*>|&\w+;|\[/?\d+\]|[\p{L}\p{N}'’-]+|[^\p{L}\p{N}'’<&\[-]+|.`)

var elements = regexp.MustCompile(`<[^>]*>`)

func (d *dictionary) translate(text string) string {
	parts := tokens.FindAllString(text, -1)
	var out strings.Builder
	sentence := true // the next word begins one
	start := 0       // where in out the sentence begins
	for i := 0; i < len(parts); {
		if !isWord(parts[i]) {
			if d.spanish {
				d.question(&out, start, parts[i])
			} else {
				parts[i] = strings.NewReplacer("¿", "", "¡", "").Replace(parts[i])
			}
			out.WriteString(parts[i])
			if strings.ContainsAny(parts[i], ".!?\n") {
				sentence, start = true, out.Len()
			}
			i++
			continue
		}
		said, n := d.phrase(parts[i:])
		if first, _ := utf8.DecodeRuneInString(parts[i]); unicode.IsUpper(first) && (sentence || n == 1 && said == parts[i]) {
			said = capitalised(said)
		}
		if sentence {
			start = out.Len()
		}
		out.WriteString(said)
		sentence = false
		i += n
	}
	return out.String()
}

func isWord(part string) bool {
	r, _ := utf8.DecodeRuneInString(part)
	return inWord(r)
}

// phrase translates the longest phrase that parts begin with, and returns how many of them that are. Phrases go on across
// spaces and commas, but not across marks.
func (d *dictionary) phrase(parts []string) (translation string, n int) {
	translation, n = parts[0], 1
	key := ""
	for i, words := 0, 0; i < len(parts) && words < d.longest; i++ {
		if !isWord(parts[i]) {
			if parts[i] != " " && parts[i] != ", " {
				break
			}
			continue
		}
		key = strings.TrimPrefix(key+" "+fold(parts[i]), " ")
		words++
		if t, known := d.phrases[key]; known {
			translation, n = t, i+1
		}
	}
	return translation, n
}

// question puts the mark in front of the sentence that ends with one, or of what follows a greeting.
func (d *dictionary) question(out *strings.Builder, start int, end string) {
	mark := ""
	switch {
	case strings.Contains(end, "?"):
		mark = "¿"
	case strings.Contains(end, "!"):
		mark = "¡"
	}
	said := out.String()
	if mark == "" || strings.ContainsAny(said[start:], "¿¡") {
		return
	}
	if greeting, _, found := strings.Cut(said[start:], ", "); found && strings.Count(elements.ReplaceAllString(greeting, ""), " ") < 2 {
		start += len(greeting) + 2
	}
	out.Reset()
	out.WriteString(said[:start] + mark + said[start:])
}

// capitalised makes the first letter a capital, also after "¿".
func capitalised(s string) string {
	for i, r := range s {
		if unicode.IsLetter(r) {
			return s[:i] + string(unicode.ToUpper(r)) + s[i+utf8.RuneLen(r):]
		}
	}
	return s
}
