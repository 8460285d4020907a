package robot

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	// maxSaid is how many bytes of an answer a visitor is given.
	maxSaid = 1500
	// rooted is which share of an answer's longer words its sources have at least, where both are in one language.
	rooted = 0.3
	// longWord is how many letters a word has that says something; as many of its first letters are compared.
	longWord = 5
	// fewWords is how many longer words an answer has for them to be compared.
	fewWords = 6
)

// verify makes an answer of what a model wrote: what it says must rest on the sources that it names, as far as a program can
// tell. Everything else is left unsaid; the visitor's question, whatever it asks for, cannot make it said.
func (t *told) verify(q bridge.RobotQuestion, w *written) bridge.RobotAnswer {
	raw := w.text.String()
	said, why := readSaid(raw, w)
	switch {
	case why != "":
		return unsaid(why)
	case strings.Contains(raw, t.canary):
		return unsaid("The model told of its instructions; nothing was said.")
	case !said.Sure || strings.TrimSpace(said.Answer) == "":
		return unsaid("The model finds no answer in the knowledge.")
	case len(said.Answer) > maxSaid:
		return unsaid("The model wrote too much; nothing was said.")
	}
	sources, why := t.named(said.Sources)
	if why != "" {
		return unsaid(why)
	}
	text := rich.Of(said.Answer)
	if why := unfounded(text, q, sources); why != "" {
		return unsaid(why)
	}
	a := bridge.RobotAnswer{Text: text, Why: "Written by the model from: " + titles(sources) + "."}
	for _, p := range sources {
		a.Sources = append(a.Sources, p.Source)
		a.Confidence = max(a.Confidence, p.Confidence)
	}
	return a
}

func unsaid(why string) bridge.RobotAnswer { return bridge.RobotAnswer{Unsure: true, Why: why} }

// modelAnswer is the JSON object that a model answers with.
type modelAnswer struct {
	Answer  string   `json:"answer"`
	Sources []string `json:"sources"`
	Sure    bool     `json:"sure"`
}

// readSaid reads the one JSON object in what a model wrote, perhaps in a code block, or says why there is none to use.
func readSaid(raw string, w *written) (said modelAnswer, why string) {
	switch {
	case w.tools:
		return said, "The model asked for a tool, of which it has none; nothing was said."
	case len(raw) > maxWritten:
		return said, "The model wrote without end; nothing was said."
	case w.finish != "stop":
		return said, "The model stopped in the middle; nothing was said."
	}
	raw = strings.TrimSpace(raw)
	if fenced, ok := strings.CutPrefix(raw, "```"); ok {
		raw = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(fenced, "json"), "```"))
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&said) != nil || d.More() {
		return said, "The model did not answer in the agreed form; nothing was said."
	}
	return said, ""
}

// named are the passages that the ids stand for.
func (t *told) named(ids []string) (sources []bridge.Passage, why string) {
	if len(ids) == 0 {
		return nil, "The model named no source; nothing was said."
	}
	for _, id := range ids {
		p, given := t.sources[id]
		if !given {
			return nil, "The model named a source that there is not; nothing was said."
		}
		if !slices.ContainsFunc(sources, func(s bridge.Passage) bool { return s.Source == p.Source }) {
			sources = append(sources, p)
		}
	}
	return sources, ""
}

var (
	// address is what a person can follow somewhere: an address with or without a scheme, a mail address.
	address = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://\S+|[\pL\pN._%+-]+@[\pL\pN.-]+|\b(?:[\pL\pN-]+\.)+[\pL]{2,}\b(?:/\S*)?`)
	// number is a run of digits.
	number = regexp.MustCompile(`[0-9]+`)
	// markup is what plain text has not.
	markup = regexp.MustCompile("</?[A-Za-z!]|[{}]|```|\\]\\(")
)

// digits writes the digits of Arabic and Persian as ours.
var digits = strings.NewReplacer("٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9")

// unfounded says what of an answer is in none of its sources, "" if all is well: links, mail addresses, numbers, and most of its
// words where it is in the language of the sources.
func unfounded(text rich.Doc, q bridge.RobotQuestion, sources []bridge.Passage) string {
	said := rich.Plain(text)
	var known strings.Builder
	for _, p := range sources {
		known.WriteString("\n" + p.Title + "\n" + p.URL + "\n" + sourceText(p))
		for _, link := range links(p.Answer) {
			known.WriteString("\n" + link)
		}
	}
	have := strings.ToLower(known.String())
	for _, found := range address.FindAllString(said, -1) {
		if !strings.Contains(have, strings.ToLower(strings.TrimRight(found, ".,;:!?)'\"/"))) {
			return "The model wrote an address that its sources do not have; nothing was said."
		}
	}
	numbers := number.FindAllString(digits.Replace(have), -1)
	for _, found := range number.FindAllString(digits.Replace(said), -1) {
		if len(found) > 1 && !slices.Contains(numbers, found) {
			return "The model wrote a number that its sources do not have; nothing was said."
		}
	}
	if markup.MatchString(said) {
		return "The model wrote something else than plain text; nothing was said."
	}
	if sameLanguage(q.Language, sources) && rootless(said, have) {
		return "The model wrote something that its sources do not say; nothing was said."
	}
	return ""
}

func sameLanguage(language string, sources []bridge.Passage) bool {
	primary := func(tag string) string {
		first, _, _ := strings.Cut(strings.ToLower(tag), "-")
		return first
	}
	return language != "" && !slices.ContainsFunc(sources, func(p bridge.Passage) bool { return primary(p.Language) != primary(language) })
}

// rootless reports whether too few of an answer's longer words begin like words of its sources.
func rootless(said, have string) bool {
	known := map[string]bool{}
	for _, begin := range beginnings(have) {
		known[begin] = true
	}
	all, found := beginnings(strings.ToLower(said)), 0
	for _, begin := range all {
		if known[begin] {
			found++
		}
	}
	return len(all) >= fewWords && float64(found) < rooted*float64(len(all))
}

// beginnings are the first letters of each longer word.
func beginnings(text string) (out []string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if letters := []rune(word); len(letters) >= longWord {
			out = append(out, string(letters[:longWord]))
		}
	}
	return out
}

// links are the addresses that a text links to.
func links(nodes []rich.Node) (out []string) {
	for i := range nodes {
		if nodes[i].URL != "" {
			out = append(out, nodes[i].URL)
		}
		out = append(out, links(nodes[i].Children)...)
	}
	return out
}

func titles(sources []bridge.Passage) string {
	var all []string
	for _, p := range sources {
		all = append(all, "“"+p.Title+"”")
	}
	return strings.Join(all, ", ")
}
