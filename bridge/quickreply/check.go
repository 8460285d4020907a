package quickreply

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// What a reply may have at most, in characters where nothing else is said.
const (
	MaxShortcut = 40
	MaxTitle    = 150
	MaxBody     = 3500 // leaves room for a name in what the platforms take as one message
	MaxTags     = 20   // tags
	MaxTag      = 40
)

var (
	shortcutForm = regexp.MustCompile(`^\pL[\pL\pM\pN_-]*$`)
	languageForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)
)

// Tidy returns the reply as it is kept: without white space around its parts, with a title (the shortcut, if there is
// none), its texts in canonical form.
func (r Reply) Tidy() Reply {
	r.Shortcut, r.Language = strings.TrimSpace(rich.Clean(r.Shortcut)), strings.TrimSpace(r.Language)
	if r.Title = strings.Join(strings.Fields(rich.Clean(r.Title)), " "); r.Title == "" {
		r.Title = r.Shortcut
	}
	r.Body = rich.Normal(r.Body)
	var tags []string
	for _, tag := range r.Tags {
		if tag = strings.Join(strings.Fields(rich.Clean(tag)), " "); tag != "" {
			tags = append(tags, tag)
		}
	}
	r.Tags = tags
	variants := make(map[string]rich.Doc, len(r.Variants))
	for tag, body := range r.Variants {
		variants[strings.TrimSpace(tag)] = rich.Normal(body)
	}
	r.Variants = variants
	return r
}

// Check returns a sentence for people on what a tidy reply lacks or has too much of; empty: nothing.
func (r Reply) Check() string {
	switch {
	case r.Shortcut == "":
		return "The shortcut is missing."
	case !shortcutForm.MatchString(r.Shortcut):
		return "A shortcut begins with a letter and has only letters, digits, - and _."
	case utf8.RuneCountInString(r.Shortcut) > MaxShortcut:
		return fmt.Sprintf("The shortcut is longer than %d characters.", MaxShortcut)
	case utf8.RuneCountInString(r.Title) > MaxTitle:
		return fmt.Sprintf("The title is longer than %d characters.", MaxTitle)
	case len(r.Tags) > MaxTags:
		return fmt.Sprintf("There are more than %d tags.", MaxTags)
	case r.Language != "" && !languageForm.MatchString(r.Language):
		return "The language is to be a tag such as en or pt-BR."
	}
	for _, tag := range r.Tags {
		if utf8.RuneCountInString(tag) > MaxTag {
			return fmt.Sprintf("A tag is longer than %d characters.", MaxTag)
		}
	}
	if wrong := checkBody(r.Body, len(r.Files) > 0); wrong != "" {
		return wrong
	}
	for language, body := range r.Variants {
		if !languageForm.MatchString(language) {
			return "The language of a variant is to be a tag such as en or pt-BR."
		}
		if wrong := checkBody(body, false); wrong != "" {
			return wrong
		}
	}
	return ""
}

func checkBody(body rich.Doc, mayBeEmpty bool) string {
	switch n := utf8.RuneCountInString(rich.Plain(body)); {
	case n == 0 && !mayBeEmpty:
		return "The text is missing."
	case n > MaxBody:
		return fmt.Sprintf("The text is longer than %d characters.", MaxBody)
	}
	return ""
}
