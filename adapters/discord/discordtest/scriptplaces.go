package discordtest

import "slices"

// inChannel runs f on a channel or thread.
func (s *Server) inChannel(id string, f func(*channel) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.state.channel(id)
	if err != nil {
		return err
	}
	defer s.change()
	return f(ch)
}

// StartThread starts a thread as a person, from a message, and returns its id, which is the message's.
func (s *Server) StartThread(user, messageID, name string) (string, error) {
	err := s.onMessage(messageID, func(ch *channel, m *message) error {
		switch {
		case ch.Type != Text:
			return errChannelType
		case s.state.channels[m.ID] != nil:
			return errHasThread
		}
		if err := s.mayUser(user, ch, CreatePublicThreads); err != nil {
			return err
		}
		t := s.startThread(ch, Channel{ID: m.ID, Type: PublicThread, Name: name, Owner: user}, threadRequest{})
		s.threadStarted(t, m)
		return nil
	})
	return messageID, err
}

// PostInForum makes a forum's post as a person and returns the id of the thread and its first message.
func (s *Server) PostInForum(user, forum, name, text string, tags ...string) (string, error) {
	id := ""
	err := s.inChannel(forum, func(ch *channel) error {
		if ch.Type != Forum {
			return errChannelType
		}
		if err := s.mayUser(user, ch, SendMessages); err != nil {
			return err
		}
		u := s.state.users[user]
		m := &message{Message: Message{ID: s.state.newID(), Author: user, Name: u.Name(), Bot: u.Bot, Content: text}}
		t := s.startThread(ch, Channel{ID: m.ID, Type: PublicThread, Name: name, Owner: user, AppliedTags: tags}, threadRequest{})
		s.post(t, m)
		id = t.ID
		return nil
	})
	return id, err
}

// ArchiveThread archives a thread or opens it, as a person with the right does, or time.
func (s *Server) ArchiveThread(id string, archived bool) error {
	return s.inChannel(id, func(ch *channel) error {
		if !ch.thread() {
			return errChannelType
		}
		s.setArchived(ch, archived)
		return nil
	})
}

// LockThread locks a thread or opens it.
func (s *Server) LockThread(id string, locked bool) error {
	return s.inChannel(id, func(ch *channel) error {
		if !ch.thread() {
			return errChannelType
		}
		ch.Locked = locked
		s.emitThread("THREAD_UPDATE", ch)
		return nil
	})
}

// Rename changes a channel's or thread's name.
func (s *Server) Rename(id, name string) error {
	return s.inChannel(id, func(ch *channel) error {
		ch.Name = name
		if ch.thread() {
			s.emitThread("THREAD_UPDATE", ch)
		} else {
			s.emitChannel("CHANNEL_UPDATE", ch)
		}
		return nil
	})
}

// DeleteChannel deletes a channel with its threads, or a thread.
func (s *Server) DeleteChannel(id string) error {
	return s.inChannel(id, func(ch *channel) error {
		s.removeChannel(ch)
		return nil
	})
}

// CreateChannel makes a channel and tells the sessions.
func (s *Server) CreateChannel(c Channel) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.state.addChannel(c)
	s.emitChannel("CHANNEL_CREATE", ch)
	s.change()
	return ch.Channel
}

// Overwrite sets the permissions of a role or member in a channel, in place of any it had there, and tells the sessions.
// Of threads that become invisible nothing is told.
func (s *Server) Overwrite(channelID string, o Overwrite) error {
	return s.inChannel(channelID, func(ch *channel) error {
		ch.Overwrites = slices.DeleteFunc(slices.Clone(ch.Overwrites), func(x Overwrite) bool { return x.ID == o.ID })
		if o.Allow != 0 || o.Deny != 0 {
			ch.Overwrites = append(ch.Overwrites, o)
		}
		s.emitChannel("CHANNEL_UPDATE", ch)
		return nil
	})
}

// Deny takes permissions from the bot in a channel; none gives back what was taken.
func (s *Server) Deny(channelID string, p Permission) error {
	return s.Overwrite(channelID, Overwrite{ID: s.opts.BotUserID, Member: true, Deny: p})
}

// Kick removes a member from the guild. To the bot it is as if the guild were gone.
func (s *Server) Kick(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.users[user]
	if u == nil || u.Left {
		return errUnknownUser
	}
	u.Left = true
	if user == s.opts.BotUserID {
		s.emit(event{kind: "GUILD_DELETE", intent: IntentGuilds, data: object{"id": s.opts.GuildID}})
	} else {
		s.emit(event{kind: "GUILD_MEMBER_REMOVE", intent: IntentMembers, data: object{
			"guild_id": s.opts.GuildID, "user": s.wireUser(u),
		}})
	}
	s.change()
	return nil
}

// Readmit lets the bot back into the guild from which it was removed.
func (s *Server) Readmit() {
	s.locked(func() {
		s.state.users[s.opts.BotUserID].Left = false
		s.emit(event{kind: "GUILD_CREATE", intent: IntentGuilds, data: s.guildCreate()})
	})
}
