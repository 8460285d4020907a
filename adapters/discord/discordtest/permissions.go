package discordtest

import (
	"slices"
	"strconv"
)

// Permission is a set of Discord's permission bits (https://docs.discord.com/developers/topics/permissions).
type Permission uint64

// The permissions that the simulator enforces.
const (
	Administrator       Permission = 1 << 3
	ManageChannels      Permission = 1 << 4
	AddReactions        Permission = 1 << 6
	ViewChannel         Permission = 1 << 10
	SendMessages        Permission = 1 << 11
	ManageMessages      Permission = 1 << 13
	EmbedLinks          Permission = 1 << 14
	AttachFiles         Permission = 1 << 15
	ReadMessageHistory  Permission = 1 << 16
	MentionEveryone     Permission = 1 << 17
	UseExternalEmojis   Permission = 1 << 18
	ManageWebhooks      Permission = 1 << 29
	UseCommands         Permission = 1 << 31
	ManageThreads       Permission = 1 << 34
	CreatePublicThreads Permission = 1 << 35
	CreatePrivate       Permission = 1 << 36
	SendInThreads       Permission = 1 << 38
	PinMessages         Permission = 1 << 51

	allPermissions Permission = 1<<53 - 1
)

const (
	defaultEveryone = ViewChannel | SendMessages | SendInThreads | ReadMessageHistory | AddReactions | AttachFiles |
		EmbedLinks | CreatePublicThreads | UseExternalEmojis | UseCommands
	defaultBot = defaultEveryone | ManageThreads | ManageWebhooks | ManageMessages | PinMessages
)

func (p Permission) has(want Permission) bool { return p&want == want }
func (p Permission) String() string           { return strconv.FormatUint(uint64(p), 10) }

// Overwrite changes the permissions of one role or member in a channel and its threads.
type Overwrite struct {
	ID          string // of a role (the guild's id is everyone's role) or a user
	Member      bool   // ID is a user's
	Allow, Deny Permission
}

// permissions is what a member may do in a channel, or in the guild when ch is nil. A thread has its parent's.
func (s *Server) permissions(userID string, ch *channel) Permission {
	u := s.state.users[userID]
	if u == nil || u.Left {
		return 0
	}
	if userID == s.opts.OwnerID {
		return allPermissions
	}
	p := s.state.roles[s.opts.GuildID].Permissions
	for _, id := range u.Roles {
		if r := s.state.roles[id]; r != nil {
			p |= r.Permissions
		}
	}
	if p.has(Administrator) {
		return allPermissions
	}
	if ch == nil {
		return p
	}
	return s.place(ch).overwrite(p, s.opts.GuildID, u)
}

// overwrite applies a channel's overwrites in Discord's order: everyone's, those of all roles at once, the member's.
func (ch *channel) overwrite(p Permission, everyone string, u *User) Permission {
	var roles, member Overwrite
	for _, o := range ch.Overwrites {
		switch {
		case o.Member && o.ID == u.ID:
			member = o
		case o.Member:
		case o.ID == everyone:
			p = p&^o.Deny | o.Allow
		case slices.Contains(u.Roles, o.ID):
			roles.Allow |= o.Allow
			roles.Deny |= o.Deny
		}
	}
	p = p&^roles.Deny | roles.Allow
	p = p&^member.Deny | member.Allow
	if !p.has(ViewChannel) {
		return 0
	}
	return p
}

// place is the channel whose settings rule: a thread's parent, otherwise the channel itself.
func (s *Server) place(ch *channel) *channel {
	if ch.thread() {
		if parent := s.state.channels[ch.ParentID]; parent != nil {
			return parent
		}
	}
	return ch
}

// may refuses unless the bot has the permissions in the channel: 50001 when it does not even see it, else 50013.
func (s *Server) may(ch *channel, want Permission) error {
	return s.mayUser(s.opts.BotUserID, ch, want)
}

func (s *Server) mayUser(userID string, ch *channel, want Permission) error {
	p := s.permissions(userID, ch)
	switch {
	case ch != nil && !p.has(ViewChannel):
		return errMissingAccess
	case !p.has(want):
		return errMissingPermissions
	}
	return nil
}

// writing is the permission that writing in the channel takes.
func (ch *channel) writing() Permission {
	if ch.thread() {
		return SendInThreads
	}
	return SendMessages
}
