package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

func testClaim(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	f.nothingDue(s)
	f.append(s, said(c.ID, "k"))
	before := f.lane(s, c.ID, slack)
	for _, nothing := range []struct {
		endpoints     []bridge.EndpointName
		conversations []bridge.ConversationID
		limit         int
	}{
		{nil, nil, 9},
		{[]bridge.EndpointName{slack}, []bridge.ConversationID{}, 9},
		{[]bridge.EndpointName{slack}, nil, 0},
		{[]bridge.EndpointName{discord, shop}, nil, 9},
		{[]bridge.EndpointName{slack}, []bridge.ConversationID{c.ID + 1}, 9},
	} {
		got, err := s.Claim(ctx, nothing.endpoints, nothing.conversations, time.Minute, nothing.limit)
		f.must(err)
		if len(got) != 0 {
			f.Errorf("claim %v claimed %d lanes", nothing, len(got))
		}
	}
	got, err := s.Claim(ctx, []bridge.EndpointName{discord, shop, slack}, []bridge.ConversationID{c.ID}, time.Minute, 9)
	f.must(err)
	if len(got) != 1 {
		f.Fatalf("claimed %d lanes, want 1", len(got))
	}
	l := got[0]
	if until := time.Until(l.LeaseUntil); until < 50*time.Second || until > 70*time.Second {
		f.Errorf("the lease of a minute ends in %v", until)
	}
	want := before
	want.Epoch, want.LeaseUntil = before.Epoch+1, l.LeaseUntil
	want.Intended, want.IntentAt = bridge.NewDeliveryKey(c.ID, 0, 0, slack), l.IntentAt
	if age := time.Since(l.IntentAt).Abs(); age > 10*time.Second {
		f.Errorf("what the claim intends is %v old", age)
	}
	if diff := cmp.Diff(want, l); diff != "" {
		f.Errorf("claimed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(l, f.lane(s, c.ID, slack)); diff != "" {
		f.Errorf("stored (-want +got):\n%s", diff)
	}
	f.nothingDue(s) // it is leased
}

func testClaimOrder(f *fixture) {
	s := f.open()
	var ids []bridge.ConversationID
	for i := range 4 {
		ids = append(ids, f.conversation(s, lanes(bridge.ThreadRef(fmt.Sprint(i)))).ID)
	}
	for _, i := range []int{2, 0, 3, 1} {
		f.append(s, said(ids[i], fmt.Sprint(i)))
		time.Sleep(2 * time.Millisecond) // the clock counts milliseconds
	}
	first, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, time.Minute, 3)
	f.must(err)
	var order []bridge.ConversationID
	for _, l := range first {
		order = append(order, l.Conversation)
	}
	if diff := cmp.Diff([]bridge.ConversationID{ids[2], ids[0], ids[3]}, order); diff != "" {
		f.Errorf("longest waiting first (-want +got):\n%s", diff)
	}
}

func testClaimExclusively(f *fixture) {
	const conversations = 60
	stores := []*store.Store{f.open(), f.open(), f.open()}
	for i := range conversations {
		c := f.conversation(stores[0], lanes(bridge.ThreadRef(fmt.Sprint(i))))
		f.append(stores[0], said(c.ID, fmt.Sprint(i)))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	claimed := map[bridge.LaneID]int{}
	for _, s := range stores {
		for range 2 {
			wg.Go(func() {
				for {
					got, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, time.Minute, 7)
					if err != nil {
						f.Error(err)
						return
					}
					if len(got) > 7 {
						f.Errorf("claimed %d lanes, asked for 7", len(got))
					}
					mu.Lock()
					for _, l := range got {
						claimed[l.ID]++
					}
					done := len(claimed) == conversations
					mu.Unlock()
					if done {
						return
					}
				}
			})
		}
	}
	wg.Wait()
	for id, n := range claimed {
		if n != 1 {
			f.Errorf("lane %d was claimed %d times", id, n)
		}
	}
}

// due opens a conversation whose lane at slack is due, and claims it.
func (f *fixture) due(s *store.Store, entries int) bridge.Lane {
	f.Helper()
	c := f.conversation(s, lanes("t1"))
	for i := range entries {
		f.append(s, said(c.ID, fmt.Sprint(i)))
	}
	return f.claim(s, time.Minute)
}

// expire lets the lease of a claimed lane run out.
func (f *fixture) expire(s *store.Store, l bridge.Lane) {
	f.Helper()
	f.must(s.Extend(f.Context(), l, -time.Second))
}

func testEpochFencing(f *fixture) {
	a, b := f.open(), f.open()
	ctx := f.Context()
	old := f.due(a, 2)
	f.expire(a, old)
	now := f.claim(b, time.Minute)
	if now.Epoch <= old.Epoch {
		f.Fatalf("epoch %d follows %d", now.Epoch, old.Epoch)
	}
	f.want(a.Intend(ctx, old, "k", time.Minute), bridge.ErrLost)
	f.want(a.Extend(ctx, old, time.Minute), bridge.ErrLost)
	f.want(a.Defer(ctx, old, time.Minute, true), bridge.ErrLost)
	_, err := a.Settle(ctx, old, bridge.Settlement{Cursor: 1})
	f.want(err, bridge.ErrLost)
	_, err = a.Settle(ctx, old, bridge.Settlement{
		Cursor: 1, Receipt: &bridge.Receipt{Seq: 1, Message: "m", Status: bridge.ReceiptSent},
	})
	f.want(err, bridge.ErrLost)
	notice := own(old.Conversation)
	_, err = a.Settle(ctx, old, bridge.Settlement{
		Cursor: 1, Notice: &notice,
		Receipt: &bridge.Receipt{Seq: 1, Message: "m", Status: bridge.ReceiptSent},
	})
	f.want(err, bridge.ErrLost)
	if diff := cmp.Diff(now, f.lane(b, now.Conversation, slack)); diff != "" {
		f.Errorf("a worker that had lost the lane wrote to it (-want +got):\n%s", diff)
	}
	receipts, err := a.Receipts(ctx, now.Conversation)
	f.must(err)
	log, err := a.Log(ctx, now.Conversation)
	f.must(err)
	if len(receipts) != 0 || len(log) != 2 {
		f.Errorf("a worker that had lost the lane left %d receipts and %d notices", len(receipts), len(log)-2)
	}
	_, err = b.Settle(ctx, now, bridge.Settlement{Cursor: 1})
	f.must(err)
}

func testLeaseExpires(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.append(s, said(c.ID, "k"))
	l := f.claim(s, 30*time.Millisecond)
	f.eventually("the lane is free again", func() bool {
		got, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, time.Minute, 1)
		f.must(err)
		return len(got) == 1 && got[0].Epoch == l.Epoch+1
	})
	l = f.lane(s, c.ID, slack)
	f.must(s.Extend(f.Context(), l, time.Hour))
	if got := time.Until(f.lane(s, c.ID, slack).LeaseUntil); got < 50*time.Minute {
		f.Errorf("the lease extended by an hour ends in %v", got)
	}
}

func testDefer(f *fixture) {
	s := f.open()
	ctx := f.Context()
	l := f.due(s, 1)
	f.must(s.Intend(ctx, l, "key", time.Minute))
	l = f.lane(s, l.Conversation, slack)
	f.must(s.Defer(ctx, l, time.Hour, true))
	got := f.lane(s, l.Conversation, slack)
	if got.Attempt != 1 || got.Intent != "key" || !got.IntentAt.Equal(l.IntentAt) || !got.LeaseUntil.IsZero() {
		f.Errorf("deferred: %+v", got)
	}
	if in := time.Until(got.NextAt); in < 50*time.Minute || in > 70*time.Minute {
		f.Errorf("the lane deferred by an hour is due in %v", in)
	}
	f.append(s, said(l.Conversation, "more")) // more work makes it no more urgent
	f.nothingDue(s)
	f.must(s.Defer(ctx, got, -time.Second, false))
	l = f.claim(s, time.Minute)
	if l.Attempt != 1 || l.Intent != "key" || l.Head != 2 {
		f.Errorf("claimed again: %+v", l)
	}
	l.Intent = ""
	f.must(s.Defer(ctx, l, 0, false))
	if got := f.lane(s, l.Conversation, slack); got.Intent != "" || !got.IntentAt.IsZero() {
		f.Errorf("intent %q of %v was to be emptied", got.Intent, got.IntentAt)
	}
}

func testIntend(f *fixture) {
	s := f.open()
	ctx := f.Context()
	l := f.due(s, 1)
	f.must(s.Intend(ctx, l, "one", time.Hour))
	first := f.lane(s, l.Conversation, slack)
	if first.Intent != "one" || time.Since(first.IntentAt).Abs() > 10*time.Second || time.Until(first.LeaseUntil) < 50*time.Minute {
		f.Errorf("intended: %+v", first)
	}
	time.Sleep(2 * time.Millisecond)
	f.must(s.Intend(ctx, l, "one", time.Hour))
	if again := f.lane(s, l.Conversation, slack); !again.IntentAt.Equal(first.IntentAt) {
		f.Errorf("the same intent moved from %v to %v", first.IntentAt, again.IntentAt)
	}
	f.must(s.Intend(ctx, l, "two", time.Hour))
	if other := f.lane(s, l.Conversation, slack); !other.IntentAt.After(first.IntentAt) {
		f.Errorf("another intent kept the time %v", other.IntentAt)
	}
	f.expire(s, l)
	if l := f.claim(s, time.Minute); l.Intent != "two" {
		f.Errorf("claimed with intent %q", l.Intent)
	}
}

func testPause(f *fixture) {
	a, b := f.open(), f.open()
	ctx := f.Context()
	c := f.conversation(a, append(lanes("t1"), bridge.Lane{Endpoint: discord, Role: bridge.RoleTeam}))
	f.append(a, said(c.ID, "k"))
	f.must(a.Pause(ctx, slack, time.Hour))
	f.must(a.Pause(ctx, slack, 0)) // does not shorten it
	got, err := b.Claim(ctx, []bridge.EndpointName{slack, discord}, nil, time.Minute, 9)
	f.must(err)
	if len(got) != 1 || got[0].Endpoint != discord {
		f.Errorf("claimed %v while slack is paused", got)
	}
	held, err := b.Hold(ctx, slack, "me", time.Hour) // the two uses of the row do not disturb each other
	f.must(err)
	f.nothingDue(b)
	if !held {
		f.Error("a paused endpoint could not be held")
	}
	f.must(a.Pause(ctx, discord, 30*time.Millisecond))
	f.append(a, said(c.ID, "k2"))
	l := got[0]
	_, err = b.Settle(ctx, l, bridge.Settlement{Cursor: 1})
	f.must(err)
	f.must(b.Defer(ctx, l, 0, false))
	f.eventually("the pause is over", func() bool {
		got, err := b.Claim(ctx, []bridge.EndpointName{slack, discord}, nil, time.Minute, 9)
		f.must(err)
		return len(got) == 1
	})
}

func testResume(f *fixture) {
	s := f.open()
	ctx := f.Context()
	for i, after := range []time.Duration{0, 30 * time.Second, time.Hour} {
		c := f.conversation(s, lanes(bridge.ThreadRef(fmt.Sprint("t", i))))
		f.append(s, said(c.ID, fmt.Sprint("k", i)))
		got, err := s.Claim(ctx, []bridge.EndpointName{slack}, []bridge.ConversationID{c.ID}, time.Minute, 9)
		f.must(err)
		f.must(s.Defer(ctx, got[0], after, false))
	}
	f.must(s.Pause(ctx, slack, time.Hour))
	f.nothingDue(s)
	f.must(s.Resume(ctx, slack, time.Minute))
	got, err := s.Claim(ctx, []bridge.EndpointName{slack}, nil, time.Minute, 9)
	f.must(err)
	if len(got) != 2 {
		f.Errorf("claimed %d lanes after the pause was ended, want those two that were due soon", len(got))
	}
}

func testLeases(f *fixture) {
	s := f.open()
	ctx := f.Context()
	hold := func(owner string, lease time.Duration, want bool) {
		f.Helper()
		held, err := s.Hold(ctx, slack, owner, lease)
		f.must(err)
		if held != want {
			f.Errorf("%s holds: %v, want %v", owner, held, want)
		}
	}
	hold("a", time.Hour, true)
	hold("b", time.Hour, false)
	hold("a", time.Hour, true)
	held, err := s.Hold(ctx, discord, "b", time.Hour)
	f.must(err)
	if !held {
		f.Error("another endpoint is not free")
	}
	f.must(s.Yield(ctx, slack, "b")) // not b's to give
	hold("b", time.Hour, false)
	f.must(s.Yield(ctx, slack, "a"))
	hold("b", time.Hour, true)
	hold("b", 20*time.Millisecond, true)
	f.eventually("the lease is over", func() bool {
		held, err := s.Hold(ctx, slack, "a", time.Hour)
		f.must(err)
		return held
	})
	hold("b", time.Hour, false)
	f.must(s.Yield(ctx, "nowhere", "a"))
	var mu sync.Mutex
	var wg sync.WaitGroup
	holders := 0
	for i := range 8 {
		wg.Go(func() {
			held, err := s.Hold(ctx, "contended", fmt.Sprint(i), time.Hour)
			if err != nil {
				f.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if held {
				holders++
			}
		})
	}
	wg.Wait()
	if holders != 1 {
		f.Errorf("%d hold one lease", holders)
	}
}
