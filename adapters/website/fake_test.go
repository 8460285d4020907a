package website

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/files"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// memory is a log, a desk and a file store in memory, as strict as the ports' contracts.
type memory struct {
	hub *bridge.Hub

	mu       sync.Mutex
	visitors map[string]bridge.Visitor
	threads  map[bridge.ThreadRef]bridge.ConversationID
	entries  map[bridge.ConversationID][]bridge.Entry
	keys     map[string]bridge.Entry
	seen     map[bridge.ConversationID]int64
	fetched  int64 // the newest entry that a program has
	files    map[bridge.FileID]bridge.StoredFile
	blobs    map[bridge.FileID][]byte
	typing   []bridge.ThreadRef
	invited  []bridge.Link
	held     map[int64]time.Time // until when entries are held back, by seq
	broken   error               // what every reading returns

	greeted, reads, lookUps atomic.Int64
}

func newMemory() *memory {
	return &memory{
		hub:      bridge.NewHub(),
		visitors: map[string]bridge.Visitor{}, threads: map[bridge.ThreadRef]bridge.ConversationID{},
		entries: map[bridge.ConversationID][]bridge.Entry{}, keys: map[string]bridge.Entry{},
		seen:  map[bridge.ConversationID]int64{},
		files: map[bridge.FileID]bridge.StoredFile{}, blobs: map[bridge.FileID][]byte{},
	}
}

func (m *memory) setBroken(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func (m *memory) Accept(_ context.Context, in bridge.Inbound) (bridge.Entry, error) {
	m.mu.Lock()
	if first, ok := m.keys[in.Key]; ok {
		m.mu.Unlock()
		return first, fmt.Errorf("append: %w", bridge.ErrSeen)
	}
	c := m.converse(in.Thread)
	en := m.append(bridge.Entry{
		Conversation: c, Kind: bridge.Said, Audience: bridge.Everyone, At: in.At,
		By:   bridge.Speaker{Kind: bridge.ByVisitor, Name: m.visitors[in.From.ID].Profile.Name},
		Body: in.Body, Files: in.Stored, Origin: bridge.Origin{Endpoint: in.Endpoint, Key: in.Key, Message: in.Message},
	})
	m.keys[in.Key] = en
	m.mu.Unlock()
	m.hub.Publish(c)
	return en, nil
}

// converse opens the thread's conversation when there is none. m.mu is held.
func (m *memory) converse(t bridge.ThreadRef) bridge.ConversationID {
	c, ok := m.threads[t]
	if !ok {
		c = bridge.ConversationID(len(m.threads) + 1)
		m.threads[t] = c
	}
	return c
}

func (m *memory) append(en bridge.Entry) bridge.Entry {
	en.Seq = int64(len(m.entries[en.Conversation]) + 1)
	if en.At.IsZero() {
		en.At = time.Now()
	}
	m.entries[en.Conversation] = append(m.entries[en.Conversation], en)
	return en
}

// add appends an entry that came from elsewhere and gives the hint.
func (m *memory) add(t bridge.ThreadRef, en bridge.Entry) bridge.Entry {
	m.mu.Lock()
	en.Conversation = m.converse(t)
	if en.Audience == "" {
		en.Audience = bridge.Everyone
	}
	en = m.append(en)
	m.mu.Unlock()
	m.hub.Relay(en.Conversation)
	return en
}

// begin puts another conversation, whose numbers go on, in the place of the thread's; what is said there and the hint come
// after. The earlier one gets an entry for agents.
func (m *memory) begin(t bridge.ThreadRef, text string) {
	m.mu.Lock()
	earlier, next := m.threads[t], bridge.ConversationID(1000+len(m.threads))
	for range m.entries[earlier] {
		m.append(bridge.Entry{Conversation: next, Audience: bridge.AgentsOnly})
	}
	m.threads[t] = next
	m.append(bridge.Entry{Conversation: next, Kind: bridge.Said, Audience: bridge.Everyone, Body: rich.Of(text)})
	m.append(bridge.Entry{Conversation: earlier, Kind: bridge.Noted, Audience: bridge.AgentsOnly})
	m.mu.Unlock()
	m.hub.Relay(next)
	m.hub.Relay(earlier)
}

func (m *memory) agentSays(t bridge.ThreadRef, text string) bridge.Entry {
	return m.add(t, bridge.Entry{Kind: bridge.Said, Body: rich.Of(text), By: bridge.Speaker{Kind: bridge.ByAgent, Name: "Ana"}})
}

func (m *memory) Greet(_ context.Context, v bridge.Visitor) (bridge.Visitor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.greeted.Add(1)
	if v.ID = m.visitors[v.Key].ID; v.ID == 0 {
		v.ID = bridge.VisitorID(len(m.visitors) + 1)
	}
	m.visitors[v.Key] = v
	return v, nil
}

func (m *memory) Invite(_ context.Context, l bridge.Link) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invited = append(m.invited, l)
	return fmt.Sprintf("TOKEN%d", len(m.invited)), nil
}

func (m *memory) Rate(_ context.Context, in bridge.Inbound, score int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if score < bridge.MinScore || score > bridge.MaxScore {
		return &bridge.Problem{Code: "bad_score", Public: "A score is from 1 to 5."}
	}
	c, ok := m.threads[in.Thread]
	if !ok {
		return fmt.Errorf("rate: %w", bridge.ErrNotFound)
	}
	if _, seen := m.keys[in.Key]; seen {
		return nil
	}
	m.keys[in.Key] = m.append(bridge.Entry{
		Conversation: c, Kind: bridge.Rated, Audience: bridge.AgentsOnly, At: in.At,
		By:   bridge.Speaker{Kind: bridge.ByVisitor, Name: in.From.Name},
		Body: append(rich.Of(fmt.Sprint(score)), in.Body...),
	})
	return nil
}

func (m *memory) Typing(_ context.Context, _ bridge.EndpointName, t bridge.ThreadRef, _ bridge.Person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.typing = append(m.typing, t)
}

func (m *memory) ConversationAt(_ context.Context, e bridge.EndpointName, t bridge.ThreadRef) (bridge.Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads.Add(1)
	if m.broken != nil {
		return bridge.Conversation{}, m.broken
	}
	c, ok := m.threads[t]
	if !ok {
		return bridge.Conversation{}, bridge.ErrNotFound
	}
	return bridge.Conversation{ID: c, State: bridge.StateUnassigned, Endpoint: e, LastSeq: int64(len(m.entries[c]))}, nil
}

func (m *memory) ThreadOf(_ context.Context, c bridge.ConversationID, _ bridge.EndpointName) (bridge.ThreadRef, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lookUps.Add(1)
	if m.broken != nil {
		return "", m.broken
	}
	for t, id := range m.threads {
		if id == c {
			return t, nil
		}
	}
	return "", bridge.ErrNotFound
}

func (m *memory) Visible(_ context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role, after int64, limit int) ([]bridge.Entry, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads.Add(1)
	if m.broken != nil {
		return nil, 0, m.broken
	}
	var out []bridge.Entry
	for _, en := range m.entries[c][min(int(after), len(m.entries[c])):] {
		if !en.Audience.Includes(e, r) || len(out) == limit {
			continue
		}
		if until, held := m.held[en.Seq]; held && time.Now().Before(until) {
			return out, time.Until(until), nil
		}
		out = append(out, en)
	}
	return out, 0, nil
}

func (m *memory) VisibleBefore(_ context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role, before int64, limit int) ([]bridge.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []bridge.Entry
	for _, en := range m.entries[c][:max(min(int(before)-1, len(m.entries[c])), 0)] {
		if en.Audience.Includes(e, r) {
			out = append(out, en)
		}
	}
	return out[max(len(out)-limit, 0):], m.broken
}

func (m *memory) Fetched(_ context.Context, _ bridge.ConversationID, _ bridge.EndpointName, seq int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetched = max(m.fetched, seq)
	return nil
}

func (m *memory) Seen(_ context.Context, c bridge.ConversationID, _ bridge.EndpointName, seq int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[c] = max(m.seen[c], seq)
	return nil
}

func (m *memory) SeenUpTo(_ context.Context, c bridge.ConversationID, _ bridge.EndpointName) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[c], nil
}

func (m *memory) Visitor(_ context.Context, _ bridge.EndpointName, key string) (bridge.Visitor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.visitors[key]; ok {
		return v, nil
	}
	return bridge.Visitor{}, bridge.ErrNotFound
}

func (m *memory) SaveFile(_ context.Context, f bridge.StoredFile) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[f.ID] = f
	return nil
}

func (m *memory) FileByID(_ context.Context, id bridge.FileID) (bridge.StoredFile, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.files[id]; ok {
		return f, nil
	}
	return bridge.StoredFile{}, bridge.ErrNotFound
}

func (m *memory) Put(_ context.Context, id bridge.FileID, r io.Reader, limit int64) (int64, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return 0, err
	}
	if int64(len(b)) > limit {
		return 0, bridge.ErrTooLarge
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[id] = b
	return int64(len(b)), nil
}

func (m *memory) Get(_ context.Context, id bridge.FileID) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.blobs[id]; ok {
		return io.NopCloser(bytes.NewReader(b)), nil
	}
	return nil, bridge.ErrNotFound
}

func (m *memory) Remove(_ context.Context, id bridge.FileID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, id)
	return nil
}

func (m *memory) OpenFile(ctx context.Context, f bridge.File) (io.ReadCloser, error) {
	return m.Get(ctx, f.ID)
}

// nowhere is a sink for an adapter that only reports. It tells of the first report.
type nowhere struct {
	bridge.Sink
	running chan struct{}
}

func (n nowhere) Report(context.Context, bridge.EndpointName, bridge.Condition) { close(n.running) }

var testSecret = []byte("0123456789abcdef0123456789abcdef")

func testConfig(m *memory) Config {
	return Config{
		Name: "website", PublicURL: "http://desk.example.com", AllowedOrigins: []string{"https://shop.example.com"},
		Secret: testSecret, IdentitySecret: "the host site's secret", MaxFileSize: 1 << 20,
		Settings: Settings{Title: "Example shop"},
		Desk:     m, Log: m, Hub: m.hub, Book: m, Blobs: m, Files: m, Pictures: files.NewThumbnails(m, m, 0),
	}
}

func newTestAdapter(t testing.TB, m *memory, change ...func(*Config)) *Adapter {
	t.Helper()
	c := testConfig(m)
	for _, f := range change {
		f(&c)
	}
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// runAdapter runs a until stop is called, at the latest at the test's end. It returns when a hears of news, and stop when Run
// has.
func runAdapter(t testing.TB, a *Adapter) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	sink, done := nowhere{running: make(chan struct{})}, make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx, sink)
	}()
	<-sink.running
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}
