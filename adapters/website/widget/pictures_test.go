package widget_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
)

// draw draws what a tab shows into the folder that WIDGET_PICTURES names. Without one it only waits until the page is still:
// making a picture small takes seconds.
func draw(p *browsertest.Page, name string) {
	if folder := os.Getenv("WIDGET_PICTURES"); folder != "" {
		p.Screenshot(filepath.Join(folder, "widget-"+name+".png"))
		return
	}
	p.Settle()
}

// TestPictures goes through a conversation as people see it, and draws it.
func TestPictures(t *testing.T) {
	b := browsertest.New(t)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	phone := browsertest.Size(390, 844, true)
	for _, c := range []struct {
		name, script string
		options      []browsertest.Option
	}{
		{"open", "", nil},
		{"open-dark", "", []browsertest.Option{dark}},
		{"open-phone", "", []browsertest.Option{phone}},
		{"open-phone-dark", "", []browsertest.Option{phone, dark}},
		{"open-rtl", `data-locale="ar" data-position="left" data-accent="#f2a541"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.page = c.script
			p, w := visit(b, f, c.options...)
			w.Eval(`localStorage.clear()`, nil)
			p.Reload()
			p.Click(launcher)
			w.WaitVisible(".hello")
			f.await(t, "the stream is open", func() bool { return len(f.streams) > 0 })
			converse(f, w)
			draw(p, c.name)
			w.Eval(`document.querySelector('#skein-log').scrollTop = 0`, nil)
			f.closes()
			w.Click(".scores button:nth-child(4)")
			if c.name == "open" {
				draw(p, "open-rating")
			}
			p.Offline(true)
			w.WaitVisible("#skein-banner")
			w.Type(input, "And do you ship to Lisbon?\n")
			w.WaitVisible(".queued")
			if c.name == "open" {
				draw(p, "open-offline")
			}
			p.Close()
		})
	}
}

func converse(f *fake, w *browsertest.Frame) {
	w.Type(input, "Good morning. My maidenhair fern arrived yesterday and some of the leaves are brown.\n")
	w.WaitVisible("[data-seq='1']")
	f.agent(entry{Text: "Good morning. I am sorry to hear that."})
	f.agent(entry{Text: "Could you send a photo?", HTML: `<p>Could you send a photo? Until then, keep it <strong>out of the sun</strong>: <a href="https://shop.example.com/care">how to care for ferns</a>.</p>`})
	w.WaitVisible("[data-seq='5']")
	w.Type(input, "Here it is.\n")
	w.WaitVisible("[data-seq='7']")
	f.agent(entry{Text: "Thank you. This is how it should look:", Files: []map[string]any{
		{"id": "fern.png", "name": "fern.png", "type": "image/png", "size": 900, "width": 320, "height": 200},
		{"id": "care.pdf", "name": "Caring for ferns.pdf", "type": "application/pdf", "size": 90000},
	}})
	w.WaitVisible("[data-seq='9']")
	w.Wait(`document.querySelector("[data-seq='9'] img").complete`)
	f.agent(entry{Kind: "edited", Target: 3, Text: "Good morning. I am sorry to hear that; let us put it right."})
	w.WaitText("[data-seq='3'] .meta", "·")
	w.Type(input, "What do I do about the brown ones?\n")
	f.set(func() {
		f.refusal = func(text string) int {
			if text == "No" {
				return 422
			}
			return 0
		}
	})
	w.WaitVisible("[data-seq='13']")
	w.Type(input, "No\n")
	w.WaitVisible(".failed")
	f.set(func() { f.send("typing", map[string]any{"by": map[string]any{"kind": "agent", "name": "Ana"}}, 0) })
	w.WaitText("#skein-typing", "Ana")
	w.Eval(`document.querySelector('#skein-input').blur()`, nil)
}

// TestPicturesOfForms draws what visitors see before they write.
func TestPicturesOfForms(t *testing.T) {
	b := browsertest.New(t)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	phone := browsertest.Size(390, 844, true)
	for _, c := range []struct {
		name, script, away string
		options            []browsertest.Option
	}{
		{"form", "", "", nil},
		{"form-dark", "", "", []browsertest.Option{dark}},
		{"form-rtl", `data-locale="he"`, "", nil},
		{"form-phone", "", "", []browsertest.Option{phone}},
		{"away", "", "2030-01-07T08:00:00.000Z", nil},
		{"away-dark", "", "2030-01-07T08:00:00.000Z", []browsertest.Option{dark}},
		{"away-rtl", `data-locale="ar" data-position="left"`, "2030-01-07T08:00:00.000Z", nil},
		{"away-phone", "", "2030-01-07T08:00:00.000Z", []browsertest.Option{phone}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.page, f.away = c.script, c.away
			f.settings["form"] = asks()
			f.settings["offline"] = []map[string]any{{"name": "name", "type": "text"}, {"name": "email", "type": "email", "required": true}}
			p, w := received(b, f, c.options...)
			if c.away == "" {
				w.Type(field("name"), "Mira")
			}
			axe.Check(t, w)
			draw(p, c.name)
			p.Close()
		})
	}
}
