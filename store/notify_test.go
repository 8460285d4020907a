package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// ears is a hub with a Notifier at work, and what its subscribers have heard.
type ears struct {
	hub   *bridge.Hub
	heard chan bridge.ConversationID
}

func listen(t *testing.T, s *store.Store) *ears {
	e := &ears{hub: bridge.NewHub(), heard: make(chan bridge.ConversationID, 100_000)}
	e.hub.Subscribe(func(c bridge.ConversationID) { e.heard <- c })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- store.NewNotifier(s).Run(ctx, e.hub) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("notifier: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the notifier does not stop")
		}
	})
	return e
}

// wait waits until the subscribers have heard of c.
func (e *ears) wait(t *testing.T, c bridge.ConversationID, within time.Duration) {
	t.Helper()
	deadline := time.After(within)
	for {
		select {
		case got := <-e.heard:
			if got == c {
				return
			}
		case <-deadline:
			t.Fatalf("conversation %d not heard of within %v", c, within)
		}
	}
}

// connected waits until b hears a's hints: the ids are of no conversation, so that the poll cannot tell of them.
func connected(t *testing.T, a, b *ears) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for n := bridge.ConversationID(1_000_000); time.Now().Before(deadline); n++ {
		a.hub.Publish(n)
		select {
		case got := <-b.heard:
			if got >= 1_000_000 {
				return
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("the instances do not hear each other")
}

func TestNotifier(t *testing.T) {
	t.Parallel()
	address := postgresDatabase(t)
	sa, sb := open(t, address), open(t, address)
	a, b := listen(t, sa), listen(t, sb)
	connected(t, a, b)
	connected(t, b, a)

	// Many at once are told of in several notifications, and none is missing.
	const many = 3000
	for c := range bridge.ConversationID(many) {
		a.hub.Publish(5_000_000_000_000 + c)
	}
	b.wait(t, 5_000_000_000_000+many-1, 5*time.Second)
	own := map[bridge.ConversationID]int{}
	for len(a.heard) > 0 {
		own[<-a.heard]++
	}
	for c, n := range own {
		if n > 1 {
			t.Fatalf("conversation %d was told of here and came back from the others", c)
		}
	}

	// What nobody told of is found by looking.
	c := conversation(t, sb, "quiet")
	a.wait(t, c.ID, 5*time.Second)
	if err := accept(t.Context(), sb, "quiet", "k"); err != nil {
		t.Fatal(err)
	}
	a.wait(t, c.ID, 5*time.Second)
}

func TestNotifierOnSQLite(t *testing.T) {
	e := listen(t, open(t, sqliteDatabase(t)))
	e.hub.Publish(1)
	e.wait(t, 1, time.Second)
}

func TestPayloads(t *testing.T) {
	var ids []bridge.ConversationID
	for i := range 5000 {
		ids = append(ids, bridge.ConversationID(1<<62+i))
	}
	var read []bridge.ConversationID
	for _, p := range store.Payloads("me", ids) {
		if len(p) >= 8000 {
			t.Errorf("a payload has %d bytes", len(p))
		}
		read = append(read, store.ConversationsOf("other", p)...)
		if mine := store.ConversationsOf("me", p); mine != nil {
			t.Errorf("an own payload tells of %d conversations", len(mine))
		}
	}
	if fmt.Sprint(read) != fmt.Sprint(ids) {
		t.Errorf("%d of %d conversations arrived", len(read), len(ids))
	}
	if got := store.Payloads("me", nil); got != nil {
		t.Errorf("payloads of nothing: %v", got)
	}
	for _, strange := range []string{"", "1,2", ":", "other:", "other:x," + strings.Repeat("9", 30)} {
		if got := store.ConversationsOf("me", strange); got != nil {
			t.Errorf("payload %q tells of %v", strange, got)
		}
	}
}
