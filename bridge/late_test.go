package bridge_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

func revoked() *bridge.Failure {
	return &bridge.Failure{Verdict: bridge.Wait, After: time.Minute, Whole: true, Refused: true, Public: "The token was revoked."}
}

// notices counts what the system has said in a thread of a line that is late at the endpoint.
func notices(p *bridgetest.Platform, t bridge.ThreadRef, at string) (n int) {
	for _, l := range lines(p.Messages(t)) {
		if strings.HasPrefix(l, "Skein: ") && strings.Contains(l, "has not reached "+at) {
			n++
		}
	}
	return n
}

// hasNotices fails the test unless there are so many notices of lines late at the endpoint in the thread.
func (w *world) hasNotices(p *bridgetest.Platform, t bridge.ThreadRef, at string, want int) {
	w.t.Helper()
	if n := notices(p, t, at); n != want {
		w.t.Errorf("%s shows %q, want it told %d times that something has not reached %s", p.Name(), lines(p.Messages(t)), want, at)
	}
}

func TestAgentsElsewhereAreToldOnceOfARefusal(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.deck.Refuse(revoked())
		w.visitor("vera", "One")
		w.visitor("vera", "Two")
		w.toldSome(w.team, team, "A line by vera, ")
		w.visitor("walt", "I am new")
		w.visitor("wilma", "And I")
		walt, wilma := w.thread("walt"), w.thread("wilma")
		time.Sleep(3 * time.Minute)
		w.visitor("vera", "Three")
		w.stop()
		w.start()
		time.Sleep(20 * time.Minute)
		for _, thread := range []bridge.ThreadRef{team, walt, wilma} {
			w.hasNotices(w.team, thread, "deck", 1)
		}
		if c := w.conditions.All()["deck"]; c.State != bridge.Refused || c.Public != "The token was revoked." {
			t.Errorf("the endpoint is %+v", c)
		}

		w.deck.Refuse(nil)
		w.sees(w.deck, deck, "vera: Hello", "vera: One", "vera: Two", "vera: Three")
		w.deck.Refuse(revoked())
		w.visitor("vera", "Four")
		time.Sleep(5 * time.Minute)
		w.hasNotices(w.team, team, "deck", 2)
	})
}

func TestAgentsAreToldWhatWaitsBehindAChangeOfState(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.agent(team, "ana", "Good morning")
		w.settled()
		w.deck.Refuse(revoked())
		w.agent(team, "ana", "!close")
		time.Sleep(5 * time.Minute)
		w.hasNotices(w.team, team, "deck", 0)
		w.visitor("vera", "Wait")
		time.Sleep(5 * time.Minute)
		w.hasNotices(w.team, team, "deck", 1)
	})
}

func TestAgentsAreToldThatAVisitorsEndpointRefuses(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.shop.Refuse(revoked())
		w.agent(team, "ana", "Good morning")
		w.agent(team, "ana", "What can I do for you?")
		time.Sleep(10 * time.Minute)
		w.hasNotices(w.team, team, "shop", 1)
		w.hasNotices(w.deck, deck, "shop", 1)
	})
}

func TestWhereEverybodyIsRefusedTheConditionsSaySo(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.deck.Refuse(revoked())
		w.team.Refuse(revoked())
		w.visitor("vera", "One")
		time.Sleep(10 * time.Minute)
		for _, e := range []bridge.EndpointName{"team", "deck"} {
			if c := w.conditions.All()[e]; c.State != bridge.Refused || c.Public != "The token was revoked." {
				t.Errorf("%s is %+v", e, c)
			}
		}
		w.team.Refuse(nil)
		w.deck.Refuse(nil)
		w.settled()
		w.hasNotices(w.team, team, "deck", 1)
		w.hasNotices(w.deck, deck, "team", 1)
	})
}

func TestAgentsAreToldOfALongPause(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.deck.Refuse(&bridge.Failure{Verdict: bridge.Wait, After: 30 * time.Second, Public: "The platform asked us to wait."})
		w.visitor("vera", "One")
		time.Sleep(4 * time.Minute)
		w.hasNotices(w.team, team, "deck", 0)
		time.Sleep(2 * time.Minute)
		w.hasNotices(w.team, team, "deck", 1)
		time.Sleep(time.Hour / 4)
		w.hasNotices(w.team, team, "deck", 1)
		w.deck.Refuse(nil)
		w.settled()

		w.deck.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 8 * time.Minute, Whole: true, Refused: true, Public: "Shut out."}})
		began := time.Now()
		w.visitor("vera", "Two")
		time.Sleep(time.Minute)
		w.visitor("walt", "I am new")
		walt := w.thread("walt")
		time.Sleep(2 * time.Minute)
		w.hasNotices(w.team, team, "deck", 2)
		w.hasNotices(w.team, walt, "deck", 1)
		w.sees(w.deck, deck, "vera: Hello", "vera: One", "vera: Two")
		if took := time.Since(began); took < 8*time.Minute {
			t.Errorf("the platform was asked again after %v", took)
		}
	})
}

func TestWhatWasRefusedGoesOutWhenTheEndpointIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both)
		defer w.stop()
		w.visitor("vera", "Hello")
		deck := w.threadAt(w.deck, "vera")
		w.settled()
		w.deck.Refuse(revoked())
		w.visitor("vera", "One")
		w.visitor("vera", "Two")
		w.visitor("walt", "And I")
		time.Sleep(61 * time.Second)
		began := time.Now()
		w.deck.Regain(w.ctx)
		w.sees(w.deck, deck, "vera: Hello", "vera: One", "vera: Two")
		w.threadAt(w.deck, "walt")
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("what waited took %v", took)
		}
	})
}
