package store_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// ears is a hub with a Notifier at work, and what its subscribers have heard.
type ears struct {
	hub      *bridge.Hub
	typing   *bridge.Hub
	settings *bridge.Hub
	heard    chan bridge.ConversationID
}

func listen(t *testing.T, s *store.Store) *ears {
	e := &ears{hub: bridge.NewHub(), typing: bridge.NewHub(), settings: bridge.NewHub(), heard: make(chan bridge.ConversationID, 100_000)}
	e.hub.Subscribe(func(c bridge.ConversationID) { e.heard <- c })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- store.NewNotifier(s).Run(ctx, store.Hubs{Changed: e.hub, Typing: e.typing, Settings: e.settings})
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("notifier: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the notifier does not stop")
		}
	})
	return e
}

// wait waits until the subscribers have heard of c.
func (e *ears) wait(t *testing.T, c bridge.ConversationID) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case got := <-e.heard:
			if got == c {
				return
			}
		case <-deadline:
			t.Fatalf("conversation %d not heard of within a minute", c)
		}
	}
}

// hinted counts the ids that connected has told of: of no conversation, so that the poll cannot tell of them.
var hinted atomic.Int64

// connected waits until b hears a's hints: new ones, since b has heard its own as well, and may hear a's older ones only now.
func connected(t *testing.T, a, b *ears) {
	t.Helper()
	next := func() bridge.ConversationID { return bridge.ConversationID(1_000_000 + hinted.Add(1)) }
	first := next()
	a.hub.Publish(first)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		select {
		case got := <-b.heard:
			if got >= first {
				return
			}
		case <-time.After(20 * time.Millisecond):
			a.hub.Publish(next())
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
	b.wait(t, 5_000_000_000_000+many-1)
	own := map[bridge.ConversationID]int{}
	for len(a.heard) > 0 {
		own[<-a.heard]++
	}
	for c, n := range own {
		if n > 1 {
			t.Fatalf("conversation %d was told of here and came back from the others", c)
		}
	}

	// That an agent is writing is heard apart from what has changed, by all instances, and once by its own.
	writing := make(chan bridge.ConversationID, 10)
	a.typing.Subscribe(func(c bridge.ConversationID) { writing <- c })
	b.typing.Subscribe(func(c bridge.ConversationID) { writing <- c })
	a.typing.Publish(2_000_000)
	b.typing.Publish(2_000_001)
	heard := map[bridge.ConversationID]int{}
	for deadline := time.After(time.Minute); heard[2_000_000]+heard[2_000_001] < 4; {
		select {
		case c := <-writing:
			heard[c]++
		case <-deadline:
			t.Fatalf("of what is being written was heard %v", heard)
		}
	}
	if heard[2_000_000] != 2 {
		t.Errorf("of what is being written was heard %v", heard)
	}
	for _, e := range []*ears{a, b} {
		for len(e.heard) > 0 {
			if c := <-e.heard; c == 2_000_000 || c == 2_000_001 {
				t.Errorf("conversation %d counts as changed", c)
			}
		}
	}

	// That something was set is heard apart from both.
	set := make(chan bridge.ConversationID, 10)
	b.settings.Subscribe(func(c bridge.ConversationID) { set <- c })
	a.settings.Publish(0)
	select {
	case <-set:
	case <-time.After(time.Minute):
		t.Error("nobody heard that something was set")
	}

	// What nobody told of is found by looking.
	c := conversation(t, sb, "quiet")
	a.wait(t, c.ID)
	if err := accept(t.Context(), sb, "quiet", "k"); err != nil {
		t.Fatal(err)
	}
	a.wait(t, c.ID)
}

func TestNotifierOnSQLite(t *testing.T) {
	e := listen(t, open(t, sqliteDatabase(t)))
	e.hub.Publish(1)
	e.wait(t, 1)
}

func TestPayloads(t *testing.T) {
	var hints []store.Hint
	for i := range 5000 {
		hints = append(hints, store.NewHint(bridge.ConversationID(1<<62+i), i))
	}
	var read []store.Hint
	for _, p := range store.Payloads("me", hints) {
		if len(p) >= 8000 {
			t.Errorf("a payload has %d bytes", len(p))
		}
		read = append(read, store.HintsOf("other", p)...)
		if mine := store.HintsOf("me", p); mine != nil {
			t.Errorf("an own payload tells of %d conversations", len(mine))
		}
	}
	if !slices.Equal(read, hints) {
		t.Errorf("%d of %d conversations arrived", len(read), len(hints))
	}
	if got := store.Payloads("me", nil); got != nil {
		t.Errorf("payloads of nothing: %v", got)
	}
	for _, strange := range []string{"", "1,2", ":", "other:", "other:x,t,tt1,t-,st1,s," + strings.Repeat("9", 30)} {
		if got := store.HintsOf("me", strange); got != nil {
			t.Errorf("payload %q tells of %v", strange, got)
		}
	}
}
