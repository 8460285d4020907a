package discord_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const commons = bridge.ThreadRef(otherID)

func withColleagues(c *discord.Config) { c.Colleagues = otherID }

func inCommons(id string) bridge.MessageRef { return bridge.MessageRef(otherID + "/" + id) }

// What people do in the shared channel bears the channel's name, also in its threads, and comes in order.
func TestHearsColleagues(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, withColleagues), adaptertest.NewSink()
	run(t, a, sink)
	first := say(t, server, commons, "lunch?")
	thread, err := server.StartThread(ben, first, "lunch")
	if err != nil {
		t.Fatal(err)
	}
	inside := say(t, server, bridge.ThreadRef(thread), "at noon")
	reply, err := server.Post(ben, otherID, discordtest.Draft{Text: "yes", Reply: first})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		server.React(ben, first, "👍"), server.Unreact(ben, first, "👍"), server.React(ana, inside, "🎉"),
		server.ClearReactions(inside, "🎉"), server.React(ben, inside, "👀"), server.ClearReactions(inside, ""),
		server.Edit(ben, reply, "yes!"), server.Delete(ana, inside),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	type heard struct {
		kind            bridge.InboundKind
		message, target bridge.MessageRef
		from, text      string
	}
	insideRef := bridge.MessageRef(thread + "/" + inside)
	want := []heard{
		{bridge.InSaid, inCommons(first), "", ana, "lunch?"},
		{bridge.InSaid, insideRef, inCommons(first), ana, "at noon"},
		{bridge.InSaid, inCommons(reply), inCommons(first), ben, "yes"},
		{bridge.InReacted, "", inCommons(first), ben, "👍"},
		{bridge.InUnreacted, "", inCommons(first), ben, "👍"},
		{bridge.InReacted, "", insideRef, ana, "🎉"},
		{bridge.InUnreacted, "", insideRef, "", "🎉"},
		{bridge.InReacted, "", insideRef, ben, "👀"},
		{bridge.InUnreacted, "", insideRef, "", ""},
		{bridge.InEdited, "", inCommons(reply), ben, "yes!"},
		{bridge.InDeleted, "", insideRef, "", ""},
	}
	for i, in := range sink.AwaitInbounds(t, len(want)) {
		got := heard{in.Kind, in.Message, in.Target, in.From.ID, rich.Plain(in.Body) + in.Emoji}
		if got != want[i] || in.Thread != commons {
			t.Errorf("%d: heard %+v in %s, want %+v", i, got, in.Thread, want[i])
		}
	}
	h, err := a.History(t.Context(), commons, time.Now().Add(-time.Hour))
	if err != nil || h.Gone || !h.Present[inCommons(first)] || h.Present[insideRef] {
		t.Errorf("read back: %+v, %v", h, err)
	}
	var keys []string
	for _, in := range h.Happen {
		keys = append(keys, in.Key)
	}
	if live := sink.Heard().Inbounds; !slices.Equal(keys, []string{live[0].Key, live[2].Key, live[9].Key}) {
		t.Errorf("read back, the keys are %q", keys)
	}
	for ref, want := range map[bridge.MessageRef]bool{inCommons(first): true, insideRef: false} {
		if got, err := a.Stands(t.Context(), ref); err != nil || got != want {
			t.Errorf("%s stands: %v, %v", ref, got, err)
		}
	}
}

func colleagueSays(seq int64, body rich.Doc) bridge.Delivery {
	return bridge.Delivery{
		Conversation: bridge.Conversation{ID: 2, Kind: bridge.Colleagues}, Thread: commons,
		Entry: bridge.Entry{
			Conversation: 2, Seq: seq, Kind: bridge.Said, Audience: bridge.AgentsOnly, Body: body,
			By: bridge.Speaker{Kind: bridge.ByAgent, Name: "Ana"}, Origin: bridge.Origin{Endpoint: "support-slack"},
		},
	}
}

// What colleagues elsewhere say is shown under their name and place, answers what it answers, calls whom it means and
// nobody else, and is not heard again.
func TestShowsColleagues(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, withColleagues), adaptertest.NewSink()
	run(t, a, sink)
	first := say(t, server, commons, "lunch?")
	thread, err := server.StartThread(ben, first, "lunch")
	if err != nil {
		t.Fatal(err)
	}
	inside := say(t, server, bridge.ThreadRef(thread), "at noon")

	d := colleagueSays(3, rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Mention, Text: "Ben", Info: "UBEN"}, {Kind: rich.Text, Text: " @everyone "}, {Kind: rich.Mention, Text: "Zoe", Info: "UZOE"},
	}}})
	d.People = map[string]bridge.Person{"UBEN": {ID: ben, Name: "Ben"}}
	d.Landed = []bridge.Landed{{Message: inCommons(first)}}
	sent := send(t, a, part(t, a, d, 0))
	said := server.Said(otherID)
	m := said[len(said)-1]
	if name, words := split(m); name != "Ana · support-slack" || words != `<@1002> \@everyone @Zoe` || m.Reply != first {
		t.Errorf("it is seen as %q, in answer to %q", m.Content, m.Reply)
	}
	var called []string
	for _, p := range server.Pings() {
		called = append(called, p.Users...)
		if p.Everyone {
			t.Error("everybody was called")
		}
	}
	if !slices.Equal(called, []string{ben}) {
		t.Errorf("called are %q", called)
	}

	d = colleagueSays(4, rich.Of("fine"))
	d.Landed = []bridge.Landed{{Message: bridge.MessageRef(thread + "/" + inside)}}
	p := part(t, a, d, 0)
	answer := send(t, a, p)
	if again, found, err := a.Find(t.Context(), p); err != nil || !found || again != answer || string(answer.Message)[:len(thread)] != thread {
		t.Errorf("an answer in a thread is %s; Find = %+v, %v, %v", answer.Message, again, found, err)
	}

	react := colleagueSays(5, rich.Of("👍"))
	react.Entry.Kind, react.Landed = bridge.Reacted, []bridge.Landed{{Message: inCommons(first)}}
	server.Fail(discordtest.Fault{
		Match: func(c discordtest.Call) bool { return strings.Contains(c.Method, "reaction") }, Code: 50013, Times: 1,
	})
	if _, err := a.Send(t.Context(), part(t, a, react, 0)); bridge.AsFailure(err).Verdict != bridge.GiveUp { // lines go on
		t.Errorf("a reaction that the bot may not give: %v", err)
	}
	for range 2 {
		send(t, a, part(t, a, react, 0))
	}
	reactions := func() []discordtest.Reaction { return server.Said(otherID)[0].Reactions }
	if got := reactions(); len(got) != 1 || got[0].Emoji != "👍" || len(got[0].Users) != 1 {
		t.Errorf("reactions are %+v", got)
	}
	react.Entry.Kind = bridge.Unreacted
	for range 2 {
		send(t, a, part(t, a, react, 0))
	}
	if got := reactions(); len(got) != 0 {
		t.Errorf("reactions are %+v", got)
	}

	edit := colleagueSays(6, rich.Of("better"))
	edit.Entry.Kind, edit.Landed = bridge.Edited, []bridge.Landed{{Message: sent.Message}}
	send(t, a, part(t, a, edit, 0))
	edit.Entry.Kind = bridge.Deleted
	send(t, a, part(t, a, edit, 0))

	say(t, server, commons, "over")
	if got := lines(sink.AwaitInbounds(t, 3)); !slices.Equal(got, []string{"lunch?", "at noon", "over"}) {
		t.Errorf("heard %q", got)
	}
}

// Colleagues' answers in a thread that is locked or gone go into the channel.
func TestColleaguesAnswerWhereTheThreadIsGone(t *testing.T) {
	for name, take := range map[string]func(*discordtest.Server, string) error{
		"locked": func(s *discordtest.Server, _ string) error { // for a bot that may not manage threads
			s.Fail(discordtest.Fault{Method: "create_message", Status: http.StatusBadRequest, Code: 160005, Times: 1})
			return nil
		},
		"deleted": (*discordtest.Server).DeleteChannel,
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, discordtest.Options{})
			a := newAdapter(t, server, withColleagues)
			thread, err := server.StartThread(ben, say(t, server, commons, "lunch?"), "lunch")
			if err != nil {
				t.Fatal(err)
			}
			inside := say(t, server, bridge.ThreadRef(thread), "at noon")
			if err := take(server, thread); err != nil {
				t.Fatal(err)
			}
			d := colleagueSays(4, rich.Of("fine"))
			d.Landed = []bridge.Landed{{Message: bridge.MessageRef(thread + "/" + inside)}}
			p := part(t, a, d, 0)
			answer := send(t, a, p)
			if !strings.HasPrefix(string(answer.Message), otherID+"/") {
				t.Errorf("it went to %s", answer.Message)
			}
			if again, found, err := a.Find(t.Context(), p); err != nil || !found || again != answer {
				t.Errorf("Find = %+v, %v, %v; want %+v", again, found, err, answer)
			}
		})
	}
}
