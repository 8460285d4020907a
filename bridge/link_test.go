package bridge_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// linked is a world in which visitors at "shop" read the log themselves and can go on at "bot".
func linked(t *testing.T, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reading, elsewhere)
		defer func() { w.stop() }()
		test(w)
	})
}

// invite makes a link for vera at the shop.
func (w *world) invite() string {
	w.t.Helper()
	token, err := w.desk.Invite(w.ctx, bridge.Link{Endpoint: "shop", Thread: "chat/vera", Person: "vera", To: "bot"})
	w.must(err)
	return token
}

// starts is a person coming to the bot by a link.
func (w *world) starts(chat, key, token string) {
	w.t.Helper()
	w.must(w.desk.Receive(w.ctx, bridge.Inbound{
		Endpoint: "bot", Key: key, Kind: bridge.InJoined, Thread: bridge.ThreadRef("bot/" + chat), Join: token,
		From: bridge.Person{ID: chat, Name: chat}, At: time.Now(),
	}))
}

const (
	connected = "Skein: You are connected. This"
	oldLink   = "Skein: This link has been used"
)

func (w *world) botShows(chat string, want ...string) {
	w.t.Helper()
	w.settled()
	got := []string{}
	for _, line := range lines(w.bot.Messages(bridge.ThreadRef("bot/" + chat))) {
		if !strings.HasPrefix(line, "Skein: conversation") && !strings.HasPrefix(line, "Skein: here") { // second parts
			got = append(got, line)
		}
	}
	ok := len(got) >= len(want)
	for i, line := range want {
		ok = ok && strings.HasPrefix(got[i], line)
	}
	if !ok {
		w.t.Errorf("the bot's chat with %s shows %q, want %q", chat, got, want)
	}
}

func TestALinkJoinsTheChatToTheConversation(t *testing.T) {
	t.Parallel()
	linked(t, func(w *world) {
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "before")
		token := w.invite()
		w.starts("vera99", "start", token)
		w.starts("vera99", "start", token) // offered again
		w.told(w.team, thread, "The visitor goes on at bot as well. Answers go to both places.")
		w.agent(thread, "ana", "to both")
		_, err := w.bot.Say(w.ctx, "bot/vera99", "vera99", "from the phone")
		w.must(err)
		w.sees(w.team, thread, "vera: Hello", "ana: before", "Skein: The visitor goes on at bot as well. Answers go to both places.",
			"ana: to both", "vera99: from the phone")
		var texts []string
		for _, m := range w.bot.Messages("bot/vera99") {
			texts = append(texts, m.Text)
		}
		if all := strings.Join(texts, " "); !strings.Contains(all, "You are connected. This conversation") ||
			!strings.Contains(all, "to both") || strings.Contains(all, "before") || strings.Count(all, "connected") != 1 {
			w.t.Errorf("the bot's chat shows %q", texts)
		}
		b := &browser{w: w, visitor: "vera"}
		b.read()
		if got := strings.Join(b.shown, ", "); got != "said before, said to both" {
			w.t.Errorf("the browser is shown %q", got)
		}
	})
}

func TestALinkWorksOnceAndNotForLong(t *testing.T) {
	t.Parallel()
	linked(t, func(w *world) {
		w.visitor("vera", "Hello")
		w.thread("vera")
		used, expired := w.invite(), w.invite()
		w.starts("vera99", "1", used)
		w.starts("mallory", "2", used)
		w.starts("oscar", "3", "forged")
		w.starts("peggy", "4", "")
		time.Sleep(bridge.LinkLife + time.Second)
		w.starts("trudy", "5", expired)
		for _, chat := range []string{"mallory", "oscar", "peggy", "trudy"} {
			w.botShows(chat, oldLink)
		}
		if n := len(w.team.Messages("")); n != 3 { // the card, the line and the notice
			w.t.Errorf("links that lead nowhere have opened threads: %+v", w.team.Messages(""))
		}
		_, err := w.bot.Say(w.ctx, "bot/mallory", "mallory", "Hi")
		w.must(err)
		w.agent(w.thread("mallory"), "ana", "Good morning")
		w.settled()
		if !strings.Contains(strings.Join(lines(w.bot.Messages("bot/mallory")), " "), "ana: Good morning") {
			w.t.Error("who came by a used link is no ordinary visitor")
		}
		if strings.Contains(strings.Join(lines(w.bot.Messages("bot/vera99")), " "), "Good morning") {
			w.t.Error("one visitor reads what is for another")
		}
	})
}

// A chat that had a conversation of its own leaves it, which is closed and tells where the visitor has gone.
func TestALinkMovesAChat(t *testing.T) {
	t.Parallel()
	linked(t, func(w *world) {
		said, err := w.bot.Say(w.ctx, "bot/vera99", "vera99", "from the phone first")
		w.must(err)
		old := w.thread("vera99")
		w.agent(old, "ana", "hello phone")
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		w.bot.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute}})
		w.agent(old, "ana", "too late")
		synctest.Wait()
		w.starts("vera99", "start", w.invite())
		w.told(w.team, old, "The visitor's chat at bot belongs to another conversation of theirs now, from shop. "+
			"What was written here last has not reached them there. Go on there.")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return all[0].Text == "closed ana" }))

		w.agent(old, "ana", "anybody here")
		w.told(w.team, old, "Nothing was sent or changed: the visitor goes on in another conversation, and nobody reads this one.")
		answer, err := w.desk.Command(w.ctx, bridge.Invocation{
			Endpoint: "team", Key: "press", Thread: old, From: bridge.Person{ID: "ana", Name: "ana"}, Word: "reopen",
		})
		w.must(err)
		if !strings.Contains(answer.Public, "goes on in another conversation") {
			w.t.Errorf("a press is answered %q", answer.Public)
		}
		w.agent(thread, "ana", "here you are")
		_, err = w.bot.Say(w.ctx, "bot/vera99", "vera99", "thanks")
		w.must(err)
		w.must(w.bot.Amend(w.ctx, said, "from the phone at first"))
		w.settled()
		shown := strings.Join(lines(w.bot.Messages("bot/vera99")), " ")
		if !strings.Contains(shown, "ana: here you are") || strings.Contains(shown, "too late") || strings.Contains(shown, "anybody") {
			w.t.Errorf("the bot's chat shows %q", shown)
		}
		if got := strings.Join(lines(w.team.Messages(thread)), " "); !strings.Contains(got, "vera99: thanks") {
			w.t.Errorf("the conversation shows %q", got)
		}
		if got := strings.Join(lines(w.team.Messages(old)), " "); !strings.Contains(got, "vera99: from the phone at first") {
			w.t.Errorf("an edit of an earlier line is not carried over: %q", got)
		}
	})
}

// A visitor with two chats at one place goes on in the newer one, and agents are told what the older one did not get.
func TestALinkChangesTheChat(t *testing.T) {
	t.Parallel()
	linked(t, func(w *world) {
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.starts("phone", "1", w.invite())
		w.agent(thread, "ana", "to the phone")
		w.settled()
		w.bot.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute}})
		w.agent(thread, "ana", "lost")
		synctest.Wait()
		w.starts("tablet", "2", w.invite())
		w.told(w.team, thread, "The visitor goes on in another chat at bot, and no longer in the one before."+
			" What was written here last has not reached them there.")
		w.agent(thread, "ana", "to the tablet")
		w.botShows("tablet", connected)
		got := lines(w.bot.Messages("bot/tablet"))
		if all := w.bot.Ever("to the tablet"); len(all) != 1 || got[len(got)-1] != "ana: to the tablet" {
			w.t.Errorf("the tablet shows %q, and the bot was sent %q", got, all)
		}
	})
}

// The newest link wins: a chat can be taken to another visitor's conversation and back.
func TestALinkMovesAChatBack(t *testing.T) {
	t.Parallel()
	linked(t, func(w *world) {
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.starts("phone", "1", w.invite())
		w.starts("phone", "2", w.invite())
		w.settled()
		other, err := w.desk.Invite(w.ctx, bridge.Link{Endpoint: "shop", Thread: "chat/walt", Person: "walt", To: "bot"})
		w.must(err)
		w.starts("phone", "3", other)
		w.agent(thread, "ana", "not for the phone")
		w.settled()
		w.starts("phone", "4", w.invite())
		w.agent(thread, "ana", "for the phone")
		w.settled()
		shown := strings.Join(lines(w.bot.Messages("bot/phone")), " ")
		if strings.Contains(shown, "not for the phone") || !strings.Contains(shown, "ana: for the phone") || !strings.Contains(shown, "You are connected already.") {
			w.t.Errorf("the bot's chat shows %q", shown)
		}
		c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		if c.State != bridge.StateAssigned {
			w.t.Errorf("vera's conversation is %s", c.State)
		}
	})
}

// A recall that is under way to a chat when the visitor leaves it gets its receipt, however the chat is left and whatever
// becomes of the lane.
func TestALinkTakesTheChatFromARecall(t *testing.T) {
	for name, leave := range map[string]func(w *world){
		"for another chat": func(w *world) { w.starts("tablet", "2", w.invite()) },
		"for another conversation": func(w *world) {
			other, err := w.desk.Invite(w.ctx, bridge.Link{Endpoint: "shop", Thread: "chat/walt", Person: "walt", To: "bot"})
			w.must(err)
			w.starts("phone", "2", other)
		},
		"and comes back": func(w *world) {
			other, err := w.desk.Invite(w.ctx, bridge.Link{Endpoint: "shop", Thread: "chat/walt", Person: "walt", To: "bot"})
			w.must(err)
			w.starts("phone", "2", other)
			w.starts("phone", "3", w.invite())
		},
	} {
		t.Run(name, func(t *testing.T) {
			linked(t, func(w *world) {
				w.visitor("vera", "Hello")
				thread := w.thread("vera")
				w.starts("phone", "1", w.invite())
				stood := w.agent(thread, "ana", "a mistake")
				w.settled()
				w.bot.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: time.Minute}})
				w.agent(thread, "ana", "on its way")
				waits := w.agent(thread, "ana", "another mistake")
				synctest.Wait()
				w.must(w.team.Amend(w.ctx, stood, ""))
				w.must(w.team.Amend(w.ctx, waits, ""))
				leave(w)
				w.told(w.team, thread, "Taken back. shop: removed; bot: not removed, the visitor's chat is elsewhere now.")
				w.told(w.team, thread, "Taken back. shop: removed; bot: never sent.")
				if n := count(w.team.Messages(thread), "Taken back."); n != 2 {
					w.t.Errorf("%d receipts, want two: %q", n, lines(w.team.Messages(thread)))
				}
			})
		})
	}
}

// Another place that a recall has still to come to gives the receipt, which knows what became of the chat that was left.
func TestALinkTakesTheChatFromARecallThatGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, elsewhere)
		defer func() { w.stop() }()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.starts("phone", "1", w.invite())
		ref := w.agent(thread, "ana", "a mistake")
		w.settled()
		for _, p := range []*bridgetest.Platform{w.bot, w.shop} {
			p.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 30 * time.Second}})
		}
		w.agent(thread, "ana", "on its way")
		synctest.Wait()
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.starts("tablet", "2", w.invite())
		w.told(w.team, thread, "Taken back. shop: removed; bot: not removed, the visitor's chat is elsewhere now.")
	})
}
