package discordtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Interaction types and the types of their first answer
// (https://docs.discord.com/developers/interactions/receiving-and-responding).
const (
	interactionCommand   = 2
	interactionComponent = 3
	interactionComplete  = 4
	interactionModal     = 5

	AnswerMessage     = 4
	AnswerDeferred    = 5
	AnswerNothing     = 6 // of a component: acknowledged, nothing shown
	AnswerUpdate      = 7 // of a component: its message changes
	AnswerSuggestions = 8
	AnswerModal       = 9
)

// ErrNoAnswer is what a person sees as "The application did not respond".
var ErrNoAnswer = errors.New("discordtest: the application did not respond")

// interaction is what a person did and the application may answer.
type interaction struct {
	id, token string
	kind      int
	user      string
	place     *channel
	at        time.Time
	source    *message // of a component
	metadata  object
	answered  bool
	failed    bool
	original  *message
	ephemeral bool // of a deferred answer
	result    *Interaction
	timer     *time.Timer
}

func (s *Server) stopInteractions() {
	for _, i := range s.state.interactions {
		i.timer.Stop()
	}
}

// interactionAnswer is the body of a first answer.
type interactionAnswer struct {
	Type int             `json:"type"`
	Data json.RawMessage `json:"data"`
}

func (s *Server) answerInteraction(c *call) (any, error) {
	i := s.state.interactions[c.ids["interaction_token"]]
	switch {
	case i == nil || i.id != c.ids["interaction_id"]:
		return nil, errUnknownInteraction
	case i.answered:
		return nil, errAnswered
	case i.failed:
		return nil, errUnknownInteraction
	}
	var body interactionAnswer
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if err := s.firstAnswer(c, i, body); err != nil {
		return nil, err
	}
	i.answered = true
	i.timer.Stop()
	i.result.finish(Answer(body), nil)
	if c.query.Get("with_response") != "true" {
		return nil, nil
	}
	return s.wireCallback(i, body.Type), nil
}

func (s *Server) wireCallback(i *interaction, kind int) object {
	o := object{"interaction": object{
		"id": i.id, "type": i.kind, "guild_id": s.opts.GuildID, "channel_id": i.place.ID,
		"response_message_loading": kind == AnswerDeferred, "response_message_ephemeral": i.ephemeral,
	}}
	shown := i.original
	if kind == AnswerUpdate {
		shown = i.source
	}
	if shown != nil && kind != AnswerNothing {
		o["interaction"].(object)["response_message_id"] = shown.ID
		o["resource"] = object{"type": kind, "message": s.wireMessage(shown, true)}
	}
	return o
}

// firstAnswer does what the answer says. Which types are allowed depends on what the person did.
func (s *Server) firstAnswer(c *call, i *interaction, body interactionAnswer) error {
	data := map[string]json.RawMessage{}
	if len(body.Data) > 0 && json.Unmarshal(body.Data, &data) != nil {
		return invalid("data", "MODEL_TYPE_CONVERT", "Could not interpret the value.")
	}
	wrong := invalid("type", "INTERACTION_RESPONSE_TYPE_INVALID", "This type of answer is not valid for the interaction")
	onComponent := i.kind == interactionComponent || i.kind == interactionModal && i.source != nil
	switch {
	case (body.Type == AnswerSuggestions) != (i.kind == interactionComplete):
		return wrong
	case body.Type == AnswerMessage:
		return s.answerWith(c, i, data)
	case body.Type == AnswerDeferred:
		return s.deferAnswer(i, data)
	case body.Type == AnswerNothing && onComponent:
		i.original = i.source
		return nil
	case body.Type == AnswerUpdate && onComponent:
		return s.answerUpdate(c, i, data)
	case body.Type == AnswerSuggestions:
		return checkChoices(body.Data)
	case body.Type == AnswerModal && i.kind != interactionModal:
		return checkModal(body.Data)
	}
	return wrong
}

func (s *Server) answerWith(c *call, i *interaction, data map[string]json.RawMessage) error {
	d, err := s.readDraft(data, c.files, author{usersOnly: true, ephemeral: true}, nil)
	if err != nil {
		return err
	}
	i.original = s.answerTo(i)
	i.ephemeral = d.flags&FlagEphemeral != 0
	d.fill(i.original)
	s.show(i, i.original)
	s.ping(i.original, d.mentions, false)
	c.made = i.original.ID
	return nil
}

// deferAnswer shows that the application is thinking. Who sees the answer is settled now.
func (s *Server) deferAnswer(i *interaction, data map[string]json.RawMessage) error {
	var flags int
	_ = json.Unmarshal(data["flags"], &flags)
	if flags&^FlagEphemeral != 0 {
		return invalid("data.flags", "INTERACTION_FLAGS_INVALID", "Only EPHEMERAL is allowed here")
	}
	i.ephemeral = flags&FlagEphemeral != 0
	i.original = s.answerTo(i)
	i.original.Flags = FlagLoading | flags
	s.show(i, i.original)
	return nil
}

func (s *Server) answerUpdate(c *call, i *interaction, data map[string]json.RawMessage) error {
	d, err := s.readDraft(data, c.files, author{usersOnly: true}, i.source)
	if err != nil {
		return err
	}
	i.original = i.source
	d.apply(i.source)
	i.source.Edited = s.later(i.source)
	if d.has["content"] {
		s.ping(i.source, d.mentions, true)
	}
	s.emitMessage("MESSAGE_UPDATE", i.source)
	return nil
}

// answerTo makes an empty message of the application that answers an interaction.
func (s *Server) answerTo(i *interaction) *message {
	m := &message{
		Message:     Message{Author: s.opts.BotUserID, Name: s.opts.BotName, Bot: true, Webhook: s.opts.ApplicationID},
		application: s.opts.ApplicationID, metadata: i.metadata, token: i.token,
	}
	if i.kind == interactionCommand {
		m.Type = typeCommand
	}
	return m
}

// show puts an answer into the channel, or before the eyes of the person alone.
func (s *Server) show(i *interaction, m *message) {
	if m.Flags&FlagEphemeral == 0 {
		s.post(i.place, m)
		return
	}
	m.ID, m.Channel, m.For, m.at = s.state.newID(), i.place.ID, i.user, time.Now()
	for _, f := range m.files {
		f.channel = i.place.ID
	}
	s.state.ephemerals = append(s.state.ephemerals, m)
}

func checkChoices(raw json.RawMessage) error {
	var data struct{ Choices []commandChoice }
	if json.Unmarshal(raw, &data) != nil || len(data.Choices) > 25 {
		return tooLong("data.choices", 25)
	}
	for i, choice := range data.Choices {
		if choice.wrong() {
			return badLength(fmt.Sprintf("data.choices.%d", i), 1, 100)
		}
	}
	return nil
}

// live finds an answered interaction whose token is still good.
func (s *Server) live(c *call) (*interaction, error) {
	i := s.state.interactions[c.ids["webhook_token"]]
	switch {
	case i == nil || c.at.Sub(i.at) > s.opts.TokenLife:
		return nil, errWebhookToken
	case !i.answered:
		return nil, errUnknownWebhook
	}
	return i, nil
}

// followUp posts a later answer. The first one after a deferred answer takes its place.
func (s *Server) followUp(c *call) (any, error) {
	i, err := s.live(c)
	if err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	d, err := s.readDraft(fields, c.files, author{usersOnly: true, ephemeral: true}, nil)
	if err != nil {
		return nil, err
	}
	if o := i.original; o != nil && o.Flags&FlagLoading != 0 {
		kept := o.Flags & FlagEphemeral
		d.fill(o)
		o.Flags = d.flags&^FlagEphemeral | kept
		s.answerChanged(o)
		return s.wireMessage(o, true), nil
	}
	m := s.answerTo(i)
	m.Type = typeDefault
	d.fill(m)
	s.show(i, m)
	s.ping(m, d.mentions, false)
	c.made = m.ID
	return s.wireMessage(m, true), nil
}

// answerChanged tells of a changed answer, unless one person alone sees it.
func (s *Server) answerChanged(m *message) {
	if m.For == "" {
		s.emitMessage("MESSAGE_UPDATE", m)
	}
}

// answerMessage finds the original answer of an interaction, or a later one by its id.
func (s *Server) answerMessage(c *call) (*interaction, *message, error) {
	i, err := s.live(c)
	if err != nil {
		return nil, nil, err
	}
	id := c.ids["message_id"]
	if id == "" {
		if i.original == nil || i.original.Deleted {
			return nil, nil, errUnknownMessage
		}
		return i, i.original, nil
	}
	m := s.state.messages[id]
	for _, e := range s.state.ephemerals {
		if e.ID == id {
			m = e
		}
	}
	if m == nil || m.Deleted || m.token != i.token {
		return nil, nil, errUnknownMessage
	}
	return i, m, nil
}

func (s *Server) editAnswer(c *call, fields map[string]json.RawMessage) (any, error) {
	_, m, err := s.answerMessage(c)
	if err != nil {
		return nil, err
	}
	if ch := s.state.channels[m.Channel]; ch.Archived {
		return nil, errArchived
	}
	d, err := s.readDraft(fields, c.files, author{usersOnly: true}, m)
	if err != nil {
		return nil, err
	}
	wasLoading := m.Flags&FlagLoading != 0
	d.apply(m)
	m.Flags &^= FlagLoading
	for _, f := range m.files {
		f.channel = m.Channel
	}
	if !wasLoading {
		m.Edited = s.later(m)
	}
	if d.has["content"] {
		s.ping(m, d.mentions, !wasLoading)
	}
	c.made = m.ID
	s.answerChanged(m)
	return s.wireMessage(m, true), nil
}

func (s *Server) deleteAnswer(c *call) (any, error) {
	_, m, err := s.answerMessage(c)
	if err != nil {
		return nil, err
	}
	ch := s.state.channels[m.Channel]
	s.remove(ch, m)
	if m.For == "" {
		s.emitDeleted(ch, m.ID)
	}
	return nil, nil
}
