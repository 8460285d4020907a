package slack

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// card is the first message of a thread: what changes most comes first, at most five lines, then the buttons.
func (a *Adapter) card(d bridge.Delivery) post {
	name := orText(plainName(d.Visitor.Profile.Name), "A visitor")
	section := slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, cardText(name, d), false, true), nil, nil)
	return post{
		Text:   stateWord(d.Conversation) + ": " + literal(name) + " on " + literal(string(d.Conversation.Endpoint)),
		Blocks: append([]slackgo.Block{section}, offerBlocks(a.cardOffers(d.Conversation.State), subject{})...),
	}
}

// maxSection is what Slack takes as the text of a section (S:reference/block-kit/blocks/section-block).
const maxSection = 3000

// cardText leaves out what a visitor can make long, the page first, where all of it is more than Slack takes: it counts a
// text as it is sent, in which & is &amp;, and without its card a thread cannot be opened.
func cardText(name string, d bridge.Delivery) (lines string) {
	about := aboutCard(d)
	join := func(page string) string {
		return strings.Join(append([]string{standing(d.Conversation), who(name, d.Visitor), whence(d, page)}, about...), "\n")
	}
	if lines = join(pageLink(d.Visitor.Page)); !isSection(lines) {
		lines = join("")
	}
	for len(about) > 0 && !isSection(lines) { // the recap is last
		about = about[:len(about)-1]
		lines = join("")
	}
	return lines
}

// isSection counts as JavaScript does, which is never less than how many characters there are.
func isSection(s string) bool { return len(utf16.Encode([]rune(s))) <= maxSection }

func stateWord(c bridge.Conversation) string {
	switch c.State {
	case bridge.StateRobot:
		return "Robot"
	case bridge.StateAssigned:
		return "Assigned"
	case bridge.StateClosed:
		return "Closed"
	default:
		return "Unassigned"
	}
}

// standing is the line that changes: the state with its shape, who owns the conversation, and how long the visitor has
// waited.
func standing(c bridge.Conversation) string {
	line := "*" + stateWord(c) + "*"
	switch c.State {
	case bridge.StateRobot:
		line = ":robot_face: " + line + " · the robot answers"
	case bridge.StateAssigned:
		line = ":large_blue_circle: " + line + " · " + literal(orText(plainName(c.OwnerName), unknownAgent))
	case bridge.StateClosed:
		return ":white_check_mark: " + line
	default:
		line = ":large_orange_circle: " + line
	}
	if !c.WaitingSince.IsZero() {
		line += " · waiting since " + ago(c.WaitingSince)
	}
	return line
}

// ago is a moment as each reader's clock tells it (S:messaging/formatting-message-text#date-formatting).
func ago(t time.Time) string {
	return "<!date^" + strconv.FormatInt(t.Unix(), 10) + "^{date_short_pretty} at {time}|" + t.UTC().Format("2 Jan 15:04") + " UTC>"
}

func who(name string, v bridge.Visitor) string {
	line := bold(name) + " · not verified"
	if v.Verified {
		line = bold(name) + " · verified"
	}
	for _, detail := range []string{v.Profile.Email, v.Profile.Phone} {
		if detail = plainName(detail); detail != "" {
			line += " · " + literal(detail)
		}
	}
	return line
}

// maxAddress is the longest page address that becomes a link.
const maxAddress = 1000

// pageLink is the page that the visitor is on; "" for none.
func pageLink(p bridge.Page) string {
	address, ok := rich.SafeURL(p.URL)
	if !ok || len(address) > maxAddress {
		return ""
	}
	title := orText(clip(plainName(p.Title), maxName), address)
	return " · " + inline(rich.Node{Kind: rich.Link, URL: address, Children: []rich.Node{{Kind: rich.Text, Text: title}}})
}

func whence(d bridge.Delivery, page string) string {
	line := literal(string(d.Conversation.Endpoint)) + page
	for _, detail := range []string{d.Visitor.Device, d.Visitor.Place, d.Spoken()} {
		if detail = plainName(detail); detail != "" {
			line += " · " + literal(detail)
		}
	}
	switch {
	case d.Card == nil || d.Card.Earlier == 0:
		return line
	case d.Card.Earlier == 1:
		return line + " · 1 earlier conversation"
	default:
		return line + " · " + strconv.Itoa(d.Card.Earlier) + " earlier conversations"
	}
}

// aboutCard are the lines of a card that are not always there: what the visitor and the team think, and what went wrong.
func aboutCard(d bridge.Delivery) (lines []string) {
	var marks []string
	if d.Visitor.Blocked {
		marks = append(marks, ":no_entry: *Blocked*")
	}
	if given := d.Conversation.Rating; given >= bridge.MinScore && given <= bridge.MaxScore {
		marks = append(marks, strings.Repeat("★", given)+strings.Repeat("☆", bridge.MaxScore-given))
	}
	for _, tag := range d.Conversation.Tags {
		marks = append(marks, literal("#"+clip(oneLine(tag), maxName)))
	}
	if len(marks) > 0 {
		lines = append(lines, clip(strings.Join(marks, " · "), maxContext/4))
	}
	switch {
	case d.Recap != "":
		lines = append(lines, literal(clip(oneLine(d.Recap), maxContext/4)))
	case d.Card != nil && d.Card.Failure != nil:
		f := d.Card.Failure
		lines = append(lines, ":warning: Not delivered to "+literal(string(f.Endpoint))+" "+ago(f.At)+": "+literal(clip(oneLine(f.Public), maxContext/4)))
	}
	return lines
}

// literal is text that Slack shows exactly as it is.
func literal(s string) string { return inline(rich.Node{Kind: rich.Text, Text: s}) }

func bold(s string) string {
	return inline(rich.Node{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: s}}})
}

func inline(n rich.Node) string {
	return mrkdwn.ToText(rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{n}}})
}
