package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// mailbox is a mail server in memory, and what instances know of streams.
type mailbox struct {
	mu        sync.Mutex
	mails     []bridge.Mail
	tried     int
	answer    func(m bridge.Mail) error // nil: every mail is taken
	connected bool                      // the visitor listens
}

func (b *mailbox) Send(_ context.Context, m bridge.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried++
	if b.answer != nil {
		if err := b.answer(m); err != nil {
			return err
		}
	}
	b.mails = append(b.mails, m)
	return nil
}

func (b *mailbox) isConnected(bridge.EndpointName, bridge.ThreadRef) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected
}

func (b *mailbox) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *mailbox) tries() (n int) {
	b.set(func() { n = b.tried })
	return n
}

// ids are what the mails are called.
func (b *mailbox) ids() (out []string) {
	b.set(func() {
		for _, m := range b.mails {
			out = append(out, m.ID)
		}
	})
	return out
}

// texts are the mails, each "address: line | line".
func (b *mailbox) texts() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.mails {
		var lines []string
		for _, en := range m.Lines {
			lines = append(lines, en.By.Name+" "+rich.Plain(en.Body))
		}
		out = append(out, m.To+": "+strings.Join(lines, " | "))
	}
	return out
}

// mailWorld is a shop whose visitors read for themselves; vera has written, and given an address.
func mailWorld(t *testing.T, test func(w *world, box *mailbox, team bridge.ThreadRef)) {
	synctest.Test(t, func(t *testing.T) {
		box := &mailbox{}
		w := newWorld(t, func(w *world, _ []bridge.Route) {
			w.edit = func(r *bridge.Route) { r.Reads = r.Endpoint == "shop" }
			w.mailing = &bridge.Mailing{Send: box.Send, Connected: box.isConnected, After: 2 * time.Minute}
		})
		defer func() { w.stop() }()
		w.visitor("vera", "Is the fern in stock?")
		team := w.thread("vera")
		w.address("vera@example.com")
		w.settled()
		test(w, box, team)
	})
}

func (w *world) address(email string) {
	w.t.Helper()
	_, err := w.desk.Greet(w.ctx, bridge.Visitor{Endpoint: "shop", Key: "vera", Profile: bridge.Profile{Email: email}})
	w.must(err)
}

func (b *mailbox) expect(w *world, when string, want ...string) {
	w.t.Helper()
	if got := b.texts(); !slices.Equal(got, want) {
		w.t.Errorf("%s: mailed %q, want %q", when, got, want)
	}
}

func TestWhatAVisitorDidNotSeeIsMailedOnce(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		w.agent(team, "ana", "Yes, two are left.")
		w.agent(team, "ana", "!note She is a regular.")
		time.Sleep(30 * time.Second)
		w.agent(team, "ben", "And they are green.")
		time.Sleep(time.Minute)
		box.expect(w, "before its time")
		time.Sleep(time.Minute)
		const first = "vera@example.com: ana Yes, two are left. | ben And they are green."
		box.expect(w, "in time", first)
		if got := w.give(team, "ana", "why", ""); !strings.Contains(got, "mailed ") {
			t.Errorf("why: %s", got)
		}
		time.Sleep(20 * time.Minute)
		box.expect(w, "ever after", first)
		w.agent(team, "ana", "Only one now.")
		time.Sleep(3 * time.Minute)
		box.expect(w, "one more line", first, "vera@example.com: ana Only one now.")
		if ids := box.ids(); len(ids) == 2 && (ids[0] == ids[1] || ids[0] == "") {
			t.Errorf("two mails are called %q", ids)
		}
	})
}

func TestNothingIsMailedTo(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, box *mailbox, team bridge.ThreadRef){
		"who has seen it": func(w *world, _ *mailbox, team bridge.ThreadRef) {
			c := w.conversation(w.team, team)
			conv, err := w.store.Conversation(w.ctx, c)
			w.must(err)
			w.must(w.store.Seen(w.ctx, c, "shop", conv.LastSeq))
		},
		"who gave no address": func(w *world, _ *mailbox, _ bridge.ThreadRef) {
			w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
				v, err := tx.VisitorByKey("shop", "vera")
				if err != nil {
					return err
				}
				_, err = tx.EditVisitor(v.ID, func(v *bridge.Visitor) { v.Profile.Email = "" })
				return err
			}))
		},
		"who is blocked": func(w *world, _ *mailbox, team bridge.ThreadRef) { w.agent(team, "ana", "!block") },
		"who is there":   func(_ *world, box *mailbox, _ bridge.ThreadRef) { box.set(func() { box.connected = true }) },
		"whose line was taken back": func(w *world, _ *mailbox, team bridge.ThreadRef) {
			w.agent(team, "ana", "!recall")
		},
	} {
		t.Run(name, func(t *testing.T) {
			mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
				w.agent(team, "ana", "Yes.")
				w.settled()
				change(w, box, team)
				time.Sleep(15 * time.Minute)
				box.expect(w, "in a while")
			})
		})
	}
}

// Who leaves after all gets their mail then.
func TestWhoLeavesLaterIsMailed(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		box.set(func() { box.connected = true })
		w.agent(team, "ana", "Yes.")
		time.Sleep(15 * time.Minute)
		box.expect(w, "while they are there")
		box.set(func() { box.connected = false })
		time.Sleep(3 * time.Minute)
		box.expect(w, "after they left", "vera@example.com: ana Yes.")
	})
}

// Another instance may know of the visitor's stream, and sends nothing twice.
func TestSeveralInstancesMailOnce(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		there := &mailbox{connected: true}
		for range 3 {
			other := bridge.NewDesk(bridge.DeskConfig{
				Ledger: w.store, Hub: bridge.NewHub(), Routes: w.routes, Log: slog.New(slog.DiscardHandler),
				Mailing: &bridge.Mailing{Book: w.store, Send: box.Send, Connected: there.isConnected, After: 2 * time.Minute},
			})
			ctx, cancel := context.WithCancel(w.ctx)
			done := make(chan struct{})
			go func() { defer close(done); _ = other.KeepMail(ctx) }()
			defer func() { cancel(); <-done }()
		}
		w.agent(team, "ana", "Yes.")
		time.Sleep(15 * time.Minute)
		box.expect(w, "while another instance has the stream")
		there.set(func() { there.connected = false })
		time.Sleep(15 * time.Minute)
		box.expect(w, "afterwards", "vera@example.com: ana Yes.")
	})
}

func TestMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		box.set(func() {
			box.answer = func(bridge.Mail) error { return &bridge.Failure{Verdict: bridge.Retry, Public: "Not now."} }
		})
		w.agent(team, "ana", "Yes.")
		time.Sleep(3 * time.Minute)
		w.agent(team, "ana", "Really.")
		box.set(func() { box.answer = nil })
		time.Sleep(15 * time.Minute)
		box.expect(w, "when the server is back", "vera@example.com: ana Yes. | ana Really.")
		if n := box.tries(); n < 2 {
			t.Errorf("tried %d times", n)
		}
	})
}

func TestMailThatIsRefusedIsTold(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		box.answer = func(bridge.Mail) error {
			return &bridge.Failure{Verdict: bridge.GiveUp, Public: "There is no such address."}
		}
		w.agent(team, "ana", "Yes.")
		w.told(w.team, team, "The visitor has left, and what you wrote could not be mailed to them: There is no such address.")
		time.Sleep(30 * time.Minute)
		if n := box.tries(); n != 1 {
			t.Errorf("tried %d times", n)
		}
	})
}

// When nobody knows whether the server has a mail, the same mail goes out again: under the same name and without what was
// said since.
func TestMailOfUnknownFate(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(w *world){
		"the server does not answer": func(*world) {},
		"the program is restarted":   func(w *world) { w.stop(); w.start() },
	} {
		t.Run(name, func(t *testing.T) {
			mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
				var first string
				box.answer = func(m bridge.Mail) error {
					first = m.ID
					return errors.New("connection reset")
				}
				w.agent(team, "ana", "Yes.")
				for range 3600 {
					if time.Sleep(time.Second); box.tries() > 0 {
						break
					}
				}
				box.set(func() { box.answer = nil })
				again(w)
				w.agent(team, "ana", "Really.")
				time.Sleep(15 * time.Minute)
				box.expect(w, "in the end", "vera@example.com: ana Yes.", "vera@example.com: ana Really.")
				box.set(func() {
					if got := box.mails[0].ID; got != first || first == "" {
						t.Errorf("the mail was called %q and %q", first, got)
					}
				})
			})
		})
	}
}

func TestMailOfAStoppedProgramIsSettled(t *testing.T) {
	t.Parallel()
	mailWorld(t, func(w *world, box *mailbox, team bridge.ThreadRef) {
		began := make(chan struct{})
		box.answer = func(bridge.Mail) error {
			close(began)
			time.Sleep(10 * time.Second)
			return nil
		}
		w.agent(team, "ana", "Yes.")
		<-began
		w.stop()
		box.set(func() { box.answer = nil })
		w.start()
		time.Sleep(15 * time.Minute)
		if want := "[vera@example.com: ana Yes.]"; fmt.Sprint(box.texts()) != want {
			t.Errorf("mailed %v, want %s", box.texts(), want)
		}
	})
}
