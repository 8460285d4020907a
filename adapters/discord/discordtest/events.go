package discordtest

import (
	"maps"
	"strings"
	"time"
)

// Gateway intents (https://docs.discord.com/developers/events/gateway#list-of-intents).
const (
	IntentGuilds         = 1 << 0
	IntentMembers        = 1 << 1
	IntentWebhooks       = 1 << 5
	IntentPresences      = 1 << 8
	IntentMessages       = 1 << 9
	IntentReactions      = 1 << 10
	IntentTyping         = 1 << 11
	IntentMessageContent = 1 << 15
	allIntents           = 1<<26 - 1
	alwaysSent           = 0
	privilegedIntents    = IntentMembers | IntentPresences | IntentMessageContent
	maxSendsPerMinute    = 120
)

// event is one happening on its way to the sessions.
type event struct {
	kind    string // "MESSAGE_CREATE"
	intent  int    // who has asked for it; alwaysSent: everyone
	channel *channel
	message *message // whose content is privileged
	data    object
}

// emit sends an event to every session that asked for it and may see it, past the event faults. The caller holds the
// lock.
func (s *Server) emit(e event) {
	if e.channel != nil && strings.HasPrefix(e.kind, "MESSAGE") && !s.sees(e.channel) {
		return
	}
	if e.channel != nil && e.channel.thread() && !s.sees(e.channel) {
		return
	}
	s.route(e)
}

// deliver gives an event to every session, unless the bot was removed from the guild.
func (s *Server) deliver(e event) {
	if s.state.users[s.opts.BotUserID].Left && e.kind != "GUILD_DELETE" {
		return
	}
	for _, sess := range s.gateway.sessions {
		if e.intent != alwaysSent && sess.intents&e.intent == 0 {
			continue
		}
		data := e.data
		if e.message != nil && sess.intents&IntentMessageContent == 0 {
			data = maps.Clone(data)
			s.redact(data, e.message)
		}
		sess.dispatch(e.kind, data, s.opts.Replay)
	}
	s.change()
}

// redact takes from a message what only the message content intent shows: nothing of the application's own and of
// messages that mention it.
func (s *Server) redact(o object, m *message) {
	if m.Author == s.opts.BotUserID || m.application == s.opts.ApplicationID {
		return
	}
	for _, id := range found(userMention, m.Content) {
		if id == s.opts.BotUserID {
			return
		}
	}
	delete(o, "referenced_message")
	o["content"], o["embeds"], o["attachments"], o["components"] = "", []any{}, []any{}, []any{}
}

func (s *Server) emitMessage(kind string, m *message) {
	ch := s.state.channels[m.Channel]
	o := s.wireMessage(m, true)
	o["guild_id"] = s.opts.GuildID
	o["channel_type"] = ch.Type
	if u := s.state.users[m.Author]; u != nil && m.Webhook == "" && !u.Left {
		o["member"] = s.wireMember(u)
	}
	if kind == "MESSAGE_CREATE" && m.Nonce != "" {
		o["nonce"] = m.Nonce
	}
	s.emit(event{kind: kind, intent: IntentMessages, channel: ch, message: m, data: o})
}

func (s *Server) emitDeleted(ch *channel, id string) {
	s.emit(event{kind: "MESSAGE_DELETE", intent: IntentMessages, channel: ch, data: object{
		"id": id, "channel_id": ch.ID, "guild_id": s.opts.GuildID,
	}})
}

func (s *Server) emitBulkDeleted(ch *channel, ids []string) {
	if len(ids) > 0 {
		s.emit(event{kind: "MESSAGE_DELETE_BULK", intent: IntentMessages, channel: ch, data: object{
			"ids": ids, "channel_id": ch.ID, "guild_id": s.opts.GuildID,
		}})
	}
}

func (s *Server) emitReaction(kind string, m *message, user, emoji string) {
	o := object{
		"user_id": user, "channel_id": m.Channel, "message_id": m.ID, "guild_id": s.opts.GuildID,
		"emoji": wireEmoji(emoji), "burst": false, "type": 0,
	}
	if kind == "MESSAGE_REACTION_ADD" {
		o["message_author_id"] = m.Author
		if u := s.state.users[user]; u != nil {
			member := s.wireMember(u)
			member["user"] = s.wireUser(u)
			o["member"] = member
		}
	}
	s.emit(event{kind: kind, intent: IntentReactions, channel: s.state.channels[m.Channel], data: o})
}

func (s *Server) emitChannel(kind string, ch *channel) {
	s.emit(event{kind: kind, intent: IntentGuilds, channel: ch, data: s.wireChannel(ch)})
}

// emitThread tells of a thread. What is told of a deleted one is not much.
func (s *Server) emitThread(kind string, ch *channel) {
	o := s.wireThread(ch)
	switch kind {
	case "THREAD_CREATE":
		o["newly_created"] = true
	case "THREAD_DELETE":
		o = object{"id": ch.ID, "guild_id": s.opts.GuildID, "parent_id": ch.ParentID, "type": ch.Type}
	}
	s.emit(event{kind: kind, intent: IntentGuilds, channel: ch, data: o})
}

func (s *Server) emitWebhooks(channelID string) {
	s.emit(event{kind: "WEBHOOKS_UPDATE", intent: IntentWebhooks, channel: s.state.channels[channelID], data: object{
		"guild_id": s.opts.GuildID, "channel_id": channelID,
	}})
}

func (s *Server) emitTyping(ch *channel, user string) {
	o := object{"channel_id": ch.ID, "guild_id": s.opts.GuildID, "user_id": user, "timestamp": time.Now().Unix()}
	if u := s.state.users[user]; u != nil {
		member := s.wireMember(u)
		member["user"] = s.wireUser(u)
		o["member"] = member
	}
	s.emit(event{kind: "TYPING_START", intent: IntentTyping, channel: ch, data: o})
}

// guildCreate is what a session learns of the guild when it begins: channels and active threads included.
func (s *Server) guildCreate() object {
	o := s.wireGuild()
	me := s.wireMember(s.state.users[s.opts.BotUserID])
	me["user"] = s.wireUser(s.state.users[s.opts.BotUserID])
	threads := []object{}
	for _, t := range s.state.threads(false) {
		if s.sees(t) {
			threads = append(threads, s.wireThread(t))
		}
	}
	maps.Copy(o, object{
		"joined_at": stamp(s.gateway.born), "large": false, "unavailable": false, "member_count": len(s.state.users),
		"members": []object{me}, "channels": s.wirePlaces(), "threads": threads, "presences": []any{},
		"voice_states": []any{}, "stage_instances": []any{}, "guild_scheduled_events": []any{}, "soundboard_sounds": []any{},
	})
	return o
}
