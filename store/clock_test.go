package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// TestFakeTime proves that leases and due times follow a test's fake clock, to the millisecond.
func TestFakeTime(t *testing.T) {
	address := sqliteDatabase(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := open(t, address)
		c := conversation(t, s, "t1")
		begin := time.Now()
		if err := s.Change(ctx, func(tx bridge.Tx) error { _, err := tx.Append(said(c.ID, "k")); return err }); err != nil {
			t.Fatal(err)
		}
		claim := func() (bridge.Lane, bool) {
			t.Helper()
			got, err := s.Claim(ctx, []bridge.EndpointName{"slack"}, nil, time.Minute, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				return bridge.Lane{}, false
			}
			return got[0], true
		}
		// freeAt checks that the lane cannot be claimed until exactly then.
		freeAt := func(then time.Time) (l bridge.Lane) {
			t.Helper()
			time.Sleep(time.Until(then) - time.Millisecond)
			if _, ok := claim(); ok {
				t.Fatalf("claimed a millisecond too early")
			}
			time.Sleep(time.Millisecond)
			l, ok := claim()
			if !ok {
				t.Fatalf("not claimed in time")
			}
			return l
		}
		l, ok := claim()
		if !ok || !l.NextAt.Equal(begin) || !l.LeaseUntil.Equal(begin.Add(time.Minute)) {
			t.Fatalf("claimed %+v, %v at %v", l, ok, begin)
		}
		l = freeAt(l.LeaseUntil)
		if err := s.Extend(ctx, l, time.Hour); err != nil {
			t.Fatal(err)
		}
		l = freeAt(time.Now().Add(time.Hour))
		if err := s.Defer(ctx, l, 90*time.Second, true); err != nil {
			t.Fatal(err)
		}
		l = freeAt(time.Now().Add(90 * time.Second))
		if l.Attempt != 1 {
			t.Errorf("attempt %d", l.Attempt)
		}
		if err := s.Defer(ctx, l, 0, false); err != nil {
			t.Fatal(err)
		}
		if err := s.Pause(ctx, "slack", 30*time.Second); err != nil {
			t.Fatal(err)
		}
		freeAt(time.Now().Add(30 * time.Second))
		if held, err := s.Hold(ctx, "slack", "a", time.Minute); err != nil || !held {
			t.Fatal(held, err)
		}
		time.Sleep(time.Minute - time.Millisecond)
		if held, err := s.Hold(ctx, "slack", "b", time.Minute); err != nil || held {
			t.Fatal("held a millisecond too early", err)
		}
		time.Sleep(time.Millisecond)
		if held, err := s.Hold(ctx, "slack", "b", time.Minute); err != nil || !held {
			t.Fatal("not held in time", err)
		}
	})
}

func open(t testing.TB, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func conversation(t testing.TB, s *store.Store, thread bridge.ThreadRef) (c bridge.Conversation) {
	t.Helper()
	err := s.Change(t.Context(), func(tx bridge.Tx) (err error) {
		c, err = tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: "shop",
		}, []bridge.Lane{
			{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Thread: thread},
			{Endpoint: "slack", Role: bridge.RoleTeam},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
