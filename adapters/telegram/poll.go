package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

const (
	pollMargin = 10 * time.Second // for the answer of a poll to arrive
	// lookAgain is how soon we ask again while something has come that is not stored yet: what must wait, such as an
	// album for its items, does not hold up what comes after it.
	lookAgain = 200 * time.Millisecond
	// lookLater is how soon we ask again when that has brought nothing new for some rounds: the database may be away.
	lookLater  = 2 * time.Second
	manyRounds = 10
	// updateLife is how long Telegram keeps an update (T:getting-updates).
	updateLife  = 24 * time.Hour
	firstRepoll = 500 * time.Millisecond
	lastRepoll  = 30 * time.Second
)

// window is what Telegram has offered and may not forget yet, in its order. Asking for updates from an id on tells
// Telegram to forget those before it, so that we ask from the first that is not stored.
type window struct {
	mu      sync.Mutex
	offered []*offer
	confirm offer         // of the last that is stored; id 0: Telegram knows it
	changed chan struct{} // has room for one; filled when something is stored
}

type offer struct {
	id   int64
	at   time.Time
	done bool
}

// from is the offset that keeps the update; 0 of one that Telegram has forgotten by itself.
func (o *offer) from() int64 {
	if time.Since(o.at) > updateLife {
		return 0
	}
	return o.id
}

// offset is what to ask from; waiting says that something in the window is not stored yet. An offset is given once, and
// not when its update is long gone: without one Telegram goes on after what it was told to forget, whatever numbers it
// gives then (T:update). With an old one it would forget what has numbers that begin anew below.
func (w *window) offset() (offset int64, waiting bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.offered) > 0 && w.offered[0].done {
		w.confirm = *w.offered[0]
		w.confirm.id++
		w.offered = w.offered[1:]
	}
	if len(w.offered) > 0 {
		return w.offered[0].from(), true
	}
	return w.confirm.from(), false
}

// confirmed notes that Telegram has heard an offset.
func (w *window) confirmed(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.confirm.id == offset {
		w.confirm = offer{}
	}
}

// take adds an update, unless it is there already. The returned function says that it is stored.
func (w *window) take(id int64) (stored func(), fresh bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.offered {
		if o.id == id {
			return nil, false
		}
	}
	o := &offer{id: id, at: time.Now()}
	w.offered = append(w.offered, o)
	return func() {
		w.mu.Lock()
		o.done = true
		w.mu.Unlock()
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}, true
}

// settle waits until all is stored, for so long at most.
func (w *window) settle(ctx context.Context, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		if _, waiting := w.offset(); !waiting {
			return
		}
		select {
		case <-w.changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// poll asks for updates until ctx ends, or until Telegram refuses the token.
func (r *receiver) poll(ctx context.Context) error {
	// What is waiting stays (T:deletewebhook): it was said to us.
	if err := r.call(ctx, "deleteWebhook", nil, nil); err != nil {
		return failure("deleteWebhook", err)
	}
	w := &window{changed: make(chan struct{}, 1)}
	wait := time.Duration(0) // the first answer comes at once and tells that all is well
	failures, idle := 0, 0   // idle: rounds that have brought nothing new
	for ctx.Err() == nil {
		offset, waiting := w.offset()
		if waiting {
			wait = 0
		}
		updates, err := r.updates(ctx, offset, wait)
		if err != nil {
			failures++
			if err := r.repollAfter(ctx, err, failures); err != nil {
				return err
			}
			wait = 0
			continue
		}
		failures, wait = 0, r.cfg.PollTime
		w.confirmed(offset)
		r.report(bridge.Condition{State: bridge.Running, Gap: true})
		idle++
		for _, raw := range updates {
			if r.offered(ctx, w, raw) {
				idle = 0
			}
		}
		if idle > manyRounds {
			w.settle(ctx, lookLater)
		} else {
			w.settle(ctx, lookAgain)
		}
	}
	return nil
}

// updates makes one call of getUpdates.
func (r *receiver) updates(ctx context.Context, offset int64, wait time.Duration) ([]json.RawMessage, error) {
	p := tgbotapi.Params{"allowed_updates": allowedUpdates}
	if offset != 0 {
		p["offset"] = strconv.FormatInt(offset, 10)
	}
	p.AddNonZero("timeout", int(wait/time.Second))
	var updates []json.RawMessage
	err := r.callFor(ctx, wait+pollMargin, "getUpdates", p, &updates)
	return updates, err
}

// offered takes in one update, if it is new.
func (r *receiver) offered(ctx context.Context, w *window, raw json.RawMessage) (fresh bool) {
	id := updateID(raw)
	if id == 0 {
		r.log.Warn("an update without a number was ignored")
		return false
	}
	stored, fresh := w.take(id)
	if !fresh {
		return false
	}
	r.take(ctx, raw, stored)
	return true
}

// repollAfter waits as long as a failed poll asks for. It returns an error when trying again is no use.
func (r *receiver) repollAfter(ctx context.Context, err error, failures int) error {
	if ctx.Err() != nil {
		return nil
	}
	f := failure("getUpdates", err)
	if f.Refused {
		return f
	}
	wait := max(f.After, min(lastRepoll, firstRepoll<<min(failures-1, 10)))
	if isCode(err, http.StatusConflict) {
		wait = r.contested(ctx, err, f, failures)
	} else {
		f.Public = "The connection to Telegram is interrupted: what visitors write meanwhile will follow."
	}
	r.log.Info("no updates", "error", f.Err, "wait", wait)
	r.report(f.Condition())
	intake.Pause(ctx, wait)
	return nil
}

// contested does what can be done against another receiver. Of two that poll, Telegram ends the older call: for a
// moment that is usual when another instance takes over, afterwards a person must act.
func (r *receiver) contested(ctx context.Context, err error, f *bridge.Failure, failures int) time.Duration {
	if says(err, "webhook") {
		if err := r.call(ctx, "deleteWebhook", nil, nil); err != nil {
			r.log.Info("the webhook stays", "error", failure("deleteWebhook", err))
		}
	} else {
		f.Refused = failures > 1
	}
	return min(lastRepoll, firstRepoll<<min(failures, 10))
}
