package bridge

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Marker keeps marks under agents' lines that tell what has become of them. It works beside the lanes: a mark waits behind
// everything else that the endpoint has to be sent, is made up from the log whenever its turn comes, and holds up nothing.
// Marks of an endpoint are brought up to date by the instance that sends there.
type Marker struct {
	book    MarkBook
	courier *Courier
	hubs    []*Hub
	log     *slog.Logger

	mu      sync.Mutex
	due     map[ConversationID]*marking
	known   map[EndpointName]int       // what this instance has looked through since it has the endpoint, and how often that was resumed
	refused map[EndpointName]time.Time // where marks are not wanted until then
	work    sync.WaitGroup
	room    chan struct{}
}

// marking is a conversation whose marks are to be looked at.
type marking struct {
	at    time.Time
	looks int  // since the last hint
	busy  bool // somebody looks at it now
	again bool // and has to once more
}

const (
	// markAfter is how long hints are gathered: what arrives within it is never shown as queued.
	markAfter = time.Second
	markTick  = 250 * time.Millisecond
	// markers is how many conversations are looked at at once.
	markers = 16
	// lastLook is the longest pause between two looks at a line that another instance may have delivered or shown.
	lastLook = 30 * time.Minute
	// markPause is how long an endpoint that refuses marks is left alone.
	markPause = 2 * time.Minute
)

// NewMarker returns a Marker of the endpoints that courier sends to. Hints come from hubs.
func NewMarker(book MarkBook, courier *Courier, log *slog.Logger, hubs ...*Hub) *Marker {
	return &Marker{
		book: book, courier: courier, hubs: hubs, log: logOr(log), due: map[ConversationID]*marking{},
		known: map[EndpointName]int{}, refused: map[EndpointName]time.Time{}, room: make(chan struct{}, markers),
	}
}

// Run marks until ctx ends.
func (m *Marker) Run(ctx context.Context) error {
	for _, h := range m.hubs {
		defer h.Subscribe(m.hear)()
	}
	defer m.work.Wait()
	tick := time.NewTicker(markTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		m.lookThrough(ctx)
		for _, c := range m.take() {
			m.work.Go(func() { m.look(ctx, c) })
		}
	}
}

// hear takes a hint. It does not block.
func (m *Marker) hear(c ConversationID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	soon := time.Now().Add(markAfter)
	switch d := m.due[c]; {
	case d == nil:
		m.due[c] = &marking{at: soon}
	case d.busy:
		d.again = true
	default:
		d.looks = 0
		if d.at.After(soon) {
			d.at = soon
		}
	}
}

// take returns the conversations whose time has come, as many as there is room for.
func (m *Marker) take() (ids []ConversationID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for c, d := range m.due {
		if d.busy || now.Before(d.at) {
			continue
		}
		select {
		case m.room <- struct{}{}:
			d.busy = true
			ids = append(ids, c)
		default:
			return ids
		}
	}
	return ids
}

// lookThrough has the conversations looked at of an endpoint that this instance has come to send to, or that may accept again
// what it has refused.
func (m *Marker) lookThrough(ctx context.Context) {
	kept, _ := m.courier.room()
	for e := range m.known {
		if !slices.Contains(kept, e) {
			delete(m.known, e)
		}
	}
	for _, e := range kept {
		resumed := m.courier.resumed(e)
		if known, is := m.known[e]; is && known == resumed || m.courier.posts[e].adapter.Abilities().Role != RoleTeam {
			continue
		}
		m.mu.Lock()
		delete(m.refused, e)
		m.mu.Unlock()
		ids, err := m.book.Unmarked(ctx, e)
		if err != nil {
			m.log.Warn("look for marks", "endpoint", e, "error", err)
			return
		}
		m.known[e] = resumed
		for _, c := range ids {
			m.hear(c)
		}
	}
}

// look brings the marks of a conversation up to date, and decides when to look again.
func (m *Marker) look(ctx context.Context, c ConversationID) {
	again, open := m.mark(ctx, c)
	<-m.room
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.due[c]
	d.busy = false
	switch {
	case d.again:
		*d = marking{at: time.Now().Add(markAfter)}
	case again > 0:
		d.at = time.Now().Add(again)
	case open && markAfter<<d.looks <= lastLook:
		d.at = time.Now().Add(markAfter << d.looks)
		d.looks++
	default:
		delete(m.due, c)
	}
}

// mark puts and takes away what is not as it should be. again says when what had to wait can be done; open, that the
// newest line may still come to stand otherwise without a hint.
func (m *Marker) mark(ctx context.Context, c ConversationID) (again time.Duration, open bool) {
	marking, err := m.book.Marking(ctx, c)
	if err != nil {
		if ctx.Err() == nil {
			m.log.Warn("read marks", "conversation", c, "error", err)
		}
		return time.Minute, false
	}
	if marking.Conversation.Kind != Guest {
		return 0, false
	}
	wanted, open := marking.wanted()
	later := func(after time.Duration) {
		if after > 0 && (again == 0 || after < again) {
			again = after
		}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(marking.Marks, func(s Mark) bool { return s.is(w) && s.Put }) {
			later(m.bring(ctx, marking, w, Reacted))
		}
	}
	for _, s := range marking.Marks {
		if !slices.ContainsFunc(wanted, s.is) {
			later(m.bring(ctx, marking, s, Unreacted))
		}
	}
	return again, open
}

// bring puts a mark or takes it away. A mark is noted before it is put, so that it is not forgotten whatever happens.
func (m *Marker) bring(ctx context.Context, in Marking, mark Mark, kind EntryKind) (again time.Duration) {
	p := m.courier.posts[mark.Endpoint]
	if p == nil || !m.courier.keeps(mark.Endpoint) {
		return 0
	}
	m.mu.Lock()
	wait := time.Until(m.refused[mark.Endpoint])
	m.mu.Unlock()
	if wait > 0 {
		return wait
	}
	parts, err := render(p.adapter, Delivery{
		Conversation: in.Conversation, Thread: in.threads()[mark.Endpoint], Landed: []Landed{{Message: mark.Message}},
		Entry: Entry{Conversation: in.Conversation.ID, Kind: kind, Audience: Only(mark.Endpoint), Body: rich.Of(mark.Sign.emoji())},
	})
	if err != nil {
		m.log.Warn("render a mark", "endpoint", mark.Endpoint, "error", err)
		return 0
	}
	if len(parts) == 0 { // the platform has no such thing
		return 0
	}
	part := parts[0]
	part.Urgency = UrgencyReaction
	again, _, err = p.pace.await(ctx, LaneID(-in.Conversation.ID), part, patience)
	if err != nil || again > 0 {
		return again
	}
	if mark.Put = false; kind == Reacted {
		if err := m.book.SaveMark(ctx, mark); err != nil {
			m.log.Warn("note a mark", "endpoint", mark.Endpoint, "error", err)
			return time.Minute
		}
	}
	if _, err := send(ctx, p.adapter, part); err != nil {
		if f := AsFailure(err); f.Verdict != GiveUp || f.Refused {
			return m.late(mark.Endpoint, p, part, f)
		}
	} else if now, changed := p.trouble.over(LaneID(-in.Conversation.ID), marksPlace); changed {
		m.courier.report(mark.Endpoint, now)
	}
	if err := m.noted(ctx, mark, kind); err != nil {
		m.log.Warn("note a mark", "endpoint", mark.Endpoint, "error", err)
		return time.Minute
	}
	return 0
}

func (m *Marker) noted(ctx context.Context, mark Mark, kind EntryKind) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if kind == Unreacted {
		return m.book.DropMark(ctx, mark)
	}
	mark.Put = true
	return m.book.SaveMark(ctx, mark)
}

// marksPlace stands for all marks of an endpoint among the places in trouble.
const marksPlace = "\x00marks"

// late decides when to try a mark again. Where marks are refused operators are told by the endpoint's condition, and nothing
// else waits.
func (m *Marker) late(e EndpointName, p *post, part Part, f *Failure) time.Duration {
	m.log.Info("mark not accepted", "endpoint", e, "verdict", f.Verdict, "error", f.Err)
	if !f.Refused {
		if f.Verdict == Wait {
			p.pace.block(part, f.After, false)
		}
		return max(f.After, 5*time.Second)
	}
	m.mu.Lock()
	m.refused[e] = time.Now().Add(markPause)
	m.mu.Unlock()
	told := &Failure{Verdict: f.Verdict, Public: "Agents are not shown whether their lines arrive: " + f.Public, Err: f.Err}
	p.trouble.begins(told, marksPlace, true)
	m.courier.report(e, condition(told))
	return markPause
}
