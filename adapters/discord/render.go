package discord

import (
	"strings"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// post is the Content of our parts: what a message shows, and what is to be done with its thread.
type post struct {
	Text    string
	Embed   embed // who speaks
	Buttons []component
	Files   []bridge.File
	Calls   []string          // ids of people who are called by it
	ReplyTo bridge.MessageRef // empty: no answer to a message there
	Title   string            // of an opening: what the thread is called
	State   bridge.State      // of a card: what the thread's tag says
	Archive bool              // the thread is archived afterwards: the conversation is closed
	Bare    bool              `json:",omitempty"` // an edit that is about the thread only
}

// Render turns a delivery into the messages that show it; see bridge.Adapter. What can be seen of an entry:
//
//   - said: the text under the speaker's name, in as many messages as it needs; files with the last of them
//   - edited, deleted: the messages of the target, changed or removed
//   - noted, rated: one message that cannot be taken for something said to the visitor; what it offers as buttons
//   - the card: brought up to date, and the thread's tag with it
//   - changed: the thread archived when the conversation is closed, woken when it is open again
func (a *Adapter) Render(d bridge.Delivery) ([]bridge.Part, error) {
	if d.Opening {
		return []bridge.Part{{Op: bridge.Post, Place: a.cfg.Channel, Notify: true, Content: a.card(d)}}, nil
	}
	channel, err := parseThread(d.Thread)
	if err != nil {
		return nil, &bridge.Failure{Verdict: bridge.Reopen, Public: "The thread's place in Discord is not known.", Err: err}
	}
	r := rendering{channel: channel, delivery: d}
	if d.Card != nil {
		r.changed(a.card(d))
		return r.parts, nil
	}
	if d.Conversation.Kind == bridge.Colleagues {
		err = r.colleagues()
		return r.parts, err
	}
	switch d.Entry.Kind {
	case bridge.Said:
		r.said(posts(d), r.answered())
	case bridge.Noted:
		r.said(notes(d), "")
	case bridge.Rated:
		r.said([]post{aside("⭐", "The visitor's rating", d)}, "")
	case bridge.Edited:
		err = r.edited()
	case bridge.Deleted:
		r.deleted()
	case bridge.Changed:
		r.shelve()
	case bridge.Reacted, bridge.Unreacted: // a mark of ours
		r.reacted()
	default:
	}
	return r.parts, err
}

// rendering collects the parts of one delivery.
type rendering struct {
	channel  string
	delivery bridge.Delivery
	parts    []bridge.Part
}

func (r *rendering) said(posts []post, answered bridge.MessageRef) {
	for i, p := range posts {
		if i == 0 {
			p.ReplyTo = answered
		}
		p.Archive = r.delivery.Conversation.State == bridge.StateClosed // posting has revived the thread
		files := bridge.Standing(p.Files)
		void := len(files) == 0 && len(p.Files) > 0 && p.Text == spoken(r.delivery, nil).Text
		p.Files = files
		r.parts = append(r.parts, bridge.Part{
			Op: bridge.Post, Urgency: bridge.UrgencyReply, Place: r.channel,
			Thread: r.delivery.Thread, Notify: true, Void: void, Content: p,
		})
	}
}

// answered is the message there that the entry answers.
func (r *rendering) answered() bridge.MessageRef {
	for _, l := range r.delivery.Landed {
		place, err := parseMessage(l.Message)
		if err == nil && (place.channel == r.channel || r.delivery.Conversation.Kind == bridge.Colleagues) {
			return l.Message
		}
	}
	return ""
}

func (r *rendering) edit(where bridge.Landed, p post) {
	p.Files = nil // they stay as they were posted
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Edit, Urgency: bridge.UrgencyEdit, Place: r.placeOf(where.Message),
		Thread: r.delivery.Thread, Message: where.Message, Content: p,
	})
}

func (r *rendering) remove(where bridge.Landed) {
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Delete, Urgency: bridge.UrgencyEdit, Place: r.placeOf(where.Message),
		Thread: r.delivery.Thread, Message: where.Message,
	})
}

// placeOf is where a message stands, whose limits apply: a card of a text channel beside its thread.
func (r *rendering) placeOf(m bridge.MessageRef) string {
	if place, err := parseMessage(m); err == nil {
		return place.channel
	}
	return r.channel
}

// edited lays the new text over the messages that hold the old one, place by place: messages too few are added at the
// end, messages too many removed, but for those with files. Part i is about the i-th message, so that rendering again
// after some of the parts gives the same ones.
func (r *rendering) edited() error {
	d := r.delivery
	d.Entry.Files = nil
	texts := posts(d)
	if d.Entry.Audience != bridge.Everyone && d.Conversation.Kind != bridge.Colleagues { // the edit of a note
		texts = notes(d)
	}
	for i, l := range d.Landed {
		place, err := parseMessage(l.Message)
		switch {
		case err != nil:
			return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message's place in Discord is not known.", Err: err}
		case i < len(texts):
			r.edit(l, texts[i])
		case place.files:
			r.edit(l, spoken(d, nil))
		default:
			r.remove(l)
		}
	}
	r.said(texts[min(len(texts), len(d.Landed)):], "")
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

// shelve puts the thread away or takes it out again, in its order with the lines. What the conversation has become since
// does not matter: that follows.
func (r *rendering) shelve() {
	if len(r.delivery.Landed) > 0 {
		r.parts = append(r.parts, bridge.Part{
			Op: bridge.Edit, Urgency: bridge.UrgencyEdit, Place: r.channel, Thread: r.delivery.Thread,
			Message: r.delivery.Landed[0].Message, Content: post{Bare: true, Archive: r.delivery.Entry.State == bridge.StateClosed},
		})
	}
}

const (
	maxFiles   = 10       // of one message (D:resources/message)
	maxRequest = 24 << 20 // bytes of one, with room for the rest (D:reference#uploading-files)
)

// posts are the messages that show what was said.
func posts(d bridge.Delivery) []post {
	var list []post
	for _, part := range markdown.Split(d.Entry.Body) {
		list = append(list, spoken(d, part))
	}
	var size int64
	for i, f := range d.Entry.Files {
		last := len(list) - 1
		size += f.Size
		if i > 0 && (len(list[last].Files) == maxFiles || size > maxRequest) || last < 0 {
			list, size = append(list, spoken(d, nil)), f.Size
			last++
		}
		list[last].Files = append(list[last].Files, f)
	}
	return list
}

// Colours of the bar beside a message: who speaks can be seen from afar.
const (
	blue   = 0x3B82F6 // a visitor
	violet = 0x8B5CF6 // a robot
	green  = 0x22C55E // a colleague elsewhere
	amber  = 0xF59E0B // for the team only
	grey   = 0x9CA3AF // the system
	orange = 0xF97316 // waiting for an answer
)

func spoken(d bridge.Delivery, body rich.Doc) post {
	name, color := identity(d.Entry.By)
	if d.Conversation.Kind == bridge.Colleagues { // the place is always last and never cut off
		name += " · " + clip(string(d.Entry.Origin.Endpoint), maxMark)
	}
	w := called(d)
	return post{Text: below(bold(name), w.Text(body)), Embed: embed{Author: strip(d.Entry), Color: color}, Calls: calls(w, body)}
}

// strip is what stands beneath a line: the speaker's picture beside in which quality they speak, or where an agent does.
func strip(en bridge.Entry) *embedAuthor {
	author := &embedAuthor{Name: "Skein"}
	switch en.By.Kind {
	case bridge.ByVisitor, bridge.ByRobot:
		author.Name = string(en.By.Kind)
	case bridge.ByAgent:
		author.Name = orText(clip(string(en.Origin.Endpoint), maxMark), "colleague")
	default:
		return author
	}
	if strings.HasPrefix(en.By.Avatar, "https://") && len(en.By.Avatar) <= 2048 {
		if address, ok := rich.SafeURL(en.By.Avatar); ok {
			author.Icon = address
		}
	}
	return author
}

// below puts a text under a line, if there is any.
func below(line, text string) string { return strings.TrimSuffix(line+"\n"+text, "\n") }

// notes are the messages that show a note of an agent, or a notice of the system.
func notes(d bridge.Delivery) []post {
	if d.Entry.By.Kind == bridge.BySystem {
		p := aside("⚠️", "", d)
		p.Buttons = offered(d.Entry.Offers, handle{})
		return []post{p}
	}
	list := posts(d)
	for i := range list {
		name, text, _ := strings.Cut(list[i].Text, "\n")
		list[i].Text = below(name+" 🔒 *Note for the team. The visitor does not see it.*", text)
		list[i].Embed.Color = amber
	}
	return list
}

// aside is a line in the bot's own name.
func aside(sign, head string, d bridge.Delivery) post {
	words, w := "", called(d)
	if parts := rich.Split(d.Entry.Body, markdown.Limit-100, markdown.Size); len(parts) > 0 {
		words = w.Text(parts[0])
		if len(parts) > 1 {
			words += "…"
		}
	}
	if head != "" && words != "" {
		words = head + ": " + words
	} else if words == "" {
		words = head
	}
	return post{Text: sign + " " + words, Embed: embed{Author: strip(bridge.Entry{}), Color: grey}, Calls: calls(w, d.Entry.Body)}
}

// maxName is short enough that what we add to a name is never refused: a thread's is at most 100 characters.
const maxName = 50

const unknownAgent = "Agent"

// identity is the name over a post and the colour beside it. A visitor's name always ends in a mark that no agent's name
// has, so that no visitor can pass for an agent.
func identity(by bridge.Speaker) (name string, color int) {
	name = plainName(by.Name)
	switch by.Kind {
	case bridge.ByVisitor:
		return orText(name, "Visitor") + " · visitor", blue
	case bridge.ByRobot:
		return orText(name, "Robot") + " · robot", violet
	case bridge.ByAgent:
		return orText(name, unknownAgent), green
	default:
		return "Skein", grey
	}
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

const maxFileName = 150

// plainFileName is a name that stays within its folder and on its line. A long one loses its middle, not its ending.
func plainFileName(name string) string {
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:])
	name = orText(strings.Trim(name, ". "), "file")
	if runes := []rune(name); len(runes) > maxFileName {
		name = string(runes[:maxFileName-21]) + "…" + string(runes[len(runes)-20:])
	}
	return name
}
