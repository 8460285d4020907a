package bridge_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

// careful has agents asked before doubtful lines go out.
func careful(_ *world, routes []bridge.Route) { routes[1].Asks = true }

// asking runs a conversation of Vera's that Ana answers, in a team that is asked.
func asking(t *testing.T, opts []option, test func(w *world, thread bridge.ThreadRef)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(opts, careful)...)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "Good day")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
		test(w, thread)
	})
}

const anaAnswers = "Not sent yet: ana is answering this visitor. Send it (!send) or keep it among colleagues (!keep)?"

func TestSecondAgentIsAsked(t *testing.T) {
	asking(t, nil, func(w *world, thread bridge.ThreadRef) {
		w.agent(thread, "ben", "Me too")
		w.told(w.team, thread, anaAnswers)
		w.agent(thread, "ana", "!send") // it is not hers
		w.told(w.team, thread, "No line of yours is held back here. Only who has written a line can send it.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
		w.agent(thread, "ben", "!send")
		w.told(w.team, thread, "Sent to the visitor after all.") // instead of the question
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: Me too")
		w.agent(thread, "ben", "And more") // he is known to take part
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: Me too", "ben: And more")
		w.agent(thread, "ana", "!take")
		w.agent(thread, "ana", "!unassign")
		w.agent(thread, "ana", "!take") // she has it anew
		w.agent(thread, "ben", "Still here")
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: Me too", "ben: And more")
	})
}

func TestHeldLinesFollowTheirEdits(t *testing.T) {
	asking(t, nil, func(w *world, thread bridge.ThreadRef) {
		edited := w.agent(thread, "ben", "Frist")
		deleted := w.agent(thread, "ben", "Oops")
		w.must(w.team.Amend(w.ctx, edited, "First"))
		w.must(w.team.Amend(w.ctx, deleted, ""))
		w.told(w.team, thread, "Deleted, and never sent.")
		w.agent(thread, "ben", "!send")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: First")
		w.must(w.team.Amend(w.ctx, edited, "First of all"))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ben: First of all")
		w.must(w.team.Amend(w.ctx, edited, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
		w.agent(thread, "ben", "!send")
		w.told(w.team, thread, "No line of yours is held back here. Only who has written a line can send it.")
	})
}

// What is kept is read by colleagues in the other chat; until then it is nobody's.
func TestHeldLineKept(t *testing.T) {
	asking(t, []option{both}, func(w *world, thread bridge.ThreadRef) {
		deck := w.threadAt(w.deck, "vera")
		w.agent(thread, "ben", "I would refuse")
		w.told(w.team, thread, anaAnswers)
		w.sees(w.deck, deck, "vera: Hello", "ana: Good day")
		w.agent(thread, "ben", "!keep")
		w.sees(w.deck, deck, "vera: Hello", "ana: Good day", "ben: I would refuse")
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
	})
}

func TestNativeHeldLine(t *testing.T) {
	asking(t, nil, func(w *world, thread bridge.ThreadRef) {
		call := given("press-1", "reply", thread, map[string]string{"words": "@everyone look"})
		w.command(call)
		w.toldSome(w.team, thread, "Not sent yet: it calls a colleague.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day")
		w.command(given("press-2", "send", thread, nil))
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: Good day", "ana: @everyone look")
		if n := strings.Count(strings.Join(lines(w.team.Messages(thread)), "\n"), "look"); n != 1 {
			t.Errorf("the thread shows the line %d times", n)
		}
	})
}

func TestDoubts(t *testing.T) {
	const (
		calls   = "it calls a colleague"
		command = "it looks like a mistyped command"
		secret  = "it seems to hold a password, a key or a card number"
		other   = "it holds the e-mail address of another customer, EVE@example.org"
	)
	doubts := map[string]string{
		"@here can somebody help?": calls, "Ask @channel, please": calls,
		"! note he is rude": command, ".note he is rude": command, "/close": command, "!!take": command, "1take": command,
		"unassign": command, "Note: he is rude": command, "?help": command,
		"the password: hunter2": secret, "Passwort ist: geheim1": "", "my API key = abcd1234": secret,
		"-----BEGIN RSA PRIVATE KEY-----": secret, "AKIAIOSFODNN7EXAMPLE": secret,
		"xoxb-123456789012-abcdef": secret, "card 4111 1111 1111 1111 please": secret, "4111111111111111": secret,
		"write to EVE@example.org": other,

		"write to vera@example.org": "", "write to nobody@example.org": "", "order 4111 1111 1111 1112": "",
		"Please take it back": "", "Close the lid.": "", "...and then?": "", "I reset your password": "",
		"Your parcel: 00340434161094042557": "", "1. take the box": "", "- take the box": "", "50% off!": "",
		"forgot password?": "",
	}
	asking(t, nil, func(w *world, thread bridge.ThreadRef) {
		for name, email := range map[string]string{"vera": "Vera@example.org", "eve": "eve@example.org"} {
			_, err := w.desk.Greet(w.ctx, bridge.Visitor{Endpoint: "shop", Key: name, Profile: bridge.Profile{Email: email}})
			w.must(err)
		}
		for text, want := range doubts {
			sent := len(w.shop.Messages("chat/vera"))
			w.agent(thread, "ana", text)
			w.settled()
			if asked := len(w.shop.Messages("chat/vera")) == sent; asked != (want != "") {
				t.Errorf("%q: asked is %t", text, asked)
			}
			told := lines(w.team.Messages(thread))
			if last := told[len(told)-1]; want != "" && !strings.HasPrefix(last, "Skein: Not sent yet: "+want+". ") {
				t.Errorf("%q: told %q, want %q", text, last, want)
			}
		}
	})
}
