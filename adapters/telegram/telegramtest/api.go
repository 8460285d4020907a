package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// object is a JSON object of the API.
type object = map[string]any

// apiError is a refusal as Telegram words it.
type apiError struct {
	code   int
	text   string
	params object
}

func (e *apiError) Error() string { return e.text }

func refuse(text string) error { return &apiError{code: 400, text: "Bad Request: " + text} }
func forbid(text string) error { return &apiError{code: 403, text: "Forbidden: " + text} }
func tooLarge() error          { return &apiError{code: 413, text: "Request Entity Too Large"} }
func conflict(text string) error {
	return &apiError{code: 409, text: "Conflict: " + text}
}

func flood(wait time.Duration) *apiError {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return &apiError{
		code: 429, text: fmt.Sprintf("Too Many Requests: retry after %d", seconds),
		params: object{"retry_after": seconds},
	}
}

// doing is what one method does. It runs with the server's lock held.
type doing func(*Server, *call) (any, error)

var methods = map[string]doing{
	"getMe":          (*Server).getMe,
	"getChat":        (*Server).getChat,
	"getFile":        (*Server).getFile,
	"setWebhook":     (*Server).setWebhook,
	"deleteWebhook":  (*Server).deleteWebhook,
	"getWebhookInfo": (*Server).getWebhookInfo,

	"sendMessage":    (*Server).sendMessage,
	"sendPhoto":      sendFile("photo"),
	"sendDocument":   sendFile("document"),
	"sendVoice":      sendFile("voice"),
	"sendVideo":      sendFile("video"),
	"sendAudio":      sendFile("audio"),
	"sendAnimation":  sendFile("animation"),
	"sendSticker":    sendFile("sticker"),
	"sendMediaGroup": (*Server).sendMediaGroup,
	"sendLocation":   (*Server).sendLocation,
	"sendContact":    (*Server).sendContact,
	"copyMessage":    (*Server).copyMessage,
	"sendChatAction": (*Server).sendChatAction,

	"editMessageText":        (*Server).editMessageText,
	"editMessageCaption":     (*Server).editMessageCaption,
	"editMessageMedia":       (*Server).editMessageMedia,
	"editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
	"deleteMessage":          (*Server).deleteMessage,
	"deleteMessages":         (*Server).deleteMessages,

	"answerCallbackQuery": (*Server).answerCallbackQuery,
	"setMessageReaction":  (*Server).setMessageReaction,
	"setMyCommands":       (*Server).setMyCommands,
	"getMyCommands":       (*Server).getMyCommands,
	"deleteMyCommands":    (*Server).deleteMyCommands,
}

// serveMethod takes one call from bytes to answer: authorize, read, faults that prevent it, act,
// record, faults that hide the outcome, answer.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	if err := s.authorize(r.PathValue("bot")); err != nil {
		writeAnswer(w, nil, err)
		return
	}
	c, err := readCall(r)
	if err != nil {
		writeAnswer(w, nil, err)
		return
	}
	if !simulator.Pause(r.Context(), time.Duration(s.latency.Load())) {
		return
	}
	fault := s.faultFor(c)
	if fault != nil {
		if !simulator.Pause(r.Context(), fault.Rule.Latency) || !fault.Rule.Act && s.misbehave(w, r, c, fault, nil) {
			return
		}
	}
	result, err := s.perform(r, c)
	if s.down.Load() {
		simulator.Drop(w)
		return
	}
	if fault != nil && fault.Rule.Act && s.misbehave(w, r, c, fault, result) {
		return
	}
	writeAnswer(w, result, err)
}

func (s *Server) authorize(bot string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := strings.CutPrefix(bot, "bot")
	switch {
	case !ok || !strings.Contains(token, ":"):
		return &apiError{code: 404, text: "Not Found"}
	case token != s.token:
		return &apiError{code: 401, text: "Unauthorized"}
	}
	return nil
}

// perform checks and carries out the call, and records it. The result is JSON text.
func (s *Server) perform(r *http.Request, c *call) (json.RawMessage, error) {
	result, err := s.carryOut(r, c)
	var raw json.RawMessage
	if err == nil {
		raw = mustJSON(result)
		if c.name != "getUpdates" { // its updates are checked as they arise
			s.checkAnswer(c.name, raw)
		}
	}
	done := c.logged(err)
	s.mu.Lock()
	s.calls.add(done)
	s.change()
	s.mu.Unlock()
	if s.opts.OnCall != nil {
		s.opts.OnCall(done)
	}
	return raw, err
}

func (s *Server) carryOut(r *http.Request, c *call) (any, error) {
	if err := s.checkRequest(c); err != nil {
		return nil, err
	}
	if c.name == "getUpdates" {
		return s.getUpdates(r.Context(), c)
	}
	do, known := methods[c.name]
	if !known {
		return nil, &apiError{code: 404, text: "Not Found: method not found"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait := s.limits.take(c, s.state.chats[c.chat], s.now()); wait > 0 {
		return nil, flood(wait)
	}
	defer s.change()
	return do(s, c)
}

func (c *call) logged(err error) Call {
	done := Call{Method: c.name, Chat: c.chat, Message: c.sentID, At: c.at, Status: http.StatusOK, Params: c.args}
	if e, ok := errors.AsType[*apiError](err); ok {
		done.Status, done.Error = e.code, e.text
	}
	return done
}

// writeAnswer writes a result, or the refusal in err.
func writeAnswer(w http.ResponseWriter, result json.RawMessage, err error) {
	if err == nil {
		writeJSON(w, http.StatusOK, object{"ok": true, "result": result})
		return
	}
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{code: 500, text: "Internal Server Error"}
	}
	body := object{"ok": false, "error_code": e.code, "description": e.text}
	if e.params != nil {
		body["parameters"] = e.params
	}
	if after, ok := e.params["retry_after"].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(after))
	}
	writeJSON(w, e.code, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(body))
}

func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // every value is made here
	}
	return data
}
