package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/adapters/robot"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

// thinker is an engine that knows one thing.
type thinker struct {
	mu    sync.Mutex
	takes time.Duration
	fails error
	asked []string
}

func (th *thinker) Answer(ctx context.Context, q bridge.RobotQuestion) (bridge.RobotAnswer, error) {
	th.mu.Lock()
	takes, fails := th.takes, th.fails
	th.asked = append(th.asked, q.Asked())
	th.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return bridge.RobotAnswer{}, &bridge.Failure{Verdict: bridge.Retry, Public: "It took too long.", Err: ctx.Err()}
	}
	shipping := bridge.Source{ID: "shipping", Title: "How long does shipping take?", Language: "en"}
	switch {
	case fails != nil:
		return bridge.RobotAnswer{}, fails
	case strings.Contains(q.Asked(), "shipping"):
		return bridge.RobotAnswer{Text: rich.Of("Two days."), Sources: []bridge.Source{shipping}, Confidence: 0.9}, nil
	case strings.Contains(q.Asked(), "long"):
		return bridge.RobotAnswer{Offers: []bridge.Source{shipping, {ID: "returns", Title: "Returns"}}, Confidence: 0.4}, nil
	}
	return bridge.RobotAnswer{Unsure: true}, nil
}

func byRobot(th *thinker, manners bridge.RobotManners) option {
	return func(w *world, _ []bridge.Route) {
		manners.Name = "Bot"
		w.robot = &manners
		w.thinks = func() bridge.Adapter {
			return robot.New(robot.Config{
				Engine: th, Look: w.store.Look, Drafts: manners.Drafts, Patience: 20 * time.Second,
				Find: func(string, string) []bridge.Passage { return nil },
			})
		}
	}
}

func withRobot(t *testing.T, manners bridge.RobotManners, test func(w *world, th *thinker), more ...option) {
	synctest.Test(t, func(t *testing.T) {
		th := &thinker{}
		if manners.UnsureAfter == 0 {
			manners.UnsureAfter = 2
		}
		w := newWorld(t, append([]option{byRobot(th, manners)}, more...)...)
		defer func() { w.stop() }()
		test(w, th)
	})
}

func (w *world) state(visitor string) bridge.State {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, "shop", bridge.ThreadRef("chat/"+visitor))
	w.must(err)
	return c.State
}

// TestRobotAnswers: what it knows it says at once, once; agents watch in their thread.
func TestRobotAnswers(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, _ *thinker) {
		w.visitor("vera", "How is shipping?")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "Bot: Two days.")
		w.sees(w.team, w.thread("vera"), "vera: How is shipping?", "Bot: Two days.")
		if s := w.state("vera"); s != bridge.StateRobot {
			t.Errorf("it is %s", s)
		}
	})
}

// TestRobotOffersAndGivesUp: what it is not sure of it offers to choose from, and the second time a person takes over.
func TestRobotOffersAndGivesUp(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, _ *thinker) {
		w.visitor("vera", "How long?")
		w.sees(w.shop, "chat/vera", "vera: How long?", "Bot: Is it one of these?")
		c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		entries, _, err := w.store.Visible(w.ctx, c.ID, "shop", bridge.RoleVisitor, 0, 50)
		w.must(err)
		if got := strings.Join(entries[len(entries)-1].Choices(), "|"); got != "How long does shipping take?|Returns|Talk to a person" {
			t.Errorf("the choices are %q", got)
		}
		w.visitor("vera", "No, something else")
		w.toldSome(w.team, w.thread("vera"), "Handed over: the robot had no answer 2 times in a row.")
		if s := w.state("vera"); s != bridge.StateUnassigned {
			t.Errorf("it is %s", s)
		}
		c, err = w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		if c.WaitingSince.IsZero() {
			t.Error("nobody waits")
		}
	})
}

// TestRobotIsPolite: who only greets or thanks has asked nothing, so nothing was left unanswered.
func TestRobotIsPolite(t *testing.T) {
	withRobot(t, bridge.RobotManners{UnsureAfter: 1}, func(w *world, _ *thinker) {
		for _, text := range []string{"Good morning", "How is shipping?", "thank you!"} {
			w.visitor("vera", text)
			w.settled()
		}
		w.sees(w.shop, "chat/vera", "vera: Good morning", "Bot: Hello. What can I do for you?", "vera: How is shipping?", "Bot: Two days.",
			"vera: thank you!", "Bot: You are welcome.")
		if s := w.state("vera"); s != bridge.StateRobot {
			t.Errorf("it is %s", s)
		}
	})
}

// TestRobotsDoNotTalkForEver: a visitor who answers whatever the robot says gets a person, and then it is quiet.
func TestRobotsDoNotTalkForEver(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
		for i := range 60 {
			w.visitor("vera", fmt.Sprintf("You said something about shipping, number %d.", i))
			w.settled()
		}
		w.toldSome(w.team, w.thread("vera"), "Handed over: the visitor asks more than a robot should answer.")
		th.mu.Lock()
		defer th.mu.Unlock()
		if n := len(th.asked); n < 20 || n > 31 || w.state("vera") != bridge.StateUnassigned {
			t.Errorf("it was asked %d times, and it is %s", n, w.state("vera"))
		}
	})
}

// TestRobotLeavesFilesToPeople: it cannot look at one, and does not answer what was asked before once more.
func TestRobotLeavesFilesToPeople(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
		w.visitor("vera", "How is shipping?")
		w.settled()
		_, err := w.shop.Attach(w.ctx, "chat/vera", "vera", "", bridge.FileRef{Ref: "f", Name: "parcel.png", Type: "image/png"})
		w.must(err)
		w.toldSome(w.team, w.thread("vera"), "Handed over: the visitor has sent a file.")
		w.settled()
		th.mu.Lock()
		defer th.mu.Unlock()
		if len(th.asked) != 1 || w.state("vera") != bridge.StateUnassigned {
			t.Errorf("asked %q, it is %s", th.asked, w.state("vera"))
		}
	})
}

// TestRobotLeavesFilesOfWhoIsBackToPeople: a line that opens a conversation again, or begins another one, is no exception.
func TestRobotLeavesFilesOfWhoIsBackToPeople(t *testing.T) {
	for name, after := range map[string]time.Duration{"again": time.Hour, "another": week + time.Hour} {
		t.Run(name, func(t *testing.T) {
			withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
				w.visitor("vera", "How is shipping?")
				w.settled()
				w.agent(w.thread("vera"), "ana", "!close")
				w.settled()
				w.pass(after)
				_, err := w.shop.Attach(w.ctx, "chat/vera", "vera", "", bridge.FileRef{Ref: "f", Name: "parcel.png", Type: "image/png"})
				w.must(err)
				w.settled()
				c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
				w.must(err)
				th.mu.Lock()
				defer th.mu.Unlock()
				if len(th.asked) != 1 || c.State != bridge.StateUnassigned {
					t.Errorf("asked %q, it is %s", th.asked, c.State)
				}
			}, forAWeek)
		})
	}
}

// TestRulesOfHandoff: whose line, page, standing or hour is for a person gets one at once, and the robot says nothing else.
func TestRulesOfHandoff(t *testing.T) {
	office, err := bridge.ParseOffice("sat 3-4 UTC", nil) // time begins on a Saturday at midnight
	if err != nil {
		t.Fatal(err)
	}
	page := func(v *bridge.Visitor) { v.Page.URL = "https://shop.example/orders/17?ref=mail" }
	verified := func(v *bridge.Visitor) { v.Verified = true }
	for name, c := range map[string]struct {
		rules   bridge.HandoffRules
		visitor func(*bridge.Visitor)
		closed  bool
		says    string
		why     string // empty: it stays the robot's
	}{
		"a word":                {rules: bridge.HandoffRules{Words: []string{"Lawyer"}}, says: "I will call my LAWYER, then!", why: "the visitor has said “Lawyer”."},
		"several words":         {rules: bridge.HandoffRules{Words: []string{"my lawyer"}}, says: "My lawyer: who else?", why: "the visitor has said “my lawyer”."},
		"a part of a word":      {rules: bridge.HandoffRules{Words: []string{"law"}}, says: "I will call my lawyer about shipping"},
		"a page":                {rules: bridge.HandoffRules{Pages: []string{"/orders"}}, visitor: page, says: "How is shipping?", why: "the visitor is on /orders."},
		"another page":          {rules: bridge.HandoffRules{Pages: []string{"/order", "*/returns"}}, visitor: page, says: "How is shipping?"},
		"a known customer":      {rules: bridge.HandoffRules{Verified: true}, visitor: verified, says: "How is shipping?", why: "the visitor is a customer whom the site knows."},
		"an unknown one":        {rules: bridge.HandoffRules{Verified: true}, says: "How is shipping?"},
		"open":                  {rules: bridge.HandoffRules{Hours: bridge.Within}, says: "How is shipping?", why: "it is open now."},
		"open, when closed":     {rules: bridge.HandoffRules{Hours: bridge.Outside}, says: "How is shipping?"},
		"closed":                {rules: bridge.HandoffRules{Hours: bridge.Outside}, closed: true, says: "How is shipping?", why: "it is closed now."},
		"the word of the robot": {says: "/human", why: "the visitor has asked for a person."},
	} {
		t.Run(name, func(t *testing.T) {
			withRobot(t, bridge.RobotManners{Handoff: c.rules}, func(w *world, _ *thinker) {
				w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
					v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: "shop", Key: "vera"})
					if err != nil || c.visitor == nil {
						return err
					}
					_, err = tx.EditVisitor(v.ID, c.visitor)
					return err
				}))
				w.visitor("vera", c.says)
				w.settled()
				want := bridge.StateRobot
				if c.why != "" {
					want = bridge.StateUnassigned
					w.toldSome(w.team, w.thread("vera"), "Handed over: "+c.why)
				}
				if got := w.state("vera"); got != want {
					t.Errorf("it is %s, want %s", got, want)
				}
			}, func(w *world, routes []bridge.Route) {
				if c.closed {
					routes[0].Office = office
				}
			})
		})
	}
}

// TestRobotLearns: an agent's answer, and other words than it proposed, become knowledge with one press.
func TestRobotLearns(t *testing.T) {
	withRobot(t, bridge.RobotManners{Drafts: true}, func(w *world, _ *thinker) {
		w.visitor("vera", "How is shipping on Sundays?")
		thread := w.thread("vera")
		w.settled()
		w.agent(thread, "ana", "!draft Not on Sundays.")
		w.sees(w.shop, "chat/vera", "vera: How is shipping on Sundays?", "ana: Not on Sundays.")
		w.settled()
		messages := w.team.Messages(thread)
		settled := messages[slices.IndexFunc(messages, func(m bridgetest.Message) bool { return strings.Contains(m.Text, "Sent by ana, in other words.") })]
		w.press(settled, "ana", "Keep as knowledge")
		all, _, err := w.store.Articles(w.ctx)
		w.must(err)
		if len(all) != 1 || all[0].Title != "How is shipping on Sundays?" || rich.Plain(all[0].Body) != "Not on Sundays." {
			t.Errorf("it has learned %+v", all)
		}
		w.visitor("vera", "And at Easter?")
		w.agent(thread, "ana", "Nor then.")
		w.agent(thread, "ana", "!learn")
		w.agent(thread, "ana", "!learn") // pressed twice
		all, _, err = w.store.Articles(w.ctx)
		w.must(err)
		if len(all) != 2 || all[0].Title != "And at Easter?" || rich.Plain(all[0].Body) != "Nor then." {
			t.Errorf("it has learned %+v", all)
		}
	})
}

// TestVisitorAsksForAPerson: they get one at once, with a summary for whoever takes it, and the robot is silent.
func TestVisitorAsksForAPerson(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
		w.visitor("vera", "How is shipping?")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "Bot: Two days.")
		w.visitor("vera", "I want to talk to a person please")
		thread := w.thread("vera")
		w.toldSome(w.team, thread, "Handed over: the visitor has asked for a person.")
		w.settled()
		th.mu.Lock()
		defer th.mu.Unlock()
		if len(th.asked) != 1 || w.state("vera") != bridge.StateUnassigned {
			t.Errorf("asked %q, it is %s", th.asked, w.state("vera"))
		}
		shown := strings.Join(lines(w.team.Messages(thread)), "\n")
		for _, line := range []string{"Asked first: How is shipping?", "The robot said: Two days.", "Said last: I want to talk to a person please"} {
			if !strings.Contains(shown, line) {
				t.Errorf("%q is missing in %s", line, shown)
			}
		}
	})
}

// TestRobotComesTooLate: an agent who steps in with one line has the conversation, and what the robot was thinking is not said.
func TestRobotComesTooLate(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
		th.takes = 10 * time.Second
		w.visitor("vera", "How is shipping?")
		thread := w.thread("vera")
		time.Sleep(time.Second)
		w.agent(thread, "ana", "I will look it up")
		time.Sleep(time.Minute)
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "ana: I will look it up")
		w.agent(thread, "ana", "!robot on")
		w.visitor("vera", "and shipping abroad?")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "ana: I will look it up", "vera: and shipping abroad?", "Bot: Two days.")
	})
}

// TestRobotIsGivenAQuestion: given a conversation whose visitor waits, it answers them.
func TestRobotIsGivenAQuestion(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, _ *thinker) {
		w.visitor("vera", "Please let me talk to a human")
		thread := w.thread("vera")
		w.settled()
		w.visitor("vera", "It is about shipping")
		w.settled()
		w.agent(thread, "ana", "!robot on")
		handoff := "Bot: I am passing you on to somebody from the team. They will answer here."
		w.reads(w.shop, "chat/vera", "vera: Please let me talk to a human", handoff, "vera: It is about shipping", "Bot: Two days.")
	})
}

// TestRobotFails: an engine that does not answer is asked again for a while, and then a person takes over.
func TestRobotFails(t *testing.T) {
	withRobot(t, bridge.RobotManners{}, func(w *world, th *thinker) {
		th.fails = &bridge.Failure{Verdict: bridge.Retry, Public: "The model does not answer.", Err: errors.New("down")}
		w.visitor("vera", "How is shipping?")
		w.toldSome(w.team, w.thread("vera"), "Handed over: the robot could not answer: The model does not answer.")
	})
}

// TestRobotProposes: a person sends it, in their own name, or other words.
func TestRobotProposes(t *testing.T) {
	withRobot(t, bridge.RobotManners{Drafts: true}, func(w *world, _ *thinker) {
		w.visitor("vera", "How is shipping?")
		thread := w.thread("vera")
		w.toldSome(w.team, thread, "The robot proposes this, from “How long does shipping take?”.")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?")
		w.agent(thread, "ana", "!draft send")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "ana: Two days.")
		w.visitor("vera", "And shipping on Sunday?")
		w.settled()
		w.agent(thread, "ana", "!draft Not on Sundays.")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "ana: Two days.", "vera: And shipping on Sunday?", "ana: Not on Sundays.")
	})
}

// TestWordsInsteadOfAProposal: they may begin as what is done with a proposal does, and are for the one they were written for.
func TestWordsInsteadOfAProposal(t *testing.T) {
	withRobot(t, bridge.RobotManners{Drafts: true}, func(w *world, _ *thinker) {
		var forms []*bridge.Form
		for _, question := range []string{"How is shipping?", "And shipping abroad?"} {
			w.visitor("vera", question)
			w.settled()
			all := w.team.Messages(w.thread("vera"))
			forms = append(forms, w.press(all[len(all)-1], "ana", "Edit").Form)
		}
		thread := w.thread("vera")
		for i, words := range []string{"Drop us a line.", "Send"} {
			call := given(fmt.Sprint("form", i), "draft", thread, map[string]string{"words": words})
			call.Rest = forms[i].Rest
			w.command(call)
			w.settled()
		}
		w.visitor("vera", "What about shipping of parts?")
		w.settled()
		w.agent(thread, "ana", "!draft Send us a photo, please.")
		w.sees(w.shop, "chat/vera", "vera: How is shipping?", "vera: And shipping abroad?", "ana: Drop us a line.", "ana: Send",
			"vera: What about shipping of parts?", "ana: Send us a photo, please.")
		if sent := w.shop.Ever("Two days"); len(sent) > 0 {
			t.Errorf("the visitor has read what was not sent: %q", sent)
		}
	})
}
