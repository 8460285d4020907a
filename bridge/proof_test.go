package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// refusing is an answer to lines for Vera that will never be another.
var refusing = bridgetest.Outcome{
	Err: &bridge.Failure{Verdict: bridge.GiveUp, Public: "Vera has blocked the bot."}, Thread: "chat/vera",
}

// answering runs a conversation of Vera's that Ana has answered.
func answering(t *testing.T, test func(w *world, thread bridge.ThreadRef), opts ...option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, opts...)
		defer func() { w.stop() }() // the last one, of a test that starts it again
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "One")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One")
		test(w, thread)
	})
}

// offered waits for the newest notice with offers in the thread and returns them.
func (w *world) offered(p *bridgetest.Platform, t bridge.ThreadRef) []bridge.Offer {
	w.t.Helper()
	w.settled()
	log, err := w.store.Log(w.ctx, w.conversation(p, t))
	w.must(err)
	slices.Reverse(log)
	edited := map[int64]bool{}
	for _, en := range log {
		if en.Kind == bridge.Edited {
			edited[en.Target] = true
		}
		if len(en.Offers) > 0 && !edited[en.Seq] {
			return en.Offers
		}
	}
	w.t.Fatal("nothing is offered")
	return nil
}

func (w *world) conversation(p *bridgetest.Platform, t bridge.ThreadRef) bridge.ConversationID {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, p.Name(), t)
	w.must(err)
	return c.ID
}

// give gives a word natively and returns what the person is told.
func (w *world) give(t bridge.ThreadRef, person, word, rest string) string {
	w.t.Helper()
	answer, err := w.desk.Command(w.ctx, bridge.Invocation{
		Endpoint: "team", Key: fmt.Sprintf("press/%d", time.Now().UnixNano()), Thread: t, From: bridge.Person{ID: person, Name: person},
		Word: word, Rest: rest,
	})
	w.must(err)
	time.Sleep(time.Millisecond) // the next press has a key of its own
	return answer.Public
}

func TestRetry(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing)
		w.agent(thread, "ana", "Two")
		w.toldSome(w.team, thread, "A line by ana, ")
		w.agent(thread, "ana", "Three")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Three")
		retry := w.offered(w.team, thread)[0]

		if got := w.give(thread, "ben", retry.Word, retry.Rest); got != "" {
			t.Errorf("a retry was answered with %q", got)
		}
		if got := w.give(thread, "ana", retry.Word, retry.Rest); !strings.HasPrefix(got, "That line ") {
			t.Errorf("a second retry was answered with %q", got)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Three", "ana: Two")
		w.settled()
		if got := w.give(thread, "ana", retry.Word, retry.Rest); got != "That line has reached shop meanwhile. It is not sent again." {
			t.Errorf("a late retry was answered with %q", got)
		}
		if got := w.give(thread, "ana", "drop", retry.Rest); got != "That line has reached shop meanwhile. It is not sent again." {
			t.Errorf("a late drop was answered with %q", got)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Three", "ana: Two")
		w.agent(thread, "ana", "!retry")
		w.toldSome(w.team, thread, "There is no line here of which it is open")
		if all := strings.Join(lines(w.team.Messages(thread)), "\n"); !strings.Contains(all, "It is kept here. It is sent again.") {
			t.Errorf("the question still stands: %s", all)
		}
	})
}

// TestARetryThatIsNeedless settles its question, although nothing is done.
func TestARetryThatIsNeedless(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing)
		ref := w.agent(thread, "ana", "Two")
		w.toldSome(w.team, thread, "A line by ana, ")
		retry := w.offered(w.team, thread)[0]
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.settled()
		if got := w.give(thread, "ana", retry.Word, retry.Rest); got != "That line was taken back. Nothing is sent." {
			t.Errorf("it is answered %q", got)
		}
		w.settled()
		if all := strings.Join(lines(w.team.Messages(thread)), "\n"); !strings.Contains(all, "It was taken back.") {
			t.Errorf("the question still stands: %s", all)
		}
	})
}

// A line that is tried again is the same line: its edits and its recall find it.
func TestRetriedLineIsTheSameLine(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing, refusing)
		ref := w.agent(thread, "ana", "Two")
		w.toldSome(w.team, thread, "A line by ana, ")
		w.agent(thread, "ana", "!retry")
		w.settled() // it fails again
		w.agent(thread, "ana", "!retry")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Two")
		w.must(w.team.Amend(w.ctx, ref, "Two and a half"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Two and a half")
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One")
	})
}

// What is to be sent anew and is taken back before its turn is not sent.
func TestRetriedLineIsTakenBack(t *testing.T) {
	for name, anew := range map[string]func(w *world, thread bridge.ThreadRef, ref bridge.MessageRef){
		"retry": func(w *world, thread bridge.ThreadRef, _ bridge.MessageRef) { w.agent(thread, "ana", "!retry") },
		"edit": func(w *world, _ bridge.ThreadRef, ref bridge.MessageRef) {
			w.must(w.team.Amend(w.ctx, ref, "Two and a half"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			answering(t, func(w *world, thread bridge.ThreadRef) {
				wait := &bridge.Failure{Verdict: bridge.Wait, Public: "Slow down.", After: time.Minute}
				w.shop.Script(refusing, bridgetest.Outcome{Err: wait, Thread: "chat/vera"})
				ref := w.agent(thread, "ana", "Two")
				w.toldSome(w.team, thread, "A line by ana, ")
				anew(w, thread, ref)
				time.Sleep(10 * time.Second) // it has to wait
				w.must(w.team.Amend(w.ctx, ref, ""))
				w.agent(thread, "ana", "Three")
				w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Three")
				w.settled()
				if sent := w.shop.Ever("Two"); len(sent) > 0 {
					t.Errorf("the visitor could read %q", sent)
				}
			})
		})
	}
}

// Of a line in several messages only what is missing is sent again.
func TestRetryOfAPart(t *testing.T) {
	long := strings.Repeat("word ", 7) + strings.Repeat("more ", 7) + strings.Repeat("last ", 7)
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(bridgetest.Outcome{Thread: "chat/vera"}, refusing)
		w.agent(thread, "ana", strings.TrimSpace(long))
		w.toldSome(w.team, thread, "A line by ana, ")
		before := lines(w.shop.Messages("chat/vera"))
		w.agent(thread, "ben", "!retry")
		w.settled()
		after := lines(w.shop.Messages("chat/vera"))
		if len(before) != 3 || len(after) != 5 || strings.Count(strings.Join(after, ""), "word ") != 7 {
			t.Errorf("before %q, after %q", before, after)
		}
	})
}

func TestRetryOfAnEdit(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		ref := w.agent(thread, "ana", "Two")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Two")
		w.shop.Script(refusing)
		w.must(w.team.Amend(w.ctx, ref, "Zwei"))
		w.toldSome(w.team, thread, "An edit by ana, ")
		if got := w.give(thread, "ana", "why", ""); !strings.Contains(got, "shop: delivered 00:0") ||
			!strings.Contains(got, ", but not its edit: Vera has blocked the bot.") {
			t.Errorf("why: %q", got)
		}
		w.agent(thread, "ana", "!retry")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Zwei")
		w.settled()
		if got := w.give(thread, "ana", "why", ""); !strings.Contains(got, "shop: delivered 00:0") || strings.Contains(got, "not") {
			t.Errorf("why: %q", got)
		}
	})
}

func TestDrop(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing)
		w.agent(thread, "ana", "Two")
		drop := w.offered(w.team, thread)[1]
		if got := w.give(thread, "ben", drop.Word, drop.Rest); got != "" {
			t.Errorf("a drop was answered with %q", got)
		}
		w.settled()
		if all := strings.Join(lines(w.team.Messages(thread)), "\n"); !strings.Contains(all, "It is kept here. ben has dropped it.") {
			t.Errorf("the question still stands: %s", all)
		}
		if got := w.give(thread, "ana", "retry", drop.Rest); got != "It has been dropped already. Write the line again to send it." {
			t.Errorf("a retry after a drop was answered with %q", got)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One")
	})
}

// The agent's own send command must not take an undelivered line for one that was held back.
func TestUndeliveredLineIsNotHeld(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing)
		w.agent(thread, "ana", "Two")
		w.toldSome(w.team, thread, "A line by ana, ")
		w.agent(thread, "ana", "!send")
		w.told(w.team, thread, "No line of yours is held back here. Only who has written a line can send it.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One")
	})
}

func TestRetryOfANote(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		deck := w.threadAt(w.deck, "vera")
		w.deck.Script(bridgetest.Outcome{Err: refusing.Err, Thread: deck})
		w.agent(thread, "ana", "!note Careful")
		w.toldSome(w.team, thread, "A line by ana, ")
		w.agent(thread, "ana", "!retry")
		w.settled()
		if all := strings.Join(lines(w.deck.Messages(deck)), "\n"); strings.Count(all, "Careful") != 1 {
			t.Errorf("deck shows %s", all)
		}
		if strings.Contains(strings.Join(lines(w.shop.Messages("chat/vera")), "\n"), "Careful") {
			t.Error("the visitor reads a note")
		}
	}, both)
}

func TestWhy(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.settled()
		if got := w.give(thread, "ana", "why", ""); !strings.HasPrefix(got, "A line by ana, 00:00:0") || !strings.Contains(got, ". shop: delivered 00:00:0") {
			t.Errorf("why: %q", got)
		}
		if got := w.give(thread, "ben", "why", ""); !strings.HasPrefix(got, "A line by ana, ") { // he has said nothing yet
			t.Errorf("why: %q", got)
		}
		w.shop.Script(refusing)
		w.agent(thread, "ana", "Two")
		w.settled()
		if got := w.give(thread, "ana", "why", ""); !strings.HasSuffix(got, ". shop: not delivered: Vera has blocked the bot.") {
			t.Errorf("why: %q", got)
		}
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{
			Verdict: bridge.Wait, After: time.Minute, Whole: true, Public: "The shop asked us to wait.",
		}})
		w.agent(thread, "ana", "Three")
		time.Sleep(time.Second)
		if got := w.give(thread, "ana", "why", ""); !strings.Contains(got, ". shop: queued, its platform wants nothing before 00:01:") {
			t.Errorf("why: %q", got)
		}
	})
}
