package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// marked puts marks of delivery under agents' lines.
func marked(w *world, _ []bridge.Route) { w.marks = true }

// reads has visitors fetch what is said to them, as a website's do.
func reads(w *world, routes []bridge.Route) {
	w.shop = bridgetest.New("shop", bridge.Abilities{Role: bridge.RoleVisitor, Reads: true})
	routes[0].Reads = true
}

// marksOf are the marks under a message.
func marksOf(p *bridgetest.Platform, ref bridge.MessageRef) string {
	var marks []string
	for _, m := range p.Messages("") {
		if m.Ref == ref {
			for _, r := range m.Reactions {
				marks = append(marks, r.Emoji)
			}
		}
	}
	return strings.Join(marks, " ")
}

func (w *world) marksAre(after time.Duration, want map[bridge.MessageRef]string) {
	w.t.Helper()
	time.Sleep(after)
	for ref, marks := range want {
		if got := marksOf(w.team, ref); got != marks {
			w.t.Errorf("after %s %s bears %q, want %q", after, ref, got, marks)
		}
	}
}

// toldThat waits for a line in a thread.
func (w *world) toldThat(p *bridgetest.Platform, t bridge.ThreadRef, line string) {
	w.t.Helper()
	w.must(p.Await(w.ctx, func([]bridgetest.Message) bool { return slices.Contains(lines(p.Messages(t)), line) }))
}

type marksUnder = map[bridge.MessageRef]string

// What arrives at once is never shown as queued, and only the newest line tells that it has arrived.
func TestMarksOfWhatArrives(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		one := w.agent(thread, "ana", "Two")
		w.marksAre(500*time.Millisecond, marksUnder{one: ""})
		w.marksAre(time.Second, marksUnder{one: "✅"})
		sends, _ := w.team.Calls()
		two := w.agent(thread, "ben", "Three")
		w.marksAre(2*time.Second, marksUnder{one: "", two: "✅"})
		if now, _ := w.team.Calls(); now-sends != 2 {
			t.Errorf("%d calls for one mark more and one less", now-sends)
		}
		w.must(w.team.Amend(w.ctx, two, "")) // the one before is the newest then
		w.marksAre(2*time.Second, marksUnder{one: "✅"})
		w.visitor("vera", "Thanks")
		w.agent(thread, "ana", "!note fine")
		w.marksAre(2*time.Second, marksUnder{one: "✅"})
	}, marked)
}

func TestMarksOfWhatWaits(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 20 * time.Second, Public: "Wait."}})
		ref := w.agent(thread, "ana", "Two")
		w.marksAre(2*time.Second, marksUnder{ref: "⏳"})
		w.marksAre(15*time.Second, marksUnder{ref: "⏳"})
		w.marksAre(8*time.Second, marksUnder{ref: "✅"})
	}, marked)
}

// A failure stays until it has been made good.
func TestMarksOfFailures(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(refusing, refusing)
		lost := w.agent(thread, "ana", "Two")
		w.marksAre(2*time.Second, marksUnder{lost: "⚠️"})
		dropped := w.agent(thread, "ana", "Three")
		next := w.agent(thread, "ana", "Four")
		w.marksAre(2*time.Second, marksUnder{lost: "⚠️", dropped: "⚠️", next: "✅"})
		w.give(thread, "ana", "drop", w.offered(w.team, thread)[1].Rest)
		w.agent(thread, "ana", "!retry")
		w.marksAre(3*time.Second, marksUnder{lost: "", dropped: "⚠️", next: "✅"})
	}, marked)
}

func TestMarksOfWhatIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reads, marked)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		ref := w.agent(thread, "ana", "Two")
		c := w.conversation(w.team, thread)
		w.marksAre(2*time.Second, marksUnder{ref: "⏳"})
		log, err := w.store.Log(w.ctx, c)
		w.must(err)
		i := slices.IndexFunc(log, func(en bridge.Entry) bool { return en.Origin.Message == ref })
		w.must(w.store.Fetched(w.ctx, c, "shop", log[i].Seq))
		w.proofs.Publish(c)
		w.marksAre(2*time.Second, marksUnder{ref: "✅"})
		w.must(w.store.Seen(w.ctx, c, "shop", log[i].Seq)) // through another instance: nobody tells us
		w.marksAre(time.Minute, marksUnder{ref: "👀"})
		if got := w.give(thread, "ana", "why", ""); !strings.Contains(got, ". shop: delivered 00:00:") || !strings.Contains(got, ", seen 00:00:") {
			t.Errorf("why: %q", got)
		}
	})
}

// A platform that refuses marks is told of once, and everything else goes on.
func TestRefusedMarks(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.marksAre(2*time.Second, nil)
		refused := bridgetest.Outcome{Err: &bridge.Failure{
			Verdict: bridge.Wait, After: time.Minute, Whole: true, Refused: true, Public: "The bot may not add reactions.",
		}}
		w.team.Script(refused)
		ref := w.agent(thread, "ana", "Two")
		w.marksAre(2*time.Second, marksUnder{ref: ""})
		if c := w.conditions.All()["team"]; c.State != bridge.Impaired || !strings.HasSuffix(c.Public, "The bot may not add reactions.") {
			t.Errorf("condition %+v", c)
		}
		began := time.Now()
		w.visitor("vera", "Still there?")
		w.toldThat(w.team, thread, "vera: Still there?")
		if took := time.Since(began); took > time.Second {
			t.Errorf("a line waited %s for a mark", took)
		}
		w.marksAre(3*time.Minute, marksUnder{ref: "✅"})
		if c := w.conditions.All()["team"]; c.State != bridge.Running {
			t.Errorf("condition %+v", c)
		}
	}, marked)
}

// Where marks were refused for want of a right, they come as soon as that is given.
func TestMarksAfterARefusal(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.marksAre(2*time.Second, nil)
		w.team.Script(bridgetest.Outcome{Err: &bridge.Failure{
			Verdict: bridge.Wait, After: time.Minute, Whole: true, Refused: true, Public: "The bot is not in the channel.",
		}})
		ref := w.agent(thread, "ana", "Two")
		w.marksAre(2*time.Second, marksUnder{ref: ""})
		w.team.Regain(w.ctx)
		w.marksAre(5*time.Second, marksUnder{ref: "✅"})
		if c := w.conditions.All()["team"]; c.State != bridge.Running {
			t.Errorf("condition %+v", c)
		}
	}, marked)
}

// What was open when the program died is made good by the next.
func TestMarksAfterARestart(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.shop.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: bridge.Wait, After: 5 * time.Second, Public: "Wait."}})
		ref := w.agent(thread, "ana", "Two")
		w.marksAre(3*time.Second, marksUnder{ref: "⏳"})
		w.stop()
		w.start()
		w.marksAre(10*time.Second, marksUnder{ref: "✅"})
	}, marked)
}
