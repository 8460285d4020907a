package bridge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

const long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"

func TestADeletedLineIsTakenBackWithAReceipt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		ref := w.agent(thread, "ana", long)
		kept := w.agent(thread, "ana", "last")
		w.settled()
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.told(w.team, thread, "Taken back. shop: removed; deck: removed.")
		w.told(w.deck, deck, "Taken back. shop: removed; deck: removed.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: last")
		w.must(w.team.Amend(w.ctx, kept, "very last"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: very last")
		w.keepsInLog("vera", long)
	})
}

func TestARecallTellsWhatWasRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		old := &bridge.Failure{Verdict: bridge.GiveUp, Public: "Shop: refused, older than 48 hours."}
		gone := &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message no longer exists."}
		whole, part := w.agent(thread, "ana", "short"), w.agent(thread, "ana", long)
		w.settled()
		w.shop.Script(bridgetest.Outcome{Err: old})
		w.must(w.team.Amend(w.ctx, whole, ""))
		w.told(w.team, thread, "Taken back. shop: refused, older than 48 hours.")
		w.shop.Script(bridgetest.Outcome{Err: gone}) // of the first part; the second goes all the same
		w.must(w.team.Amend(w.ctx, part, ""))
		w.told(w.team, thread, "Taken back. shop: removed in part, refused (The message no longer exists).")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: short", "ana: one two three four five six seven eight")
	})
}

// A team chat that is down does not keep the receipt back; when it is there again, there is another.
func TestARecallDoesNotWaitForWhatIsDown(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		down := bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Retry, Public: "It is down."}}
		ref := w.agent(team, "ana", "a mistake")
		w.settled()
		w.deck.Script(slices.Repeat([]bridgetest.Outcome{down}, 9)...)
		w.visitor("vera", "Pardon?")
		time.Sleep(30 * time.Second)
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.toldSome(w.team, team, "Taken back. shop: removed; deck: not yet, it cannot be reached.")
		w.told(w.team, team, "Taken back. shop: removed; deck: removed.")
		w.toldSome(w.deck, deck, "Taken back. shop: removed; deck: removed.")
	})
}

// A platform that cannot be asked may have a line whose fate nobody knew when it was taken back: agents have to know.
func TestARecallOfALineOfUnknownFate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world, _ []bridge.Route) { w.unasked = true })
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Unsure}, Accept: true})
		ref := w.agent(thread, "ana", "a mistake")
		w.must(w.shop.Await(w.ctx, func([]bridgetest.Message) bool { return len(w.shop.Ever("a mistake")) > 0 }))
		w.must(w.team.Amend(w.ctx, ref, ""))
		const receipt = "Taken back. shop: perhaps sent, and if so it still stands there."
		w.told(w.team, thread, receipt)
		if n := len(w.shop.Ever("a mistake")); n != 1 {
			t.Errorf("what was taken back was sent %d times", n)
		}
		// Of two parts one is known to stand there, and goes.
		w.shop.Script(bridgetest.Outcome{}, bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Unsure}, Accept: true})
		ref = w.agent(thread, "ana", long)
		w.must(w.shop.Await(w.ctx, func([]bridgetest.Message) bool { return len(w.shop.Ever("nine")) > 0 }))
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.settled()
		if all := lines(w.team.Messages(thread)); all[len(all)-1] != "Skein: "+receipt {
			t.Errorf("the team is told %q", all[len(all)-1])
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: a mistake", "ana: "+strings.TrimPrefix(long, "one two three four five six seven eight "))
	})
}

func TestARecallBeforeItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute}})
		w.agent(thread, "ana", "first")
		ref := w.agent(thread, "ana", "a mistake")
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.told(w.team, thread, "Taken back. shop: never sent.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: first")
	})
}

func TestRecallByCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		first := w.agent(thread, "ana", "first")
		w.agent(thread, "ana", "second")
		w.agent(thread, "ben", "third")
		note := w.agent(thread, "ana", "// a note")
		w.settled()
		w.agent(thread, "ana", "!recall")
		w.told(w.team, thread, "Taken back. shop: removed; deck: removed. Your own message in team stays; delete it there.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: first", "ben: third")

		for _, c := range []struct {
			target bridge.MessageRef
			answer string
		}{
			{w.visitor("vera", "Hm"), "Nothing was taken back: that is not a line of yours."},
			{note, "Nothing was taken back: that line never went to the visitor."},
			{first, ""},
			{first, "That line has been taken back already."},
			{"", "No line of yours is left here that could be taken back."},
		} {
			answer, err := w.desk.Command(w.ctx, bridge.Invocation{
				Endpoint: "team", Key: "press " + string(c.target) + c.answer, Thread: thread,
				From: bridge.Person{ID: "ana", Name: "ana"}, Word: "recall", Message: c.target,
			})
			w.must(err)
			if answer.Public != c.answer {
				t.Errorf("recall of %q is answered %q, want %q", c.target, answer.Public, c.answer)
			}
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ben: third", "vera: Hm")
		w.must(w.team.Amend(w.ctx, first, "")) // now that it is gone for the visitor, nothing more comes of it
		w.settled()
		if got := count(w.deck.Messages(deck), "Taken back."); got != 2 {
			t.Errorf("%d receipts, want two", got)
		}
	})
}

// A receipt comes once, whatever becomes of the worker that settled the last copy.
func TestTheReceiptOfARecallComesOnce(t *testing.T) {
	for name, committed := range map[string]bool{"before the write": false, "after the write": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, both, brokenSettles)
				defer w.stop()
				w.visitor("vera", "Hello")
				thread := w.thread("vera")
				ref := w.agent(thread, "ana", long)
				w.settled()
				w.settles.breakNext(4, committed)
				w.must(w.team.Amend(w.ctx, ref, ""))
				w.told(w.team, thread, "Taken back. shop: removed; deck: removed.")
				w.sees(w.shop, "chat/vera", "vera: Hello")
			})
		})
	}
}

func TestAVisitorsDeletionNeedsNoReceipt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		ref := w.visitor("vera", "Hello")
		w.visitor("vera", "Good morning")
		thread := w.thread("vera")
		w.settled()
		w.must(w.shop.Amend(w.ctx, ref, ""))
		w.settled()
		w.sees(w.team, thread, "vera: Good morning")
	})
}

func TestARefusedEditIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		ref := w.agent(thread, "ana", "frist")
		w.settled()
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "It is too old to be changed."}})
		w.must(w.team.Amend(w.ctx, ref, "first"))
		w.settled()
		if count(w.team.Messages(thread), "An edit by ana") != 1 || count(w.team.Messages(thread), "It is too old to be changed.") != 1 {
			t.Errorf("the team sees %q", lines(w.team.Messages(thread)))
		}
	})
}

// settles is a lane book whose connection is lost now and then while it settles.
type settles struct {
	bridge.LaneBook
	mu        sync.Mutex
	losses    int
	committed bool
	held      chan struct{} // until when the next one takes
}

// holdNext has the next settling wait until release.
func (s *settles) holdNext() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make(chan struct{})
	s.held = held
	return func() { close(held) }
}

func brokenSettles(w *world, _ []bridge.Route) {
	w.settles = &settles{}
}

func (s *settles) breakNext(n int, committed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losses, s.committed = n, committed
}

func (s *settles) Settle(ctx context.Context, l bridge.Lane, st bridge.Settlement) (bridge.Lane, error) {
	s.mu.Lock()
	lost, committed := s.losses > 0, s.committed
	s.losses--
	held := s.held
	s.held = nil
	s.mu.Unlock()
	if held != nil {
		<-held
	}
	if !lost {
		return s.LaneBook.Settle(ctx, l, st)
	}
	if committed {
		if _, err := s.LaneBook.Settle(ctx, l, st); err != nil {
			return l, err
		}
	}
	return l, errors.New("connection lost")
}

// keepsInLog fails the test unless the words are still in the log of the visitor's conversation.
func (w *world) keepsInLog(visitor, words string) {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, "shop", bridge.ThreadRef("chat/"+visitor))
	w.must(err)
	all, err := w.store.Log(w.ctx, c.ID)
	w.must(err)
	if !slices.ContainsFunc(all, func(en bridge.Entry) bool { return strings.Contains(rich.Plain(en.Body), words) }) {
		w.t.Errorf("%q is not in the log any more", words)
	}
}

func count(ms []bridgetest.Message, words string) int {
	return strings.Count(strings.Join(lines(ms), "\n"), words)
}
