package slack

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// self is who we are in the workspace.
type self struct {
	user, bot, app string
	commons        string // the channel of colleagues; "" for none
	site           string // the workspace's address, with a slash at the end
	team, home     string // the workspace's id and name
}

// wrote reports whether m is a message of ours.
func (s self) wrote(m *message) bool {
	return m.BotID != "" && string(m.BotID) == s.bot ||
		m.AppID != "" && string(m.AppID) == s.app ||
		m.User != "" && string(m.User) == s.user
}

// happening is a decoded event: an Inbound before names have been looked up.
type happening struct {
	kind    bridge.InboundKind
	key     string
	channel string
	thread  string // ts of the thread's first message; "" in the channel of colleagues, which is one thread
	root    string // there, ts of the first message of the thread that the message said stands in
	emoji   string // name of a reaction's emoji
	ts      string // of the message said, edited or deleted
	at      string // ts of the happening; what the order goes by
	user    string
	bot     bool
	message *message // nil for a deletion
	gone    []string // ids of files that the message no longer has
	unsaid  string   // of a deletion: the key of what was said and had not been taken yet
}

// queue names the line in which the happening waits its turn.
func (h *happening) queue() string { return h.channel + "/" + h.thread }

// takesBack reports whether this is the deletion of a message said: of one that is still waiting nobody need be told.
func (h *happening) takesBack(said happening) bool {
	return said.kind == bridge.InSaid && h.kind == bridge.InDeleted && h.channel == said.channel && h.ts == said.ts
}

// decode reads one event. ok is false when it is none that a conversation can be told of: not in a thread, our own, or
// of a kind that we leave alone. Threads of other channels than the configured one are taken in as well: a conversation
// that began before the channel was changed goes on where it is.
func (a *Adapter) decode(raw json.RawMessage, me self) (h happening, ok bool) {
	var e event
	if json.Unmarshal(raw, &e) != nil {
		return happening{}, false
	}
	me.commons = a.cfg.Colleagues
	if e.Type == "reaction_added" || e.Type == "reaction_removed" {
		return reacted(&e, me)
	}
	if e.Type != "message" || e.Channel == "" {
		// app_mention comes besides the message that it is about, and may come without its files.
		return happening{}, false
	}
	switch e.Subtype {
	case "message_changed":
		return changed(&e, me)
	case "message_deleted":
		return deleted(&e, e.Previous.V, string(e.Deleted), me)
	default:
		return said(string(e.Channel), &e.message, me)
	}
}

// said reads a message, from an event or from a thread read back.
func said(channel string, m *message, me self) (happening, bool) {
	ts, thread := string(m.TS), string(m.ThreadTS)
	switch m.Subtype {
	case "", "file_share", "thread_broadcast", "me_message":
	default:
		return happening{}, false
	}
	thread, root, ok := me.place(channel, ts, thread)
	if !ok || me.wrote(m) {
		return happening{}, false
	}
	return happening{
		kind: bridge.InSaid, key: saidKey(channel, ts), channel: channel, thread: thread, root: root, ts: ts, at: ts,
		user: string(m.User), bot: m.BotID != "", message: m,
	}, true
}

// place says to which thread of ours a message belongs. Among colleagues that is the channel, and root the first message
// of Slack's thread, if the message stands in one; elsewhere what stands in no thread is no business of ours.
func (s self) place(channel, ts, threadTS string) (thread, root string, ok bool) {
	threaded := validTS(threadTS) && threadTS != ts
	switch {
	case !validTS(ts):
		return "", "", false
	case channel != s.commons:
		return threadTS, "", threaded
	case threaded:
		return "", threadTS, true
	default:
		return "", "", true
	}
}

// changed reads message_changed. Slack also sends it for an unfurled link, a count of replies, a processed file: it
// is an edit only if the mark of the edit is new and the text another, or if a file is newly gone.
func changed(e *event, me self) (happening, bool) {
	now, before := e.Message.V, e.Previous.V
	if now == nil {
		return happening{}, false
	}
	if now.Subtype == "tombstone" { // all that is left of a deleted message that has replies
		return deleted(e, before, string(now.TS), me)
	}
	missing := newlyGone(now, before)
	mark := now.Edited.V.TS
	if mark != "" && (before == nil || before.Edited.V.TS != mark && before.Text != now.Text) {
		h, ok := edit(string(e.Channel), now, me)
		h.gone = missing
		return h, ok
	}
	if len(missing) == 0 {
		return happening{}, false
	}
	return withdrawal(string(e.Channel), now, missing, string(e.EventTS), me)
}

// newlyGone lists the files that a message has lost since it was as before; nil stands for whole. Slack leaves a
// tombstone in a file's place, or nothing.
func newlyGone(now, before *message) []string {
	gone := withdrawn(now)
	if before == nil {
		return gone
	}
	known := withdrawn(before)
	gone = slices.DeleteFunc(gone, func(id string) bool { return slices.Contains(known, id) })
	present := ownFiles(now)
	for _, id := range ownFiles(before) {
		if !slices.Contains(present, id) && !slices.Contains(known, id) {
			gone = append(gone, id)
		}
	}
	return gone
}

// withdrawn lists the files of a message that were removed from it.
func withdrawn(m *message) []string {
	var ids []string
	for _, f := range m.Files.V {
		if f.V.ID != "" && f.V.Mode == "tombstone" {
			ids = append(ids, string(f.V.ID))
		}
	}
	return ids
}

// withdrawal is the removal of files from a message that stays: an edit without a mark. It is known by the first of
// them. at is when that happened.
func withdrawal(channel string, m *message, gone []string, at string, me self) (happening, bool) {
	h, ok := said(channel, m, me)
	if !ok || len(gone) == 0 {
		return happening{}, false
	}
	h.kind, h.key, h.gone = bridge.InEdited, withdrawnKey(channel, h.ts, gone[0]), gone
	if validTS(at) {
		h.at = at
	}
	return h, true
}

// edit reads the edit that a message bears, from an event or from a thread read back.
func edit(channel string, m *message, me self) (happening, bool) {
	h, ok := said(channel, m, me)
	mark := string(m.Edited.V.TS)
	if !ok || !validTS(mark) {
		return happening{}, false
	}
	h.kind, h.key, h.at, h.gone = bridge.InEdited, editKey(channel, h.ts, mark), mark, withdrawn(m)
	if by := m.Edited.V.User; by != "" {
		h.user = string(by)
	}
	return h, true
}

// deleted reads message_deleted; before is the message as it was, without which its thread is not known.
func deleted(e *event, before *message, ts string, me self) (happening, bool) {
	if before == nil || !validTS(ts) || me.wrote(before) {
		return happening{}, false
	}
	thread, _, ok := me.place(string(e.Channel), ts, string(before.ThreadTS))
	if !ok {
		return happening{}, false
	}
	h := happening{
		kind: bridge.InDeleted, key: deletedKey(string(e.Channel), ts), channel: string(e.Channel),
		thread: thread, ts: ts, at: ts, user: string(before.User), bot: before.BotID != "",
	}
	if validTS(string(e.EventTS)) {
		h.at = string(e.EventTS)
	}
	return h, true
}

// inbound completes a happening with the names of people. Look-ups that fail hold it up by a moment at most.
func (a *Adapter) inbound(ctx context.Context, h happening) bridge.Inbound {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	in := bridge.Inbound{Endpoint: a.cfg.Name, Key: h.key, Kind: h.kind, Thread: makeThread(h.channel, h.thread), At: timeOf(h.at), Unsaid: h.unsaid}
	if h.channel == a.cfg.Colleagues {
		in.Thread = a.Commons()
	}
	if h.kind == bridge.InSaid {
		in.Message = makeMessage(h.channel, h.ts)
		if h.root != "" {
			in.Target, in.TargetAt = makeMessage(h.channel, h.root), timeOf(h.root)
		}
	} else {
		in.Target, in.TargetAt = makeMessage(h.channel, h.ts), timeOf(h.ts)
	}
	if h.user != "" {
		in.From = a.people.get(ctx, h.user)
	}
	in.From.Bot = in.From.Bot || h.bot
	if h.message != nil {
		in.Body = a.body(ctx, h.message)
		in.Files = a.files(h.message)
		in.Body = append(in.Body, links(h.message)...)
	}
	in.Withdrawn = h.gone
	in.Emoji = emojiOf(h.emoji)
	return in
}

// files are the files of a message whose bytes Slack keeps.
func (a *Adapter) files(m *message) []bridge.FileRef {
	var refs []bridge.FileRef
	for _, l := range m.Files.V {
		f := l.V
		if f.ID == "" || f.IsExternal || f.Mode == "tombstone" || f.Mode == "hidden_by_limit" {
			continue
		}
		refs = append(refs, bridge.FileRef{
			Endpoint: a.cfg.Name, Ref: string(f.ID), Name: fileName(&f), Type: string(f.Mimetype),
			Size: max(f.Size, 0), Width: max(f.Width, 0), Height: max(f.Height, 0),
		})
	}
	return refs
}

func fileName(f *file) string {
	if f.Name != "" {
		return string(f.Name)
	}
	return string(f.Title)
}

// links are the files of a message that are elsewhere, such as a shared document.
func links(m *message) rich.Doc {
	var doc rich.Doc
	for _, l := range m.Files.V {
		f := l.V
		address, safe := rich.SafeURL(string(f.ExternalURL))
		if !f.IsExternal || !safe {
			continue
		}
		label := strings.TrimSpace(string(f.Title))
		if label == "" {
			label = address
		}
		link := rich.Node{Kind: rich.Link, URL: address, Children: []rich.Node{{Kind: rich.Text, Text: label}}}
		doc = append(doc, rich.Node{Kind: rich.Paragraph, Children: []rich.Node{link}})
	}
	return doc
}
