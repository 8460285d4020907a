package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// receiver is one run of an adapter: from a sink to the connections that feed it.
type receiver struct {
	*Adapter
	ctx      context.Context // of the run: an HTTP request must not end what it began
	sink     bridge.Sink
	me       self
	health   *health
	dispatch *dispatcher
	frames   [socketCount]arriving
}

// Run receives until ctx ends, and then returns nil, or until Slack refuses the credentials.
func (a *Adapter) Run(ctx context.Context, sink bridge.Sink) error {
	sink.Report(ctx, a.cfg.Name, bridge.Condition{State: bridge.Starting})
	me, advice, err := a.introduce(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		f := failure("auth.test", err)
		sink.Report(ctx, a.cfg.Name, troubled(f))
		return fmt.Errorf("slack: start: %w", f)
	}
	return a.receive(ctx, sink, me, advice)
}

func (a *Adapter) receive(ctx context.Context, sink bridge.Sink, me self, advice string) error {
	ctx, cancel := context.WithCancel(ctx)
	var reports sync.WaitGroup
	r := &receiver{Adapter: a, ctx: ctx, sink: sink, me: me, health: newHealth(a.cfg.Name, sink, advice)}
	r.dispatch = newDispatcher(r.store, a.cfg.Settle, a.log)
	r.dispatch.onRoom = r.health.gap
	r.dispatch.arriving = r.isArriving
	reports.Go(func() { r.health.run(ctx) })
	defer func() {
		cancel()
		a.receiving.Store(nil)
		r.dispatch.close()
		reports.Wait()
	}()
	if a.cfg.AppToken != "" {
		return r.sockets(ctx)
	}
	a.receiving.Store(r)
	r.health.up()
	<-ctx.Done()
	return nil
}

// isArriving says whether at now a connection is still reading something that began until then.
func (r *receiver) isArriving(now, then time.Time) bool {
	for i := range r.frames {
		if r.frames[i].isAt(now, then) {
			return true
		}
	}
	return false
}

// store completes a happening and hands it to the sink. What the sink refuses because of what the person did would be
// refused again: the person is told, and only they.
func (r *receiver) store(ctx context.Context, h happening) error {
	if err := r.health.settle(ctx); err != nil {
		return err
	}
	err := r.sink.Receive(ctx, r.inbound(ctx, h))
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		r.tell(ctx, h.user, h.thread, problem.Public)
		return nil
	}
	return err
}

// event takes in one event of either mode. done is called once Slack may be told that it has arrived: at once for
// what no conversation is told of, else after it is stored.
func (r *receiver) event(payload json.RawMessage, done func()) {
	var outer callback
	var inner struct {
		Type text `json:"type"`
	}
	if json.Unmarshal(payload, &outer) != nil {
		r.log.Warn("an event of an unknown form was ignored")
		done()
		return
	}
	_ = json.Unmarshal(outer.Event, &inner) // no type: ignored below
	switch {
	case outer.Type == "app_rate_limited":
		r.health.gap()
	case inner.Type == "user_change":
		r.people.change(outer.Event)
	case inner.Type == "app_uninstalled", inner.Type == "tokens_revoked":
		r.health.trouble(&bridge.Failure{Refused: true, Public: adviseInstall})
	default:
		me := r.me
		me.app = string(outer.AppID)
		if h, ok := r.decode(outer.Event, me); ok {
			r.dispatch.submit(r.ctx, h, done)
			return
		}
	}
	done()
}

// introduce asks Slack who we are, once, and says which permissions are missing.
func (a *Adapter) introduce(ctx context.Context) (me self, advice string, err error) {
	ctx, cancel := a.deadline(ctx)
	defer cancel()
	answer, err := a.api.AuthTestContext(ctx)
	if err != nil {
		return self{}, "", err
	}
	if answer.UserID == "" {
		return self{}, "", errNotMade{fmt.Errorf("the answer does not say who we are")}
	}
	me = self{user: answer.UserID, bot: answer.BotID}
	a.me.Store(&me)
	if header := answer.Header.Get("X-OAuth-Scopes"); header != "" {
		advice = missingScopes(header)
	}
	return me, advice, nil
}

// whoAmI is introduce for those who only need the answer.
func (a *Adapter) whoAmI(ctx context.Context) (self, error) {
	if me := a.me.Load(); me != nil {
		return *me, nil
	}
	me, _, err := a.introduce(ctx)
	return me, err
}

// missingScopes returns a sentence that names the scopes of the manifest that a token lacks, or "".
func missingScopes(granted string) string {
	has := strings.FieldsFunc(granted, func(r rune) bool { return r == ',' || r == ' ' })
	var missing []string
	for _, scope := range botScopes {
		if !slices.Contains(has, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "The Slack app lacks permissions: " + strings.Join(missing, ", ") + ". Add them and install the app again."
}
