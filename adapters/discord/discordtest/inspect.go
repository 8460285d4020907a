package discordtest

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Message is a message as a person looking at the guild sees it, with what Discord keeps beside it. Values given out
// are copies.
type Message struct {
	ID          string
	Channel     string // or thread
	Type        int    // 0: what somebody wrote, 19: as an answer, 20: a command's answer; others are Discord's own
	Author      string // user id, or a webhook's
	Name        string // shown name of a webhook's message
	Avatar      string // address of a webhook's picture
	Webhook     string // id
	Content     string
	Flags       int
	Embeds      json.RawMessage // nil: none
	Components  json.RawMessage // nil: none
	Attachments []Attachment
	Reactions   []Reaction
	Nonce       string
	Reply       string    // id of the message that it answers
	Edited      time.Time // zero: never
	Deleted     bool
	Pinned      bool
	Bot         bool
	For         string // the one person who sees it
}

// State is a read-only look at the guild, valid only inside the function it was given to.
type State struct{ s *Server }

// Snapshot is everything there was to see at one moment.
type Snapshot struct {
	Users      []User
	Channels   []Channel            // threads too, deleted ones included, in the order in which they were made
	Messages   map[string][]Message // by channel or thread, in order, deleted ones included
	Ephemerals []Message
}

// Messages returns the messages of a channel or thread in order, without deleted ones.
func (v State) Messages(channelID string) []Message {
	ch := v.s.state.channels[channelID]
	if ch == nil {
		return nil
	}
	var out []Message
	for _, m := range ch.messages {
		if !m.Deleted {
			out = append(out, v.s.copyOf(m))
		}
	}
	return out
}

// Said returns the messages of a channel or thread that somebody wrote: those that Discord itself makes are left out.
func (v State) Said(channelID string) []Message {
	return slices.DeleteFunc(v.Messages(channelID), func(m Message) bool {
		return m.Type != typeDefault && m.Type != typeReply && m.Type != typeCommand
	})
}

// Message returns one message, deleted or not.
func (v State) Message(id string) (Message, bool) {
	m := v.s.state.messages[id]
	if m == nil {
		return Message{}, false
	}
	return v.s.copyOf(m), true
}

// Channel returns a channel or thread, deleted or not.
func (v State) Channel(id string) (Channel, bool) {
	ch := v.s.state.channels[id]
	if ch == nil {
		return Channel{}, false
	}
	return ch.Channel, true
}

// Threads returns the threads of a channel that are there, archived ones included, in the order in which they were made.
func (v State) Threads(parentID string) []Channel {
	var out []Channel
	for _, id := range v.s.state.order {
		if ch := v.s.state.channels[id]; ch.thread() && ch.ParentID == parentID && !ch.Deleted {
			out = append(out, ch.Channel)
		}
	}
	return out
}

// Posted is the number of messages ever made in a channel or thread; it costs one map access.
func (v State) Posted(channelID string) int {
	if ch := v.s.state.channels[channelID]; ch != nil {
		return len(ch.messages)
	}
	return 0
}

// Ephemerals returns the answers that only one person saw, oldest first, without deleted ones.
func (v State) Ephemerals() []Message {
	var out []Message
	for _, m := range v.s.state.ephemerals {
		if !m.Deleted {
			out = append(out, v.s.copyOf(m))
		}
	}
	return out
}

// Messages is State.Messages, now.
func (s *Server) Messages(channelID string) []Message {
	return look(s, func(v State) []Message { return v.Messages(channelID) })
}

// Said is State.Said, now.
func (s *Server) Said(channelID string) []Message {
	return look(s, func(v State) []Message { return v.Said(channelID) })
}

// Threads is State.Threads, now.
func (s *Server) Threads(parentID string) []Channel {
	return look(s, func(v State) []Channel { return v.Threads(parentID) })
}

// Ephemerals is State.Ephemerals, now.
func (s *Server) Ephemerals() []Message { return look(s, State.Ephemerals) }

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
	snap := Snapshot{Messages: map[string][]Message{}, Ephemerals: State{s}.Ephemerals()}
	for _, id := range s.state.userOrder {
		snap.Users = append(snap.Users, *s.state.users[id])
	}
	for _, id := range s.state.order {
		ch := s.state.channels[id]
		snap.Channels = append(snap.Channels, ch.Channel)
		for _, m := range ch.messages {
			snap.Messages[id] = append(snap.Messages[id], s.copyOf(m))
		}
	}
	return snap
}

// Await returns nil as soon as the condition holds, or the context's error. The condition is evaluated now and after
// changes (several changes may be seen at once), never concurrently.
func (s *Server) Await(ctx context.Context, condition func(State) bool) error {
	return s.mu.Await(ctx, func() bool { return condition(State{s}) })
}

// AwaitReady waits until a session is ready.
func (s *Server) AwaitReady(ctx context.Context) error {
	return s.Await(ctx, func(v State) bool { return v.ready() > 0 })
}

// copyOf makes a copy that shares nothing that changes. The caller holds the lock.
func (s *Server) copyOf(m *message) Message {
	c := m.Message
	c.Reactions = nil
	for _, f := range m.files {
		c.Attachments = append(c.Attachments, f.Attachment)
	}
	for _, r := range m.Reactions {
		c.Reactions = append(c.Reactions, Reaction{r.Emoji, slices.Clone(r.Users)})
	}
	if len(m.embeds) > 0 {
		c.Embeds = encode(m.embeds)
	}
	if len(m.components) > 0 {
		c.Components = encode(m.components)
	}
	return c
}
