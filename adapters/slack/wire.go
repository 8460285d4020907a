package slack

import (
	"bytes"
	"encoding/json"
)

// The structs here take from Slack's JSON what this adapter reads and nothing else. Every field is lenient: a
// value of another type than expected reads as absent, so that one new shape never costs a message.

// text is a string; anything else in its place is the empty string.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
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

// envelope is one Socket Mode frame (S:apis/events-api/using-socket-mode).
type envelope struct {
	Type    text            `json:"type"`
	ID      text            `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	Reason  text            `json:"reason"`
}

// callback is the outer form of an event, in both modes (S:apis/events-api).
type callback struct {
	Type      text            `json:"type"`
	Challenge text            `json:"challenge"`
	AppID     text            `json:"api_app_id"`
	Event     json.RawMessage `json:"event"`
}

// event is a message event, or as much of another one as message has fields for.
type event struct {
	message
	Channel  text               `json:"channel"`
	EventTS  text               `json:"event_ts"`
	Deleted  text               `json:"deleted_ts"`
	Message  lenient[*message]  `json:"message"`
	Previous lenient[*message]  `json:"previous_message"`
	Reaction text               `json:"reaction"` // reaction_added and reaction_removed, as Item
	Item     lenient[reactedTo] `json:"item"`
}

// revokedFrom are the users whose tokens are worth nothing any more (S:reference/events/tokens_revoked).
type revokedFrom struct {
	Bot []text `json:"bot"`
}

// reactedTo is what somebody put an emoji under.
type reactedTo struct {
	Channel text `json:"channel"`
	TS      text `json:"ts"`
}

// message is a message object, alone or within an event (S:reference/events/message).
type message struct {
	Type        text                        `json:"type"`
	Subtype     text                        `json:"subtype"`
	User        text                        `json:"user"`
	BotID       text                        `json:"bot_id"`
	AppID       text                        `json:"app_id"`
	Text        text                        `json:"text"`
	TS          text                        `json:"ts"`
	ThreadTS    text                        `json:"thread_ts"`
	Blocks      json.RawMessage             `json:"blocks"`
	Edited      lenient[edited]             `json:"edited"`
	Files       lenient[[]lenient[file]]    `json:"files"`
	Attachments lenient[[]lenient[quoted]]  `json:"attachments"`
	Metadata    lenient[metadata]           `json:"metadata"`
	Replies     int                         `json:"reply_count"` // of a thread's first message, as LatestReply
	LatestReply text                        `json:"latest_reply"`
	Reactions   lenient[[]lenient[counted]] `json:"reactions"`
}

// counted is an emoji under a message with those who put it there, or some of them.
type counted struct {
	Name  text   `json:"name"`
	Users []text `json:"users"`
}

type edited struct {
	User text `json:"user"`
	TS   text `json:"ts"`
}

// quoted is what an agent shared or forwarded.
type quoted struct {
	Text     text `json:"text"`
	Fallback text `json:"fallback"`
	IsShare  bool `json:"is_share"`
}

type metadata struct {
	EventType text `json:"event_type"`
	Payload   struct {
		Key text `json:"key"`
	} `json:"event_payload"`
}

// file is a file object (S:reference/objects/file-object).
type file struct {
	ID          text  `json:"id"`
	Name        text  `json:"name"`
	Title       text  `json:"title"`
	Mimetype    text  `json:"mimetype"`
	Mode        text  `json:"mode"`
	Size        int64 `json:"size"`
	Width       int   `json:"original_w"`
	Height      int   `json:"original_h"`
	IsExternal  bool  `json:"is_external"`
	ExternalURL text  `json:"external_url"`
	Download    text  `json:"url_private_download"`
	Private     text  `json:"url_private"`
	Shares      struct {
		Public  map[string][]share `json:"public"`
		Private map[string][]share `json:"private"`
	} `json:"shares"`
}

// share is one place where a file is shown.
type share struct {
	TS       text `json:"ts"`
	ThreadTS text `json:"thread_ts"`
}

// interaction is what somebody did with a button, a shortcut, a form or a list (S:reference/interaction-payloads).
type interaction struct {
	Type        text                       `json:"type"`
	Trigger     text                       `json:"trigger_id"`
	ResponseURL text                       `json:"response_url"`
	User        lenient[person]            `json:"user"`
	Container   lenient[container]         `json:"container"` // block_actions
	Actions     lenient[[]lenient[action]] `json:"actions"`
	Callback    text                       `json:"callback_id"` // message_action, as the next four
	ActionTS    text                       `json:"action_ts"`
	MessageTS   text                       `json:"message_ts"`
	Channel     lenient[person]            `json:"channel"`
	Message     lenient[message]           `json:"message"`
	View        lenient[viewState]         `json:"view"`
	ActionID    text                       `json:"action_id"` // block_suggestion, as Value
	Value       text                       `json:"value"`
}

// person is anything that is named by its id.
type person struct {
	ID text `json:"id"`
}

// container is where a button stands.
type container struct {
	Channel   text          `json:"channel_id"`
	MessageTS text          `json:"message_ts"`
	ThreadTS  text          `json:"thread_ts"`
	Ephemeral lenient[bool] `json:"is_ephemeral"`
}

// action is the use of one element.
type action struct {
	ID    text `json:"action_id"`
	Block text `json:"block_id"`
	TS    text `json:"action_ts"`
	Value text `json:"value"`
}

// userEvent is user_change and its relatives: here user is an object.
type userEvent struct {
	Type text          `json:"type"`
	User lenient[user] `json:"user"`
}

// user is a user object (S:reference/objects/user-object).
type user struct {
	ID      text `json:"id"`
	Name    text `json:"name"`
	IsBot   bool `json:"is_bot"`
	Profile struct {
		DisplayName text `json:"display_name"`
		RealName    text `json:"real_name"`
		Image       text `json:"image_192"`
	} `json:"profile"`
}
