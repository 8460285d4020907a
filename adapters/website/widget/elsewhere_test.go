package widget_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

func TestTheWayToTelegram(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.settings["telegram"] = true
	_, w := visit(b, f)
	w.Wait(`!document.querySelector('#skein-telegram').hidden`)
	w.Click("#skein-menu")
	w.Click("#skein-telegram")
	f.await(t, "a link is asked for", func() bool { return f.links == 1 })
}

func TestNoWayToTelegram(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	w.Click("#skein-menu")
	var hidden bool
	if w.Eval(`document.querySelector('#skein-telegram').checkVisibility() === false`, &hidden); !hidden {
		t.Error("a way to Telegram is shown where there is none")
	}
}

// A line that was taken back leaves nothing, or a mark that says so; never its words, also for whoever comes later and
// is given the line without them.
func TestWhatWasTakenBack(t *testing.T) {
	for name, tombstone := range map[string]bool{"nothing": false, "a tombstone": true} {
		t.Run(name, func(t *testing.T) {
			f, b := newFake(t), browsertest.New(t)
			f.settings["tombstone"] = tombstone
			p, w := visit(b, f)
			w.Type(input, "hello\n")
			w.WaitVisible("[data-seq='1']")
			secret := f.agent(entry{Text: "The secret."})
			w.WaitText("[data-seq='3'] .bubble", "The secret.")
			f.agent(entry{Kind: "deleted", Target: secret})
			f.agent(entry{Kind: "deleted", Target: 999}) // of a line that the visitor was never shown
			f.agent(entry{Text: "Here I am."})
			want := []string{"hello", "Here I am."}
			if tombstone {
				want = []string{"hello", "Message removed", "Here I am."}
			}
			shows := func(when string) {
				t.Helper()
				w.WaitText(".row:last-child .bubble", "Here I am.")
				if got := bubbles(w); !slices.Equal(got, want) {
					t.Errorf("%s: shown are %q, want %q", when, got, want)
				}
			}
			shows("at once")
			f.set(func() {
				for i := range f.entries {
					if f.entries[i].Seq == secret {
						f.entries[i].Text, f.entries[i].HTML = "", ""
					}
				}
			})
			p.Reload()
			p.Click(launcher)
			shows("after a reload")
		})
	}
}
