package widget_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// hasty is a page whose limits of time are a sixtieth of what they are.
var hasty = browsertest.Script(`{
	const timeout = AbortSignal.timeout;
	AbortSignal.timeout = (milliseconds) => timeout.call(AbortSignal, milliseconds / 60);
}`)

// Who gets no stream asks from time to time instead.
func TestAnswersComeWithoutAStream(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.full = true })
	f.cut()
	w.WaitText("#skein-banner", "Connecting again")
	f.agent(entry{Text: "one"})
	w.WaitVisible("[data-seq='1']")
	f.agent(entry{Text: "two"})
	w.WaitVisible("[data-seq='3']")
}

// What could not be said to be read is said again by the next page.
func TestReadIsToldAgain(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.deaf = true })
	answer := f.agent(entry{Text: "one"})
	w.WaitVisible("[data-seq='1']")
	f.await(t, "it was told in vain", func() bool { return f.unheard > 0 })
	f.set(func() { f.deaf = false })
	p.Reload()
	f.await(t, "it is told again", func() bool { return slices.Contains(f.reads, answer) })
	p.Reload()
	f.await(t, "the stream is open", func() bool { return f.sessions == 3 && len(f.streams) == 1 })
	f.set(func() {
		if len(f.reads) != 1 {
			t.Errorf("told %v", f.reads)
		}
	})
}

// A request that is never answered holds up nothing for good. Files may take their time.
func TestRequestsHaveALimitOfTime(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f, hasty)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.hold, f.mute = make(chan struct{}), 1 })
	w.Type(input, "one\n")
	w.WaitVisible("[data-seq='1']")
	f.set(func() {
		// More often where an answer took longer than these limits allow.
		if len(f.posts) < 2 || len(f.entries) != 1 || slices.ContainsFunc(f.posts, func(p post) bool { return p.Key != f.posts[0].Key }) {
			t.Errorf("posted %v", f.posts)
		}
	})
	w.Choose("#skein-file", onDisk(t, "slow.txt", []byte("x")))
	w.WaitVisible(".chip progress")
	f.agent(entry{Files: []map[string]any{{"id": "fern.png", "name": "fern.png", "type": "image/png", "size": 900, "width": 320, "height": 200}}})
	w.WaitVisible("[data-seq='3']")
	w.Eval(`new Promise((done) => setTimeout(done, 1000))`, nil)
	close(f.hold)
	w.Wait(`document.querySelector("[data-seq='3'] img")?.naturalWidth === 320`)
	w.Wait(`!document.querySelector('.chip progress') && ` + ready)
	if w.Has(".chip.bad") {
		t.Error("a file that takes its time was given up")
	}
}
