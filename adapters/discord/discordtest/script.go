package discordtest

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Draft is what a person sends.
type Draft struct {
	Text  string // as Discord keeps it: mentions are <@id>
	Reply string // id of the message that it answers
	Files []File

	// UnknownComponent, if positive, puts a component of that kind beneath, as a new version of Discord might.
	UnknownComponent int
}

// File is a file that a person attaches.
type File struct {
	Name string
	Data []byte
}

// Say posts a message as a person, in a channel or thread, and returns its id.
func (s *Server) Say(user, channel, text string) (string, error) {
	return s.Post(user, channel, Draft{Text: text})
}

// Upload posts a file as a person, with a comment or none, and returns the message's id.
func (s *Server) Upload(user, channel, name string, data []byte, comment string) (string, error) {
	return s.Post(user, channel, Draft{Text: comment, Files: []File{{name, data}}})
}

// Post posts a message as a person and returns its id. Like Discord's client it refuses people who may not write there.
func (s *Server) Post(user, channel string, d Draft) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, channel)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(d.Text)
	switch {
	case text == "" && len(d.Files) == 0:
		return "", errEmptyMessage
	case utf8.RuneCountInString(text) > maxContent:
		return "", tooLong("content", maxContent)
	case len(d.Files) > 10:
		return "", tooLong("attachments", 10)
	}
	u := s.state.users[user]
	m := &message{Message: Message{Author: user, Name: u.Name(), Bot: u.Bot, Content: text}}
	if d.Reply != "" {
		if _, err := ch.message(&s.state, d.Reply); err != nil {
			return "", err
		}
		m.Type, m.Reply, m.refersTo = typeReply, d.Reply, ch.ID
	}
	for _, f := range d.Files {
		if len(f.Data) > s.opts.MaxFile {
			return "", errTooLarge
		}
		m.files = append(m.files, s.newAttachment(f.Name, f.Data))
	}
	if d.UnknownComponent > 0 {
		m.unknown = object{"type": d.UnknownComponent, "id": 1}
	}
	s.post(ch, m)
	s.change()
	return m.ID, nil
}

// PostByWebhook posts in a webhook's channel, or in a thread there, under any name: what another application or a person
// with the webhook's address does.
func (s *Server) PostByWebhook(webhookID, channel, name, text string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.state.webhooks[webhookID]
	if h == nil || h.gone {
		return "", errUnknownWebhook
	}
	ch, err := s.state.channel(channel)
	if err != nil || ch.ID != h.Channel && ch.ParentID != h.Channel {
		return "", errUnknownChannel
	}
	m := &message{Message: Message{Author: h.ID, Name: name, Webhook: h.ID, Bot: !h.Foreign, Content: text}}
	if !h.Foreign {
		m.application = s.opts.ApplicationID
	}
	s.post(ch, m)
	s.change()
	return m.ID, nil
}

// humanPlace finds a channel or thread that a person may write in.
func (s *Server) humanPlace(user, channelID string) (*channel, error) {
	ch, err := s.seen(user, channelID)
	if err != nil {
		return nil, err
	}
	switch {
	case !ch.writable():
		return nil, errNonText
	case !s.permissions(user, ch).has(ch.writing()):
		return nil, errMissingPermissions
	case ch.Locked && !s.permissions(user, ch).has(ManageThreads):
		return nil, errThreadLocked
	}
	return ch, s.roomToRevive(ch)
}

// seen finds a channel or thread that a person sees.
func (s *Server) seen(user, channelID string) (*channel, error) {
	if u := s.state.users[user]; u == nil || u.Left {
		return nil, errUnknownUser
	}
	ch, err := s.state.channel(channelID)
	if err != nil {
		return nil, err
	}
	return ch, s.mayUser(user, ch, ViewChannel)
}

// own finds a message that a person wrote.
func (s *Server) own(user, id string) (*channel, *message, error) {
	ch, m, err := s.shown(user, id)
	if err != nil {
		return nil, nil, err
	}
	if m.Author != user {
		return nil, nil, errNotAuthor
	}
	return ch, m, nil
}

// shown finds a message that a person sees.
func (s *Server) shown(user, id string) (*channel, *message, error) {
	m := s.state.messages[id]
	if m == nil || m.Deleted {
		return nil, nil, errUnknownMessage
	}
	ch, err := s.seen(user, m.Channel)
	return ch, m, err
}

// Edit changes a person's own message.
func (s *Server) Edit(user, id, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.own(user, id)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	switch {
	case s.state.channels[m.Channel].Archived:
		return errArchived
	case text == "" && len(m.files) == 0:
		return errEmptyMessage
	case utf8.RuneCountInString(text) > maxContent:
		return tooLong("content", maxContent)
	}
	m.Content, m.Edited = text, s.later(m)
	s.emitMessage("MESSAGE_UPDATE", m)
	s.change()
	return nil
}

// Delete removes a person's own message, or another's if the person may.
func (s *Server) Delete(user, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.shown(user, id)
	if err != nil {
		return err
	}
	if m.Author != user && !s.permissions(user, ch).has(ManageMessages) {
		return errMissingPermissions
	}
	s.remove(ch, m)
	s.emitDeleted(ch, m.ID)
	s.change()
	return nil
}

// DeleteMessage removes any message, as an administrator may.
func (s *Server) DeleteMessage(id string) error { return s.Delete(s.opts.OwnerID, id) }

// BulkDelete removes messages of one channel or thread at once, as a moderating bot does.
func (s *Server) BulkDelete(channelID string, ids ...string) error {
	return s.inChannel(channelID, func(ch *channel) error {
		for _, id := range ids {
			m, err := ch.message(&s.state, id)
			if err != nil {
				return err
			}
			s.remove(ch, m)
		}
		s.emitBulkDeleted(ch, ids)
		return nil
	})
}

// RemoveFile takes a person's file from their message, which stays: Discord shows it as an edit.
func (s *Server) RemoveFile(user, messageID, attachmentID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.own(user, messageID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.files, func(f *attachment) bool { return f.ID == attachmentID })
	switch {
	case i < 0:
		return errUnknownMessage
	case m.Content == "" && len(m.files) == 1:
		return errEmptyMessage
	}
	m.files[i].gone = true
	m.files = slices.Delete(slices.Clone(m.files), i, i+1)
	m.Edited = s.later(m)
	s.emitMessage("MESSAGE_UPDATE", m)
	s.change()
	return nil
}

// onMessage runs f on a live message, whoever made it.
func (s *Server) onMessage(id string, f func(*channel, *message) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.messages[id]
	if m == nil || m.Deleted {
		return errUnknownMessage
	}
	defer s.change()
	return f(s.state.channels[m.Channel], m)
}

// React puts a person's reaction under a message.
func (s *Server) React(user, id, emoji string) error {
	return s.onMessage(id, func(ch *channel, m *message) error {
		if err := s.mayUser(user, ch, ViewChannel|AddReactions); err != nil {
			return err
		}
		return s.react(ch, m, user, emoji)
	})
}

// Unreact takes a person's reaction away.
func (s *Server) Unreact(user, id, emoji string) error {
	return s.onMessage(id, func(ch *channel, m *message) error { return s.unreact(ch, m, user, emoji) })
}

// Pin pins a message as a person: an update that is no edit, and a message of Discord's own.
func (s *Server) Pin(user, id string) error {
	return s.onMessage(id, func(ch *channel, m *message) error {
		if s.state.users[user] == nil {
			return errUnknownUser
		}
		s.pin(ch, m, user)
		return nil
	})
}

// Unfurl shows a link's preview under a message: MESSAGE_UPDATE without an edit.
func (s *Server) Unfurl(id, title string) error {
	return s.onMessage(id, func(_ *channel, m *message) error {
		if m.Flags&FlagSuppressEmbeds == 0 {
			m.previews = append(m.previews, embed{Type: "article", Title: title, URL: "https://example.com/"})
			s.emitMessage("MESSAGE_UPDATE", m)
		}
		return nil
	})
}

// AddUnknownComponent puts a component of a kind that no client knows under a message, and tells of it.
func (s *Server) AddUnknownComponent(id string, kind int) error {
	return s.onMessage(id, func(_ *channel, m *message) error {
		m.unknown = object{"type": kind, "id": 1}
		s.emitMessage("MESSAGE_UPDATE", m)
		return nil
	})
}

// Typing shows that a person is typing.
func (s *Server) Typing(user, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, channel)
	if err != nil {
		return err
	}
	s.emitTyping(ch, user)
	s.change()
	return nil
}

// Age makes a message older than it is.
func (s *Server) Age(id string, by time.Duration) error {
	return s.onMessage(id, func(_ *channel, m *message) error {
		m.at = m.at.Add(-by)
		return nil
	})
}
