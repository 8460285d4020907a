package bridge_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

func TestAConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		w.visitor("vera", "Is anybody there")
		thread := w.thread("vera")
		w.sees(w.team, thread, "vera: Hello", "vera: Is anybody there")

		w.agent(thread, "ana", "Good morning")
		w.agent(thread, "ana", "// she wrote yesterday as well")
		w.agent(thread, "ana", "What can I do for you")
		w.sees(w.shop, "chat/vera", "vera: Hello", "vera: Is anybody there", "ana: Good morning", "ana: What can I do for you")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return all[0].Text == "assigned ana" }))
	})
}

func TestEditsAndDeletionsAreCarriedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		long := "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
		ref := w.agent(thread, "ana", "short")
		w.agent(thread, "ana", "last")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: short", "ana: last")

		w.must(w.team.Amend(w.ctx, ref, long)) // grows to two parts; the platform can only append
		w.sees(w.shop, "chat/vera", "vera: Hello",
			"ana: one two three four five six seven eight", "ana: last", "ana: nine ten eleven twelve thirteen fourteen")
		w.must(w.team.Amend(w.ctx, ref, "short again"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: short again", "ana: last")
		w.must(w.team.Amend(w.ctx, ref, long))
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: last")
	})
}

func TestALineThatBecomesANoteIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		ref := w.agent(thread, "ana", "She is difficult")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: She is difficult")
		w.must(w.team.Amend(w.ctx, ref, "// She is difficult"))
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}

func TestWhatIsDeletedBeforeItsTurnIsNeverSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute}})
		w.agent(thread, "ana", "first")
		ref := w.agent(thread, "ana", "a mistake")
		kept := w.agent(thread, "ana", "thrid")
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.must(w.team.Amend(w.ctx, kept, "third"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: first", "ana: third")
		for _, m := range w.shop.Messages("chat/vera") {
			if m.Edited {
				t.Errorf("%q was sent and edited, want it sent in its newest version", m.Text)
			}
		}
	})
}

func TestVerdicts(t *testing.T) {
	refused := errors.New("refused")
	for _, tt := range []struct {
		name   string
		script []bridgetest.Outcome
		after  time.Duration // from the visitor's line to its copy, without the spread
		sends  int           // the card included
		finds  int
	}{
		{"accepted", nil, 0, 2, 0},
		{"retry", []bridgetest.Outcome{
			{}, {Err: &bridge.Failure{Verdict: bridge.Retry, Err: refused}}, {Err: &bridge.Failure{Verdict: bridge.Retry, Err: refused}},
		}, 1500 * time.Millisecond, 4, 0},
		{"wait", []bridgetest.Outcome{{}, {Err: &bridge.Failure{Verdict: bridge.Wait, After: 17 * time.Second}}}, 17 * time.Second, 3, 0},
		{"wait, the whole endpoint", []bridgetest.Outcome{{}, {Err: &bridge.Failure{Verdict: bridge.Wait, After: 17 * time.Second, Whole: true}}}, 17 * time.Second, 3, 0},
		{"unsure and not done", []bridgetest.Outcome{{}, {Err: refused}}, time.Second, 3, 1},
		{"unsure and done", []bridgetest.Outcome{{}, {Err: refused, Accept: true}}, 0, 2, 1},
		{"unsure opening, done", []bridgetest.Outcome{{Err: refused, Accept: true}}, time.Second, 2, 1},
		{"unsure opening, not done", []bridgetest.Outcome{{Err: refused}}, time.Second, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.stop()
				w.team.Script(tt.script...)
				began := time.Now()
				w.visitor("vera", "Hello")
				w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return len(all) == 2 }))
				took := time.Since(began)
				w.must(w.idle())
				if took < tt.after || took > tt.after*6/5+time.Second {
					t.Errorf("took %v, want about %v", took, tt.after)
				}
				if sends, finds := w.team.Calls(); sends != tt.sends || finds != tt.finds {
					t.Errorf("%d sends and %d finds, want %d and %d", sends, finds, tt.sends, tt.finds)
				}
				if got := w.team.Messages(""); len(got) != 2 {
					t.Errorf("the team sees %+v, want the card and one line", got)
				}
			})
		})
	}
}

func TestAgentsAreToldWhatWasRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "The visitor blocked the bot."}})
		w.agent(thread, "ana", "one")
		w.agent(thread, "ana", "two")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: two")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
			last := all[len(all)-1]
			return last.Author == "Skein" && strings.Contains(last.Text, "A line by ana")
		}))
	})
}

func TestANoticeNeverCausesANotice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		giveUp := bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "No."}}
		w.team.Script(bridgetest.Outcome{}, giveUp, giveUp, giveUp)
		w.visitor("vera", "Hello")
		w.must(w.idle())
		if got := lines(w.team.Messages("")); len(got) > 0 {
			t.Errorf("the team sees %q", got)
		}
		if sends, _ := w.team.Calls(); sends != 4 {
			t.Errorf("%d sends, want card, line, one notice and the card again", sends)
		}
	})
}

func TestALostThreadIsOpenedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		old := w.thread("vera")
		w.team.Lose(old)
		w.visitor("vera", "Still there")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
			last := all[len(all)-1]
			return last.Text == "Still there" && last.Thread != old
		}))
		thread := w.team.Messages("")[len(w.team.Messages(""))-1].Thread
		w.agent(thread, "ana", "Yes")
		w.sees(w.shop, "chat/vera", "vera: Hello", "vera: Still there", "ana: Yes")
	})
}

func TestAnEditInALostThreadDoesNotStopTheLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		ref := w.visitor("vera", "Helo")
		old := w.thread("vera")
		w.must(w.idle())
		w.team.Lose(old)
		w.must(w.shop.Amend(w.ctx, ref, "Hello"))
		w.visitor("vera", "Still there")
		w.settled()
		var told, heard bool
		for _, m := range w.team.Messages("") {
			told = told || m.Thread != old && strings.Contains(m.Text, "An edit by vera")
			heard = heard || m.Thread != old && m.Text == "Still there"
		}
		if !told || !heard {
			t.Errorf("the team sees %+v, want the new thread to say that the edit was not made, and the next line", w.team.Messages(""))
		}
	})
}

func TestASlowThreadDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		w.visitor("walt", "Hello")
		slow, quick := w.thread("vera"), w.thread("walt")
		w.must(w.idle())
		w.team.Script(bridgetest.Outcome{Thread: slow, Takes: 40 * time.Second}) // its lease is renewed meanwhile
		w.visitor("vera", "two")
		began := time.Now()
		w.visitor("walt", "two")
		w.sees(w.team, quick, "walt: Hello", "walt: two")
		if took := time.Since(began); took > time.Second {
			t.Errorf("the other thread took %v", took)
		}
		w.sees(w.team, slow, "vera: Hello", "vera: two")
		if took := time.Since(began); took > 42*time.Second {
			t.Errorf("the slow thread took %v: it was begun again", took)
		}
	})
}

// idle lets some time pass, in which the core does what there is to do now.
func (w *world) idle() error {
	time.Sleep(5 * time.Second)
	synctest.Wait()
	return nil
}

// settled waits until no lane is behind.
func (w *world) settled() {
	w.t.Helper()
	for range 600 {
		stats, err := w.store.LaneStats(w.ctx)
		w.must(err)
		if !slices.ContainsFunc(stats, func(s bridge.LaneStat) bool { return s.Lag > 0 }) {
			return
		}
		time.Sleep(time.Second)
	}
	w.t.Fatal("a lane does not get on")
}
