package telegramtest

import (
	"encoding/json"
	"maps"
	"strconv"
)

func (u User) wire() object {
	o := object{"id": u.ID, "is_bot": u.Bot, "first_name": u.FirstName}
	optional(o, "last_name", u.LastName)
	optional(o, "username", u.Username)
	optional(o, "language_code", u.Language)
	return o
}

func optional[T comparable](o object, field string, value T) {
	var zero T
	if value != zero {
		o[field] = value
	}
}

func (s *Server) wireUser(id int64) object {
	if u := s.state.users[id]; u != nil {
		return u.wire()
	}
	return User{ID: id}.wire()
}

func (s *Server) wireChat(ch *chat) object {
	o := object{"id": ch.ID, "type": ch.Type}
	if ch.Type != "private" {
		o["title"] = ch.Title
		return o
	}
	if u := s.state.users[ch.ID]; u != nil {
		o["first_name"] = u.FirstName
		optional(o, "last_name", u.LastName)
		optional(o, "username", u.Username)
	}
	return o
}

// wireMessage renders a message as the API shows it; a message that it answers is shown one level deep.
func (s *Server) wireMessage(m *message, deep bool) object {
	ch := s.state.chats[m.Chat]
	o := object{"message_id": m.ID, "chat": s.wireChat(ch), "date": m.Date.Unix()}
	if m.From != 0 {
		o["from"] = s.wireUser(m.From)
	}
	optional(o, "media_group_id", m.Group)
	if !m.Edited.IsZero() {
		o["edit_date"] = m.Edited.Unix()
	}
	if m.forward != nil {
		o["forward_origin"] = m.forward
	}
	if answered := ch.find(m.ReplyTo); answered != nil && deep {
		o["reply_to_message"] = s.wireMessage(answered, false)
	}
	if m.Quote != "" {
		o["quote"] = object{"text": m.Quote, "position": 0, "is_manual": true}
	}
	if len(m.Buttons) > 0 {
		o["reply_markup"] = object{"inline_keyboard": wireButtons(m.Buttons)}
	}
	if m.preview != nil {
		o["link_preview_options"] = m.preview
	}
	s.wireContent(o, m)
	maps.Copy(o, m.extra)
	return o
}

func (s *Server) wireContent(o object, m *message) {
	switch m.Kind {
	case "text":
		o["text"] = m.Text
		s.wireEntities(o, "entities", m.Entities)
		return
	case "location":
		o["location"] = object{"latitude": m.Latitude, "longitude": m.Longitude}
		return
	case "contact":
		o["contact"] = m.Contact.wire()
		return
	case "photo":
		var sizes []object
		for _, f := range m.photo {
			sizes = append(sizes, f.wire())
		}
		o["photo"] = sizes
	default:
		if m.file != nil {
			o[m.Kind] = m.file.wire()
		}
		if m.Kind == "animation" {
			o["document"] = wireDocument(m.file) // for clients that know no animations, as the API has it
		}
	}
	optional(o, "caption", m.Text)
	s.wireEntities(o, "caption_entities", m.Entities)
}

func (s *Server) wireEntities(o object, field string, entities []Entity) {
	if len(entities) == 0 {
		return
	}
	var list []object
	for _, e := range entities {
		w := object{"type": e.Type, "offset": e.Offset, "length": e.Length}
		optional(w, "url", e.URL)
		optional(w, "language", e.Language)
		optional(w, "custom_emoji_id", e.CustomEmojiID)
		if e.User != 0 {
			w["user"] = s.wireUser(e.User)
		}
		list = append(list, w)
	}
	o[field] = list
}

// Button is one button under a message: Data comes back when it is pressed, URL opens a page.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

func wireButtons(rows [][]Button) [][]object {
	var list [][]object
	for _, row := range rows {
		var line []object
		for _, b := range row {
			o := object{"text": b.Text}
			optional(o, "callback_data", b.Data)
			optional(o, "url", b.URL)
			line = append(line, o)
		}
		list = append(list, line)
	}
	return list
}

// Contact is a card that someone shared. UserID is 0 for a person without Telegram.
type Contact struct {
	Phone, FirstName, LastName string
	UserID                     int64
	VCard                      string
}

func (c *Contact) wire() object {
	o := object{"phone_number": c.Phone, "first_name": c.FirstName}
	optional(o, "last_name", c.LastName)
	optional(o, "user_id", c.UserID)
	optional(o, "vcard", c.VCard)
	return o
}

// markup reads reply_markup. Other markup than an inline keyboard is accepted and not kept.
func (c *call) markup() (rows [][]Button, keys string, err error) {
	if !c.has("reply_markup") {
		return nil, "", nil
	}
	var m struct {
		Rows [][]map[string]json.RawMessage `json:"inline_keyboard"`
	}
	if err := c.decode("reply_markup", &m); err != nil {
		return nil, "", err
	}
	for _, row := range m.Rows {
		var line []Button
		for _, fields := range row {
			b, err := readButton(fields)
			if err != nil {
				return nil, "", err
			}
			line = append(line, b)
		}
		rows = append(rows, line)
	}
	if len(rows) > 0 {
		keys = string(mustJSON(rows))
	}
	return rows, keys, nil
}

// readButton reads an inline button of the two kinds that are simulated.
func readButton(fields map[string]json.RawMessage) (Button, error) {
	var b Button
	for name, field := range map[string]*string{"text": &b.Text, "callback_data": &b.Data, "url": &b.URL} {
		if raw := fields[name]; raw != nil && json.Unmarshal(raw, field) != nil {
			return b, refuse("can't parse inline keyboard button: field " + strconv.Quote(name) + " must be of type String")
		}
	}
	switch {
	case b.Text == "":
		return b, refuse("can't parse inline keyboard button: button text must be non-empty")
	case (b.Data == "") == (b.URL == ""):
		return b, refuse("can't parse inline keyboard button: text buttons are unallowed in the inline keyboard")
	case len(b.Data) > 64:
		return b, refuse("BUTTON_DATA_INVALID")
	case b.URL != "" && !validURL(b.URL):
		return b, refuse("BUTTON_URL_INVALID")
	}
	return b, nil
}
