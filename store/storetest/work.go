package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func testNext(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	for range 40 { // said there: it is not told what it said
		en := own(c.ID)
		en.Origin = bridge.Origin{Endpoint: slack, Key: fmt.Sprint(time.Now().UnixNano())}
		f.append(s, en)
	}
	en := f.append(s, said(c.ID, "k"))
	l := f.claim(s, time.Minute)
	w, ok, err := s.Next(ctx, l)
	f.must(err)
	if !ok || w.Entry.Seq != en.Seq {
		f.Fatalf("next is %d, %v; want %d", w.Entry.Seq, ok, en.Seq)
	}
	if w.Conversation.ID != c.ID || w.Conversation.LastSeq != en.Seq || w.Visitor.Key != "t1" || w.Newest != nil || w.Settled != nil || w.Target != nil {
		f.Errorf("work %+v", w)
	}
	edit := own(c.ID)
	edit.Kind, edit.Target, edit.Body = bridge.Edited, en.Seq, rich.Of("better")
	edit = f.append(s, edit)
	_, err = s.Settle(ctx, l, bridge.Settlement{Part: 1, Receipt: &bridge.Receipt{
		Seq: en.Seq, Version: en.Seq, Message: "m1", Status: bridge.ReceiptSent, At: time.UnixMilli(5).UTC(),
	}})
	f.must(err)
	_, err = s.Settle(ctx, l, bridge.Settlement{Part: 1, Thread: "card", Receipt: &bridge.Receipt{
		Message: "card", Status: bridge.ReceiptSent, At: time.UnixMilli(6).UTC(),
	}})
	f.must(err)
	l = f.lane(s, c.ID, slack)
	w, ok, err = s.Next(ctx, l)
	f.must(err)
	first := bridge.Receipt{Seq: en.Seq, Version: en.Seq, Message: "m1", Status: bridge.ReceiptSent, At: time.UnixMilli(5).UTC()}
	if !ok || w.Newest == nil || w.Newest.Seq != edit.Seq || !rich.Equal(w.Newest.Body, edit.Body) {
		f.Errorf("newest version %+v", w.Newest)
	}
	if diff := cmp.Diff([]bridge.Receipt{first}, w.Settled); diff != "" {
		f.Errorf("settled (-want +got):\n%s", diff)
	}
	l.Cursor = en.Seq
	w, ok, err = s.Next(ctx, l)
	f.must(err)
	if !ok || w.Entry.Seq != edit.Seq || w.Settled != nil {
		f.Errorf("next is %d, %v, settled %v", w.Entry.Seq, ok, w.Settled)
	}
	if diff := cmp.Diff([]bridge.Receipt{first}, w.Target); diff != "" {
		f.Errorf("target (-want +got):\n%s", diff)
	}
	changed := own(c.ID)
	changed.Kind = bridge.Changed
	changed = f.append(s, changed)
	l.Cursor, l.Head = edit.Seq, changed.Seq
	w, _, err = s.Next(ctx, l)
	f.must(err)
	if len(w.Target) != 1 || w.Target[0].Message != "card" {
		f.Errorf("a change of state is for the opening part, not for %v", w.Target)
	}
	l.Cursor = l.Head
	_, ok, err = s.Next(ctx, l)
	f.must(err)
	if ok {
		f.Error("there is a next entry after the head")
	}
	l.Cursor, l.Head = 0, 40
	_, ok, err = s.Next(ctx, l)
	f.must(err)
	if ok {
		f.Error("an entry that does not matter is next")
	}
}

func testSettle(f *fixture) {
	s := f.open()
	ctx := f.Context()
	l := f.due(s, 3)
	f.must(s.Defer(ctx, l, 0, true))
	l = f.claim(s, time.Minute)
	f.must(s.Intend(ctx, l, "key", time.Minute))
	settle := func(st bridge.Settlement) bridge.Lane {
		f.Helper()
		after, err := s.Settle(ctx, l, st)
		f.must(err)
		if diff := cmp.Diff(f.lane(s, l.Conversation, slack), after); diff != "" {
			f.Errorf("settled, and stored otherwise (-stored +returned):\n%s", diff)
		}
		return after
	}
	after := settle(bridge.Settlement{Thread: "card", Receipt: &bridge.Receipt{Message: "card", Status: bridge.ReceiptSent}})
	if after.Thread != "card" || after.Cursor != 0 || after.Intent != "" || !after.IntentAt.IsZero() || after.Attempt != 0 || after.LeaseUntil.IsZero() {
		f.Errorf("after the opening: %+v", after)
	}
	after = settle(bridge.Settlement{Part: 1, Receipt: &bridge.Receipt{Seq: 1, Version: 1, Message: "a", Status: bridge.ReceiptSent}})
	if after.Part != 1 || after.Cursor != 0 || after.Thread != "card" {
		f.Errorf("after one part: %+v", after)
	}
	after = settle(bridge.Settlement{Cursor: 1, Receipt: &bridge.Receipt{Seq: 1, Part: 1, Version: 1, Status: bridge.ReceiptFailed, Public: "Too long."}})
	if after.Part != 0 || after.Cursor != 1 || after.LeaseUntil.IsZero() {
		f.Errorf("after an entry: %+v", after)
	}
	after = settle(bridge.Settlement{Cursor: 2}) // nothing was sent
	after = settle(bridge.Settlement{
		Cursor: 3, Receipt: &bridge.Receipt{Seq: 1, Version: 3, Message: "a2", Status: bridge.ReceiptSent},
		Forget: []bridge.Landed{{Part: 1, Message: ""}, {Part: 0, Message: "card"}},
	})
	if after.Cursor != 3 || !after.LeaseUntil.IsZero() {
		f.Errorf("with nothing left to do: %+v", after)
	}
	f.nothingDue(s)
	receipts, err := s.Receipts(ctx, l.Conversation)
	f.must(err)
	if len(receipts) != 1 || receipts[0].Endpoint != slack || receipts[0].Message != "a2" || receipts[0].Version != 3 ||
		time.Since(receipts[0].At).Abs() > 10*time.Second {
		f.Errorf("receipts %+v", receipts)
	}
	f.append(s, said(l.Conversation, "later"))
	if l := f.claim(s, time.Minute); l.Cursor != 3 || l.Head != 4 {
		f.Errorf("claimed for a later entry: %+v", l)
	}
}

func testSettleConflict(f *fixture) {
	s := f.open()
	l := f.due(s, 1)
	f.conversation(s, []bridge.Lane{{Endpoint: slack, Role: bridge.RoleTeam, Thread: "taken"}})
	_, err := s.Settle(f.Context(), l, bridge.Settlement{
		Thread:  "taken",
		Receipt: &bridge.Receipt{Message: "card", Status: bridge.ReceiptSent},
	})
	f.want(err, bridge.ErrConflict)
	receipts, err := s.Receipts(f.Context(), l.Conversation)
	f.must(err)
	if len(receipts) != 0 {
		f.Errorf("a conflict left receipts: %v", receipts)
	}
}

func testSettleNotice(f *fixture) {
	s := f.open()
	l := f.due(s, 1)
	notice := own(l.Conversation)
	notice.Kind, notice.Audience = bridge.Noted, bridge.AgentsOnly
	after, err := s.Settle(f.Context(), l, bridge.Settlement{
		Cursor: 1, Notice: &notice,
		Receipt: &bridge.Receipt{Seq: 1, Status: bridge.ReceiptFailed, Public: "No."},
	})
	f.must(err)
	if after.Cursor != 1 || after.Head != 2 || after.LeaseUntil.IsZero() {
		f.Errorf("the notice is this lane's next work: %+v", after)
	}
	w, ok, err := s.Next(f.Context(), after)
	f.must(err)
	if !ok || w.Entry.Seq != 2 || w.Entry.Kind != bridge.Noted {
		f.Errorf("next is %+v, %v", w.Entry, ok)
	}
}

func testReopen(f *fixture) {
	s := f.open()
	ctx := f.Context()
	l := f.due(s, 2)
	sent := func(seq int64, part int, m bridge.MessageRef) *bridge.Receipt {
		return &bridge.Receipt{Seq: seq, Part: part, Version: seq, Message: m, Status: bridge.ReceiptSent}
	}
	var err error
	for _, st := range []bridge.Settlement{
		{Thread: "old", Receipt: sent(0, 0, "card")},
		{Cursor: 1, Receipt: sent(1, 0, "one")},
		{Part: 1, Receipt: sent(2, 0, "two")},
	} {
		l, err = s.Settle(ctx, l, st)
		f.must(err)
	}
	l, err = s.Settle(ctx, l, bridge.Settlement{Reopen: true})
	f.must(err)
	if l.Thread != "" || l.Part != 0 || l.Cursor != 1 || l.Reopened != 1 || l.LeaseUntil.IsZero() {
		f.Errorf("reopened: %+v", l)
	}
	w, ok, err := s.Next(ctx, l)
	f.must(err)
	if !ok || w.Entry.Seq != 2 || w.Settled != nil {
		f.Errorf("next is %d, settled %v", w.Entry.Seq, w.Settled)
	}
	receipts, err := s.Receipts(ctx, l.Conversation)
	f.must(err)
	if len(receipts) != 1 || receipts[0].Seq != 1 {
		f.Errorf("receipts %v, want that of entry 1", receipts)
	}
	l, err = s.Settle(ctx, l, bridge.Settlement{Thread: "new", Receipt: sent(0, 0, "card2")})
	f.must(err)
	if l.Thread != "new" || l.Reopened != 1 {
		f.Errorf("opened again: %+v", l)
	}
}

// testLockOrder lets everything that locks run against everything else. A ring of waiting would show as an error or
// as a change that has to be run again and again.
func testLockOrder(f *fixture) {
	stores := []interface {
		appender
		bridge.LaneBook
	}{f.open(), f.open()}
	const rounds = 60
	c := f.conversation(f.open(), append(lanes("t1"), bridge.Lane{Endpoint: discord, Role: bridge.RoleTeam}))
	var wg sync.WaitGroup
	for i, s := range stores {
		for w := range 3 {
			wg.Go(func() {
				for n := range rounds {
					err := s.Change(f.Context(), func(tx bridge.Tx) error {
						c, _, err := tx.ConversationByThread(shop, "t1")
						if err != nil {
							return err
						}
						if _, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "t1", SeenAt: time.Now()}); err != nil {
							return err
						}
						_, err = tx.Append(said(c.ID, fmt.Sprintf("%d.%d.%d", i, w, n)))
						return err
					})
					if err != nil {
						f.Error(err)
						return
					}
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				for range rounds {
					got, err := s.Claim(f.Context(), []bridge.EndpointName{slack, discord}, []bridge.ConversationID{c.ID}, time.Minute, 2)
					if err != nil {
						f.Error(err)
						return
					}
					for _, l := range got {
						notice := own(c.ID)
						notice.Audience = bridge.AgentsOnly
						l, err := s.Settle(f.Context(), l, bridge.Settlement{
							Cursor: l.Cursor + 1, Notice: &notice,
							Receipt: &bridge.Receipt{Seq: l.Cursor + 1, Version: 1, Status: bridge.ReceiptFailed},
						})
						if err == nil && !l.LeaseUntil.IsZero() {
							err = s.Defer(f.Context(), l, 0, false)
						}
						if err != nil {
							f.Error(err)
							return
						}
					}
				}
			})
		}
	}
	wg.Wait()
	log, err := f.open().Log(f.Context(), c.ID)
	f.must(err)
	for i, en := range log {
		if en.Seq != int64(i+1) {
			f.Fatalf("entry %d is numbered %d", i+1, en.Seq)
		}
	}
	for _, e := range []bridge.EndpointName{slack, discord} { // no head was raised over a row that had moved meanwhile
		if head := f.lane(f.open(), c.ID, e).Head; head != int64(len(log)) {
			f.Errorf("the head at %s is %d of %d", e, head, len(log))
		}
	}
}
