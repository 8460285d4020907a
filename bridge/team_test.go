package bridge_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// teamWorld is a world with two team chats, members of the team in both, and vera's conversation.
func teamWorld(t *testing.T, test func(w *world, team, deck bridge.ThreadRef), opts ...option) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append([]option{both}, opts...)...)
		defer func() { w.stop() }()
		w.members()
		w.visitor("vera", "Hello")
		team, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		w.settled()
		test(w, team, deck)
	})
}

// members makes the team: ana, its owner, and ben in the one chat, chloe in the other.
func (w *world) members() {
	w.t.Helper()
	w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
		for _, name := range []string{"ana", "ben"} {
			if _, err := tx.JoinAgent("team", bridge.Person{ID: name, Name: name}); err != nil {
				return err
			}
		}
		_, err := tx.JoinAgent("deck", bridge.Person{ID: "chloe", Name: "chloe"})
		return err
	}))
}

// invited lets only members of the team be agents.
func invited(w *world, _ []bridge.Route) {
	w.edit = func(r *bridge.Route) { r.Invited = r.Role == bridge.RoleTeam }
}

// gives is a word in a native form by that person, answered.
func (w *world) gives(e bridge.EndpointName, who, word, rest string) string {
	w.t.Helper()
	w.presses++
	answer, err := w.desk.Command(w.ctx, bridge.Invocation{
		Endpoint: e, Key: fmt.Sprint("press-", w.presses), From: bridge.Person{ID: who, Name: who}, Word: word, Rest: rest,
	})
	w.must(err)
	if answer.Form != nil {
		return "form: " + answer.Form.Word
	}
	return answer.Public
}

// giving is gives for what must be answered so.
func (w *world) giving(e bridge.EndpointName, who, word, rest, want string) {
	w.t.Helper()
	if got := w.gives(e, who, word, rest); !strings.HasPrefix(got, want) {
		w.t.Errorf("%s's %s %s is answered %q, want %q", who, word, rest, got, want)
	}
}

var codePattern = regexp.MustCompile(`[A-Z2-7]{16}`)

func (w *world) code(e bridge.EndpointName, who, word, rest string) string {
	w.t.Helper()
	answer := w.gives(e, who, word, rest)
	code := codePattern.FindString(answer)
	if code == "" {
		w.t.Fatalf("%s's %s %s has no code: %q", who, word, rest, answer)
	}
	return code
}

func (w *world) member(name string) bridge.Member {
	w.t.Helper()
	team, err := w.desk.Team(w.ctx)
	w.must(err)
	for _, m := range team {
		if m.Name == name {
			return m
		}
	}
	return bridge.Member{}
}

func (w *world) owner(visitor string) string {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, "shop", bridge.ThreadRef("chat/"+visitor))
	w.must(err)
	if (c.State == bridge.StateAssigned) != (c.Owner != 0) && c.State != bridge.StateClosed {
		w.t.Errorf("%s's conversation is %s and belongs to %d", visitor, c.State, c.Owner)
	}
	return string(c.State) + " " + c.OwnerName
}

// pass lets days pass while nothing runs: in fake time too, every look at the database takes its time.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.stop()
	time.Sleep(d)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
	w.t.Cleanup(cancel)
	w.ctx = ctx
	w.start()
}

func TestAnInvitationWorksOnceWhereverItIsUsed(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, deck bridge.ThreadRef) {
		w.agent(team, "dora", "Hello Vera")
		w.told(w.team, team, "Not sent to the visitor: dora is not in the team. Whoever has a code from an admin joins with !join and the code.")
		w.giving("team", "dora", "take", "", "Only members of the team")
		w.giving("team", "dora", "join", "WRONGWRONGWRONGX", "This code has been used already")
		w.giving("team", "ben", "invite", "", "Nothing was changed: only admins")

		code := w.code("team", "ana", "invite", "admin")
		w.agent(team, "dora", "!join "+strings.ToLower(code))
		w.told(w.team, team, "Welcome to the team, dora. You are an admin.")
		w.onDeck(deck, "emil", "!join "+code)
		w.told(w.deck, deck, "This code has been used already, is too old or was revoked. Ask for another one.")

		late, revoked := w.code("team", "dora", "invite", "agent"), w.code("team", "dora", "invite", "agent")
		w.pass(bridge.InvitationLife + time.Second)
		w.giving("deck", "emil", "join", late, "This code has been used already")
		fresh := w.code("team", "dora", "invite", "agent")
		w.giving("team", "dora", "invite", "revoke", "Codes that can no longer be used: 1.")
		w.giving("deck", "emil", "join", fresh, "This code has been used already")
		w.giving("deck", "emil", "join", revoked, "This code has been used already")
		w.agent(team, "dora", "Hello again")
		w.settled()
		if got := lines(w.shop.Messages("chat/vera")); strings.Join(got, ", ") != "vera: Hello, dora: Hello again" {
			t.Errorf("the visitor sees %q", got)
		}
	}, invited)
}

// A code that is asked for in a thread is shown to nobody but who asked.
func TestCodesAreNotShownInThreads(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		for _, line := range []string{"!invite", "!invite admin", "!link", "!invite me"} {
			w.agent(team, "ana", line)
		}
		w.toldSome(w.team, team, "Press to see it")
		w.settled()
		if shown := w.team.Ever("within 1"); len(shown) > 0 {
			t.Errorf("the thread shows %q", shown)
		}
		for _, m := range w.team.Messages(team) {
			if codePattern.MatchString(m.Text) {
				t.Errorf("the thread shows %q", m.Text)
			}
		}
	})
}

// Two accounts on two platforms become one member. What the second one owned as another member is theirs then.
func TestLinkedAccountsAreOneMember(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, deck bridge.ThreadRef) {
		w.onDeck(deck, "ana-d", "Good morning") // joins by writing
		w.settled()
		if got := w.owner("vera"); got != "assigned ana-d" {
			t.Fatalf("vera's conversation is %s", got)
		}
		w.must(w.store.Link(w.ctx, w.member("ana-d").ID, "team", "ana-t"))
		w.giving("team", "ana", "name", "Ana from Support", "Visitors read your name as Ana from Support")
		w.giving("deck", "ana-d", "join", w.code("team", "ana", "link", ""), "This account and Ana from Support are one member")
		w.must(w.idle())
		if got := w.owner("vera"); got != "assigned Ana from Support" {
			t.Errorf("vera's conversation is %s", got)
		}
		w.onDeck(deck, "ana-d", "Me again")
		w.settled()
		if got := lines(w.shop.Messages("chat/vera")); got[len(got)-1] != "Ana from Support: Me again" {
			t.Errorf("the visitor sees %q", got)
		}
		w.agent(team, "ana-t", "And here")
		w.settled()
		if got := lines(w.shop.Messages("chat/vera")); got[len(got)-1] != "Ana from Support: And here" {
			t.Errorf("the visitor sees %q", got)
		}
		if m := w.member("Ana from Support"); m.Rank != bridge.RankOwner || fmt.Sprint(m.At) != "[deck team]" || w.member("ana-d").ID != 0 {
			t.Errorf("the team has %+v", m)
		}
	})
}

// TestWhoIsRemovedKeepsNothing: what they were given at that moment goes to somebody else, too.
func TestWhoIsRemovedKeepsNothing(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		ben := w.member("ben")
		w.giving("team", "ana", "remove", "ben", "ben is out of the team.")
		w.settled()
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
			conv, _, err := tx.ConversationByThread("team", team)
			if err != nil {
				return err
			}
			conv.State, conv.Owner = bridge.StateAssigned, ben.ID
			return tx.UpdateConversation(conv)
		}))
		w.told(w.team, team, "ben is out of the team. Nobody has this conversation now: whoever answers, or writes !take, does.")
		if got := w.owner("vera"); got != "unassigned " {
			t.Errorf("vera's conversation is %s", got)
		}
	})
}

func TestRolesSayWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		if m := w.member("ana"); m.Rank != bridge.RankOwner {
			t.Errorf("the first member is %s", m.Rank)
		}
		w.giving("team", "ben", "role", "chloe admin", "Nothing was changed: only the owner")
		w.giving("team", "ben", "remove", "chloe", "Nothing was changed: only admins")
		w.giving("team", "ana", "role", "chl admin", "chloe is admin now.")
		w.giving("team", "ana", "role", "c boss", "Nothing was changed: write the member")
		w.giving("deck", "chloe", "remove", "ana", "Nothing was changed: an admin is removed by the owner")
		w.giving("deck", "chloe", "remove", "nobody", "Nothing was changed: nobody in the team")
		w.agent(team, "ben", "Hello")
		w.giving("deck", "chloe", "remove", "ben", "ben is out of the team.")
		w.told(w.team, team, "ben is out of the team. Nobody has this conversation now: whoever answers, or writes !take, does.")
		if got := w.owner("vera"); got != "unassigned " {
			t.Errorf("vera's conversation is %s", got)
		}
		w.agent(team, "ben", "me again") // the channel is open, and still they do not come back by writing
		w.told(w.team, team, "Not sent to the visitor: ben is not in the team. Whoever has a code from an admin joins with !join and the code.")
		w.giving("team", "ben", "join", w.code("team", "ana", "invite", ""), "Welcome to the team, ben.")
		w.giving("team", "ana", "role", "chloe owner", "chloe is owner now.")
		if a, c := w.member("ana").Rank, w.member("chloe").Rank; a != bridge.RankAdmin || c != bridge.RankOwner {
			t.Errorf("ana is %s, chloe %s", a, c)
		}
	})
}

func TestAssignGivesItToSomebody(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, deck bridge.ThreadRef) {
		w.agent(team, "ana", "!assign chl")
		w.told(w.deck, deck, "<@chloe>, ana has given this conversation to you.")
		w.told(w.team, team, "@chloe, ana has given this conversation to you.")
		if got := w.owner("vera"); got != "assigned chloe" {
			t.Errorf("vera's conversation is %s", got)
		}
		w.agent(team, "ana", "!assign chloe")
		w.told(w.team, team, "Nothing was changed: chloe owns this conversation already.")
		w.agent(team, "ana", "!assign dora")
		w.toldSome(w.team, team, "Nothing was changed: nobody in the team is called that.")
		if form := w.command(given("press", "assign", team, nil)).Form; form == nil || form.Fields[0].Name != "agent" {
			t.Errorf("it asks for %+v", form)
		}
		choices, err := w.desk.Suggest(w.ctx, bridge.Query{Endpoint: "team", From: bridge.Person{ID: "ana"}, Word: "assign", Field: "agent", Limit: 10})
		w.must(err)
		if len(choices) != 3 || choices[2].Label != "chloe" || choices[2].Detail != "on duty, 1 open" {
			t.Errorf("suggested are %+v", choices)
		}
		w.giving("team", "ana", "off", "", "You are off duty.")
		w.must(w.idle()) // what she had has been given away
		choices, err = w.desk.Suggest(w.ctx, bridge.Query{Endpoint: "team", From: bridge.Person{ID: "ana"}, Word: "assign", Field: "agent", Text: "@A", Limit: 10})
		w.must(err)
		if len(choices) != 1 || choices[0].Detail != "off duty, 0 open" {
			t.Errorf("suggested are %+v", choices)
		}
		w.giving("team", "ben", "name", choices[0].Value, "Visitors read your name as "+choices[0].Value) // ana's number
		w.command(given("press-2", "assign", team, map[string]string{"agent": choices[0].Value}))
		if got := w.owner("vera"); got != "assigned ana" {
			t.Errorf("vera's conversation is %s", got)
		}
		w.giving("team", "ben", "name", "Xaver", "") // a person who is mentioned natively comes as the platform names them
		w.command(given("press-3", "assign", team, map[string]string{"agent": "ben"}))
		if got := w.owner("vera"); got != "assigned Xaver" {
			t.Errorf("vera's conversation is %s", got)
		}
	})
}

func TestWhoIsThere(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, _, _ bridge.ThreadRef) {
		w.giving("team", "ana", "languages", "en pt-BR", "Your languages: en pt-BR.")
		w.giving("team", "ana", "languages", "english!", "Nothing was changed")
		w.giving("team", "ana", "capacity", "2", "You are given conversations while you have fewer than 2")
		w.giving("team", "ana", "capacity", "many", "Nothing was changed")
		w.giving("team", "ana", "picture", "http://example.com/a.png", "Nothing was changed")
		w.giving("team", "ana", "picture", "https://example.com/a.png", "Visitors see that picture")
		w.giving("team", "ben", "off", "", "You are off duty.")
		w.giving("deck", "chloe", "who", "", "On duty:\nana, 0 open of 2\nchloe, 0 open")
		w.giving("deck", "chloe", "team", "", "The team:\nana, owner, on duty, 0 open of 2, en pt-BR\nben, agent, off duty, 0 open\nchloe, agent, on duty, 0 open")
		if m := w.member("ana"); m.Avatar != "https://example.com/a.png" {
			t.Errorf("ana's picture is %q", m.Avatar)
		}
	})
}
