package slacktest

import (
	"encoding/json"
	"net/url"
	"time"
)

// maxRetries is how often Slack repeats an unacknowledged event.
const maxRetries = 3

// Delivery counts what became of the events, shortcuts, presses and commands.
type Delivery struct {
	Sent      int // envelopes put on a socket or posted, repeats included
	Repeated  int // of these, repeats
	Acked     int // acknowledged, each happening once
	Unacked   int // sent and waiting for their acknowledgement
	Dropped   int // lost: by a fault, or because nothing was connected
	Abandoned int // given up after the last repeat
	Sockets   int // open now
}

// delivery is one happening on its way to an acknowledgement.
type delivery struct {
	kind    string // events_api, interactive, slash_commands
	payload json.RawMessage
	form    url.Values // in HTTP mode, for all but events_api
	retries bool       // Slack repeats events only
	result  *Interaction
	settled func(ack json.RawMessage) error // called with the acknowledgement, under the lock

	attempt int
	reason  string
	ids     []string // envelope ids so far
	sock    *socket
	timer   *time.Timer
	done    bool
}

// outbox is everything that is on its way to the app. Guarded by Server.mu.
type outbox struct {
	sockets []*socket
	next    int // round robin
	links   map[string]bool
	pending map[string]*delivery // by envelope id
	held    []*delivery          // waiting for a socket
	swapped []*delivery          // waiting for their successor
	posts   []*delivery          // HTTP mode
	posted  chan struct{}        // signals posts
	total   Delivery
}

func newOutbox() outbox {
	return outbox{links: map[string]bool{}, pending: map[string]*delivery{}, posted: make(chan struct{}, 1)}
}

func (o *outbox) counts() Delivery {
	d := o.total
	d.Sockets = len(o.sockets)
	return d
}

func (o *outbox) stopTimers() {
	for _, d := range o.pending {
		d.stop()
	}
}

func (o *outbox) takeSockets() []*socket {
	all := o.sockets
	o.sockets = nil
	return all
}

// locked runs f under the lock, unless the server is closed, and wakes who awaits.
func (s *Server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	f()
	s.change()
}

// dispatch puts a delivery on its way, for the first time or again.
func (s *Server) dispatch(d *delivery) {
	if s.opts.RequestURL != "" {
		s.enqueuePost(d)
		return
	}
	sock := s.out.pick()
	switch {
	case sock != nil:
		s.sendOn(sock, d)
	case s.opts.HoldEvents && d.retries:
		s.out.held = append(s.out.held, d)
	case d.attempt == 0:
		s.out.total.Dropped++
		d.finish(nil, errNoConnection)
	default:
		d.timer = time.AfterFunc(s.opts.AckTimeout, func() { s.locked(func() { s.repeat(d, "connection_failed") }) })
	}
}

// pick chooses the next socket in turn, nil for none.
func (o *outbox) pick() *socket {
	if len(o.sockets) == 0 {
		return nil
	}
	o.next++
	return o.sockets[o.next%len(o.sockets)]
}

// frame is a Socket Mode envelope.
type frame struct {
	EnvelopeID             string          `json:"envelope_id"`
	Payload                json.RawMessage `json:"payload"`
	Type                   string          `json:"type"`
	AcceptsResponsePayload bool            `json:"accepts_response_payload"`
	RetryAttempt           *int            `json:"retry_attempt,omitempty"`
	RetryReason            *string         `json:"retry_reason,omitempty"`
}

func (s *Server) sendOn(sock *socket, d *delivery) {
	id := s.state.newID("envelope-")
	f := frame{EnvelopeID: id, Payload: d.payload, Type: d.kind, AcceptsResponsePayload: d.kind != "events_api"}
	if d.kind == "events_api" {
		f.RetryAttempt, f.RetryReason = &d.attempt, &d.reason
	}
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // the payload was made or checked here
	}
	if len(d.ids) == 0 {
		s.out.total.Unacked++
	}
	d.ids = append(d.ids, id)
	d.sock = sock
	s.out.pending[id] = d
	s.out.total.Sent++
	if d.attempt > 0 {
		s.out.total.Repeated++
	}
	sock.push(data)
	d.timer = time.AfterFunc(s.opts.AckTimeout, func() {
		s.locked(func() {
			if s.out.pending[id] == d && d.ids[len(d.ids)-1] == id {
				s.repeat(d, "timeout")
			}
		})
	})
}

// repeat sends a delivery again, or gives it up.
func (s *Server) repeat(d *delivery, reason string) {
	d.stop()
	if d.done {
		return
	}
	if !d.retries || d.attempt == maxRetries {
		s.forget(d)
		s.out.total.Abandoned++
		d.finish(nil, errTimeout)
		return
	}
	d.attempt++
	d.reason = reason
	s.dispatch(d)
}

// acknowledge settles the delivery of an envelope; an unknown one is ignored.
func (s *Server) acknowledge(id string, payload json.RawMessage) {
	d := s.out.pending[id]
	if d == nil {
		return
	}
	s.forget(d)
	s.out.total.Acked++
	d.finish(payload, nil)
}

// forget ends the wait for an acknowledgement.
func (s *Server) forget(d *delivery) {
	d.stop()
	s.out.total.Unacked--
	for _, id := range d.ids {
		delete(s.out.pending, id)
	}
}

func (d *delivery) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// finish tells whoever caused the happening how it ended.
func (d *delivery) finish(ack json.RawMessage, err error) {
	if d.done {
		return
	}
	d.done = true
	if err == nil && d.settled != nil {
		err = d.settled(ack)
	}
	if d.result != nil {
		d.result.ack, d.result.err = ack, err
		close(d.result.done)
	}
}
