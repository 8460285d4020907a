package slacktest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// maxBody bounds what one Web API call may send.
const maxBody = 4 << 20

// answer is the body of an accepted call; "ok" is added.
type answer map[string]any

// apiError is a refusal: HTTP 200 with ok false, as Slack does it.
type apiError struct {
	code  string
	extra map[string]any
}

func (e *apiError) Error() string { return e.code }

func refuse(code string) error { return &apiError{code: code} }

// method is one Web API method. do runs with the server's lock held.
type method struct {
	do    func(*Server, *call) (answer, error)
	scope string // one of these, "|" between them; empty: none needed
	app   bool   // wants the app-level token
	form  bool   // reads forms only: Slack ignores JSON bodies here
}

// methods is the supported subset. Which methods read JSON bodies is Slack's:
// https://docs.slack.dev/apis/web-api/#methods_supporting_json.
var methods = map[string]method{
	"auth.test":             {do: (*Server).authTest},
	"apps.connections.open": {do: (*Server).connectionsOpen, app: true},
	"bots.info":             {do: (*Server).botsInfo, scope: "users:read", form: true},

	"chat.postMessage":   {do: (*Server).chatPostMessage, scope: "chat:write"},
	"chat.update":        {do: (*Server).chatUpdate, scope: "chat:write"},
	"chat.delete":        {do: (*Server).chatDelete, scope: "chat:write"},
	"chat.postEphemeral": {do: (*Server).chatPostEphemeral, scope: "chat:write"},
	"chat.getPermalink":  {do: (*Server).chatGetPermalink, form: true},

	"conversations.replies": {do: (*Server).conversationsReplies, scope: "channels:history|groups:history", form: true},
	"conversations.history": {do: (*Server).conversationsHistory, scope: "channels:history|groups:history", form: true},
	"conversations.info":    {do: (*Server).conversationsInfo, scope: "channels:read|groups:read", form: true},
	"conversations.members": {do: (*Server).conversationsMembers, scope: "channels:read|groups:read", form: true},
	"conversations.list":    {do: (*Server).conversationsList, scope: "channels:read|groups:read", form: true},

	"users.info": {do: (*Server).usersInfo, scope: "users:read", form: true},
	"users.list": {do: (*Server).usersList, scope: "users:read", form: true},

	"reactions.add":    {do: (*Server).reactionsAdd, scope: "reactions:write"},
	"reactions.remove": {do: (*Server).reactionsRemove, scope: "reactions:write"},

	"files.getUploadURLExternal":   {do: (*Server).filesGetUploadURL, scope: "files:write", form: true},
	"files.completeUploadExternal": {do: (*Server).filesCompleteUpload, scope: "files:write"},
	"files.info":                   {do: (*Server).filesInfo, scope: "files:read", form: true},
	"files.delete":                 {do: (*Server).filesDelete, scope: "files:write"},

	"views.open":    {do: (*Server).viewsOpen},
	"views.update":  {do: (*Server).viewsUpdate},
	"views.publish": {do: (*Server).viewsPublish},
}

// call is one request on its way through a method.
type call struct {
	name   string
	args   map[string]string // JSON values that are no strings are kept as their JSON text
	token  string
	at     time.Time
	isJSON bool
	ts     string // the message made or named, for the log
}

func (c *call) get(name string) string { return c.args[name] }
func (c *call) has(name string) bool   { _, ok := c.args[name]; return ok }

func (c *call) flag(name string) bool {
	v := c.args[name]
	return v == "true" || v == "1"
}

// number reads an integer argument; absent or malformed is the default.
func (c *call) number(name string, def int) int {
	n, err := strconv.Atoi(c.args[name])
	if err != nil {
		return def
	}
	return n
}

func (c *call) channel() string {
	if ch := c.args["channel"]; ch != "" {
		return ch
	}
	return c.args["channel_id"]
}

func (c *call) thread() string {
	if ts := c.args["thread_ts"]; ts != "" {
		return ts
	}
	if c.name == "conversations.replies" {
		return c.args["ts"]
	}
	return ""
}

// serveMethod takes one Web API call from bytes to answer: read, faults that prevent it, act,
// record, faults that hide the outcome, answer.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		s.writeAnswer(w, nil, err)
		return
	}
	if !simulator.Pause(r.Context(), time.Duration(s.latency.Load())) {
		return
	}
	fault := s.faultFor(c)
	if fault != nil {
		if !simulator.Pause(r.Context(), fault.Rule.Latency) || !fault.Rule.Act && s.misbehave(w, r, c, fault) {
			return
		}
	}
	ans, wait, err := s.act(c)
	if fault != nil && fault.Rule.Act && s.misbehave(w, r, c, fault) {
		return
	}
	if wait > 0 {
		writeLimited(w, wait, false)
		return
	}
	s.writeAnswer(w, ans, err)
}

func readCall(r *http.Request) (*call, error) {
	c := &call{name: r.PathValue("method"), args: map[string]string{}, at: time.Now()}
	for k, v := range r.URL.Query() {
		c.args[k] = v[0]
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, refuse("request_too_large")
	}
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case mediaType == "application/json":
		if err := c.readJSON(body); err != nil {
			return nil, err
		}
	case mediaType == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, refuse("invalid_form_data")
		}
		for k, v := range values {
			c.args[k] = v[0]
		}
	case mediaType == "multipart/form-data":
		if err := c.readMultipart(body, params["boundary"]); err != nil {
			return nil, err
		}
	default:
		return nil, refuse("invalid_post_type")
	}
	c.token = c.args["token"]
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token = bearer
	} else if c.isJSON {
		c.token = "" // with a JSON body Slack takes the token from the header only
	}
	delete(c.args, "token")
	return c, nil
}

func (c *call) readJSON(body []byte) error {
	c.isJSON = true
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return refuse("invalid_json")
	}
	for k, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			c.args[k] = text
		default:
			c.args[k] = string(raw)
		}
	}
	return nil
}

// act authenticates, limits and carries out the call, and records it. A positive wait means 429.
func (s *Server) act(c *call) (ans answer, wait time.Duration, err error) {
	s.mu.Lock()
	m, known := methods[c.name]
	switch {
	case !known:
		err = refuse("unknown_method")
	default:
		if err = s.authorize(c, m); err == nil {
			wait = s.limits.take(c.name, c.channel(), c.at)
		}
	}
	if err == nil && wait == 0 {
		if m.form && c.isJSON {
			c.args = map[string]string{}
		}
		ans, err = m.do(s, c)
	}
	done := c.logged(err, wait > 0)
	s.calls.add(done)
	s.change()
	s.mu.Unlock()
	if s.opts.OnCall != nil {
		s.opts.OnCall(done)
	}
	return ans, wait, err
}

func (c *call) logged(err error, limited bool) Call {
	done := Call{
		Method: c.name, Channel: c.channel(), ThreadTS: c.thread(), TS: c.ts, At: c.at,
		Status: http.StatusOK, Params: c.args, Limited: limited,
	}
	if limited {
		done.Status, done.Error = http.StatusTooManyRequests, "ratelimited"
	} else if err != nil {
		done.Error = err.Error()
	}
	return done
}

func (s *Server) authorize(c *call, m method) error {
	want, other := s.opts.BotToken, s.opts.AppToken
	if m.app {
		want, other = other, want
	}
	switch c.token {
	case "":
		return refuse("not_authed")
	case want:
	case other:
		return refuse("not_allowed_token_type")
	default:
		return refuse("invalid_auth")
	}
	if s.state.revoked && !m.app {
		return refuse("token_revoked")
	}
	return s.needScope(m.scope)
}

// needScope refuses unless the bot token has one of the scopes.
func (s *Server) needScope(scopes string) error {
	if scopes == "" {
		return nil
	}
	for scope := range strings.SplitSeq(scopes, "|") {
		if slices.Contains(s.opts.Scopes, scope) {
			return nil
		}
	}
	needed, _, _ := strings.Cut(scopes, "|")
	return &apiError{code: "missing_scope", extra: map[string]any{
		"needed": needed, "provided": strings.Join(s.opts.Scopes, ","),
	}}
}

func (s *Server) writeAnswer(w http.ResponseWriter, ans answer, err error) {
	body := map[string]any{"ok": err == nil}
	if err != nil {
		body["error"] = err.Error()
		if e, ok := errors.AsType[*apiError](err); ok {
			ans = e.extra
		}
	}
	for k, v := range ans {
		body[k] = v
	}
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.opts.Scopes, ","))
	writeJSON(w, http.StatusOK, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body is made here
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
