package discordtest

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf8"
)

// threadRequest starts a thread.
type threadRequest struct {
	Name        string   `json:"name"`
	AutoArchive *int     `json:"auto_archive_duration"`
	Type        *int     `json:"type"`
	AppliedTags []string `json:"applied_tags"`
}

func (r threadRequest) check() error {
	if n := utf8.RuneCountInString(r.Name); n < 1 || n > 100 {
		return badLength("name", 1, 100)
	}
	if r.AutoArchive != nil && !slices.Contains([]int{60, 1440, 4320, 10080}, *r.AutoArchive) {
		return invalid("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of {60, 1440, 4320, 10080}.")
	}
	return nil
}

// createThreadFromMessage makes a thread that has the message's id.
func (s *Server) createThreadFromMessage(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	var req threadRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	switch {
	case ch.Type != Text:
		return nil, errChannelType
	case s.state.channels[m.ID] != nil && !s.state.channels[m.ID].Deleted:
		return nil, errHasThread
	case m.system():
		return nil, errSystemMessage
	}
	if err := s.mayStart(ch, CreatePublicThreads, req); err != nil {
		return nil, err
	}
	t := s.startThread(ch, Channel{ID: m.ID, Type: PublicThread, Name: req.Name, Owner: s.opts.BotUserID}, req)
	s.threadStarted(t, m)
	c.made = t.ID
	return s.wireThread(t), nil
}

// threadStarted is what Discord does after a thread was made from a message: the message is marked, which looks like
// an edit, and stands at the thread's head.
func (s *Server) threadStarted(t *channel, m *message) {
	m.Flags |= FlagHasThread
	s.emitMessage("MESSAGE_UPDATE", m)
	s.post(t, &message{
		Message:  Message{Type: typeThreadStarter, Author: m.Author, Name: m.Name, Bot: m.Bot, Reply: m.ID},
		refersTo: m.Channel,
	})
}

// mayStart refuses unless the bot may start a thread of the kind now.
func (s *Server) mayStart(ch *channel, want Permission, req threadRequest) error {
	if err := s.may(ch, want); err != nil {
		return err
	}
	if err := req.check(); err != nil {
		return err
	}
	if len(s.state.threads(false)) >= s.opts.MaxActiveThreads {
		return errMaxThreads
	}
	return nil
}

// startThread makes a thread with its owner as member, and tells the sessions.
func (s *Server) startThread(parent *channel, t Channel, req threadRequest) *channel {
	t.ParentID = parent.ID
	if req.AutoArchive != nil {
		t.AutoArchive = *req.AutoArchive
	}
	ch := s.state.addChannel(t)
	ch.members[t.Owner] = ch.created
	s.emitThread("THREAD_CREATE", ch)
	return ch
}

// createThread starts a forum post, or a thread without a message: that one is private unless the type says otherwise.
func (s *Server) createThread(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel); err != nil {
		return nil, err
	}
	var req threadRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	switch ch.Type {
	case Forum:
		return s.createPost(c, ch, req)
	case Text:
	default:
		return nil, errChannelType
	}
	kind, want := PrivateThread, CreatePrivate
	if req.Type != nil {
		kind = *req.Type
	}
	if kind == PublicThread {
		want = CreatePublicThreads
	} else if kind != PrivateThread {
		return nil, invalid("type", "BASE_TYPE_CHOICES", "Value must be one of {11, 12}.")
	}
	if err := s.mayStart(ch, want, req); err != nil {
		return nil, err
	}
	t := s.startThread(ch, Channel{Type: kind, Name: req.Name, Owner: s.opts.BotUserID}, req)
	if kind == PublicThread {
		s.post(ch, &message{
			Message:  Message{Type: typeThreadCreated, Author: t.Owner, Name: s.opts.BotName, Bot: true, Content: t.Name},
			refersTo: t.ID,
		})
	}
	c.made = t.ID
	return s.wireThread(t), nil
}

// createPost makes a forum's post: a thread and its first message with the same id. It knows no nonce.
func (s *Server) createPost(c *call, forum *channel, req threadRequest) (any, error) {
	if err := s.mayStart(forum, SendMessages, req); err != nil {
		return nil, err
	}
	tags := list(req.AppliedTags)
	if err := s.checkTags(&channel{Channel: Channel{Type: PublicThread, ParentID: forum.ID}}, &tags); err != nil {
		return nil, err
	}
	outer, err := c.fields()
	if err != nil {
		return nil, err
	}
	inner := &call{route: c.route, body: outer["message"]}
	fields, err := inner.fields()
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 && len(c.files) == 0 {
		return nil, invalid("message", "BASE_TYPE_REQUIRED", "This field is required")
	}
	d, err := s.readDraft(fields, c.files, author{channel: forum}, nil)
	if err != nil {
		return nil, err
	}
	m := &message{Message: Message{ID: s.state.newID(), Author: s.opts.BotUserID, Name: s.opts.BotName, Bot: true}}
	d.fill(m)
	t := s.startThread(forum, Channel{ID: m.ID, Type: PublicThread, Name: req.Name, Owner: s.opts.BotUserID, AppliedTags: tags}, req)
	s.post(t, m)
	s.ping(m, d.mentions, false)
	c.made = t.ID
	o := s.wireThread(t)
	o["message"] = s.wireMessage(m, true)
	return o, nil
}

// getActiveThreads lists the guild's active threads that the bot sees, newest first.
func (s *Server) getActiveThreads(c *call) (any, error) {
	if c.ids["guild_id"] != s.opts.GuildID {
		return nil, errUnknownGuild
	}
	active := slices.DeleteFunc(s.state.threads(false), func(t *channel) bool { return !s.sees(t) })
	slices.SortFunc(active, func(a, b *channel) int { return compareIDs(b.ID, a.ID) })
	o := s.wireThreads(active)
	o["has_more"] = false
	return o, nil
}

// sees reports whether the bot sees a thread: private ones only as a member or with MANAGE_THREADS.
func (s *Server) sees(t *channel) bool {
	if !s.permissions(s.opts.BotUserID, t).has(ViewChannel) {
		return false
	}
	_, member := t.members[s.opts.BotUserID]
	return t.Type != PrivateThread || member || s.may(t, ManageThreads) == nil
}

func (s *Server) wireThreads(threads []*channel) object {
	found, members := []object{}, []object{}
	for _, t := range threads {
		found = append(found, s.wireThread(t))
		if at, ok := t.members[s.opts.BotUserID]; ok {
			members = append(members, wireThreadMember(t, s.opts.BotUserID, at))
		}
	}
	return object{"threads": found, "members": members}
}

// listArchivedThreads lists the public archived threads of a channel, the last archived first.
func (s *Server) listArchivedThreads(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel|ReadMessageHistory); err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 50, 2, 100)
	if err != nil {
		return nil, err
	}
	before := time.Now()
	if c.query.Has("before") {
		if before, err = time.Parse(time.RFC3339Nano, c.query.Get("before")); err != nil {
			return nil, invalid("before", "DATE_TIME_TYPE_PARSE", "Could not parse the value. Should be ISO8601.")
		}
	}
	archived := slices.DeleteFunc(s.state.threads(true), func(t *channel) bool {
		return t.ParentID != ch.ID || t.Type != PublicThread || !t.archivedAt.Before(before)
	})
	slices.SortFunc(archived, func(a, b *channel) int {
		return cmp.Or(b.archivedAt.Compare(a.archivedAt), compareIDs(b.ID, a.ID))
	})
	more := len(archived) > limit
	o := s.wireThreads(archived[:min(limit, len(archived))])
	o["has_more"] = more
	return o, nil
}
