package widget_test

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// TestPicturesOfTalk draws what a conversation has around it: the closed widget, unread lines, the menu, files before
// they are sent.
func TestPicturesOfTalk(t *testing.T) {
	b := browsertest.New(t)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	narrow := browsertest.Size(900, 760, false)
	for _, c := range []struct {
		name, script string
		options      []browsertest.Option
	}{
		{"", "", []browsertest.Option{narrow}},
		{"-dark", "", []browsertest.Option{narrow, dark}},
		{"-rtl", `data-locale="he" data-position="left" data-accent="#f2a541"`, []browsertest.Option{narrow}},
		{"-phone", "", []browsertest.Option{browsertest.Size(390, 844, true)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.page = c.script
			f.settings["telegram"] = true
			f.settings["max_file_size"] = 25 << 20
			p := b.Open(f.shop.URL, c.options...)
			show := func(name string) {
				p.Within(frame).Settle()
				draw(p, name+c.name)
			}
			p.WaitVisible(launcher)
			if c.name == "" {
				draw(p, "closed")
			}
			p.Click(launcher)
			w := p.Within(frame)
			w.WaitVisible(input)
			w.Type(input, "Good morning. My maidenhair fern arrived yesterday and some of the leaves are brown.\n")
			w.WaitVisible("[data-seq='1']")
			f.agent(entry{Text: "Good morning. Could you send a photo?"})
			w.WaitVisible("[data-seq='3']")
			w.Type(input, "Of course. ")
			w.Click("#skein-menu")
			w.WaitVisible("#skein-items")
			if c.name == "" {
				show("menu")
			}
			w.Click("#skein-input")
			w.Wait(`document.querySelector('#skein-items').hidden`)
			f.hold = make(chan struct{})
			w.Choose("#skein-file", onDisk(t, "Caring for ferns.pdf", make([]byte, 90_000)))
			w.Wait(`document.querySelector('progress')?.value === 1`)
			w.Eval(`document.querySelector('progress').value = .6`, nil)
			w.Choose("#skein-file", onDisk(t, "fern.png", picture("")), onDisk(t, "fern.mov", make([]byte, 25<<20+1)))
			w.Wait(`document.querySelector('.chip img')?.complete && document.querySelector('.chip.bad')`)
			show("files")
			close(f.hold)
			w.Click("#skein-close")
			p.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'false'`)
			f.agent(entry{Text: "Take your time."})
			f.agent(entry{Text: "I am here until five."})
			p.WaitText(launcher, "2")
			if c.name == "" {
				show("unread")
			}
			p.Close()
		})
	}
}
