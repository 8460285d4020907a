package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// receiver is one run of an adapter: from a sink to what feeds it.
type receiver struct {
	*Adapter
	ctx      context.Context // of the run: an HTTP request must not end what it began
	sink     bridge.Sink
	dispatch *intake.Dispatcher[happening]
	albums   albums
	files    files

	told bridge.Condition // the last report; of the goroutine that receives
}

// Run receives until ctx ends, and then returns nil, or until Telegram refuses the token.
func (a *Adapter) Run(ctx context.Context, sink bridge.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &receiver{Adapter: a, ctx: ctx, sink: sink}
	together := a.cfg.AlbumTime
	if a.cfg.Webhook { // Telegram waits for our answer before it calls with the next item
		together = 0
	}
	r.dispatch = newDispatcher(r.store, together, a.log)
	defer func() {
		cancel()
		a.receiving.Store(nil)
		r.dispatch.Close()
	}()
	r.report(bridge.Condition{State: bridge.Starting})
	err := a.introduce(ctx)
	switch {
	case err == nil && a.cfg.Webhook:
		err = r.webhook(ctx)
	case err == nil:
		err = r.poll(ctx)
	}
	if ctx.Err() != nil || err == nil {
		return nil
	}
	f := bridge.AsFailure(err)
	r.report(f.Condition())
	return fmt.Errorf("telegram: receive: %w", f)
}

// introduce asks Telegram who we are.
func (a *Adapter) introduce(ctx context.Context) error {
	var me user
	if err := a.call(ctx, "getMe", nil, &me); err != nil {
		return failure("getMe", err)
	}
	a.me.Store(&me)
	return nil
}

var _ bridge.DeepLinker = (*Adapter)(nil)

// DeepLink implements bridge.DeepLinker. Where another instance receives, Telegram is asked once who we are.
func (a *Adapter) DeepLink(ctx context.Context, token string) (string, error) {
	if !payloadPattern.MatchString(token) {
		return "", errors.New("telegram: no link can carry this token")
	}
	if a.me.Load() == nil {
		if err := a.introduce(ctx); err != nil {
			return "", fmt.Errorf("telegram: %w", err)
		}
	}
	return "https://t.me/" + string(a.me.Load().Username) + "?start=" + token, nil
}

// report tells how the endpoint does, if that is anything new. Every report of running may follow a gap.
func (r *receiver) report(c bridge.Condition) {
	if c != r.told {
		r.told = c
		r.sink.Report(r.ctx, r.cfg.Name, c)
	}
}

// take takes in one update. stored is called once it is stored or dropped; what nothing is to be done about is as good
// as stored.
func (r *receiver) take(ctx context.Context, raw json.RawMessage, stored func()) {
	var h happening
	var ok bool
	_ = intake.Guard(r.log, "an update could not be read", func() error { h, ok = r.decode(raw); return nil }) // it is logged
	if !ok {
		stored()
		return
	}
	h.came = time.Now()
	r.dispatch.Submit(ctx, h, stored)
}

// store hands one happening, or an album's, to the sink.
func (r *receiver) store(ctx context.Context, group []happening) error {
	h := together(group)
	r.release(h.press)
	if h.in.Key == "" {
		r.notify(h.notice, h.place)
		return nil
	}
	if h.in.Kind == bridge.InEdited {
		return r.edited(ctx, h)
	}
	if err := r.sink.Receive(ctx, h.in); err != nil {
		return r.unless(err, h)
	}
	for _, item := range group {
		r.files.keep(item.in.Message, item.file)
	}
	if h.album != "" {
		r.albums.remember(group)
	}
	r.notify(h.notice, h.place)
	return nil
}

// unless returns the sink's error, unless it is about what the person did: that would be refused again, and the person is
// told.
func (r *receiver) unless(err error, h happening) error {
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		r.say(h.place, problem.Public)
		return nil
	}
	return err
}

// edited hands an edit to the sink, and after it the file that it may have put in the place of another.
func (r *receiver) edited(ctx context.Context, h happening) error {
	in := h.in
	if h.album != "" {
		in = r.albums.edit(h)
	}
	if err := r.sink.Receive(ctx, in); err != nil {
		return r.unless(err, h)
	}
	if r.files.swapped(h.in.Target, h.file) {
		if err := r.sink.Receive(ctx, instead(in, h.files)); err != nil {
			return r.unless(err, h)
		}
	}
	r.files.keep(h.in.Target, h.file)
	return nil
}
