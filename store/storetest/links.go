package storetest

import (
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func testLinks(f *fixture) {
	s := f.open()
	want := bridge.Link{Endpoint: shop, Thread: "ida", Person: "ida", To: "bot"}
	take := func(hash string, to bridge.EndpointName) (l bridge.Link, err error) {
		err = s.Change(f.Context(), func(tx bridge.Tx) error { l, err = tx.TakeLink(hash, to); return err })
		return l, err
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		for hash, life := range map[string]time.Duration{"good": time.Minute, "old": -time.Second, "older": -time.Minute} {
			if err := tx.SaveLink(hash, want, life); err != nil {
				return err
			}
		}
		return tx.SaveLink("more", want, time.Minute)
	}))
	_, err := take("good", "another bot")
	f.want(err, bridge.ErrNotFound)
	got, err := take("good", "bot")
	f.must(err)
	if got != want {
		f.Errorf("link %+v, want %+v", got, want)
	}
	for _, hash := range []string{"good", "old", "older", "forged", ""} {
		_, err := take(hash, "bot")
		f.want(err, bridge.ErrNotFound)
	}
}

// A thread is given from one conversation's lane to another's, which begins at the log's end.
func testJoinThread(f *fixture) {
	s := f.open()
	ctx := f.Context()
	old := f.conversation(s, []bridge.Lane{{Endpoint: discord, Role: bridge.RoleVisitor, Thread: "chat"}, {Endpoint: slack, Role: bridge.RoleTeam}})
	c := f.conversation(s, lanes("ida"))
	f.append(s, own(old.ID))
	f.append(s, own(c.ID))
	claimed, err := s.Claim(ctx, []bridge.EndpointName{discord}, nil, time.Minute, 1)
	f.must(err)
	f.must(s.Change(ctx, func(tx bridge.Tx) error {
		if _, _, err := tx.ConversationByThread(discord, "chat"); err != nil {
			return err
		}
		left, err := tx.LeaveThread(discord, "chat")
		if err != nil || left.Cursor != 0 || left.Head != 1 || len(left.Recalls) != 0 {
			f.Errorf("left behind %+v, %v", left, err)
		}
		if _, err := tx.LeaveThread(discord, "chat"); err == nil {
			f.Error("a thread was left twice")
		}
		instead, _, err := tx.JoinThread(c.ID, discord, "chat")
		if err != nil || instead {
			f.Errorf("the lane had another thread: %v, %v", instead, err)
		}
		if _, err := tx.Append(own(old.ID)); err != nil {
			return err
		}
		_, err = tx.Append(own(c.ID))
		return err
	}))
	_, err = s.Settle(ctx, claimed[0], bridge.Settlement{Cursor: 1})
	f.want(err, bridge.ErrLost)
	due, err := s.Claim(ctx, []bridge.EndpointName{discord}, nil, time.Minute, 10)
	f.must(err)
	if len(due) != 1 || due[0].Conversation != c.ID || due[0].Cursor != 1 || due[0].Head != 2 || due[0].Thread != "chat" {
		f.Errorf("due is %+v", due)
	}
	f.want(s.Change(ctx, func(tx bridge.Tx) error { _, _, err := tx.JoinThread(old.ID, discord, "chat"); return err }), bridge.ErrConflict)
	f.must(s.Change(ctx, func(tx bridge.Tx) error { // and back
		if _, err := tx.LeaveThread(discord, "chat"); err != nil {
			return err
		}
		_, _, err := tx.JoinThread(old.ID, discord, "chat")
		return err
	}))
	f.append(s, own(c.ID))
	f.append(s, own(old.ID))
	due, err = s.Claim(ctx, []bridge.EndpointName{discord}, nil, time.Minute, 10)
	f.must(err)
	if len(due) != 1 || due[0].Conversation != old.ID || due[0].Cursor != 2 || due[0].Reads {
		f.Errorf("back again, due is %+v", due)
	}
}

// Whoever takes a thread from a lane learns which recalls it had not come to, and can settle them.
func testLeaveRecalls(f *fixture) {
	s := f.open()
	c := f.conversation(s, []bridge.Lane{{Endpoint: discord, Role: bridge.RoleVisitor, Thread: "chat"}, {Endpoint: slack, Role: bridge.RoleTeam}})
	line := f.append(s, own(c.ID))
	deleted := func(by bridge.SpeakerKind, a bridge.Audience, from bridge.EndpointName) bridge.Entry {
		en := own(c.ID)
		en.Kind, en.By.Kind, en.Audience, en.Target = bridge.Deleted, by, a, line.Seq
		en.Origin = bridge.Origin{Endpoint: from, Key: fmt.Sprint("deletion ", by, a, from)}
		return f.append(s, en)
	}
	recall := deleted(bridge.ByAgent, bridge.Everyone, slack)
	deleted(bridge.ByAgent, bridge.AgentsOnly, slack)
	deleted(bridge.ByAgent, bridge.Everyone, discord)
	deleted(bridge.ByVisitor, bridge.Everyone, slack)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, left, err := tx.JoinThread(c.ID, discord, "another chat")
		if err != nil || len(left.Recalls) != 1 || left.Recalls[0].Seq != recall.Seq || left.Cursor != 0 {
			f.Errorf("left behind %+v, %v; want %d", left, err, recall.Seq)
		}
		want := bridge.Receipt{Seq: recall.Seq, Version: recall.Seq, Status: bridge.ReceiptFailed, Public: "It is elsewhere."}
		if err := tx.SaveReceipt(c.ID, discord, want); err != nil {
			return err
		}
		removals, err := tx.Removals(c.ID, recall.Seq)
		if err != nil || len(removals) != 2 || len(removals[0].Receipts) != 1 || removals[0].Receipts[0].Public != want.Public {
			f.Errorf("removals %+v, %v", removals, err)
		}
		left, err = tx.LeaveThread(discord, "another chat")
		if err != nil || len(left.Recalls) != 0 {
			f.Errorf("left behind twice %+v, %v", left, err)
		}
		return nil
	}))
}
