package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// secret is in all that is to be gone after a visitor is erased.
const secret = "xylophone"

// full opens a conversation of a visitor with everything that can be known of one, and closes it unless it is to stay open.
func (f *fixture) full(s *store.Store, name string, open bool) bridge.Conversation {
	f.Helper()
	c := f.conversation(s, lanes(bridge.ThreadRef(name)))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.EditVisitor(c.Visitor, func(v *bridge.Visitor) {
			v.Profile = bridge.Profile{Name: secret, Email: secret + "@example.com", Phone: secret, Attributes: map[string]string{"plan": secret}}
			v.Locale, v.Device, v.Network, v.Verified, v.Edited = "de-AT", secret, secret, true, map[string]string{"name": secret}
			v.Page = bridge.Page{URL: "https://shop.example/" + secret, Title: secret}
		})
		if err != nil {
			return err
		}
		line := said(c.ID, name+secret)
		line.By.Name, line.By.Avatar, line.Body, line.At = secret, secret, rich.Of(secret), time.Now()
		line.Files = []bridge.File{{ID: bridge.FileID("F" + name), Name: secret, Source: bridge.FileRef{Endpoint: shop, Ref: secret}}}
		if line, err = tx.Append(line); err != nil {
			return err
		}
		edit := own(c.ID)
		edit.Kind, edit.Target, edit.Body, edit.Files = bridge.Edited, line.Seq, rich.Of("no "+secret), line.Files
		reply := own(c.ID)
		reply.By, reply.Body = bridge.Speaker{Kind: bridge.ByAgent, ID: 7, Name: "Ana"}, rich.Of("Dear "+secret)
		note := own(c.ID)
		note.Kind, note.Audience, note.Body, note.Offers = bridge.Noted, bridge.AgentsOnly, rich.Of(secret), []bridge.Offer{{Word: "retry", Rest: secret, Label: secret}}
		rated := own(c.ID)
		rated.Kind, rated.Audience, rated.Body = bridge.Rated, bridge.AgentsOnly, rich.Of(secret)
		for _, en := range []bridge.Entry{edit, reply, note, rated} {
			if _, err := tx.Append(en); err != nil {
				return err
			}
		}
		if err := tx.SaveRating(c.ID, 4); err != nil {
			return err
		}
		if err := tx.KeepFile(bridge.File{ID: bridge.FileID("K" + name), Name: "kept", Source: bridge.FileRef{Ref: "F" + name}}, c.ID); err != nil {
			return err
		}
		return tx.SaveReceipt(c.ID, slack, bridge.Receipt{
			Seq: line.Seq, Message: bridge.MessageRef(secret + name), Status: bridge.ReceiptFailed, Public: secret,
		})
	}))
	f.must(s.Fetched(f.Context(), c.ID, shop, 3))
	if !open {
		f.close(s, c)
	}
	return c
}

func (f *fixture) close(s *store.Store, c bridge.Conversation) {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		c, err := tx.Conversation(c.ID)
		if err != nil {
			return err
		}
		c.State, c.Tags = bridge.StateClosed, []string{secret}
		if err := tx.UpdateConversation(c); err != nil {
			return err
		}
		en := own(c.ID)
		en.Kind, en.State, en.Body = bridge.Changed, bridge.StateClosed, nil
		_, err = tx.Append(en)
		return err
	}))
}

// eraseAll erases what has not been used since a moment, and returns how many visitors that were.
func (f *fixture) eraseAll(s *store.Store, before time.Time) (erased int) {
	f.Helper()
	for {
		n, more, err := s.EraseIdle(f.Context(), before, 2)
		f.must(err)
		if erased += n; !more {
			return erased
		}
	}
}

// erased reports whether a visitor's conversation was, and fails the test where it is so only in part.
func (f *fixture) erased(s *store.Store, name string, c bridge.Conversation) bool {
	f.Helper()
	var got bridge.Conversation
	var said string
	f.change(s, func(tx bridge.Tx) {
		var err error
		got, err = tx.Conversation(c.ID)
		f.must(err)
		for seq := int64(1); seq <= got.LastSeq; seq++ {
			en, _, err := tx.EntryAt(c.ID, seq)
			f.must(err)
			said += fmt.Sprintf("%+v", en)
		}
	})
	v, err := s.VisitorByID(f.Context(), c.Visitor)
	f.must(err)
	_, err = s.ConversationAt(f.Context(), shop, bridge.ThreadRef(name))
	file, fileErr := s.FileByID(f.Context(), bridge.FileID("F"+name))
	f.must(fileErr)
	signs := map[string]bool{
		"marked": !got.ErasedAt.IsZero(), "said": !strings.Contains(said, secret), "known": !strings.Contains(fmt.Sprintf("%+v", v), secret),
		"tagged": len(got.Tags) == 0 && got.State == bridge.StateClosed, "out of reach": errors.Is(err, bridge.ErrNotFound), "files": file.Withdrawn && file.Name == "",
	}
	for what, is := range signs {
		if is != signs["marked"] {
			f.Errorf("%s: marked as erased %v, but not so: %s", name, signs["marked"], what)
		}
	}
	return signs["marked"]
}

// testEraseIdle: what has been closed for long is erased, whole; of a visitor who has anything open or was here lately nothing
// is. Searches forget it, reports do not.
func testEraseIdle(f *fixture) {
	s := f.open()
	split := []bridge.Conversation{f.full(s, "split", false), f.full(s, "divided", false)} // the oldest
	old, again, openNow := f.full(s, "old", false), f.full(s, "again", false), f.full(s, "open", true)
	moved, blocked := f.full(s, "moved", false), f.full(s, "blocked", false)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { // they go on in another visitor's conversation
		c, err := tx.Conversation(moved.ID)
		if err != nil {
			return err
		}
		c.Joined = again.ID
		if err := tx.UpdateConversation(c); err != nil {
			return err
		}
		for _, c := range split { // another conversation of theirs goes on elsewhere
			later, err := tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, State: bridge.StateClosed, Endpoint: shop, Visitor: c.Visitor}, []bridge.Lane{{Endpoint: slack, Role: bridge.RoleTeam}})
			if err != nil {
				return err
			}
			later.Joined = openNow.ID
			if err := tx.UpdateConversation(later); err != nil {
				return err
			}
		}
		return nil
	}))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.EditVisitor(blocked.Visitor, func(v *bridge.Visitor) { v.Blocked = true })
		return err
	}))
	f.digest(s)
	query := bridge.ReportQuery{From: time.Now().AddDate(0, 0, -2), To: time.Now().AddDate(0, 0, 2)}
	before, err := s.Report(f.Context(), query)
	f.must(err)
	time.Sleep(20 * time.Millisecond)
	boundary := time.Now()
	time.Sleep(20 * time.Millisecond)
	late := f.full(s, "late", false)
	f.append(s, own(again.ID)) // nothing but a line of ours, and yet it was used
	if n := f.eraseAll(s, time.Now().Add(-time.Hour)); n != 0 {
		f.Errorf("%d visitors of the last hour were erased", n)
	}
	f.eraseAll(s, boundary)
	for name, c := range map[string]bridge.Conversation{"old": old, "again": again, "open": openNow, "moved": moved, "blocked": blocked, "late": late, "split": split[0], "divided": split[1]} {
		if got, want := f.erased(s, name, c), name == "old" || name == "blocked"; got != want {
			f.Errorf("%s: erased %v", name, got)
		}
	}
	if n := f.eraseAll(s, boundary); n != 0 {
		f.Errorf("%d visitors were erased twice", n)
	}
	for _, id := range []bridge.FileID{"Kold", "Fagain"} {
		if file, err := s.FileByID(f.Context(), id); err != nil || file.Withdrawn {
			f.Errorf("the file %s is %+v, %v", id, file, err)
		}
	}
	f.must(s.SaveFile(f.Context(), bridge.StoredFile{File: bridge.File{ID: "Fold"}, Here: true}))
	disposed, err := s.DisposeFiles(f.Context(), 24*time.Hour, 10)
	if f.must(err); !slices.Contains(disposed, "Fold") || slices.Contains(disposed, "Kold") {
		f.Errorf("to be removed are %v", disposed)
	}

	f.digest(s)
	for _, found := range f.search(s, bridge.SearchQuery{Text: secret, Limit: 20}) {
		if id := found.Conversation.ID; id == old.ID || id == blocked.ID {
			f.Errorf("conversation %d is found by what was said in it", id)
		}
	}
	vienna, err := time.LoadLocation("Europe/Vienna")
	f.must(err)
	f.digestBy(s, vienna) // it is all counted again
	after, err := s.Report(f.Context(), query)
	f.must(err)
	before.All.Opened++ // late
	if after.All.Opened != before.All.Opened || len(after.Languages) != 1 || after.Languages[0].Of != "de" {
		f.Errorf("reports had %+v, and have %+v", before.All, after)
	}
	f.comesBack(s, old, blocked)
}

// comesBack: who was erased is somebody new; who was blocked is not.
func (f *fixture) comesBack(s *store.Store, old, blocked bridge.Conversation) {
	f.Helper()
	f.change(s, func(tx bridge.Tx) {
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "old", SeenAt: time.Now()})
		if f.must(err); v.ID == old.Visitor {
			f.Error("somebody new has the number of who was erased")
		}
		if v, err = tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "blocked", SeenAt: time.Now()}); err != nil || !v.Blocked || v.ID != blocked.Visitor {
			f.Errorf("who was blocked is %+v, %v", v, err)
		}
		_, err = tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID}, lanes("old"))
		f.must(err)
	})
	_, _, err := s.Say(f.Context(), "blocked", said(0, "from a blocked visitor"), bridge.Claimant{})
	f.want(err, bridge.ErrNotFound)
	due, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, time.Minute, 100)
	f.must(err)
	if slices.ContainsFunc(due, func(l bridge.Lane) bool { return l.Conversation == old.ID || l.Conversation == blocked.ID }) {
		f.Errorf("there is something to send in what was erased: %+v", due)
	}
}

func testEraseVisitor(f *fixture) {
	s := f.open()
	open, other := f.full(s, "open", true), f.full(s, "other", true)
	f.must(s.EraseVisitor(f.Context(), open.Visitor))
	if f.erased(s, "other", other) {
		f.Error("another visitor was erased")
	}
	var got bridge.Conversation
	f.change(s, func(tx bridge.Tx) {
		var err error
		got, err = tx.Conversation(open.ID)
		f.must(err)
	})
	if got.ErasedAt.IsZero() || got.State != bridge.StateClosed {
		f.Errorf("it is %+v", got)
	}
	f.want(s.EraseVisitor(f.Context(), 4711), bridge.ErrNotFound)
}

// testEraseWhileWriting: visitors write while all that is old is erased, through two stores. Each line is in the log, and either
// its conversation was not erased, or it came too late for it and is in another one.
func testEraseWhileWriting(f *fixture) {
	a, b := f.open(), f.open()
	const visitors = 12
	var names []string
	var conversations []bridge.Conversation
	for i := range visitors {
		names = append(names, fmt.Sprint("v", i))
		conversations = append(conversations, f.full(a, names[i], false))
	}
	time.Sleep(20 * time.Millisecond)
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			f.must(f.comesAgain(b, name))
		})
	}
	all.Go(func() { f.eraseAll(a, time.Now().Add(-time.Millisecond)) })
	all.Wait()
	for i, name := range names {
		c, err := b.ConversationAt(f.Context(), shop, bridge.ThreadRef(name))
		f.must(err)
		if !c.ErasedAt.IsZero() || c.State == bridge.StateClosed {
			f.Errorf("%s writes into %+v", name, c)
		}
		if c.ID == conversations[i].ID && c.LastSeq < 7 {
			f.Errorf("%s's line is missing in %+v", name, c)
		}
	}
}

// comesAgain lets a visitor write in their conversation, which is opened by it, or in a new one.
func (f *fixture) comesAgain(s *store.Store, name string) error {
	write := func(tx bridge.Tx) error {
		c, _, err := tx.ConversationByThread(shop, bridge.ThreadRef(name))
		if errors.Is(err, bridge.ErrNotFound) {
			v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: name, SeenAt: time.Now()})
			if err != nil {
				return err
			}
			c, err = tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID}, lanes(bridge.ThreadRef(name)))
			if err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		c.State = bridge.StateUnassigned
		if err := tx.UpdateConversation(c); err != nil {
			return err
		}
		_, err = tx.Append(said(c.ID, "again-"+name))
		return err
	}
	return s.Change(context.WithoutCancel(f.Context()), write)
}

func testForgetGreeted(f *fixture) {
	s := f.open()
	now := time.Now()
	greet := func(key string, seen time.Time) (v bridge.Visitor) {
		f.change(s, func(tx bridge.Tx) {
			var err error
			v, err = tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: key, SeenAt: seen, Page: bridge.Page{URL: "https://shop.example"}})
			f.must(err)
		})
		return v
	}
	gone, here := greet("gone", now.Add(-48*time.Hour)), greet("here", now)
	writes := f.conversation(s, lanes("writes"))
	kept := greet("kept out", now.Add(-48*time.Hour))
	f.change(s, func(tx bridge.Tx) {
		_, err := tx.EditVisitor(kept.ID, func(v *bridge.Visitor) { v.Blocked = true })
		f.must(err)
	})
	for range 2 {
		_, err := s.ForgetGreeted(f.Context(), now.Add(-24*time.Hour))
		f.must(err)
	}
	var left []bridge.VisitorID
	for _, id := range []bridge.VisitorID{gone.ID, here.ID, writes.Visitor, kept.ID} {
		if _, err := s.VisitorByID(f.Context(), id); err == nil {
			left = append(left, id)
		}
	}
	if diff := cmp.Diff([]bridge.VisitorID{here.ID, writes.Visitor, kept.ID}, left); diff != "" {
		f.Errorf("of who is still known the difference is\n%s", diff)
	}
	if first, err := s.EraseTurn(f.Context(), time.Hour); err != nil || !first {
		f.Errorf("it is nobody's turn: %v", err)
	}
	if second, err := f.open().EraseTurn(f.Context(), time.Hour); err != nil || second {
		f.Errorf("it is everybody's turn: %v", err)
	}
}
