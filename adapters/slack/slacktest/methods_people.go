package slacktest

import (
	"regexp"
	"slices"
	"time"
)

func (s *Server) authTest(*call) (answer, error) {
	return answer{
		"url": "https://" + s.opts.TeamDomain + ".slack.com/", "team": s.opts.TeamName, "user": s.opts.BotName,
		"team_id": s.opts.TeamID, "user_id": s.opts.BotUserID, "bot_id": s.opts.BotID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) wireUser(u *User) map[string]any {
	profile := map[string]any{
		"real_name": u.RealName, "real_name_normalized": u.RealName,
		"display_name": u.DisplayName, "display_name_normalized": u.DisplayName, "team": s.opts.TeamID,
	}
	for _, size := range []string{"24", "32", "48", "72", "192", "512"} {
		profile["image_"+size] = u.Avatar
	}
	if u.ID == s.opts.BotUserID {
		profile["bot_id"], profile["api_app_id"] = s.opts.BotID, s.opts.AppID
	}
	return map[string]any{
		"id": u.ID, "team_id": s.opts.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_bot": u.Bot, "is_app_user": false, "is_restricted": false, "is_ultra_restricted": false,
		"tz": "Europe/Berlin", "tz_offset": 3600, "updated": time.Now().Unix(), "profile": profile,
	}
}

func (s *Server) usersInfo(c *call) (answer, error) {
	u := s.state.users[c.get("user")]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return answer{"user": s.wireUser(u)}, nil
}

func (s *Server) usersList(c *call) (answer, error) {
	ids, next, err := pageOf(c, s.state.userOrder, func(id string) string { return id })
	if err != nil {
		return nil, err
	}
	members := []map[string]any{}
	for _, id := range ids {
		members = append(members, s.wireUser(s.state.users[id]))
	}
	return answer{"members": members, "cache_ts": time.Now().Unix(), "response_metadata": page(next)}, nil
}

func (s *Server) botsInfo(c *call) (answer, error) {
	if c.get("bot") != s.opts.BotID {
		return nil, refuse("bot_not_found")
	}
	return answer{"bot": map[string]any{
		"id": s.opts.BotID, "deleted": false, "name": s.opts.BotName, "updated": time.Now().Unix(),
		"app_id": s.opts.BotAppID, "user_id": s.opts.BotUserID, "icons": map[string]string{},
	}}, nil
}

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

// reactionTarget checks the arguments that the two reaction methods share.
func (s *Server) reactionTarget(c *call) (*channel, *message, error) {
	if !emojiName.MatchString(c.get("name")) {
		return nil, nil, refuse("invalid_name")
	}
	ch, err := s.writableChannel(c.get("channel"))
	if err != nil {
		return nil, nil, err
	}
	ts := c.get("timestamp")
	if ts == "" {
		return nil, nil, refuse("no_item_specified")
	}
	if !validTS(ts) {
		return nil, nil, refuse("bad_timestamp")
	}
	m := ch.find(&s.state, ts)
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	c.ts = ts
	return ch, m, nil
}

func (s *Server) reactionsAdd(c *call) (answer, error) {
	ch, m, err := s.reactionTarget(c)
	if err != nil {
		return nil, err
	}
	return answer{}, s.react(ch, m, s.opts.BotUserID, c.get("name"))
}

func (s *Server) reactionsRemove(c *call) (answer, error) {
	ch, m, err := s.reactionTarget(c)
	if err != nil {
		return nil, err
	}
	return answer{}, s.unreact(ch, m, s.opts.BotUserID, c.get("name"))
}

func (s *Server) react(ch *channel, m *message, user, name string) error {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch {
	case i < 0:
		m.Reactions = append(m.Reactions, Reaction{Name: name, Users: []string{user}})
	case slices.Contains(m.Reactions[i].Users, user):
		return refuse("already_reacted")
	default:
		m.Reactions[i].Users = append(m.Reactions[i].Users, user)
	}
	s.emitReaction("reaction_added", ch, m, user, name)
	return nil
}

func (s *Server) unreact(ch *channel, m *message, user, name string) error {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 || !slices.Contains(m.Reactions[i].Users, user) {
		return refuse("no_reaction")
	}
	r := &m.Reactions[i]
	r.Users = slices.DeleteFunc(r.Users, func(u string) bool { return u == user })
	if len(r.Users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	s.emitReaction("reaction_removed", ch, m, user, name)
	return nil
}
