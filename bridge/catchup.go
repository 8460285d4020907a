package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Repair reads threads back after a gap: on start, whenever an adapter reports that events may have been missed, and
// when a thread becomes known only some time after it was opened. Order is kept: a live event of a thread that is still
// to be read back waits until that has been done.
type Repair struct {
	book ThreadBook
	desk *Desk
	log  *slog.Logger

	mu   sync.Mutex
	gaps map[EndpointName]*gap // of the adapters that run here
}

// NewRepair returns a Repair that hands what was missed to desk.
func NewRepair(book ThreadBook, desk *Desk, log *slog.Logger) *Repair {
	return &Repair{book: book, desk: desk, log: logOr(log), gaps: map[EndpointName]*gap{}}
}

// Expect has a thread read back as if it had been missed. It may be called before the log knows the thread.
func (r *Repair) Expect(e EndpointName, t OpenThread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g := r.gaps[e]; g != nil {
		g.expect(time.Now(), t)
	}
}

const (
	// closedFor is how long after its last entry a closed conversation's thread is still read back.
	closedFor = 7 * 24 * time.Hour
	// lookBack is how far before the last known message edits and deletions are looked for.
	lookBack = 24 * time.Hour
	// readingTime is how long a command waits for its thread to be read back.
	readingTime = 5 * time.Second
	// settlingPause is after how long it is first tried again where what it is about is just being settled.
	settlingPause = 100 * time.Millisecond
)

var errReading = &Problem{
	Code: "reading_back", Public: "Nothing was done yet: what was written here while the bridge was away is still being read. Try again in a moment.",
}

// watch wraps the sink of one adapter for as long as it runs. finish waits for the reading under way.
func (r *Repair) watch(ctx context.Context, a Adapter, sink Sink) (watched Sink, finish func()) {
	historian, ok := a.(Historian)
	if !ok {
		return sink, func() {}
	}
	g := &gap{
		Sink: sink, repair: r, adapter: a, historian: historian, ctx: ctx,
		pending: map[ThreadRef]*reading{}, opening: map[ConversationID]time.Time{},
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps[a.Name()] = g
	return g, func() {
		r.mu.Lock()
		delete(r.gaps, a.Name())
		r.mu.Unlock()
		g.readers.Wait()
	}
}

// gap is the sink of an endpoint some of whose threads may still have to be read back.
type gap struct {
	Sink
	repair    *Repair
	adapter   Adapter
	historian Historian
	ctx       context.Context // of the adapter's term
	readers   sync.WaitGroup

	mu       sync.Mutex
	pending  map[ThreadRef]*reading
	opening  map[ConversationID]time.Time // whose threads are to be read back once they are known, and when the gap ended
	awaiting bool                         // somebody looks after opening
}

// reading is one thread to be read back.
type reading struct {
	busy   chan struct{} // holds an element while somebody reads
	open   OpenThread
	end    time.Time // of the gap
	done   bool
	missed int       // lines found so far, over all attempts
	before time.Time // not before, for this failure
	failed *Failure
}

// Report implements Sink. With the report of a gap the endpoint's threads are marked before it returns, so that no
// live event that comes after it can overtake.
func (g *gap) Report(ctx context.Context, e EndpointName, c Condition) {
	if c.Gap {
		g.missed(ctx)
	}
	g.Sink.Report(ctx, e, c)
}

// missed marks all threads in which something may have been missed.
func (g *gap) missed(ctx context.Context) {
	var threads []OpenThread
	for attempts := 1; ; attempts++ {
		var err error
		threads, err = g.repair.book.OpenThreads(ctx, g.adapter.Name(), time.Now().Add(-closedFor))
		if err == nil {
			break
		}
		g.repair.log.Warn("list threads to read back", "endpoint", g.adapter.Name(), "error", err)
		if !pause(ctx, retryAfter(attempts, 0)) {
			return
		}
	}
	g.expect(time.Now(), threads...)
}

// expect marks threads and begins to read them back; those that are being opened, as soon as they are known.
func (g *gap) expect(end time.Time, threads ...OpenThread) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mark(end, threads...)
}

func (g *gap) mark(end time.Time, threads ...OpenThread) {
	marked := make([]*reading, 0, len(threads))
	for _, t := range threads {
		if t.Thread == "" {
			g.opening[t.Conversation] = end
			continue
		}
		delete(g.opening, t.Conversation)
		rd := &reading{busy: make(chan struct{}, 1), open: t, end: end}
		g.pending[t.Thread] = rd
		marked = append(marked, rd)
	}
	if g.ctx.Err() != nil {
		return
	}
	if len(marked) > 0 {
		g.readers.Go(func() { g.readAll(marked) })
	}
	if len(g.opening) > 0 && !g.awaiting {
		g.awaiting = true
		g.readers.Go(g.awaitOpenings)
	}
}

// readAll reads marked threads back, the most recently used first. One that cannot be read now is tried again after the
// others: that a place is closed to us until a person acts keeps nobody else waiting.
func (g *gap) readAll(marked []*reading) {
	for attempts := 1; len(marked) > 0; attempts++ {
		var left []*reading
		for _, rd := range marked {
			if !g.isMarked(rd) { // read ahead of a live event, or missed in another gap since, which has a reader of its own
				continue
			}
			err := g.read(g.ctx, rd.open.Thread)
			if err == nil {
				continue
			}
			g.repair.log.Info("read thread back", "endpoint", g.adapter.Name(), "error", err)
			left = append(left, rd)
			wait := retryAfter(1, 0)
			if f := AsFailure(err); !f.Refused {
				wait = max(wait, f.After)
			}
			if !pause(g.ctx, wait) {
				return
			}
		}
		if marked = left; len(marked) > 0 && !pause(g.ctx, retryAfter(attempts, 0)) {
			return
		}
	}
}

func (g *gap) isMarked(rd *reading) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pending[rd.open.Thread] == rd
}

// Receive implements Sink.
func (g *gap) Receive(ctx context.Context, in Inbound) error {
	if err := g.readFirst(ctx, in.Thread, true); err != nil {
		return fmt.Errorf("read the thread back first: %w", err)
	}
	return g.Sink.Receive(ctx, in)
}

// Command implements Sink: what is pressed does not overtake what was missed in the thread, and waits a moment where it is
// about something that is just being settled.
func (g *gap) Command(ctx context.Context, call Invocation) (Answer, error) {
	soon, cancel := context.WithTimeout(ctx, readingTime)
	defer cancel()
	err := g.readFirst(soon, call.Thread, false)
	switch f := AsFailure(err); {
	case err == nil:
		return g.settledCommand(ctx, soon, call)
	case ctx.Err() == nil && (soon.Err() != nil || f.Verdict == Wait):
		return Answer{}, errReading
	}
	return Answer{}, fmt.Errorf("read the thread back first: %w", err)
}

func (g *gap) settledCommand(ctx, soon context.Context, call Invocation) (Answer, error) {
	for wait := settlingPause; ; wait *= 2 {
		answer, err := g.Sink.Command(ctx, call)
		early := errors.Is(err, errUnsettled) || errors.Is(err, errOpening)
		if !early || !pause(soon, wait) {
			return answer, err
		}
	}
}

// readFirst brings in what is still missing of a thread before something is taken that happened there. strangers: what
// happened in a thread that nobody knows waits, since the thread may be one that was being opened.
func (g *gap) readFirst(ctx context.Context, t ThreadRef, strangers bool) error {
	if err := g.mayBeOpening(ctx, t, strangers); err != nil {
		return err
	}
	return g.read(ctx, t)
}

// read reads one thread back if that is still to be done.
func (g *gap) read(ctx context.Context, t ThreadRef) error {
	g.mu.Lock()
	rd := g.pending[t]
	g.mu.Unlock()
	if rd == nil {
		return nil
	}
	select {
	case rd.busy <- struct{}{}:
		defer func() { <-rd.busy }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if rd.done {
		return nil
	}
	if wait := time.Until(rd.before); wait > 0 {
		f := *rd.failed
		f.After = wait
		return &f
	}
	err := g.catchUp(ctx, rd)
	if f := AsFailure(err); err != nil && f.Verdict == GiveUp {
		// Without its history the thread still has to go on, and the agents have to know.
		g.repair.log.Warn("thread cannot be read back", "endpoint", g.adapter.Name(), "error", err)
		err = g.repair.desk.tell(ctx, rd.open.Conversation, Only(g.adapter.Name()),
			"What was written here while the bridge was away could not be read back: "+f.Public+" Please write it again.")
	}
	if err != nil {
		rd.failed = AsFailure(err)
		rd.before = time.Now().Add(rd.failed.After)
		return err
	}
	rd.done = true
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending[t] == rd {
		delete(g.pending, t)
	}
	return nil
}

// catchUp brings what was said, edited and deleted in a thread into the log.
func (g *gap) catchUp(ctx context.Context, rd *reading) error {
	t := rd.open
	since := t.LastAt.Add(-lookBack)
	if since.Before(t.Since) {
		since = t.Since
	}
	if known, err := g.isKnown(ctx, t); err != nil || !known {
		return err
	}
	// What is known is asked first: a line that comes in meanwhile is missing in the history for being newer.
	known, err := g.repair.book.MessagesFrom(ctx, t.Conversation, g.adapter.Name(), since)
	if err != nil {
		return err
	}
	h, err := history(ctx, g.historian, t.Thread, since)
	if err != nil {
		return err
	}
	for _, in := range h.Happen {
		if in.Kind == InSaid && in.At.Before(t.Since) {
			continue
		}
		en, err := g.repair.desk.Accept(ctx, in)
		switch {
		case errors.Is(err, ErrSeen):
		case err != nil:
			return err
		case en.Kind == Said && in.At.Before(rd.end):
			rd.missed++
		}
	}
	if !h.Gone { // of a thread that is gone nothing can be concluded; the next delivery opens another
		if err := g.takeBack(ctx, t, h, known); err != nil {
			return err
		}
	}
	if rd.missed > 0 {
		return g.repair.desk.tellMissed(ctx, t.Conversation, g.adapter.Name(), rd.missed)
	}
	return nil
}

// isKnown reports whether the thread is still its conversation's. errOpening: it is just becoming that, and until then nobody
// can tell whose lines these are.
func (g *gap) isKnown(ctx context.Context, t OpenThread) (bool, error) {
	now, err := g.repair.book.OpenThread(ctx, t.Conversation, g.adapter.Name())
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err == nil && now.Thread == "":
		return false, errOpening
	}
	return now.Thread == t.Thread, err
}

// takeBack logs the deletion of what was known of the thread and the thread no longer has.
func (g *gap) takeBack(ctx context.Context, t OpenThread, h History, known []MessageRef) error {
	covered, err := g.repair.book.MessagesFrom(ctx, t.Conversation, g.adapter.Name(), h.From)
	if err != nil {
		return err
	}
	for _, m := range known {
		if h.Present[m] || !slices.Contains(covered, m) {
			continue
		}
		if stands, err := g.stands(ctx, m); err != nil || stands {
			if err != nil {
				return err
			}
			continue
		}
		err := g.Sink.Receive(ctx, Inbound{
			Endpoint: g.adapter.Name(), Key: string(m) + "/gone", Kind: InDeleted, Thread: t.Thread, Target: m, At: now(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stands asks the platform about a message that its history does not show, if it can be asked.
func (g *gap) stands(ctx context.Context, m MessageRef) (bool, error) {
	w, ok := g.adapter.(Witness)
	if !ok {
		return false, nil
	}
	return stands(ctx, w, m)
}

// tellMissed tells the agents of an endpoint what was carried over late.
func (d *Desk) tellMissed(ctx context.Context, c ConversationID, e EndpointName, n int) error {
	text := fmt.Sprintf("%d messages arrived while the bridge was away and have been passed on now.", n)
	if n == 1 {
		text = "1 message arrived while the bridge was away and has been passed on now."
	}
	return d.tell(ctx, c, Only(e), text)
}

// Tell logs a notice to all agents of a conversation.
func (d *Desk) Tell(ctx context.Context, c ConversationID, text string) error {
	return d.tell(ctx, c, AgentsOnly, text)
}

// TellElsewhere logs a notice to the agents of a conversation, but for those at the endpoint it is about; the same key
// once.
func (d *Desk) TellElsewhere(ctx context.Context, c ConversationID, about Origin, text string) error {
	en := notice(c, AgentsOnly, text)
	en.Origin = about
	return d.put(ctx, en)
}

func (d *Desk) tell(ctx context.Context, c ConversationID, a Audience, text string) error {
	return d.put(ctx, notice(c, a, text))
}

// put logs an entry of ours; one that has been logged before is not logged again.
func (d *Desk) put(ctx context.Context, en Entry) error {
	err := d.ledger.Change(ctx, func(tx Tx) error {
		_, err := tx.Append(en)
		return err
	})
	if errors.Is(err, ErrSeen) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("tell agents: %w", err)
	}
	d.announce([]Entry{en})
	return nil
}
