package website

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// signals are what a reader has to act on.
type signals uint8

const (
	signalNews   signals = 1 << iota // read the log
	signalAlive                      // write a comment
	signalTyping                     // somebody is writing
	signalOnline                     // somebody is on duty
	signalAway                       // nobody is
)

// reader is one visitor with at least one open stream. Its run is the only place that writes to these streams, and
// one run ends before the next begins.
type reader struct {
	f      *streams
	thread bridge.ThreadRef

	// Guarded by f.mu.
	conversation bridge.ConversationID // 0: not known to exist
	streams      []*stream
	pending      signals
	running      bool
	held         *time.Timer // set while something is held back
	slot         uint8
}

const (
	readTime  = 10 * time.Second // for one reading of the log
	writeTime = time.Second      // a client that has not made room by then reads too slowly: it shall come back
)

func (r *reader) drop(s *stream) {
	r.streams = slices.DeleteFunc(r.streams, func(other *stream) bool { return other == s })
}

// run acts on signals until there are none. Of a visitor for whom it panics the streams are closed: what they ask for
// when they come back is read anew, and nobody else is held up.
func (r *reader) run() {
	if err := intake.Guard(r.f.logger, undone, func() error { r.actOnAll(); return nil }); err != nil {
		r.abandon()
	}
}

func (r *reader) actOnAll() {
	for {
		r.f.mu.Lock()
		todo, c, to := r.pending, r.conversation, slices.Clone(r.streams)
		r.pending = 0
		if todo == 0 || len(to) == 0 {
			r.running = false
			r.f.mu.Unlock()
			return
		}
		r.f.mu.Unlock()
		r.act(todo, c, to)
	}
}

func (r *reader) act(todo signals, c bridge.ConversationID, to []*stream) {
	if todo&signalNews != 0 {
		if err := r.deliver(c, to); err != nil {
			r.f.logger.Warn("entries for a stream not read", "conversation", c, "error", err)
			r.f.mu.Lock()
			r.f.again = append(r.f.again, func() { r.f.signal(r.thread, signalNews) })
			r.f.mu.Unlock()
		}
	}
	if text := todo.text(); text != "" {
		for _, s := range to {
			s.write([]byte(text))
		}
	}
}

// abandon ends all streams of the reader, and its run.
func (r *reader) abandon() {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.running, r.pending = false, 0
	for _, s := range r.streams {
		_ = s.conn.Close() // its watcher removes it
	}
}

// text is what a stream is told of signals that are not in the log.
func (s signals) text() string {
	var out string
	if s&signalTyping != 0 {
		out += "event: typing\ndata: {\"typing\":true}\n\n"
	}
	if s&signalOnline != 0 {
		out += "event: presence\ndata: {\"online\":true}\n\n"
	}
	if s&signalAway != 0 {
		out += "event: presence\ndata: {\"online\":false}\n\n"
	}
	if out == "" && s&signalAlive != 0 {
		return ":\n\n"
	}
	return out
}

// deliver reads what the streams have not been told and tells them, in order.
func (r *reader) deliver(c bridge.ConversationID, to []*stream) error {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	if slices.ContainsFunc(to, func(s *stream) bool { return !s.placed }) {
		c = 0
	}
	if c == 0 {
		found, _, err := r.find(ctx, to)
		if err != nil {
			return err
		}
		c = found
	}
	for c != 0 {
		after := slices.MinFunc(to, func(a, b *stream) int { return cmp.Compare(a.last, b.last) }).last
		read, held, err := r.f.log.Visible(ctx, c, r.f.endpoint, bridge.RoleVisitor, after, maxPage)
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		taken := false
		for _, en := range read {
			event := r.event(en)
			for _, s := range to {
				if s.last < en.Seq {
					taken = s.write(event) || taken
					s.last = en.Seq
				}
			}
		}
		if seq := newestReply(read); taken && seq > 0 {
			if err := r.f.log.Fetched(ctx, c, r.f.endpoint, seq); err != nil {
				r.f.logger.Warn("what was fetched not noted", "conversation", c, "error", err)
			}
		}
		if len(read) == 0 { // news, and none for visitors: perhaps they have begun another conversation
			next, anew, err := r.find(ctx, to)
			if err != nil {
				return err
			}
			if next != c || anew {
				c = next
				continue
			}
		}
		if len(read) < maxPage {
			r.f.later(r, held)
			return nil
		}
	}
	return nil
}

// find is the conversation that the visitor is in now; 0: there is none, and the reader waits for it. Its numbers go on after
// those of the one before. Only after one that was erased do they begin anew, and so does a stream that was further on.
func (r *reader) find(ctx context.Context, to []*stream) (c bridge.ConversationID, anew bool, err error) {
	now, err := r.f.log.ConversationAt(ctx, r.f.endpoint, r.thread)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return 0, false, fmt.Errorf("find conversation: %w", err)
	}
	for _, s := range to {
		s.placed = true
		if s.last > now.LastSeq {
			s.last, anew = 0, true
		}
	}
	r.f.know(r, now.ID)
	return now.ID, anew, nil
}

// event is an entry as a server-sent event; nil when it is not for visitors.
func (r *reader) event(en bridge.Entry) []byte {
	e, ok := shown(r.f.endpoint, en)
	if !ok {
		return nil
	}
	data, err := json.Marshal(e) // strings and numbers: it cannot fail, and holds no line end
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "id: %d\nevent: entry\ndata: %s\n\n", e.Seq, data)
}
