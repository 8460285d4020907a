package discordtest

import (
	"strings"
	"unicode/utf8"
)

// Webhook is an incoming webhook of a channel.
type Webhook struct {
	ID, Token, Name, Channel string
	Foreign                  bool // made by a person, not by the application
}

type webhook struct {
	Webhook
	gone bool
}

func (s *Server) wireWebhook(h *webhook, secret bool) object {
	o := object{
		"id": h.ID, "type": 1, "name": h.Name, "avatar": nil, "channel_id": h.Channel, "guild_id": s.opts.GuildID,
		"application_id": nil, "user": s.wireUser(s.state.users[s.opts.BotUserID]),
	}
	if h.Foreign {
		o["user"] = s.wireUser(s.state.users[s.opts.OwnerID])
	} else {
		o["application_id"] = s.opts.ApplicationID
	}
	if secret {
		o["token"] = h.Token
		o["url"] = s.base + "/api/webhooks/" + h.ID + "/" + h.Token
	}
	return o
}

func (s *Server) createWebhook(c *call) (any, error) {
	ch, err := s.webhookPlace(c)
	if err != nil {
		return nil, err
	}
	var body struct{ Name string }
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if err := checkWebhookName("name", body.Name); err != nil {
		return nil, err
	}
	if len(s.webhooksOf(ch.ID)) >= 15 {
		return nil, errMaxWebhooks
	}
	return s.wireWebhook(s.newWebhook(Webhook{Name: body.Name, Channel: ch.ID}), true), nil
}

func (s *Server) newWebhook(w Webhook) *webhook {
	w.ID = s.state.newID()
	w.Token = "webhook-token-" + w.ID
	h := &webhook{Webhook: w}
	s.state.webhooks[h.ID] = h
	s.state.webhookOrder = append(s.state.webhookOrder, h.ID)
	s.emitWebhooks(h.Channel)
	return h
}

// checkWebhookName refuses what Discord does not let a webhook be called
// (https://docs.discord.com/developers/resources/webhook#create-webhook).
func checkWebhookName(field, name string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > 80 {
		return badLength(field, 1, 80)
	}
	for _, word := range []string{"clyde", "discord"} {
		if strings.Contains(strings.ToLower(name), word) {
			return invalid(field, "USERNAME_INVALID_CONTAINS", `Username cannot contain "`+word+`"`)
		}
	}
	return nil
}

// webhookPlace finds a channel whose webhooks the bot manages. Threads have none.
func (s *Server) webhookPlace(c *call) (*channel, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ManageWebhooks); err != nil {
		return nil, err
	}
	if ch.thread() || ch.Type == Category {
		return nil, errChannelType
	}
	return ch, nil
}

// webhooksOf lists the webhooks of a channel, or of the guild.
func (s *Server) webhooksOf(channel string) []*webhook {
	var out []*webhook
	for _, id := range s.state.webhookOrder {
		if h := s.state.webhooks[id]; !h.gone && (channel == "" || h.Channel == channel) {
			out = append(out, h)
		}
	}
	return out
}

func (s *Server) wireWebhooks(hooks []*webhook) []object {
	out := []object{}
	for _, h := range hooks {
		out = append(out, s.wireWebhook(h, true))
	}
	return out
}

func (s *Server) listChannelWebhooks(c *call) (any, error) {
	ch, err := s.webhookPlace(c)
	if err != nil {
		return nil, err
	}
	return s.wireWebhooks(s.webhooksOf(ch.ID)), nil
}

func (s *Server) getGuildWebhooks(c *call) (any, error) {
	if err := s.theGuild(c); err != nil {
		return nil, err
	}
	if err := s.may(nil, ManageWebhooks); err != nil {
		return nil, err
	}
	return s.wireWebhooks(s.webhooksOf("")), nil
}

// theWebhook finds the webhook of the address, by its token or by the bot's right to manage it.
func (s *Server) theWebhook(c *call) (*webhook, error) {
	h := s.state.webhooks[c.ids["webhook_id"]]
	switch {
	case h == nil || h.gone:
		return nil, errUnknownWebhook
	case c.open && c.ids["webhook_token"] != h.Token:
		return nil, errWebhookToken
	case !c.open:
		return h, s.may(s.state.channels[h.Channel], ManageWebhooks)
	}
	return h, nil
}

func (s *Server) getWebhook(c *call) (any, error) {
	h, err := s.theWebhook(c)
	if err != nil {
		return nil, err
	}
	o := s.wireWebhook(h, true)
	if c.open {
		delete(o, "user")
	}
	return o, nil
}

func (s *Server) deleteWebhook(c *call) (any, error) {
	h, err := s.theWebhook(c)
	if err != nil {
		return nil, err
	}
	h.gone = true
	s.emitWebhooks(h.Channel)
	return nil, nil
}

// AddWebhook gives a channel a webhook: another application's or, with Foreign unset, one of ours.
func (s *Server) AddWebhook(w Webhook) Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	return s.newWebhook(w).Webhook
}

// Webhooks lists the webhooks of a channel; an empty id means all.
func (s *Server) Webhooks(channelID string) []Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Webhook
	for _, h := range s.webhooksOf(channelID) {
		out = append(out, h.Webhook)
	}
	return out
}

// DeleteWebhook deletes a webhook, as a person does in the channel's settings.
func (s *Server) DeleteWebhook(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.state.webhooks[id]
	if h == nil || h.gone {
		return errUnknownWebhook
	}
	h.gone = true
	s.emitWebhooks(h.Channel)
	s.change()
	return nil
}
