package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

func TestWhatWasMissedComesFirstAndInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.must(w.idle())
		w.team.SayUnheard(thread, "ana", "one")
		w.team.SayUnheard(thread, "ana", "// a note")
		w.team.SayUnheard(thread, "ana", "two")
		time.Sleep(time.Millisecond) // what is said when a gap ends has not been missed
		w.team.ScriptHistory(bridgetest.HistoryOutcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 20 * time.Second}})
		w.team.Reconnect(w.ctx)
		synctest.Wait()
		if _, err := w.team.Say(w.ctx, thread, "ana", "three"); err == nil {
			t.Error("a live line was taken in ahead of what was missed")
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one", "ana: two", "ana: three")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
			return slices.ContainsFunc(all, func(m bridgetest.Message) bool { return strings.Contains(m.Text, "messages arrived while the bridge") })
		}))
	})
}

func TestWhatComesInDuringAReadingIsNotTakenForDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.must(w.idle())
		again := func() { w.team.Reconnect(w.ctx); synctest.Wait(); w.agent(thread, "ana", "here I am") }
		w.team.ScriptHistory(bridgetest.HistoryOutcome{Then: again})
		w.team.Reconnect(w.ctx)
		w.must(w.idle())
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: here I am")
	})
}

func TestAThreadWithoutHistoryGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.must(w.idle())
		w.team.ScriptHistory(bridgetest.HistoryOutcome{Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "No."}})
		w.team.Reconnect(w.ctx)
		w.must(w.idle())
		w.agent(thread, "ana", "Still here")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Still here")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
			return slices.ContainsFunc(all, func(m bridgetest.Message) bool { return strings.Contains(m.Text, "could not be read back") })
		}))
	})
}
