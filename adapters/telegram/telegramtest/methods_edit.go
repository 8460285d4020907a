package telegramtest

import (
	"maps"
	"slices"
	"time"
)

// deletable is the age up to which a message can be deleted
// (https://core.telegram.org/bots/api#deletemessage).
const deletable = 48 * time.Hour

// editing finds the message that an edit names. Inline messages are not simulated.
func (s *Server) editing(c *call) (*message, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	id, err := c.number("message_id", 0)
	if err != nil {
		return nil, err
	}
	m := ch.find(id)
	c.sentID = id
	switch {
	case !c.has("message_id"):
		return nil, refuse("message identifier is not specified")
	case m == nil:
		return nil, refuse("message to edit not found")
	case m.From != s.me.ID:
		return nil, refuse("message can't be edited")
	}
	return m, nil
}

// edited puts a new version in place of the old one, unless they are the same. An edit without
// reply_markup removes the buttons.
func (s *Server) edited(c *call, m *message, change func(*message)) (any, error) {
	rows, keys, err := c.markup()
	if err != nil {
		return nil, err
	}
	next := *m
	change(&next)
	next.Buttons, next.keys = rows, keys
	if m.same(&next) {
		return nil, refuse("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if !m.sameContent(&next) { // new buttons alone are no edit to the person
		next.Edited = s.now()
	}
	*m = next
	return s.wireMessage(m, true), nil
}

func (m *message) sameContent(o *message) bool {
	return m.Text == o.Text && slices.Equal(m.Entities, o.Entities) && m.file == o.file && maps.Equal(m.preview, o.preview)
}

func (m *message) same(o *message) bool { return m.sameContent(o) && m.keys == o.keys }

func (s *Server) editMessageText(c *call) (any, error) {
	m, err := s.editing(c)
	if err != nil {
		return nil, err
	}
	text, entities, err := s.sentText(c, "text", "entities", maxText)
	switch {
	case err != nil:
		return nil, err
	case text == "":
		return nil, refuse("message text is empty")
	case m.Kind != "text":
		return nil, refuse("there is no text in the message to edit")
	}
	var preview object
	if err := c.decode("link_preview_options", &preview); err != nil {
		return nil, err
	}
	return s.edited(c, m, func(m *message) { m.Text, m.Entities, m.preview = text, entities, preview })
}

func (s *Server) editMessageCaption(c *call) (any, error) {
	m, err := s.editing(c)
	if err != nil {
		return nil, err
	}
	text, entities, err := s.sentText(c, "caption", "caption_entities", maxCaption)
	if err != nil {
		return nil, err
	}
	if m.file == nil || m.Kind == "sticker" {
		return nil, refuse("there is no caption in the message to edit")
	}
	return s.edited(c, m, func(m *message) { m.Text, m.Entities = text, entities })
}

func (s *Server) editMessageMedia(c *call) (any, error) {
	m, err := s.editing(c)
	if err != nil {
		return nil, err
	}
	var in inputMedia
	if err := c.decode("media", &in); err != nil {
		return nil, err
	}
	content, text, entities, err := s.content(c, in)
	switch {
	case err != nil:
		return nil, err
	case m.Kind != "text" && m.file == nil || m.Kind == "sticker" || m.Kind == "voice":
		return nil, refuse("there is no media in the message to edit")
	case m.Group != "" && groupKinds[m.Kind] != groupKinds[in.Type]:
		return nil, refuse("message content type can't be used in an album")
	}
	return s.edited(c, m, func(m *message) {
		content.into(m)
		m.Text, m.Entities, m.preview = text, entities, nil
	})
}

func (s *Server) editMessageReplyMarkup(c *call) (any, error) {
	m, err := s.editing(c)
	if err != nil {
		return nil, err
	}
	return s.edited(c, m, func(*message) {})
}

// deletion checks that the bot may delete a message: its own, in a private chat also the
// person's, in a group as an administrator everyone's.
func (s *Server) deletion(ch *chat, id int64) (*message, error) {
	m := ch.find(id)
	switch {
	case m == nil:
		return nil, refuse("message to delete not found")
	case s.now().Sub(m.Date) >= deletable:
		return nil, refuse("message can't be deleted for everyone")
	case m.From != s.me.ID && ch.Type != "private" && !ch.Admin:
		return nil, refuse("message can't be deleted")
	}
	return m, nil
}

func (s *Server) deleteMessage(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	id, err := c.number("message_id", 0)
	if err != nil {
		return nil, err
	}
	c.sentID = id
	m, err := s.deletion(ch, id)
	if err != nil {
		return nil, err
	}
	m.Deleted = true
	return true, nil
}

// deleteMessages skips what is not there, and refuses all if one may not be deleted.
func (s *Server) deleteMessages(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := c.decode("message_ids", &ids); err != nil {
		return nil, err
	}
	switch {
	case len(ids) == 0:
		return nil, refuse("message identifiers are not specified")
	case len(ids) > 100:
		return nil, refuse("too many message identifiers specified")
	}
	var gone []*message
	for _, id := range ids {
		if ch.find(id) == nil {
			continue
		}
		m, err := s.deletion(ch, id)
		if err != nil {
			return nil, err
		}
		gone = append(gone, m)
	}
	for _, m := range gone {
		m.Deleted = true
	}
	return true, nil
}
