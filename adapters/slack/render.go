package slack

import (
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// post is the Content of our parts: what a message says, and under whose name. Text says the same as Blocks; Slack
// shows it in notifications and wherever there are no blocks.
type post struct {
	Text   string
	Blocks []slackgo.Block
	Name   string // empty: the app's own name and picture
	Icon   string // an https address, or :emoji:
	Files  []bridge.File
	Root   string `json:",omitempty"` // among colleagues: ts of the message in whose thread it is posted; "" for the channel
}

// Render turns a delivery into the messages that show it; see bridge.Adapter. What can be seen of an entry:
//
//   - said: the text under the speaker's name, in as many messages as it needs; files with the last of them
//   - edited, deleted: the messages of the target, changed or removed
//   - noted, rated: one message that cannot be taken for something said to the visitor
//   - the card: brought up to date. A change of state is seen there
func (a *Adapter) Render(d bridge.Delivery) ([]bridge.Part, error) {
	if d.Opening {
		return []bridge.Part{{Op: bridge.Post, Place: a.cfg.Channel, Notify: true, Content: a.card(d)}}, nil
	}
	channel, _, err := parsePlace(d.Thread)
	if err != nil {
		return nil, &bridge.Failure{Verdict: bridge.Reopen, Public: "The thread's place in Slack is not known.", Err: err}
	}
	r := rendering{channel: channel, delivery: d}
	if d.Card != nil {
		r.changed(a.card(d))
		return r.parts, nil
	}
	switch d.Entry.Kind {
	case bridge.Said:
		r.said(posts(d))
	case bridge.Noted:
		r.said(notes(d))
	case bridge.Rated:
		r.said([]post{asideOf(":star:", "The visitor's rating", called(d).Text(d.Entry.Body))})
	case bridge.Edited:
		err = r.edited()
	case bridge.Deleted:
		r.deleted()
	case bridge.Reacted, bridge.Unreacted:
		r.reacted()
	case bridge.Changed: // the card shows it
	}
	return r.parts, err
}

// rendering collects the parts of one delivery.
type rendering struct {
	channel  string
	delivery bridge.Delivery
	parts    []bridge.Part
}

func (r *rendering) said(posts []post) {
	for _, p := range posts {
		r.parts = append(r.parts, bridge.Part{
			Op: bridge.Post, Urgency: bridge.UrgencyReply, Place: r.channel,
			Thread: r.delivery.Thread, Notify: true, Content: p,
		})
	}
}

func (r *rendering) edit(where bridge.Landed, p post) {
	p.Files, p.Name, p.Icon, p.Root = nil, "", "", "" // chat.update keeps them as they were posted
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Edit, Urgency: bridge.UrgencyEdit, Place: r.channel,
		Thread: r.delivery.Thread, Message: where.Message, Content: p,
	})
}

func (r *rendering) remove(where bridge.Landed) {
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Delete, Urgency: bridge.UrgencyEdit, Place: r.channel,
		Thread: r.delivery.Thread, Message: where.Message,
	})
}

// edited lays the new text over the messages that hold the old one, place by place: messages too few are added at the
// end, messages too many removed, but for those with files. Part i is about the i-th message, so that rendering again
// after some of the parts gives the same ones.
func (r *rendering) edited() error {
	d := r.delivery
	d.Entry.Files = nil
	texts := posts(d)
	if d.Entry.Audience != bridge.Everyone && (d.Conversation.Kind != bridge.Colleagues || d.Entry.By.Kind == bridge.BySystem) {
		texts = notes(d) // the edit of a note, or of a notice
	}
	for i, l := range d.Landed {
		place, err := parseMessage(l.Message)
		switch {
		case err != nil:
			return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message's place in Slack is not known.", Err: err}
		case i < len(texts):
			r.edit(l, texts[i])
		case len(place.files) > 0 && len(texts) == 0:
			r.edit(l, spoken(d, rich.Of("(no text)")))
		case len(place.files) > 0:
			r.edit(l, spoken(d, rich.Of("↑"))) // the text is above, and Slack allows no empty one
		default:
			r.remove(l)
		}
	}
	r.said(texts[min(len(texts), len(d.Landed)):])
	return nil
}

func (r *rendering) deleted() {
	for _, l := range r.delivery.Landed {
		r.remove(l)
	}
}

// changed brings the card up to date.
func (r *rendering) changed(card post) {
	if len(r.delivery.Landed) > 0 {
		r.edit(r.delivery.Landed[0], card)
		r.parts[0].Urgency = bridge.UrgencyCard
	}
}

// posts are the messages that show what was said.
func posts(d bridge.Delivery) []post {
	var list []post
	for _, part := range mrkdwn.Split(d.Entry.Body) {
		list = append(list, spoken(d, part))
	}
	if n := len(list); n > 0 && d.Entry.By.Kind == bridge.ByAgent && d.Entry.Audience == bridge.Everyone && d.Entry.Kind != bridge.Noted {
		list[n-1].Blocks = append(list[n-1].Blocks, contextBlock(replyFoot)) // a colleague's, written in another chat
	}
	files := bridge.Standing(d.Entry.Files)
	if len(files) == 0 {
		return list
	}
	if len(list) == 0 {
		list = append(list, spoken(d, nil))
	}
	list[len(list)-1].Files = files
	return list
}

func spoken(d bridge.Delivery, body rich.Doc) post {
	p := post{Text: called(d).Text(body), Blocks: called(d).Blocks(body), Root: rootOf(d)}
	p.Name, p.Icon = identity(d.Entry.By)
	if d.Conversation.Kind == bridge.Colleagues && d.Entry.By.Kind == bridge.ByAgent {
		p.Name = colleague(p.Name, d.Entry.Origin.Endpoint)
	}
	return p
}

// adding is the post with more words below those it has.
func (p post) adding(words rich.Doc) post {
	p.Text = strings.TrimPrefix(p.Text+"\n"+mrkdwn.ToText(words), "\n")
	p.Blocks = slices.Concat(p.Blocks, mrkdwn.ToBlocks(words))
	return p
}

const replyFoot = ":outbox_tray: To the visitor"

const noteHead = ":lock: Note for the team. The visitor does not see it."

// notes are the messages that show a note of an agent, or a notice of the system.
func notes(d bridge.Delivery) []post {
	if d.Entry.By.Kind == bridge.BySystem {
		p := asideOf(":warning:", "", called(d).Text(d.Entry.Body))
		p.Blocks = append(p.Blocks, offerBlocks(d.Entry.Offers, subject{})...)
		return []post{p}
	}
	list := posts(d)
	for i := range list {
		p := &list[i]
		p.Blocks = append([]slackgo.Block{contextBlock(noteHead)}, p.Blocks...)
		p.Text = strings.TrimSuffix(noteHead+"\n"+p.Text, "\n")
	}
	return list
}

// maxContext is what Slack takes as one text of a context block, with room to spare.
const maxContext = 2800

// asideOf is a small grey line in the app's own name.
func asideOf(sign, head, words string) post {
	if head != "" && words != "" {
		words = head + ": " + words
	} else if words == "" {
		words = head
	}
	line := sign + " " + clip(words, maxContext)
	return post{Text: line, Blocks: []slackgo.Block{contextBlock(line)}}
}

func contextBlock(line string) slackgo.Block {
	return slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.MarkdownType, line, false, true))
}

// maxName is short enough that what we add to a name is never cut off by Slack, which allows 80 characters.
const maxName = 50

// identity is the name and picture that a post appears under. A visitor's name always ends in a mark that no agent's
// name has, so that no visitor can pass for an agent.
func identity(by bridge.Speaker) (name, icon string) {
	name = plainName(by.Name)
	if strings.HasPrefix(by.Avatar, "https://") {
		icon = by.Avatar
	}
	switch by.Kind {
	case bridge.ByVisitor:
		if name == "" {
			name = "Visitor"
		}
		name, icon = name+" · visitor", orText(icon, ":speech_balloon:")
	case bridge.ByRobot:
		name, icon = orText(name, "Robot")+" · robot", orText(icon, ":robot_face:")
	case bridge.ByAgent:
		name, icon = orText(name, unknownAgent), orText(icon, ":bust_in_silhouette:")
	default:
		return "", ""
	}
	return name, icon
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// plainName is a name on one line, without what is invisible or turns the writing around.
func plainName(name string) string { return clip(oneLine(name), maxName) }

func oneLine(s string) string { return strings.Join(strings.Fields(rich.Clean(s)), " ") }

// clip shortens text to at most limit characters.
func clip(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}
