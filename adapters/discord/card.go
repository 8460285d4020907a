package discord

import (
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// card is the first message of a thread: what changes most comes first, at most five lines, then the buttons.
func (a *Adapter) card(d bridge.Delivery) post {
	name := orText(plainName(d.Visitor.Profile.Name), "A visitor")
	lines := append([]string{standing(d.Conversation), who(name, d.Visitor), whence(d)}, aboutCard(d)...)
	visitor := bridge.Entry{By: bridge.Speaker{Kind: bridge.ByVisitor, Avatar: d.Visitor.Profile.Avatar}}
	return post{
		Text: strings.Join(lines, "\n"), Embed: embed{Author: strip(visitor), Color: colour(d.Conversation.State)},
		Buttons: a.cardButtons(d.Conversation.State), State: d.Conversation.State,
		Title:   name + " · " + clip(string(d.Conversation.Endpoint), maxName-3),
		Archive: d.Conversation.State == bridge.StateClosed,
	}
}

func colour(s bridge.State) int {
	switch s {
	case bridge.StateRobot:
		return violet
	case bridge.StateAssigned:
		return blue
	case bridge.StateClosed:
		return grey
	default:
		return orange
	}
}

// stateWord is what a state is called, on the card and as a forum's tag.
func stateWord(s bridge.State) string {
	switch s {
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
	line := shape(c.State) + " **" + stateWord(c.State) + "**"
	switch c.State {
	case bridge.StateRobot:
		line += " · the robot answers"
	case bridge.StateAssigned:
		line += " · " + literal(orText(plainName(c.OwnerName), unknownAgent))
	case bridge.StateClosed:
		return line
	default:
	}
	if !c.WaitingSince.IsZero() {
		line += " · waiting, asked " + ago(c.WaitingSince)
	}
	return line
}

// ago is a moment that each reader's program counts from (D:reference#message-formatting-timestamp-styles).
func ago(t time.Time) string { return "<t:" + strconv.FormatInt(t.Unix(), 10) + ":R>" }

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
const maxAddress = 700

func whence(d bridge.Delivery) string {
	line := literal(string(d.Conversation.Endpoint))
	if address, ok := rich.SafeURL(d.Visitor.Page.URL); ok && len(address) <= maxAddress {
		title := orText(clip(plainName(d.Visitor.Page.Title), maxName), address)
		line += " · " + inline(rich.Node{Kind: rich.Link, URL: address, Children: []rich.Node{{Kind: rich.Text, Text: title}}})
	}
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
		marks = append(marks, "⛔ **Blocked**")
	}
	if given := d.Conversation.Rating; given >= bridge.MinScore && given <= bridge.MaxScore {
		marks = append(marks, strings.Repeat("★", given)+strings.Repeat("☆", bridge.MaxScore-given))
	}
	for _, tag := range d.Conversation.Tags {
		marks = append(marks, literal("#"+clip(oneLine(tag), maxName)))
	}
	if len(marks) > 0 {
		lines = append(lines, clip(strings.Join(marks, " · "), 200))
	}
	switch {
	case d.Recap != "":
		lines = append(lines, literal(clip(oneLine(d.Recap), 200)))
	case d.Card != nil && d.Card.Failure != nil:
		f := d.Card.Failure
		lines = append(lines, "⚠️ Not delivered to "+literal(string(f.Endpoint))+" "+ago(f.At)+": "+literal(clip(oneLine(f.Public), 200)))
	}
	return lines
}

// literal is text that Discord shows exactly as it is.
func literal(s string) string { return inline(rich.Node{Kind: rich.Text, Text: s}) }

func bold(s string) string {
	return inline(rich.Node{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: s}}})
}

func inline(n rich.Node) string {
	return markdown.Write(rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{n}}})
}
