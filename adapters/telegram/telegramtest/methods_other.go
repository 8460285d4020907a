package telegramtest

import (
	"regexp"
	"slices"
	"strings"
)

func (s *Server) getMe(*call) (any, error) {
	o := s.me.wire()
	for _, ability := range []string{
		"can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business",
		"has_main_web_app", "has_topics_enabled",
	} {
		o[ability] = ability == "can_join_groups"
	}
	return o, nil
}

func (s *Server) getChat(c *call) (any, error) {
	ch, err := s.known(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" && !ch.started {
		return nil, refuse("chat not found")
	}
	o := s.wireChat(ch)
	o["accent_color_id"], o["max_reaction_count"] = 0, 11
	gifts := object{}
	for _, kind := range []string{"unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"} {
		gifts[kind] = false
	}
	o["accepted_gift_types"] = gifts
	return o, nil
}

var actions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
	"choose_sticker", "find_location", "record_video_note", "upload_video_note",
}

func (s *Server) sendChatAction(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(actions, c.get("action")) {
		return nil, refuse("wrong parameter action in request")
	}
	ch.action, ch.actionAt = c.get("action"), s.now()
	return true, nil
}

// Answer is what the bot answered to a pressed button.
type Answer struct {
	Text  string
	Alert bool
	URL   string
}

func (s *Server) answerCallbackQuery(c *call) (any, error) {
	q := s.state.queries[c.get("callback_query_id")]
	switch {
	case q == nil || q.answered || s.now().Sub(q.at) > s.opts.QueryLife:
		return nil, refuse("query is too old and response timeout expired or query ID is invalid")
	case units(c.get("text")) > 200:
		return nil, refuse("MESSAGE_TOO_LONG")
	}
	q.answered = true
	q.Answer = Answer{Text: c.get("text"), Alert: c.flag("show_alert"), URL: c.get("url")}
	return true, nil
}

// emoji that bots may react with; the API names some seventy.
var emoji = strings.Fields("❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷 😡")

func (s *Server) setMessageReaction(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	id, err := c.number("message_id", 0)
	if err != nil {
		return nil, err
	}
	c.sentID = id
	var reactions []struct{ Type, Emoji string }
	if err := c.decode("reaction", &reactions); err != nil {
		return nil, err
	}
	m := ch.find(id)
	if m == nil {
		return nil, refuse("message to react not found")
	}
	if len(reactions) > 1 {
		return nil, refuse("REACTIONS_TOO_MANY")
	}
	var chosen []string
	for _, r := range reactions {
		if r.Type != "emoji" || !slices.Contains(emoji, r.Emoji) {
			return nil, refuse("REACTION_INVALID")
		}
		chosen = append(chosen, r.Emoji)
	}
	m.react(s.me.ID, chosen)
	return true, nil
}

// react replaces one user's reactions.
func (m *message) react(user int64, chosen []string) {
	list := slices.DeleteFunc(slices.Clone(m.Reactions), func(r Reaction) bool { return r.User == user })
	for _, e := range chosen {
		list = append(list, Reaction{User: user, Emoji: e})
	}
	m.Reactions = list
}

type commandKey struct{ scope, language string }

var commandPattern = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

func (c *call) commandKey() (commandKey, error) {
	scope := struct {
		Type string
		Chat any `json:"chat_id"`
		User any `json:"user_id"`
	}{Type: "default"}
	if err := c.decode("scope", &scope); err != nil {
		return commandKey{}, err
	}
	return commandKey{string(mustJSON(scope)), c.get("language_code")}, nil
}

func (s *Server) setMyCommands(c *call) (any, error) {
	key, err := c.commandKey()
	if err != nil {
		return nil, err
	}
	var commands []struct{ Command, Description string }
	if err := c.decode("commands", &commands); err != nil {
		return nil, err
	}
	if len(commands) > 100 {
		return nil, refuse("BOT_COMMANDS_TOO_MUCH")
	}
	list := []object{}
	for _, d := range commands {
		switch {
		case !commandPattern.MatchString(d.Command):
			return nil, refuse("BOT_COMMAND_INVALID")
		case d.Description == "" || units(d.Description) > 256:
			return nil, refuse("BOT_COMMAND_DESCRIPTION_INVALID")
		}
		list = append(list, object{"command": d.Command, "description": d.Description})
	}
	s.state.commands[key] = list
	return true, nil
}

func (s *Server) getMyCommands(c *call) (any, error) {
	key, err := c.commandKey()
	if err != nil {
		return nil, err
	}
	if list := s.state.commands[key]; list != nil {
		return list, nil
	}
	return []object{}, nil
}

func (s *Server) deleteMyCommands(c *call) (any, error) {
	key, err := c.commandKey()
	if err != nil {
		return nil, err
	}
	delete(s.state.commands, key)
	return true, nil
}
