package bridge

import (
	"context"
	"sync"
	"time"
)

// typing passes on who is writing where. Nothing of it is kept, and what cannot be shown at once is not shown.
type typing struct {
	show  func(context.Context, EndpointName, ThreadRef)
	hub   *Hub
	queue chan typist

	mu   sync.Mutex
	last map[typist]time.Time
}

// typist is a person who is writing in a thread.
type typist struct {
	endpoint EndpointName
	thread   ThreadRef
	person   string
}

const (
	// typingEvery is how often it is passed on that somebody goes on writing. Telegram shows it for five seconds.
	typingEvery = 4 * time.Second
	// typingTime bounds how long showing it may take: it would not be true any more.
	typingTime = 5 * time.Second
	// typingWorkers is to how many places at once it is passed on. A platform that does not answer holds up no message,
	// but what else is to be shown.
	typingWorkers = 8
	// maxTypists is how many are remembered.
	maxTypists = 10_000
)

func newTyping(show func(context.Context, EndpointName, ThreadRef), hub *Hub) *typing {
	if show == nil {
		show = func(context.Context, EndpointName, ThreadRef) {}
	}
	if hub == nil {
		hub = NewHub()
	}
	return &typing{show: show, hub: hub, queue: make(chan typist, 4*typingWorkers), last: map[typist]time.Time{}}
}

// Typing implements Sink. Who writes where plain lines are notes may be writing one.
func (d *Desk) Typing(_ context.Context, from EndpointName, t ThreadRef, by Person) {
	r, known := d.route(from)
	who := typist{from, t, by.ID}
	if !known || r.Notes || by.Bot || t == "" || !d.typing.due(who, time.Now()) {
		return
	}
	select {
	case d.typing.queue <- who:
	default:
	}
}

// due reports whether it was not passed on lately.
func (s *typing) due(who typist, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[who]; ok && at.Sub(last) < typingEvery {
		return false
	}
	if len(s.last) >= maxTypists {
		clear(s.last)
	}
	s.last[who] = at
	return true
}

// KeepTyping shows who is writing until ctx ends.
func (d *Desk) KeepTyping(ctx context.Context) error {
	var workers sync.WaitGroup
	for range typingWorkers {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case who := <-d.typing.queue:
					d.passOn(ctx, who)
				}
			}
		})
	}
	workers.Wait()
	return nil
}

// passOn shows it on the other side of the conversation.
func (d *Desk) passOn(ctx context.Context, who typist) {
	ctx, cancel := context.WithTimeout(ctx, typingTime)
	defer cancel()
	lanes, err := d.ledger.Across(ctx, who.endpoint, who.thread, who.person)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Info("not shown who is writing", "endpoint", who.endpoint, "error", err)
		}
		return
	}
	for _, l := range lanes {
		if l.Reads {
			d.typing.hub.Publish(l.Conversation)
			continue
		}
		d.typing.show(ctx, l.Endpoint, l.Thread)
	}
}
