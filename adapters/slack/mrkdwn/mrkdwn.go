// Package mrkdwn translates between Slack's text and the text tree of package rich.
//
// Slack has two forms of one text. Messages people write arrive with both: a rich_text block, which is exact,
// and the older mrkdwn text. FromBlocks reads the first, FromText the second, for messages without blocks.
//
// A message to Slack should carry both, too. ToBlocks is what people see: the elements of rich_text hold
// literal text, so a customer's "*", "_", ":smile:" or "<!channel>" is shown as written and can be nothing
// else, and copying from it yields the same characters. ToText is the notification, what screen readers and
// search use, and what is shown where blocks are not: Slack requires it. mrkdwn has no escape for "*", "_", "~",
// "`", ":" and a leading ">", so ToText puts a zero width space behind (before ">") those that Slack would read
// as formatting; FromText removes it. "&", "<" and ">" are escaped, which is what keeps human text from becoming
// a mention, a broadcast or a link. Send with parse "none" and without link_names, so that a plain "@here" or
// "#name" stays text (https://docs.slack.dev/messaging/formatting-message-text).
//
// What Slack cannot show is written as the nearest thing it can, never left out: a heading as a bold line, a
// quote in a quote as one quote, underline and spoiler as their text, in ToText also a list as its lines and
// formatting around its own marker as text.
package mrkdwn

import (
	"unicode/utf16"

	"github.com/skeindesk/skein/bridge/rich"
)

// Limit is the most a message's text may measure by Size. Slack's own limit is 4000 characters for
// chat.update, which refuses more (https://docs.slack.dev/reference/methods/chat.update).
const Limit = 3900

// Names knows what people and channels are called. A name of "" means unknown. Implementations must answer at
// once, from memory: readers ask while they parse.
type Names interface {
	User(id string) string    // U… or W…, without a sigil
	Channel(id string) string // C…, without "#"
}

// Size returns the length of doc as message text, in UTF-16 units: what the longer of Slack's ways of counting
// gives.
func Size(doc rich.Doc) int {
	n := 0
	for _, r := range ToText(doc) {
		n += utf16.RuneLen(r)
	}
	return n
}

// Split cuts doc into parts that each fit into one message (see rich.Split).
func Split(doc rich.Doc) []rich.Doc { return rich.Split(doc, Limit, Size) }

// shown holds the words that stand in for what has no name. A reader outside the workspace never sees an id.
const (
	unknownUser    = "someone"
	unknownChannel = "channel"
	unknownGroup   = "group"
)

func userName(names Names, id, label string) string {
	if names != nil {
		if name := names.User(id); name != "" {
			return name
		}
	}
	if label != "" {
		return label
	}
	return unknownUser
}

func channelName(names Names, id, label string) string {
	if names != nil {
		if name := names.Channel(id); name != "" {
			return name
		}
	}
	if label != "" {
		return label
	}
	return unknownChannel
}
