package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// What is said while a place is being joined to the conversation, and has to wait for that, is said there as well: also
// where the statement had looked for lanes before it began to wait. Only PostgreSQL lets changes wait for each other so.
func TestWhatWaitsForAJoinGoesThereToo(t *testing.T) {
	t.Parallel()
	address := postgresDatabase(t)
	s := open(t, address)
	server, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for name, write := range map[string]func(ctx context.Context, thread bridge.ThreadRef, en bridge.Entry) error{
		"short": func(ctx context.Context, thread bridge.ThreadRef, en bridge.Entry) error {
			if _, _, err := s.Say(ctx, thread, en, bridge.Claimant{}); err == nil {
				return nil
			}
			return change(ctx, s, thread, en) // as the Desk does
		},
		"by thread": func(ctx context.Context, thread bridge.ThreadRef, en bridge.Entry) error {
			return change(ctx, s, thread, en)
		},
		"by conversation": func(ctx context.Context, _ bridge.ThreadRef, en bridge.Entry) error {
			return s.Change(ctx, func(tx bridge.Tx) error { _, err := tx.Append(en); return err })
		},
	} {
		t.Run(name, func(t *testing.T) { waitForJoin(t, s, server, bridge.ThreadRef(name), false, write) })
		t.Run(name+" again", func(t *testing.T) { waitForJoin(t, s, server, bridge.ThreadRef(name+" again"), true, write) })
	}
}

// change is the long way to say something in a thread.
func change(ctx context.Context, s *store.Store, thread bridge.ThreadRef, en bridge.Entry) error {
	return s.Change(ctx, func(tx bridge.Tx) error {
		c, _, err := tx.ConversationByThread("shop", thread)
		if err != nil {
			return err
		}
		en.Conversation = c.ID
		_, err = tx.Append(en)
		return err
	})
}

// waitForJoin writes while the bot's chat is joined to a conversation, which it has been before and has left if again.
func waitForJoin(t *testing.T, s *store.Store, server *sql.DB, thread bridge.ThreadRef, again bool,
	write func(context.Context, bridge.ThreadRef, bridge.Entry) error,
) {
	c := conversation(t, s, thread)
	join := func(tx bridge.Tx) error { _, _, err := tx.JoinThread(c.ID, "bot", "chat "+thread); return err }
	leave := func(tx bridge.Tx) error { _, err := tx.LeaveThread("bot", "chat "+thread); return err }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if again {
		must(s.Change(t.Context(), join))
		must(s.Change(t.Context(), leave))
	}
	en := said(c.ID, fmt.Sprint("key ", thread))
	written := make(chan error, 1)
	must(s.Change(t.Context(), func(tx bridge.Tx) error {
		if err := join(tx); err != nil {
			return err
		}
		go func() { written <- write(t.Context(), thread, en) }()
		for n := 0; n == 0; time.Sleep(time.Millisecond) {
			err := server.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(<-written)
	lanes, err := s.Claim(t.Context(), []bridge.EndpointName{"bot"}, []bridge.ConversationID{c.ID}, time.Minute, 1)
	must(err)
	if len(lanes) != 1 {
		t.Fatal("the place that was joined has nothing to send")
	}
	if w, ok, err := s.Next(t.Context(), lanes[0]); err != nil || !ok || w.Entry.Origin.Key != en.Origin.Key {
		t.Errorf("the place that was joined is to send %+v, %v, %v", w.Entry, ok, err)
	}
}
