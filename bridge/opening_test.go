package bridge_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// cardThread waits for the card of the only conversation, which may not be settled yet.
func (w *world) cardThread() bridge.ThreadRef {
	w.t.Helper()
	var found bridge.ThreadRef
	w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
		for _, m := range all {
			found = m.Thread
		}
		return found != ""
	}))
	return found
}

// TestWhatWasMissedInAThreadThatIsBeingOpened: a thread is there, and people write in it, before the log knows it.
func TestWhatWasMissedInAThreadThatIsBeingOpened(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, brokenSettles)
			defer w.stop()
			release := w.settles.holdNext()
			w.visitor("vera", "Hello")
			thread := w.cardThread()
			w.team.SayUnheard(thread, "ana", "one")
			w.team.Reconnect(w.ctx)
			synctest.Wait()
			want := []string{"vera: Hello", "ana: one"}
			if live {
				if _, err := w.team.Say(w.ctx, thread, "ana", "two"); err == nil {
					t.Error("a live line was taken in before its thread is known")
				}
				want = append(want, "ana: two")
			}
			release()
			w.sees(w.shop, "chat/vera", want...)
		})
	}
}

// TestAPressOnACardThatIsNotSettledYet is not told that it belongs to no conversation.
func TestAPressOnACardThatIsNotSettledYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, brokenSettles)
		defer w.stop()
		release := w.settles.holdNext()
		w.visitor("vera", "Hello")
		call := bridge.Invocation{Key: "1", Thread: w.cardThread(), From: bridge.Person{ID: "ana", Name: "ana"}, Word: "take"}
		if answer, err := w.desk.Command(w.ctx, bridge.Invocation{Endpoint: "team", Key: "0", Thread: call.Thread, From: call.From, Word: "take"}); err == nil {
			t.Errorf("it is answered %+v", answer)
		}
		time.AfterFunc(time.Second, release)
		answer, err := w.team.Command(w.ctx, call) // it waits for that
		w.must(err)
		if answer.Refused {
			t.Errorf("it is answered %+v", answer)
		}
		call.Key, call.Thread = "2", "elsewhere"
		if answer, err := w.team.Command(w.ctx, call); err != nil || answer.Public != "This message does not belong to a conversation." {
			t.Errorf("elsewhere it is answered %+v, %v", answer, err)
		}
	})
}

// TestAnOpeningThatIsNeverSettled keeps nobody elsewhere waiting for ever.
func TestAnOpeningThatIsNeverSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, brokenSettles)
		defer w.stop()
		w.settles.breakNext(1<<30, false)
		w.visitor("vera", "Hello")
		thread := w.cardThread()
		say := func(in bridge.ThreadRef) error {
			_, err := w.team.Say(w.ctx, in, "ana", "Lunch?")
			return err
		}
		if say("elsewhere") == nil {
			t.Error("a line was dropped whose thread may become known")
		}
		time.Sleep(4 * time.Minute)
		w.must(say("elsewhere"))
		if say(thread) == nil {
			t.Error("a line was dropped in the thread itself")
		}
		w.settles.breakNext(0, false)
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Lunch?")
	})
}

// TestALiveLineComesAfterWhatWasMissed: the thread is known now, and nobody has looked since.
func TestALiveLineComesAfterWhatWasMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, brokenSettles)
		defer w.stop()
		release := w.settles.holdNext()
		w.visitor("vera", "Hello")
		thread := w.cardThread()
		w.team.SayUnheard(thread, "ana", "one")
		w.team.Reconnect(w.ctx)
		synctest.Wait()
		release()
		synctest.Wait()
		w.agent(thread, "ana", "two")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one", "ana: two")
	})
}
