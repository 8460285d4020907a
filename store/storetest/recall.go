package storetest

import (
	"errors"
	"sync"

	"github.com/skeindesk/skein/bridge"
)

// Of two lanes that pass an entry at once exactly one sees that both have: the one whose transaction comes second.
func testSettleAlso(f *fixture) {
	s := f.open()
	ctx := f.Context()
	for range 10 {
		c := f.conversation(s, []bridge.Lane{
			{Endpoint: shop, Role: bridge.RoleVisitor, Thread: bridge.ThreadRef(bridge.NewFileID())},
			{Endpoint: slack, Role: bridge.RoleTeam},
			{Endpoint: discord, Role: bridge.RoleTeam},
		})
		f.append(s, said(c.ID, string(bridge.NewFileID())))
		claimed, err := s.Claim(ctx, []bridge.EndpointName{slack, discord}, []bridge.ConversationID{c.ID}, 1e10, 10)
		f.must(err)
		if len(claimed) != 2 {
			f.Fatalf("claimed %d lanes", len(claimed))
		}
		settle := func(l bridge.Lane) error {
			_, err := s.Settle(ctx, l, bridge.Settlement{
				Cursor: 1, Receipt: &bridge.Receipt{Seq: 1, Status: bridge.ReceiptSent},
				Also: func(tx bridge.Tx) error {
					removals, err := tx.Removals(c.ID, 1)
					if err != nil {
						return err
					}
					for _, r := range removals {
						if r.Lane.Endpoint != shop && r.Lane.Cursor < 1 {
							return nil
						}
						if want := min(int(r.Lane.Cursor), 1); len(r.Receipts) != want {
							return errors.New("a lane and its receipts do not agree")
						}
					}
					_, err = tx.Append(own(c.ID))
					return err
				},
			})
			return err
		}
		var wg sync.WaitGroup
		for _, l := range claimed {
			wg.Go(func() {
				if err := settle(l); err != nil {
					f.Error(err)
				}
			})
		}
		wg.Wait()
		log, err := s.Log(ctx, c.ID)
		f.must(err)
		if len(log) != 2 {
			f.Fatalf("%d entries in the log, want the line and one of our own", len(log))
		}
		claimed[0].Epoch++
		f.want(settle(claimed[0]), bridge.ErrLost)
	}
}

func testNewestReply(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("ida"))
	by := bridge.Speaker{Kind: bridge.ByAgent, ID: 7, Name: "Ana"}
	reply := func(change func(*bridge.Entry)) bridge.Entry {
		en := own(c.ID)
		en.By = by
		change(&en)
		return f.append(s, en)
	}
	newest := func() (en bridge.Entry, err error) {
		err = s.Change(f.Context(), func(tx bridge.Tx) error { en, err = tx.NewestReply(c.ID, 7); return err })
		return en, err
	}
	_, err := newest()
	f.want(err, bridge.ErrNotFound)
	first := reply(func(*bridge.Entry) {})
	second := reply(func(*bridge.Entry) {})
	reply(func(en *bridge.Entry) { en.By.ID = 8 })
	reply(func(en *bridge.Entry) { en.By = bridge.Speaker{Kind: bridge.ByVisitor, ID: 7} })
	reply(func(en *bridge.Entry) { en.Kind, en.Audience = bridge.Noted, bridge.AgentsOnly })
	reply(func(en *bridge.Entry) { en.Kind, en.Target = bridge.Edited, second.Seq })
	for _, want := range []int64{second.Seq, first.Seq} {
		en, err := newest()
		f.must(err)
		if en.Seq != want {
			f.Errorf("the newest reply is %d, want %d", en.Seq, want)
		}
		reply(func(en *bridge.Entry) { en.Kind, en.Target = bridge.Deleted, want })
	}
	_, err = newest()
	f.want(err, bridge.ErrNotFound)
}
