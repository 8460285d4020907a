package discordtest

import (
	"encoding/json"
	"net/url"
)

// executeWebhook posts a message under any name. Interactions answer again by the same route, with the application's
// id and their token. There is no nonce.
func (s *Server) executeWebhook(c *call) (any, error) {
	if c.ids["webhook_id"] == s.opts.ApplicationID {
		return s.followUp(c)
	}
	h, err := s.theWebhook(c)
	if err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	name := h.Name
	if raw := fields["username"]; len(raw) > 0 && string(raw) != "null" {
		_ = json.Unmarshal(raw, &name)
		if err := checkWebhookName("username", name); err != nil {
			return nil, err
		}
	}
	var avatar, threadName string
	_ = json.Unmarshal(fields["avatar_url"], &avatar)
	_ = json.Unmarshal(fields["thread_name"], &threadName)
	if u, err := url.Parse(avatar); avatar != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || len(avatar) > 2048) {
		return nil, invalid("avatar_url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	}
	d, err := s.readDraft(fields, c.files, author{usersOnly: true}, nil)
	if err != nil {
		return nil, err
	}
	ch, err := s.webhookTarget(h, c, threadName)
	if err != nil {
		return nil, err
	}
	m := &message{Message: Message{Author: h.ID, Name: name, Avatar: avatar, Webhook: h.ID, Bot: !h.Foreign}}
	if !h.Foreign {
		m.application = s.opts.ApplicationID
	}
	d.fill(m)
	if threadName != "" {
		m.ID = ch.ID
	}
	s.post(ch, m)
	s.ping(m, d.mentions, false)
	c.made = m.ID
	if c.query.Get("wait") != "true" {
		return nil, nil
	}
	return s.wireMessage(m, true), nil
}

// webhookTarget finds or makes the place where a webhook's message goes.
func (s *Server) webhookTarget(h *webhook, c *call, threadName string) (*channel, error) {
	ch, err := s.state.channel(h.Channel)
	if err != nil {
		return nil, err
	}
	threadID := c.query.Get("thread_id")
	switch {
	case threadID != "" && threadName != "":
		return nil, errWebhookBoth
	case threadID != "":
		t, err := s.state.channel(threadID)
		switch {
		case err != nil || !t.thread() || t.ParentID != ch.ID:
			return nil, errUnknownChannel
		case t.Locked:
			return nil, errThreadLocked
		}
		return t, s.roomToRevive(t)
	case threadName != "" && ch.Type != Forum:
		return nil, errWebhookNotForum
	case threadName != "":
		return s.startThread(ch, Channel{Type: PublicThread, Name: threadName, Owner: h.ID}, threadRequest{Name: threadName}), nil
	case ch.Type == Forum:
		return nil, errForumWebhook
	}
	return ch, nil
}

// webhookMessage finds a message of the webhook. One in a thread is found only with its thread's id.
func (s *Server) webhookMessage(c *call) (*channel, *message, error) {
	h, err := s.theWebhook(c)
	if err != nil {
		return nil, nil, err
	}
	place := h.Channel
	if id := c.query.Get("thread_id"); id != "" {
		place = id
	}
	ch, err := s.state.channel(place)
	if err != nil || ch.ID != h.Channel && ch.ParentID != h.Channel {
		return nil, nil, errUnknownChannel
	}
	m, err := ch.message(&s.state, c.ids["message_id"])
	if err != nil || m.Webhook != h.ID {
		return nil, nil, errUnknownMessage
	}
	return ch, m, nil
}

func (s *Server) getWebhookMessage(c *call) (any, error) {
	if c.ids["webhook_id"] == s.opts.ApplicationID {
		_, m, err := s.answerMessage(c)
		if err != nil {
			return nil, err
		}
		return s.wireMessage(m, true), nil
	}
	_, m, err := s.webhookMessage(c)
	if err != nil {
		return nil, err
	}
	return s.wireMessage(m, true), nil
}

func (s *Server) updateWebhookMessage(c *call) (any, error) {
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	if c.ids["webhook_id"] == s.opts.ApplicationID {
		return s.editAnswer(c, fields)
	}
	ch, m, err := s.webhookMessage(c)
	if err != nil {
		return nil, err
	}
	return s.edit(c, ch, m, fields, author{usersOnly: true})
}

func (s *Server) deleteWebhookMessage(c *call) (any, error) {
	if c.ids["webhook_id"] == s.opts.ApplicationID {
		return s.deleteAnswer(c)
	}
	ch, m, err := s.webhookMessage(c)
	if err != nil {
		return nil, err
	}
	s.remove(ch, m)
	s.emitDeleted(ch, m.ID)
	return nil, nil
}
