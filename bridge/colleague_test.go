package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// commons is the shared channel of each side.
const commons = "commons"

// shared adds a second team, "deck", and makes the shared channels of both teams one conversation.
func shared(w *world, _ []bridge.Route) {
	w.deck = bridgetest.New("deck", bridge.Abilities{Role: bridge.RoleTeam, OneReceiver: true})
	w.team.Share(commons)
	w.deck.Share(commons)
}

func (w *world) says(p *bridgetest.Platform, name, text string) bridge.MessageRef {
	w.t.Helper()
	ref, err := p.Say(w.ctx, commons, name, text)
	w.must(err)
	return ref
}

// copyOf waits for the copy of a text on a platform.
func (w *world) copyOf(p *bridgetest.Platform, text string) bridgetest.Message {
	w.t.Helper()
	var found bridgetest.Message
	w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool {
		i := slices.IndexFunc(all, func(m bridgetest.Message) bool { return m.Text == text })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	}))
	return found
}

func TestColleaguesShareTheirChannels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		lunch := w.says(w.team, "ana", "Lunch?")
		w.says(w.team, "ben", "!close // #not a command")
		w.sees(w.deck, commons, "ana: Lunch?", "ben: !close // #not a command")
		w.says(w.deck, "chloe", "At noon")
		w.sees(w.team, commons, "ana: Lunch?", "ben: !close // #not a command", "chloe: At noon")
		w.must(w.team.Amend(w.ctx, lunch, "// Lunch!"))
		w.sees(w.deck, commons, "ana: // Lunch!", "ben: !close // #not a command", "chloe: At noon")
		w.must(w.team.Amend(w.ctx, lunch, ""))
		w.sees(w.deck, commons, "ben: !close // #not a command", "chloe: At noon")
		w.nothingForVisitors()
	})
}

// nothingForVisitors reads the whole colleague conversation: doc.go promises its privacy.
func (w *world) nothingForVisitors() {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, "team", commons)
	w.must(err)
	if c.Kind != bridge.Colleagues || c.Visitor != 0 {
		w.t.Errorf("the conversation is %+v", c)
	}
	lanes, err := w.store.Lanes(w.ctx, c.ID)
	w.must(err)
	for _, l := range lanes {
		if l.Role != bridge.RoleTeam {
			w.t.Errorf("%s has a lane as %s", l.Endpoint, l.Role)
		}
	}
	log, err := w.store.Log(w.ctx, c.ID)
	w.must(err)
	for _, en := range log {
		if en.Audience.Includes("shop", bridge.RoleVisitor) {
			w.t.Errorf("%s %d has the audience %s", en.Kind, en.Seq, en.Audience)
		}
	}
	if posted := w.shop.Ever(""); len(posted) > 0 {
		w.t.Errorf("the visitors' platform was sent %q", posted)
	}
}

func TestAnswersAmongColleagues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		root := w.says(w.team, "ana", "Who is in?")
		there := w.copyOf(w.deck, "Who is in?")
		_, err := w.deck.Answer(w.ctx, there.Ref, "chloe", "I am")
		w.must(err)
		back := w.copyOf(w.team, "I am")
		if back.Answers != root {
			t.Errorf("at home the answer answers %q, want %q", back.Answers, root)
		}
		_, err = w.team.Answer(w.ctx, back.Ref, "ben", "Then so am I")
		w.must(err)
		if got := w.copyOf(w.deck, "Then so am I"); got.Answers != w.copyOf(w.deck, "I am").Ref {
			t.Errorf("far away the answer answers %q", got.Answers)
		}
	})
}

// Whoever takes away what others had put under a line takes it away elsewhere too, but for what people there have put.
func TestReactionsTakenAwayTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		ours := w.says(w.team, "ana", "Shipped")
		there := w.copyOf(w.deck, "Shipped").Ref
		clear := func(emoji string) {
			w.must(w.desk.Receive(w.ctx, bridge.Inbound{
				Endpoint: "deck", Key: "cleared " + emoji, Kind: bridge.InUnreacted, Thread: commons, Target: there, Emoji: emoji, At: time.Now(),
			}))
			w.must(w.idle())
		}
		shown := func() (emoji []string) {
			for _, r := range w.team.Messages(commons)[0].Reactions {
				emoji = append(emoji, r.Emoji+r.Person)
			}
			slices.Sort(emoji)
			return emoji
		}
		for _, person := range []string{"chloe", "dan"} {
			for _, emoji := range []string{"🎉", "👀", "🚀"} {
				w.must(w.deck.React(w.ctx, there, person, emoji, true))
			}
		}
		w.must(w.team.React(w.ctx, ours, "ben", "🚀", true))
		w.must(w.idle())
		for _, c := range []struct{ emoji, left string }{
			{"🎈", "[🎉us 👀us 🚀ben 🚀us]"}, {"🎉", "[👀us 🚀ben 🚀us]"}, {"", "[🚀ben]"}, {"", "[🚀ben]"},
		} {
			if clear(c.emoji); fmt.Sprint(shown()) != c.left {
				t.Errorf("without %q the other side shows %v, want %s", c.emoji, shown(), c.left)
			}
		}
	})
}

func TestReactionsAmongColleagues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		ours := w.says(w.team, "ana", "Shipped")
		there := w.copyOf(w.deck, "Shipped").Ref
		shows := func(p *bridgetest.Platform, want ...bridgetest.Reaction) {
			t.Helper()
			w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool { return slices.Equal(all[0].Reactions, want) }))
		}
		tada := func(person string) bridgetest.Reaction { return bridgetest.Reaction{Person: person, Emoji: "🎉"} }
		w.must(w.deck.React(w.ctx, there, "chloe", "🎉", true))
		w.must(w.deck.React(w.ctx, there, "dan", "🎉", true))
		shows(w.team, tada("us"))
		w.must(w.deck.React(w.ctx, there, "chloe", "🎉", false))
		w.must(w.idle())
		shows(w.team, tada("us"))
		w.must(w.team.React(w.ctx, ours, "ben", "🎉", true))
		shows(w.deck, tada("dan"), tada("us"))
		w.must(w.deck.React(w.ctx, there, "dan", "🎉", false))
		shows(w.team, tada("ben"))
		w.must(w.team.React(w.ctx, ours, "ben", "🎉", false))
		shows(w.deck)
		w.settled()
		// A message is known by its receipt: were there one of a reaction, an answer might be taken for one to that.
		c, err := w.store.ConversationAt(w.ctx, "team", commons)
		w.must(err)
		receipts, err := w.store.Receipts(w.ctx, c.ID)
		w.must(err)
		if len(receipts) != 1 || receipts[0].Seq != 1 {
			t.Errorf("reactions have receipts: %+v", receipts)
		}
	})
}

func TestMentionsOfLinkedColleagues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		var ben bridge.Agent
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) (err error) {
			ben, err = tx.JoinAgent("team", bridge.Person{ID: "ben", Name: "Ben"})
			return err
		}))
		w.must(w.store.Link(w.ctx, ben.ID, "deck", "benjamin"))
		w.says(w.team, "ana", "<@ben> and <@zoe>, hello")
		w.sees(w.deck, commons, "ana: <@benjamin> and @zoe, hello")
		w.says(w.deck, "benjamin", "Hi")
		w.copyOf(w.team, "Hi")
		w.sees(w.team, commons, "ana: <@ben> and <@zoe>, hello", "Ben: Hi")
	})
}

func TestASharedChannelIsReadBackFromWhereItBegan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared, func(w *world, _ []bridge.Route) {
			w.team.SayUnheard(commons, "ana", "Before")
			time.Sleep(time.Minute)
		})
		defer w.stop()
		time.Sleep(time.Minute)
		w.team.SayUnheard(commons, "ana", "Missed")
		w.team.Reconnect(w.ctx)
		w.sees(w.deck, commons, "ana: Missed")
		w.must(w.desk.Gather(w.ctx, nil))
		w.says(w.team, "ana", "To nobody")
		w.must(w.desk.Gather(w.ctx, []bridge.Adapter{w.team, w.deck}))
		w.says(w.team, "ana", "Again")
		w.sees(w.deck, commons, "ana: Missed", "ana: Again")
	})
}

// TestColleaguesConverge plays random lines, answers, edits, deletions, reactions and failures on two sides at once: in
// the end both show the same.
func TestColleaguesConverge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		moves := rapid.SliceOfN(rapid.Custom(drawColleagueMove), 1, 25).Draw(rt, "moves")
		var problem string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, shared)
			defer w.stop()
			sides := []*bridgetest.Platform{w.team, w.deck}
			fails := [2]int{} // since the last pause
			for i, m := range moves {
				switch {
				case m.Do == "pause":
					fails = [2]int{}
				case m.Do == "fail" && fails[m.Side] == patientFails:
					continue
				case m.Do == "fail":
					fails[m.Side]++
				}
				w.playColleague(sides[m.Side], i, m)
			}
			w.settled()
			a, b := seenAt(w.team), seenAt(w.deck)
			if !slices.Equal(a, b) {
				problem = fmt.Sprintf("one side sees\n%s\nthe other\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
			w.nothingForVisitors()
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// patientFails is after how many failures in a row a copy's fate is still known before those lose their patience who refer
// to it: a reaction to a copy is given up after 30 seconds, and the sixth pause is that long.
const patientFails = 5

type colleagueMove struct {
	Side, Which int
	Do, Emoji   string
	Person      string
	Fail        bridge.Verdict
	Accepted    bool
}

func drawColleagueMove(rt *rapid.T) colleagueMove {
	m := colleagueMove{
		Do:     rapid.SampledFrom([]string{"say", "say", "answer", "edit", "delete", "react", "unreact", "fail", "pause"}).Draw(rt, "do"),
		Side:   rapid.IntRange(0, 1).Draw(rt, "side"),
		Which:  rapid.IntRange(0, 19).Draw(rt, "which"),
		Emoji:  rapid.SampledFrom([]string{"👍", ":party:"}).Draw(rt, "emoji"),
		Person: rapid.SampledFrom([]string{"ana", "ben"}).Draw(rt, "person"),
	}
	if m.Do == "fail" {
		m.Fail = rapid.SampledFrom([]bridge.Verdict{bridge.Retry, bridge.Wait, bridge.Unsure}).Draw(rt, "verdict")
		m.Accepted = m.Fail == bridge.Unsure && rapid.Bool().Draw(rt, "accepted")
	}
	return m
}

func (w *world) playColleague(p *bridgetest.Platform, i int, m colleagueMove) {
	standing := p.Messages(commons)
	own := slices.DeleteFunc(slices.Clone(standing), func(m bridgetest.Message) bool { return m.Key != "" })
	pick := func(list []bridgetest.Message) bridgetest.Message { return list[m.Which%len(list)] }
	switch {
	case m.Do == "say":
		w.says(p, m.Person, fmt.Sprintf("line %d", i))
	case m.Do == "fail":
		p.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: m.Fail, After: 3 * time.Second}, Accept: m.Accepted})
	case m.Do == "pause":
		w.must(w.idle())
	case m.Do == "answer" && len(standing) > 0:
		_, err := p.Answer(w.ctx, pick(standing).Ref, m.Person, fmt.Sprintf("answer %d", i))
		w.must(err)
	case m.Do == "edit" && len(own) > 0:
		w.must(p.Amend(w.ctx, pick(own).Ref, fmt.Sprintf("better %d", i)))
	case m.Do == "delete" && len(own) > 0:
		w.must(p.Amend(w.ctx, pick(own).Ref, ""))
	case strings.HasSuffix(m.Do, "react") && len(standing) > 0:
		w.must(p.React(w.ctx, pick(standing).Ref, m.Person, m.Emoji, m.Do == "react"))
	}
}

// seenAt lists what a person sees in the shared channel, in an order of its own: each side shows its own lines at once.
// Reactions are told apart by side only as far as a mirror can: which emoji there are.
func seenAt(p *bridgetest.Platform) []string {
	all := p.Messages(commons)
	text := map[bridge.MessageRef]string{}
	for _, m := range all {
		text[m.Ref] = m.Text
	}
	var out []string
	for _, m := range all {
		if m.Author == "Skein" {
			continue
		}
		var emoji []string
		for _, r := range m.Reactions {
			emoji = append(emoji, r.Emoji)
		}
		slices.Sort(emoji)
		out = append(out, fmt.Sprintf("%s: %s (answers %q) %v", m.Author, m.Text, text[m.Answers], slices.Compact(emoji)))
	}
	slices.Sort(out)
	return out
}

func TestALostSharedChannelIsNotReplacedByACard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		w.deck.Lose(commons)
		w.says(w.team, "ana", "Hello?")
		w.must(w.idle())
		if all := w.deck.Messages(""); len(all) != 0 {
			t.Errorf("there is %+v", all)
		}
		if c := w.conditions.All()["deck"]; c.State == bridge.Running {
			t.Errorf("the endpoint is %+v", c)
		}
	})
}

// Where the shared channel alone refuses us, visitors' matters go on, and the endpoint's condition says so all the while.
func TestARefusingSharedChannelHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.settled()
		archived := &bridge.Failure{Verdict: bridge.Wait, After: time.Minute, Refused: true, Public: "It is archived."}
		for range 3 {
			w.team.Script(bridgetest.Outcome{Thread: commons, Err: archived})
		}
		began := time.Now()
		w.says(w.deck, "chloe", "Lunch?")
		synctest.Wait()
		for range 10 {
			w.visitor("vera", "Anybody?")
			time.Sleep(15 * time.Second)
			if c := w.conditions.All()["team"]; c.State != bridge.Refused || c.Public != archived.Public {
				t.Errorf("after %s the endpoint is %+v", time.Since(began), c)
			}
		}
		if n := count(w.team.Messages(thread), "Anybody?"); n != 10 {
			t.Errorf("of ten lines %d have come", n)
		}
		w.sees(w.team, commons, "chloe: Lunch?")
		w.settled()
		if c := w.conditions.All()["team"]; c.State != bridge.Running {
			t.Errorf("in the end the endpoint is %+v", c)
		}
	})
}

func TestThereAreNoCommandsAmongColleagues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, shared)
		defer w.stop()
		answer, err := w.desk.Command(w.ctx, bridge.Invocation{
			Endpoint: "team", Key: "press", Thread: commons, From: bridge.Person{ID: "ana", Name: "ana"}, Word: "close",
		})
		w.must(err)
		if answer.Public == "" {
			t.Error("nobody is told that there is nothing to close")
		}
		w.nothingForVisitors()
	})
}
