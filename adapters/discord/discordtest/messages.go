package discordtest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

// Message types (https://docs.discord.com/developers/resources/message#message-object-message-types).
const (
	typeDefault       = 0
	typePinned        = 6
	typeThreadCreated = 18
	typeReply         = 19
	typeCommand       = 20
	typeThreadStarter = 21
)

// message is a stored message.
type message struct {
	Message
	at          time.Time
	embeds      []embed
	previews    []embed // of links, made by Discord
	components  []any
	unknown     object // a component of a kind that does not exist, on the script's demand
	files       []*attachment
	application string
	metadata    object // of the interaction it answers
	refersTo    string // channel of Reply
	oldEdits    int    // edits made when it was older than an hour
	token       string // of the interaction it answers
}

func (m *message) old() bool { return time.Since(m.at) > time.Hour }

// system reports whether Discord wrote the message.
func (m *message) system() bool {
	return m.Type != typeDefault && m.Type != typeReply && m.Type != typeCommand
}

func (s *Server) listMessages(c *call) (any, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 50, 1, 100)
	if err != nil {
		return nil, err
	}
	bounds := 0
	for _, name := range []string{"around", "before", "after"} {
		if c.query.Has(name) {
			bounds++
		}
	}
	if bounds > 1 {
		return nil, invalid("", "MUTUALLY_EXCLUSIVE", "Only one of around, before and after may be given.")
	}
	out := []object{}
	for _, m := range ch.page(c.query.Get("around"), c.query.Get("before"), c.query.Get("after"), limit) {
		out = append(out, s.read(m))
	}
	return out, nil
}

// page is a part of the channel's history, newest first. After a bound the page is the oldest of what is newer.
func (ch *channel) page(around, before, after string, limit int) []*message {
	var older, newer []*message // both newest first
	collect := func(from, step, n int) []*message {
		var got []*message
		for i := from; i >= 0 && i < len(ch.messages) && len(got) < n; i += step {
			if !ch.messages[i].Deleted {
				got = append(got, ch.messages[i])
			}
		}
		return got
	}
	switch {
	case around != "":
		newer = collect(ch.from(around, true), 1, limit/2+1)
		older = collect(ch.from(around, true)-1, -1, limit-len(newer))
	case after != "":
		newer = collect(ch.from(after, false), 1, limit)
	case before != "":
		older = collect(ch.from(before, true)-1, -1, limit)
	default:
		older = collect(len(ch.messages)-1, -1, limit)
	}
	slices.Reverse(newer)
	return append(newer, older...)
}

// readable finds the channel of the address that the bot may read.
func (s *Server) readable(c *call) (*channel, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel|ReadMessageHistory); err != nil {
		return nil, err
	}
	if !ch.writable() {
		return nil, errNonText
	}
	return ch, nil
}

// read is a message as the bot reads it: without the message content intent there is no content.
func (s *Server) read(m *message) object {
	o := s.wireMessage(m, true)
	if !s.content {
		s.redact(o, m)
	}
	return o
}

func (s *Server) getMessage(c *call) (any, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	m, err := ch.message(&s.state, c.ids["message_id"])
	if err != nil {
		return nil, err
	}
	return s.read(m), nil
}

// nonceKey and nonceUse remember what an enforced nonce made.
type nonceKey struct{ channel, nonce string }

type nonceUse struct {
	message string
	at      time.Time
}

func (s *Server) createMessage(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.mayWrite(ch); err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	nonce, enforce, err := readNonce(fields)
	if err != nil {
		return nil, err
	}
	m := &message{Message: Message{Author: s.opts.BotUserID, Name: s.opts.BotName, Bot: true, Nonce: nonce}}
	if err := s.readReference(ch, m, fields["message_reference"]); err != nil {
		return nil, err
	}
	d, err := s.readDraft(fields, c.files, author{channel: ch}, nil)
	if err != nil {
		return nil, err
	}
	key := nonceKey{ch.ID, nonce}
	if use, ok := s.state.nonces[key]; enforce && nonce != "" && ok && c.at.Sub(use.at) < s.opts.NonceWindow {
		if old := s.state.messages[use.message]; old != nil && !old.Deleted {
			c.made = old.ID
			return withNonce(s.wireMessage(old, true), nonce), nil
		}
	}
	d.fill(m)
	s.post(ch, m)
	s.ping(m, d.mentions, false)
	c.made = m.ID
	if nonce != "" {
		maps.DeleteFunc(s.state.nonces, func(_ nonceKey, use nonceUse) bool { return c.at.Sub(use.at) >= s.opts.NonceWindow })
		s.state.nonces[key] = nonceUse{m.ID, c.at}
	}
	return withNonce(s.wireMessage(m, true), nonce), nil
}

func withNonce(o object, nonce string) object {
	if nonce != "" {
		o["nonce"] = nonce
	}
	return o
}

// mayWrite refuses unless the bot may write in the channel as it is now.
func (s *Server) mayWrite(ch *channel) error {
	if err := s.may(ch, ViewChannel); err != nil {
		return err
	}
	if !ch.writable() {
		return errNonText
	}
	if err := s.may(ch, ch.writing()); err != nil {
		return err
	}
	if ch.Locked && s.may(ch, ManageThreads) != nil {
		return errThreadLocked
	}
	return s.roomToRevive(ch)
}

// readNonce reads a nonce, which may be a number, of at most 25 characters.
func readNonce(fields map[string]json.RawMessage) (nonce string, enforce bool, err error) {
	_ = json.Unmarshal(fields["enforce_nonce"], &enforce)
	raw := fields["nonce"]
	if len(raw) == 0 || string(raw) == "null" {
		return "", enforce, nil
	}
	if json.Unmarshal(raw, &nonce) != nil {
		nonce = string(raw)
	}
	if utf8.RuneCountInString(nonce) > 25 {
		return "", false, invalid("nonce", "NONCE_TYPE_TOO_LONG", "Nonce is too long.")
	}
	return nonce, enforce, nil
}

// readReference reads which message is answered.
func (s *Server) readReference(ch *channel, m *message, raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	ref := struct {
		MessageID string `json:"message_id"`
		ChannelID string `json:"channel_id"`
		MustExist *bool  `json:"fail_if_not_exists"`
	}{}
	if json.Unmarshal(raw, &ref) != nil || ref.MessageID == "" {
		return invalid("message_reference", "MODEL_TYPE_CONVERT", "Could not interpret the value.")
	}
	if ref.ChannelID != "" && ref.ChannelID != ch.ID {
		return invalid("message_reference", "REPLIES_CANNOT_CROSS_CHANNELS", "Cannot reply to a message in a different channel")
	}
	if err := s.may(ch, ReadMessageHistory); err != nil {
		return errReplyHistory
	}
	to, err := ch.message(&s.state, ref.MessageID)
	switch {
	case err != nil && (ref.MustExist == nil || *ref.MustExist):
		return invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
	case err != nil:
		return nil
	case to.system():
		return invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
	}
	m.Type, m.Reply, m.refersTo = typeReply, to.ID, ch.ID
	return nil
}

// post stores a new message and tells the sessions. Writing in an archived thread opens it again.
func (s *Server) post(ch *channel, m *message) {
	if ch.Archived {
		s.setArchived(ch, false)
	}
	s.state.store(ch, m)
	for _, f := range m.files {
		f.channel = ch.ID
	}
	if ch.thread() && s.state.users[m.Author] != nil {
		s.join(ch, m.Author)
	}
	s.emitMessage("MESSAGE_CREATE", m)
}

func (s *Server) updateMessage(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	if m.Author != s.opts.BotUserID {
		return nil, errNotAuthor
	}
	return s.edit(c, ch, m, fields, author{channel: ch})
}

// edit changes a message as a request says.
func (s *Server) edit(c *call, ch *channel, m *message, fields map[string]json.RawMessage, by author) (any, error) {
	switch {
	case m.system():
		return nil, errSystemMessage
	case ch.Archived:
		return nil, errArchived
	case m.old() && m.oldEdits >= s.opts.MaxOldEdits:
		return nil, errOldEdits
	}
	d, err := s.readDraft(fields, c.files, by, m)
	if err != nil {
		return nil, err
	}
	if m.old() {
		m.oldEdits++
	}
	d.apply(m)
	for _, f := range m.files {
		f.channel = ch.ID
	}
	m.Edited = s.later(m)
	if d.has["content"] {
		s.ping(m, d.mentions, true)
	}
	s.emitMessage("MESSAGE_UPDATE", m)
	c.made = m.ID
	return s.wireMessage(m, true), nil
}

// later is now, and later than the last edit.
func (s *Server) later(m *message) time.Time {
	now := time.Now()
	if !now.After(m.Edited) {
		now = m.Edited.Add(time.Microsecond)
	}
	return now
}

// onMessageOf finds the channel and message of the address.
func (s *Server) onMessageOf(c *call) (*channel, *message, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, nil, err
	}
	if err := s.may(ch, ViewChannel); err != nil {
		return nil, nil, err
	}
	m, err := ch.message(&s.state, c.ids["message_id"])
	return ch, m, err
}

// deleteMessage works in archived threads too.
func (s *Server) deleteMessage(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	if m.Author != s.opts.BotUserID {
		if err := s.may(ch, ManageMessages); err != nil {
			return nil, err
		}
	}
	if m.Type == typeThreadStarter {
		return nil, errSystemMessage
	}
	s.remove(ch, m)
	s.emitDeleted(ch, m.ID)
	return nil, nil
}

// remove marks a message deleted, its pin and its files with it.
func (s *Server) remove(ch *channel, m *message) {
	m.Deleted = true
	ch.pins = slices.DeleteFunc(ch.pins, func(p *message) bool { return p == m })
	for _, f := range m.files {
		f.gone = true
	}
}

func (s *Server) bulkDelete(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ManageMessages); err != nil {
		return nil, err
	}
	var body struct{ Messages []string }
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.Messages) < 2 || len(body.Messages) > 100 {
		return nil, errBulkCount
	}
	var gone []string
	for _, id := range body.Messages {
		m, err := ch.message(&s.state, id)
		if err == nil && time.Since(m.at) > 14*24*time.Hour {
			return nil, errTooOldToDelete
		}
		if err == nil { // messages that are not there are passed over
			gone = append(gone, id)
		}
	}
	for _, id := range gone {
		s.remove(ch, s.state.messages[id])
	}
	s.emitBulkDeleted(ch, gone)
	return nil, nil
}
