package telegram

import (
	"encoding/json"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// happening is a decoded update: what the sink is to hear, and what is to be done once it has.
type happening struct {
	update int64
	came   time.Time
	queue  string // happenings of one queue are handled one after the other
	in     bridge.Inbound
	place  place
	album  string           // of an item of an album: what they have in common
	item   int64            // the message, of an item of an album
	file   string           // what Telegram calls the message's file
	files  []bridge.FileRef // of an edit: it itself brings none along
	press  string           // the press of a button, which waits for an answer
	notice notice           // what the bot says of it; all there is to do when in has no key
}

// decode reads one update. ok is false when nothing is to be done about it.
func (a *Adapter) decode(raw json.RawMessage) (h happening, ok bool) {
	var u update
	if json.Unmarshal(raw, &u) != nil {
		return happening{}, false
	}
	switch {
	case u.Message.V != nil:
		h, ok = a.message(u.Message.V, false)
	case u.Edited.V != nil:
		h, ok = a.message(u.Edited.V, true)
	case u.Member.V != nil:
		h, ok = a.membership(u.Member.V)
	case u.Pressed.V != nil:
		h, ok = a.rated(u.Pressed.V)
	}
	h.update = u.ID
	return h, ok
}

// updateID reads the number alone; 0: there is none.
func updateID(raw json.RawMessage) int64 {
	var u struct {
		ID number `json:"update_id"`
	}
	_ = json.Unmarshal(raw, &u)
	return int64(u.ID)
}

// message decides by the chat what a message means: visitors write in private chats.
func (a *Adapter) message(m *message, edited bool) (happening, bool) {
	c := m.Chat.V
	if c.ID == 0 || m.ID <= 0 || m.From.V == nil || m.From.V.IsBot {
		return happening{}, false
	}
	where := place{chat: int64(c.ID)}
	if c.Type != "private" {
		return happening{queue: queueOf(where), place: where, notice: noticeGroup}, !edited && (c.Type == "group" || c.Type == "supergroup")
	}
	if m.InTopic && m.Topic > 0 {
		where.topic = int64(m.Topic)
	}
	if edited {
		return a.edited(m, where)
	}
	return a.said(m, where)
}

func queueOf(p place) string { return strconv.FormatInt(p.chat, 10) }

func (a *Adapter) said(m *message, where place) (happening, bool) {
	h := happening{queue: queueOf(where), place: where}
	in := a.inbound(m, where, bridge.InSaid)
	in.Key, in.Message = saidKey(where.chat, int64(m.ID)), spot{chat: where.chat, message: int64(m.ID)}.ref()
	if payload, ok := started(m); ok {
		if payload == "" {
			h.notice = noticeGreeting
			return h, true
		}
		in.Kind, in.Join = bridge.InJoined, payload
		h.in = in
		return h, true
	}
	c := a.read(m)
	if slices.Contains(silentKinds, c.unsupported) {
		return happening{}, false
	}
	in.Body, in.Files = c.body, c.files
	in.Target, in.TargetAt = answered(m)
	h.in, h.file, h.notice = in, c.file, noticeOf(c)
	if m.Album != "" {
		h.album, h.item = string(m.Album), int64(m.ID)
	}
	return h, true
}

// edited reads an edit. Telegram also reports some that no person made (T:update); the Desk compares the text.
func (a *Adapter) edited(m *message, where place) (happening, bool) {
	if l := m.Location.V; l != nil || m.EditDate == 0 { // a live location moves all the time
		return happening{}, false
	}
	c := a.read(m)
	if slices.Contains(silentKinds, c.unsupported) {
		return happening{}, false
	}
	in := a.inbound(m, where, bridge.InEdited)
	in.At = timeOf(int64(m.EditDate))
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(rich.HTML(c.body) + c.file)) // a hash accepts everything
	in.Key = editKey(where.chat, int64(m.ID), int64(m.EditDate), sum.Sum32())
	in.Target, in.Body = spot{chat: where.chat, message: int64(m.ID)}.ref(), c.body
	h := happening{queue: queueOf(where), place: where, in: in, file: c.file, files: c.files}
	if m.Album != "" {
		h.album, h.item = string(m.Album), int64(m.ID)
	}
	return h, true
}

func (a *Adapter) inbound(m *message, where place, kind bridge.InboundKind) bridge.Inbound {
	return bridge.Inbound{
		Endpoint: a.cfg.Name, Kind: kind, Thread: where.thread(), From: person(m.From.V), At: timeOf(int64(m.Date)),
	}
}

func person(u *user) bridge.Person {
	p := bridge.Person{ID: strconv.FormatInt(int64(u.ID), 10), Name: fullName(u), Bot: bool(u.IsBot), Locale: string(u.Language)}
	if u.Username != "" {
		p.Handle = "@" + string(u.Username)
	}
	return p
}

func fullName(u *user) string {
	name := strings.TrimSpace(string(u.First) + " " + string(u.Last))
	if name == "" && u.Username != "" {
		name = "@" + string(u.Username)
	}
	return orText(name, "Visitor")
}

// answered names the message that a message answers.
func answered(m *message) (bridge.MessageRef, time.Time) {
	to := m.ReplyTo.V
	if to == nil || to.ID <= 0 {
		return "", time.Time{}
	}
	s := spot{chat: int64(m.Chat.V.ID), message: int64(to.ID)}
	if to.From.V != nil && to.From.V.IsBot {
		_, s.media = attached(to)
	}
	return s.ref(), timeOf(int64(to.Date))
}

// payloadPattern is what a link may carry (https://core.telegram.org/bots/features#deep-linking).
var payloadPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// started reads /start, which Telegram sends when a person first opens the chat, or comes by a link.
func started(m *message) (payload string, ok bool) {
	command, payload, _ := strings.Cut(strings.TrimSpace(string(m.Text)), " ")
	name, _, _ := strings.Cut(command, "@")
	payload = strings.TrimSpace(payload)
	return payload, name == "/start" && payloadPattern.MatchString(payload)
}

// membership reads what became of us in a chat. In a private one the person has blocked us, or has let us in again.
func (a *Adapter) membership(u *memberUpdate) (happening, bool) {
	where := place{chat: int64(u.Chat.V.ID)}
	h := happening{queue: queueOf(where), place: where}
	if where.chat == 0 || u.From.V == nil {
		return happening{}, false
	}
	before, now := u.Old.V.Status, u.New.V.Status
	if u.Chat.V.Type != "private" {
		h.notice = noticeGroup
		return h, now == "member" && before != "administrator" || now == "administrator" && before != "member"
	}
	words := ""
	switch {
	case now == "kicked" && before != "kicked":
		words = "The visitor has blocked the bot. Telegram does not deliver to them until they unblock it."
	case now == "member" && before == "kicked":
		words = "The visitor has unblocked the bot. Telegram delivers to them again."
	default:
		return happening{}, false
	}
	h.in = bridge.Inbound{
		Endpoint: a.cfg.Name, Kind: bridge.InNoticed, Thread: where.thread(), From: person(u.From.V), Body: rich.Of(words),
		Key: strings.Join([]string{queueOf(where), "member", string(now), strconv.FormatInt(int64(u.Date), 10)}, "/"),
		At:  timeOf(int64(u.Date)),
	}
	return h, true
}
