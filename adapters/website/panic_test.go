package website

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// poisoned is a log on one of whose conversations the code panics.
type poisoned struct {
	*memory
	thread bridge.ThreadRef
}

func (p poisoned) Visible(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role, after int64, limit int) ([]bridge.Entry, time.Duration, error) {
	if t, _ := p.memory.ThreadOf(ctx, c, e); t == p.thread {
		panic("what somebody wrote")
	}
	return p.memory.Visible(ctx, c, e, r, after, limit)
}

func (p poisoned) ThreadOf(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (bridge.ThreadRef, error) {
	t, err := p.memory.ThreadOf(ctx, c, e)
	if t == "stranger" {
		panic("what somebody wrote")
	}
	return t, err
}

// logPage is what several goroutines have logged.
type logPage struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *logPage) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *logPage) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func TestAPanicCostsOneVisitorTheirStream(t *testing.T) {
	m := newMemory()
	var log logPage
	a, url, _ := serve(t, m, func(c *Config) {
		c.Log = poisoned{memory: m, thread: "victim"}
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	healthy := listen(t, url, a.newToken(visitor{Key: "other"}, time.Now()), 0)
	await(t, "the stream is open", func() bool { return a.streams.count() == 1 })
	m.agentSays("stranger", "nobody listens")
	for range 2 { // again after coming back
		l := listen(t, url, a.newToken(visitor{Key: "victim"}, time.Now()), 0)
		m.agentSays("victim", "poison")
		if kind, _, _, err := l.next(); !errors.Is(err, io.EOF) {
			t.Errorf("the stream goes on with %q, %v", kind, err)
		}
	}
	m.agentSays("other", "hello")
	if e := healthy.entry(); e.Text != "hello" {
		t.Errorf("the other visitor is told %+v", e)
	}
	await(t, "the panics are logged", func() bool { return strings.Count(log.String(), "level=ERROR") >= 3 })
	if text := log.String(); !strings.Contains(text, "panic_test.go") || strings.Contains(text, "somebody") {
		t.Errorf("the log says\n%s", text)
	}
}
