package slacktest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Message is a message as a person looking at the workspace sees it, with what Slack keeps beside
// it. Values given out are copies.
type Message struct {
	Channel     string
	TS          string
	ThreadTS    string // root's ts; empty for a top-level message
	Subtype     string
	User        string // empty for a bot's post under another name
	BotID       string
	Username    string          // name the post was made under, if any
	Icon        string          // URL or :emoji:
	Text        string          // mrkdwn as stored
	Blocks      json.RawMessage // nil without blocks
	Metadata    json.RawMessage
	Files       []File
	Reactions   []Reaction
	ClientMsgID string
	Edited      string // ts of the last edit; empty: never
	Deleted     bool   // no longer shown
	Tombstone   bool   // deleted, but its replies keep the place
	Broadcast   bool   // reply also shown in the channel
	Bot         bool   // made by the app

	fileIDs []string
}

// Reaction is one emoji under a message and who gave it.
type Reaction struct {
	Name  string
	Users []string
}

// Ephemeral is a message that only one person saw.
type Ephemeral struct {
	Channel, ThreadTS, User, TS, Text string
	Blocks                            json.RawMessage
}

// State is a read-only look at the workspace, valid only inside the function it was given to.
type State struct{ s *Server }

// Snapshot is everything there was to see at one moment.
type Snapshot struct {
	Users      []User
	Channels   []Channel
	Messages   map[string][]Message // by channel, in ts order, deleted ones included
	Ephemerals []Ephemeral
}

// Thread returns a root and its replies in order, without deleted ones; the root stays in its
// place when it is deleted, marked so. nil when there never was such a root.
func (v State) Thread(channel, ts string) []Message {
	ch := v.s.state.channels[channel]
	root := v.s.state.byTS[ts]
	if ch == nil || root == nil || root.Channel != channel {
		return nil
	}
	list := []Message{v.s.copyOf(root)}
	for _, m := range ch.threads[ts] {
		if !m.Deleted {
			list = append(list, v.s.copyOf(m))
		}
	}
	return list
}

// Channel returns the top-level messages of a channel in order, without deleted ones (tombstones
// stay) and without replies that were not broadcast.
func (v State) Channel(channel string) []Message {
	ch := v.s.state.channels[channel]
	if ch == nil {
		return nil
	}
	var list []Message
	for _, m := range ch.top {
		if !m.Deleted || m.Tombstone {
			list = append(list, v.s.copyOf(m))
		}
	}
	return list
}

// Message returns one message, deleted or not.
func (v State) Message(ts string) (Message, bool) {
	m := v.s.state.byTS[ts]
	if m == nil {
		return Message{}, false
	}
	return v.s.copyOf(m), true
}

// Replies is the number of replies in a thread that are not deleted; it costs one map access.
func (v State) Replies(ts string) int {
	if m := v.s.state.byTS[ts]; m != nil {
		return m.replies
	}
	return 0
}

// Posted is the number of messages ever made in a channel, replies included; it costs one map access.
func (v State) Posted(channel string) int {
	if ch := v.s.state.channels[channel]; ch != nil {
		return len(ch.all)
	}
	return 0
}

// Ephemerals returns the messages that only one person saw, oldest first.
func (v State) Ephemerals() []Ephemeral { return slices.Clone(v.s.state.ephemerals) }

// Views returns the views that are open, by id.
func (v State) Views() map[string]View {
	out := make(map[string]View, len(v.s.state.views))
	for id, view := range v.s.state.views {
		out[id] = *view
	}
	return out
}

// Calls is the number of calls of a method that were carried out or refused; an empty channel
// counts all channels. It costs one map access.
func (v State) Calls(method, channel string) int { return v.s.calls.counts[callKey{method, channel}] }

// Limited is the number of calls of a method answered 429; an empty channel counts all channels.
func (v State) Limited(method, channel string) int {
	return v.s.calls.limited[callKey{method, channel}]
}

// Delivery tells what became of the events so far.
func (v State) Delivery() Delivery { return v.s.out.counts() }

// Thread is State.Thread, now.
func (s *Server) Thread(channel, ts string) []Message {
	return look(s, func(v State) []Message { return v.Thread(channel, ts) })
}

// Channel is State.Channel, now.
func (s *Server) Channel(channel string) []Message {
	return look(s, func(v State) []Message { return v.Channel(channel) })
}

// Delivery is State.Delivery, now.
func (s *Server) Delivery() Delivery { return look(s, State.Delivery) }

// Look calls see with the state, which does not change meanwhile.
func (s *Server) Look(see func(State)) {
	look(s, func(v State) struct{} { see(v); return struct{}{} })
}

func look[T any](s *Server, see func(State) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return see(State{s})
}

// Snapshot returns everything there is to see.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := Snapshot{Messages: map[string][]Message{}, Ephemerals: slices.Clone(s.state.ephemerals)}
	for _, id := range s.state.userOrder {
		snap.Users = append(snap.Users, *s.state.users[id])
	}
	for _, id := range s.state.order {
		ch := s.state.channels[id]
		c := ch.Channel
		c.Members = slices.Sorted(maps.Keys(ch.members))
		snap.Channels = append(snap.Channels, c)
		for _, m := range ch.all {
			snap.Messages[id] = append(snap.Messages[id], s.copyOf(m))
		}
	}
	return snap
}

// Await returns nil as soon as the condition holds, or the context's error. The condition is
// evaluated now and after changes (several changes may be seen at once), never concurrently.
func (s *Server) Await(ctx context.Context, condition func(State) bool) error {
	return s.mu.Await(ctx, func() bool { return condition(State{s}) })
}

// copyOf makes a copy that shares nothing that changes. The caller holds the lock.
func (s *Server) copyOf(m *message) Message {
	c := m.Message
	c.Files, c.Reactions = nil, nil
	for _, id := range m.fileIDs {
		if f := s.state.files[id]; f != nil {
			c.Files = append(c.Files, f.File)
		}
	}
	for _, r := range m.Reactions {
		c.Reactions = append(c.Reactions, Reaction{Name: r.Name, Users: slices.Clone(r.Users)})
	}
	return c
}

// Call is one Web API call.
type Call struct {
	Method   string
	Channel  string // the channel argument, if any
	ThreadTS string // the thread_ts argument (ts for conversations.replies), if any
	TS       string // the message made or named, if any
	At       time.Time
	Status   int               // HTTP status as carried out, before any fault changed the answer
	Error    string            // Slack's error code; empty for ok
	Params   map[string]string // as received; only in Options.OnCall
	Limited  bool              // answered 429
}

type callKey struct{ method, channel string }

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
	count(l.counts, c.Method, c.Channel)
	if c.Limited {
		l.limit(c.Method, c.Channel)
	}
}

func (l *callLog) limit(method, channel string) { count(l.limited, method, channel) }

func count(m map[callKey]int, method, channel string) {
	m[callKey{method, ""}]++
	if channel != "" {
		m[callKey{method, channel}]++
	}
}

// Calls returns the calls of a method in the order in which they were carried out; an empty
// channel means all channels. Calls that a fault swallowed are not among them, unless it made up a 429.
func (s *Server) Calls(method, channel string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls.byMethod[method] {
		if channel == "" || c.Channel == channel {
			list = append(list, c)
		}
	}
	return list
}
