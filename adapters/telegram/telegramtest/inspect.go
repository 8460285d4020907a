package telegramtest

import (
	"context"
	"slices"
	"time"
)

// Message is a message as a person looking at the chat sees it. Values given out are copies.
type Message struct {
	Chat, ID int64
	From     int64  // user id; the bot's own for what it sent; 0 for a channel's post
	Kind     string // "text", "photo", "document", "voice", "video", "audio", "animation", "sticker", "location", "contact", or the API's name of another kind
	Text     string // or the caption of what is not text
	Entities []Entity
	File     *File // nil without one; of a photo the largest size

	Latitude, Longitude float64
	Contact             *Contact

	ReplyTo   int64  // 0: nothing
	Quote     string // the part of it that is answered
	Group     string // items of one album share it
	Buttons   [][]Button
	Reactions []Reaction
	Silent    bool // came without a sound
	NoPreview bool // shows no preview of its links

	Date, Edited time.Time // Edited is zero before the first edit
	Deleted      bool      // no longer shown

	file *file
}

// Reaction is one emoji under a message and who gave it.
type Reaction struct {
	User  int64
	Emoji string
}

// State is a read-only look at everything, valid only inside the function it was given to.
type State struct{ s *Server }

// Chat returns the messages of a chat in order, without deleted ones.
func (v State) Chat(id int64) []Message {
	var list []Message
	for _, m := range v.History(id) {
		if !m.Deleted {
			list = append(list, m)
		}
	}
	return list
}

// History returns every message that ever was in a chat, in order.
func (v State) History(id int64) []Message {
	ch := v.s.state.chats[id]
	if ch == nil {
		return nil
	}
	var list []Message
	for _, m := range ch.all {
		list = append(list, m.copied())
	}
	return list
}

// Message returns one message, deleted or not.
func (v State) Message(chat, id int64) (Message, bool) {
	ch := v.s.state.chats[chat]
	if ch == nil || ch.byID[id] == nil {
		return Message{}, false
	}
	return ch.byID[id].copied(), true
}

// Posted is the number of messages ever made in a chat; it costs one map access.
func (v State) Posted(chat int64) int {
	if ch := v.s.state.chats[chat]; ch != nil {
		return len(ch.all)
	}
	return 0
}

// Blocked says whether a person has blocked the bot.
func (v State) Blocked(user int64) bool {
	ch := v.s.state.chats[user]
	return ch != nil && ch.blocked
}

// Action is what the bot is doing in a chat ("typing"), empty when its last sign is over five
// seconds old.
func (v State) Action(chat int64) string {
	if ch := v.s.state.chats[chat]; ch != nil && v.s.now().Sub(ch.actionAt) < 5*time.Second {
		return ch.action
	}
	return ""
}

// Answered returns the bot's answer to a pressed button; false: its button still spins.
func (v State) Answered(query string) (Answer, bool) {
	if q := v.s.state.queries[query]; q != nil && q.answered {
		return q.Answer, true
	}
	return Answer{}, false
}

// Pending is the number of updates that the bot has not confirmed, Queued that of all there ever were.
func (v State) Pending() int { return len(v.s.queue.waiting) }

// HookError is what getWebhookInfo says went wrong last.
func (v State) HookError() string { return v.s.hook.lastError }

// Queued is the number of updates there ever were for the bot.
func (v State) Queued() int { return v.s.queue.sent }

// Polling says whether a getUpdates is waiting.
func (v State) Polling() bool { return v.s.queue.poller != 0 }

// Calls is the number of calls of a method that were carried out or refused; chat 0 counts all
// chats. It costs one map access.
func (v State) Calls(method string, chat int64) int { return v.s.calls.counts[callKey{method, chat}] }

// Limited is the number of calls of a method answered 429; chat 0 counts all chats.
func (v State) Limited(method string, chat int64) int {
	return v.s.calls.limited[callKey{method, chat}]
}

// Chat is State.Chat, now.
func (s *Server) Chat(id int64) []Message {
	return look(s, func(v State) []Message { return v.Chat(id) })
}

// Look calls see with the state, which does not change meanwhile.
func (s *Server) Look(see func(State)) {
	look(s, func(v State) struct{} { see(v); return struct{}{} })
}

func look[T any](s *Server, see func(State) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return see(State{s})
}

// Snapshot is everything there was to see at one moment.
type Snapshot struct {
	Users    []User
	Chats    []Chat              // private ones only of people who have started a chat
	Messages map[int64][]Message // by chat, in order, deleted ones included
}

// Snapshot returns everything there is to see.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := Snapshot{Messages: map[int64][]Message{}}
	for _, id := range s.state.chatIDs() {
		ch := s.state.chats[id]
		if u := s.state.users[id]; u != nil {
			snap.Users = append(snap.Users, *u)
		}
		if ch.Type == "private" && !ch.started {
			continue
		}
		c := ch.Chat
		c.Members = slices.Clone(c.Members)
		snap.Chats = append(snap.Chats, c)
		snap.Messages[id] = State{s}.History(id)
	}
	return snap
}

// Await returns nil as soon as the condition holds, or the context's error. The condition is
// evaluated now and after changes (several changes may be seen at once), never concurrently.
func (s *Server) Await(ctx context.Context, condition func(State) bool) error {
	return s.mu.Await(ctx, func() bool { return condition(State{s}) })
}

// copied makes a copy that shares nothing that changes. The caller holds the server's lock.
func (m *message) copied() Message {
	c := m.Message
	c.file = nil
	if m.file != nil {
		f := m.file.File
		c.File = &f
	}
	c.NoPreview = m.preview["is_disabled"] == true
	c.Entities, c.Reactions = slices.Clone(m.Entities), slices.Clone(m.Reactions)
	return c
}

// Call is one Bot API call.
type Call struct {
	Method  string
	Chat    int64 // the chat argument, if it is a number
	Message int64 // the message made or named, if any
	At      time.Time
	Status  int               // HTTP status as carried out, before any fault changed the answer
	Error   string            // description of the refusal; empty for ok
	Params  map[string]string // as received; only in Options.OnCall and Fault.Match
}

type callKey struct {
	method string
	chat   int64
}

type callLog struct {
	byMethod map[string][]Call
	counts   map[callKey]int
	limited  map[callKey]int
}

func newCallLog() callLog {
	return callLog{byMethod: map[string][]Call{}, counts: map[callKey]int{}, limited: map[callKey]int{}}
}

func (l *callLog) add(c Call) {
	c.Params = nil
	l.byMethod[c.Method] = append(l.byMethod[c.Method], c)
	count(l.counts, c)
	if c.Status == 429 {
		count(l.limited, c)
	}
}

func count(m map[callKey]int, c Call) {
	m[callKey{c.Method, 0}]++
	if c.Chat != 0 {
		m[callKey{c.Method, c.Chat}]++
	}
}

// Calls returns the calls of a method in the order in which they were carried out; chat 0 means
// all chats. Calls that a fault swallowed are not among them, unless it made up a refusal.
func (s *Server) Calls(method string, chat int64) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls.byMethod[method] {
		if chat == 0 || c.Chat == chat {
			list = append(list, c)
		}
	}
	return list
}

// Violations lists what the bot asked and what the simulator answered against the description of
// the API; a test that ends with one has failed.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
