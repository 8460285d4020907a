package bridge_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

// lateLooks is a ledger whose first looks find nothing: as on a database on which each look of a change sees its own moment,
// where what is looked for is settled after the first.
type lateLooks struct {
	bridge.Ledger
	misses atomic.Int32
}

func settledBetween(w *world, _ []bridge.Route) { w.late = &lateLooks{} }

func (l *lateLooks) Change(ctx context.Context, fn func(tx bridge.Tx) error) error {
	return l.Ledger.Change(ctx, func(tx bridge.Tx) error { return fn(lateTx{tx, l}) })
}

type lateTx struct {
	bridge.Tx
	looks *lateLooks
}

func (t lateTx) ConversationByThreadFor(e bridge.EndpointName, th bridge.ThreadRef, person string) (bridge.Conversation, bridge.Role, error) {
	if t.looks.misses.Add(-1) >= 0 {
		return bridge.Conversation{}, "", bridge.ErrNotFound
	}
	return t.Tx.ConversationByThreadFor(e, th, person)
}

func (t lateTx) EntryByMessage(e bridge.EndpointName, m bridge.MessageRef) (bridge.Entry, error) {
	if t.looks.misses.Add(-1) >= 0 {
		return bridge.Entry{}, bridge.ErrNotFound
	}
	return t.Tx.EntryByMessage(e, m)
}

func TestAThreadSettledBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, settledBetween)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		in := w.team.Inbound(bridgetest.Message{Ref: "quick", Thread: thread, Author: "ana", Text: "Good morning", At: time.Now()})
		w.late.misses.Store(1)
		if err := w.desk.Receive(w.ctx, in); err == nil {
			t.Error("a line was dropped for a thread that had just been settled")
		}
		w.must(w.desk.Receive(w.ctx, in))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
		elsewhere := in
		elsewhere.Key, elsewhere.Thread = "other", "elsewhere"
		w.must(w.desk.Receive(w.ctx, elsewhere)) // that of nobody is no reason to ask again
		if got := strings.Join(lines(w.shop.Messages("chat/vera")), " "); strings.Count(got, "Good morning") != 1 {
			t.Errorf("the visitor has %s", got)
		}
	})
}

func TestAReactionToACopySettledBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared, settledBetween)
		defer w.stop()
		ours := w.says(w.team, "ana", "Shipped")
		there := w.copyOf(w.deck, "Shipped").Ref
		w.settled()
		w.late.misses.Store(1)
		w.must(w.deck.React(w.ctx, there, "chloe", "🎉", true))
		w.must(w.team.Await(w.ctx, func([]bridgetest.Message) bool {
			for _, m := range w.team.Messages(commons) {
				if m.Ref == ours && len(m.Reactions) == 1 {
					return true
				}
			}
			return false
		}))
	})
}

func TestARatingOfAQuestionSettledBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, settledBetween, func(w *world, _ []bridge.Route) {
			w.edit = func(r *bridge.Route) { r.Rates = r.Role == bridge.RoleVisitor }
		})
		defer w.stop()
		w.visitor("vera", "Hello")
		w.agent(w.thread("vera"), "ana", "!close Good bye")
		question := w.copyOf(w.shop, "How did we do? 5 is best.")
		w.settled()
		w.late.misses.Store(1)
		w.must(w.desk.Rate(w.ctx, bridge.Inbound{
			Endpoint: "shop", Key: "stars", Thread: "chat/vera", Target: question.Ref, From: bridge.Person{ID: "vera", Name: "vera"},
			Body: rich.Doc{}, At: time.Now(),
		}, 4))
		w.copyOf(w.shop, "Thank you. You gave ⭐⭐⭐⭐. Answer this message to add a few words.")
	})
}
