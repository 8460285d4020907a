package telegram

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	maxRequest = 1 << 20
	maxBodies  = 8 // read at a time
	// answerTime is how long a call waits for its update to be stored. Telegram repeats what is not answered with 2xx.
	answerTime = 20 * time.Second
	bodyTime   = 10 * time.Second
	// checkEvery is how often Telegram is asked whether its calls arrive.
	checkEvery = time.Minute
)

const secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // the name of a header (T:setwebhook)

// Route is the path under which Handler must be reachable, with its slash at the end: "/v1/telegram/NAME/".
func (a *Adapter) Route() string { return "/v1/telegram/" + url.PathEscape(string(a.cfg.Name)) + "/" }

// Handler serves webhook mode: POST {Route}webhook. Calls without our secret are answered 401 and those over 1 MiB
// 413, before a body is read. While Run is not running and when an update cannot be stored in time, the answer is 503
// and Telegram repeats the call; 200 means that the update is stored. A repeat of a stored one is harmless: its key is
// known.
func (a *Adapter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+a.Route()+"webhook", a.serve)
	return mux
}

func (a *Adapter) serve(w http.ResponseWriter, req *http.Request) {
	if subtle.ConstantTimeCompare([]byte(req.Header.Get(secretHeader)), []byte(a.secret)) != 1 {
		http.Error(w, "the secret is not valid", http.StatusUnauthorized)
		return
	}
	r := a.receiving.Load()
	if r == nil {
		http.Error(w, "not receiving at the moment", http.StatusServiceUnavailable)
		return
	}
	body, ok := a.body(w, req)
	if !ok {
		return
	}
	w.WriteHeader(r.called(req.Context(), body))
}

// body reads a request; where that fails it has answered.
func (a *Adapter) body(w http.ResponseWriter, req *http.Request) ([]byte, bool) {
	select {
	case a.bodies <- struct{}{}:
		defer func() { <-a.bodies }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests at the moment", http.StatusServiceUnavailable)
		return nil, false
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyTime)) // not on every connection
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
	if err != nil {
		http.Error(w, "the body is too large or incomplete", http.StatusRequestEntityTooLarge)
		return nil, false
	}
	_ = conn.SetReadDeadline(time.Time{})
	return body, true
}

// called takes in the update that Telegram calls with and returns the status of the answer, once it is stored.
func (r *receiver) called(ctx context.Context, body json.RawMessage) int {
	stored := make(chan struct{})
	r.take(r.ctx, body, func() { close(stored) }) //nolint:contextcheck // a caller that goes away must not end it
	timer := time.NewTimer(answerTime)
	defer timer.Stop()
	select {
	case <-stored:
		return http.StatusOK
	case <-timer.C:
	case <-ctx.Done():
	case <-r.ctx.Done():
	}
	return http.StatusServiceUnavailable
}

// webhook has Telegram call us until ctx ends, or until it refuses. The webhook stays when we stop: another instance
// may have taken over, and Telegram keeps for a day what it cannot deliver.
func (r *receiver) webhook(ctx context.Context) error {
	if err := r.setWebhook(ctx); err != nil {
		return err
	}
	r.receiving.Store(r)
	r.report(bridge.Condition{State: bridge.Running, Gap: true})
	for intake.Pause(ctx, checkEvery); ctx.Err() == nil; intake.Pause(ctx, checkEvery) {
		if err := r.checkWebhook(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *Adapter) hook() string { return a.cfg.PublicURL + a.Route() + "webhook" }

// setWebhook asks for one call at a time, so that they come in order.
func (r *receiver) setWebhook(ctx context.Context) error {
	err := r.call(ctx, "setWebhook", tgbotapi.Params{
		"url": r.hook(), "secret_token": r.secret, "max_connections": "1", "allowed_updates": allowedUpdates,
	}, nil)
	if err == nil {
		return nil
	}
	f := failure("setWebhook", err)
	if isCode(err, http.StatusBadRequest) {
		*f = refusal(adviseWebhook, f.Err)
	}
	return f
}

// checkWebhook asks Telegram whether its calls arrive, and sets the webhook again where another program has changed it.
func (r *receiver) checkWebhook(ctx context.Context) error {
	info, err := r.webhookInfo(ctx)
	if err != nil {
		f := failure("getWebhookInfo", err)
		if f.Refused {
			return f
		}
		r.report(f.Condition())
		return nil
	}
	if string(info.URL) != r.hook() {
		r.log.Warn("another program has changed the webhook")
		return r.setWebhook(ctx)
	}
	if info.failing(2 * checkEvery) {
		r.report(bridge.Condition{
			State:  bridge.Impaired,
			Public: "Telegram's calls do not arrive here: " + described(rich.Clean(string(info.Error))) + ". It keeps trying.",
		})
		return nil
	}
	r.report(bridge.Condition{State: bridge.Running, Gap: true})
	return nil
}
