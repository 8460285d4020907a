package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// quickly runs a conversation of Vera's, who reads German and has a plan, with a team that keeps some quick replies.
func quickly(t *testing.T, opts []option, test func(w *world, thread bridge.ThreadRef)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, opts...)
		defer w.stop()
		_, err := w.desk.Greet(w.ctx, bridge.Visitor{
			Endpoint: "shop", Key: "vera", Locale: "de-AT", Profile: bridge.Profile{Name: "vera", Attributes: map[string]string{"plan": "gold"}},
		})
		w.must(err)
		w.keeps(
			quickreply.Reply{Shortcut: "refund", Title: "Refund policy", Body: rich.Of("Money back, {visitor.name}.")},
			quickreply.Reply{Shortcut: "refund-status", Title: "Refund status", Body: rich.Of("{visitor.name}: on its way.")},
			quickreply.Reply{Shortcut: "plan", Title: "Which plan", Body: rich.Of("You have {visitor.plan}, says {agent.name}.")},
			quickreply.Reply{Shortcut: "order", Title: "Order number", Body: rich.Of("Order {visitor.order} for {visitor.iban}.")},
			quickreply.Reply{Shortcut: "bye", Title: "Goodbye", Body: rich.Of("Bye."), Language: "en", Variants: map[string]rich.Doc{"de": rich.Of("Ade.")}},
		)
		w.visitor("vera", "Hello")
		test(w, w.thread("vera"))
		if leaked := w.shop.Ever("#"); len(leaked) > 0 {
			t.Errorf("the visitor has seen %q", leaked)
		}
	})
}

// keeps writes quick replies and waits until they can be found.
func (w *world) keeps(replies ...quickreply.Reply) {
	w.t.Helper()
	_, _, err := bridge.ImportQuickReplies(w.ctx, w.store, replies)
	w.must(err)
	time.Sleep(3 * time.Second) // of fake time
}

// asks writes a line and returns the message that answers it in the thread.
func (w *world) asks(thread bridge.ThreadRef, name, text string) bridgetest.Message {
	w.t.Helper()
	before := len(w.team.Messages(thread))
	w.agent(thread, name, text)
	w.settled()
	all := w.team.Messages(thread)
	if len(all) < before+2 {
		w.t.Fatalf("%q is not answered: %q", text, lines(all))
	}
	return all[len(all)-1]
}

// press presses the button with this label under a message in the thread.
func (w *world) press(m bridgetest.Message, name, label string) bridge.Answer {
	w.t.Helper()
	for _, o := range w.messageNow(m).Offers {
		if o.Label == label {
			w.presses++
			answer := w.command(bridge.Invocation{
				Endpoint: "team", Key: fmt.Sprintf("press/%d", w.presses), Thread: m.Thread, From: bridge.Person{ID: name, Name: name}, Word: o.Word, Rest: o.Rest,
			})
			w.settled()
			return answer
		}
	}
	w.t.Fatalf("no button %q under %q: %v", label, m.Text, w.messageNow(m).Offers)
	return bridge.Answer{}
}

// messageNow is the message as it stands there now.
func (w *world) messageNow(m bridgetest.Message) bridgetest.Message {
	w.t.Helper()
	for _, now := range w.team.Messages(m.Thread) {
		if now.Ref == m.Ref {
			return now
		}
	}
	w.t.Fatalf("%q is gone", m.Text)
	return m
}

func labels(m bridgetest.Message) (out []string) {
	for _, o := range m.Offers {
		out = append(out, o.Label)
	}
	return out
}

func TestQuickReplyIsShownAndSent(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		shown := w.asks(thread, "ana", "#rfund polcy")
		if !strings.HasPrefix(shown.Text, "refund: Refund policy\n\n> Money back, vera.\n\nNot sent yet: !qr send refund") {
			t.Fatalf("the agent is shown %q", shown.Text)
		}
		if got := labels(shown); !slices.Contains(got, "refund-status") || got[0] != "Send" || got[len(got)-1] != "Cancel" {
			t.Errorf("buttons %q", got)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello")
		w.press(shown, "ana", "refund-status") // another one that was found
		if now := w.messageNow(shown); !strings.Contains(now.Text, "> vera: on its way.") || !slices.Contains(labels(now), "refund") {
			t.Errorf("then they are shown %q with %q", now.Text, labels(now))
		}
		w.press(shown, "ana", "Send")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: vera: on its way.")
		if now := w.messageNow(shown); now.Text != "Chosen: refund-status." || len(now.Offers) > 0 {
			t.Errorf("it was sent, and yet there stands %q with %q", now.Text, labels(now))
		}
		w.sees(w.team, thread, "vera: Hello", "ana: #rfund polcy", "Skein: Chosen: refund-status.", "ana: vera: on its way.")
		cancelled := w.asks(thread, "ana", "!qr plan")
		w.press(cancelled, "ana", "Cancel")
		if now := w.messageNow(cancelled); now.Text != "Nothing was sent." || len(now.Offers) > 0 {
			t.Errorf("it was cancelled, and yet there stands %q", now.Text)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: vera: on its way.")
	})
}

// TestAPreviewThatOnePersonSeesIsSentOnce: its buttons stay for a moment, and people press twice.
func TestAPreviewThatOnePersonSeesIsSentOnce(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		call := bridge.Invocation{
			Endpoint: "team", Key: "preview", Thread: thread, From: bridge.Person{ID: "ana", Name: "ana"}, Word: "qr", Rest: "refund",
		}
		want := []string{"vera: Hello"}
		for range 2 { // shown again it may be sent again
			shown := w.command(call)
			for range 2 {
				w.presses++
				w.command(bridge.Invocation{
					Endpoint: "team", Key: fmt.Sprint("press/", w.presses), Thread: thread, From: call.From, Word: "qr", Rest: shown.Offers[0].Rest,
				})
			}
			call.Key += "+"
			want = append(want, "ana: Money back, vera.")
			w.sees(w.shop, "chat/vera", want...)
			w.settled()
			w.sees(w.shop, "chat/vera", want...)
		}
	})
}

// What is looked for does nothing by itself, whatever it is called.
func TestWhatIsLookedForIsNoCommand(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		for _, line := range []string{"#send refund", "#remove refund", "#edit refund please", "#add new words"} {
			w.agent(thread, "ana", line)
			w.settled()
		}
		w.sees(w.shop, "chat/vera", "vera: Hello")
		shown := w.asks(thread, "ana", "#refund")
		if !strings.Contains(shown.Text, "Money back, vera.") {
			t.Errorf("it became %q", shown.Text)
		}
	})
}

// Two agents may press before either sees that the other has.
func TestQuickReplyIsSentOnce(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		shown := w.asks(thread, "ana", "!qr plan")
		offers := w.messageNow(shown).Offers
		w.press(shown, "ana", "Send")
		w.settled()
		sent := lines(w.shop.Messages("chat/vera"))
		for i, o := range offers {
			call := given(fmt.Sprint("late", i), o.Word, thread, nil)
			call.Rest = o.Rest
			if got := w.command(call).Public; got != "Nothing was sent now: it has been sent, or dropped, already." {
				t.Errorf("a late %s is answered %q", o.Label, got)
			}
		}
		w.settled()
		w.sees(w.shop, "chat/vera", sent...)
		if now := w.messageNow(shown); now.Text != "Chosen: plan." {
			t.Errorf("it was sent, and yet there stands %q", now.Text)
		}
	})
}

func TestQuickRepliesAreStacked(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		shown := w.asks(thread, "ana", "#plan")
		form := w.press(shown, "ana", "Add another…").Form
		if form == nil || len(form.Fields) != 1 || len(form.Fields[0].Choices) != 5 {
			t.Fatalf("asked for another: %+v", form)
		}
		w.command(bridge.Invocation{
			Endpoint: "team", Key: "form/1", Thread: thread, From: bridge.Person{ID: "ana", Name: "ana"},
			Word: form.Word, Rest: form.Rest, Fields: map[string]string{form.Fields[0].Name: "goodby"},
		})
		w.settled()
		if now := w.messageNow(shown); !strings.HasPrefix(now.Text, "plan + bye, as one line\n\n> You have gold, says ana.\n>\n> Ade.") {
			t.Fatalf("stacked they are shown as %q", now.Text)
		}
		w.press(shown, "ana", "Send")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: You have gold, says ana.\n\nAde.")
		w.agent(thread, "ana", "!qr send plan bye")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: You have gold, says ana.\n\nAde.", "ana: You have gold, says ana.\n\nAde.")
		if got := w.uses("bye"); got != 2 {
			t.Errorf("bye was used %d times, want 2", got)
		}
	})
}

// uses is how often a quick reply of the team was used.
func (w *world) uses(shortcut string) int64 {
	w.t.Helper()
	all, _, err := w.store.QuickReplies(w.ctx)
	w.must(err)
	i := slices.IndexFunc(all, func(r quickreply.Reply) bool { return r.Shortcut == shortcut && r.Owner == 0 })
	if i < 0 {
		return -1
	}
	return all[i].Uses
}

func TestQuickReplyWithUnknownVariables(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		shown := w.asks(thread, "ana", "#order")
		if !strings.HasSuffix(shown.Text, "It cannot be sent: nothing is known for {visitor.order}, {visitor.iban} here.") || slices.Contains(labels(shown), "Send") {
			t.Errorf("shown %q with %q", shown.Text, labels(shown))
		}
		w.agent(thread, "ana", "!qr at-once on")
		w.told(w.team, thread, "A # and the shortcut sends from now on without asking you.")
		w.agent(thread, "ana", "#order")
		w.told(w.team, thread, "Nothing was sent. Nothing is known for {visitor.order}, {visitor.iban} here.")
		w.agent(thread, "ana", "!qr send order bye")
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello")
		if got := w.uses("order"); got != 0 {
			t.Errorf("it counts as used %d times", got)
		}
	})
}

func TestQuickReplySentAtOnce(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		w.asks(thread, "ana", "!qr at-once on")
		w.agent(thread, "ana", "#BYE")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Ade.")
		w.sees(w.team, thread, "vera: Hello", "ana: !qr at-once on", "Skein: A # and the shortcut sends from now on without asking you.",
			"ana: #BYE", "ana: Ade.")
		w.asks(thread, "ana", "#by") // not its shortcut
		w.asks(thread, "ben", "#bye")
		w.agent(thread, "ana", "!qr at-once off")
		w.asks(thread, "ana", "#bye")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Ade.")
	})
}

func TestQuickReplyIsAskedAboutAndTakes(t *testing.T) {
	quickly(t, []option{careful}, func(w *world, thread bridge.ThreadRef) {
		w.agent(thread, "ana", "!qr send bye")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Ade.")
		w.agent(thread, "ben", "!qr send plan")
		w.told(w.team, thread, anaAnswers) // so it was hers since her quick reply
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Ade.")
		w.agent(thread, "ben", "!send")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Ade.", "ben: You have gold, says ben.")
		w.settled()
		if got := w.uses("plan"); got != 1 {
			t.Errorf("it counts as used %d times", got)
		}
	})
}

// Whoever is in the team is known for a while: nothing is asked again with every letter. Who is not any more gets nothing.
func TestSuggestionsEndWithMembership(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		suggested := func(who string) int {
			found, err := w.desk.Suggest(w.ctx, bridge.Query{
				Endpoint: "team", Thread: thread, From: bridge.Person{ID: who}, Word: "qr", Field: "reply", Text: "refnd stat", Limit: 25,
			})
			if err != nil && !errors.Is(err, bridge.ErrNotFound) {
				t.Error(err)
			}
			return len(found)
		}
		w.agent(thread, "ana", "//hello") // the owner
		if suggested("ben") > 0 {
			t.Error("who is not in the team yet is suggested something")
		}
		w.agent(thread, "ben", "//hello")
		if first, again := suggested("ben"), suggested("ben"); first == 0 || again != first {
			t.Error("a member of the team is suggested nothing")
		}
		w.agent(thread, "ana", "!remove ben")
		time.Sleep(10 * time.Second)
		if suggested("ben") > 0 || suggested("ana") == 0 {
			t.Error("who was removed is suggested something, or who was not nothing")
		}
	})
}

func TestNativeQuickReply(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		form := w.command(given("n/1", "qr", thread, nil)).Form
		if form == nil || len(form.Fields) != 1 || len(form.Fields[0].Choices) != 5 {
			t.Fatalf("without words it asks for %+v", form)
		}
		choices, err := w.desk.Suggest(w.ctx, bridge.Query{
			Endpoint: "team", Thread: thread, From: bridge.Person{ID: "zoe"}, Word: "qr", Field: form.Fields[0].Name, Text: "refnd stat", Limit: 25,
		})
		if err == nil || len(choices) > 0 {
			t.Errorf("whoever is not in the team is suggested %v", choices)
		}
		choices, err = w.desk.Suggest(w.ctx, bridge.Query{
			Endpoint: "team", Thread: thread, From: bridge.Person{ID: "ana"}, Word: "qr", Field: form.Fields[0].Name, Text: "refnd stat", Limit: 25,
		})
		w.must(err)
		if len(choices) == 0 || choices[0].Label != "refund-status: Refund status" {
			t.Fatalf("suggested %+v", choices)
		}
		answer := w.command(given("n/2", "qr", thread, map[string]string{form.Fields[0].Name: choices[0].Value}))
		if !strings.Contains(answer.Public, "> vera: on its way.") || answer.Rich == nil || len(answer.Offers) < 2 {
			t.Fatalf("answered %+v", answer)
		}
		for range 2 { // pressed twice
			call := given("n/3", answer.Offers[0].Word, thread, nil)
			call.Rest = answer.Offers[0].Rest
			w.command(call)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: vera: on its way.")
		w.sees(w.team, thread, "vera: Hello", "ana: vera: on its way.")
		elsewhere := w.command(given("n/4", "qr", "", nil))
		if elsewhere.Form == nil || len(elsewhere.Form.Fields) != 2 {
			t.Errorf("outside of threads it asks for %+v", elsewhere.Form)
		}
		for _, rest := range []string{":send 1,2,3,4,99", ":show - 99", ":show 5", ":drop -", ":send -", ":with 1"} {
			call := given("n/"+rest, "qr", thread, nil)
			call.Rest = rest
			if answer := w.command(call); answer.Public == "" && answer.Form == nil {
				t.Errorf("%q is answered with nothing", rest)
			}
		}
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: vera: on its way.")
	})
}

func TestQuickRepliesAreKept(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		for _, step := range []struct{ by, says, told string }{
			{"ana", "!qr add late Parcel is late\nWe look for it.", "Kept for the team: late. Write #late to send it."},
			{"ana", "!qr add late again", "Nothing was kept: there is a quick reply late already. Use !qr edit to change it."},
			{"ana", "!qr add 1x again", "Nothing was kept: a shortcut begins with a letter and has only letters, digits, - and _."},
			{"ana", "!qr edit late Another text.", "Changed: late. Write #late to send it."},
			{"ana", "!qr edit late:de Wir suchen.", "Changed: late. Write #late to send it."},
			{"ana", "!qr edit lat x", "Nothing was done: there is no quick reply with that shortcut. Write !qr list to see them."},
			{"ana", "!qr edit late", "Nothing was changed: write the new text after the shortcut."},
			{"ben", "!qr edit late Mine.", "Nothing was changed: the team's quick replies are kept by its admins. Write !qr add personal and a shortcut for one of your own."},
			{"ben", "!qr remove late", "Nothing was changed: the team's quick replies are kept by its admins. Write !qr add personal and a shortcut for one of your own."},
			{"ben", "!qr add team later Mine", "Nothing was changed: the team's quick replies are kept by its admins. Write !qr add personal and a shortcut for one of your own."},
			{"ben", "!qr add late Mine", "Kept as your own: late. Write #late to send it."},
			{"ben", "!qr edit late Mine!", "Changed: late. Write #late to send it."},
			{"ben", "!qr add later", "Nothing was kept: write a text after the shortcut, or give the word on a line."},
			{"ben", "!qr", "Nothing was sent: write words of a quick reply after !qr, or # and the words."},
			{"ben", "#zzzzz", "Nothing was sent: no quick reply is like that. Write !qr list to see them."},
		} {
			if got := w.asks(thread, step.by, step.says).Text; got != step.told {
				t.Errorf("%s writes %q and is told %q, want %q", step.by, step.says, got, step.told)
			}
		}
		time.Sleep(3 * time.Second)
		if got := w.asks(thread, "ben", "!qr list late").Text; !strings.Contains(got, "late: late, your own") || !strings.Contains(got, "late: Parcel is late") {
			t.Errorf("Ben's list: %q", got)
		}
		if got := w.asks(thread, "ana", "!qr list late").Text; strings.Contains(got, "your own") || strings.Contains(got, "Mine") {
			t.Errorf("Ana's list: %q", got)
		}
		w.agent(thread, "ben", "!qr send late")
		w.agent(thread, "ana", "!qr send late")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ben: Mine!", "ana: Wir suchen.")
		w.agent(thread, "ana", "!qr edit late:de") // without a text the variant goes
		w.agent(thread, "ana", "!qr send late")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ben: Mine!", "ana: Wir suchen.", "ana: Another text.")
		if got := w.asks(thread, "ana", "!qr remove late").Text; got != "Removed: late. Its text was:\n> Another text." {
			t.Errorf("removing tells %q", got)
		}
		if got := w.asks(thread, "ana", "!qr send late").Text; !strings.HasPrefix(got, "Nothing was done") {
			t.Errorf("what was removed is answered with %q", got)
		}
	})
}

func TestQuickReplyOfALine(t *testing.T) {
	for name, copied := range map[string]bool{"copied at once": true, "copied when the line is gone": false} {
		t.Run(name, func(t *testing.T) { testQuickReplyOfALine(t, copied) })
	}
}

// testQuickReplyOfALine has the line's file copied as soon as it is kept, or only when it is to be sent.
func testQuickReplyOfALine(t *testing.T, copied bool) {
	var s shelf
	var p *bridge.Porter
	quickly(t, []option{withFiles(&s, &p)}, func(w *world, thread bridge.ThreadRef) {
		ctx, stop := context.WithCancel(w.ctx)
		var running sync.WaitGroup
		if copied {
			running.Go(func() { _ = p.Run(ctx) })
		}
		defer running.Wait()
		defer stop()
		s.files["map"] = []byte("a map")
		_, err := w.team.Attach(w.ctx, thread, "ana", "Here is the way.", bridge.FileRef{Ref: "map", Name: "map.txt"})
		w.must(err)
		w.settled()
		line := w.team.Messages(thread)[len(w.team.Messages(thread))-1]
		call := given("keep/1", "qr add", thread, nil)
		call.Message = line.Ref
		form := w.command(call).Form
		if form == nil || form.Fields[2].Value != "Here is the way." || len(form.Fields) != 5 {
			t.Fatalf("given on a line it asks for %+v", form)
		}
		call.Key, call.Fields = "keep/2", map[string]string{"shortcut": "way", "title": "The way", "text": "Here is the way.", "tags": "map, shop", "group": "team"}
		if answer := w.command(call); answer.Public != "Kept for the team: way. Write #way to send it." {
			t.Fatalf("kept: %+v", answer)
		}
		synctest.Wait()                           // it is copied, if somebody does
		w.must(w.team.Amend(w.ctx, line.Ref, "")) // the line is taken back, its file with it
		w.settled()
		w.visitor("eve", "Where are you?")
		eve := w.thread("eve")
		w.agent(eve, "ben", "!qr send way")
		w.sees(w.shop, "chat/eve", "eve: Where are you?", "ben: Here is the way.")
		w.settled()
		for _, place := range []*bridgetest.Platform{w.shop, w.team} {
			all := place.Messages("chat/eve")
			if place == w.team {
				all = place.Messages(eve)
			}
			sent := all[len(all)-1]
			if len(sent.Files) != 1 || sent.Files[0].Name != "map.txt" || sent.Files[0].Missing != "" {
				t.Fatalf("%s shows %+v", place.Name(), sent)
			}
			if got := contents(t, p, sent.Files[0]); got != "a map" {
				t.Errorf("the file holds %q", got)
			}
		}
	})
}

func contents(t *testing.T, p *bridge.Porter, f bridge.File) string {
	t.Helper()
	r, err := p.OpenFile(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestQuickReplyEditedInAForm(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		form := w.command(given("e/1", "qr edit", thread, map[string]string{"reply": "bye"})).Form
		if form == nil || len(form.Fields) != 5 || form.Fields[3].Value != "Bye." {
			t.Fatalf("it asks for %+v", form)
		}
		fields := map[string]string{}
		for _, f := range form.Fields {
			fields[f.Name] = f.Value
		}
		fields["title"], fields["shortcut"] = "Farewell", "farewell"
		if answer := w.command(given("e/2", "qr edit", thread, maps.Clone(fields))); answer.Public != "Changed: farewell. Write #farewell to send it." {
			t.Fatalf("answered %+v", answer)
		}
		form = w.command(given("e/3", "qr edit", thread, map[string]string{"reply": "farewell", "language": "de"})).Form
		if form == nil || form.Fields[3].Value != "Ade." {
			t.Fatalf("for German it asks for %+v", form)
		}
		all, _, err := w.store.QuickReplies(w.ctx)
		w.must(err)
		got := all[4]
		if got.Shortcut != "farewell" || got.Title != "Farewell" || rich.Plain(got.Body) != "Bye." || rich.Plain(got.Variants["de"]) != "Ade." {
			t.Errorf("kept %+v", got)
		}
	})
}
