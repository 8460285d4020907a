package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
)

func testOpenConversation(f *fixture) {
	s := f.open()
	opened := time.UnixMilli(1_700_000_000_000).UTC()
	var c bridge.Conversation
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, _, err := tx.ConversationByThread(shop, "t1")
		f.want(err, bridge.ErrNotFound)
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "v"})
		if err != nil {
			return err
		}
		c, err = tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateRobot, Endpoint: shop, Visitor: v.ID, OpenedAt: opened,
		}, lanes("t1"))
		if err != nil {
			return err
		}
		en, err := tx.Append(said(c.ID, "k"))
		if en.Seq != 1 {
			f.Errorf("first entry is %d", en.Seq)
		}
		return err
	}))
	got, err := s.ConversationAt(f.Context(), shop, "t1")
	f.must(err)
	want := bridge.Conversation{
		ID: c.ID, Kind: bridge.Guest, State: bridge.StateRobot, Endpoint: shop, Visitor: c.Visitor, LastSeq: 1,
		OpenedAt: opened, UpdatedAt: got.UpdatedAt, WaitingSince: got.WaitingSince,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("conversation (-want +got):\n%s", diff)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		again, role, err := tx.ConversationByThread(shop, "t1")
		if role != bridge.RoleVisitor || again.ID != c.ID {
			f.Errorf("found conversation %d, role %s", again.ID, role)
		}
		return err
	}))
	_, err = s.ConversationAt(f.Context(), slack, "")
	f.want(err, bridge.ErrNotFound) // a lane without a thread is nowhere yet
	f.want(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, State: bridge.StateRobot, Endpoint: shop}, lanes("t1"))
		f.want(err, bridge.ErrConflict)
		return nil // and even so
	}), bridge.ErrConflict)
	_, err = s.Conversation(f.Context(), c.ID+1)
	f.want(err, bridge.ErrNotFound)
}

func testOpenSameThreadAtOnce(f *fixture) {
	stores := []appender{f.open(), f.open(), f.open()}
	for i := range 10 {
		thread := bridge.ThreadRef(fmt.Sprint("t", i))
		var wg sync.WaitGroup
		for w, s := range stores {
			wg.Go(func() {
				for { // as the Desk does: look again when somebody else was first
					err := s.Change(f.Context(), func(tx bridge.Tx) error {
						c, _, err := tx.ConversationByThread(shop, thread)
						if errors.Is(err, bridge.ErrNotFound) {
							c, err = tx.OpenConversation(bridge.Conversation{
								Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop,
							}, lanes(thread))
						}
						if err != nil {
							return err
						}
						_, err = tx.Append(said(c.ID, fmt.Sprintf("%d.%d", i, w)))
						return err
					})
					if errors.Is(err, bridge.ErrConflict) {
						continue
					}
					if err != nil {
						f.Error(err)
					}
					return
				}
			})
		}
		wg.Wait()
	}
	s := f.open()
	for i := range 10 {
		c, err := s.ConversationAt(f.Context(), shop, bridge.ThreadRef(fmt.Sprint("t", i)))
		f.must(err)
		if c.LastSeq != int64(len(stores)) {
			f.Errorf("thread %d: %d entries", i, c.LastSeq)
		}
	}
}

func testUpdateConversation(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		a, err := tx.JoinAgent(slack, bridge.Person{ID: "U1", Name: "Ana"})
		if err != nil {
			return err
		}
		c.State, c.Owner = bridge.StateAssigned, a.ID
		return tx.UpdateConversation(c)
	}))
	got, err := s.Conversation(f.Context(), c.ID)
	f.must(err)
	if got.State != bridge.StateAssigned || got.Owner != c.Owner || got.OwnerName != "Ana" {
		f.Errorf("state %s, owner %d %q", got.State, got.Owner, got.OwnerName)
	}
	c.ID++
	f.want(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.UpdateConversation(c) }), bridge.ErrNotFound)
}

func testRefsAreBytes(f *fixture) {
	s := f.open()
	refs := []bridge.ThreadRef{"a", "A", "\u00e1", "a\u0301", "a ", " a", "10", "010", "1e1", "ß", "ss"}
	seen := map[bridge.ConversationID]bool{}
	for _, r := range refs {
		f.conversation(s, lanes(r))
	}
	for _, r := range refs {
		c, err := s.ConversationAt(f.Context(), shop, r)
		f.must(err)
		seen[c.ID] = true
	}
	if len(seen) != len(refs) {
		f.Errorf("%d threads became %d conversations", len(refs), len(seen))
	}
}
