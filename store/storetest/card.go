package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// marked reads the lane of the team and reports whether its card is to be changed.
func (f *fixture) marked(s *store.Store, c bridge.ConversationID) bool {
	f.Helper()
	return !f.lane(s, c, slack).CardDue.IsZero()
}

// opened gives the team's lane its thread, as a worker does whose opening has been accepted.
func (f *fixture) opened(s *store.Store, meanwhile func()) bridge.Lane {
	f.Helper()
	l := f.claim(s, time.Minute)
	meanwhile()
	l, err := s.Settle(f.Context(), l, bridge.Settlement{
		Thread: "T1", Receipt: &bridge.Receipt{Part: 0, Message: "card", Status: bridge.ReceiptSent, At: time.Now()},
	})
	f.must(err)
	return l
}

// testCards: what changes a card marks it, until somebody has shown what was so at least then.
func testCards(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	state := func(to bridge.State, tags ...string) {
		f.Helper()
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			c.State, c.Tags = to, tags
			return tx.UpdateConversation(c)
		}))
	}
	f.append(s, said(c.ID, "k1"))
	f.opened(s, func() {})
	if f.marked(s, c.ID) {
		f.Error("an opening leaves a mark behind")
	}
	shown := func(what string) {
		f.Helper()
		if !f.marked(s, c.ID) {
			f.Errorf("%s leaves no mark", what)
		}
		l, _, err := s.Card(f.Context(), f.lane(s, c.ID, slack).ID)
		f.must(err)
		f.must(s.CardShown(f.Context(), l))
		if f.marked(s, c.ID) {
			f.Errorf("%s: the mark stays", what)
		}
	}
	_, _, err := s.Say(f.Context(), "t1", said(0, "k2"), bridge.Claimant{})
	f.must(err)
	if f.marked(s, c.ID) {
		f.Error("another line changes no card")
	}
	state(bridge.StateAssigned)
	shown("a state")
	answer := said(c.ID, "a1")
	answer.By.Kind, answer.Origin.Endpoint = bridge.ByAgent, slack
	f.append(s, answer)
	shown("an answer")
	_, _, err = s.Say(f.Context(), "t1", said(0, "k3"), bridge.Claimant{})
	f.must(err)
	shown("a line after it")
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.CardChanged(c.ID) }))
	shown("a word")

	state(bridge.StateAssigned, "vip", "naïve")
	l, w, err := s.Card(f.Context(), f.lane(s, c.ID, slack).ID)
	f.must(err)
	if diff := cmp.Diff([]string{"vip", "naïve"}, w.Conversation.Tags); diff != "" || len(w.Target) != 1 || w.Target[0].Message != "card" {
		f.Errorf("the card is %+v of %+v", w.Target, w.Conversation)
	}
	state(bridge.StateClosed) // while it was on its way
	f.must(s.CardShown(f.Context(), l))
	if !f.marked(s, c.ID) {
		f.Error("what has changed meanwhile is forgotten")
	}
	f.eventually("due", func() bool {
		due, err := s.DueCards(f.Context(), slack, 5)
		f.must(err)
		return len(due) == 1
	})
	l = f.lane(s, c.ID, slack)
	f.must(s.DeferCard(f.Context(), l, time.Hour))
	due, err := s.DueCards(f.Context(), slack, 5)
	f.must(err)
	if len(due) != 0 || !f.marked(s, c.ID) {
		f.Errorf("deferred, %d are due", len(due))
	}
}

// testCardOfVisitor: what a card shows of a visitor marks it, and so does what did not get through.
func testCardOfVisitor(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.append(s, said(c.ID, "k1"))
	l := f.opened(s, func() {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "t1", Profile: bridge.Profile{Name: "Ida"}})
			return err
		}))
	})
	if !f.marked(s, c.ID) {
		f.Error("what has changed during the opening is forgotten")
	}
	f.must(s.CardShown(f.Context(), f.lane(s, c.ID, slack)))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "t1", SeenAt: time.Now()})
		return err
	}))
	if f.marked(s, c.ID) {
		f.Error("that a visitor was seen changes no card")
	}
	fail := &bridge.Receipt{Seq: 1, Status: bridge.ReceiptFailed, Public: "It is too long.", At: time.UnixMilli(1_700_000_000_000).UTC()}
	l, err := s.Settle(f.Context(), l, bridge.Settlement{Cursor: 1, Receipt: fail})
	f.must(err)
	if !f.marked(s, c.ID) {
		f.Error("a failure leaves no mark")
	}
	_, w, err := s.Card(f.Context(), l.ID)
	f.must(err)
	want := &bridge.Card{Failure: &bridge.CardFailure{Endpoint: slack, Public: "It is too long.", At: fail.At}}
	if diff := cmp.Diff(want, w.Card); diff != "" || w.Visitor.Profile.Name != "Ida" {
		f.Errorf("the card (-want +got):\n%s", diff)
	}
	second := f.append(s, said(c.ID, "k2"))
	_, err = s.Settle(f.Context(), f.claim(s, time.Minute), bridge.Settlement{
		Cursor: second.Seq, Receipt: &bridge.Receipt{Seq: second.Seq, Message: "m", Status: bridge.ReceiptSent},
	})
	f.must(err)
	if _, w, err = s.Card(f.Context(), l.ID); err != nil || w.Card.Failure != nil {
		f.Errorf("after a line that got through the card says %+v, %v", w.Card, err)
	}
}

// testEditVisitor: what agents have set stays, also when it is nothing; a blocked visitor's line has no short way.
func testEditVisitor(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "t1", Profile: bridge.Profile{Email: "a@example.org", Phone: "1"}})
		f.must(err)
		_, err = tx.EditVisitor(c.Visitor+1, func(*bridge.Visitor) {})
		f.want(err, bridge.ErrNotFound)
		_, err = tx.EditVisitor(c.Visitor, func(v *bridge.Visitor) {
			v.Edited = map[string]string{"email": "", "plan": "pro"}
			v.Profile, v.Blocked, v.KeptOut = v.Profile.With(v.Edited), true, 3
		})
		return err
	}))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{
			Endpoint: shop, Key: "t1", Device: "Firefox", Profile: bridge.Profile{Email: "b@example.org", Attributes: map[string]string{"plan": "free"}},
		})
		f.must(err)
		want := bridge.Profile{Phone: "1", Attributes: map[string]string{"plan": "pro"}}
		if diff := cmp.Diff(want, v.Profile); diff != "" || !v.Blocked || v.KeptOut != 3 || v.Device != "Firefox" {
			f.Errorf("the visitor is %+v", v)
		}
		listed, err := tx.List(bridge.ListQuery{Visitor: c.Visitor, Limit: 5})
		if len(listed) != 1 || listed[0].Conversation.ID != c.ID || !listed[0].Conversation.Blocked {
			f.Errorf("the visitor's conversations are %+v", listed)
		}
		return err
	}))
	_, _, err := s.Say(f.Context(), "t1", said(0, "k1"), bridge.Claimant{})
	f.want(err, bridge.ErrNotFound)
}
