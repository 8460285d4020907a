package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

var (
	errNoConnection = errors.New("slacktest: nothing is connected")
	errTimeout      = errors.New("slacktest: not acknowledged in time")
)

// Interaction is a press, shortcut, submission or command under way.
type Interaction struct {
	TriggerID   string
	ResponseURL string

	server *Server
	done   chan struct{}
	ack    json.RawMessage
	err    error
}

// Await returns the payload of the app's acknowledgement (nil when it had none), or an error when
// there was none in time or nothing was connected: what a person sees as a warning sign.
func (i *Interaction) Await(ctx context.Context) (json.RawMessage, error) {
	select {
	case <-i.done:
		return i.ack, i.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-i.server.ctx.Done():
		return nil, http.ErrServerClosed
	}
}

// responseURL is where an app may answer an interaction: at most five times in 30 minutes
// (https://docs.slack.dev/interactivity/handling-user-interaction).
type responseURL struct {
	channel, ts, thread, user string
	at                        time.Time
	uses                      int
}

// Press uses an interactive element of a message: a button, an overflow menu or a select, found
// by its action_id. For a button an empty value means its own.
func (s *Server) Press(user, messageTS, actionID, value string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.byTS[messageTS]
	if m == nil || m.Deleted {
		return nil, refuse("message_not_found")
	}
	if ch := s.state.channels[m.Channel]; !ch.members[user] {
		return nil, refuse("not_in_channel")
	}
	action, err := findAction(m.Blocks, actionID, value)
	if err != nil {
		return nil, err
	}
	action["action_ts"] = s.state.newTS()
	payload := s.interaction("block_actions", user, m)
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": false}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	} else if m.replies > 0 {
		container["thread_ts"] = m.TS
	}
	payload["container"], payload["actions"] = container, []any{action}
	payload["state"] = map[string]any{"values": map[string]any{}}
	return s.interact("interactive", payload), nil
}

// findAction looks an element up and renders what Slack says of its use.
func findAction(blocks json.RawMessage, actionID, value string) (map[string]any, error) {
	var list []block
	if len(blocks) > 0 {
		if err := json.Unmarshal(blocks, &list); err != nil {
			return nil, fmt.Errorf("slacktest: press: %w", err)
		}
	}
	for _, b := range list {
		elements := []*element{b.Accessory}
		for _, raw := range b.Elements {
			var e element
			if json.Unmarshal(raw, &e) == nil {
				elements = append(elements, &e)
			}
		}
		for _, e := range elements {
			if e != nil && e.ActionID == actionID {
				return e.used(b.BlockID, value)
			}
		}
	}
	return nil, fmt.Errorf("slacktest: press: no element has the action_id %q", actionID)
}

func (e *element) used(blockID, value string) (map[string]any, error) {
	action := map[string]any{"type": e.Type, "action_id": e.ActionID, "block_id": blockID}
	switch e.Type {
	case "button":
		setDefault(&value, e.Value)
		action["value"], action["text"] = value, e.Text
	case "users_select":
		action["selected_user"] = value
	case "external_select":
		action["selected_option"] = option{Text: &textObject{"plain_text", value}, Value: value}
	default:
		for _, o := range e.Options {
			if o.Value == value {
				action["selected_option"] = o
				return action, nil
			}
		}
		return nil, fmt.Errorf("slacktest: press: %s has no option %q", e.ActionID, value)
	}
	return action, nil
}

// Shortcut uses a message shortcut (its callback_id) on a message.
func (s *Server) Shortcut(user, messageTS, callbackID string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.byTS[messageTS]
	if m == nil || m.Deleted {
		return nil, refuse("message_not_found")
	}
	payload := s.interaction("message_action", user, m)
	payload["callback_id"], payload["message_ts"] = callbackID, m.TS
	return s.interact("interactive", payload), nil
}

// GlobalShortcut uses a global shortcut.
func (s *Server) GlobalShortcut(user, callbackID string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interaction("shortcut", user, nil)
	payload["callback_id"] = callbackID
	return s.interact("interactive", payload)
}

// Suggest types into an external select of a message or view and asks for its options.
func (s *Server) Suggest(user, messageTS, actionID, typed string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interaction("block_suggestion", user, s.state.byTS[messageTS])
	payload["action_id"], payload["value"] = actionID, typed
	return s.interact("interactive", payload)
}

// SubmitView submits an open view. values are the state of its inputs: block_id, action_id, and
// the element's state as Slack shapes it.
func (s *Server) SubmitView(user, viewID string, values map[string]map[string]any) (*Interaction, error) {
	return s.endView("view_submission", user, viewID, values)
}

// CloseView dismisses an open view. Slack tells the app only when the view has notify_on_close.
func (s *Server) CloseView(user, viewID string) (*Interaction, error) {
	return s.endView("view_closed", user, viewID, nil)
}

func (s *Server) endView(kind, user, viewID string, values map[string]map[string]any) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.state.views[viewID]
	if v == nil {
		return nil, refuse("not_found")
	}
	payload := s.interaction(kind, user, nil)
	payload["view"] = s.wireView(v, values)
	return s.interactAnd("interactive", payload, func(ack json.RawMessage) { s.viewEnded(v, ack) }), nil
}

// viewEnded does what the app's answer to a submission says: nothing closes the view.
func (s *Server) viewEnded(v *View, ack json.RawMessage) {
	var a struct {
		ResponseAction string          `json:"response_action"`
		View           json.RawMessage `json:"view"`
	}
	_ = json.Unmarshal(ack, &a) // an empty body is the usual answer
	switch a.ResponseAction {
	case "errors":
	case "update", "push":
		next, err := s.readView(string(a.View), v.Type)
		if err != nil {
			return
		}
		if a.ResponseAction == "update" {
			next.ID = v.ID
		}
		s.state.views[next.ID] = next
	default:
		delete(s.state.views, v.ID)
	}
}

// Command runs a slash command at channel level; Slack allows none in threads.
func (s *Server) Command(user, channelID, command, text string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.humanPlace(user, channelID)
	if err != nil {
		return nil, err
	}
	payload := map[string]any{
		"token": "deprecated", "team_id": s.opts.TeamID, "team_domain": s.opts.TeamDomain,
		"channel_id": ch.ID, "channel_name": ch.Name, "user_id": user, "user_name": s.state.users[user].Name,
		"command": command, "text": text, "api_app_id": s.opts.AppID, "is_enterprise_install": "false",
		"trigger_id": s.newTrigger(), "response_url": s.newResponseURL(user, ch.ID, nil),
	}
	return s.interactAnd("slash_commands", payload, func(ack json.RawMessage) { s.commandAnswered(ch, user, ack) }), nil
}

// commandAnswered shows the text of the acknowledgement to the person who ran the command.
func (s *Server) commandAnswered(ch *channel, user string, ack json.RawMessage) {
	var a struct {
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if json.Unmarshal(ack, &a) != nil {
		a.Text = string(ack) // HTTP mode allows plain text
	}
	if a.Text != "" || a.Blocks != nil {
		s.state.ephemerals = append(s.state.ephemerals,
			Ephemeral{Channel: ch.ID, User: user, TS: s.state.newTS(), Text: a.Text, Blocks: a.Blocks})
	}
}

// interaction is the part that all interaction payloads share.
func (s *Server) interaction(kind, user string, m *message) map[string]any {
	p := map[string]any{
		"type": kind, "token": "deprecated", "api_app_id": s.opts.AppID, "trigger_id": s.newTrigger(),
		"action_ts": s.state.newTS(), "is_enterprise_install": false, "enterprise": nil,
		"team": map[string]string{"id": s.opts.TeamID, "domain": s.opts.TeamDomain},
		"user": map[string]string{"id": user, "team_id": s.opts.TeamID},
	}
	if u := s.state.users[user]; u != nil {
		p["user"] = map[string]string{"id": user, "name": u.Name, "username": u.Name, "team_id": s.opts.TeamID}
	}
	if m != nil {
		p["channel"] = map[string]string{"id": m.Channel, "name": s.state.channels[m.Channel].Name}
		p["message"] = s.wire(m, true)
		p["response_url"] = s.newResponseURL(user, m.Channel, m)
	}
	return p
}

// interact sends an interaction on its way. The caller holds the lock.
func (s *Server) interact(kind string, payload map[string]any) *Interaction {
	return s.interactAnd(kind, payload, nil)
}

// interactAnd is interact with something to do, under the lock, once the app has acknowledged.
func (s *Server) interactAnd(kind string, payload map[string]any, settled func(json.RawMessage)) *Interaction {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // made here
	}
	form := url.Values{"payload": {string(data)}}
	if kind == "slash_commands" {
		form = url.Values{}
		for k, v := range payload {
			form.Set(k, v.(string))
		}
	}
	i := &Interaction{server: s, done: make(chan struct{})}
	i.TriggerID, _ = payload["trigger_id"].(string)
	i.ResponseURL, _ = payload["response_url"].(string)
	s.dispatch(&delivery{kind: kind, payload: data, form: form, result: i, settled: settled})
	s.change()
	return i
}

func (s *Server) newResponseURL(user, channelID string, m *message) string {
	id := s.state.newID("response-")
	r := &responseURL{channel: channelID, user: user, at: time.Now()}
	if m != nil {
		r.ts, r.thread = m.TS, m.ThreadTS
	}
	s.state.responses[id] = r
	return s.base + "/response/" + id
}

// serveResponseURL lets the app answer an interaction: to the person alone, in the channel, or by
// replacing or deleting the message.
func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		s.writeAnswer(w, nil, err)
		return
	}
	s.mu.Lock()
	err = s.respond(r.PathValue("id"), c)
	s.change()
	s.mu.Unlock()
	s.writeAnswer(w, nil, err)
}

func (s *Server) respond(id string, c *call) error {
	to := s.state.responses[id]
	if to == nil || to.uses == 5 || time.Since(to.at) > 30*time.Minute {
		return refuse("used_url")
	}
	to.uses++
	ch := s.state.channels[to.channel]
	m := ch.find(&s.state, to.ts)
	if c.flag("delete_original") && m != nil && m.Bot {
		s.deleteMessage(ch, m)
		return nil
	}
	con, err := s.readContent(c)
	if err != nil {
		return err
	}
	switch {
	case c.flag("replace_original") && m != nil && m.Bot:
		prev := s.wire(m, false)
		m.Text, m.Blocks, m.Edited = con.text, con.blocks, s.state.newTS()
		s.emitChanged(ch, m, prev)
	case c.get("response_type") == "in_channel":
		reply := s.botMessage(con)
		if reply.ThreadTS, err = s.threadRoot(ch, c.get("thread_ts")); err != nil {
			return err
		}
		s.state.add(ch, reply)
		s.emitMessage(ch, reply)
	default:
		s.state.ephemerals = append(s.state.ephemerals, Ephemeral{
			Channel: ch.ID, ThreadTS: c.get("thread_ts"),
			User: to.user, TS: s.state.newTS(), Text: con.text, Blocks: con.blocks,
		})
	}
	return nil
}
