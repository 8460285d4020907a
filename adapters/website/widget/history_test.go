package widget_test

import (
	"fmt"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// tell puts n lines of an agent into the log, as if they had been there before anybody came.
func (f *fake) tell(n int) {
	f.set(func() {
		for i := range n {
			f.append(entry{Kind: "said", Text: fmt.Sprint("line ", i), By: map[string]any{"kind": "agent", "name": "Ana"}})
		}
	})
}

// Who scrolls up finds what was said before, while what they look at stays where it is.
func TestEarlierLinesComeWhenTheyAreLookedFor(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.tell(400)
	f.agent(entry{Kind: "edited", Target: 1, Text: "line 0, edited"})
	_, w := visit(b, f)
	w.WaitVisible("[data-seq='799']")
	if w.Has("[data-seq='601']") {
		t.Error("lines are fetched that nobody has looked for")
	}
	const shown = `document.querySelectorAll('[data-seq]').length`
	for !w.Has("[data-seq='1']") {
		var before struct {
			Lines int
			Top   float64
			Seq   string
		}
		w.Eval(`(() => {
			const log = document.querySelector('#skein-log');
			log.scrollTop = 2; // the button is in view, the beginning not yet
			const first = document.querySelector('[data-seq]');
			return { Lines: `+shown+`, Top: first.querySelector('.bubble').getBoundingClientRect().top, Seq: first.dataset.seq };
		})()`, &before)
		w.Wait(fmt.Sprintf(`%s > %d`, shown, before.Lines))
		var top float64
		w.Eval(fmt.Sprintf(`document.querySelector("[data-seq='%s'] .bubble").getBoundingClientRect().top`, before.Seq), &top)
		if moved := top - before.Top; moved < -60 || moved > 60 { // a day's name may go, and the button
			t.Errorf("line %s has moved by %v pixels", before.Seq, moved)
		}
	}
	w.Wait(`document.querySelector('.earlier').hidden`)
	got := bubbles(w)
	if len(got) != 400 || got[0] != "line 0, edited" || got[399] != "line 399" {
		t.Errorf("%d lines, from %q to %q", len(got), got[0], got[len(got)-1])
	}
}

// A stretch of numbers may hold nothing for the visitor: the panel fills all the same, and by the keyboard too.
func TestEarlierLinesByTheKeyboard(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.tell(150)
	f.set(func() {
		for i := range f.entries[1:] {
			f.entries[i+1].Seq += 5000
		}
	})
	p, w := visit(b, f)
	w.WaitVisible("[data-seq='5299']")
	w.WaitVisible(".earlier")
	w.Eval(`document.querySelector('.earlier').focus({ preventScroll: true })`, nil)
	p.Activate()
	w.WaitVisible("[data-seq='1']")
	w.Wait(`document.querySelector('.earlier').hidden && document.activeElement.id === 'skein-log'`)
}

// In a conversation of 10,000 lines a new one costs no more than in a short one: what is drawn is left alone.
func TestLongConversation(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	const lines = 10_000
	f.tell(lines)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	w.WaitVisible(fmt.Sprintf("[data-seq='%d']", 2*lines-1))
	w.Eval(`new Promise((done) => {
		const timer = setInterval(() => {
			document.querySelector('#skein-log').scrollTop = 0;
			if (!document.querySelector("[data-seq='1']")) return;
			clearInterval(timer);
			done();
		}, 10);
	})`, nil)
	w.Wait(fmt.Sprintf(`document.querySelectorAll('[data-seq]').length === %d`, lines))
	w.Eval(`(() => {
		const log = document.querySelector('#skein-log');
		log.scrollTop = log.scrollHeight;
		window.touched = new Set();
		new MutationObserver((changes) => {
			for (const { target, addedNodes } of changes)
				for (const node of [target, ...addedNodes]) {
					const row = (node.nodeType === 1 ? node : node.parentElement)?.closest('[data-seq]');
					if (row) touched.add(row.dataset.seq);
				}
		}).observe(log, { subtree: true, childList: true, attributes: true, characterData: true });
		window.longest = 0;
		new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
		}).observe({ type: 'longtask' });
	})()`, nil)
	w.Type(input, "Are you there?\n")
	w.WaitVisible(fmt.Sprintf("[data-seq='%d']", 2*lines+1))
	f.agent(entry{Text: "Yes."})
	w.WaitVisible(fmt.Sprintf("[data-seq='%d']", 2*lines+3))
	w.WaitText(fmt.Sprintf("[data-seq='%d'] .glyph", 2*lines+1), "Seen")
	var cost struct {
		Touched int
		Longest float64
	}
	w.Eval(`({ Touched: touched.size, Longest: longest })`, &cost)
	t.Logf("%d rows were touched; the longest task took %.0f ms", cost.Touched, cost.Longest)
	if cost.Touched > 6 {
		t.Errorf("%d rows were drawn for two lines", cost.Touched)
	}
	if cost.Longest > 1000 {
		t.Errorf("the page stood still for %.0f ms", cost.Longest)
	}
}
