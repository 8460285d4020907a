package widget_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// A line that is tried in vain says so, and leaves the visitor the choice; it is there after a reload.
func TestLineThatDoesNotGetThrough(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.down = true })
	f.cut()
	w.Type(input, "one\n")
	w.Type(input, "two\n")
	w.WaitText("#skein-pending .stuck:nth-child(2)", "Waiting to be sent")
	p.Reload()
	p.Click(launcher)
	tries := 0
	f.set(func() {
		f.down, f.refusal = false, func(string) int {
			if tries++; tries > 3 {
				f.pause = 600 // or the line would go by itself before the visitor says so
			}
			return 503
		}
	})
	w.WaitText("#skein-pending .stuck:nth-child(2) .acts", "Send again")
	w.Wait(`performance.getEntriesByType('resource').filter((e) => e.responseStatus === 503).length > 3`)
	w.Click("#skein-pending .stuck:nth-child(1) .acts button:last-child")
	w.Wait(`document.querySelectorAll('#skein-pending .stuck').length === 1`)
	w.Wait(`document.activeElement.id === 'skein-input'`)
	f.set(func() { f.refusal = nil })
	w.Click("#skein-pending .acts button")
	w.WaitText("[data-seq='1'] .bubble", "two")
	w.Wait(`!document.querySelector('[data-key]')`)
	if got := bubbles(w); !slices.Equal(got, []string{"two"}) {
		t.Errorf("shown %q", got)
	}
}
