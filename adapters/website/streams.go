package website

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// streams are all open streams of an endpoint on this instance, by visitor.
//
// A hint names a conversation. The streams of a visitor who has written know theirs; those of a visitor who has not
// wait for the first conversation that turns out to have its lane in their thread. A hint about any other
// conversation costs one look-up in its life, and none while nobody waits.
type streams struct {
	endpoint  bridge.EndpointName
	log       Log
	logger    *slog.Logger
	perPlace  int // streams of one address; 0: no limit
	connected func(change int)

	workers  workers
	watchers sync.WaitGroup

	mu             sync.Mutex
	closed         bool
	readers        map[bridge.ThreadRef]*reader
	byConversation map[bridge.ConversationID]*reader
	waiting        int // readers without a conversation
	places         map[string]int
	strangers      strangers
	wheel          wheel
	again          []func() // what failed and is tried at the wheel's next turn
}

const undone = "work for a stream could not be done"

func newStreams(e bridge.EndpointName, log Log, logger *slog.Logger, perPlace int, connected func(int)) *streams {
	if connected == nil {
		connected = func(int) {}
	}
	return &streams{
		endpoint: e, log: log, logger: logger, perPlace: perPlace, connected: connected,
		readers:        map[bridge.ThreadRef]*reader{},
		byConversation: map[bridge.ConversationID]*reader{},
		places:         map[string]int{},
	}
}

var (
	errStopping = &refusal{
		status: http.StatusServiceUnavailable, code: "stopping", retryAfter: 1,
		detail: "The service is restarting. Connect again in a moment.",
	}
	errStreams = &refusal{
		status: http.StatusTooManyRequests, code: "too_many_streams", retryAfter: 30,
		detail: "Too many streams are open from this network. Close one first.",
	}
)

// reserve counts a stream of an address, before it has cost anything.
func (f *streams) reserve(place string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errStopping
	}
	if f.perPlace > 0 && f.places[place] >= f.perPlace {
		return errStreams
	}
	f.places[place]++
	return nil
}

func (f *streams) unreserve(place string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.places[place]--; f.places[place] <= 0 {
		delete(f.places, place)
	}
}

// add takes over a reserved stream and has it read what came after s.last. From here on only s's reader writes to it.
func (f *streams) add(s *stream, t bridge.ThreadRef) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		_ = s.conn.Close()
		f.unreserve(s.place)
		return
	}
	r := f.readers[t]
	if r == nil {
		r = &reader{f: f, thread: t}
		f.readers[t] = r
		f.waiting++
		f.wheel.add(r)
	}
	s.reader = r
	r.streams = append(r.streams, s)
	f.wake(r, signalNews)
	f.watchers.Go(s.watch)
	f.mu.Unlock()
	f.connected(1)
}

// remove forgets a stream whose connection has ended.
func (f *streams) remove(s *stream) {
	f.mu.Lock()
	r := s.reader
	r.drop(s)
	if len(r.streams) == 0 {
		delete(f.readers, r.thread)
		f.wheel.remove(r)
		if r.conversation == 0 {
			f.waiting--
		} else {
			delete(f.byConversation, r.conversation)
		}
	}
	f.mu.Unlock()
	f.unreserve(s.place)
	f.connected(-1)
}

// wake has the reader act on a signal. f.mu is held.
func (f *streams) wake(r *reader, s signals) {
	r.pending |= s
	if !r.running {
		r.running = true
		f.workers.do(r.run)
	}
}

// hear is told that a conversation has news. It never blocks.
func (f *streams) hear(c bridge.ConversationID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.byConversation[c]; r != nil {
		f.wake(r, signalNews)
		return
	}
	if f.waiting > 0 && !f.closed && f.strangers.add(c) {
		f.workers.do(func() { f.lookUp(c) })
	}
}

// hearTyping is told that an agent is writing in a conversation. Whoever waits for their first one is answered nothing yet.
func (f *streams) hearTyping(c bridge.ConversationID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.byConversation[c]; r != nil {
		f.wake(r, signalTyping)
	}
}

// lookUp finds out whether somebody waits for a conversation that was unknown until now.
func (f *streams) lookUp(c bridge.ConversationID) {
	_ = intake.Guard(f.logger, undone, func() error { f.introduce(c); return nil }) // there is no other error
}

func (f *streams) introduce(c bridge.ConversationID) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	t, err := f.log.ThreadOf(ctx, c, f.endpoint)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		if r := f.readers[t]; r != nil {
			f.bind(r, c)
			f.wake(r, signalNews)
		}
		return
	}
	if !errors.Is(err, bridge.ErrNotFound) {
		f.logger.Warn("conversation of a hint not looked up", "conversation", c, "error", err)
		f.again = append(f.again, func() { f.lookUp(c) })
	}
}

// bind makes hints about a conversation reach a reader; 0: it waits for the visitor's first one. f.mu is held.
func (f *streams) bind(r *reader, c bridge.ConversationID) {
	if r.conversation == c || len(r.streams) == 0 {
		return
	}
	if r.conversation == 0 {
		f.waiting--
	} else {
		delete(f.byConversation, r.conversation)
	}
	if r.conversation = c; c == 0 {
		f.waiting++
		f.wake(r, signalNews) // the hint may have come before it waited
		return
	}
	f.byConversation[c] = r
}

// know is bind for those who do not hold f.mu.
func (f *streams) know(r *reader, c bridge.ConversationID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bind(r, c)
}

// hearAll is told that there may be news anywhere.
func (f *streams) hearAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.strangers = strangers{}
	for _, r := range f.readers {
		f.wake(r, signalNews)
	}
}

// goOn is told in which conversation the visitor of a thread has written. It is another one than before where that was erased.
func (f *streams) goOn(t bridge.ThreadRef, c bridge.ConversationID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.readers[t]; r != nil && r.conversation != c {
		f.bind(r, c)
		f.wake(r, signalNews)
	}
}

func (f *streams) signal(t bridge.ThreadRef, s signals) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.readers[t]; r != nil {
		f.wake(r, s)
	}
}

// has reports whether the visitor of a thread listens.
func (f *streams) has(t bridge.ThreadRef) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.readers[t] != nil
}

// later has the reader look again when something that is held back from visitors is held no longer.
func (f *streams) later(r *reader, held time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if held <= 0 || r.held != nil || f.closed {
		return
	}
	r.held = time.AfterFunc(held, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		r.held = nil
		if f.readers[r.thread] == r && !f.closed {
			f.wake(r, signalNews)
		}
	})
}

func (f *streams) signalAll(s signals) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.readers {
		f.wake(r, s)
	}
}

// turn turns the wheel until ctx ends.
func (f *streams) turn(ctx context.Context) {
	tick := time.NewTicker(wheelTurn / wheelSlots)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		f.mu.Lock()
		for r := range f.wheel.next() {
			f.wake(r, signalAlive)
		}
		for _, task := range f.again {
			f.workers.do(task)
		}
		f.again = nil
		f.mu.Unlock()
	}
}

func (f *streams) open() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = false
}

// close ends all streams and returns when nothing of them is left.
func (f *streams) close() {
	f.mu.Lock()
	f.closed = true
	f.again = nil
	for _, r := range f.readers {
		for _, s := range r.streams {
			_ = s.conn.Close()
		}
	}
	f.mu.Unlock()
	f.watchers.Wait()
	f.workers.wait()
}

// strangers remembers conversations that were looked up. It is forgetful: a conversation looked up twice is no harm,
// a memory that only grows is.
type strangers struct {
	recent, older map[bridge.ConversationID]struct{}
}

const maxStrangers = 1 << 14

// add reports whether c is new.
func (s *strangers) add(c bridge.ConversationID) bool {
	if _, ok := s.recent[c]; ok {
		return false
	}
	_, ok := s.older[c]
	if s.recent == nil || len(s.recent) >= maxStrangers {
		s.recent, s.older = map[bridge.ConversationID]struct{}{}, s.recent
	}
	s.recent[c] = struct{}{}
	return !ok
}
