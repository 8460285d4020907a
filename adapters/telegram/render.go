package telegram

import (
	"errors"
	"slices"
	"strconv"

	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// What one message holds, in UTF-16 units after the entities have been read (T:sendmessage, T:senddocument).
const (
	maxText    = 4096
	maxCaption = 1024
)

// post is the Content of our parts: a text, or a file with a caption.
type post struct {
	Text     string
	Entities []entities.Entity
	File     *bridge.File
	Answers  int64          // the message that it answers; 0: none
	Buttons  []bridge.Offer `json:",omitempty"`
	Same     bool           // Edit only: nothing of it changes
}

// Render turns a delivery into the messages that show it; see bridge.Adapter. What a visitor sees of an entry:
//
//   - said: the text in as many messages as it needs. Each file is a message; the text is the caption of the first,
//     or stands after the files when it is too long for one
//   - edited, deleted: the messages of the target, changed or removed; of those in an earlier chat of the visitor's,
//     removed only
//
// Everything else is not for visitors.
func (a *Adapter) Render(d bridge.Delivery) ([]bridge.Part, error) {
	if d.Opening {
		return nil, &bridge.Failure{
			Verdict: bridge.GiveUp, Public: "A Telegram chat is begun by the visitor.", Err: errors.New("opening a visitor's chat"),
		}
	}
	at, err := parseThread(d.Thread)
	if err != nil {
		return nil, &bridge.Failure{Verdict: bridge.GiveUp, Public: "The visitor's chat in Telegram is not known.", Err: err}
	}
	r := rendering{place: strconv.FormatInt(at.chat, 10), delivery: d, body: a.words(d)}
	switch d.Entry.Kind {
	case bridge.Said:
		if at.leftBehind(d.Landed) {
			r.delivery.Landed = nil
		}
		r.said()
	case bridge.Edited:
		if !at.leftBehind(d.Landed) {
			err = r.edited()
		}
	case bridge.Deleted:
		for _, l := range d.Landed {
			r.remove(l)
		}
	default: // for agents
	}
	return r.parts, err
}

// leftBehind reports whether messages stand in a chat in which the visitor was before: whoever reads there now gets nothing
// new. A group's messages may bear the number that it had before it became a supergroup.
func (p place) leftBehind(landed []bridge.Landed) bool {
	return slices.ContainsFunc(landed, func(l bridge.Landed) bool {
		s, err := parseMessage(l.Message)
		return err == nil && s.chat != p.chat && s.chat > 0 && p.chat > 0
	})
}

// words is what a delivery says.
func (a *Adapter) words(d bridge.Delivery) rich.Doc {
	by := d.Entry.By
	switch {
	case by.Kind == bridge.ByVisitor: // the visitor's own, written elsewhere
		return signed("You", d.Entry.Body)
	case a.cfg.ShowAgent && by.Kind == bridge.ByAgent && by.Name != "":
		return signed(by.Name, d.Entry.Body)
	}
	return d.Entry.Body
}

// signed puts a name over a text.
func signed(name string, body rich.Doc) rich.Doc {
	head := rich.Node{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: name + ":"}}}
	if body = rich.Normal(body); len(body) > 0 && body[0].Kind == rich.Paragraph {
		first := body[0]
		first.Children = slices.Concat([]rich.Node{head, {Kind: rich.Break}}, first.Children)
		return slices.Concat(rich.Doc{first}, body[1:])
	}
	return slices.Concat(rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{head}}}, body)
}

// rendering collects the parts of one delivery.
type rendering struct {
	place    string
	delivery bridge.Delivery
	body     rich.Doc
	parts    []bridge.Part
}

func (r *rendering) post(p post) {
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Post, Urgency: bridge.UrgencyReply, Place: r.place, Thread: r.delivery.Thread, Notify: true, Content: p,
	})
}

func (r *rendering) edit(where bridge.Landed, p post) {
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Edit, Urgency: bridge.UrgencyEdit, Place: r.place, Thread: r.delivery.Thread, Message: where.Message, Content: p,
	})
}

func (r *rendering) remove(where bridge.Landed) {
	r.parts = append(r.parts, bridge.Part{
		Op: bridge.Delete, Urgency: bridge.UrgencyEdit, Place: r.place, Thread: r.delivery.Thread, Message: where.Message,
	})
}

func (r *rendering) said() {
	files := r.delivery.Entry.Files
	var answers int64
	if len(r.delivery.Landed) > 0 {
		if s, err := parseMessage(r.delivery.Landed[0].Message); err == nil {
			answers = s.message
		}
	}
	asCaption := len(files) > 0 && entities.Size(r.body) <= maxCaption
	for i := range files {
		p := post{File: &files[i]}
		if i == 0 && asCaption {
			p.Text, p.Entities = entities.Write(r.body)
		}
		r.post(p)
		r.parts[i].Void = files[i].Missing == bridge.FileWithdrawn
	}
	if !asCaption {
		for _, p := range texts(r.body) {
			r.post(p)
		}
	}
	if last := len(r.parts) - 1; last >= 0 {
		under := r.parts[last].Content.(post)
		under.Buttons = r.delivery.Entry.Offers
		r.parts[last].Content = under
		first := r.parts[0].Content.(post)
		first.Answers = answers
		r.parts[0].Content = first
	}
}

// adding is the post with more words below those it has.
func (p post) adding(words rich.Doc) post {
	more, list := entities.Write(words)
	if p.Text != "" {
		p.Text += "\n"
	}
	at := entities.Units(p.Text)
	p.Text += more
	p.Entities = slices.Clone(p.Entities)
	for _, e := range list {
		e.Offset += at
		p.Entities = append(p.Entities, e)
	}
	return p
}

func texts(body rich.Doc) []post {
	var list []post
	for _, part := range entities.Split(body, maxText) {
		p := post{}
		p.Text, p.Entities = entities.Write(part)
		list = append(list, p)
	}
	return list
}

// edited lays the new version over the messages that hold the old one, place by place: files over files, text over
// text. Messages too few are added at the end, messages too many removed. Part i is about the i-th message, so that
// rendering again after some of the parts gives the same ones.
func (r *rendering) edited() error {
	media, plain := 0, 0
	for _, l := range r.delivery.Landed {
		s, err := parseMessage(l.Message)
		if err != nil {
			return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message's place in Telegram is not known.", Err: err}
		}
		if s.media {
			media++
		} else {
			plain++
		}
	}
	files := r.delivery.Entry.Files
	if media == 0 { // Telegram had refused them: the text says where they are, and goes on saying it
		r.describe(files)
	}
	files = files[:min(len(files), media)]
	asCaption := len(files) > 0 && plain == 0 && entities.Size(r.body) <= maxCaption
	var rest []post
	if !asCaption {
		rest = texts(r.body)
	}
	m, t := 0, 0
	for _, l := range r.delivery.Landed {
		s, _ := parseMessage(l.Message) // as above
		if s.media {
			r.editMedia(l, m, media, files, asCaption)
			m++
			continue
		}
		if t < len(rest) {
			r.edit(l, rest[t])
		} else {
			r.remove(l)
		}
		t++
	}
	for _, p := range rest[min(t, len(rest)):] {
		r.post(p)
	}
	return nil
}

// describe adds to the text where files can be fetched.
func (r *rendering) describe(files []bridge.File) {
	for _, f := range files {
		if f.Link != "" {
			r.body = append(slices.Clone(r.body), f.About())
		}
	}
}

// editMedia changes the i-th of the messages with files, of which there were so many. Which file is gone when there are
// fewer now nobody knows, so that each place is given its file anew.
func (r *rendering) editMedia(l bridge.Landed, i, were int, files []bridge.File, asCaption bool) {
	if i >= len(files) {
		r.remove(l)
		return
	}
	p := post{}
	if i == 0 && asCaption {
		p.Text, p.Entities = entities.Write(r.body)
	}
	if len(files) < were {
		p.File = &files[i]
	} else {
		p.Same = i > 0
	}
	r.edit(l, p)
}
