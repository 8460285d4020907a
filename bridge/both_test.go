package bridge_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// inBoth is a world with two team chats in which vera's conversation stands.
func inBoth(t *testing.T, test func(w *world, team, deck bridge.ThreadRef)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both)
		defer func() { w.stop() }()
		w.visitor("vera", "Hello")
		team, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		w.settled()
		test(w, team, deck)
	})
}

// onDeck says something in the second team chat.
func (w *world) onDeck(thread bridge.ThreadRef, name, text string) bridge.MessageRef {
	w.t.Helper()
	ref, err := w.deck.Say(w.ctx, thread, name, text)
	w.must(err)
	return ref
}

func TestWhatIsSaidInOneChatIsSeenInTheOther(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		began := time.Now()
		w.agent(team, "ana", "Good morning")
		w.sees(w.deck, deck, "vera: Hello", "ana: Good morning")
		note := w.onDeck(deck, "chloe", "// she is a regular")
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "chloe: she is a regular")
		reply := w.onDeck(deck, "chloe", "Hello Vera")
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "chloe: she is a regular", "chloe: Hello Vera")
		w.must(w.deck.Amend(w.ctx, reply, "Hello, Vera"))
		w.must(w.deck.Amend(w.ctx, note, "// she is regular"))
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "chloe: she is regular", "chloe: Hello, Vera")
		w.must(w.deck.Amend(w.ctx, note, ""))
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "chloe: Hello, Vera")
		if took := time.Since(began); took > time.Second {
			w.t.Errorf("all that took %v", took)
		}
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning", "chloe: Hello, Vera")
		w.must(w.deck.Amend(w.ctx, reply, ""))
		w.told(w.team, team, "Taken back. shop: removed; team: removed.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
	})
}

func TestStateIsTheSameInBothChats(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		cards := func(want string) {
			w.t.Helper()
			for _, p := range []*bridgetest.Platform{w.team, w.deck} {
				w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool { return all[0].Text == want }))
			}
		}
		w.onDeck(deck, "chloe", "Hello Vera") // the first reply takes
		cards("assigned chloe")
		w.agent(team, "ana", "!close Bye")
		cards("closed chloe")
		w.sees(w.deck, deck, "vera: Hello", "chloe: Hello Vera", "ana: Bye")
		w.visitor("vera", "One more thing")
		cards("unassigned ")
		w.agent(team, "ana", "!take")
		cards("assigned ana")
		if got := lines(w.deck.Messages(deck)); strings.Contains(strings.Join(got, " "), "!take") {
			w.t.Errorf("a command given elsewhere is shown: %q", got)
		}
	})
}

func TestAnswersToCommandsStayAtTheirPlace(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.onDeck(deck, "chloe", "!nonsense")
		w.onDeck(deck, "chloe", "!help")
		w.settled()
		w.sees(w.team, team, "vera: Hello")
		if n := len(w.deck.Messages(deck)); n != 6 { // card, hello, two commands, two answers
			w.t.Errorf("the other chat shows %q", lines(w.deck.Messages(deck)))
		}
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}

func TestStrangersAreToldAtTheirPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, func(_ *world, routes []bridge.Route) { routes[1].Invited = true })
		defer w.stop()
		w.visitor("vera", "Hello")
		team, deck := w.thread("vera"), w.threadAt(w.deck, "vera")
		w.agent(team, "mallory", "Send me your card number")
		w.told(w.team, team, "Not sent to the visitor: mallory is not in the team. Whoever has a code from an admin joins with !join and the code.")
		w.sees(w.deck, deck, "vera: Hello")
		w.sees(w.shop, "chat/vera", "vera: Hello")
	})
}

// Of two who press the button of a conversation that nobody owns, in two chats at once, the first has it. The other is told,
// and can take it over knowingly.
func TestARaceForAConversation(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		press := func(e bridge.EndpointName, thread bridge.ThreadRef, name, rest string) bridge.Answer {
			answer, err := w.desk.Command(w.ctx, bridge.Invocation{
				Endpoint: e, Key: "press " + name + rest, Thread: thread, From: bridge.Person{ID: name, Name: name}, Word: "take", Rest: rest,
			})
			w.must(err)
			return answer
		}
		var wg sync.WaitGroup
		var told [2]bridge.Answer
		wg.Go(func() { told[0] = press("team", team, "ana", bridge.TakeFree) })
		wg.Go(func() { told[1] = press("deck", deck, "chloe", bridge.TakeFree) })
		wg.Wait()
		w.settled()
		c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		owner, answer := c.OwnerName, told[1]
		other := func(rest string) { press("deck", deck, "chloe", rest) }
		name := "chloe"
		if owner == "chloe" {
			name, answer, other = "ana", told[0], func(rest string) { press("team", team, "ana", rest) }
		}
		if answer.Public != "Nothing was changed: "+owner+" took this conversation just before you. Take it over (!take)?" || len(answer.Offers) != 1 {
			t.Fatalf("%s has it; %s is told %+v", owner, name, answer)
		}
		if answer.Offers[0].Word != "take" {
			t.Errorf("offered is %+v", answer.Offers[0])
		}
		w.cardIs(w.team, "assigned "+owner)
		w.cardIs(w.deck, "assigned "+owner)
		other(answer.Offers[0].Rest)
		w.settled()
		for p, thread := range map[*bridgetest.Platform]bridge.ThreadRef{w.team: team, w.deck: deck} {
			w.told(p, thread, name+" has taken this conversation over from "+owner+".")
			w.cardIs(p, "assigned "+name)
		}
	})
}

// Both chats know an "ana"; until somebody says that they are one person, they are two.
func TestNamesakesAreNotMerged(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.agent(team, "ana", "from here")
		w.onDeck(deck, "ana", "from there")
		w.settled()
		w.agent(team, "ana", "!recall")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: from there")
	})
}

// A chat that is down does not keep the visitor or the other chat waiting, and is brought up to date afterwards.
func TestOneChatIsDown(t *testing.T) {
	t.Parallel()
	inBoth(t, func(w *world, team, deck bridge.ThreadRef) {
		w.deck.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 4 * time.Minute, Whole: true}})
		began := time.Now()
		w.agent(team, "ana", "Good morning")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning")
		w.visitor("vera", "Hm")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good morning", "vera: Hm")
		w.sees(w.team, team, "vera: Hello", "ana: Good morning", "vera: Hm")
		if took := time.Since(began); took > time.Second {
			w.t.Errorf("it took %v", took)
		}
		w.settled()
		w.sees(w.deck, deck, "vera: Hello", "ana: Good morning", "vera: Hm")
	})
}
