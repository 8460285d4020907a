package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// testSay wants the short way to write what Append writes.
func testSay(f *fixture) {
	s := f.open()
	open := []bridge.Lane{
		{Endpoint: shop, Role: bridge.RoleVisitor, Thread: "t1"},
		{Endpoint: "kiosk", Role: bridge.RoleVisitor, Reads: true, Thread: "t2"},
		{Endpoint: slack, Role: bridge.RoleTeam},
		{Endpoint: discord, Role: bridge.RoleTeam},
	}
	c := f.conversation(s, open)
	want := f.append(s, said(c.ID, "long"))
	en := said(0, "short")
	got, _, err := s.Say(f.Context(), "t1", en, bridge.Claimant{})
	f.must(err)
	if got.Conversation != c.ID || got.Seq != want.Seq+1 || got.By.ID != int64(c.Visitor) {
		f.Errorf("said as %d.%d by %d", got.Conversation, got.Seq, got.By.ID)
	}
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	got.At = log[1].At // stored in milliseconds
	if diff := cmp.Diff(got, log[1]); len(log) != 2 || diff != "" {
		f.Errorf("%d entries; said and logged: %s", len(log), diff)
	}
	for _, l := range open {
		if head, minds := f.lane(s, c.ID, l.Endpoint).Head, l.Minds(got); (head == got.Seq) != minds {
			f.Errorf("the head at %s is %d", l.Endpoint, head)
		}
	}
	_, _, err = s.Say(f.Context(), "t1", en, bridge.Claimant{})
	f.refusedToSay(err, "a known key")
	_, _, err = s.Say(f.Context(), "t9", said(0, "elsewhere"), bridge.Claimant{})
	f.refusedToSay(err, "an unknown thread")
	c.State = bridge.StateClosed
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.UpdateConversation(c) }))
	_, _, err = s.Say(f.Context(), "t1", said(0, "late"), bridge.Claimant{})
	f.refusedToSay(err, "a closed conversation")
	if log, err = s.Log(f.Context(), c.ID); err != nil || len(log) != 2 {
		f.Errorf("%d entries, %v", len(log), err)
	}
}

func (f *fixture) refusedToSay(err error, what string) {
	f.Helper()
	if !errors.Is(err, bridge.ErrNotFound) && !errors.Is(err, bridge.ErrSeen) {
		f.Errorf("%s: %v", what, err)
	}
}

// testSayAlong wants what a line brings to be sent to be claimed with it, as Claim would: where this instance sends, unless
// somebody is at work there, or the endpoint is paused.
func testSayAlong(f *fixture) {
	s := f.open()
	c := f.conversation(s, []bridge.Lane{
		{Endpoint: shop, Role: bridge.RoleVisitor, Thread: "t1"},
		{Endpoint: slack, Role: bridge.RoleTeam, Thread: "s1"},
		{Endpoint: discord, Role: bridge.RoleTeam, Thread: "d1"},
	})
	by := bridge.Claimant{Endpoints: []bridge.EndpointName{shop, slack}, Lease: time.Minute}
	say := func(key string) (bridge.Entry, []bridge.Lane) {
		f.Helper()
		en, lanes, err := s.Say(f.Context(), "t1", said(0, key), by)
		f.must(err)
		return en, lanes
	}
	first, got := say("one")
	if len(got) != 1 || got[0].Endpoint != slack {
		f.Fatalf("claimed %+v, want Slack's lane", got)
	}
	l := got[0]
	stored := f.lane(s, c.ID, slack)
	stored.ClaimedAt = l.ClaimedAt
	if diff := cmp.Diff(stored, l); diff != "" {
		f.Errorf("stored and claimed: %s", diff)
	}
	if want := bridge.NewDeliveryKey(c.ID, first.Seq, 0, slack); l.Epoch != 1 || l.Intended != want || l.Intent != "" || l.Head != first.Seq {
		f.Errorf("claimed %+v, want %s intended", l, want)
	}
	f.must(s.Pause(f.Context(), discord, time.Minute))
	f.nothingDue(s) // Slack's is held, Discord's endpoint paused
	if _, got := say("two"); len(got) != 0 {
		f.Errorf("claimed %+v from a worker", got)
	}
	l, err := s.Settle(f.Context(), l, bridge.Settlement{Cursor: first.Seq})
	f.must(err)
	l, err = s.Settle(f.Context(), l, bridge.Settlement{Cursor: l.Head})
	f.must(err)
	if l.Cursor != l.Head {
		f.Errorf("the worker was told of %d of %d", l.Cursor, l.Head)
	}
	third, got := say("three")
	if len(got) != 1 || got[0].Epoch != 2 || got[0].Intended != bridge.NewDeliveryKey(c.ID, third.Seq, 0, slack) {
		f.Fatalf("claimed %+v, want Slack's lane again", got)
	}
	_, err = s.Settle(f.Context(), got[0], bridge.Settlement{Cursor: third.Seq})
	f.must(err)
	f.must(s.Pause(f.Context(), slack, time.Minute))
	if _, got = say("four"); len(got) != 0 {
		f.Errorf("claimed %+v at an endpoint that is paused", got)
	}
}

// testSayAtOnce mixes the short and the long way on two instances, each line offered twice.
func testSayAtOnce(f *fixture) {
	const writers, each = 8, 20
	stores := []*store.Store{f.open(), f.open()}
	c := f.conversation(f.open(), lanes("t1"))
	var wg sync.WaitGroup
	for w := range 2 * writers {
		wg.Go(func() {
			s := stores[w%2]
			for i := range each {
				en := said(c.ID, fmt.Sprintf("%d.%d", w/2, i))
				var err error
				if i%3 == 0 {
					err = s.Change(f.Context(), func(tx bridge.Tx) error { _, err := tx.Append(en); return err })
				} else {
					_, _, err = s.Say(f.Context(), "t1", en, bridge.Claimant{})
				}
				if err != nil && !errors.Is(err, bridge.ErrSeen) && !errors.Is(err, bridge.ErrNotFound) {
					f.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := f.open()
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	for i, en := range log {
		if en.Seq != int64(i+1) {
			f.Fatalf("entry %d is numbered %d", i+1, en.Seq)
		}
	}
	if head := f.lane(s, c.ID, slack).Head; len(log) != writers*each || head != writers*each {
		f.Errorf("%d entries and head %d, want %d", len(log), head, writers*each)
	}
}
