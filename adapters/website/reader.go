package website

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

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
	defer func() {
		if value := recover(); value != nil {
			r.f.panicked(value)
			r.abandon()
		}
	}()
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
	if c == 0 {
		found, err := r.f.log.ConversationAt(ctx, r.f.endpoint, r.thread)
		if errors.Is(err, bridge.ErrNotFound) {
			return nil
		} else if err != nil {
			return fmt.Errorf("find conversation: %w", err)
		}
		c = found.ID
		r.f.know(r, c)
	}
	for {
		after := slices.MinFunc(to, func(a, b *stream) int { return cmp.Compare(a.last, b.last) }).last
		read, err := r.f.log.Visible(ctx, c, r.f.endpoint, bridge.RoleVisitor, after, maxPage)
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		for _, en := range read {
			event := r.event(en)
			for _, s := range to {
				if s.last < en.Seq {
					s.write(event)
					s.last = en.Seq
				}
			}
		}
		if len(read) < maxPage {
			return nil
		}
	}
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
