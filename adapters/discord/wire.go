package discord

import (
	"bytes"
	"encoding/json"
)

// The structs here take from Discord's JSON what this adapter reads and nothing else. Every field is lenient: a value
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

// id is a snowflake; anything else in its place is the empty string.
type id string

func (i *id) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil && isID(s) {
		*i = id(s)
	}
	return nil
}

// lenient is a value; one of another kind in its place is the zero T, and not given.
type lenient[T any] struct {
	V     T
	Given bool
}

func (l *lenient[T]) UnmarshalJSON(raw []byte) error {
	var v T
	if !bytes.Equal(raw, []byte("null")) && json.Unmarshal(raw, &v) == nil {
		l.V, l.Given = v, true
	}
	return nil
}

// list is a list of which an element of an unknown form is the zero T.
type list[T any] = lenient[[]lenient[T]]

// message is a message object, from the gateway or a call (D:resources/message#message-object).
type message struct {
	ID          id                   `json:"id"`
	Channel     id                   `json:"channel_id"`
	Guild       id                   `json:"guild_id"`
	Type        lenient[int]         `json:"type"`
	Author      lenient[user]        `json:"author"`
	Member      lenient[member]      `json:"member"`
	Webhook     id                   `json:"webhook_id"`
	Content     text                 `json:"content"`
	Edited      text                 `json:"edited_timestamp"`
	Flags       lenient[int]         `json:"flags"`
	Pinned      lenient[bool]        `json:"pinned"`
	Nonce       text                 `json:"nonce"`
	Mentions    list[mentioned]      `json:"mentions"`
	Attachments list[attachment]     `json:"attachments"`
	Embeds      list[readEmbed]      `json:"embeds"`
	Stickers    list[named]          `json:"sticker_items"`
	Poll        lenient[poll]        `json:"poll"`
	Components  list[map[string]any] `json:"components"`
	Reference   lenient[reference]   `json:"message_reference"`
	Snapshots   list[snapshot]       `json:"message_snapshots"`
}

type user struct {
	ID       id            `json:"id"`
	Username text          `json:"username"`
	Global   text          `json:"global_name"`
	Avatar   text          `json:"avatar"`
	Bot      lenient[bool] `json:"bot"`
}

type member struct {
	User   lenient[user] `json:"user"`
	Nick   text          `json:"nick"`
	Avatar text          `json:"avatar"`
}

type mentioned struct {
	user
	Member lenient[member] `json:"member"`
}

type attachment struct {
	ID       id             `json:"id"`
	Name     text           `json:"filename"`
	Title    text           `json:"title"`
	Type     text           `json:"content_type"`
	URL      text           `json:"url"`
	Size     lenient[int64] `json:"size"`
	Width    lenient[int]   `json:"width"`
	Height   lenient[int]   `json:"height"`
	Duration lenient[any]   `json:"duration_secs"` // of a voice message
}

type readEmbed struct {
	URL   text `json:"url"`
	Title text `json:"title"`
}

type named struct {
	Name text `json:"name"`
}

type poll struct {
	Question struct {
		Text text `json:"text"`
	} `json:"question"`
	Answers list[struct {
		Media struct {
			Text text `json:"text"`
		} `json:"poll_media"`
	}] `json:"answers"`
}

type reference struct {
	Type    lenient[int] `json:"type"` // 1: forwarded
	Message id           `json:"message_id"`
	Channel id           `json:"channel_id"`
}

type snapshot struct {
	Message lenient[struct {
		Content     text             `json:"content"`
		Attachments list[attachment] `json:"attachments"`
	}] `json:"message"`
}

// deletion is MESSAGE_DELETE and MESSAGE_DELETE_BULK.
type deletion struct {
	ID      id       `json:"id"`
	IDs     list[id] `json:"ids"`
	Channel id       `json:"channel_id"`
	Guild   id       `json:"guild_id"`
}

// channel is a channel or a thread (D:resources/channel#channel-object).
type channel struct {
	ID      id                `json:"id"`
	Guild   id                `json:"guild_id"`
	Type    lenient[int]      `json:"type"`
	Parent  id                `json:"parent_id"`
	Owner   id                `json:"owner_id"`
	Last    id                `json:"last_message_id"`
	Flags   lenient[int]      `json:"flags"`
	Name    text              `json:"name"`
	Tags    list[tag]         `json:"available_tags"`
	Message lenient[*message] `json:"message"` // of a post just made
	Thread  struct {
		Archived lenient[bool] `json:"archived"`
	} `json:"thread_metadata"`
}

type tag struct {
	ID        string  `json:"id,omitempty"`
	Name      string  `json:"name"`
	Moderated bool    `json:"moderated,omitempty"`
	EmojiID   *string `json:"emoji_id,omitempty"`
	EmojiName *string `json:"emoji_name,omitempty"`
}

// guild is GUILD_CREATE and GUILD_DELETE.
type guild struct {
	ID          id            `json:"id"`
	Unavailable lenient[bool] `json:"unavailable"`
	Channels    list[channel] `json:"channels"`
	Threads     list[channel] `json:"threads"`
}

// changedRole is GUILD_ROLE_UPDATE, and GUILD_MEMBER_UPDATE with the member.
type changedRole struct {
	Guild id `json:"guild_id"`
	User  struct {
		ID id `json:"id"`
	} `json:"user"`
}

// interaction is INTERACTION_CREATE (D:interactions/receiving-and-responding#interaction-object).
type interaction struct {
	ID          id               `json:"id"`
	Application id               `json:"application_id"`
	Type        lenient[int]     `json:"type"`
	Token       text             `json:"token"`
	Guild       id               `json:"guild_id"`
	Channel     id               `json:"channel_id"`
	Place       lenient[channel] `json:"channel"`
	Member      lenient[member]  `json:"member"`
	Message     lenient[message] `json:"message"`
	Data        struct {
		Name     text `json:"name"`
		CustomID text `json:"custom_id"`
		Target   id   `json:"target_id"` // the message that a command was given on
		Options  list[struct {
			Name    text          `json:"name"`
			Value   text          `json:"value"`
			Focused lenient[bool] `json:"focused"` // it is being typed
		}] `json:"options"`
		Components list[*submitted] `json:"components"` // of a form
	} `json:"data"`
}

// What we send.

// allowedMentions of nobody calls nobody. Left out, an edit would fall back to calling everybody who is named (D:resources/message).
type allowedMentions struct {
	Parse []string `json:"parse"`
	Users []string `json:"users,omitempty"`
}

func noMentions() allowedMentions { return allowedMentions{Parse: []string{}} }

type outgoing struct {
	Content      string            `json:"content"`
	Embeds       []embed           `json:"embeds"`
	Components   []component       `json:"components"`
	Mentions     allowedMentions   `json:"allowed_mentions"`
	Nonce        string            `json:"nonce,omitempty"`
	EnforceNonce bool              `json:"enforce_nonce,omitempty"`
	Reference    *replyTo          `json:"message_reference,omitempty"`
	Attachments  []namedAttachment `json:"attachments,omitempty"`
}

type replyTo struct {
	Message string `json:"message_id"`
	Lenient bool   `json:"fail_if_not_exists"`
}

type namedAttachment struct {
	ID   string `json:"id"`
	Name string `json:"filename"`
}

type embed struct {
	URL    string       `json:"url,omitempty"`
	Color  int          `json:"color,omitempty"`
	Author *embedAuthor `json:"author,omitempty"`
}

type embedAuthor struct {
	Name string `json:"name"`
	Icon string `json:"icon_url,omitempty"`
}

// component is a row of buttons, or a button (D:components/reference).
type component struct {
	Type       int         `json:"type"`
	Components []component `json:"components,omitempty"`
	Style      int         `json:"style,omitempty"`
	Label      string      `json:"label,omitempty"`
	CustomID   string      `json:"custom_id,omitempty"`
}
