package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// receiver is one run of an adapter: from a sink to the connection that feeds it.
type receiver struct {
	*Adapter
	ctx      context.Context // of the run: what an event began outlives its connection
	sink     bridge.Sink
	me       self
	health   *health
	dispatch *intake.Dispatcher[happening]
	places   places
	late     lateness
	unpinned atomic.Bool  // there is no list: Discord does not let us pin one
	opening  atomic.Int32 // connections that are being opened, among them those that hang
}

// Run receives until ctx ends, and then returns nil, or until Discord refuses the bot.
func (a *Adapter) Run(ctx context.Context, sink bridge.Sink) error {
	sink.Report(ctx, a.cfg.Name, bridge.Condition{State: bridge.Starting})
	me, err := a.introduce(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		f := failure("start", err)
		sink.Report(ctx, a.cfg.Name, f.Condition())
		return fmt.Errorf("discord: %w", f)
	}
	return a.receive(ctx, sink, me)
}

// introduce asks who we are and looks at the channel anew.
func (a *Adapter) introduce(ctx context.Context) (self, error) {
	a.me.Store(nil)
	me, err := a.whoAmI(ctx)
	if err != nil {
		return self{}, err
	}
	_, err = a.lookAtDesk(ctx)
	return me, err
}

func (a *Adapter) receive(ctx context.Context, sink bridge.Sink, me self) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &receiver{Adapter: a, ctx: ctx, sink: sink, me: me, health: newHealth(a.cfg.Name, sink)}
	r.dispatch = intake.NewDispatcher(intake.Rules[happening]{
		Handle: func(ctx context.Context, group []happening) error {
			h := group[len(group)-1]
			if len(group) > 1 {
				h.unsaid = group[0].key
			}
			return r.store(ctx, h)
		},
		Thread:   happening.queue,
		Key:      func(h happening) string { return h.key },
		Together: func(said, gone happening) bool { return gone.takesBack(said) },
		Room:     func() { r.health.up(true) },
	}, a.log)
	var reports sync.WaitGroup
	reports.Go(func() { r.health.Run(ctx) })
	if a.cfg.ListPause > 0 {
		reports.Go(func() { intake.Isolate(a.log, func() { r.keepList(ctx) }) })
	}
	defer func() {
		cancel()
		r.dispatch.Close()
		reports.Wait()
	}()
	return r.connections(ctx)
}

// store completes a happening and hands it to the sink. What the sink refuses because of what the person did would be
// refused again.
func (r *receiver) store(ctx context.Context, h happening) error {
	if err := r.health.Settle(ctx); err != nil {
		return err
	}
	err := r.sink.Receive(ctx, r.inbound(h))
	r.happened()
	if _, ok := errors.AsType[*bridge.Problem](err); ok {
		r.log.Info("a message was not taken", "key", h.key)
		return nil
	}
	return err
}

// event takes in one dispatch of the gateway. It does not block.
func (r *receiver) event(kind string, raw json.RawMessage) {
	switch kind {
	case "MESSAGE_CREATE":
		if m, ok := decoded[message](r, raw); ok && r.concerns(m.Guild, m.Channel) {
			if h, ok := r.said(&m, r.me); ok {
				r.submit(h)
			}
		}
	case "MESSAGE_UPDATE":
		if m, ok := decoded[message](r, raw); ok && r.concerns(m.Guild, m.Channel) {
			if h, ok := r.edited(&m, r.me); ok {
				r.submit(h)
			}
		}
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		if d, ok := decoded[deletion](r, raw); ok && r.concerns(d.Guild, d.Channel) {
			r.deletion(d)
		}
	case "MESSAGE_REACTION_ADD":
		if e, ok := decoded[reaction](r, raw); ok {
			r.reacted(bridge.InReacted, e)
		}
	case "MESSAGE_REACTION_REMOVE":
		if e, ok := decoded[reaction](r, raw); ok {
			r.reacted(bridge.InUnreacted, e)
		}
	case "MESSAGE_REACTION_REMOVE_EMOJI", "MESSAGE_REACTION_REMOVE_ALL":
		if e, ok := decoded[reaction](r, raw); ok {
			r.cleared(kind, e)
		}
	case "TYPING_START":
		if e, ok := decoded[typing](r, raw); ok && r.concerns(e.Guild, e.Channel) {
			r.typed(e)
		}
	case "INTERACTION_CREATE":
		if i, ok := decoded[interaction](r, raw); ok && string(i.Guild) == r.cfg.Guild {
			r.pressed(i)
		}
	default:
		r.place(kind, raw)
	}
}

func (r *receiver) submit(h happening) {
	h.commons = r.places.commons(id(h.channel), r.cfg.Colleagues)
	r.dispatch.Submit(r.ctx, h, nil)
}

func (r *receiver) deletion(d deletion) {
	ids := []id{d.ID}
	for _, l := range d.IDs.V {
		ids = append(ids, l.V)
	}
	for _, gone := range ids {
		if gone != "" && !r.ours.has(string(gone)) {
			r.submit(deleted(string(d.Channel), string(gone)))
		}
	}
}

// decoded reads an event. One of an unknown form is logged and ignored.
func decoded[T any](r *receiver, raw json.RawMessage) (v T, ok bool) {
	if err := json.Unmarshal(raw, &v); err != nil {
		r.log.Warn("an event of an unknown form was ignored")
		return v, false
	}
	return v, true
}

// places knows where conversations cannot be: channels that are no threads. A thread of another channel than the
// configured one may be one of ours: a conversation that began before the channel was changed goes on where it is.
type places struct {
	mu      sync.Mutex
	parents map[id]id // the channel of a thread; of a channel, itself
}

func (p *places) note(ch channel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parents == nil {
		p.parents = map[id]id{}
	}
	p.parents[ch.ID] = ch.ID
	if isThread(ch) {
		p.parents[ch.ID] = ch.Parent
	}
}

// commons reports whether a channel is that of colleagues or one of its threads.
func (p *places) commons(channel id, colleagues string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return colleagues != "" && (string(channel) == colleagues || string(p.parents[channel]) == colleagues)
}

func (p *places) forget(channel id) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parents, channel)
}

// plain reports whether this is a channel, and no thread.
func (p *places) plain(channel id) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parents[channel] == channel
}

// isThread: 10 to 12 are the kinds of threads.
func isThread(ch channel) bool { return ch.Type.V >= 10 && ch.Type.V <= 12 }

func (r *receiver) concerns(guild, channel id) bool {
	return string(guild) == r.cfg.Guild && string(channel) != r.cfg.Channel &&
		(!r.places.plain(channel) || r.places.commons(channel, r.cfg.Colleagues))
}

// place takes in what happens to channels and to the server.
func (r *receiver) place(kind string, raw json.RawMessage) {
	switch kind {
	case "GUILD_CREATE":
		if g, ok := decoded[guild](r, raw); ok && string(g.ID) == r.cfg.Guild {
			r.arrived(g)
		}
	case "GUILD_DELETE":
		g, ok := decoded[guild](r, raw)
		switch {
		case !ok || string(g.ID) != r.cfg.Guild:
		case g.Unavailable.V:
			r.health.down()
		default:
			r.health.lose(adviseGuild)
		}
	case "CHANNEL_CREATE", "THREAD_CREATE", "THREAD_UPDATE", "CHANNEL_UPDATE":
		ch, ok := decoded[channel](r, raw)
		if !ok || string(ch.Guild) != r.cfg.Guild {
			return
		}
		r.places.note(ch)
		if string(ch.ID) == r.cfg.Channel {
			r.desk.Store(nil) // its tags may have changed
			r.unpinned.Store(false)
			r.happened()
			r.regained()
		}
		if string(ch.ID) == r.cfg.Colleagues {
			r.letIn(false)
		}
	case "GUILD_ROLE_UPDATE":
		if u, ok := decoded[changedRole](r, raw); ok && string(u.Guild) == r.cfg.Guild {
			r.letIn(false)
		}
	case "GUILD_MEMBER_UPDATE": // of ourselves it comes without the intent for members
		if u, ok := decoded[changedRole](r, raw); ok && string(u.Guild) == r.cfg.Guild && string(u.User.ID) == r.me.user {
			r.letIn(false)
		}
	case "CHANNEL_DELETE", "THREAD_DELETE":
		ch, ok := decoded[channel](r, raw)
		if !ok || string(ch.Guild) != r.cfg.Guild {
			return
		}
		r.places.forget(ch.ID)
		if string(ch.ID) == r.cfg.Channel {
			r.health.lose(adviseChannel)
		}
	}
}

// arrived takes in the server as it is. It comes after each READY, and again when Discord could not reach it for a
// while; a channel that the bot may not see is not among its channels.
func (r *receiver) arrived(g guild) {
	found := len(g.Channels.V) == 0
	for _, l := range g.Channels.V {
		found = found || string(l.V.ID) == r.cfg.Channel
		r.places.note(l.V)
	}
	for _, l := range g.Threads.V {
		r.places.note(l.V)
	}
	if !found {
		r.health.lose(adviseChannel)
		return
	}
	r.regained()
}

// regained takes in that the channel is there, and perhaps was not before.
func (r *receiver) regained() {
	r.health.regain()
	r.letIn(r.health.impaired())
}

// letIn takes in that the bot may perhaps do what it could not: where something of ours was refused, or with seen, what
// was written meanwhile has not come to us.
func (r *receiver) letIn(seen bool) {
	if r.shut.Swap(false) || seen {
		r.health.up(true)
	}
}
