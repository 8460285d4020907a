package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
	"github.com/skeindesk/skein/bridge"
)

const (
	// channel is where instances tell each other of changed conversations.
	channel = "skein"
	// maxPayload is under PostgreSQL's limit of 8000 bytes for a notification.
	maxPayload = 7900
	// pingEvery is how long a listener's silent link can go unnoticed, besides the guard's limit.
	pingEvery = 30 * time.Second
	// pollEvery is how late a hint can be that was lost on its way.
	pollEvery = time.Second
	// pollOverlap is for how long a transaction may go on after it has written its time into the conversation.
	pollOverlap = 15 * time.Second
)

// Notifier passes hints between the instances on one PostgreSQL database: that a conversation has changed, that an agent is
// writing in it, that a setting has been changed.
//
// NOTIFY is only a hint, sent outside of the transaction that it tells of: inside, a lock that spans the flush to
// disk would let the whole server commit one transaction at a time. What a hint of a change misses, a poll each second finds.
type Notifier struct {
	store    *Store
	instance string

	mu      sync.Mutex
	news    map[hint]struct{} // published here and not yet sent
	hasNews chan struct{}     // capacity 1
	pollNow chan struct{}     // capacity 1
}

// hint is what instances tell each other of a conversation.
type hint struct {
	conversation bridge.ConversationID
	of           topic
}

// topic is what a hint is about. It begins the conversation's number.
type topic string

const (
	ofChange   topic = ""
	ofTyping   topic = "t"
	ofSettings topic = "s" // of conversation 0
)

func (h hint) String() string { return string(h.of) + strconv.FormatInt(int64(h.conversation), 10) }

// Hubs are where hints come from and go to.
type Hubs struct {
	Changed  *bridge.Hub // of conversations that have changed
	Typing   *bridge.Hub // of those in which an agent is writing
	Settings *bridge.Hub // told of conversation 0 when a setting has been changed
}

func (h Hubs) of(t topic) *bridge.Hub {
	switch t {
	case ofTyping:
		return h.Typing
	case ofSettings:
		return h.Settings
	default:
		return h.Changed
	}
}

// NewNotifier returns a Notifier; Run sets it to work.
func NewNotifier(s *Store) *Notifier {
	return &Notifier{
		store: s, instance: rand.Text(), news: map[hint]struct{}{},
		hasNews: make(chan struct{}, 1), pollNow: make(chan struct{}, 1),
	}
}

// Run tells other instances what Publish of the hubs tells here, and tells the hubs' subscribers what other instances have
// told, until ctx ends. A change of our own may be repeated. It returns nil. On SQLite there are no others, and it does
// nothing until then.
func (n *Notifier) Run(ctx context.Context, hubs Hubs) error {
	if n.store.dialect == onSQLite {
		<-ctx.Done()
		return nil
	}
	for _, t := range []topic{ofChange, ofTyping, ofSettings} {
		defer hubs.of(t).SubscribeLocal(func(c bridge.ConversationID) { n.note(hint{c, t}) })()
	}
	listener := pq.NewDialListener(guard{limit: n.store.postgres.limit, idle: true}, n.store.postgres.address.String(),
		100*time.Millisecond, 2*time.Second, n.listening)
	var wg sync.WaitGroup
	wg.Go(func() { n.send(ctx) })
	wg.Go(func() { n.poll(ctx, hubs.Changed) })
	wg.Go(func() { ping(ctx, listener) })
	wg.Go(func() { n.hear(listener, hubs) })
	wg.Go(func() {
		// Waits for the first connection, for as long as that takes; Close ends it.
		if err := listener.Listen(channel); err != nil && ctx.Err() == nil {
			n.store.log.LogAttrs(ctx, slog.LevelWarn, "cannot listen for hints of other instances, polling only",
				slog.Any("error", err))
		}
	})
	<-ctx.Done()
	err := listener.Close() // it was open
	wg.Wait()
	return err
}

// note gathers a local hint. It does not block.
func (n *Notifier) note(h hint) {
	n.mu.Lock()
	n.news[h] = struct{}{}
	n.mu.Unlock()
	signal(n.hasNews)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is signalled already
	}
}

// send tells the other instances. While one notification is on its way, the next one gathers.
func (n *Notifier) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.hasNews:
		}
		n.mu.Lock()
		news := slices.SortedFunc(maps.Keys(n.news), func(a, b hint) int { return cmp.Compare(a.conversation, b.conversation) })
		clear(n.news)
		n.mu.Unlock()
		for _, payload := range payloads(n.instance, news) {
			// A hint need not survive the server, so its commit does not wait for the disk.
			_, err := n.store.read(ctx).exec(`SELECT pg_notify(?, ?), set_config('synchronous_commit', 'off', true)`,
				channel, payload)
			if err != nil {
				if ctx.Err() == nil {
					n.store.log.LogAttrs(ctx, slog.LevelWarn, "a hint to other instances was lost", slog.Any("error", err))
				}
				break
			}
		}
	}
}

// payloads are texts "instance:1,2,t3,s0" of at most maxPayload bytes.
func payloads(instance string, hints []hint) []string {
	var all []string
	var b strings.Builder
	for _, h := range hints {
		text := h.String()
		if b.Len()+1+len(text) > maxPayload {
			all = append(all, b.String())
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString(instance + ":")
		} else {
			b.WriteByte(',')
		}
		b.WriteString(text)
	}
	if b.Len() > 0 {
		all = append(all, b.String())
	}
	return all
}

// hintsOf reads a payload; none when we sent it ourselves. What is not understood is left out: a newer program may say more.
func (n *Notifier) hintsOf(payload string) []hint {
	from, list, ok := strings.Cut(payload, ":")
	if !ok || from == n.instance {
		return nil
	}
	var hints []hint
	for text := range strings.SplitSeq(list, ",") {
		if h, ok := readHint(text); ok {
			hints = append(hints, h)
		}
	}
	return hints
}

func readHint(text string) (h hint, ok bool) {
	for _, t := range []topic{ofTyping, ofSettings, ofChange} {
		if number, is := strings.CutPrefix(text, string(t)); is {
			id, err := strconv.ParseInt(number, 10, 64)
			return hint{bridge.ConversationID(id), t}, err == nil
		}
	}
	return hint{}, false
}

// hear passes on what other instances tell, until the listener is closed.
func (n *Notifier) hear(listener *pq.Listener, hubs Hubs) {
	for msg := range listener.NotificationChannel() {
		if msg == nil { // connected again: look at once for what was told meanwhile
			signal(n.pollNow)
			continue
		}
		for _, h := range n.hintsOf(msg.Extra) {
			hubs.of(h.of).Relay(h.conversation)
		}
	}
}

// listening is told of the listener's connection.
func (n *Notifier) listening(event pq.ListenerEventType, err error) {
	switch event {
	case pq.ListenerEventDisconnected, pq.ListenerEventConnectionAttemptFailed:
		n.store.log.LogAttrs(context.Background(), slog.LevelWarn, "not listening for hints of other instances, polling only",
			slog.Any("error", err))
	case pq.ListenerEventReconnected:
		n.store.log.LogAttrs(context.Background(), slog.LevelInfo, "listening for hints of other instances again")
	case pq.ListenerEventConnected:
	}
}

// ping makes the listener write now and then, which is when a silent link shows. An error is not ours to handle:
// the listener connects again by itself.
func ping(ctx context.Context, listener *pq.Listener) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = listener.Ping()
		}
	}
}

// poll finds what no hint told of. It tells of each change once, and never moves on over a time at which a
// transaction may still be about to commit.
func (n *Notifier) poll(ctx context.Context, hub *bridge.Hub) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var since time.Time
	told := map[bridge.ConversationID]changedRow{}
	for {
		if since.IsZero() {
			since, _ = n.store.now(ctx) // on an error: at the next tick
		} else if rows, err := n.store.changedSince(ctx, since.Add(-pollOverlap)); err == nil {
			for _, r := range rows {
				if told[r.ID] != r {
					hub.Relay(r.ID)
				}
			}
			clear(told)
			for _, r := range rows {
				told[r.ID] = r
				since = moment(r.UpdatedAt)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-n.pollNow:
		}
	}
}

// now is the database's clock.
func (s *Store) now(ctx context.Context) (time.Time, error) {
	var ms int64
	if err := s.read(ctx).get(&ms, `SELECT now_ms()`); err != nil {
		return time.Time{}, wrap("read the clock", err)
	}
	return moment(ms), nil
}
