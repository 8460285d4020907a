package telegramtest

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Press presses the button under a message that carries this data or, failing that, this text. It
// returns the id by which State.Answered knows what came of it.
func (s *Server) Press(user, place, id int64, button string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, place)
	if err != nil {
		return "", err
	}
	m := ch.find(id)
	if m == nil {
		return "", errors.New("no such message")
	}
	buttons := slices.Concat(m.Buttons...)
	at := slices.IndexFunc(buttons, func(b Button) bool { return b.Data == button && button != "" })
	if at < 0 {
		at = slices.IndexFunc(buttons, func(b Button) bool { return b.Text == button })
	}
	switch {
	case at < 0:
		return "", errors.New("no such button")
	case buttons[at].Data == "":
		return "", errors.New("the button opens a page")
	}
	query := strconv.FormatInt(4_000_000_000_000_000+s.serial(), 10)
	s.state.queries[query] = newQuery(s)
	s.emit("callback_query", ch, object{
		"id": query, "from": s.wireUser(user), "message": s.wireMessage(m, true), "data": buttons[at].Data,
		"chat_instance": strconv.FormatInt(-ch.ID*31, 10),
	})
	s.change()
	return query, nil
}

func newQuery(s *Server) *query { return &query{at: s.now()} }

// Block makes a person block the bot, or unblock it: my_chat_member. A person who unblocks the bot
// has started the chat.
func (s *Server) Block(user int64, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.chats[user]
	if ch == nil || ch.Type != "private" {
		return errors.New("no such person")
	}
	if ch.blocked == blocked {
		return nil
	}
	ch.blocked, ch.started = blocked, true
	s.emitMembership(ch, user, !blocked)
	s.change()
	return nil
}

// Kick removes the bot from a group, or puts it back: my_chat_member.
func (s *Server) Kick(by, group int64, kicked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.chats[group]
	if ch == nil || ch.Type == "private" {
		return errors.New("no such group")
	}
	ch.NoBot = kicked
	s.emitMembership(ch, by, !kicked)
	s.change()
	return nil
}

// emitMembership tells the bot that it may write in a chat from now on, or no longer.
func (s *Server) emitMembership(ch *chat, by int64, now bool) {
	member := object{"user": s.me.wire(), "status": "member"}
	banned := object{"user": s.me.wire(), "status": "kicked", "until_date": 0}
	before, after := member, banned
	if now {
		before, after = banned, member
	}
	s.emit("my_chat_member", ch, object{
		"chat": s.wireChat(ch), "from": s.wireUser(by), "date": s.now().Unix(), "old_chat_member": before, "new_chat_member": after,
	})
}

// Deactivate deletes a person's account. Telegram sends no update for it.
func (s *Server) Deactivate(user int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.users[user]
	if u == nil {
		return errors.New("no such person")
	}
	u.Deactivated, u.FirstName, u.LastName, u.Username = true, "", "", ""
	s.change()
	return nil
}

// React replaces a person's reactions under a message. The bot is told as an administrator only, and
// in private chats not at all: what Telegram does there is not documented.
func (s *Server) React(user, place, id int64, emoji ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, place)
	if err != nil {
		return err
	}
	m := ch.find(id)
	if m == nil {
		return errors.New("no such message")
	}
	before := wireReactions(m, user)
	m.react(user, emoji)
	if ch.Admin {
		s.emit("message_reaction", ch, object{
			"chat": s.wireChat(ch), "message_id": id, "user": s.wireUser(user), "date": s.now().Unix(),
			"old_reaction": before, "new_reaction": wireReactions(m, user),
		})
	}
	s.change()
	return nil
}

func wireReactions(m *message, user int64) []object {
	list := []object{}
	for _, r := range m.Reactions {
		if r.User == user {
			list = append(list, object{"type": "emoji", "emoji": r.Emoji})
		}
	}
	return list
}

// Upgrade turns a group into a supergroup with this id: the old chat refuses with
// migrate_to_chat_id from now on, and both tell of it.
func (s *Server) Upgrade(group, to int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.chats[group]
	if ch == nil || ch.Type != "group" || ch.migrated != 0 {
		return errors.New("no such group")
	}
	next := ch.Chat
	next.ID, next.Type, next.Members = to, "supergroup", slices.Clone(ch.Members)
	super := newChat(next)
	s.state.chats[to] = super
	ch.migrated = to
	for _, told := range []struct {
		ch    *chat
		field string
		other int64
	}{{ch, "migrate_to_chat_id", to}, {super, "migrate_from_chat_id", group}} {
		m := &message{Message: Message{Kind: told.field, From: s.me.ID}, extra: object{told.field: told.other}}
		s.add(told.ch, m)
		s.emit("message", told.ch, s.wireMessage(m, true))
	}
	s.change()
	return nil
}

// Unknown sends a message of a kind that carries neither text nor a file that is known here, by the
// API's name of it; see Kinds. It returns the message's id.
func (s *Server) Unknown(user, place int64, kind string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, place)
	if err != nil {
		return 0, err
	}
	sample, ok := samples[kind]
	if !ok {
		return 0, errors.New("no sample of this kind")
	}
	ch.started = true
	m := &message{Message: Message{Kind: kind, From: user}, extra: object{kind: sample}}
	s.add(ch, m)
	s.emitMessage("message", ch, m)
	s.change()
	return m.ID, nil
}

// Kinds lists what Unknown can send.
func Kinds() []string { return slices.Sorted(maps.Keys(samples)) }

var samples = map[string]any{
	"rich_message": object{"blocks": []object{{"type": "paragraph", "text": "A paragraph with more than text"}}},
	"checklist":    object{"title": "To do", "tasks": []object{{"id": 1, "text": "Pack the parcel"}}},
	"story":        object{"chat": object{"id": -1001, "type": "channel", "title": "A channel"}, "id": 5},
	"gift": object{"gift": object{"id": "5", "star_count": 15, "sticker": object{
		"file_id": "CAACgift", "file_unique_id": "AgADgift", "type": "regular", "width": 512, "height": 512,
		"is_animated": false, "is_video": false,
	}}},
	"dice":       object{"emoji": "🎲", "value": 4},
	"venue":      object{"location": object{"latitude": 52.5, "longitude": 13.4}, "title": "A shop", "address": "Main street 1"},
	"paid_media": object{"star_count": 5, "paid_media": []object{{"type": "preview"}}},
	"poll": object{
		"id": "77", "question": "Which?", "options": []object{{"persistent_id": "1", "text": "this", "voter_count": 0}, {"persistent_id": "2", "text": "that", "voter_count": 0}},
		"total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular", "allows_multiple_answers": false,
		"allows_revoting": false, "members_only": false,
	},
	"video_note": object{"file_id": "DQACnote", "file_unique_id": "AgADnote", "length": 240, "duration": 3},
}

// Inject queues an update of any shape, checked against nothing. The text must be JSON; the first
// "%ID%" in it becomes the update's number, and without one the update has none that the bot could
// confirm it by. It returns that number.
func (s *Server) Inject(text string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id int64
	raw := json.RawMessage(nil)
	s.enqueue(nil, func(next int64) json.RawMessage {
		id, raw = next, json.RawMessage(replaceID(text, next))
		return raw
	})
	if !json.Valid(raw) {
		s.queue.waiting = s.queue.waiting[:len(s.queue.waiting)-1]
		return 0, errors.New("not JSON")
	}
	return id, nil
}

func replaceID(text string, id int64) string {
	return strings.Replace(text, "%ID%", strconv.FormatInt(id, 10), 1)
}
