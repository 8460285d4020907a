package slacktest

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Limits of https://docs.slack.dev/reference/methods/chat.postMessage and chat.update.
const (
	truncateText  = 40_000
	maxUpdateText = 4_000
)

// content is what a call wants to be said.
type content struct {
	text        string
	blocks      json.RawMessage
	attachments json.RawMessage
	metadata    json.RawMessage
	username    string
	icon        string
}

// openChannel finds a channel that the bot can see.
func (s *Server) openChannel(id string) (*channel, error) {
	ch := s.state.channels[id]
	if ch == nil || ch.Private && !ch.members[s.opts.BotUserID] {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}

// writableChannel finds a channel that the bot may write in.
func (s *Server) writableChannel(id string) (*channel, error) {
	ch, err := s.openChannel(id)
	switch {
	case err != nil:
		return nil, err
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.members[s.opts.BotUserID]:
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

// threadRoot decides where a reply lands: the root's ts; empty when the root is gone, for then
// Slack posts un-threaded and says ok. Slack tolerates a reply's ts as thread_ts but tells apps
// never to use one, so here it is refused.
func (s *Server) threadRoot(ch *channel, threadTS string) (string, error) {
	if threadTS == "" {
		return "", nil
	}
	if !validTS(threadTS) {
		return "", refuse("invalid_thread_ts")
	}
	root := ch.find(&s.state, threadTS)
	switch {
	case root == nil:
		return "", nil
	case root.root != nil:
		return "", refuse("cannot_reply_to_message")
	case root.locked:
		return "", refuse("restricted_action_thread_locked")
	}
	return threadTS, nil
}

// readContent reads and checks what a message is made of.
func (s *Server) readContent(c *call) (content, error) {
	con := content{text: c.get("text"), username: c.get("username"), icon: c.get("icon_url")}
	if con.icon == "" {
		con.icon = c.get("icon_emoji")
	}
	if md := c.get("markdown_text"); md != "" {
		if con.text != "" || c.has("blocks") {
			return con, refuse("markdown_text_conflict")
		}
		con.text = md
	}
	if (con.username != "" || con.icon != "") && s.needScope("chat:write.customize") != nil {
		return con, s.needScope("chat:write.customize")
	}
	var err error
	if con.blocks, err = checkBlocks(c.get("blocks"), maxMessageBlocks); err != nil {
		return con, err
	}
	if con.metadata, err = checkMetadata(c.get("metadata")); err != nil {
		return con, err
	}
	if a := c.get("attachments"); a != "" && a != "[]" {
		if !json.Valid([]byte(a)) {
			return con, refuse("invalid_attachments")
		}
		con.attachments = json.RawMessage(a)
	}
	if strings.TrimSpace(con.text) == "" && con.blocks == nil && con.attachments == nil {
		return con, refuse("no_text")
	}
	return con, nil
}

// checkMetadata accepts an object with event_type and event_payload.
func checkMetadata(raw string) (json.RawMessage, error) {
	if raw == "" {
		return nil, nil
	}
	var md struct {
		EventType    string                     `json:"event_type"`
		EventPayload map[string]json.RawMessage `json:"event_payload"`
	}
	if json.Unmarshal([]byte(raw), &md) != nil || md.EventType == "" || md.EventPayload == nil {
		return nil, refuse("invalid_metadata_format")
	}
	return json.RawMessage(raw), nil
}

func (s *Server) chatPostMessage(c *call) (answer, error) {
	ch, err := s.writableChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	con, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(con.text); s.opts.MaxText > 0 && n > s.opts.MaxText {
		return nil, refuse("msg_too_long")
	} else if n > truncateText {
		con.text = string([]rune(con.text)[:truncateText])
	}
	root, err := s.threadRoot(ch, c.get("thread_ts"))
	if err != nil {
		return nil, err
	}
	m := s.botMessage(con)
	m.ThreadTS = root
	if root != "" && c.flag("reply_broadcast") {
		m.Broadcast, m.Subtype = true, "thread_broadcast"
	}
	s.state.add(ch, m)
	s.emitMessage(ch, m)
	c.ts = m.TS
	return answer{"channel": ch.ID, "ts": m.TS, "message": s.wire(m, true)}, nil
}

// botMessage is a message of the app. Under another name or picture it has the subtype
// bot_message and no user.
func (s *Server) botMessage(con content) *message {
	m := &message{attachments: con.attachments, Message: Message{
		Bot: true, BotID: s.opts.BotID, User: s.opts.BotUserID, Username: con.username, Icon: con.icon,
		Text: con.text, Blocks: con.blocks, Metadata: con.metadata,
	}}
	if con.username != "" || con.icon != "" {
		m.Subtype, m.User = "bot_message", ""
	}
	return m
}

func (s *Server) chatUpdate(c *call) (answer, error) {
	ch, err := s.writableChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	m := ch.find(&s.state, c.get("ts"))
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case !m.Bot:
		return nil, refuse("cant_update_message")
	case utf8.RuneCountInString(c.get("text")) > maxUpdateText:
		return nil, refuse("msg_too_long")
	}
	delete(c.args, "username")
	delete(c.args, "icon_url")
	delete(c.args, "icon_emoji")
	con, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	prev := s.wire(m, false)
	m.Text = con.text
	// What is left out is retained; an empty array removes (the method's page).
	if c.has("blocks") {
		m.Blocks = con.blocks
	}
	if c.has("attachments") {
		m.attachments = con.attachments
	}
	if c.has("metadata") {
		m.Metadata = con.metadata
	}
	m.Edited = s.state.newTS()
	s.emitChanged(ch, m, prev)
	c.ts = m.TS
	return answer{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": s.wire(m, true)}, nil
}

func (s *Server) chatDelete(c *call) (answer, error) {
	ch, err := s.openChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	m := ch.find(&s.state, c.get("ts"))
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case !m.Bot:
		return nil, refuse("cant_delete_message")
	}
	s.deleteMessage(ch, m)
	c.ts = m.TS
	return answer{"channel": ch.ID, "ts": m.TS}, nil
}

// deleteMessage removes a message and tells the app: message_deleted, or message_changed to a
// tombstone when replies keep the place.
func (s *Server) deleteMessage(ch *channel, m *message) {
	prev := s.wire(m, false)
	s.state.remove(m)
	if m.Tombstone {
		s.emitChanged(ch, m, prev)
		return
	}
	s.emitDeleted(ch, m, prev)
}

func (s *Server) chatPostEphemeral(c *call) (answer, error) {
	ch, err := s.writableChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	con, err := s.readContent(c)
	if err != nil {
		return nil, err
	}
	if !ch.members[c.get("user")] {
		return nil, refuse("user_not_in_channel")
	}
	e := Ephemeral{
		Channel: ch.ID, ThreadTS: c.get("thread_ts"), User: c.get("user"),
		TS: s.state.newTS(), Text: con.text, Blocks: con.blocks,
	}
	s.state.ephemerals = append(s.state.ephemerals, e)
	return answer{"message_ts": e.TS}, nil
}

func (s *Server) chatGetPermalink(c *call) (answer, error) {
	ch, err := s.openChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	m := ch.find(&s.state, c.get("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := "https://" + s.opts.TeamDomain + ".slack.com/archives/" + ch.ID + "/p" + strings.Replace(m.TS, ".", "", 1)
	if m.root != nil {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return answer{"channel": ch.ID, "permalink": link}, nil
}
