package slack

import (
	"cmp"
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
	maxBodies  = 8 // read at a time: until all of a body is read, it cannot be known as forged
	// bodyWait is how long a request waits for its turn to be read; Slack repeats what is answered 503.
	bodyWait = time.Second
	// answerTime is how long a request waits for its event to be stored; Slack gives up after 3 s (S:apis/events-api).
	answerTime = 2500 * time.Millisecond
	// pressTime is how long one waits for the answer to a press or a form. Nobody repeats those: what comes late is better
	// than nothing, as long as Slack still waits.
	pressTime = 10 * time.Second
)

// Route is the path under which Handler must be reachable, with its slash at the end: "/v1/slack/NAME/".
func (a *Adapter) Route() string { return "/v1/slack/" + url.PathEscape(string(a.cfg.Name)) + "/" }

// Handler serves HTTP mode: POST {Route}events, {Route}interactive and {Route}commands, given as request URLs in the
// app's settings. Requests whose signature is not that of SigningSecret over the raw body, or is older than five
// minutes, are answered 401, those over 1 MiB 413, and what length and headers tell is told before a body is read. A
// replay within five minutes is harmless: its key is known. While Run is not running, when too many bodies arrive at
// once, and when an event cannot be stored in time, the answer is 503 and Slack repeats the request.
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
		body, ok := a.genuine(w, req)
		if !ok {
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
		r.reached(req.Header.Get("X-Slack-Retry-Reason"))
		serve(r, w, body)
	})
}

// genuine returns the body of a request of Slack's; to any other it answers and reports false.
func (a *Adapter) genuine(w http.ResponseWriter, req *http.Request) (body []byte, ok bool) {
	if req.ContentLength > maxRequest {
		refuseSize(w)
		return nil, false
	}
	verifier, err := slackgo.NewSecretsVerifier(req.Header, a.cfg.SigningSecret) // an empty secret is an error
	if err != nil {
		if req.ContentLength < 0 && !skim(w, req) {
			refuseSize(w)
		} else {
			refuseSignature(w)
		}
		return nil, false
	}
	body, ok = a.read(w, req)
	if !ok {
		return nil, false
	}
	_, _ = verifier.Write(body) // a hash accepts everything
	if verifier.Ensure() != nil {
		refuseSignature(w)
		return nil, false
	}
	return body, true
}

// skim passes over a body whose length was not announced and keeps none of it, so that whoever sends too much is told
// so; it reports whether the body was whole and not too large.
func skim(w http.ResponseWriter, req *http.Request) bool {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, req.Body, maxRequest))
	return err == nil
}

// read reads a body when it is its turn. Where it fails it has answered.
func (a *Adapter) read(w http.ResponseWriter, req *http.Request) (body []byte, ok bool) {
	ctx, cancel := context.WithTimeout(req.Context(), bodyWait)
	defer cancel()
	select {
	case a.bodies <- struct{}{}:
		defer func() { <-a.bodies }()
	case <-ctx.Done():
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests at the moment", http.StatusServiceUnavailable)
		return nil, false
	}
	// Slack does not wait longer than this; whoever trickles must not keep the others waiting.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(answerTime)) // not on every connection
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
	if err != nil {
		refuseSize(w)
		return nil, false
	}
	_ = conn.SetReadDeadline(time.Time{})
	return body, true
}

func refuseSize(w http.ResponseWriter) {
	http.Error(w, "the body is too large or incomplete", http.StatusRequestEntityTooLarge)
}

func refuseSignature(w http.ResponseWriter) {
	http.Error(w, "the signature is not valid", http.StatusUnauthorized)
}

const (
	// gapPause is how often at most threads are read back because Slack could not reach us.
	gapPause = time.Minute
	// refusedHere is why Slack repeats what we have answered with an error (S:apis/events-api#retries).
	refusedHere = "http_error"
	// lateHere is why it repeats what we have not answered in time.
	lateHere = "http_timeout"
)

// reached takes in why Slack repeats a request. Where it could not reach us it has given up on what it had tried to send
// for minutes: nobody else tells us of that.
func (r *receiver) reached(why string) {
	if why != "" && why != refusedHere && why != lateHere && r.unreached.Allow("", gapPause) {
		r.health.gap()
	}
}

func (r *receiver) serveEvent(w http.ResponseWriter, body []byte) {
	stored := make(chan struct{})
	r.event(body, wait{settle: cmp.Or(r.cfg.Settle, defaultSettle)}, func() { close(stored) })
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
	answer := make(chan any, 1)
	r.interactive(json.RawMessage(form.Get("payload")), func(payload any) { answer <- payload })
	ctx, cancel := context.WithTimeout(r.ctx, pressTime)
	defer cancel()
	select {
	case payload := <-answer:
		if payload == nil {
			w.WriteHeader(http.StatusOK)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(payload) // the client is gone if this fails
	case <-ctx.Done():
		http.Error(w, "not done yet", http.StatusServiceUnavailable)
	}
}

func (r *receiver) serveCommand(w http.ResponseWriter, body []byte) {
	w.WriteHeader(http.StatusOK) // with nothing in it, Slack shows nothing
	r.slash(slashFromForm(body))
}
