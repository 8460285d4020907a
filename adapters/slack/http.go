package slack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	slackgo "github.com/slack-go/slack"
)

const (
	maxRequest = 1 << 20
	// answerTime is how long a request waits for its event to be stored; Slack gives up after 3 s (S:apis/events-api).
	answerTime = 2500 * time.Millisecond
)

// Route is the path under which Handler must be reachable, with its slash at the end: "/v1/slack/NAME/".
func (a *Adapter) Route() string { return "/v1/slack/" + url.PathEscape(string(a.cfg.Name)) + "/" }

// Handler serves HTTP mode: POST {Route}events, {Route}interactive and {Route}commands, given as request URLs in the
// app's settings. Requests whose signature is not that of SigningSecret over the raw body, or is older than five
// minutes, are answered 401. A replay within that time is harmless: its key is known. While Run is not running,
// and when an event cannot be stored in time, the answer is 503 and Slack repeats the request.
func (a *Adapter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+a.Route()+"events", a.signed((*receiver).serveEvent))
	mux.Handle("POST "+a.Route()+"interactive", a.signed((*receiver).serveInteractive))
	mux.Handle("POST "+a.Route()+"commands", a.signed((*receiver).serveCommand))
	return mux
}

// signed lets verified requests through to the current run.
func (a *Adapter) signed(serve func(*receiver, http.ResponseWriter, []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
		if err != nil {
			http.Error(w, "the body is too large or incomplete", http.StatusRequestEntityTooLarge)
			return
		}
		if !a.genuine(req.Header, body) {
			http.Error(w, "the signature is not valid", http.StatusUnauthorized)
			return
		}
		var hello callback
		if json.Unmarshal(body, &hello) == nil && hello.Type == "url_verification" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, string(hello.Challenge))
			return
		}
		r := a.receiving.Load()
		if r == nil {
			http.Error(w, "not receiving at the moment", http.StatusServiceUnavailable)
			return
		}
		serve(r, w, body)
	})
}

func (a *Adapter) genuine(header http.Header, body []byte) bool {
	if a.cfg.SigningSecret == "" {
		return false
	}
	verifier, err := slackgo.NewSecretsVerifier(header, a.cfg.SigningSecret)
	if err != nil {
		return false
	}
	_, _ = verifier.Write(body) // a hash accepts everything
	return verifier.Ensure() == nil
}

func (r *receiver) serveEvent(w http.ResponseWriter, body []byte) {
	stored := make(chan struct{})
	r.event(body, func() { close(stored) })
	ctx, cancel := context.WithTimeout(r.ctx, answerTime)
	defer cancel()
	select {
	case <-stored:
		w.WriteHeader(http.StatusOK)
	case <-ctx.Done():
		http.Error(w, "not stored yet", http.StatusServiceUnavailable)
	}
}

func (r *receiver) serveInteractive(w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the form is not valid", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	r.pressed(json.RawMessage(form.Get("payload")))
}

func (r *receiver) serveCommand(w http.ResponseWriter, _ []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(commandAnswer()) // the client is gone if this fails
}
