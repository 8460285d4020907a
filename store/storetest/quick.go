package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// change runs fn in a transaction.
func (f *fixture) change(s *store.Store, fn func(tx bridge.Tx)) {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		fn(tx)
		return nil
	}))
}

func testQuickReplies(f *fixture) {
	s := f.open()
	before, err := s.QuickState(f.Context())
	f.must(err)
	refund := quickreply.Reply{
		Shortcut: "Rück-Gabe", Title: "Refund \x00policy", Body: rich.Of("Money back."), Language: "en", Tags: []string{"money", "gift card"},
		Variants: map[string]rich.Doc{"de": rich.Of("Geld zurück.")}, Files: []quickreply.File{{ID: "F1", Name: "a.pdf", Type: "application/pdf", Size: 3}},
	}
	f.change(s, func(tx bridge.Tx) {
		var err error
		refund, err = tx.SaveQuickReply(refund)
		f.must(err)
		own, err := tx.SaveQuickReply(quickreply.Reply{Shortcut: "rueck", Body: rich.Of("Mine"), Owner: 7})
		f.must(err)
		own.Shortcut = "ruck_gabe" // another owner's is no obstacle
		_, err = tx.SaveQuickReply(own)
		f.must(err)
		_, err = tx.SaveQuickReply(quickreply.Reply{Shortcut: "RUCK gabe", Body: rich.Of("Again")})
		f.want(err, bridge.ErrConflict)
		_, err = tx.SaveQuickReply(quickreply.Reply{ID: 99, Shortcut: "new", Body: rich.Of("x")})
		f.want(err, bridge.ErrNotFound)
	})
	refund.Title = "Refund policy"
	f.change(s, func(tx bridge.Tx) {
		got, err := tx.QuickReplyByShortcut("rück gabe", 0)
		f.must(err)
		if diff := cmp.Diff(refund, got); diff != "" {
			f.Errorf("read back, the difference is\n%s", diff)
		}
		mine, err := tx.QuickReplyByShortcut("rück gabe", 7)
		if f.must(err); mine.Owner != 7 {
			f.Errorf("the owner's own is %+v", mine)
		}
		_, err = tx.QuickReplyByShortcut("rück gabe", 8)
		f.want(err, bridge.ErrNotFound)
		got.Title, got.Uses = "Policy", 40
		_, err = tx.SaveQuickReply(got)
		f.must(err)
		f.must(tx.UseQuickReply(got.ID))
		f.must(tx.UseQuickReply(got.ID))
	})
	all, state, err := s.QuickReplies(f.Context())
	f.must(err)
	if len(all) != 2 || all[0].Title != "Policy" || all[0].Uses != 2 || all[0].LastUsed.IsZero() || !all[1].LastUsed.IsZero() {
		f.Errorf("all are %+v", all)
	}
	if state.Version <= before.Version || !state.LastUsed.Equal(all[0].LastUsed) {
		f.Errorf("state %+v, before it was %+v", state, before)
	}
	conv := f.conversation(s, lanes("t1")).ID
	f.change(s, func(tx bridge.Tx) {
		f.must(tx.UseQuickReply(refund.ID))
		f.must(tx.QuickSent(conv, 3, []int64{refund.ID, 99}))
		f.must(tx.QuickAmended(conv, 2))
		f.must(tx.QuickAmended(conv, 3))
		f.must(tx.QuickAmended(conv, 3)) // changed again: it is one line
		if got, err := tx.QuickReply(refund.ID); err != nil || got.Amended != 1 {
			f.Errorf("its line was changed, and it says %+v, %v", got, err)
		}
	})
	if used, err := s.QuickState(f.Context()); err != nil || used.Version != state.Version {
		f.Errorf("a use makes everybody read them again: %+v, %v", used, err)
	}
	f.change(s, func(tx bridge.Tx) {
		f.must(tx.RemoveQuickReply(refund.ID))
		_, err := tx.QuickReply(refund.ID)
		f.want(err, bridge.ErrNotFound)
	})
	if removed, err := s.QuickState(f.Context()); err != nil || removed.Version <= state.Version {
		f.Errorf("nobody sees that one was removed: %+v, %v", removed, err)
	}
}

func testInheritQuickReplies(f *fixture) {
	s := f.open()
	f.change(s, func(tx bridge.Tx) {
		for _, r := range []quickreply.Reply{{Shortcut: "a", Owner: 7}, {Shortcut: "b", Owner: 7}, {Shortcut: "B", Owner: 8}, {Shortcut: "c"}} {
			_, err := tx.SaveQuickReply(r)
			f.must(err)
		}
		f.must(tx.InheritQuickReplies(7, 8))
	})
	all, _, err := s.QuickReplies(f.Context())
	f.must(err)
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprint(r.Shortcut, r.Owner))
	}
	if !slices.Equal(got, []string{"a8", "b7", "B8", "c0"}) {
		f.Errorf("then they are %v", got)
	}
}

func testQuickAtOnce(f *fixture) {
	s := f.open()
	f.change(s, func(tx bridge.Tx) {
		ana, err := tx.JoinAgent(slack, bridge.Person{ID: "U1", Name: "Ana"})
		f.must(err)
		for _, on := range []bool{false, true, true, false} {
			f.must(tx.SetQuickAtOnce(ana.ID, on))
			got, err := tx.QuickAtOnce(ana.ID)
			f.must(err)
			if other, _ := tx.QuickAtOnce(ana.ID + 1); got != on || other {
				f.Errorf("set %v, it is %v, and for others %v", on, got, other)
			}
		}
	})
}

// Of many that want the same shortcut at once one has it, and nobody's transaction is lost.
func testQuickRepliesAtOnce(f *fixture) {
	a, b := f.open(), f.open()
	var mu sync.Mutex
	var saved []string
	var all sync.WaitGroup
	for i := range 20 {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			err := s.Change(f.Context(), func(tx bridge.Tx) error {
				_, err := tx.SaveQuickReply(quickreply.Reply{Shortcut: "same", Title: fmt.Sprint(i), Body: rich.Of("x")})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				saved = append(saved, fmt.Sprint(i))
			} else {
				f.want(err, bridge.ErrConflict)
			}
		})
	}
	all.Wait()
	got, _, err := b.QuickReplies(f.Context())
	f.must(err)
	if len(got) != 1 || !slices.Equal(saved, []string{got[0].Title}) {
		f.Errorf("saved %v, there are %+v", saved, got)
	}
}

// A file of a quick reply stays, whatever becomes of the line that it was made of.
func testKeptFiles(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	en := said(c.ID, "k1")
	en.Files = []bridge.File{{ID: "LINE", Name: "a.txt"}}
	en = f.append(s, en)
	f.change(s, func(tx bridge.Tx) {
		f.must(tx.KeepFile(bridge.File{ID: "KEPT", Name: "a.txt", Source: bridge.FileRef{Ref: "LINE"}}, c.ID))
	})
	elsewhere, err := s.FilesElsewhere(f.Context(), time.Time{}, 10)
	f.must(err)
	if !slices.ContainsFunc(elsewhere, func(file bridge.File) bool { return file.ID == "KEPT" && file.Source.Ref == "LINE" }) {
		f.Errorf("to be copied are %+v", elsewhere)
	}
	f.must(s.SaveFile(f.Context(), bridge.StoredFile{File: bridge.File{ID: "KEPT"}, Here: true}))
	deleted := en
	deleted.Kind, deleted.Target, deleted.Origin, deleted.Files = bridge.Deleted, en.Seq, bridge.Origin{Endpoint: shop, Key: "k2"}, nil
	f.append(s, deleted)
	ids, err := s.DisposeFiles(f.Context(), -time.Hour, 10)
	f.must(err)
	if slices.Contains(ids, "KEPT") {
		f.Error("the kept file is disposed of")
	}
	if kept, err := s.FileByID(f.Context(), "KEPT"); err != nil || kept.Withdrawn || !kept.Here {
		f.Errorf("the kept file is %+v, %v", kept, err)
	}
	if line, err := s.FileByID(f.Context(), "LINE"); err != nil || !line.Withdrawn {
		f.Errorf("the line's file is %+v, %v", line, err)
	}
}
