package discordtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// route is one operation by its official name, with what it does. do runs with the server's lock held.
type route struct {
	name   string
	path   string // METHOD /template as in the official description
	do     func(*Server, *call) (any, error)
	status int  // of success; 0: 200, or 204 without an answer
	open   bool // needs no token: the address holds one, or the answer is no secret
}

// call is one request on its way through a route.
type call struct {
	*route
	ids   map[string]string // path parameters by their official names
	query url.Values
	body  json.RawMessage
	files []upload
	auth  string
	at    time.Time
	made  string // the message or thread made or named, for the log
	head  http.Header
}

func (c *call) channel() string { return c.ids["channel_id"] }

// fields are the members of the body; those that are null are there with "null".
func (c *call) fields() (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if len(c.body) == 0 {
		return fields, nil
	}
	if json.Unmarshal(c.body, &fields) != nil {
		return nil, invalid("", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
	}
	return fields, nil
}

// decode reads the body into a struct.
func (c *call) decode(into any) error {
	if len(c.body) == 0 {
		return nil
	}
	err := json.Unmarshal(c.body, into)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalid(e.Field, "BASE_TYPE_INVALID", "Could not interpret the value.")
	}
	if err != nil {
		return invalid("", "MODEL_TYPE_CONVERT", "The request body contains invalid JSON.")
	}
	return nil
}

// number reads an integer of the query.
func (c *call) number(name string, def, lowest, highest int) (int, error) {
	if !c.query.Has(name) {
		return def, nil
	}
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < lowest || n > highest {
		return 0, invalid(name, "NUMBER_TYPE_RANGE", "Value is out of range.")
	}
	return n, nil
}

// answer is what is sent back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serveCall takes one call from bytes to answer: read, faults that prevent it, act, record, faults that hide the
// outcome, answer.
func (s *Server) serveCall(route *route, w http.ResponseWriter, r *http.Request) {
	c, err := s.readCall(route, r)
	if err != nil {
		s.mu.Lock()
		ans := s.refusal(c, err)
		s.calls.add(c.logged(ans))
		s.mu.Unlock()
		s.write(w, ans)
		return
	}
	if !simulator.Pause(r.Context(), time.Duration(s.latency.Load())) {
		return
	}
	fault := s.faultFor(c)
	if fault != nil {
		if !simulator.Pause(r.Context(), fault.Rule.Latency) || !fault.Rule.Act && s.misbehave(w, r, c, fault, answer{}) {
			return
		}
	}
	ans := s.act(c)
	if fault != nil && fault.Rule.Act && s.misbehave(w, r, c, fault, ans) {
		return
	}
	s.write(w, ans)
}

func (s *Server) readCall(route *route, r *http.Request) (*call, error) {
	c := &call{route: route, ids: map[string]string{}, query: r.URL.Query(), at: time.Now(), head: http.Header{}}
	for part := range strings.SplitSeq(route.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			c.ids[name] = r.PathValue(name)
		}
	}
	c.auth, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bot ")
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, int64(s.opts.MaxRequest)))
	if err != nil {
		if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
			return c, errTooLarge
		}
		return c, errors.New("the request was cut")
	}
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case mediaType == "application/json":
		c.body = body
	case mediaType == "multipart/form-data":
		return c, c.readMultipart(body, params["boundary"])
	default:
		return c, &apiError{
			status: http.StatusBadRequest, code: 50035, message: "Invalid Form Body",
			errors: map[string]any{"_errors": []any{map[string]any{"code": "CONTENT_TYPE_INVALID", "message": `Expected "Content-Type" header to be one of {'application/json'}.`}}},
		}
	}
	return c, nil
}

// act authenticates, limits, checks and carries out the call, and records it.
func (s *Server) act(c *call) answer {
	s.mu.Lock()
	ans := s.carryOut(c)
	if ans.status == http.StatusUnauthorized || ans.status == http.StatusForbidden {
		s.limits.count(c.at)
	}
	done := c.logged(ans)
	s.calls.add(done)
	s.change()
	s.mu.Unlock()
	if s.opts.OnCall != nil {
		s.opts.OnCall(done)
	}
	return ans
}

func (s *Server) carryOut(c *call) answer {
	if len(s.limits.invalid) >= s.opts.MaxInvalid {
		return htmlLimited(invalidWindow)
	}
	if !c.open && (c.auth != s.opts.Token || s.revoked) && s.whose(c) == "" {
		return s.refusal(c, errUnauthorized)
	}
	if over := s.limits.take(s.keys(c), c); over != nil {
		return over.answer(c.head)
	}
	if err := s.checkRequest(c); err != nil {
		return s.refusal(c, err)
	}
	value, err := c.do(s, c)
	if err != nil {
		return s.refusal(c, err)
	}
	ans := answer{status: c.route.status, header: c.head}
	if value == nil {
		setDefault(&ans.status, http.StatusNoContent)
	} else {
		setDefault(&ans.status, http.StatusOK)
		ans.body = encode(value)
	}
	s.checkAnswer(c, ans)
	return ans
}

func (s *Server) checkRequest(c *call) error {
	for name, id := range c.ids {
		if strings.HasSuffix(name, "_id") && !validID(id) {
			return invalid(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.")
		}
	}
	if s.opts.Spec == nil {
		return nil
	}
	if err := s.opts.Spec.request(c.name, c.ids, c.query, c.body); err != nil {
		s.violations = append(s.violations, Violation{Method: c.name, Text: err.Error()})
		return invalid("", "INVALID", err.Error())
	}
	return nil
}

func (s *Server) checkAnswer(c *call, ans answer) {
	if s.opts.Spec == nil {
		return
	}
	if err := s.opts.Spec.answer(c.name, ans.status, ans.body); err != nil {
		s.violations = append(s.violations, Violation{Method: c.name, Answer: true, Text: err.Error()})
	}
}

// refusal is the answer to a call that is refused.
func (s *Server) refusal(c *call, err error) answer {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{status: http.StatusBadRequest, message: "400: Bad Request"}
	}
	body := map[string]any{"code": e.code, "message": e.message}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	if e.status == http.StatusTooManyRequests {
		body["retry_after"], body["global"] = 1, false
		c.head.Set("Retry-After", "1")
	}
	ans := answer{status: e.status, header: c.head, body: encode(body)}
	s.checkAnswer(c, ans)
	return ans
}

func (c *call) logged(ans answer) Call {
	done := Call{
		Method: c.name, Channel: c.channel(), Message: c.ids["message_id"], Made: c.made, At: c.at, Status: ans.status,
		Body: c.body, Limited: ans.status == http.StatusTooManyRequests,
	}
	if ans.status >= http.StatusBadRequest {
		var e struct{ Code int }
		_ = json.Unmarshal(ans.body, &e)
		done.Code = e.Code
	}
	return done
}

func (s *Server) write(w http.ResponseWriter, ans answer) {
	for k, v := range ans.header {
		w.Header()[k] = v
	}
	if len(ans.body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(ans.status)
	_, _ = w.Write(ans.body)
}

// encode writes JSON as Discord does: < and > stay.
func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // everything that is written is made here
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
