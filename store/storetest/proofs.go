package storetest

import (
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// reply is what agent 7 says to the visitor.
func reply(c bridge.ConversationID, key string) bridge.Entry {
	en := said(c, key)
	en.By = bridge.Speaker{Kind: bridge.ByAgent, ID: 7, Name: "Ana"}
	en.Origin.Endpoint = discord
	return en
}

func (f *fixture) proof(s *store.Store, c bridge.ConversationID, seq int64, e bridge.EndpointName) bridge.Proof {
	f.Helper()
	var proofs []bridge.Proof
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		proofs, err = tx.Proofs(c, seq)
		return err
	}))
	for _, p := range proofs {
		if p.Lane.Endpoint == e {
			return p
		}
	}
	f.Fatalf("no place %s among %+v", e, proofs)
	return bridge.Proof{}
}

func testFetched(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	f.append(s, said(c.ID, "question"))
	first := f.append(s, reply(c.ID, "1"))
	held := reply(c.ID, "2")
	held.Held = time.Hour
	second := f.append(s, held)

	if p := f.proof(s, c.ID, first.Seq, shop); !p.FetchedAt.IsZero() || !p.SeenAt.IsZero() || p.Of(first) != bridge.Queued {
		f.Errorf("before: %+v", p)
	}
	f.must(s.Fetched(ctx, c.ID, shop, second.Seq))
	p := f.proof(s, c.ID, first.Seq, shop)
	if p.FetchedAt.IsZero() || !p.SeenAt.IsZero() || p.Of(first) != bridge.Delivered {
		f.Errorf("fetched: %+v", p)
	}
	if p := f.proof(s, c.ID, second.Seq, shop); !p.FetchedAt.IsZero() {
		f.Errorf("a line that is held back has been fetched: %+v", p)
	}
	time.Sleep(2 * time.Millisecond)
	f.must(s.Fetched(ctx, c.ID, shop, first.Seq))
	if again := f.proof(s, c.ID, first.Seq, shop); !again.FetchedAt.Equal(p.FetchedAt) {
		f.Errorf("fetched anew at %s, before at %s", again.FetchedAt, p.FetchedAt)
	}
	f.must(s.Seen(ctx, c.ID, shop, first.Seq))
	seen := f.proof(s, c.ID, first.Seq, shop)
	if seen.SeenAt.IsZero() || !seen.FetchedAt.Equal(p.FetchedAt) || seen.Of(first) != bridge.Seen {
		f.Errorf("seen: %+v", seen)
	}
	time.Sleep(2 * time.Millisecond)
	third := f.append(s, reply(c.ID, "3"))
	f.must(s.Seen(ctx, c.ID, shop, third.Seq)) // what is seen has been fetched
	if p := f.proof(s, c.ID, third.Seq, shop); p.FetchedAt.IsZero() || p.SeenAt.IsZero() {
		f.Errorf("seen at once: %+v", p)
	}
	if p := f.proof(s, c.ID, first.Seq, shop); !p.SeenAt.Equal(seen.SeenAt) {
		f.Errorf("seen anew: %+v", p)
	}
	f.must(s.Fetched(ctx, c.ID, slack, third.Seq)) // not a reader
	if p := f.proof(s, c.ID, third.Seq, slack); !p.FetchedAt.IsZero() {
		f.Errorf("a sending lane has fetched: %+v", p)
	}
}

func testProofs(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, []bridge.Lane{
		{Endpoint: slack, Role: bridge.RoleVisitor, Thread: "chat"}, {Endpoint: discord, Role: bridge.RoleTeam, Thread: "thread"},
	})
	en := f.append(s, reply(c.ID, "1"))
	edit := reply(c.ID, "1/edit")
	edit.Kind, edit.Target, edit.Origin.Message = bridge.Edited, en.Seq, ""
	edited := f.append(s, edit)
	settle := func(r bridge.Receipt, cursor int64) {
		f.Helper()
		l := f.claim(s, time.Minute)
		_, err := s.Settle(ctx, l, bridge.Settlement{Receipt: &r, Cursor: cursor})
		f.must(err)
	}
	want := func(state bridge.Proven) {
		f.Helper()
		if got := f.proof(s, c.ID, en.Seq, slack).Of(en); got != state {
			f.Errorf("it is %q, want %q", got, state)
		}
	}
	want(bridge.Queued)
	l := f.claim(s, time.Minute)
	l, err := s.Settle(ctx, l, bridge.Settlement{
		Receipt: &bridge.Receipt{Seq: en.Seq, Version: en.Seq, Message: "m", Status: bridge.ReceiptSent, At: time.Now()}, Cursor: en.Seq,
	})
	f.must(err)
	want(bridge.Delivered)
	_, err = s.Settle(ctx, l, bridge.Settlement{
		Receipt: &bridge.Receipt{Seq: edited.Seq, Version: edited.Seq, Status: bridge.ReceiptFailed, Public: "No.", At: time.Now()}, Cursor: edited.Seq,
	})
	f.must(err)
	want(bridge.Failed)
	retry := edit
	retry.Audience, retry.Origin = bridge.Only(slack), bridge.Origin{Key: "again/edit"}
	again := f.append(s, retry)
	if p := f.proof(s, c.ID, en.Seq, slack); p.Again != again.Seq {
		f.Errorf("tried again by %d, want %d", p.Again, again.Seq)
	}
	if p := f.proof(s, c.ID, en.Seq, discord); p.Again != 0 || p.Of(en) != bridge.Nowhere {
		f.Errorf("elsewhere: %+v", p)
	}
	want(bridge.Queued)
	settle(bridge.Receipt{Seq: en.Seq, Version: again.Seq, Message: "m", Status: bridge.ReceiptSent, At: time.Now()}, again.Seq)
	want(bridge.Delivered)
	f.must(s.Pause(ctx, slack, time.Minute))
	if p := f.proof(s, c.ID, en.Seq, slack); time.Until(p.PausedUntil) < 50*time.Second {
		f.Errorf("paused until %s", p.PausedUntil)
	}
}

func testQuestions(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	ask := func(word string) bridge.Entry {
		en := own(c.ID)
		en.Kind, en.Audience, en.Offers = bridge.Noted, bridge.AgentsOnly, []bridge.Offer{{Word: word, Label: "Press"}}
		return f.append(s, en)
	}
	settled, stands, newest := ask("send"), ask("retry"), ask("drop")
	f.append(s, own(c.ID))
	done := own(c.ID)
	done.Kind, done.Audience, done.Target = bridge.Edited, bridge.AgentsOnly, settled.Seq
	f.append(s, done)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		questions, err := tx.Questions(c.ID)
		if len(questions) != 2 || questions[0].Seq != newest.Seq || questions[1].Seq != stands.Seq {
			f.Errorf("questions %+v", questions)
		}
		en, gone, err2 := tx.EntryAt(c.ID, settled.Seq)
		if err2 != nil || gone || en.Offers == nil {
			f.Errorf("entry %+v, %v, %v", en, gone, err2)
		}
		_, _, err2 = tx.EntryAt(c.ID, 99)
		f.want(err2, bridge.ErrNotFound)
		return err
	}))
}
