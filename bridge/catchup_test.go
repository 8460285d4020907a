package bridge_test

import (
	"errors"
	"fmt"
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

// TestAPlaceThatIsClosedToUsKeepsNobodyWaiting: until a person acts a thread cannot be read back; the others can.
func TestAPlaceThatIsClosedToUsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "Hi")
		ida := w.thread("ida")
		w.must(w.idle())
		w.visitor("vera", "Hello")
		vera := w.thread("vera") // used last, and so read first
		w.must(w.idle())
		w.team.SayUnheard(vera, "ana", "one")
		w.team.SayUnheard(ida, "ana", "two")
		closed := bridgetest.HistoryOutcome{Thread: vera, Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute, Refused: true}}
		w.team.ScriptHistory(slices.Repeat([]bridgetest.HistoryOutcome{closed}, 3)...)
		w.team.ScriptHistory(bridgetest.HistoryOutcome{Thread: ida, Err: errors.New("reset")})
		begin := time.Now()
		w.team.Reconnect(w.ctx)
		w.sees(w.shop, "chat/ida", "ida: Hi", "ana: two")
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("it was read back after %v", took)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one")
	})
}

// TestACommandWaitsForWhatWasMissed: what it is about may be just that.
func TestACommandWaitsForWhatWasMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.must(w.idle())
		give := func() (bridge.Answer, error) {
			w.presses++
			return w.team.Command(w.ctx, bridge.Invocation{
				Key: fmt.Sprint("press-", w.presses), Thread: thread, From: bridge.Person{ID: "ana", Name: "ana"}, Word: "close",
			})
		}
		w.team.SayUnheard(thread, "ana", "Good bye")
		w.team.ScriptHistory(bridgetest.HistoryOutcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 20 * time.Second}})
		w.team.Reconnect(w.ctx)
		synctest.Wait()
		_, err := give()
		if problem, ok := errors.AsType[*bridge.Problem](err); !ok || problem.Code != "reading_back" {
			t.Errorf("a command ahead of what was missed: %v", err)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good bye")
		_, err = give()
		w.must(err)
		w.must(w.idle())
		if c, err := w.store.ConversationAt(w.ctx, "team", thread); err != nil || c.State != bridge.StateClosed {
			t.Errorf("the conversation is %s, %v", c.State, err)
		}
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
