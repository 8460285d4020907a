package bridge_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

// lateLooks is a ledger whose first looks see what was so before: as on a database on which each look of a change sees its
// own moment, where others write between two of them.
type lateLooks struct {
	bridge.Ledger
	misses atomic.Int32                    // so many find nothing
	entry  atomic.Pointer[bridge.Entry]    // what the next look for an entry finds
	team   atomic.Pointer[[]bridge.Member] // and for the team
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

func (t lateTx) Team(lock bool) ([]bridge.Member, error) {
	if lock { // whoever gives conversations away
		return t.Tx.Team(lock)
	}
	if earlier := t.looks.team.Swap(nil); earlier != nil {
		return slices.Clone(*earlier), nil
	}
	return t.Tx.Team(lock)
}

func (t lateTx) EntryByMessage(e bridge.EndpointName, m bridge.MessageRef) (bridge.Entry, error) {
	if earlier := t.looks.entry.Swap(nil); earlier != nil {
		return *earlier, nil
	}
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
		old := in
		old.Key, old.Message, old.At, old.Body = "late", "late", in.At.Add(-time.Hour), rich.Of("Offered late")
		w.late.misses.Store(1)
		if err := w.desk.Receive(w.ctx, old); err == nil {
			t.Error("an old line was dropped for a thread that had just been settled")
		}
		w.must(w.desk.Receive(w.ctx, old))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning", "ana: Offered late")
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

func TestADeletionOfALineThatIsSentBetweenTwoLooks(t *testing.T) {
	asking(t, []option{settledBetween}, func(w *world, thread bridge.ThreadRef) {
		ref := w.agent(thread, "ben", "Me too")
		w.told(w.team, thread, anaAnswers)
		var held bridge.Entry
		w.must(w.store.Look(w.ctx, func(tx bridge.Tx) (err error) { held, err = tx.EntryByMessage("team", ref); return err }))
		w.agent(thread, "ben", "!send")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: Me too")
		w.late.entry.Store(&held)
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
	})
}

func TestAMemberRemovedBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, settledBetween)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "Good day")
		w.agent(thread, "ben", "Good day")
		var team []bridge.Member
		w.must(w.store.Look(w.ctx, func(tx bridge.Tx) (err error) { team, err = tx.Team(false); return err }))
		w.giving("team", "ana", "remove", "ben", "ben is out of the team.")
		for _, give := range [][2]string{{"role", "ben admin"}, {"remove", "ben"}} {
			w.settled()
			synctest.Wait()
			w.late.team.Store(&team)
			w.giving("team", "ana", give[0], give[1], "Nothing was changed: ben has just been removed")
		}
		if m := w.member("ben"); m.ID != 0 && !m.Removed {
			t.Errorf("ben is back as %s", m.Rank)
		}
	})
}
