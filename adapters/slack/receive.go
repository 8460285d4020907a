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

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// receiver is one run of an adapter: from a sink to the connections that feed it.
type receiver struct {
	*Adapter
	ctx      context.Context // of the run: an HTTP request must not end what it began
	sink     bridge.Sink
	me       self
	health   *health
	dispatch *intake.Dispatcher[*arrival]
	frames   [socketCount]arriving

	unreached *intake.Limiter // of gaps because Slack could not reach us
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
		sink.Report(ctx, a.cfg.Name, f.Condition())
		return fmt.Errorf("slack: start: %w", f)
	}
	return a.receive(ctx, sink, me, advice)
}

func (a *Adapter) receive(ctx context.Context, sink bridge.Sink, me self, advice string) error {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	r := &receiver{Adapter: a, ctx: ctx, sink: sink, me: me, health: newHealth(a.cfg.Name, sink, advice), unreached: intake.NewLimiter(gapPause)}
	r.health.lost = a.barred(ctx)
	for i := range r.frames {
		r.frames[i].doubted = make(chan struct{}, 1)
	}
	r.dispatch = newDispatcher(r.store, r.isArriving, r.health.gap, a.log)
	beside.Go(func() { r.health.Run(ctx) })
	beside.Go(func() { r.keepHomes(ctx) })
	defer func() {
		cancel()
		a.receiving.Store(nil)
		r.dispatch.Close()
		beside.Wait()
	}()
	if a.cfg.AppToken != "" {
		return r.sockets(ctx)
	}
	a.receiving.Store(r)
	r.health.up()
	<-ctx.Done()
	return nil
}

// expected is how long what came over one connection waits for something earlier over another, and for what of it to
// be read: for nothing while nothing has come there lately and nothing waits there to be read.
func (r *receiver) expected(came *arriving) wait {
	now := time.Now()
	w := wait{settle: r.cfg.Settle}
	for i := range r.frames {
		a := &r.frames[i]
		if a == came {
			continue
		}
		if w.settle == 0 && (a.awaiting.Load() || !a.isQuiet(now, 2*defaultSettle)) {
			w.settle = defaultSettle
		}
		w.unread = append(w.unread, a.received())
	}
	return w
}

// isArriving says whether at now a connection is still reading something that began until then, or is being replaced.
func (r *receiver) isArriving(now, then time.Time) bool {
	for i := range r.frames {
		if a := &r.frames[i]; a.awaiting.Load() || a.isAt(now, then) {
			return true
		}
	}
	return false
}

// store completes a happening and hands it to the sink. What the sink refuses because of what the person did would be
// refused again: the person is told, and only they.
func (r *receiver) store(ctx context.Context, h happening) error {
	if err := r.health.Settle(ctx); err != nil {
		return err
	}
	err := r.sink.Receive(ctx, r.inbound(ctx, h))
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		r.tell(ctx, errand{Channel: h.channel, Shown: h.thread}, h.user, bridge.Answer{Public: problem.Public})
		return nil
	}
	return err
}

// event takes in one event of either mode, which may have to wait lest an earlier one comes another way. done is called
// once Slack may be told that it has arrived: at once for what no conversation is told of, else after it is stored.
func (r *receiver) event(payload json.RawMessage, how wait, done func()) {
	var outer callback
	var inner struct {
		Type    text                 `json:"type"`
		Channel text                 `json:"channel"`
		User    text                 `json:"user"`
		Tokens  lenient[revokedFrom] `json:"tokens"`
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
	case inner.Type == "member_joined_channel" && string(inner.User) == r.me.user,
		inner.Type == "channel_unarchive", inner.Type == "group_unarchive":
		r.regained(string(inner.Channel))
	case inner.Type == "channel_left", inner.Type == "group_left": // this is about us; others are told of by member_left_channel
		r.lost(string(inner.Channel), adviseInvite)
	case inner.Type == "channel_archive", inner.Type == "group_archive":
		r.lost(string(inner.Channel), adviseArchive)
	case inner.Type == "user_change":
		r.people.change(outer.Event)
	case inner.Type == "app_home_opened":
		r.homeOpened(outer.Event)
	case inner.Type == "tokens_revoked" && !slices.Contains(inner.Tokens.V.Bot, text(r.me.user)): // of somebody who signed in
	case inner.Type == "app_uninstalled", inner.Type == "tokens_revoked":
		r.health.trouble(&bridge.Failure{Refused: true, Public: adviseInstall})
	default:
		me := r.me
		me.app = string(outer.AppID)
		if h, ok := r.decode(outer.Event, me); ok {
			r.dispatch.Submit(r.ctx, arrived(h, how), done)
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
	me = self{user: answer.UserID, bot: answer.BotID, commons: a.cfg.Colleagues, site: answer.URL, team: answer.TeamID, home: answer.Team}
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
