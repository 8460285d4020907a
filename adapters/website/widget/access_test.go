package widget_test

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
)

// looks are the ways the widget may look, each with what the shop's page says and what the browser prefers.
var looks = []struct {
	name, page string
	options    []browsertest.Option
}{
	{"light", "", nil},
	{"dark", "", []browsertest.Option{browsertest.Media("prefers-color-scheme", "dark")}},
	{"right to left", `data-locale="ar" data-position="left" data-accent="#f2a541"`, nil},
}

// Nothing that a visitor can meet in a conversation shuts anybody out.
func TestConversationIsAccessible(t *testing.T) {
	b := browsertest.New(t)
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			f := newFake(t)
			f.page = look.page
			f.settings["telegram"] = true
			options := append([]browsertest.Option{browsertest.Size(1200, 800, false)}, look.options...)
			p := b.Open(f.shop.URL, options...)
			p.Click(launcher)
			w := p.Within(frame)
			w.WaitVisible(input)
			w.Eval(`localStorage.clear()`, nil)
			p.Reload()
			p.WaitVisible(launcher)
			axe.Check(t, p.Frame) // the page with the closed widget
			p.Click(launcher)
			w.WaitVisible(".hello")
			axe.Check(t, w)
			f.await(t, "the stream is open", func() bool { return len(f.streams) > 0 })
			converse(f, w)
			axe.Check(t, w)
			w.Click("#skein-menu")
			axe.Check(t, w)
			w.Click("#skein-emoji")
			w.WaitVisible(".emoji")
			f.hold = make(chan struct{})
			w.Choose("#skein-file", onDisk(t, "slow.txt", []byte("x")))
			w.WaitVisible(".chip progress")
			axe.Check(t, w)
			close(f.hold)
			w.Choose("#skein-file", onDisk(t, "virus.exe", []byte("x")), onDisk(t, "fern.png", picture("")))
			w.WaitVisible(".chip.bad")
			f.closes()
			w.Click(".scores button:nth-child(4)")
			axe.Check(t, w)
			w.Wait(ready) // the picture is there
			f.set(func() { f.down = true })
			f.cut()
			p.Offline(true)
			w.WaitVisible("#skein-banner")
			w.Click("#skein-send")
			w.WaitVisible(".stuck")
			axe.Check(t, w)
			p.Close()
		})
	}
}
