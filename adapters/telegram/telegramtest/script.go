package telegramtest

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Draft is what a person sends.
type Draft struct {
	Text     string   // or the caption of what is attached
	Entities []Entity // formatting; links, commands, mentions and addresses are found by themselves
	Attach   *Attachment
	ReplyTo  int64
	Quote    string
	Group    string // items that share it are one album, however far apart they come
	Forward  string // name of the hidden person it is forwarded from
}

// Attachment is what a person sends besides text.
type Attachment struct {
	Kind       string // "photo", "document", "voice", "video", "audio", "animation", "sticker", "location", "contact"
	Name, Type string // of a file; photos lose them
	Data       []byte
	Size       int64 // 0: that of Data. A larger one stands for a file that is too big to be made here
	Duration   int
	Emoji      string

	Latitude, Longitude float64
	Contact             *Contact
}

// Photo attaches a picture.
func Photo(data []byte) *Attachment { return &Attachment{Kind: "photo", Data: data} }

// Document attaches a file.
func Document(name, mime string, data []byte) *Attachment {
	return &Attachment{Kind: "document", Name: name, Type: mime, Data: data}
}

// Voice attaches a voice message.
func Voice(seconds int, data []byte) *Attachment {
	return &Attachment{Kind: "voice", Type: "audio/ogg", Duration: seconds, Data: data}
}

// Sticker attaches a sticker.
func Sticker(emoji string) *Attachment {
	return &Attachment{Kind: "sticker", Type: "image/webp", Emoji: emoji, Data: []byte("RIFF\x1a\x00\x00\x00WEBPVP8L" + emoji)}
}

// Location attaches a place.
func Location(latitude, longitude float64) *Attachment {
	return &Attachment{Kind: "location", Latitude: latitude, Longitude: longitude}
}

// Card attaches a contact.
func Card(c Contact) *Attachment { return &Attachment{Kind: "contact", Contact: &c} }

// Say sends a text as a person and returns the message's id. Writing to the bot for the first time
// starts the chat.
func (s *Server) Say(user, chat int64, text string) (int64, error) {
	return s.Post(user, chat, Draft{Text: text})
}

var payloadPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Begin opens the chat with the bot through a deep link; payload may be empty.
func (s *Server) Begin(user int64, payload string) (int64, error) {
	if !payloadPattern.MatchString(payload) {
		return 0, errors.New("not a deep link's payload")
	}
	return s.Say(user, user, strings.TrimSpace("/start "+payload))
}

// Post sends a message as a person, or as another bot in a group, and returns its id. Like
// Telegram's client it refuses people who are not in the chat or have blocked the bot.
func (s *Server) Post(user, chat int64, d Draft) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, chat)
	if err != nil {
		return 0, err
	}
	m, err := s.typed(user, ch, d)
	if err != nil {
		return 0, err
	}
	ch.started = true
	s.add(ch, m)
	s.emitMessage("message", ch, m)
	s.change()
	return m.ID, nil
}

// Album sends several attachments at once, the caption with the first, and returns their ids.
func (s *Server) Album(user, chat int64, caption string, items ...*Attachment) ([]int64, error) {
	if len(items) < 2 || len(items) > 10 {
		return nil, errors.New("an album has 2 to 10 items")
	}
	group := s.NewGroup()
	var ids []int64
	for _, item := range items {
		id, err := s.Post(user, chat, Draft{Text: caption, Attach: item, Group: group})
		if err != nil {
			return ids, err
		}
		ids, caption = append(ids, id), ""
	}
	return ids, nil
}

// NewGroup returns a fresh Draft.Group.
func (s *Server) NewGroup() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.FormatInt(13_000_000_000+s.serial(), 10)
}

// humanPlace finds a chat that a person may write in.
func (s *Server) humanPlace(user, chat int64) (*chat, error) {
	u, ch := s.state.users[user], s.state.chats[chat]
	switch {
	case u == nil || user == s.me.ID:
		return nil, errors.New("no such person")
	case u.Deactivated:
		return nil, errors.New("the account is deleted")
	case ch == nil:
		return nil, errors.New("no such chat")
	case ch.Type == "private" && (user != chat || u.Bot):
		return nil, errors.New("not their chat")
	case ch.Type == "private" && ch.blocked:
		return nil, errors.New("the person has blocked the bot")
	case ch.Type != "private" && (!slices.Contains(ch.Members, user) || ch.migrated != 0):
		return nil, errors.New("not in the group")
	}
	return ch, nil
}

// typed makes a message of a draft.
func (s *Server) typed(user int64, ch *chat, d Draft) (*message, error) {
	text, entities, err := clean(d.Text, d.Entities)
	if err != nil {
		return nil, err
	}
	m := &message{Message: Message{
		From: user, Kind: "text", Text: text, Entities: detect(text, entities), ReplyTo: d.ReplyTo, Quote: d.Quote, Group: d.Group,
	}}
	if d.Forward != "" {
		m.forward = object{"type": "hidden_user", "sender_user_name": d.Forward, "date": s.now().Add(-time.Hour).Unix()}
	}
	limit := maxCaption
	if d.Attach == nil {
		limit = maxText
	}
	switch {
	case d.ReplyTo != 0 && ch.find(d.ReplyTo) == nil:
		return nil, errors.New("the message to answer is not there")
	case d.Attach == nil && text == "":
		return nil, errors.New("nothing to send")
	case units(text) > limit:
		return nil, errors.New("the text is too long")
	case d.Attach == nil:
		return m, nil
	}
	return m, s.attach(m, d.Attach)
}

func (s *Server) attach(m *message, a *Attachment) error {
	m.Kind = a.Kind
	switch a.Kind {
	case "location":
		m.Latitude, m.Longitude = a.Latitude, a.Longitude
	case "contact":
		m.Contact = a.Contact
	case "photo":
		sizes, err := s.photoSizes(a.Data, a.Size)
		if err != nil {
			return err
		}
		m.photo, m.file = sizes, sizes[len(sizes)-1]
	case "document", "voice", "video", "audio", "animation", "sticker":
		f := File{Kind: a.Kind, Name: a.Name, Type: a.Type, Data: a.Data, Size: a.Size, Duration: a.Duration, Emoji: a.Emoji}
		if a.Kind == "sticker" || a.Kind == "video" || a.Kind == "animation" {
			f.Width, f.Height = 512, 512
		}
		m.file = s.newFile(f)
	default:
		return errors.New("no such kind of attachment")
	}
	return nil
}

// emitMessage queues an update about a message that the bot may see: in groups, with privacy mode
// on, only commands, mentions and answers to it; never its own, and none of other bots.
func (s *Server) emitMessage(kind string, ch *chat, m *message) {
	if ch.Type == "channel" {
		kind = strings.Replace(kind, "message", "channel_post", 1)
	} else if ch.Type != "private" && (ch.NoBot || !ch.Admin && !s.addressed(ch, m)) {
		return
	}
	if u := s.state.users[m.From]; u != nil && u.Bot && ch.Type != "channel" && !s.addressed(ch, m) {
		return
	}
	s.emit(kind, ch, s.wireMessage(m, true))
}

func (s *Server) addressed(ch *chat, m *message) bool {
	if answered := ch.find(m.ReplyTo); answered != nil && answered.From == s.me.ID {
		return true
	}
	return strings.HasPrefix(m.Text, "/") || strings.Contains(m.Text, "@"+s.me.Username)
}

// own runs f on a person's own message.
func (s *Server) own(user, place, id int64, f func(*chat, *message) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, place)
	if err != nil {
		return err
	}
	m := ch.find(id)
	switch {
	case m == nil:
		return errors.New("no such message")
	case m.From != user:
		return errors.New("not their message")
	}
	defer s.change()
	return f(ch, m)
}

// Edit changes the text or caption of a person's own message.
func (s *Server) Edit(user, place, id int64, text string, entities ...Entity) error {
	return s.own(user, place, id, func(ch *chat, m *message) error {
		text, entities, err := clean(text, entities)
		if err != nil {
			return err
		}
		if s.now().Sub(m.Date) >= deletable {
			return errors.New("too old to be edited")
		}
		m.Text, m.Entities, m.Edited = text, detect(text, entities), s.now()
		s.emitMessage("edited_message", ch, m)
		return nil
	})
}

// Swap puts another attachment in place of that of a person's own message; the caption stays.
func (s *Server) Swap(user, place, id int64, a *Attachment) error {
	return s.own(user, place, id, func(ch *chat, m *message) error {
		next := *m
		next.photo, next.file, next.Contact = nil, nil, nil
		if err := s.attach(&next, a); err != nil {
			return err
		}
		next.Edited = s.now()
		*m = next
		s.emitMessage("edited_message", ch, m)
		return nil
	})
}

// Touch lets the server tell of an edit by which nothing has changed, as it does for reasons of its own.
func (s *Server) Touch(user, place, id int64) error {
	return s.own(user, place, id, func(ch *chat, m *message) error {
		m.Edited = s.now()
		s.emitMessage("edited_message", ch, m)
		return nil
	})
}

// Delete removes a message from a person's chat, theirs or the bot's. Bots are not told.
func (s *Server) Delete(user, place, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, place)
	if err != nil {
		return err
	}
	m := ch.find(id)
	if m == nil || ch.Type != "private" && m.From != user {
		return errors.New("no such message of theirs")
	}
	m.Deleted = true
	s.change()
	return nil
}
