package widget_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// erase forgets all that was said. The visitor's token stays good, and numbers begin anew.
func (f *fake) erase() {
	f.set(func() { f.entries, f.posts, f.reads, f.keys = nil, nil, nil, map[string]int{} })
}

// What a visitor writes after all of theirs was erased begins another conversation.
func TestConversationAfterAnErasure(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.tell(3)
	_, w := visit(b, f)
	w.WaitVisible("[data-seq='5']")
	f.await(t, "what was said is read", func() bool { return slices.Contains(f.reads, 5) })
	f.set(func() { f.full, f.refusal = true, func(string) int { return 503 } }) // the answer to a line says it as well
	f.cut()
	w.Type(input, "one\ntwo\n")
	w.WaitText("#skein-pending", "two")
	f.erase()
	f.set(func() {
		f.refusal = func(text string) int {
			if text == "two" && f.sessions < 2 {
				return 503
			}
			return 0
		}
	})
	w.Wait(`document.querySelectorAll('[data-seq]').length === 2 && !document.querySelector('[data-key]')`)
	if got := bubbles(w); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("shown %q", got)
	}
	answer := f.agent(entry{Text: "new"})
	w.WaitText("[data-seq='5'] .bubble", "new")
	f.await(t, "the answer is read", func() bool { return slices.Contains(f.reads, answer) })
	f.set(func() {
		if len(f.entries) != 3 || f.sessions != 2 {
			t.Errorf("%d entries after %d sessions, want 3 after 2: the page was loaded anew once", len(f.entries), f.sessions)
		}
	})
}

// Another tab, which has not written, notices too, however much of what was erased it had loaded.
func TestErasureIsNoticedInEveryTab(t *testing.T) {
	for name, lines := range map[string]int{"short": 3, "long": 200} {
		t.Run(name, func(t *testing.T) {
			f, b := newFake(t), browsertest.New(t)
			f.tell(lines)
			last := fmt.Sprintf("[data-seq='%d']", 2*lines-1)
			_, other := visit(b, f)
			other.WaitVisible(last)
			_, w := visit(b, f)
			w.WaitVisible(last)
			f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
			f.erase()
			w.Type(input, "one\n")
			for _, w := range []*browsertest.Frame{w, other} {
				w.Wait(`document.querySelectorAll('[data-seq]').length === 1 && !document.querySelector('[data-key]')`)
				if got := bubbles(w); !slices.Equal(got, []string{"one"}) {
					t.Errorf("shown %q", got)
				}
			}
		})
	}
}

// A page that is opened after an erasure counts from the beginning what is unread.
func TestUnreadAfterAnErasure(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.tell(20)
	p, w := visit(b, f)
	w.WaitVisible("[data-seq='39']")
	f.await(t, "it is read", func() bool { return slices.Contains(f.reads, 39) })
	f.erase()
	p.Reload()
	f.await(t, "the stream is open", func() bool { return f.sessions == 2 && len(f.streams) == 1 })
	answer := f.agent(entry{Text: "new"})
	p.WaitText(launcher, "1")
	p.Click(launcher)
	f.await(t, "it is read", func() bool { return slices.Contains(f.reads, answer) })
}
