package bridge_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// cardsShown counts the changes of cards that the platform was ever asked for.
func cardsShown(p *bridgetest.Platform) int { return len(p.Ever("assigned ")) + len(p.Ever("closed ")) }

// cardIs waits until the first card on the platform shows this.
func (w *world) cardIs(p *bridgetest.Platform, want string) {
	w.t.Helper()
	w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool { return all[0].Text == want }))
}

// What changes within a moment is shown as one, as it is in the end, within a second; and then there is peace.
func TestCardsCoalesce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		if n := cardsShown(w.team); n != 0 {
			t.Errorf("a new card was changed %d times", n)
		}
		began := time.Now()
		for _, word := range []string{"!take", "!unassign", "!take", "!unassign", "!take"} {
			w.agent(thread, "ana", word)
		}
		w.cardIs(w.team, "assigned ana")
		if took := time.Since(began); took > time.Second {
			t.Errorf("the card was late by %s", took)
		}
		time.Sleep(time.Minute)
		if n := cardsShown(w.team); n != 1 {
			t.Errorf("five changes became %d", n)
		}
	})
}

// A card on its way holds up no message, and what changes meanwhile is shown afterwards.
func TestCardsDelayNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.sees(w.team, thread, "vera: Hello")
		w.settled()
		w.agent(thread, "ana", "!take")
		w.team.Script(bridgetest.Outcome{Takes: 9 * time.Second})
		time.Sleep(time.Second) // the card is on its way
		began := time.Now()
		w.visitor("vera", "Anybody?")
		w.sees(w.team, thread, "vera: Hello", "ana: !take", "vera: Anybody?")
		if took := time.Since(began); took > time.Second {
			t.Errorf("the line came after %s", took)
		}
		w.agent(thread, "ana", "!close")
		w.cardIs(w.team, "closed ana")
		if n := cardsShown(w.team); n != 2 {
			t.Errorf("two changes, of which the second came while the first was on its way, became %d", n)
		}
	})
}

// A card that the platform does not take is tried again, unless it never will; either way everything else goes on.
func TestCardsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		for _, c := range []struct {
			name string
			err  error
			want string
		}{
			{"perhaps", errors.New("no answer"), "assigned perhaps"},
			{"wait", &bridge.Failure{Verdict: bridge.Wait, After: 5 * time.Second, Whole: true}, "assigned wait"},
			{"gone", &bridge.Failure{Verdict: bridge.GiveUp, Public: "No."}, "unassigned "},
		} {
			w.agent(thread, "ana", "!unassign")
			time.Sleep(2 * time.Second)
			w.agent(thread, c.name, "!take")
			w.team.Script(bridgetest.Outcome{Err: c.err})
			time.Sleep(time.Minute)
			if got := w.team.Messages(thread)[0].Text; got != c.want {
				t.Errorf("%s: the card shows %q", c.name, got)
			}
			w.visitor("vera", c.name)
			w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return all[len(all)-1].Text == c.name }))
		}
	})
}
