package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func assigning(mode bridge.AssignMode) option {
	return func(w *world, _ []bridge.Route) { w.assignment.Mode = mode }
}

// arrives is a visitor's first line, whose conversation belongs to whom is returned.
func (w *world) arrives(visitor string) string {
	w.t.Helper()
	w.visitor(visitor, "Hello from "+visitor)
	return w.owner(visitor)
}

func (w *world) expect(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestRoundRobinTakesTurns(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, deck bridge.ThreadRef) {
		w.expect("vera", w.owner("vera"), "assigned ana")
		w.told(w.team, team, "<@ana>, a visitor is here: this conversation is yours.")
		w.told(w.deck, deck, "@ana, a visitor is here: this conversation is yours.")
		for i, want := range []string{"ben", "chloe", "ana", "ben"} {
			w.expect(fmt.Sprint(i), w.arrives(fmt.Sprint("v", i)), "assigned "+want)
		}
		w.giving("deck", "chloe", "off", "", "You are off duty.")
		w.giving("team", "ben", "capacity", "2", "You are given conversations while")
		for i, want := range []string{"ana", "ana", "ana"} { // it would be chloe's turn, and ben has two
			w.expect(fmt.Sprint("later ", i), w.arrives(fmt.Sprint("l", i)), "assigned "+want)
		}
	}, assigning(bridge.AssignRoundRobin))
}

func TestTheLeastBusyIsAsked(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		w.agent(team, "ana", "!assign ben")
		w.settled()
		for i, want := range []string{"chloe", "ana", "ana", "chloe"} {
			if i == 2 { // vera's goes to chloe
				w.giving("team", "ben", "off", "", "You are off duty.")
				w.must(w.idle())
			}
			w.expect(fmt.Sprint(i), w.arrives(fmt.Sprint("v", i)), "assigned "+want)
		}
	}, assigning(bridge.AssignLeastBusy))
}

func TestWhoSpeaksTheLanguageIsAsked(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, _, _ bridge.ThreadRef) {
		w.giving("deck", "chloe", "languages", "de fr", "Your languages")
		speaks := func(visitor, locale, want string) {
			_, err := w.desk.Greet(w.ctx, bridge.Visitor{Endpoint: "shop", Key: visitor, Locale: locale})
			w.must(err)
			w.expect(locale, w.arrives(visitor), "assigned "+want)
		}
		speaks("v1", "fr-CA", "chloe")
		speaks("v2", "de", "chloe")
		speaks("v3", "it", "ben") // vera is ana's
		speaks("v4", "FR", "chloe")
	}, assigning(bridge.AssignByLanguage))
}

// Only who can read its threads is given a conversation.
func TestWhoCannotReadIsNotAsked(t *testing.T) {
	onDeckOnly := func(_ *world, routes []bridge.Route) { routes[0].Desk = routes[0].Desk[1:] }
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, onDeckOnly, assigning(bridge.AssignRoundRobin))
		defer func() { w.stop() }()
		w.members()
		for i := range 4 {
			w.expect(fmt.Sprint(i), w.arrives(fmt.Sprint("v", i)), "assigned chloe")
		}
	})
}

func TestWhoGoesLeavesConversationsToOthers(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, deck bridge.ThreadRef) {
		w.agent(team, "ana", "Good morning")
		w.agent(team, "ana", "!off")
		w.told(w.deck, deck, "@ben, ana is off duty, and this conversation is yours.")
		w.expect("vera", w.owner("vera"), "assigned ben")
		w.giving("deck", "chloe", "off", "", "You are off duty.")
		w.giving("team", "ben", "off", "", "You are off duty.")
		w.told(w.team, team, "ben is off duty. Nobody has this conversation now: whoever answers, or writes !take, does.")
		w.expect("vera", w.owner("vera"), "unassigned ")
		w.expect("ida", w.arrives("ida"), "unassigned ")
		w.giving("team", "ana", "on", "", "You are on duty.") // and is given what waits
		w.must(w.idle())
		w.expect("vera", w.owner("vera"), "assigned ana")
		w.expect("ida", w.owner("ida"), "assigned ana")
		w.agent(team, "ana", "!unassign") // what is put back stays
		time.Sleep(time.Minute)
		w.expect("vera", w.owner("vera"), "unassigned ")
	}, assigning(bridge.AssignRoundRobin))
}

// Who is back before the conversations were given away keeps them; who takes one while off duty keeps it too.
func TestWhoTakesWhileOffDutyKeepsIt(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		w.giving("team", "ben", "off", "", "You are off duty.")
		w.must(w.idle())
		w.agent(team, "ben", "I am here after all")
		time.Sleep(time.Minute)
		w.expect("vera", w.owner("vera"), "assigned ben")
	})
}

// Hours end by themselves, and begin again.
func TestHoursEndAndBegin(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		at := time.Now().UTC() // synctest's clock begins at midnight UTC of a Saturday
		w.giving("team", "ana", "hours", "sat 0-0:30, sat 0:45-2 UTC", "Your hours are sat 0-0:30, sat 0:45-2 UTC now.")
		w.giving("team", "ben", "off", "", "You are off duty.")
		w.giving("deck", "chloe", "off", "", "You are off duty.")
		w.must(w.idle())
		w.expect("vera", w.owner("vera"), "assigned ana")
		time.Sleep(time.Until(at.Truncate(24 * time.Hour).Add(30*time.Minute + 15*time.Second)))
		w.told(w.team, team, "ana is off duty. Nobody has this conversation now: whoever answers, or writes !take, does.")
		w.must(w.idle())
		w.giving("team", "ana", "on", "", "You are on duty in your hours: sat 0-0:30, sat 0:45-2 UTC.")
		w.expect("vera", w.owner("vera"), "unassigned ")
		time.Sleep(time.Until(at.Truncate(24 * time.Hour).Add(45*time.Minute + 15*time.Second)))
		w.expect("vera", w.owner("vera"), "assigned ana")
	}, assigning(bridge.AssignLeastBusy))
}

func TestWhoWasThereGetsItBack(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		w.agent(team, "ana", "!assign chloe")
		w.agent(team, "ana", "!close")
		w.settled()
		w.visitor("vera", "One more thing")
		w.expect("vera", w.owner("vera"), "assigned chloe")
		w.toldSome(w.team, team, "@chloe, the visitor is back: this conversation is yours.")
	}, assigning(bridge.AssignRoundRobin))
}

func TestHours(t *testing.T) {
	for _, c := range []struct{ text, at string }{
		{"mon-fri 9-17 Europe/Berlin", "in 2026-11-26T08:00:00Z, out 2026-11-26T07:59:00Z, out 2026-11-26T16:00:00Z, out 2026-11-28T10:00:00Z"},
		{"mon-thu 9-17:30, fri 9-13 UTC", "in 2026-11-26T17:29:00Z, out 2026-11-27T13:00:00Z, in 2026-11-27T12:59:00Z"},
		{"fri-mon 22-6 UTC", "in 2026-11-30T23:00:00Z, in 2026-12-01T05:00:00Z, out 2026-12-01T22:30:00Z, out 2026-11-27T05:00:00Z"},
		{"sun 0-24 America/New_York", "in 2026-11-29T05:00:00Z, out 2026-11-29T04:59:00Z"},
		{"sun-sat 9-17 UTC", "in 2026-11-29T09:00:00Z, in 2026-11-28T09:00:00Z"},
	} {
		h, err := bridge.ParseHours(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if again, err := bridge.ParseHours(h.String()); err != nil || again.String() != h.String() {
			t.Errorf("%s is written as %s and read as %s, %v", c.text, h, again, err)
		}
		for one := range strings.SplitSeq(c.at, ", ") {
			want, moment, _ := strings.Cut(one, " ")
			at, err := time.Parse(time.RFC3339, moment)
			if err != nil {
				t.Fatal(err)
			}
			if h.Include(at) != (want == "in") {
				t.Errorf("%s is not %s %s", moment, want, c.text)
			}
		}
	}
	for _, text := range []string{"9-17", "mon-fri 9-17", "mon-fri 9-17 Mars/Base", "mon-fri 25-26 UTC", "mon-fri 9:75-10 UTC", "every 9-17 UTC", "mon 24-3 UTC", "mon 9 UTC", "mon 9-17 Local"} {
		if h, err := bridge.ParseHours(text); err == nil {
			t.Errorf("%q is read as %s", text, h)
		}
	}
}

func FuzzParseHours(f *testing.F) {
	f.Add("mon-fri 9-17:30, sat 10-14 Europe/Berlin")
	f.Add("fri-mon 22-6 UTC")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := bridge.ParseHours(text)
		if err != nil {
			return
		}
		again, err := bridge.ParseHours(h.String())
		if err != nil || again.String() != h.String() {
			t.Errorf("%q is written as %q and read as %q, %v", text, h, again, err)
		}
		_ = h.Include(time.Now())
	})
}
