package telegramtest

import (
	"strconv"
	"strings"
)

// place finds the chat that chat_id names and checks that the bot may write there.
func (s *Server) place(c *call) (*chat, error) {
	ch, err := s.known(c, "chat_id")
	if err != nil {
		return nil, err
	}
	c.chat = ch.ID
	if ch.Type == "private" {
		u := s.state.users[ch.ID]
		switch {
		case u.Deactivated:
			return nil, forbid("user is deactivated")
		case u.ID == s.me.ID || u.Bot:
			return nil, forbid("bot can't send messages to bots")
		case ch.blocked:
			return nil, forbid("bot was blocked by the user")
		case !ch.started:
			return nil, forbid("bot can't initiate conversation with a user")
		}
		return ch, nil
	}
	switch {
	case ch.migrated != 0:
		return nil, &apiError{
			code: 400, text: "Bad Request: group chat was upgraded to a supergroup chat",
			params: object{"migrate_to_chat_id": ch.migrated},
		}
	case ch.NoBot:
		return nil, forbid("bot was kicked from the " + ch.Type + " chat")
	}
	return ch, nil
}

// known finds a chat by number or @username.
func (s *Server) known(c *call, field string) (*chat, error) {
	value := c.get(field)
	if value == "" {
		return nil, refuse(field + " is empty")
	}
	if id, err := strconv.ParseInt(value, 10, 64); err == nil {
		if ch := s.state.chats[id]; ch != nil {
			return ch, nil
		}
	}
	return nil, refuse("chat not found") // bots reach people by number only, and groups here have no usernames
}

// draft begins a message with what all sending methods share: the chat, what is answered, buttons.
func (s *Server) draft(c *call) (*chat, *message, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, nil, err
	}
	m := &message{Message: Message{From: s.me.ID, Silent: c.flag("disable_notification")}}
	if m.Buttons, m.keys, err = c.markup(); err != nil {
		return nil, nil, err
	}
	if m.ReplyTo, m.Quote, err = s.answered(c, ch); err != nil {
		return nil, nil, err
	}
	return ch, m, nil
}

// answered reads reply_parameters. Answering a message of another chat is not simulated.
func (s *Server) answered(c *call, ch *chat) (int64, string, error) {
	if !c.has("reply_parameters") {
		return 0, "", nil
	}
	var p struct {
		ID      int64  `json:"message_id"`
		Without bool   `json:"allow_sending_without_reply"`
		Quote   string `json:"quote"`
	}
	if err := c.decode("reply_parameters", &p); err != nil {
		return 0, "", err
	}
	target := ch.find(p.ID)
	switch {
	case target == nil && p.Without:
		return 0, "", nil
	case target == nil:
		return 0, "", refuse("message to be replied not found")
	case units(p.Quote) > 1024 || !strings.Contains(target.Text, p.Quote):
		return 0, "", refuse("QUOTE_TEXT_INVALID")
	}
	return p.ID, p.Quote, nil
}

// sent stores a message and answers with it.
func (s *Server) sent(c *call, ch *chat, m *message) (any, error) {
	s.add(ch, m)
	c.sentID = m.ID
	return s.wireMessage(m, true), nil
}

func (s *Server) sendMessage(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	m.Kind = "text"
	if m.Text, m.Entities, err = s.sentText(c, "text", "entities", maxText); err != nil {
		return nil, err
	}
	if m.Text == "" {
		return nil, refuse("message text is empty")
	}
	if err := c.decode("link_preview_options", &m.preview); err != nil {
		return nil, err
	}
	return s.sent(c, ch, m)
}

// sendFile is the method that sends one file of a kind.
func sendFile(kind string) doing {
	return func(s *Server, c *call) (any, error) {
		ch, m, err := s.draft(c)
		if err != nil {
			return nil, err
		}
		if m.Text, m.Entities, err = s.sentText(c, "caption", "caption_entities", maxCaption); err != nil {
			return nil, err
		}
		content, err := s.sentFile(c, kind, kind)
		if err != nil {
			return nil, err
		}
		content.into(m)
		return s.sent(c, ch, m)
	}
}

func (s *Server) sendLocation(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	m.Kind = "location"
	latitude, err1 := strconv.ParseFloat(c.get("latitude"), 64)
	longitude, err2 := strconv.ParseFloat(c.get("longitude"), 64)
	if err1 != nil || err2 != nil || latitude < -90 || latitude > 90 || longitude < -180 || longitude > 180 {
		return nil, refuse("wrong latitude or longitude specified")
	}
	m.Latitude, m.Longitude = latitude, longitude
	return s.sent(c, ch, m)
}

func (s *Server) sendContact(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	m.Kind = "contact"
	m.Contact = &Contact{Phone: c.get("phone_number"), FirstName: c.get("first_name"), LastName: c.get("last_name"), VCard: c.get("vcard")}
	switch {
	case m.Contact.Phone == "":
		return nil, refuse("phone number is empty")
	case m.Contact.FirstName == "":
		return nil, refuse("first name is empty")
	}
	return s.sent(c, ch, m)
}

func (s *Server) copyMessage(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	from, err := s.known(c, "from_chat_id")
	if err != nil {
		return nil, err
	}
	id, err := c.number("message_id", 0)
	if err != nil {
		return nil, err
	}
	source := from.find(id)
	if source == nil {
		return nil, refuse("message to copy not found")
	}
	if source.extra != nil {
		return nil, refuse("message can't be copied")
	}
	m.Kind, m.file, m.photo = source.Kind, source.file, source.photo
	m.Text, m.Entities = source.Text, source.Entities
	m.Latitude, m.Longitude, m.Contact = source.Latitude, source.Longitude, source.Contact
	if _, err := s.sent(c, ch, m); err != nil {
		return nil, err
	}
	return object{"message_id": m.ID}, nil
}

// groupKinds says which kinds may share an album (https://core.telegram.org/bots/api#sendmediagroup).
var groupKinds = map[string]string{"photo": "pictures", "video": "pictures", "document": "documents", "audio": "audios"}

type inputMedia struct {
	Type     string       `json:"type"`
	Media    string       `json:"media"`
	Caption  string       `json:"caption"`
	Mode     string       `json:"parse_mode"`
	Entities []wireEntity `json:"caption_entities"`
}

// content resolves one item: its file and its caption.
func (s *Server) content(c *call, in inputMedia) (media, string, []Entity, error) {
	args := map[string]string{"caption": in.Caption, "parse_mode": in.Mode}
	if len(in.Entities) > 0 {
		args["entities"] = string(mustJSON(in.Entities))
	}
	text, entities, err := s.sentText(&call{args: args}, "caption", "entities", maxCaption)
	if err != nil {
		return media{}, "", nil, err
	}
	content, err := s.named(in.Type, c, in.Media, "media")
	return content, text, entities, err
}

func (s *Server) sendMediaGroup(c *call) (any, error) {
	ch, first, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	var items []inputMedia
	if err := c.decode("media", &items); err != nil {
		return nil, err
	}
	if len(items) < 2 || len(items) > 10 {
		return nil, refuse("media group must include 2-10 items")
	}
	var album []*message
	for _, in := range items {
		group := groupKinds[in.Type]
		switch {
		case group == "":
			return nil, refuse("media type " + strconv.Quote(in.Type) + " can't be used in an album")
		case group != groupKinds[items[0].Type]:
			return nil, refuse(in.Type + " can't be mixed with other media types")
		}
		m := *first
		content, text, entities, err := s.content(c, in)
		if err != nil {
			return nil, err
		}
		content.into(&m)
		m.Text, m.Entities = text, entities
		album = append(album, &m)
	}
	group := strconv.FormatInt(13_000_000_000+s.serial(), 10)
	var answers []object
	for _, m := range album { // nothing is sent unless all of it can be
		m.Group = group
		s.add(ch, m)
		answers = append(answers, s.wireMessage(m, true))
	}
	c.sentID = album[0].ID
	return answers, nil
}
