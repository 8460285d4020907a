package telegram

import (
	"bytes"
	"encoding/json"

	"github.com/skeindesk/skein/adapters/telegram/entities"
)

// The structs here take from Telegram's JSON what this adapter reads and nothing else. Every field is lenient: a value
// of another type than expected reads as absent, so that one new shape never costs a message.

// text is a string; anything else in its place is the empty string.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
	}
	return nil
}

// number is an integer; anything else in its place is 0.
type number int64

func (n *number) UnmarshalJSON(raw []byte) error {
	var i int64
	if json.Unmarshal(raw, &i) == nil {
		*n = number(i)
	}
	return nil
}

// truth is a boolean; anything else in its place is false.
type truth bool

func (f *truth) UnmarshalJSON(raw []byte) error {
	var b bool
	if json.Unmarshal(raw, &b) == nil {
		*f = truth(b)
	}
	return nil
}

// lenient is an object or a list; anything else in its place is the zero T.
type lenient[T any] struct{ V T }

func (l *lenient[T]) UnmarshalJSON(raw []byte) error {
	var v T
	if !bytes.Equal(raw, []byte("null")) && json.Unmarshal(raw, &v) == nil {
		l.V = v
	}
	return nil
}

// update is one happening (T:update).
type update struct {
	ID      int64                  `json:"update_id"`
	Message lenient[*message]      `json:"message"`
	Edited  lenient[*message]      `json:"edited_message"`
	Member  lenient[*memberUpdate] `json:"my_chat_member"`
	Pressed lenient[*pressed]      `json:"callback_query"`
}

// pressed is the press of a button under a message of ours (T:callbackquery).
type pressed struct {
	ID      text              `json:"id"`
	From    lenient[*user]    `json:"from"`
	Message lenient[*message] `json:"message"`
	Data    text              `json:"data"`
}

// allowedUpdates are the kinds we ask for, each time: Telegram keeps to the last list it was given (T:getupdates).
const allowedUpdates = `["message","edited_message","my_chat_member","callback_query"]`

// message is a message (T:message). Raw is all of it, for kinds that have no field here.
type message struct {
	ID       number            `json:"message_id"`
	Topic    number            `json:"message_thread_id"`
	InTopic  truth             `json:"is_topic_message"`
	From     lenient[*user]    `json:"from"`
	Chat     lenient[chat]     `json:"chat"`
	Date     number            `json:"date"`
	EditDate number            `json:"edit_date"`
	Album    text              `json:"media_group_id"`
	ReplyTo  lenient[*message] `json:"reply_to_message"`
	Origin   lenient[*origin]  `json:"forward_origin"`

	Text            text                         `json:"text"`
	Entities        lenient[[]lenient[marked]]   `json:"entities"`
	Caption         text                         `json:"caption"`
	CaptionEntities lenient[[]lenient[marked]]   `json:"caption_entities"`
	Photo           lenient[[]lenient[fileInfo]] `json:"photo"`
	Document        lenient[*fileInfo]           `json:"document"`
	Animation       lenient[*fileInfo]           `json:"animation"`
	Audio           lenient[*fileInfo]           `json:"audio"`
	Voice           lenient[*fileInfo]           `json:"voice"`
	Video           lenient[*fileInfo]           `json:"video"`
	VideoNote       lenient[*fileInfo]           `json:"video_note"`
	Sticker         lenient[*fileInfo]           `json:"sticker"`
	Location        lenient[*location]           `json:"location"`
	Venue           lenient[*venue]              `json:"venue"`
	Contact         lenient[*contact]            `json:"contact"`
	Poll            lenient[*poll]               `json:"poll"`
	Dice            lenient[*dice]               `json:"dice"`

	Raw json.RawMessage `json:"-"`
}

func (m *message) UnmarshalJSON(raw []byte) error {
	type plain message
	if err := json.Unmarshal(raw, (*plain)(m)); err != nil {
		return err
	}
	m.Raw = bytes.Clone(raw)
	return nil
}

// marked is an entity; one of another form marks nothing.
type marked struct {
	Type     text          `json:"type"`
	Offset   number        `json:"offset"`
	Length   number        `json:"length"`
	URL      text          `json:"url"`
	Language text          `json:"language"`
	User     lenient[user] `json:"user"`
}

func (m *marked) entity() entities.Entity {
	e := entities.Entity{
		Type: string(m.Type), Offset: clampInt(m.Offset), Length: clampInt(m.Length),
		URL: string(m.URL), Language: string(m.Language),
	}
	if id := m.User.V.ID; id != 0 {
		e.User = &entities.User{ID: int64(id)}
	}
	return e
}

// clampInt keeps arithmetic on offsets far from the limits of integers.
func clampInt(n number) int { return int(min(max(n, -1<<30), 1<<30)) }

// user is a person or a bot (T:user).
type user struct {
	ID       number `json:"id"`
	IsBot    truth  `json:"is_bot"`
	First    text   `json:"first_name"`
	Last     text   `json:"last_name"`
	Username text   `json:"username"`
	Language text   `json:"language_code"`
}

type chat struct {
	ID       number `json:"id"`
	Type     text   `json:"type"`
	Title    text   `json:"title"`
	Username text   `json:"username"`
}

// origin says where a forwarded message came from (T:messageorigin).
type origin struct {
	User   lenient[*user] `json:"sender_user"`
	Hidden text           `json:"sender_user_name"`
	Sender lenient[chat]  `json:"sender_chat"`
	Chat   lenient[chat]  `json:"chat"`
}

// fileInfo is any of the objects that stand for a file: they have these fields in common.
type fileInfo struct {
	ID        text   `json:"file_id"`
	Unique    text   `json:"file_unique_id"`
	Name      text   `json:"file_name"`
	Type      text   `json:"mime_type"`
	Size      number `json:"file_size"`
	Width     number `json:"width"`
	Height    number `json:"height"`
	Performer text   `json:"performer"`   // audio
	Title     text   `json:"title"`       // audio
	Emoji     text   `json:"emoji"`       // sticker
	Animated  truth  `json:"is_animated"` // sticker
	IsVideo   truth  `json:"is_video"`    // sticker
}

type location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Live      number  `json:"live_period"`
}

type venue struct {
	Location lenient[location] `json:"location"`
	Title    text              `json:"title"`
	Address  text              `json:"address"`
}

type contact struct {
	Phone text   `json:"phone_number"`
	First text   `json:"first_name"`
	Last  text   `json:"last_name"`
	User  number `json:"user_id"`
}

type poll struct {
	Question text `json:"question"`
	Options  lenient[[]struct {
		Text text `json:"text"`
	}] `json:"options"`
}

type dice struct {
	Emoji text   `json:"emoji"`
	Value number `json:"value"`
}

// memberUpdate tells what we are in a chat now (T:chatmemberupdated): in a private one "kicked" is blocked.
type memberUpdate struct {
	Chat lenient[chat]   `json:"chat"`
	From lenient[*user]  `json:"from"`
	Date number          `json:"date"`
	Old  lenient[member] `json:"old_chat_member"`
	New  lenient[member] `json:"new_chat_member"`
}

type member struct {
	Status text `json:"status"`
}
