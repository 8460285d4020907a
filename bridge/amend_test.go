package bridge_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

func notes(_ *world, routes []bridge.Route) { routes[1].Notes = true }

func TestEditsWherePlainLinesAreNotes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, notes)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		ref := w.agent(thread, "ana", "!reply Good morning")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
		w.must(w.team.Amend(w.ctx, ref, "!reply Good evening"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good evening")
		w.must(w.team.Amend(w.ctx, ref, "secret"))
		w.sees(w.shop, "chat/vera", "vera: Hello")
		if secret := w.shop.Ever("secret"); len(secret) > 0 {
			t.Errorf("the visitor could read %q", secret)
		}
	})
}

// A reply that was made a note has left the visitor; made a reply again, it looks sent where it was written.
func TestAnEditOfWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		ref := w.agent(thread, "ana", "Good morning")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
		w.must(w.team.Amend(w.ctx, ref, "// she is new"))
		w.sees(w.shop, "chat/vera", "vera: Hello")
		w.must(w.team.Amend(w.ctx, ref, "// she is quite new"))
		w.settled()
		if shown := strings.Join(lines(w.team.Messages(thread)), "\n"); strings.Contains(shown, "Your edit was not sent") {
			t.Errorf("an edit of a note is answered: %s", shown)
		}
		edit := w.team.Inbound(bridgetest.Message{Ref: "edit", Thread: thread, Author: "ana", Text: "Good evening", At: time.Now()})
		edit.Kind, edit.Message, edit.Target = bridge.InEdited, "", ref
		for range 3 { // gap repair finds it each time
			w.must(w.desk.Receive(w.ctx, edit))
		}
		w.told(w.team, thread, "Your edit was not sent: that line has been taken back. Write a new one.")
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}

// TestWhatWasDeletedBeforeItWasTaken is not sent when it is offered again.
func TestWhatWasDeletedBeforeItWasTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		said := w.team.Inbound(bridgetest.Message{Ref: "oops", Thread: w.thread("vera"), Author: "ana", Text: "Oops", At: time.Now()})
		gone := bridge.Inbound{
			Endpoint: "team", Key: "oops/deleted", Kind: bridge.InDeleted, Thread: said.Thread, Target: said.Message, Unsaid: said.Key, At: time.Now(),
		}
		w.must(w.desk.Receive(w.ctx, gone))
		w.must(w.desk.Receive(w.ctx, gone))
		w.must(w.desk.Receive(w.ctx, said))
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello")
		if got := lines(w.team.Messages(said.Thread)); len(got) != 1 {
			t.Errorf("the thread shows %q", got)
		}
	})
}

// TestADeletionInAThreadThatIsGone: what stands there is gone or cannot be written in any more; its copies are with the visitor.
func TestADeletionInAThreadThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		old := w.thread("vera")
		wrong := w.agent(old, "ana", "For somebody else")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: For somebody else")
		w.team.Lose(old)
		w.visitor("vera", "Pardon?")
		w.must(w.idle())
		if now := w.thread("vera"); now == old {
			t.Fatal("no other thread was opened")
		}
		w.must(w.team.Amend(w.ctx, wrong, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello", "vera: Pardon?")
	})
}

func TestACaptionIsRemovedOrAFileIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		in := w.team.Inbound(w.team.Messages(thread)[0])
		in.Key, in.Message, in.From = "F1", "F1", bridge.Person{ID: "ana", Name: "ana"}
		in.Files = []bridge.FileRef{{Ref: "a", Name: "a.png"}, {Ref: "b", Name: "b.png"}}
		said, err := w.desk.Accept(w.ctx, in)
		w.must(err)
		edit := bridge.Inbound{Endpoint: "team", Key: "F1/1", Kind: bridge.InEdited, Thread: thread, Target: "F1", From: in.From}
		edited, err := w.desk.Accept(w.ctx, edit)
		w.must(err)
		if edited.Kind != bridge.Edited || len(edited.Files) != 2 || len(edited.Body) != 0 {
			t.Errorf("without its caption the line is %+v, want an edit with both files", edited)
		}
		edit.Key, edit.Withdrawn = "F1/2", []string{"a"}
		edited, err = w.desk.Accept(w.ctx, edit)
		w.must(err)
		if edited.Kind != bridge.Edited || edited.Target != said.Seq || len(edited.Files) != 1 || edited.Files[0].Name != "b.png" {
			t.Errorf("without one file the line is %+v, want an edit with the other", edited)
		}
		edit.Key, edit.Withdrawn, edit.Kept = "F1/3", nil, []string{"b"}
		if edited, err = w.desk.Accept(w.ctx, edit); err != nil || edited.Kind != "" {
			t.Errorf("with the same files it is edited: %+v, %v", edited, err)
		}
		edit.Key, edit.Body, edit.Kept = "F1/4", rich.Of("no files"), []string{}
		if edited, err = w.desk.Accept(w.ctx, edit); err != nil || edited.Kind != bridge.Edited || len(edited.Files) != 0 {
			t.Errorf("without files the line is %+v, %v", edited, err)
		}
	})
}

// twice runs every change two times, as a database does that found a conflict.
type twice struct{ bridge.Ledger }

func (l twice) Change(ctx context.Context, fn func(bridge.Tx) error) error {
	failed := errors.New("the first run is undone")
	if err := l.Ledger.Change(ctx, func(tx bridge.Tx) error { _ = fn(broken{tx}); return failed }); !errors.Is(err, failed) {
		return err
	}
	return l.Ledger.Change(ctx, fn)
}

// broken is a transaction whose connection was lost.
type broken struct{ bridge.Tx }

func (broken) SaveVisitor(bridge.Visitor) (bridge.Visitor, error) {
	return bridge.Visitor{}, errors.New("connection lost")
}

func TestAChangeMayRunTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		desk := bridge.NewDesk(bridge.DeskConfig{Ledger: twice{w.store}, Hub: w.hub})
		v, err := desk.Greet(w.ctx, bridge.Visitor{Endpoint: "shop", Key: "vera", Profile: bridge.Profile{Name: "Vera"}})
		w.must(err)
		if v.Key != "vera" || v.Profile.Name != "Vera" || v.ID == 0 {
			t.Errorf("greeted %+v", v)
		}
	})
}
