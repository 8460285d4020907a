package bridge_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// Whatever goes wrong with asking what became of a part, the part must not be sent again before the answer is known.
func TestAFailureToAskLeavesTheQuestionOpen(t *testing.T) {
	for _, verdict := range []bridge.Verdict{bridge.Wait, bridge.Retry, bridge.GiveUp, bridge.Unsure} {
		t.Run(string(verdict), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.stop()
				w.visitor("vera", "Hello")
				thread := w.thread("vera")
				w.must(w.idle())
				refusal := &bridge.Failure{Verdict: verdict, After: 3 * time.Second, Public: "Not now."}
				w.team.RefuseFinds(refusal, refusal, errors.New("silence"))
				w.team.Script(bridgetest.Outcome{Err: errors.New("silence"), Accept: true})
				w.visitor("vera", "Once")
				w.settled()
				w.sees(w.team, thread, "vera: Hello", "vera: Once")
			})
		})
	}
}

// An agent may answer a card whose answer to us was lost: the line waits until the card is known to be ours.
func TestALineInAThreadThatIsBeingOpened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.team.Script(bridgetest.Outcome{Err: errors.New("silence"), Accept: true})
		w.visitor("vera", "Hello")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return len(all) == 1 }))
		synctest.Wait()
		thread := w.team.Messages("")[0].Thread
		if _, err := w.team.Say(w.ctx, thread, "ana", "Good morning"); err == nil {
			t.Error("the line was acknowledged although its thread is not known")
		}
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning") // read back, though never offered again
	})
}

func TestAPanicIsNoPoison(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.team.Script(bridgetest.Outcome{Panic: true})
		w.visitor("vera", "Two")
		w.sees(w.team, thread, "vera: Hello", "vera: Two")
	})
}

func TestAnEditMendsWhatWasRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "Too long."}})
		ref := w.agent(thread, "ana", "very long")
		w.settled()
		w.must(w.team.Amend(w.ctx, ref, "short"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: short")
		w.must(w.team.Amend(w.ctx, ref, "shorter"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: shorter")
	})
}
