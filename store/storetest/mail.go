package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// expecting is a conversation in which an agent has said something that is due to be mailed.
func (f *fixture) expecting(s *store.Store) (bridge.ConversationID, bridge.Entry) {
	f.Helper()
	c := f.conversation(s, append(lanes("t1"), bridge.Lane{Endpoint: discord, Role: bridge.RoleVisitor, Reads: true})) // has left a chat
	f.append(s, said(c.ID, "question"))
	en := f.append(s, reply(c.ID, "answer"))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.ExpectMail(c.ID, 0) }))
	return c.ID, en
}

func testMail(f *fixture) {
	s := f.open()
	ctx := f.Context()
	none := f.conversation(s, []bridge.Lane{{Endpoint: discord, Role: bridge.RoleVisitor, Thread: "chat"}, {Endpoint: slack, Role: bridge.RoleTeam}})
	c, en := f.expecting(s)
	f.must(s.Change(ctx, func(tx bridge.Tx) error {
		if err := tx.ExpectMail(none.ID, 0); err != nil { // is in a chat, and waits for no mail
			return err
		}
		return tx.ExpectMail(c, time.Hour) // one waits already, and its time stands
	}))
	due := func(want ...bridge.DueMail) {
		f.Helper()
		got, err := s.DueMails(ctx, 10)
		f.must(err)
		if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
			f.Fatalf("due are %+v, want %+v", got, want)
		}
	}
	unasked := bridge.DueMail{Conversation: c, Endpoint: shop, Thread: "t1"}
	asked := unasked
	asked.Asked = true
	due(unasked)
	_, err := s.ClaimMail(ctx, c, 0, time.Minute)
	f.want(err, bridge.ErrNotFound) // nobody has been asked
	f.must(s.AskMail(ctx, c))
	due(asked)
	_, err = s.ClaimMail(ctx, c, time.Hour, time.Minute)
	f.want(err, bridge.ErrNotFound) // there is time to object
	f.must(s.PostponeMail(ctx, c, 0))
	due(unasked)
	f.must(s.PostponeMail(ctx, c, time.Hour))
	due()
	f.must(s.PostponeMail(ctx, c, 0))
	f.must(s.AskMail(ctx, c))

	claim, err := s.ClaimMail(ctx, c, 0, time.Minute)
	f.must(err)
	if claim.Conversation != c || claim.Mailed != 0 || claim.Intent != 0 {
		f.Errorf("claimed %+v", claim)
	}
	due()
	f.must(s.PostponeMail(ctx, c, time.Hour)) // too late
	f.must(s.IntendMail(ctx, claim, en.Seq))
	f.must(s.DeferMail(ctx, claim, 0, false))
	again, err := s.ClaimMail(ctx, c, 0, time.Minute)
	f.must(err)
	if again.Intent != en.Seq || again.Attempt != 1 || again.Epoch <= claim.Epoch {
		f.Errorf("claimed again %+v after %+v", again, claim)
	}
	// Who has lost the claim changes nothing.
	f.want(s.IntendMail(ctx, claim, en.Seq), bridge.ErrLost)
	f.want(s.DeferMail(ctx, claim, 0, true), bridge.ErrLost)
	settle := func(m bridge.MailClaim, seq int64) error {
		return s.Change(ctx, func(tx bridge.Tx) error { return tx.SettleMail(m, seq, []int64{seq}, 0) })
	}
	f.want(settle(claim, en.Seq), bridge.ErrLost)
	if p := f.proof(s, c, en.Seq, shop); !p.MailedAt.IsZero() {
		f.Error("a mail counts that was settled without a claim")
	}
	next := f.append(s, reply(c, "more"))
	f.must(settle(again, en.Seq))
	if p := f.proof(s, c, en.Seq, shop); p.MailedAt.IsZero() || p.Of(en) != bridge.Delivered {
		f.Errorf("mailed: %+v", p)
	}
	if p := f.proof(s, c, en.Seq, slack); !p.MailedAt.IsZero() {
		f.Error("mailed to the team")
	}
	due(unasked) // for what was said since
	f.must(s.AskMail(ctx, c))
	claim, err = s.ClaimMail(ctx, c, 0, time.Minute)
	f.must(err)
	if claim.Mailed != en.Seq || claim.Intent != 0 || claim.Attempt != 0 {
		f.Errorf("the next claim %+v", claim)
	}
	f.must(settle(claim, next.Seq))
	due()
}

func testMailOfTheLost(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c, en := f.expecting(s)
	f.must(s.AskMail(ctx, c))
	claim, err := s.ClaimMail(ctx, c, 0, time.Millisecond)
	f.must(err)
	f.must(s.IntendMail(ctx, claim, en.Seq))
	var again bridge.MailClaim
	f.eventually("the lease runs out", func() bool {
		again, err = s.ClaimMail(ctx, c, 0, time.Minute)
		return err == nil
	})
	if again.Intent != en.Seq {
		f.Errorf("what was left behind is not known: %+v", again)
	}
}

func testMailAtOnce(f *fixture) {
	s := f.open()
	c, _ := f.expecting(s)
	f.must(s.AskMail(f.Context(), c))
	var claimed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.ClaimMail(f.Context(), c, 0, time.Minute); err == nil {
				claimed.Add(1)
			}
		})
	}
	all.Wait()
	if n := claimed.Load(); n != 1 {
		f.Errorf("%d of 8 have claimed one mail", n)
	}
}
