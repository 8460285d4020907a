package discordtest

import "cmp"

// The application's flags of privileged intents
// (https://docs.discord.com/developers/resources/application#application-object-application-flags): the limited ones,
// which an application has until it is verified.
const (
	flagPresenceLimited       = 1 << 13
	flagMembersLimited        = 1 << 15
	flagMessageContentLimited = 1 << 19
)

func (s *Server) getMyUser(c *call) (any, error) {
	o := s.wireUser(s.state.users[cmp.Or(s.whose(c), s.opts.BotUserID)])
	o["mfa_enabled"], o["locale"], o["verified"], o["email"] = false, "en-US", true, nil
	return o, nil
}

func (s *Server) getUser(c *call) (any, error) {
	u := s.state.users[c.ids["user_id"]]
	if u == nil {
		return nil, errUnknownUser
	}
	return s.wireUser(u), nil
}

func (s *Server) getMyApplication(*call) (any, error) {
	flags := 0
	if s.content {
		flags |= flagMessageContentLimited
	}
	if s.opts.Members {
		flags |= flagMembersLimited
	}
	if s.opts.Presences {
		flags |= flagPresenceLimited
	}
	return object{
		"id": s.opts.ApplicationID, "name": s.opts.BotName, "icon": nil, "description": "", "type": nil,
		"bot": s.wireUser(s.state.users[s.opts.BotUserID]), "bot_public": false, "bot_require_code_grant": false,
		"verify_key": "0000000000000000000000000000000000000000000000000000000000000000", "flags": flags, "flags_new": "0",
		"redirect_uris": []string{}, "interactions_endpoint_url": nil, "role_connections_verification_url": nil,
		"owner": s.wireUser(s.state.users[s.opts.OwnerID]), "approximate_guild_count": 1,
		"approximate_user_install_count": 0, "approximate_user_authorization_count": 0, "explicit_content_filter": 0,
		"team": nil, "eligible_oauth2_scopes": []string{},
	}, nil
}

// theGuild refuses every guild but the one that there is, and that one too when the bot was removed from it.
func (s *Server) theGuild(c *call) error {
	switch {
	case c.ids["guild_id"] != s.opts.GuildID:
		return errUnknownGuild
	case s.state.users[s.opts.BotUserID].Left:
		return errMissingAccess
	}
	return nil
}

func (s *Server) getGuild(c *call) (any, error) {
	if err := s.theGuild(c); err != nil {
		return nil, err
	}
	return s.wireGuild(), nil
}

func (s *Server) wireGuild() object {
	return object{
		"id": s.opts.GuildID, "name": s.opts.GuildName, "icon": nil, "description": nil, "home_header": nil, "splash": nil,
		"discovery_splash": nil, "features": []string{}, "banner": nil, "owner_id": s.opts.OwnerID, "application_id": nil,
		"region": "rotterdam", "afk_channel_id": nil, "afk_timeout": 300, "system_channel_id": nil,
		"system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": nil, "verification_level": 0,
		"roles": s.wireRoles(), "default_message_notifications": 0, "mfa_level": 0, "explicit_content_filter": 0,
		"max_presences": nil, "max_members": 500000, "max_stage_video_channel_users": 50, "max_video_channel_users": 25,
		"vanity_url_code": nil, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
		"rules_channel_id": nil, "safety_alerts_channel_id": nil, "public_updates_channel_id": nil,
		"premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "emojis": []any{}, "stickers": []any{},
		"incidents_data": nil,
	}
}

func (s *Server) wireRoles() []object {
	out := []object{}
	for _, id := range s.state.roleOrder {
		out = append(out, s.wireRole(s.state.roles[id]))
	}
	return out
}

func (s *Server) listGuildRoles(c *call) (any, error) {
	if err := s.theGuild(c); err != nil {
		return nil, err
	}
	return s.wireRoles(), nil
}

// wirePlaces lists the channels that are no threads, those that the bot does not see included, as Discord does.
func (s *Server) wirePlaces() []object {
	out := []object{}
	for _, id := range s.state.order {
		if ch := s.state.channels[id]; !ch.thread() && !ch.Deleted {
			out = append(out, s.wireChannel(ch))
		}
	}
	return out
}

func (s *Server) listGuildChannels(c *call) (any, error) {
	if err := s.theGuild(c); err != nil {
		return nil, err
	}
	return s.wirePlaces(), nil
}

func (s *Server) getGuildMember(c *call) (any, error) {
	if err := s.theGuild(c); err != nil {
		return nil, err
	}
	u := s.state.users[c.ids["user_id"]]
	switch {
	case u == nil:
		return nil, errUnknownUser
	case u.Left:
		return nil, errUnknownMember
	}
	o := s.wireMember(u)
	o["user"] = s.wireUser(u)
	return o, nil
}
