package bridge_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// atDesk is a member of the team who acts at the workbench in one conversation.
type atDesk struct {
	w    *world
	who  bridge.Agent
	conv bridge.ConversationID
}

// atWorkbench finds the member who is called so in the first team chat.
func (w *world) atWorkbench(visitor, name string) atDesk {
	w.t.Helper()
	d := atDesk{w: w}
	w.must(w.store.Change(w.ctx, func(tx bridge.Tx) (err error) {
		d.who, err = tx.JoinAgent("team", bridge.Person{ID: name, Name: name})
		return err
	}))
	d.conv = w.conversation(w.shop, bridge.ThreadRef("chat/"+visitor))
	return d
}

func (d atDesk) receive(in bridge.Inbound) (bridge.Entry, error) {
	d.w.presses++
	in.Endpoint, in.Key, in.Thread = bridge.Workbench, fmt.Sprint("bench-", d.w.presses), bridge.WorkbenchThread(d.conv)
	in.From = bridge.WorkbenchPerson(d.who)
	return d.w.desk.Accept(d.w.ctx, in)
}

func (d atDesk) says(text string) bridge.Entry {
	d.w.t.Helper()
	en, err := d.receive(bridge.Inbound{Kind: bridge.InSaid, Body: rich.Of(text)})
	d.w.must(err)
	return en
}

func (d atDesk) edits(seq int64, text string) error {
	_, err := d.receive(bridge.Inbound{Kind: bridge.InEdited, Target: bridge.WorkbenchMessage(d.conv, seq), Body: rich.Of(text)})
	return err
}

func (d atDesk) deletes(seq int64) error {
	_, err := d.receive(bridge.Inbound{Kind: bridge.InDeleted, Target: bridge.WorkbenchMessage(d.conv, seq)})
	return err
}

func TestTheWorkbenchIsReadEverywhere(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		ana := w.atWorkbench("vera", "ana")
		reply := ana.says("Good morning")
		note := ana.says("// a regular")
		everywhere := func(visitor []string, also ...string) {
			w.t.Helper()
			w.sees(w.shop, "chat/vera", visitor...)
			w.sees(w.team, team, append(slices.Clone(visitor), also...)...)
			w.sees(w.deck, deck, append(slices.Clone(visitor), also...)...)
		}
		everywhere([]string{"vera: Hello", "ana: Good morning"}, "ana: a regular")
		c, err := w.store.Conversation(w.ctx, ana.conv)
		w.must(err)
		if c.State != bridge.StateAssigned || c.OwnerName != "ana" {
			w.t.Errorf("the first reply has not taken the conversation: %s, %q", c.State, c.OwnerName)
		}
		w.must(ana.edits(reply.Seq, "Good morning, Vera"))
		w.must(ana.edits(note.Seq, "// regular"))
		everywhere([]string{"vera: Hello", "ana: Good morning, Vera"}, "ana: regular")
		w.must(ana.edits(note.Seq, "a plain line")) // a note stays one, whatever it becomes
		everywhere([]string{"vera: Hello", "ana: Good morning, Vera"}, "ana: a plain line")
		w.must(ana.deletes(note.Seq))
		everywhere([]string{"vera: Hello", "ana: Good morning, Vera"})
		w.must(ana.deletes(reply.Seq))
		everywhere([]string{"vera: Hello"})
		w.told(w.team, team, "Taken back. shop: removed; team: removed; deck: removed.")
		if ever := w.shop.Ever("regular"); len(ever) > 0 {
			w.t.Errorf("the visitor has seen a note: %q", ever)
		}
	})
}

// At the workbench it is for us to see to that nobody changes what another has said.
func TestTheWorkbenchLetsNobodyChangeWhatOthersSaid(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, _ bridge.ThreadRef) {
		ana, ben := w.atWorkbench("vera", "ana"), w.atWorkbench("vera", "ben")
		reply, note := ana.says("Good morning"), ana.says("// a regular")
		for _, seq := range []int64{reply.Seq, note.Seq} {
			for what, err := range map[string]error{"edit": ben.edits(seq, "Bad morning"), "delete": ben.deletes(seq)} {
				if p, isProblem := errors.AsType[*bridge.Problem](err); !isProblem || p.Code != "not_yours" {
					w.t.Errorf("ben's %s of ana's line %d: %v", what, seq, err)
				}
			}
		}
		w.must(ana.edits(1, "I never said hello")) // the visitor's line: as an edit of an unknown message
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "ana: a regular")
	})
}

func TestTheWorkbenchRecalls(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, _ bridge.ThreadRef) {
		ana := w.atWorkbench("vera", "ana")
		reply := ana.says("the wrong words")
		w.settled()
		answer, err := w.desk.Command(w.ctx, bridge.Invocation{
			Endpoint: bridge.Workbench, Key: "recall-1", Thread: bridge.WorkbenchThread(ana.conv), From: bridge.WorkbenchPerson(ana.who),
			Word: "recall", Message: bridge.WorkbenchMessage(ana.conv, reply.Seq),
		})
		w.must(err)
		if answer.Refused {
			w.t.Fatal(answer.Public)
		}
		w.told(w.team, team, "Taken back. shop: removed; team: removed; deck: removed.")
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}

// What an agent has said by a command has no message of theirs in a chat: they change it at the workbench, and only they do.
func TestTheWorkbenchChangesWhatACommandHasSaid(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		ana, ben := w.atWorkbench("vera", "ana"), w.atWorkbench("vera", "ben")
		answer, err := w.desk.Command(w.ctx, bridge.Invocation{
			Endpoint: bridge.Workbench, Key: "close-1", Thread: bridge.WorkbenchThread(ana.conv), From: bridge.WorkbenchPerson(ana.who),
			Word: "close", Rest: "Godo night",
		})
		w.must(err)
		if answer.Refused {
			w.t.Fatal(answer.Public)
		}
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Godo night")
		log, _, err := w.store.Visible(w.ctx, ana.conv, "deck", bridge.RoleTeam, 0, 50)
		w.must(err)
		said := slices.IndexFunc(log, func(en bridge.Entry) bool { return rich.Plain(en.Body) == "Godo night" })
		if err := ben.edits(log[said].Seq, "Bad night"); err == nil {
			w.t.Error("ben has changed what ana said")
		}
		w.must(ana.edits(log[said].Seq, "Good night"))
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good night")
		w.sees(w.team, team, "vera: Hello", "ana: Good night")
		w.sees(w.deck, deck, "vera: Hello", "ana: Good night")
	})
}

// Among colleagues things are said in their channels; and a number that somebody made up is no conversation.
func TestTheWorkbenchIsForGuestConversations(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, _, _ bridge.ThreadRef) {
		w.team.Share("lounge")
		w.deck.Share("lounge")
		w.must(w.desk.Gather(w.ctx, []bridge.Adapter{w.team, w.deck}))
		among, err := w.store.ConversationAt(w.ctx, "team", "lounge")
		w.must(err)
		ana := w.atWorkbench("vera", "ana")
		for _, id := range []bridge.ConversationID{among.ID, 999, 0, -1} {
			ana.conv = id
			if en := ana.says("Is anybody here?"); en.Seq != 0 {
				w.t.Errorf("it was said in conversation %d: %+v", id, en)
			}
			answer, err := w.desk.Command(w.ctx, bridge.Invocation{
				Endpoint: bridge.Workbench, Key: fmt.Sprint("close-", id), Thread: bridge.WorkbenchThread(id), From: bridge.WorkbenchPerson(ana.who), Word: "close",
			})
			if err != nil || !answer.Refused {
				w.t.Errorf("closing conversation %d: %+v, %v", id, answer, err)
			}
		}
	})
}
