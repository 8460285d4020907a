package slacktest

import (
	"encoding/json"
	"slices"
	"time"
)

// event is one happening on its way to the app.
type event struct {
	kind    string   // subscription without the channel type: "message", "reaction_added"
	subtype string   // of a message
	channel *channel // where; nil for none
	inner   any      // the inner event
}

// envelope is the outer shape of the Events API
// (https://docs.slack.dev/apis/events-api#event_type_structure).
type envelope struct {
	Token               string          `json:"token"`
	TeamID              string          `json:"team_id"`
	ContextTeamID       string          `json:"context_team_id"`
	APIAppID            string          `json:"api_app_id"`
	Event               any             `json:"event"`
	Type                string          `json:"type"`
	EventID             string          `json:"event_id"`
	EventTime           int64           `json:"event_time"`
	Authorizations      []authorization `json:"authorizations"`
	IsExtSharedChannel  bool            `json:"is_ext_shared_channel"`
	ContextEnterpriseID *string         `json:"context_enterprise_id"`
}

type authorization struct {
	EnterpriseID        *string `json:"enterprise_id"`
	TeamID              string  `json:"team_id"`
	UserID              string  `json:"user_id"`
	IsBot               bool    `json:"is_bot"`
	IsEnterpriseInstall bool    `json:"is_enterprise_install"`
}

// emit sends an event to the app if it has subscribed to it and its bot is where it happened.
// The caller holds the lock.
func (s *Server) emit(e event) {
	if e.channel != nil && !e.channel.members[s.opts.BotUserID] {
		return
	}
	if !slices.Contains(s.opts.Subscriptions, e.subscription()) {
		return
	}
	s.route(e, s.envelope(e.inner))
}

func (e event) subscription() string {
	if e.kind != "message" {
		return e.kind
	}
	return "message." + e.channel.kind() + "s"
}

// kind is the channel_type of events.
func (ch *channel) kind() string {
	if ch.Private {
		return "group"
	}
	return "channel"
}

func (s *Server) envelope(inner any) *delivery {
	id := s.state.newID("Ev")
	payload, err := json.Marshal(envelope{
		Token: "deprecated", TeamID: s.opts.TeamID, ContextTeamID: s.opts.TeamID, APIAppID: s.opts.AppID,
		Event: inner, Type: "event_callback", EventID: id, EventTime: time.Now().Unix(),
		Authorizations: []authorization{{TeamID: s.opts.TeamID, UserID: s.opts.BotUserID, IsBot: true}},
	})
	if err != nil {
		panic(err) // every inner event is made here or was JSON before
	}
	return &delivery{kind: "events_api", payload: payload, retries: true}
}

// emitMessage sends the event of a new message, and app_mention beside it when a person mentions
// the bot.
func (s *Server) emitMessage(ch *channel, m *message) {
	w := s.wire(m, false)
	w.Channel, w.ChannelType, w.EventTS = ch.ID, ch.kind(), m.TS
	w.BotProfile = nil
	s.emit(event{kind: "message", subtype: m.Subtype, channel: ch, inner: w})
	if m.Bot || !mentions(m.Text, s.opts.BotUserID) {
		return
	}
	mention := *w
	mention.Type, mention.Subtype, mention.ChannelType = "app_mention", "", ""
	s.emit(event{kind: "app_mention", channel: ch, inner: &mention})
}

// emitChanged sends message_changed with the message as it is now and as it was.
func (s *Server) emitChanged(ch *channel, m *message, prev *wireMessage) {
	ts := s.state.newTS()
	s.emit(event{kind: "message", subtype: "message_changed", channel: ch, inner: &wireMessage{
		Type: "message", Subtype: "message_changed", Hidden: true, TS: ts, EventTS: ts,
		Channel: ch.ID, ChannelType: ch.kind(), Message: s.wire(m, false), PreviousMessage: prev,
	}})
}

// emitDeleted sends message_deleted.
func (s *Server) emitDeleted(ch *channel, m *message, prev *wireMessage) {
	ts := s.state.newTS()
	s.emit(event{kind: "message", subtype: "message_deleted", channel: ch, inner: &wireMessage{
		Type: "message", Subtype: "message_deleted", Hidden: true, TS: ts, EventTS: ts, DeletedTS: m.TS,
		Channel: ch.ID, ChannelType: ch.kind(), PreviousMessage: prev,
	}})
}

func (s *Server) emitReaction(kind string, ch *channel, m *message, user, name string) {
	s.emit(event{kind: kind, channel: ch, inner: map[string]any{
		"type": kind, "user": user, "reaction": name, "item_user": m.User, "event_ts": s.state.newTS(),
		"item": map[string]string{"type": "message", "channel": ch.ID, "ts": m.TS},
	}})
}

// RevokeTokens tells the app that tokens of users are worth nothing any more: of the bot its bot token, of people the
// user tokens that they gave the app when they signed in (https://docs.slack.dev/reference/events/tokens_revoked).
func (s *Server) RevokeTokens(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := map[string][]string{}
	for _, user := range users {
		kind := "oauth"
		if user == s.opts.BotUserID {
			kind, s.state.revoked = "bot", true
		}
		tokens[kind] = append(tokens[kind], user)
	}
	s.emit(event{kind: "tokens_revoked", inner: map[string]any{
		"type": "tokens_revoked", "tokens": tokens, "event_ts": s.state.newTS(),
	}})
	s.change()
}

// SendEvent delivers any inner event in a proper envelope, whether the app has subscribed to it
// or not: an event type of the future, a known one with odd fields.
func (s *Server) SendEvent(inner any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.route(event{inner: inner}, s.envelope(inner))
	s.change()
}
