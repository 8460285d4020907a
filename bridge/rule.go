package bridge

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Rule says at which of an endpoint's desks a conversation opens its threads: that of the first whose conditions all hold.
// What a rule does not ask for holds. Where no rule holds, it opens at all of them.
type Rule struct {
	// Path is of the page on which the visitor was last: "/shop" is that page and every one below it; with * for anything,
	// as in "/*/returns", it is the whole path.
	Path      string         `json:"path,omitempty"`
	Languages []string       `json:"languages,omitempty"` // the visitor's is one of these BCP 47 tags, or one below: de is also de-AT
	Tags      []string       `json:"tags,omitempty"`      // an earlier conversation of the visitor has one of these
	Hours     When           `json:"hours,omitempty"`
	Desk      []EndpointName `json:"desk"` // some of the endpoint's
}

// When is a condition on the endpoint's hours.
type When string

const (
	Whenever When = ""
	Within   When = "within"  // it is open
	Outside  When = "outside" // it is not
)

// arrival is what rules are asked about: how a visitor comes who opens a conversation.
type arrival struct {
	page   string // its address; empty: not known
	locale string
	tags   []string // of earlier conversations
	at     time.Time
}

// desks are those of all at which a conversation opens its threads. A rule of whose desks none is left does not count.
func (r Route) desks(all []EndpointName, a arrival) []EndpointName {
	for _, rule := range r.Rules {
		if !rule.holds(a, r.Office) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(all), func(e EndpointName) bool { return !slices.Contains(rule.Desk, e) })
		if len(left) > 0 {
			return left
		}
	}
	return all
}

func (rule Rule) holds(a arrival, office Office) bool {
	if rule.Path != "" && !onPage(rule.Path, a.page) {
		return false
	}
	if len(rule.Languages) > 0 && !slices.ContainsFunc(rule.Languages, func(l string) bool { return isLanguage(a.locale, l) }) {
		return false
	}
	if len(rule.Tags) > 0 && !slices.ContainsFunc(rule.Tags, func(t string) bool { return slices.Contains(a.tags, t) }) {
		return false
	}
	return rule.Hours == Whenever || (rule.Hours == Within) == office.Open(a.at)
}

// isLanguage reports whether a locale such as "de_AT" is the language tag, or one below it.
func isLanguage(locale, tag string) bool {
	locale = strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
	return locale == tag || strings.HasPrefix(locale, tag+"-")
}

// onPage reports whether the page of an address is one that a rule's path is about.
func onPage(path, address string) bool {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return false
	}
	page := u.Path
	if page == "" {
		page = "/"
	}
	if !strings.Contains(path, "*") {
		return page == path || strings.HasPrefix(page, strings.TrimSuffix(path, "/")+"/")
	}
	return globbed(path, page)
}

// globbed reports whether text is the pattern, in which * stands for anything. It takes each piece where it comes first, which
// finds a way if there is one.
func globbed(pattern, text string) bool {
	pieces := strings.Split(pattern, "*")
	first, last := pieces[0], pieces[len(pieces)-1]
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		if _, text, ok = strings.Cut(text, piece); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, last)
}

// Tidy is the rule as it is kept: its words in lower case, each once.
func (rule Rule) Tidy() Rule {
	rule.Path, rule.Languages, rule.Tags = strings.TrimSpace(rule.Path), tidyWords(rule.Languages), tidyWords(rule.Tags)
	return rule
}

func tidyWords(list []string) (words []string) {
	for _, word := range list {
		word = strings.ToLower(clean(word))
		if word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

const (
	maxRules     = 50
	maxPath      = 200 // characters
	maxRuleWords = 30  // languages or tags of one rule
)

// checkRules says what is wrong with rules; a *Problem, which names the rule by its place.
func (s Setting) checkRules(rules []Rule) error {
	if len(rules) > maxRules {
		return badSetting("there are more than %d rules.", maxRules)
	}
	for i, rule := range rules {
		if wrong := s.wrongWith(rule); wrong != "" {
			return badSetting("rule %d: %s", i+1, wrong)
		}
	}
	return nil
}

func (s Setting) wrongWith(rule Rule) string {
	tooLong := func(word string) bool { return utf8.RuneCountInString(word) > maxFieldName }
	switch {
	case rule.Path != "" && (!strings.HasPrefix(rule.Path, "/") || utf8.RuneCountInString(rule.Path) > maxPath || clean(rule.Path) != rule.Path):
		return "write the page as its path, such as /shop or /*/returns."
	case len(rule.Languages) > maxRuleWords || slices.ContainsFunc(rule.Languages, func(l string) bool { return !languagePattern.MatchString(l) }):
		return "write languages like en, pt-BR, with commas between."
	case len(rule.Tags) > maxRuleWords || slices.ContainsFunc(rule.Tags, tooLong):
		return "write tags as words, with commas between."
	case rule.Hours != Whenever && rule.Hours != Within && rule.Hours != Outside:
		return "choose whenever, within hours or outside hours."
	case rule.Hours != Whenever && !s.Hours:
		return "this endpoint has no hours."
	case len(rule.Desk) == 0:
		return "choose where its conversations open."
	case slices.ContainsFunc(rule.Desk, func(e EndpointName) bool { return !slices.Contains(s.Desk, e) }):
		return "it names a desk that this endpoint does not have."
	}
	return ""
}
