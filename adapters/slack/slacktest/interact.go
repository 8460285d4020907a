package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
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
	channel, ts, user string
	at                time.Time
	uses              int
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
	if ch := s.state.channels[m.Channel]; !ch.members[user] {
		return nil, refuse("not_in_channel")
	}
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
		"command": command, "text": s.named(escapeTyped(text)), "api_app_id": s.opts.AppID, "is_enterprise_install": "false",
		"trigger_id": s.newTrigger(user), "response_url": s.newResponseURL(user, ch.ID, ""),
	}
	return s.interactAnd("slash_commands", payload, func(ack json.RawMessage) error { s.commandAnswered(ch, user, ack); return nil }), nil
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
		"type": kind, "token": "deprecated", "api_app_id": s.opts.AppID, "trigger_id": s.newTrigger(user),
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
		p["response_url"] = s.newResponseURL(user, m.Channel, m.TS)
	}
	return p
}

// interact sends an interaction on its way. The caller holds the lock.
func (s *Server) interact(kind string, payload map[string]any) *Interaction {
	return s.interactAnd(kind, payload, nil)
}

// interactAnd is interact with something to do, under the lock, once the app has acknowledged; its error is the
// interaction's.
func (s *Server) interactAnd(kind string, payload map[string]any, settled func(json.RawMessage) error) *Interaction {
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

// newResponseURL is for a message, also one that only one person sees, or, without its ts, for a channel.
func (s *Server) newResponseURL(user, channelID, ts string) string {
	id := s.state.newID("response-")
	s.state.responses[id] = &responseURL{channel: channelID, ts: ts, user: user, at: time.Now()}
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
	if c.flag("delete_original") {
		s.state.dismiss(to.ts)
		if m != nil && m.Bot {
			s.deleteMessage(ch, m)
		}
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
		if c.flag("replace_original") {
			s.state.dismiss(to.ts)
		}
		s.state.ephemerals = append(s.state.ephemerals, Ephemeral{
			Channel: ch.ID, ThreadTS: c.get("thread_ts"),
			User: to.user, TS: s.state.newTS(), Text: con.text, Blocks: con.blocks,
		})
	}
	return nil
}

// named puts the handle beside the id of everybody who is mentioned, as Slack does for a command with should_escape.
func (s *Server) named(text string) string {
	return mentioned.ReplaceAllStringFunc(text, func(token string) string {
		id := strings.Trim(token, "<@>")
		if u := s.state.users[id]; u != nil {
			return "<@" + id + "|" + u.Name + ">"
		}
		return token
	})
}

var mentioned = regexp.MustCompile(`<@[UW][A-Z0-9]+>`)

// dismiss takes a message that only one person sees off their screen.
func (st *state) dismiss(ts string) {
	st.ephemerals = slices.DeleteFunc(st.ephemerals, func(e Ephemeral) bool { return ts != "" && e.TS == ts })
}
