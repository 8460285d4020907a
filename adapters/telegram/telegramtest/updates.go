package telegramtest

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// keepUpdates is how long an update waits for a bot that does not fetch it
// (https://core.telegram.org/bots/api#getting-updates).
const keepUpdates = 24 * time.Hour

// notByDefault are the kinds that a bot gets only by naming them in allowed_updates.
var notByDefault = []string{"chat_member", "message_reaction", "message_reaction_count"}

type update struct {
	id   int64
	chat int64 // whose order it belongs to
	at   time.Time
	raw  json.RawMessage

	notBefore time.Time // of the next try by webhook
	inFlight  bool
}

type queue struct {
	next    int64
	waiting []*update
	allowed []string // nil: the default
	poller  int64    // of the running getUpdates; 0: none runs
	sent    int      // updates ever queued
}

func newQueue() queue { return queue{next: 700_000_001} }

// emit queues an update of one kind, checked against the description. The caller holds the lock.
func (s *Server) emit(kind string, ch *chat, body object) {
	if s.queue.allowed == nil && slices.Contains(notByDefault, kind) ||
		s.queue.allowed != nil && !slices.Contains(s.queue.allowed, kind) {
		return
	}
	u := s.enqueue(ch, func(id int64) json.RawMessage { return mustJSON(object{"update_id": id, kind: body}) })
	s.checkUpdate(u.raw)
}

// enqueue queues an update as it is. The caller holds the lock.
func (s *Server) enqueue(ch *chat, write func(id int64) json.RawMessage) *update {
	u := &update{id: s.queue.next, at: s.now(), raw: write(s.queue.next)}
	if ch != nil {
		u.chat = ch.ID
	}
	s.queue.next++
	s.queue.sent++
	s.queue.waiting = append(s.queue.waiting, u)
	s.change()
	return u
}

// RestartUpdateIDs makes the next update carry this number, as happens to a bot that had no
// updates for a week. It may be lower than the ones before.
func (s *Server) RestartUpdateIDs(next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.next = next
}

// getUpdates answers a poll: at once if there is something, otherwise when there is or the timeout
// has passed. A newer poll ends an older one.
func (s *Server) getUpdates(ctx context.Context, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook.url != "" {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	offset, err := c.number("offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 100)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timeout, err := c.number("timeout", 0)
	if err != nil {
		return nil, err
	}
	if err := s.allow(c); err != nil {
		return nil, err
	}
	mine := s.serial()
	s.queue.poller = mine // an older poll sees that it is no longer the one
	s.confirm(offset)
	s.change()
	return s.poll(ctx, mine, int(limit), time.Duration(min(max(timeout, 0), 50))*time.Second)
}

// poll waits for updates. It lets go of the lock meanwhile.
func (s *Server) poll(ctx context.Context, mine int64, limit int, timeout time.Duration) (any, error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	defer func() {
		if s.queue.poller == mine {
			s.queue.poller = 0
		}
	}()
	for over := timeout == 0; ; {
		s.expire()
		if len(s.queue.waiting) > 0 || over || s.down.Load() || ctx.Err() != nil {
			break
		}
		changed := s.mu.Next()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-deadline.C:
			over = true
		case <-ctx.Done():
		case <-s.ctx.Done():
			over = true
		}
		s.mu.Lock()
		if s.queue.poller != mine {
			return nil, conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
		}
		if s.hook.url != "" {
			return nil, conflict("terminated by setWebhook request")
		}
	}
	list := []json.RawMessage{}
	for _, u := range s.queue.waiting[:min(limit, len(s.queue.waiting))] {
		list = append(list, u.raw)
	}
	return list, nil
}

// allow takes allowed_updates, which stay in force until they are given again; an empty list is
// the default.
func (s *Server) allow(c *call) error {
	if !c.has("allowed_updates") {
		return nil
	}
	var kinds []string
	if err := c.decode("allowed_updates", &kinds); err != nil {
		return err
	}
	s.queue.allowed = nil
	if len(kinds) > 0 {
		s.queue.allowed = kinds
	}
	return nil
}

// confirm forgets the updates before a positive offset; a negative one keeps that many of the newest.
func (s *Server) confirm(offset int64) {
	switch {
	case offset < 0:
		s.queue.waiting = s.queue.waiting[max(0, int64(len(s.queue.waiting))+offset):]
	case offset > 0:
		s.queue.waiting = slices.DeleteFunc(s.queue.waiting, func(u *update) bool { return u.id < offset })
	}
}

// expire forgets what nobody fetched in time.
func (s *Server) expire() {
	oldest := s.now().Add(-keepUpdates)
	s.queue.waiting = slices.DeleteFunc(s.queue.waiting, func(u *update) bool { return u.at.Before(oldest) })
}
