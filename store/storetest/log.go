package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func testAppend(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	en := bridge.Entry{
		Conversation: c.ID, Kind: bridge.Said, Audience: bridge.Everyone,
		By:     bridge.Speaker{Kind: bridge.ByVisitor, ID: 7, Name: "Ida", Avatar: "https://example.com/ida.png"},
		Origin: bridge.Origin{Endpoint: shop, Key: "k", Message: "m"},
		Target: 3, Body: rich.Of("Where is it?\nhttps://example.com"),
		Files: []bridge.File{{
			ID: "f1", Name: "a.png", Type: "image/png", Size: 12, Width: 3, Height: 4,
			Source: bridge.FileRef{Endpoint: shop, Ref: "r"},
		}},
		State: bridge.StateRobot, At: time.UnixMilli(1_700_000_000_123).UTC(),
	}
	got := f.append(s, en)
	en.Seq = 1
	if diff := cmp.Diff(en, got); diff != "" {
		f.Errorf("appended (-want +got):\n%s", diff)
	}
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	if diff := cmp.Diff([]bridge.Entry{en}, log); diff != "" {
		f.Errorf("log (-want +got):\n%s", diff)
	}
	byKey, err := s.EntryByKey(f.Context(), shop, "k")
	f.must(err)
	if diff := cmp.Diff(en, byKey); diff != "" {
		f.Errorf("by key (-want +got):\n%s", diff)
	}
	_, err = s.EntryByKey(f.Context(), shop, "other")
	f.want(err, bridge.ErrNotFound)
	after, err := s.Conversation(f.Context(), c.ID)
	f.must(err)
	if after.LastSeq != 1 || after.UpdatedAt.Before(c.UpdatedAt) {
		f.Errorf("conversation ends at %d, updated %v, was %v", after.LastSeq, after.UpdatedAt, c.UpdatedAt)
	}
}

func testAppendOnce(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.append(s, said(c.ID, "k"))
	f.want(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.Append(said(c.ID, "k"))
		return err
	}), bridge.ErrSeen)
	// Also when the caller goes on after it, the log has no gap.
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		if _, err := tx.Append(said(c.ID, "k")); !errors.Is(err, bridge.ErrSeen) {
			return fmt.Errorf("error %w, want ErrSeen", err)
		}
		_, err := tx.Append(said(c.ID, "k2"))
		return err
	}))
	elsewhere := said(c.ID, "k")
	elsewhere.Origin.Endpoint = slack // another platform may use the same key
	f.append(s, elsewhere)
	f.append(s, own(c.ID)) // and what is ours has none
	f.append(s, own(c.ID))
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	if got := seqs(log); got != "[1 2 3 4 5]" {
		f.Errorf("log %s", got)
	}
	if head := f.lane(s, c.ID, slack).Head; head != 5 {
		f.Errorf("head %d, want 5", head)
	}
}

func testAppendRefusals(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	en := said(c.ID, "k")
	en.Audience = ""
	if err := s.Change(f.Context(), func(tx bridge.Tx) error { _, err := tx.Append(en); return err }); err == nil {
		f.Error("an entry without an audience was accepted")
	}
	f.want(s.Change(f.Context(), func(tx bridge.Tx) error { _, err := tx.Append(said(c.ID+1, "k")); return err }), bridge.ErrNotFound)
	en = said(c.ID, "k")
	en.Kind = "sung"
	if err := s.Change(f.Context(), func(tx bridge.Tx) error { _, err := tx.Append(en); return err }); err == nil {
		f.Error("an entry of an unknown kind was accepted")
	}
}

func testAppendRaisesHeads(f *fixture) {
	s := f.open()
	c := f.conversation(s, []bridge.Lane{
		{Endpoint: shop, Role: bridge.RoleVisitor, Thread: "t1"},
		{Endpoint: "kiosk", Role: bridge.RoleVisitor, Reads: true, Thread: "t2"},
		{Endpoint: slack, Role: bridge.RoleTeam},
		{Endpoint: discord, Role: bridge.RoleTeam},
		{Endpoint: "robot", Role: bridge.RoleRobot},
	})
	for _, en := range []bridge.Entry{
		{Kind: bridge.Said, Audience: bridge.Everyone, Origin: bridge.Origin{Endpoint: slack, Key: "1"}},
		{Kind: bridge.Noted, Audience: bridge.AgentsOnly, Origin: bridge.Origin{Endpoint: slack, Key: "2"}},
		{Kind: bridge.Changed, Audience: bridge.AgentsOnly, Origin: bridge.Origin{Endpoint: discord, Key: "3"}},
		{Kind: bridge.Said, Audience: bridge.Only(discord)},
	} {
		en.Conversation, en.By.Kind = c.ID, bridge.ByAgent
		before, err := s.Lanes(f.Context(), c.ID)
		f.must(err)
		en = f.append(s, en)
		after, err := s.Lanes(f.Context(), c.ID)
		f.must(err)
		for i, l := range after {
			want := before[i].Head
			if l.Minds(en) {
				want = en.Seq
			}
			if l.Head != want {
				f.Errorf("entry %d: the head at %s is %d, want %d", en.Seq, l.Endpoint, l.Head, want)
			}
		}
	}
}

func testAppendConcurrently(f *fixture) {
	const writers, each = 16, 20
	stores := []appender{f.open(), f.open()}
	c := f.conversation(f.open(), lanes("t1"))
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := stores[w%2].Change(f.Context(), func(tx bridge.Tx) error {
					at, _, err := tx.ConversationByThread(shop, "t1")
					if err != nil {
						return err
					}
					en, err := tx.Append(said(at.ID, fmt.Sprintf("%d.%d", w, i)))
					if err == nil && en.Seq != at.LastSeq+1 {
						err = fmt.Errorf("entry %d follows %d", en.Seq, at.LastSeq)
					}
					return err
				})
				if err != nil {
					f.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := f.open()
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	keys := map[string]int{} // by writer: the next of its lines
	for i, en := range log {
		if en.Seq != int64(i+1) {
			f.Fatalf("entry %d is numbered %d", i+1, en.Seq)
		}
		var w, n int
		fmt.Sscanf(en.Origin.Key, "%d.%d", &w, &n)
		if name := fmt.Sprint(w); keys[name] != n {
			f.Errorf("writer %d: line %d came after %d", w, n, keys[name])
		}
		keys[fmt.Sprint(w)]++
	}
	if len(log) != writers*each {
		f.Errorf("%d entries, want %d", len(log), writers*each)
	}
	if head := f.lane(s, c.ID, slack).Head; head != writers*each {
		f.Errorf("head %d", head)
	}
}

type appender interface {
	Change(ctx context.Context, fn func(bridge.Tx) error) error
}

// testSameEventTwiceAtOnce delivers one event to two instances, as a platform does that saw no acknowledgement.
func testSameEventTwiceAtOnce(f *fixture) {
	stores := []appender{f.open(), f.open(), f.open()}
	f.conversation(f.open(), lanes("t1"))
	for i := range 20 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		accepted := 0
		for _, s := range stores {
			wg.Go(func() {
				err := s.Change(f.Context(), func(tx bridge.Tx) error {
					c, _, err := tx.ConversationByThread(shop, "t1")
					if err != nil {
						return err
					}
					_, err = tx.Append(said(c.ID, fmt.Sprint(i)))
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					accepted++
				case !errors.Is(err, bridge.ErrSeen):
					f.Error(err)
				}
			})
		}
		wg.Wait()
		if accepted != 1 {
			f.Fatalf("event %d was accepted %d times", i, accepted)
		}
	}
}

func testEntryByMessage(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	en := f.append(s, said(c.ID, "k"))
	l := f.claim(s, time.Minute)
	l, err := s.Settle(f.Context(), l, bridge.Settlement{
		Thread:  "card",
		Receipt: &bridge.Receipt{Message: "card", Status: bridge.ReceiptSent},
	})
	f.must(err)
	_, err = s.Settle(f.Context(), l, bridge.Settlement{
		Cursor:  1,
		Receipt: &bridge.Receipt{Seq: en.Seq, Version: en.Seq, Message: "posted", Status: bridge.ReceiptSent},
	})
	f.must(err)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		for _, at := range []struct {
			e bridge.EndpointName
			m bridge.MessageRef
		}{{shop, "m-k"}, {slack, "posted"}} {
			got, err := tx.EntryByMessage(at.e, at.m)
			if err != nil || got.Seq != en.Seq || got.Conversation != c.ID {
				f.Errorf("message %s at %s: entry %d, %v", at.m, at.e, got.Seq, err)
			}
		}
		for _, at := range []struct {
			e bridge.EndpointName
			m bridge.MessageRef
		}{{shop, "posted"}, {slack, "card"}, {slack, ""}, {shop, ""}} {
			_, err := tx.EntryByMessage(at.e, at.m)
			f.want(err, bridge.ErrNotFound)
		}
		return nil
	}))
}

func testLastVersion(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	en := f.append(s, said(c.ID, "k"))
	last := func() (got bridge.Entry, err error) {
		err = s.Change(f.Context(), func(tx bridge.Tx) error {
			got, err = tx.LastVersion(c.ID, en.Seq)
			return err
		})
		return got, err
	}
	_, err := last()
	f.want(err, bridge.ErrNotFound)
	answer := said(c.ID, "answer")
	answer.Target = en.Seq
	f.append(s, answer) // an answer is no version
	_, err = last()
	f.want(err, bridge.ErrNotFound)
	for _, kind := range []bridge.EntryKind{bridge.Edited, bridge.Edited, bridge.Deleted} {
		change := own(c.ID)
		change.Kind, change.Target = kind, en.Seq
		change = f.append(s, change)
		got, err := last()
		f.must(err)
		if got.Seq != change.Seq || got.Kind != kind {
			f.Errorf("last version is %d %s, want %d %s", got.Seq, got.Kind, change.Seq, kind)
		}
	}
}
