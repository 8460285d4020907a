// Package entities reads and writes Telegram's form of rich text: a plain text beside a list of ranges, counted in
// UTF-16 units (https://core.telegram.org/bots/api#messageentity).
//
// Human text is never written as markup, so there is nothing in it that could be taken for some.
package entities

import (
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// Entity marks a range of a text. Offset and Length are in UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`      // text_link
	Language string `json:"language,omitempty"` // pre
	User     *User  `json:"user,omitempty"`     // text_mention
}

// User is whom a text_mention names.
type User struct {
	ID int64 `json:"id"`
}

// Types of entities that this package writes, or gives a meaning to when it reads. Every other type is its text.
const (
	bold       = "bold"
	italic     = "italic"
	underline  = "underline"
	strike     = "strikethrough"
	spoiler    = "spoiler"
	code       = "code"
	pre        = "pre"
	link       = "text_link"
	quote      = "blockquote"
	longQuote  = "expandable_blockquote"
	address    = "url"
	email      = "email"
	phone      = "phone_number"
	mention    = "mention"
	textPerson = "text_mention"
)

var styles = map[string]rich.Kind{
	bold: rich.Bold, italic: rich.Italic, underline: rich.Underline, strike: rich.Strike, spoiler: rich.Spoiler,
}

var styleTypes = map[rich.Kind]string{
	rich.Bold: bold, rich.Italic: italic, rich.Underline: underline, rich.Strike: strike, rich.Spoiler: spoiler,
}

// Units is the length of a text in UTF-16 units. An invalid byte counts as one.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// Split cuts doc into parts whose written text has at most limit units each; see rich.Split.
func Split(doc rich.Doc, limit int) []rich.Doc {
	return rich.Split(doc, limit, Size)
}

// Size is the length of doc as it will be written, in UTF-16 units.
func Size(doc rich.Doc) int {
	text, _ := Write(doc)
	return Units(text)
}

// valid replaces bytes that are no UTF-8, so that offsets mean what Telegram takes them for.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
