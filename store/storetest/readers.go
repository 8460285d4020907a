package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

func testThreads(f *fixture) {
	s := f.open()
	ctx := f.Context()
	begin := time.Now().Add(-time.Minute)
	open := func(thread bridge.ThreadRef, state bridge.State) bridge.Conversation {
		c := f.conversation(s, []bridge.Lane{{Endpoint: slack, Role: bridge.RoleTeam, Thread: thread}})
		c.State = state
		f.must(s.Change(ctx, func(tx bridge.Tx) error { return tx.UpdateConversation(c) }))
		time.Sleep(2 * time.Millisecond)
		return c
	}
	a := open("a", bridge.StateAssigned)
	b := open("b", bridge.StateClosed)
	f.conversation(s, lanes("t1")) // no thread at slack yet
	got, err := s.OpenThreads(ctx, slack, begin)
	f.must(err)
	want := []bridge.OpenThread{{Conversation: b.ID, Thread: "b", LastAt: b.OpenedAt}, {Conversation: a.ID, Thread: "a", LastAt: a.OpenedAt}}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("open threads (-want +got):\n%s", diff)
	}
	_, err = s.OpenThread(ctx, a.ID, discord)
	f.want(err, bridge.ErrNotFound)
	one, err := s.OpenThread(ctx, a.ID, slack)
	f.must(err)
	if diff := cmp.Diff(want[1], one); diff != "" {
		f.Errorf("one's open thread (-want +got):\n%s", diff)
	}
	var messages []int64
	for i, key := range []string{"1", "2", "3"} {
		en := said(a.ID, key)
		en.Origin.Endpoint, en.At = slack, time.UnixMilli(int64(1000*(i+1))).UTC()
		messages = append(messages, f.append(s, en).Seq)
	}
	f.append(s, said(a.ID, "from elsewhere"))
	deleted := own(a.ID)
	deleted.Kind, deleted.Target = bridge.Deleted, messages[1]
	f.append(s, deleted)
	got, err = s.OpenThreads(ctx, slack, time.Now().Add(time.Minute))
	f.must(err)
	want = []bridge.OpenThread{{Conversation: a.ID, Thread: "a", LastAt: time.UnixMilli(3000).UTC()}}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("open threads without those closed long ago (-want +got):\n%s", diff)
	}
	refs, err := s.MessagesFrom(ctx, a.ID, slack, time.UnixMilli(1000))
	f.must(err)
	if diff := cmp.Diff([]bridge.MessageRef{"m-1", "m-3"}, refs); diff != "" {
		f.Errorf("messages (-want +got):\n%s", diff)
	}
	refs, err = s.MessagesFrom(ctx, a.ID, slack, time.UnixMilli(1001))
	f.must(err)
	if diff := cmp.Diff([]bridge.MessageRef{"m-3"}, refs); diff != "" {
		f.Errorf("later messages (-want +got):\n%s", diff)
	}
}

// testOpenings: a thread that is being opened may be there before it is known.
func testOpenings(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	shown := func(when string, want ...bridge.OpenThread) {
		f.Helper()
		got, err := s.OpenThreads(f.Context(), slack, time.Time{})
		f.must(err)
		if len(want)+len(got) > 0 && !cmp.Equal(want, got) {
			f.Errorf("%s the open threads are %+v, want %+v", when, got, want)
		}
		one, err := s.OpenThread(f.Context(), c.ID, slack)
		if len(want) == 0 {
			f.want(err, bridge.ErrNotFound)
			return
		}
		f.must(err)
		if !cmp.Equal(want[0], one) {
			f.Errorf("%s it is %+v, want %+v", when, one, want[0])
		}
	}
	f.append(s, said(c.ID, "k1"))
	shown("before it is claimed")
	l := f.claim(s, time.Minute)
	shown("while it is being opened", bridge.OpenThread{Conversation: c.ID, LastAt: c.OpenedAt})
	f.must(s.Defer(f.Context(), l, 0, true)) // without an intent: it certainly was not
	shown("after it was refused")
	f.opened(s, func() {})
	shown("once it is known", bridge.OpenThread{Conversation: c.ID, Thread: "T1", LastAt: c.OpenedAt})
}

func testVisible(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	for _, a := range []bridge.Audience{bridge.Everyone, bridge.AgentsOnly, bridge.Only(shop), bridge.Only(slack), bridge.Everyone} {
		en := own(c.ID)
		en.Audience = a
		f.append(s, en)
	}
	for _, w := range []struct {
		e     bridge.EndpointName
		r     bridge.Role
		after int64
		limit int
		want  string
	}{
		{shop, bridge.RoleVisitor, 0, 9, "[1 3 5]"},
		{slack, bridge.RoleTeam, 0, 9, "[1 2 4 5]"},
		{"robot", bridge.RoleRobot, 0, 9, "[1 5]"},
		{shop, bridge.RoleVisitor, 1, 9, "[3 5]"},
		{shop, bridge.RoleVisitor, 0, 2, "[1 3]"},
		{shop, bridge.RoleVisitor, 5, 9, "[]"},
	} {
		got, _, err := s.Visible(ctx, c.ID, w.e, w.r, w.after, w.limit)
		f.must(err)
		if seqs(got) != w.want {
			f.Errorf("%s (%s) after %d sees %s, want %s", w.e, w.r, w.after, seqs(got), w.want)
		}
	}
	for _, w := range []struct {
		e      bridge.EndpointName
		r      bridge.Role
		before int64
		limit  int
		want   string
	}{
		{shop, bridge.RoleVisitor, 6, 9, "[1 3 5]"},
		{shop, bridge.RoleVisitor, 6, 2, "[3 5]"},
		{shop, bridge.RoleVisitor, 5, 1, "[3]"},
		{shop, bridge.RoleVisitor, 1, 9, "[]"},
		{slack, bridge.RoleTeam, 5, 2, "[2 4]"},
	} {
		got, err := s.VisibleBefore(ctx, c.ID, w.e, w.r, w.before, w.limit)
		f.must(err)
		if seqs(got) != w.want {
			f.Errorf("%s (%s) before %d sees %s, want %s", w.e, w.r, w.before, seqs(got), w.want)
		}
	}
}

func testSeen(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	for range 3 {
		f.append(s, own(c.ID))
	}
	for _, w := range []struct{ seq, want int64 }{{2, 2}, {1, 2}, {99, 2}, {3, 3}} {
		f.must(s.Seen(ctx, c.ID, shop, w.seq))
		got, err := s.SeenUpTo(ctx, c.ID, shop)
		f.must(err)
		if got != w.want {
			f.Errorf("seen %d: up to %d, want %d", w.seq, got, w.want)
		}
	}
	f.must(s.Seen(ctx, c.ID, slack, 3)) // not a reader: the Courier moves it
	if got := f.lane(s, c.ID, slack).Cursor; got != 0 {
		f.Errorf("a sending lane was moved to %d", got)
	}
	_, err := s.SeenUpTo(ctx, c.ID, discord)
	f.want(err, bridge.ErrNotFound)
}

func testSecret(f *fixture) {
	a, b := f.open(), f.open()
	var wg sync.WaitGroup
	made := make([][]byte, 8)
	for i := range made {
		s := a
		if i%2 == 0 {
			s = b
		}
		wg.Go(func() {
			var err error
			if made[i], err = s.Secret(f.Context(), "tokens"); err != nil {
				f.Error(err)
			}
		})
	}
	wg.Wait()
	for _, m := range made {
		if len(m) != 32 || !bytes.Equal(m, made[0]) {
			f.Fatalf("secrets of one name differ: %d bytes", len(m))
		}
	}
	other, err := a.Secret(f.Context(), "other")
	f.must(err)
	if bytes.Equal(other, made[0]) {
		f.Error("two names have one secret")
	}
}

func testChangedSince(f *fixture) {
	s := f.open()
	ctx := f.Context()
	a, b := f.conversation(s, lanes("t1")), f.conversation(s, lanes("t2"))
	time.Sleep(2 * time.Millisecond)
	f.append(s, said(a.ID, "k"))
	ids, newest, err := s.ChangedSince(ctx, a.OpenedAt)
	f.must(err)
	if diff := cmp.Diff([]bridge.ConversationID{b.ID, a.ID}, ids); diff != "" {
		f.Errorf("changed (-want +got):\n%s", diff)
	}
	ids, again, err := s.ChangedSince(ctx, newest)
	f.must(err)
	if len(ids) != 1 || ids[0] != a.ID || !again.Equal(newest) {
		f.Errorf("changed at or after the newest change: %v, %v", ids, again)
	}
	later := newest.Add(time.Millisecond)
	ids, again, err = s.ChangedSince(ctx, later)
	f.must(err)
	if len(ids) != 0 || !again.Equal(later) {
		f.Errorf("changed after the newest change: %v, %v", ids, again)
	}
}

func testLaneStats(f *fixture) {
	s := f.open()
	ctx := f.Context()
	stats, err := s.LaneStats(ctx)
	f.must(err)
	if len(stats) != 0 {
		f.Errorf("stats of nothing: %v", stats)
	}
	c := f.conversation(s, append(lanes("t1"), bridge.Lane{Endpoint: discord, Role: bridge.RoleTeam}))
	for i, key := range []string{"1", "2", "3"} {
		en := said(c.ID, key)
		en.At = time.Now().Add(time.Duration(i-3) * time.Hour)
		f.append(s, en)
	}
	l := f.claim(s, time.Minute)
	_, err = s.Settle(ctx, l, bridge.Settlement{Cursor: 1})
	f.must(err)
	stats, err = s.LaneStats(ctx)
	f.must(err)
	if len(stats) != 2 || stats[0].Endpoint != discord || stats[0].Lag != 3 || stats[1].Lag != 2 ||
		stats[0].Oldest.Round(time.Minute) != 3*time.Hour || stats[1].Oldest.Round(time.Minute) != 2*time.Hour {
		f.Errorf("stats %v", stats)
	}
}

// testReopenedStore leaves a store as a killed process does, and looks at what the next one finds.
func testReopenedStore(f *fixture) {
	s := f.open()
	ctx := f.Context()
	l := f.due(s, 2)
	f.must(s.Intend(ctx, l, "key", time.Minute))
	_, err := s.Hold(ctx, slack, "dead", time.Minute)
	f.must(err)
	next := f.open() // while the first is still open
	l = f.lane(next, l.Conversation, slack)
	if l.Intent != "key" || l.Head != 2 {
		f.Errorf("found %+v", l)
	}
	f.must(next.ReleaseLeases(ctx))
	if !f.aloneOnDatabase() {
		f.nothingDue(next) // the other instance may be alive
		return
	}
	again := f.claim(next, time.Minute)
	if again.Intent != "key" || again.Epoch != l.Epoch+1 {
		f.Errorf("claimed after the crash: %+v", again)
	}
	held, err := next.Hold(ctx, slack, "next", time.Minute)
	f.must(err)
	if !held {
		f.Error("the dead process still holds its endpoint")
	}
	f.want(s.Extend(ctx, l, time.Minute), bridge.ErrLost)
}

func testMigrate(f *fixture) {
	stores := 3
	if f.aloneOnDatabase() {
		stores = 1
	}
	var wg sync.WaitGroup
	for range stores {
		s, err := store.Open(f.Context(), f.address, store.Options{})
		f.must(err)
		f.Cleanup(func() { f.must(s.Close()) })
		wg.Go(func() {
			for range 2 { // the second finds nothing to do
				if err := s.Migrate(f.Context()); err != nil {
					f.Error(err)
				}
				if err := s.SchemaCurrent(f.Context()); err != nil {
					f.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// Visitors read lines as they stand now, and nothing of what is held back.
func testVisibleHeld(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("ida"))
	add := func(change func(*bridge.Entry)) bridge.Entry {
		en := own(c.ID)
		change(&en)
		return f.append(s, en)
	}
	read := func(r bridge.Role) (string, time.Duration) {
		f.Helper()
		entries, held, err := s.Visible(f.Context(), c.ID, shop, r, 0, 50)
		f.must(err)
		var texts []string
		for _, en := range entries {
			texts = append(texts, fmt.Sprint(en.Seq, " ", rich.Plain(en.Body), " ", len(en.Files)))
		}
		return strings.Join(texts, "; "), held
	}
	files := []bridge.File{{ID: "f", Name: "f.png"}}
	one := add(func(en *bridge.Entry) { en.Body, en.Files = rich.Of("one"), files })
	two := add(func(en *bridge.Entry) { en.Body, en.Files = rich.Of("two"), files })
	add(func(en *bridge.Entry) {
		en.Kind, en.Target, en.Body = bridge.Edited, one.Seq, rich.Of("one and a half")
	})
	add(func(en *bridge.Entry) {
		en.Kind, en.Target, en.Body, en.Files = bridge.Edited, one.Seq, rich.Of("one again"), files
	})
	add(func(en *bridge.Entry) { en.Kind, en.Target, en.Body = bridge.Deleted, two.Seq, rich.Of("for agents") })
	never := add(func(en *bridge.Entry) { en.Body, en.Held = rich.Of("never"), time.Hour })
	add(func(en *bridge.Entry) { en.Kind, en.Target, en.Held = bridge.Deleted, never.Seq, time.Millisecond })
	late := add(func(en *bridge.Entry) { en.Body, en.Held = rich.Of("late"), time.Hour })
	add(func(en *bridge.Entry) { en.Body = rich.Of("after") })

	f.eventually("what was taken back while it was held holds nothing up", func() bool {
		got, held := read(bridge.RoleVisitor)
		return got == "1 one again 1; 2  0; 4 one again 1; 5  0; 7  0" && held > 59*time.Minute && held <= time.Hour
	})
	back, err := s.VisibleBefore(f.Context(), c.ID, shop, bridge.RoleVisitor, 100, 3)
	f.must(err)
	if got := seqs(back); got != "[7]" { // of three entries the last two are not due
		f.Errorf("backwards, visitors read %s of what is held back", got)
	}
	if got, held := read(bridge.RoleTeam); held != 0 || !strings.Contains(got, "6 never 0") || !strings.Contains(got, "3 one and a half 0") {
		f.Errorf("the team reads %q and waits %v", got, held)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		en, err := tx.LastVersion(c.ID, one.Seq)
		if err == nil && en.Held != 0 {
			f.Errorf("an edit is held for %v", en.Held)
		}
		return err
	}))
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	if h := log[late.Seq-1].Held; h < 59*time.Minute || h > time.Hour {
		f.Errorf("the last line is held for %v", h)
	}
}
