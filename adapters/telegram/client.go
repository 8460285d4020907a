package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// maxAnswer bounds what one call may answer; a hundred long messages are far smaller.
const maxAnswer = 32 << 20

// call makes one call of the Bot API and decodes its result into answer, unless that is nil. An error is judged by
// failure; it is one of *tgbotapi.Error, errStatus, or of the connection, and never holds an address.
func (a *Adapter) call(ctx context.Context, method string, params tgbotapi.Params, answer any) error {
	return a.callFor(ctx, a.cfg.Timeout, method, params, answer)
}

func (a *Adapter) callFor(ctx context.Context, limit time.Duration, method string, params tgbotapi.Params, answer any) error {
	return a.carry(ctx, limit, answer, func(bot *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return bot.MakeRequest(method, params)
	})
}

// upload is call with files, which are read while they are sent.
func (a *Adapter) upload(ctx context.Context, method string, params tgbotapi.Params, files []tgbotapi.RequestFile, answer any) error {
	return a.carry(ctx, defaultUploadTime, answer, func(bot *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return bot.UploadFiles(method, params, files)
	})
}

// carry lends one call the library. Each has a bot of its own, because a call's context and status have no other way
// through it; a bot made like this asks nothing at its start.
func (a *Adapter) carry(ctx context.Context, limit time.Duration, answer any, do func(*tgbotapi.BotAPI) (*tgbotapi.APIResponse, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := &trip{ctx: ctx, client: a.http}
	bot := &tgbotapi.BotAPI{Token: a.cfg.Token, Client: t}
	bot.SetAPIEndpoint(escapePercent(a.cfg.APIURL) + "/bot%s/%s")
	resp, err := do(bot)
	if err != nil {
		return t.explain(err)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(resp.Result, answer); err != nil {
		return errors.New("the answer has an unknown form")
	}
	return nil
}

// escapePercent lets an address through the library's Sprintf.
func escapePercent(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] == '%' {
			out = append(out, '%')
		}
		out = append(out, s[i])
	}
	return string(out)
}

// trip is the library's way to the network for one call.
type trip struct {
	ctx    context.Context
	client *http.Client
	status int // of the answer; 0: there was none
}

// Do implements tgbotapi.HTTPClient.
func (t *trip) Do(req *http.Request) (*http.Response, error) {
	resp, err := t.get(req)
	if err != nil {
		return nil, err
	}
	t.status = resp.StatusCode
	resp.Body = &limited{Reader: io.LimitReader(resp.Body, maxAnswer), Closer: resp.Body}
	return resp, nil
}

// get sends a request within the call's time and follows no redirection, which would carry the token elsewhere. Its
// errors still hold the address.
func (t *trip) get(req *http.Request) (*http.Response, error) {
	client := *t.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client.Do(req.WithContext(t.ctx)) //nolint:gosec // the address is the configured one
}

type limited struct {
	io.Reader
	io.Closer
}

// bare takes the address off an error of net/http.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// errStatus is an answer that is not Telegram's JSON.
type errStatus int

func (e errStatus) Error() string { return fmt.Sprintf("status %d", int(e)) }

// explain completes an error of the library, which forgets the status, and with files also the code, and takes the
// address off it.
func (t *trip) explain(err error) error {
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	switch {
	case ok && refused.Code == 0:
		whole := *refused
		whole.Code = t.status
		return &whole
	case ok:
		return refused
	case t.status != 0 && t.status != http.StatusOK:
		return errStatus(t.status)
	}
	return bare(err)
}

// steady is a reader that the library's goroutine may still hold when the call is over: once closed it gives nothing
// more, and what it reads from may be closed.
type steady struct {
	mu     sync.Mutex
	source io.Reader
	err    error // of the source, to be judged apart from errors of the connection
}

func (s *steady) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source == nil {
		return 0, io.ErrClosedPipe
	}
	n, err := s.source.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// stop ends reading and returns what went wrong with the source.
func (s *steady) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source = nil
	return s.err
}
