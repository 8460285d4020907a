package slack

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// card is the first message of a thread: what changes most comes first, at most five lines, then the buttons.
func (a *Adapter) card(d bridge.Delivery) post {
	name := orText(plainName(d.Visitor.Profile.Name), "A visitor")
	lines := []string{standing(d.Conversation), who(name, d.Visitor), whence(d)}
	if d.Recap != "" {
		lines = append(lines, literal(clip(oneLine(d.Recap), maxContext/2)))
	}
	section := slackgo.NewSectionBlock(
		slackgo.NewTextBlockObject(slackgo.MarkdownType, strings.Join(lines, "\n"), false, true), nil, nil)
	return post{
		Text:   stateWord(d.Conversation) + ": " + literal(name) + " on " + literal(string(d.Conversation.Endpoint)),
		Blocks: []slackgo.Block{section, buttons(d.Conversation.State)},
	}
}

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

// standing is the line that changes: the state with its shape, and who owns the conversation.
func standing(c bridge.Conversation) string {
	word := "*" + stateWord(c) + "*"
	switch c.State {
	case bridge.StateRobot:
		return ":robot_face: " + word + " · the robot answers"
	case bridge.StateAssigned:
		return ":large_blue_circle: " + word + " · " + literal(orText(plainName(c.OwnerName), unknownAgent))
	case bridge.StateClosed:
		return ":white_check_mark: " + word
	default:
		return ":large_orange_circle: " + word + " · waiting for an answer"
	}
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

func whence(d bridge.Delivery) string {
	line := literal(string(d.Conversation.Endpoint))
	address, ok := rich.SafeURL(d.Visitor.Page.URL)
	if !ok || len(address) > maxAddress {
		return line
	}
	title := orText(clip(plainName(d.Visitor.Page.Title), maxName), address)
	return line + " · " + inline(rich.Node{Kind: rich.Link, URL: address, Children: []rich.Node{{Kind: rich.Text, Text: title}}})
}

// literal is text that Slack shows exactly as it is.
func literal(s string) string { return inline(rich.Node{Kind: rich.Text, Text: s}) }

func bold(s string) string {
	return inline(rich.Node{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: s}}})
}

func inline(n rich.Node) string {
	return mrkdwn.ToText(rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{n}}})
}

func buttons(state bridge.State) slackgo.Block {
	take, closing, reopen := button("take", "Take"), button("close", "Close"), button("reopen", "Reopen")
	take.Style = slackgo.StylePrimary
	if state == bridge.StateClosed {
		return slackgo.NewActionBlock("", reopen)
	}
	if state == bridge.StateAssigned {
		take.Style = slackgo.StyleDefault
	}
	return slackgo.NewActionBlock("", take, closing)
}

func button(word, label string) *slackgo.ButtonBlockElement {
	return slackgo.NewButtonBlockElement(actionPrefix+word, word,
		slackgo.NewTextBlockObject(slackgo.PlainTextType, label, false, false))
}
