package discord

import (
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// happening is a decoded event: an Inbound before its text is read.
type happening struct {
	kind    bridge.InboundKind
	key     string
	channel string
	commons bool   // the channel is that of colleagues, or one of its threads
	id      string // of the message said, edited, deleted or reacted to
	at      time.Time
	message *message      // nil for a deletion
	from    bridge.Person // of a reaction
	emoji   string
	unsaid  string // of a deletion: the key of what was said and had not been taken yet
}

// queue names the line in which the happening waits its turn: all of the channel of colleagues is one conversation.
func (h happening) queue() string {
	if h.commons {
		return "commons"
	}
	return h.channel
}

// takesBack reports whether this is the deletion of a message said: of one that is still waiting nobody need be told.
func (h happening) takesBack(said happening) bool {
	return said.kind == bridge.InSaid && h.kind == bridge.InDeleted && h.channel == said.channel && h.id == said.id
}

// Types of messages that people write (D:resources/message#message-object-message-types). All others are Discord's
// own: joins, pins, the head of a thread.
const (
	plainMessage = 0
	replyMessage = 19
)

// byPerson reports whether a message is one that a person wrote. What webhooks and other bots write is nobody's word to
// a visitor, and what we write comes back to us as well.
func byPerson(m *message, me self) bool {
	if m.ID == "" || m.Channel == "" || m.Author.V.ID == "" || m.Webhook != "" || me.wrote(m) {
		return false
	}
	return m.Type.V == plainMessage || m.Type.V == replyMessage
}

// said reads a message, from an event or from a thread read back.
func (a *Adapter) said(m *message, me self) (happening, bool) {
	if me.wrote(m) {
		a.ours.add(string(m.ID))
	}
	if !byPerson(m, me) {
		return happening{}, false
	}
	return happening{
		kind: bridge.InSaid, key: saidKey(string(m.Channel), string(m.ID)), channel: string(m.Channel), id: string(m.ID),
		at: timeOf(string(m.ID)), message: m,
	}, true
}

// edited reads a message as the edit that it bears the moment of. Discord also sends updates for previews, pins and
// threads: they leave that moment as it was, and so the key.
func (a *Adapter) edited(m *message, me self) (happening, bool) {
	if !byPerson(m, me) || m.Edited == "" {
		return happening{}, false
	}
	at, err := time.Parse(time.RFC3339, string(m.Edited))
	if err != nil {
		return happening{}, false
	}
	return happening{
		kind: bridge.InEdited, key: editKey(string(m.Channel), string(m.ID), at.UTC().Format(time.RFC3339Nano)),
		channel: string(m.Channel), id: string(m.ID), at: at.UTC(), message: m,
	}, true
}

func deleted(channel, id string) happening {
	return happening{kind: bridge.InDeleted, key: deletedKey(channel, id), channel: channel, id: id, at: time.Now().UTC()}
}

// inbound completes a happening.
func (a *Adapter) inbound(h happening) bridge.Inbound {
	in := bridge.Inbound{
		Endpoint: a.cfg.Name, Key: h.key, Kind: h.kind, Thread: bridge.ThreadRef(h.channel), At: h.at, From: h.from, Emoji: h.emoji, Unsaid: h.unsaid,
	}
	if h.commons {
		in.Thread = a.Commons()
	}
	if h.kind != bridge.InSaid {
		in.Target, in.TargetAt = makeMessage(h.channel, h.id), timeOf(h.id)
	} else {
		in.Message = makeMessage(h.channel, h.id)
	}
	m := h.message
	if m == nil {
		return in
	}
	in.From = person(a.cfg.Guild, m.Author.V, m.Member.V)
	in.Body = body(m)
	if h.kind == bridge.InEdited && m.Attachments.Given {
		in.Kept = []string{}
		for _, f := range attachments(m) {
			in.Kept = append(in.Kept, fileRef(m, f.ID))
		}
	}
	if h.kind == bridge.InSaid {
		in.Files = a.files(m)
		if ref := m.Reference.V; ref.Message != "" && ref.Channel == m.Channel && m.Type.V == replyMessage {
			in.Target, in.TargetAt = makeMessage(h.channel, string(ref.Message)), timeOf(string(ref.Message))
		}
		if h.commons && h.channel != a.cfg.Colleagues { // a thread has the id of its first message, which is in the channel
			in.Target, in.TargetAt = makeMessage(a.cfg.Colleagues, h.channel), timeOf(h.channel)
		}
	}
	return in
}

// attachments are the files of a message, those of a forwarded one included.
func attachments(m *message) []attachment {
	var out []attachment
	add := func(l list[attachment]) {
		for _, f := range l.V {
			if f.V.ID != "" {
				out = append(out, f.V)
			}
		}
	}
	add(m.Attachments)
	for _, s := range m.Snapshots.V {
		add(s.V.Message.V.Attachments)
	}
	return out
}

func fileRef(m *message, file id) string {
	return string(makeMessage(string(m.Channel), string(m.ID))) + "/" + string(file)
}

func (a *Adapter) files(m *message) []bridge.FileRef {
	var refs []bridge.FileRef
	for _, f := range attachments(m) {
		kind, _, _ := strings.Cut(string(f.Type), ";")
		refs = append(refs, bridge.FileRef{
			Endpoint: a.cfg.Name, Ref: fileRef(m, f.ID), Name: string(f.Name), Type: kind,
			Size: max(f.Size.V, 0), Width: max(f.Width.V, 0), Height: max(f.Height.V, 0),
		})
	}
	return refs
}
