package discordtest

import (
	"slices"
	"strings"
	"unicode"
)

// Reaction is one emoji under a message and who gave it. A custom emoji is "name:id".
type Reaction struct {
	Emoji string
	Users []string
}

// validEmoji reports whether a reaction's emoji is "name:id" or looks like a Unicode one.
func validEmoji(emoji string) bool {
	name, id, custom := strings.Cut(emoji, ":")
	if custom {
		return name != "" && validID(id)
	}
	return emoji != "" && !strings.ContainsFunc(emoji, func(r rune) bool {
		return r < 128 && !unicode.IsDigit(r) && r != '#' && r != '*'
	})
}

func (s *Server) addReaction(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	emoji := c.ids["emoji_name"]
	if !validEmoji(emoji) {
		return nil, errUnknownEmoji
	}
	want := ReadMessageHistory
	if m.reaction(emoji) == nil {
		want |= AddReactions
	}
	if err := s.may(ch, want); err != nil {
		return nil, err
	}
	return nil, s.react(ch, m, s.opts.BotUserID, emoji)
}

// react puts a user's reaction under a message; a second one of the same kind changes nothing.
func (s *Server) react(ch *channel, m *message, user, emoji string) error {
	if ch.Archived {
		return errArchived
	}
	r := m.reaction(emoji)
	if r == nil {
		if len(m.Reactions) >= 20 {
			return errMaxReactions
		}
		m.Reactions = append(m.Reactions, Reaction{Emoji: emoji})
		r = &m.Reactions[len(m.Reactions)-1]
	}
	if !slices.Contains(r.Users, user) {
		r.Users = append(r.Users, user)
		s.emitReaction("MESSAGE_REACTION_ADD", m, user, emoji)
	}
	return nil
}

func (m *message) reaction(emoji string) *Reaction {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == emoji })
	if i < 0 {
		return nil
	}
	return &m.Reactions[i]
}

func (s *Server) deleteReaction(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	user := c.ids["user_id"]
	setDefault(&user, s.opts.BotUserID)
	if user != s.opts.BotUserID {
		if err := s.may(ch, ManageMessages); err != nil {
			return nil, err
		}
	}
	return nil, s.unreact(ch, m, user, c.ids["emoji_name"])
}

func (s *Server) unreact(ch *channel, m *message, user, emoji string) error {
	if ch.Archived {
		return errArchived
	}
	r := m.reaction(emoji)
	if r == nil || !slices.Contains(r.Users, user) {
		return errUnknownEmoji
	}
	r.Users = slices.DeleteFunc(r.Users, func(id string) bool { return id == user })
	if len(r.Users) == 0 {
		m.Reactions = slices.DeleteFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == emoji })
	}
	s.emitReaction("MESSAGE_REACTION_REMOVE", m, user, emoji)
	return nil
}

// ClearReactions takes everybody's reactions with an emoji away from a message, as its owner may, or with "" all.
func (s *Server) ClearReactions(id, emoji string) error {
	return s.onMessage(id, func(ch *channel, m *message) error {
		if ch.Archived {
			return errArchived
		}
		told := object{"channel_id": m.Channel, "message_id": m.ID, "guild_id": s.opts.GuildID}
		kind := "MESSAGE_REACTION_REMOVE_ALL"
		if emoji != "" {
			if m.reaction(emoji) == nil {
				return errUnknownEmoji
			}
			kind, told["emoji"] = "MESSAGE_REACTION_REMOVE_EMOJI", wireEmoji(emoji)
		}
		m.Reactions = slices.DeleteFunc(m.Reactions, func(r Reaction) bool { return emoji == "" || r.Emoji == emoji })
		s.emit(event{kind: kind, intent: IntentReactions, channel: ch, data: told})
		return nil
	})
}

func (s *Server) listReactions(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ReadMessageHistory); err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 25, 1, 100)
	if err != nil {
		return nil, err
	}
	r := m.reaction(c.ids["emoji_name"])
	out := []object{}
	if r == nil {
		return out, nil
	}
	ids := slices.SortedFunc(slices.Values(r.Users), compareIDs)
	for _, id := range ids {
		if u := s.state.users[id]; u != nil && len(out) < limit && compareIDs(id, c.query.Get("after")) > 0 {
			out = append(out, s.wireUser(u))
		}
	}
	return out, nil
}
