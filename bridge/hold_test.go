package bridge_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

const holdTime = 5 * time.Second

// held makes what agents say at "team" wait, and lets a second team chat watch, where nothing waits.
func held(w *world, routes []bridge.Route) {
	both(w, routes)
	routes[1].Hold = holdTime
}

// reading makes visitors at "shop" read the log themselves, as a browser does.
func reading(w *world, routes []bridge.Route) {
	w.shop = bridgetest.New("shop", bridge.Abilities{Role: bridge.RoleVisitor, Reads: true})
	routes[0].Reads = true
}

// browser is a visitor who reads the log; it remembers what it was ever shown.
type browser struct {
	w       *world
	visitor string
	after   int64
	shown   []string
}

// read reads on from where it is, and returns how long until there is more.
func (b *browser) read() time.Duration {
	b.w.t.Helper()
	c, err := b.w.store.ConversationAt(b.w.ctx, "shop", bridge.ThreadRef("chat/"+b.visitor))
	b.w.must(err)
	entries, held, err := b.w.store.Visible(b.w.ctx, c.ID, "shop", bridge.RoleVisitor, b.after, 50)
	b.w.must(err)
	for _, en := range entries {
		b.after = en.Seq
		if en.By.Kind == bridge.ByAgent {
			b.shown = append(b.shown, string(en.Kind)+" "+rich.Plain(en.Body))
		}
	}
	return held
}

// onBothLanes runs a test with a visitor to whom is sent and with one who reads.
func onBothLanes(t *testing.T, test func(w *world, thread bridge.ThreadRef, visitorSees func(replies ...string))) {
	t.Run("sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, held)
			defer func() { w.stop() }()
			w.visitor("vera", "Hello")
			thread := w.thread("vera")
			w.settled()
			test(w, thread, func(replies ...string) {
				t.Helper()
				var got []string
				for _, text := range w.shop.Ever("") {
					got = append(got, "said "+text)
				}
				if fmt.Sprint(got) != fmt.Sprint(replies) {
					t.Errorf("sent was %q, want %q", got, replies)
				}
			})
		})
	})
	t.Run("read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, reading, held)
			defer func() { w.stop() }()
			w.visitor("vera", "Hello")
			thread := w.thread("vera")
			w.settled()
			b := &browser{w: w, visitor: "vera"}
			test(w, thread, func(replies ...string) {
				t.Helper()
				b.read()
				if fmt.Sprint(b.shown) != fmt.Sprint(replies) {
					t.Errorf("shown was %q, want %q", b.shown, replies)
				}
			})
		})
	})
}

// wait lets time pass, and a moment in which what is due then is done.
func wait(d time.Duration) {
	time.Sleep(d + 300*time.Millisecond)
	synctest.Wait()
}

func TestALineIsHeldAndThenSent(t *testing.T) {
	t.Parallel()
	onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
		w.agent(thread, "ana", "one")
		wait(0)
		w.sees(w.deck, w.threadAt(w.deck, "vera"), "vera: Hello", "ana: one") // colleagues do not wait
		wait(2 * time.Second)
		w.agent(thread, "ana", "two")
		if _, err := w.deck.Say(w.ctx, w.threadAt(w.deck, "vera"), "ben", "not held, but later"); err != nil {
			w.t.Error(err)
		}
		wait(2 * time.Second)
		visitorSees()
		wait(500 * time.Millisecond)
		visitorSees("said one")
		wait(2 * time.Second)
		visitorSees("said one", "said two", "said not held, but later")
	})
}

func TestAnEditWhileItIsHeld(t *testing.T) {
	t.Parallel()
	onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
		ref := w.agent(thread, "ana", "secret")
		wait(time.Second)
		w.must(w.team.Amend(w.ctx, ref, "secret too"))
		wait(time.Second)
		w.must(w.team.Amend(w.ctx, ref, "fine"))
		visitorSees()
		wait(holdTime)
		if w.shop.Abilities().Reads {
			visitorSees("said fine", "edited fine")
		} else {
			visitorSees("said fine")
		}
	})
}

func TestADeletionWhileItIsHeld(t *testing.T) {
	for name, takeBack := range map[string]func(w *world, thread bridge.ThreadRef, ref bridge.MessageRef){
		"deleted": func(w *world, _ bridge.ThreadRef, ref bridge.MessageRef) { w.must(w.team.Amend(w.ctx, ref, "")) },
		"a note": func(w *world, _ bridge.ThreadRef, ref bridge.MessageRef) {
			w.must(w.team.Amend(w.ctx, ref, "// secret"))
		},
		"recalled": func(w *world, thread bridge.ThreadRef, _ bridge.MessageRef) { w.agent(thread, "ana", "!recall") },
	} {
		t.Run(name, func(t *testing.T) {
			onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
				ref := w.agent(thread, "ana", "secret")
				wait(time.Second)
				takeBack(w, thread, ref)
				w.agent(thread, "ana", "better")
				visitorSees()
				w.settled()
				wait(holdTime)
				if w.shop.Abilities().Reads {
					visitorSees("deleted ", "said better") // of a line that it was never shown
				} else {
					visitorSees("said better")
					w.toldSome(w.team, thread, "Taken back. shop: never sent; deck: removed.")
				}
			})
		})
	}
}

// What was held before a restart is held as long as it would have been, and a taken-back line does not come.
func TestAHoldOutlivesARestart(t *testing.T) {
	t.Parallel()
	onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
		w.agent(thread, "ana", "one")
		ref := w.agent(thread, "ana", "secret")
		wait(0)
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.stop()
		w.start()
		wait(2 * time.Second)
		visitorSees()
		wait(3 * time.Second)
		if w.shop.Abilities().Reads {
			visitorSees("said one", "deleted ")
		} else {
			visitorSees("said one")
		}
	})
}

func TestTheWordsOfAClosingAreHeld(t *testing.T) {
	t.Parallel()
	onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
		w.agent(thread, "ana", "!close Bye")
		wait(holdTime - time.Second)
		visitorSees()
		wait(time.Second)
		if w.shop.Abilities().Reads {
			visitorSees("said Bye", "state ")
		} else {
			visitorSees("said Bye")
		}
	})
}

// After the hold an edit or a deletion is carried over at once, and a browser that comes later reads what stands now.
func TestAfterTheHold(t *testing.T) {
	t.Parallel()
	onBothLanes(t, func(w *world, thread bridge.ThreadRef, visitorSees func(...string)) {
		edited, deleted := w.agent(thread, "ana", "frist"), w.agent(thread, "ana", "wrong")
		wait(holdTime)
		visitorSees("said frist", "said wrong")
		w.must(w.team.Amend(w.ctx, edited, "first"))
		w.must(w.team.Amend(w.ctx, deleted, ""))
		wait(0)
		if !w.shop.Abilities().Reads {
			w.sees(w.shop, "chat/vera", "vera: Hello", "ana: first")
			return
		}
		visitorSees("said frist", "said wrong", "edited first", "deleted ")
		later := &browser{w: w, visitor: "vera"}
		if held := later.read(); held != 0 {
			w.t.Errorf("something is held for %v", held)
		}
		if want := []string{"said first", "said ", "edited first", "deleted "}; fmt.Sprint(later.shown) != fmt.Sprint(want) {
			w.t.Errorf("a later browser is shown %q, want %q", later.shown, want)
		}
	})
}
