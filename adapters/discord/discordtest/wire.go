package discordtest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// stamp writes a time as Discord does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// orNull is the value, or null for its zero value.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// list is never null.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

func (s *Server) wireUser(u *User) object {
	o := object{
		"id": u.ID, "username": u.Username, "global_name": orNull(u.GlobalName), "avatar": orNull(u.Avatar),
		"discriminator": "0", "public_flags": 0, "flags": 0, "primary_guild": nil, "avatar_decoration_data": nil,
	}
	if u.Bot {
		o["bot"], o["global_name"] = true, nil
	}
	return o
}

// wireMember is a member without the user, as it lies beside one in gateway events.
func (s *Server) wireMember(u *User) object {
	return object{
		"avatar": nil, "banner": nil, "communication_disabled_until": nil, "flags": 0, "joined_at": stamp(s.gateway.born),
		"nick": orNull(u.Nick), "pending": false, "premium_since": nil, "roles": list(u.Roles), "mute": false, "deaf": false,
	}
}

func (s *Server) wireRole(r *Role) object {
	return object{
		"id": r.ID, "name": r.Name, "permissions": r.Permissions.String(), "position": slices.Index(s.state.roleOrder, r.ID),
		"color": 0, "colors": object{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil}, "hoist": false,
		"managed": false, "mentionable": r.Mentionable, "icon": nil, "unicode_emoji": nil, "flags": 0,
	}
}

func (s *Server) wireChannel(ch *channel) object {
	if ch.thread() {
		return s.wireThread(ch)
	}
	overwrites := []object{}
	for _, o := range ch.Overwrites {
		kind := 0
		if o.Member {
			kind = 1
		}
		overwrites = append(overwrites, object{"id": o.ID, "type": kind, "allow": o.Allow.String(), "deny": o.Deny.String()})
	}
	o := object{
		"id": ch.ID, "type": ch.Type, "guild_id": s.opts.GuildID, "name": ch.Name, "parent_id": orNull(ch.ParentID),
		"position": slices.Index(s.state.order, ch.ID), "permission_overwrites": overwrites, "flags": 0, "nsfw": false,
	}
	if ch.Type == Category {
		return o
	}
	o["topic"], o["rate_limit_per_user"], o["last_message_id"] = orNull(ch.Topic), 0, orNull(s.lastIn(ch))
	if ch.Type == Forum {
		if ch.RequireTag {
			o["flags"] = 1 << 4
		}
		o["available_tags"], o["default_forum_layout"], o["default_sort_order"] = wireTags(ch.Tags), 0, nil
		o["default_reaction_emoji"] = nil
	}
	return o
}

// lastIn is the newest message of a channel, or the newest post of a forum.
func (s *Server) lastIn(ch *channel) string {
	last := ""
	if ch.Type == Forum {
		for id, t := range s.state.channels {
			if t.ParentID == ch.ID && compareIDs(id, last) > 0 {
				last = id
			}
		}
		return last
	}
	if n := len(ch.messages); n > 0 {
		last = ch.messages[n-1].ID
	}
	return last
}

func wireTags(tags []Tag) []object {
	out := []object{}
	for _, t := range tags {
		out = append(out, object{"id": t.ID, "name": t.Name, "moderated": false, "emoji_id": nil, "emoji_name": nil})
	}
	return out
}

func (s *Server) wireThread(ch *channel) object {
	changed := ch.created
	if !ch.archivedAt.IsZero() {
		changed = ch.archivedAt
	}
	o := object{
		"id": ch.ID, "type": ch.Type, "guild_id": s.opts.GuildID, "name": ch.Name, "parent_id": ch.ParentID, "flags": 0,
		"owner_id": ch.Owner, "last_message_id": orNull(s.lastIn(ch)), "rate_limit_per_user": 0,
		"message_count": ch.alive(), "total_message_sent": ch.sent, "member_count": len(ch.members),
		"thread_metadata": object{
			"archived": ch.Archived, "locked": ch.Locked, "auto_archive_duration": ch.AutoArchive,
			"archive_timestamp": stamp(changed), "create_timestamp": stamp(ch.created),
		},
	}
	if ch.Pinned {
		o["flags"] = flagPinned
	}
	if s.place(ch).Type == Forum {
		o["applied_tags"] = list(ch.AppliedTags)
	}
	if at, member := ch.members[s.opts.BotUserID]; member {
		o["member"] = wireThreadMember(ch, s.opts.BotUserID, at)
	}
	return o
}

func wireThreadMember(ch *channel, user string, at time.Time) object {
	return object{"id": ch.ID, "user_id": user, "join_timestamp": stamp(at), "flags": 0}
}

func (s *Server) wireAttachment(f *attachment) object {
	o := object{"id": f.ID, "filename": f.Name, "size": f.Size, "url": s.link(f), "proxy_url": s.link(f)}
	if f.Type != "" {
		o["content_type"] = f.Type
	}
	if f.Description != "" {
		o["description"] = f.Description
	}
	if f.Width > 0 {
		o["width"], o["height"] = f.Width, f.Height
	}
	return o
}

// wireAuthor is who a message is from: a webhook's messages bear their own name.
func (s *Server) wireAuthor(m *message) object {
	if m.Webhook != "" && s.state.users[m.Author] == nil {
		return object{
			"id": m.Webhook, "username": m.Name, "avatar": nil, "discriminator": "0000", "bot": true, "public_flags": 0,
			"flags": 0, "global_name": nil, "primary_guild": nil,
		}
	}
	if u := s.state.users[m.Author]; u != nil {
		return s.wireUser(u)
	}
	return s.wireUser(&User{ID: m.Author, Username: "Deleted User"})
}

// wireMessage is a message as REST answers it; full adds the message that it answers, and its thread.
func (s *Server) wireMessage(m *message, full bool) object {
	o := object{
		"id": m.ID, "channel_id": m.Channel, "type": m.Type, "author": s.wireAuthor(m), "content": m.Content,
		"timestamp": stamp(m.at), "edited_timestamp": nil, "tts": false, "pinned": m.Pinned, "flags": m.Flags,
		"mention_everyone": false, "mentions": s.wireMentions(m), "mention_roles": s.mentionedRoles(m),
		"embeds": append(list(m.embeds), m.previews...), "components": list(m.components), "attachments": []object{},
	}
	for _, f := range m.files {
		o["attachments"] = append(o["attachments"].([]object), s.wireAttachment(f))
	}
	if !m.Edited.IsZero() {
		o["edited_timestamp"] = stamp(m.Edited)
	}
	if groupMention.MatchString(m.Content) && s.permissions(m.Author, s.state.channels[m.Channel]).has(MentionEveryone) {
		o["mention_everyone"] = true
	}
	if m.Webhook != "" {
		o["webhook_id"] = m.Webhook
	}
	if m.application != "" {
		o["application_id"] = m.application
	}
	if m.metadata != nil {
		o["interaction_metadata"] = m.metadata
	}
	if m.unknown != nil {
		o["components"] = append(slices.Clone(list(m.components)), m.unknown)
	}
	s.wireReference(o, m, full)
	if reactions := s.wireReactions(m); len(reactions) > 0 {
		o["reactions"] = reactions
	}
	if t := s.state.channels[m.ID]; t != nil && t.ID != m.Channel && !t.Deleted && full {
		o["thread"] = s.wireThread(t)
	}
	return o
}

func (s *Server) wireReference(o object, m *message, full bool) {
	if m.Reply == "" && m.Type != typePinned && m.Type != typeThreadCreated {
		return
	}
	ref := object{"type": 0, "channel_id": m.refersTo, "guild_id": s.opts.GuildID}
	if m.Reply != "" {
		ref["message_id"] = m.Reply
	}
	o["message_reference"] = ref
	if !full || m.Type != typeReply && m.Type != typeThreadStarter {
		return
	}
	o["referenced_message"] = nil
	if to := s.state.messages[m.Reply]; to != nil && !to.Deleted {
		answered := maps.Clone(s.wireMessage(to, false))
		delete(answered, "reactions")
		o["referenced_message"] = answered
	}
}

func (s *Server) wireMentions(m *message) []object {
	out := []object{}
	for _, id := range found(userMention, m.Content) {
		if u := s.state.users[id]; u != nil {
			out = append(out, s.wireUser(u))
		}
	}
	return out
}

func (s *Server) mentionedRoles(m *message) []string {
	out := []string{}
	for _, id := range found(roleMention, m.Content) {
		if s.state.roles[id] != nil {
			out = append(out, id)
		}
	}
	return out
}

func (s *Server) wireReactions(m *message) []object {
	var out []object
	for _, r := range m.Reactions {
		out = append(out, object{
			"emoji": wireEmoji(r.Emoji), "count": len(r.Users), "me": slices.Contains(r.Users, s.opts.BotUserID),
			"me_burst": false, "burst_colors": []string{}, "count_details": object{"burst": 0, "normal": len(r.Users)},
		})
	}
	return out
}

// wireEmoji splits "name:id" of a custom emoji.
func wireEmoji(emoji string) object {
	name, id, custom := strings.Cut(emoji, ":")
	if custom {
		return object{"id": id, "name": name}
	}
	return object{"id": nil, "name": emoji}
}
