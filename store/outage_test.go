package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store/pgtest"
)

// TestSilentLink cuts the link to the database without closing it: bytes are swallowed in both directions. No call
// may hang, and everything must work again when the link does.
func TestSilentLink(t *testing.T) {
	t.Parallel()
	direct := postgresDatabase(t)
	link := newLink(t, direct)
	const limit = 8*time.Second + 7*time.Second // the guard's, and what a loaded machine may add: no second attempt
	s := open(t, link.address)
	c := conversation(t, s, "t")
	here, there := listen(t, s), listen(t, open(t, direct))
	connected(t, there, here)

	link.silence(t)
	t.Run("calls", func(t *testing.T) {
		testCallsEnd(t, limit, map[string]func(ctx context.Context) error{
			"change": func(ctx context.Context) error { return change(ctx, s, "t", said(0, "k")) },
			"read":   func(ctx context.Context) error { _, err := s.Log(ctx, c.ID); return err },
			"claim": func(ctx context.Context) error {
				_, err := s.Claim(ctx, []bridge.EndpointName{"slack"}, []bridge.ConversationID{c.ID}, time.Minute, 1)
				return err
			},
		})
	})
	link.restore(t)
	deadline := time.Now().Add(time.Minute)
	for {
		err := change(t.Context(), s, "t", said(0, "after"))
		if err == nil || errors.Is(err, bridge.ErrSeen) { // seen: committed at the moment when the link came back
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the store does not recover: %v", err)
		}
	}
	connected(t, there, here)
	connected(t, here, there)
}

// testCallsEnd checks that each call fails within limit.
func testCallsEnd(t *testing.T, limit time.Duration, calls map[string]func(context.Context) error) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			if err := call(t.Context()); err == nil {
				t.Error("no error over a silent link")
			}
			if took := time.Since(begin); took > limit {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestStopOverSilentLink stops a Notifier whose link is silent; listen's cleanup checks how long it takes.
func TestStopOverSilentLink(t *testing.T) {
	t.Parallel()
	direct := postgresDatabase(t)
	link := newLink(t, direct)
	s := open(t, link.address)
	here, there := listen(t, s), listen(t, open(t, direct))
	connected(t, there, here)
	link.silence(t)
}

// TestBackendsKilled ends every connection from the server's side, as a fail-over does.
func TestBackendsKilled(t *testing.T) {
	t.Parallel()
	address := postgresDatabase(t)
	s := open(t, address)
	c := conversation(t, s, "t")
	here, there := listen(t, s), listen(t, open(t, address))
	connected(t, there, here)
	for range 3 {
		var wg sync.WaitGroup
		for range 20 { // all connections are open and idle
			wg.Go(func() {
				if err := change(t.Context(), s, "t", said(0, rand.Text())); err != nil {
					t.Error(err)
				}
				if _, err := s.Log(t.Context(), c.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := pgtest.Shared(t).KillBackends(t, address); n == 0 {
			t.Fatal("there were no connections to end")
		}
		if err := s.Pause(t.Context(), "slack", 0); err != nil {
			t.Errorf("a single statement on connections that had gone: %v", err)
		}
		if err := change(t.Context(), s, "t", said(0, rand.Text())); err != nil {
			t.Errorf("a change on connections that had gone: %v", err)
		}
		if _, err := s.Log(t.Context(), c.ID); err != nil {
			t.Errorf("a read on connections that had gone: %v", err)
		}
	}
	connected(t, there, here)
}

// link is a network link that can go silent.
type link struct {
	address string
	proxy   *toxiproxy.Proxy
}

func newLink(t *testing.T, direct string) *link {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "database", "127.0.0.1:0", u.Host)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	u.Host = proxy.Listen
	return &link{address: u.String(), proxy: proxy}
}

func (l *link) silence(t *testing.T) {
	t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		_, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(
			`{"name": "` + stream + `", "type": "timeout", "stream": "` + stream + `", "attributes": {"timeout": 0}}`))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (l *link) restore(t *testing.T) {
	t.Helper()
	l.proxy.Toxics.ResetToxics(context.WithoutCancel(t.Context()))
}
