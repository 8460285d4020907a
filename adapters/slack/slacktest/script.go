package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Draft is what a person sends. Text is what they typed: the characters & < > are escaped on the
// way, except in the tokens that Slack's client makes of a mention or a link (<@U…>, <#C…|name>,
// <!here>, <https://…|label>); a bare web address becomes a link.
type Draft struct {
	Text      string
	ThreadTS  string // root's ts; empty: top level
	Broadcast bool   // "also send to channel"
	Me        bool   // /me
	Files     []Upload
}

// Upload is a file that a person attaches.
type Upload struct {
	Name   string
	Data   []byte
	Canvas bool // one that they wrote in Slack: what can be downloaded is a page that shows it
}

// Say posts a message as a person and returns its ts.
func (s *Server) Say(user, channel, threadTS, text string) (string, error) {
	return s.Post(user, channel, Draft{Text: text, ThreadTS: threadTS})
}

// Upload posts a file as a person, with a comment or none, and returns the message's ts.
func (s *Server) Upload(user, channel, threadTS, name string, data []byte, comment string) (string, error) {
	return s.Post(user, channel, Draft{Text: comment, ThreadTS: threadTS, Files: []Upload{{Name: name, Data: data}}})
}

// Post posts a message as a person and returns its ts. Like Slack's client it refuses people who
// are not in the channel, archived channels and locked or missing threads.
func (s *Server) Post(user, channel string, d Draft) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(d.Text) == "" && len(d.Files) == 0 {
		return "", refuse("no_text")
	}
	m := &message{Message: Message{User: user, ThreadTS: d.ThreadTS, ClientMsgID: s.clientMsgID()}}
	m.Text, m.Blocks = typed(d.Text)
	if u := s.state.users[user]; u.Bot {
		m.asBot(u)
	}
	if d.ThreadTS != "" {
		root := s.state.byTS[d.ThreadTS]
		switch {
		case root == nil || root.Channel != ch.ID || root.root != nil || root.Deleted && !root.Tombstone:
			return "", refuse("thread_not_found")
		case root.locked:
			return "", refuse("restricted_action_thread_locked")
		case d.Broadcast:
			m.Broadcast, m.Subtype = true, "thread_broadcast"
		}
	}
	switch {
	case d.Me:
		m.Subtype, m.Blocks = "me_message", nil
	case len(d.Files) > 0:
		m.Subtype = "file_share"
	}
	if len(d.Files) == 0 {
		s.state.add(ch, m)
		s.emitMessage(ch, m)
	} else {
		var files []*file
		for _, u := range d.Files {
			f := s.newFile(user, u.Name)
			f.fill(u.Data)
			if f.shared, f.canvas = true, u.Canvas; u.Canvas {
				f.Mimetype = "application/vnd.slack-docs"
			}
			files = append(files, f)
		}
		s.share(ch, m, files)
	}
	s.change()
	return m.TS, nil
}

// asBot turns a post into one of another app.
func (m *message) asBot(u *User) {
	m.Subtype, m.Username, m.BotID = "bot_message", u.Name, "B"+u.ID
	m.User, m.ClientMsgID, m.Blocks = "", "", nil
}

// clientMsgID makes up the UUID that Slack's clients put on a message.
func (s *Server) clientMsgID() string {
	s.state.lastID++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.state.lastID)
}

// humanPlace finds a channel that a person may write in.
func (s *Server) humanPlace(user, channel string) (*channel, error) {
	ch := s.state.channels[channel]
	switch {
	case s.state.users[user] == nil:
		return nil, refuse("user_not_found")
	case ch == nil:
		return nil, refuse("channel_not_found")
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.members[user]:
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

// own finds a message and checks that it is the person's.
func (s *Server) own(user, channel, ts, refusal string) (*channel, *message, error) {
	ch, err := s.humanPlace(user, channel)
	if err != nil {
		return nil, nil, err
	}
	m := ch.find(&s.state, ts)
	switch {
	case m == nil:
		return nil, nil, refuse("message_not_found")
	case m.Bot || m.User != user:
		return nil, nil, refuse(refusal)
	}
	return ch, m, nil
}

// Edit changes a person's own message.
func (s *Server) Edit(user, channel, ts, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.own(user, channel, ts, "cant_update_message")
	if err != nil {
		return err
	}
	prev := s.wire(m, false)
	m.Text, m.Blocks = typed(text)
	m.Edited = s.state.newTS()
	s.emitChanged(ch, m, prev)
	s.change()
	return nil
}

// Delete removes a person's own message.
func (s *Server) Delete(user, channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.own(user, channel, ts, "cant_delete_message")
	if err != nil {
		return err
	}
	s.deleteMessage(ch, m)
	s.change()
	return nil
}

// DeleteFile removes a person's own file from wherever it is shown. A message that says something besides stays,
// without a mark of an edit.
func (s *Server) DeleteFile(user, file string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.state.files[file]
	switch {
	case s.state.users[user] == nil:
		return refuse("user_not_found")
	case f == nil || !f.uploaded:
		return refuse("file_not_found")
	case f.Deleted:
		return refuse("file_deleted")
	case f.User != user:
		return refuse("cant_delete_file")
	}
	s.deleteFile(f)
	s.change()
	return nil
}

// onMessage runs f on a live message, whoever made it.
func (s *Server) onMessage(channelID, ts string, f func(*channel, *message) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.channels[channelID]
	if ch == nil {
		return refuse("channel_not_found")
	}
	m := ch.find(&s.state, ts)
	if m == nil {
		return refuse("message_not_found")
	}
	defer s.change()
	return f(ch, m)
}

// DeleteMessage removes any message, as an administrator may.
func (s *Server) DeleteMessage(channelID, ts string) error {
	return s.onMessage(channelID, ts, func(ch *channel, m *message) error {
		s.deleteMessage(ch, m)
		return nil
	})
}

// Unfurl shows a link preview under a message: message_changed without an edit.
func (s *Server) Unfurl(channelID, ts, title string) error {
	return s.onMessage(channelID, ts, func(ch *channel, m *message) error {
		prev := s.wire(m, false)
		m.attachments, _ = json.Marshal([]map[string]any{{"id": 1, "title": title, "from_url": "https://example.com/"}})
		s.emitChanged(ch, m, prev)
		return nil
	})
}

// LockThread forbids replies to a root, or allows them again. Slack sends no event for it.
func (s *Server) LockThread(channelID, ts string, locked bool) error {
	return s.onMessage(channelID, ts, func(_ *channel, m *message) error {
		m.locked = locked
		return nil
	})
}

// React puts a person's reaction (an emoji name without colons) under a message.
func (s *Server) React(user, channelID, ts, name string) error {
	return s.onMessage(channelID, ts, func(ch *channel, m *message) error { return s.react(ch, m, user, name) })
}

// Unreact takes a person's reaction away.
func (s *Server) Unreact(user, channelID, ts, name string) error {
	return s.onMessage(channelID, ts, func(ch *channel, m *message) error { return s.unreact(ch, m, user, name) })
}

// inChannel runs f on a channel.
func (s *Server) inChannel(id string, f func(*channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.channels[id]
	if ch == nil {
		return refuse("channel_not_found")
	}
	f(ch)
	s.change()
	return nil
}

// Archive archives or unarchives a channel on behalf of a person.
func (s *Server) Archive(user, channelID string, archived bool) error {
	return s.inChannel(channelID, func(ch *channel) {
		ch.Archived = archived
		kind := ch.kind() + "_archive"
		if !archived {
			kind = ch.kind() + "_unarchive"
		}
		s.emit(event{kind: kind, channel: ch, inner: map[string]any{
			"type": kind, "channel": ch.ID, "user": user, "event_ts": s.state.newTS(),
		}})
	})
}

// Join makes a user (the bot too) a member: member_joined_channel and a channel_join message.
func (s *Server) Join(user, channelID string) error {
	return s.inChannel(channelID, func(ch *channel) {
		ch.members[user] = true
		s.emitMembership("member_joined_channel", ch, user)
		m := &message{Message: Message{User: user, Subtype: "channel_join", Text: "<@" + user + "> has joined the channel"}}
		s.state.add(ch, m)
		s.emitMessage(ch, m)
	})
}

// Leave ends a user's membership: member_left_channel, or for the bot channel_left, after which it learns of nothing there.
func (s *Server) Leave(user, channelID string) error {
	return s.inChannel(channelID, func(ch *channel) {
		if kind := ch.kind() + "_left"; user == s.opts.BotUserID {
			s.emit(event{kind: kind, channel: ch, inner: map[string]any{
				"type": kind, "channel": ch.ID, "actor_id": "U0CREATOR", "event_ts": s.state.newTS(),
			}})
		} else {
			s.emitMembership("member_left_channel", ch, user)
		}
		delete(ch.members, user)
	})
}

func (s *Server) emitMembership(kind string, ch *channel, user string) {
	s.emit(event{kind: kind, channel: ch, inner: map[string]any{
		"type": kind, "user": user, "channel": ch.ID, "channel_type": ch.kind()[:1], "team": s.opts.TeamID,
		"event_ts": s.state.newTS(),
	}})
}

// Members lists the members of a channel, sorted.
func (s *Server) Members(channelID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.channels[channelID]
	if ch == nil {
		return nil
	}
	var ids []string
	for id := range ch.members {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
