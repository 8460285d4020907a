// Package markdown translates between Discord's markdown and the text tree of package rich.
//
// Discord's dialect is its own: a backslash makes any character that is neither a letter, a digit nor white space
// literal, line ends are kept, "__" underlines, "||" hides, and people, channels, emoji and moments are tokens in
// angle brackets (https://docs.discord.com/developers/reference#message-formatting). Formatting is found as Discord's
// own program finds it: from a marker to the nearest closing one, whatever stands between.
//
// Write escapes every character that could begin markup, so that what a person wrote is shown as written and can be
// nothing else; it puts a zero width space where two markers of the same character meet, and Read removes those.
//
// What Discord cannot show is written as the nearest thing it can, never left out: a quote in a quote as one quote,
// what an item of a list holds as its lines, formatting around its own marker in code as text.
package markdown

import (
	"unicode/utf16"

	"github.com/skeindesk/skein/bridge/rich"
)

// Limit is the most a message's text may measure by Size. Discord's own limit is 2000 characters; who
// speaks stands there as well.
const Limit = 1750

// Names knows what people are called. A name of "" means unknown. Implementations must answer at once: Read asks
// while it parses.
type Names interface {
	User(id string) string // without a sigil
}

// Size returns the length of doc as Discord's text, in UTF-16 units: the longest of the ways of counting.
func Size(doc rich.Doc) int {
	n := 0
	for _, r := range Write(doc) {
		n += utf16.RuneLen(r)
	}
	return n
}

// Split cuts doc into parts that each fit into one message (see rich.Split).
func Split(doc rich.Doc) []rich.Doc { return rich.Split(doc, Limit, Size) }

const (
	unknownUser    = "someone"
	unknownChannel = "channel"
	unknownRole    = "role"
	zeroWidthSpace = "\u200b"
)

// A marker stands on both sides of what it formats. The order is the nesting order of package rich's canonical form.
type marker struct {
	text string
	kind rich.Kind
}

var markers = [...]marker{
	{"||", rich.Spoiler}, {"**", rich.Bold}, {"*", rich.Italic}, {"__", rich.Underline}, {"~~", rich.Strike},
}
