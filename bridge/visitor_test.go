package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const week = 7 * 24 * time.Hour

// forAWeek lets closed conversations go on for a week.
func forAWeek(w *world, _ []bridge.Route) { w.assignment.Reopen = week }

func TestAClosedConversationGoesOnForDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, forAWeek)
		defer func() { w.stop() }()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "!close Bye")
		w.settled()
		w.pass(week - time.Minute)
		w.visitor("vera", "One more thing")
		w.sees(w.team, thread, "vera: Hello", "ana: !close Bye", "vera: One more thing")
		if got := w.owner("vera"); got != "unassigned " {
			t.Errorf("it is %s", got)
		}
	})
}

// After these days a line begins another conversation where the visitor is, and in new threads of the team.
func TestALaterLineBeginsAnotherConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, forAWeek, both)
		defer func() { w.stop() }()
		first := w.visitor("vera", "Hello")
		team, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		greeting := w.agent(team, "ana", "Good morning")
		w.agent(team, "ana", "!close")
		w.settled()
		before, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		w.pass(week + time.Minute)
		w.visitor("vera", "Back again")
		w.visitor("vera", "And more")
		w.settled()
		after, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		if after.ID == before.ID || after.State != bridge.StateUnassigned || after.Visitor != before.Visitor {
			t.Fatalf("the visitor is in %+v, before in %+v", after, before)
		}
		entries, _, err := w.store.Visible(w.ctx, after.ID, "shop", bridge.RoleVisitor, before.LastSeq, 10)
		w.must(err)
		if len(entries) != 2 || entries[0].Seq <= before.LastSeq {
			t.Errorf("who has seen up to %d reads %+v", before.LastSeq, entries)
		}
		w.told(w.team, team, "The visitor has written again. That is another conversation, in a thread of its own.")
		w.must(w.team.Amend(w.ctx, greeting, "Good evening"))
		const gone = "Nothing was sent or changed: the visitor goes on in another conversation, and nobody reads this one."
		w.told(w.team, team, gone)
		w.agent(team, "ana", "Anybody here?")
		w.settled()
		if shown := strings.Join(lines(w.team.Messages(team)), "\n"); strings.Count(shown, gone) != 2 {
			t.Errorf("who edits and writes where nobody reads sees %s", shown)
		}
		lanes, err := w.store.Lanes(w.ctx, after.ID)
		w.must(err)
		for _, l := range lanes {
			p, old := w.team, team
			if l.Endpoint == "deck" {
				p, old = w.deck, deck
			}
			if l.Role == bridge.RoleTeam {
				w.sees(p, l.Thread, "vera: Back again", fmt.Sprintf("Skein: This visitor has been here before: earlier conversation (https://%s.example/%s)", l.Endpoint, old), "vera: And more")
				if l.Thread == old {
					t.Errorf("%s has no thread of its own", l.Endpoint)
				}
			}
			if l.Endpoint == "team" {
				w.agent(l.Thread, "ana", "Welcome back")
			}
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning", "vera: Back again", "vera: And more", "ana: Welcome back")
		w.must(w.shop.Amend(w.ctx, first, "Hello there"))
		w.settled()
		if got := strings.Join(lines(w.team.Messages(team)), ", "); !strings.Contains(got, "vera: Hello there") {
			t.Errorf("an edit of an earlier line is not carried over: %s", got)
		}
	})
}

// The browser reads on by the last number it has seen, across both conversations; so does a chat that was linked.
func TestLinkedChatsMoveOnTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, forAWeek, reading, elsewhere)
		defer func() { w.stop() }()
		w.visitor("vera", "Hello")
		team := w.thread("vera")
		w.starts("phone", "start", w.invite())
		w.agent(team, "ana", "to both")
		w.agent(team, "ana", "!close")
		w.settled()
		b := &browser{w: w, visitor: "vera"}
		b.read()
		w.pass(week + time.Minute)
		_, err := w.bot.Say(w.ctx, "bot/phone", "phone", "me again")
		w.must(err)
		w.settled()
		c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		lanes, err := w.store.Lanes(w.ctx, c.ID)
		w.must(err)
		var thread bridge.ThreadRef
		var places []string
		for _, l := range lanes {
			places = append(places, fmt.Sprint(l.Endpoint, " ", l.Reads))
			if l.Role == bridge.RoleTeam {
				thread = l.Thread
			}
		}
		if fmt.Sprint(places) != "[team false shop true bot false]" || thread == team {
			t.Errorf("the conversation is at %v, in thread %s", places, thread)
		}
		w.agent(thread, "ana", "welcome back")
		w.settled()
		b.read()
		if got := strings.Join(b.shown, ", "); !strings.HasSuffix(got, "said welcome back") || strings.Count(got, "to both") != 1 {
			t.Errorf("the browser is shown %s", got)
		}
		if got := lines(w.bot.Messages("bot/phone")); got[len(got)-1] != "ana: welcome back" {
			t.Errorf("the bot's chat shows %q", got)
		}
	})
}
