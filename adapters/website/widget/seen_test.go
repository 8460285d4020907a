package widget_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// turnable is a page whose tab the test can take out of the visitor's view.
var turnable = browsertest.Script(`Object.defineProperty(Document.prototype, 'visibilityState', {
	get() { return this.documentElement?.dataset.turned ? 'hidden' : 'visible'; },
})`)

// frames passes once the browser has drawn twice: what it tells of what is in view has been told.
const frames = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true)))))`

// A line counts as read when somebody can have read it: with the panel open, the page in view, the line not scrolled away.
func TestReadIsWhatWasInView(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, turnable)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	w.Eval(`document.documentElement.dataset.turned = 1`, nil)
	hidden := f.agent(entry{Text: "Nobody looks."})
	p.Wait(`document.title === '(1) Fern & Moss'`)
	w.WaitText("#skein-log", "Nobody looks.")
	w.Wait(frames)
	f.set(func() {
		if len(f.reads) > 0 {
			t.Errorf("read up to %v while the page is out of view", f.reads)
		}
	})
	w.Eval(`delete document.documentElement.dataset.turned; document.dispatchEvent(new Event('visibilitychange'))`, nil)
	f.await(t, "the line is read when the page is back", func() bool { return slices.Contains(f.reads, hidden) })
	p.Click(launcher)
	p.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'false'`)
	closed := f.agent(entry{Text: "The panel is closed."})
	p.WaitText(launcher, "1")
	w.Wait(frames)
	f.set(func() {
		if slices.Contains(f.reads, closed) {
			t.Error("read in a closed panel")
		}
	})
	p.Click(launcher)
	f.await(t, "the line is read when the panel is open", func() bool { return slices.Contains(f.reads, closed) })
}

// Links lead where a person can see that they lead, and take nothing of the chat along.
func TestLinksAreSafe(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.agent(entry{Text: "links", HTML: `<p><a href="https://a.example">a</a> <a href="HTTP://b.example">b</a> <a href="mailto:c@example.com">c</a>
		<a href="tel:+4912345">d</a> <a href="javascript:alert(1)">e</a> <a href=" javascript:alert(1)">f</a> <a href="data:text/html,x">g</a>
		<a href="/relative">h</a> <a href="https://i.example" onclick="alert(1)" style="color:red" target="_self" rel="opener">i</a></p>`})
	w.WaitText("[data-seq='1'] .bubble", "i") // not in what the widget says first
	var links []string
	w.Eval(`[...document.querySelectorAll('.bubble a')].map((a) =>
		[a.textContent, a.getAttribute('href') ?? '-', a.target, a.rel, a.attributes.length].join(' '))`, &links)
	const safe = " _blank noopener noreferrer nofollow 3"
	want := []string{
		"a https://a.example" + safe, "b HTTP://b.example" + safe, "c mailto:c@example.com" + safe, "d tel:+4912345" + safe,
		"e -   0", "f -   0", "g -   0", "h -   0", "i https://i.example" + safe,
	}
	if !slices.Equal(links, want) {
		t.Errorf("links are %q, want %q", links, want)
	}
}
