package slacktest

import (
	"encoding/json"
	"slices"
)

// wireMessage is a message as Slack writes it, in answers and in events. One shape serves both;
// the fields that only events have are set by events.go.
type wireMessage struct {
	ClientMsgID     string          `json:"client_msg_id,omitempty"`
	Type            string          `json:"type"`
	Subtype         string          `json:"subtype,omitempty"`
	Hidden          bool            `json:"hidden,omitempty"`
	User            string          `json:"user,omitempty"`
	Text            *string         `json:"text,omitempty"`
	TS              string          `json:"ts"`
	Team            string          `json:"team,omitempty"`
	BotID           string          `json:"bot_id,omitempty"`
	AppID           string          `json:"app_id,omitempty"`
	BotProfile      *wireBot        `json:"bot_profile,omitempty"`
	Username        string          `json:"username,omitempty"`
	Icons           *wireIcons      `json:"icons,omitempty"`
	Blocks          json.RawMessage `json:"blocks,omitempty"`
	Attachments     json.RawMessage `json:"attachments,omitempty"`
	Files           []wireFile      `json:"files,omitempty"`
	Upload          *bool           `json:"upload,omitempty"`
	DisplayAsBot    *bool           `json:"display_as_bot,omitempty"`
	Edited          *wireEdited     `json:"edited,omitempty"`
	ThreadTS        string          `json:"thread_ts,omitempty"`
	ParentUserID    string          `json:"parent_user_id,omitempty"`
	ReplyCount      int             `json:"reply_count,omitempty"`
	ReplyUsersCount int             `json:"reply_users_count,omitempty"`
	ReplyUsers      []string        `json:"reply_users,omitempty"`
	LatestReply     string          `json:"latest_reply,omitempty"`
	IsLocked        *bool           `json:"is_locked,omitempty"`
	Root            *wireMessage    `json:"root,omitempty"`
	Reactions       []wireReaction  `json:"reactions,omitempty"`
	Metadata        json.RawMessage `json:"metadata,omitempty"`

	Channel         string       `json:"channel,omitempty"`
	ChannelType     string       `json:"channel_type,omitempty"`
	EventTS         string       `json:"event_ts,omitempty"`
	DeletedTS       string       `json:"deleted_ts,omitempty"`
	Message         *wireMessage `json:"message,omitempty"`
	PreviousMessage *wireMessage `json:"previous_message,omitempty"`
}

type wireBot struct {
	ID     string `json:"id"`
	AppID  string `json:"app_id"`
	Name   string `json:"name"`
	TeamID string `json:"team_id"`
}

type wireIcons struct {
	Emoji   string `json:"emoji,omitempty"`
	Image48 string `json:"image_48,omitempty"`
}

type wireEdited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

type wireReaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// wire renders a message. Metadata is shown only on request, as conversations.replies does.
// The caller holds the lock.
func (s *Server) wire(m *message, metadata bool) *wireMessage {
	if m.Tombstone {
		return s.wireTombstone(m)
	}
	text := m.Text
	w := &wireMessage{
		ClientMsgID: m.ClientMsgID, Type: "message", Subtype: m.Subtype, User: m.User, Text: &text, TS: m.TS,
		Team: s.opts.TeamID, Username: m.Username, Blocks: m.Blocks, Attachments: m.attachments, ThreadTS: m.ThreadTS,
	}
	if m.Bot {
		w.BotID, w.AppID = s.opts.BotID, s.opts.AppID
		w.BotProfile = &wireBot{ID: s.opts.BotID, AppID: s.opts.AppID, Name: s.opts.BotName, TeamID: s.opts.TeamID}
		w.Icons = wireIcon(m.Icon)
	}
	if m.BotID != "" && !m.Bot {
		w.BotID, w.AppID = m.BotID, "A0OTHER"
	}
	for _, id := range m.fileIDs {
		w.Files = append(w.Files, s.wireFile(s.state.files[id]))
	}
	if len(w.Files) > 0 {
		no, asBot := false, m.Bot
		w.Upload, w.DisplayAsBot = &no, &asBot
	}
	if m.Edited != "" {
		w.Edited = &wireEdited{User: m.editor(s.opts.BotUserID), TS: m.Edited}
	}
	if metadata {
		w.Metadata = m.Metadata
	}
	for _, r := range m.Reactions {
		w.Reactions = append(w.Reactions, wireReaction{Name: r.Name, Users: slices.Clone(r.Users), Count: len(r.Users)})
	}
	if m.root != nil {
		w.ParentUserID = m.root.User
		if m.Broadcast {
			w.Root = s.wire(m.root, false)
		}
	}
	s.wireThread(w, m)
	return w
}

// wireThread adds what Slack shows on the first message of a thread.
func (s *Server) wireThread(w *wireMessage, m *message) {
	if m.replies == 0 || m.root != nil {
		return
	}
	locked := m.locked
	w.ThreadTS, w.IsLocked = m.TS, &locked
	w.ReplyCount, w.LatestReply = m.replies, m.lastReply
	w.ReplyUsers, w.ReplyUsersCount = slices.Clone(m.repliers), len(m.repliers)
}

// wireTombstone is what stays of a deleted message that has replies.
func (s *Server) wireTombstone(m *message) *wireMessage {
	text := "This message was deleted."
	w := &wireMessage{Type: "message", Subtype: "tombstone", Hidden: true, User: "USLACKBOT", Text: &text, TS: m.TS}
	s.wireThread(w, m)
	return w
}

func wireIcon(icon string) *wireIcons {
	switch {
	case icon == "":
		return nil
	case icon[0] == ':':
		return &wireIcons{Emoji: icon}
	default:
		return &wireIcons{Image48: icon}
	}
}

func (m *message) editor(bot string) string {
	if m.Bot {
		return bot
	}
	return m.User
}
