package widget_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// TestPictures draws the widget as people see it. With WIDGET_PICTURES set it keeps the pictures in that folder.
func TestPictures(t *testing.T) {
	folder := os.Getenv("WIDGET_PICTURES")
	if folder == "" {
		folder = t.TempDir()
	}
	b := browsertest.New(t)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	phone := browsertest.Size(390, 844, true)
	for _, c := range []struct {
		name, script string
		options      []browsertest.Option
	}{
		{"light", "", nil},
		{"dark", "", []browsertest.Option{dark}},
		{"phone", "", []browsertest.Option{phone}},
		{"phone-dark", "", []browsertest.Option{phone, dark}},
		{"rtl", `data-locale="ar" data-position="left" data-accent="#f2a541"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.page = c.script
			p, w := visit(b, f, c.options...)
			w.Eval(`localStorage.clear()`, nil)
			p.Reload()
			p.Click(launcher)
			w.WaitVisible(".hello")
			p.Screenshot(filepath.Join(folder, c.name+"-empty.png"))
			f.await(t, "the stream is open", func() bool { return len(f.streams) > 0 })
			converse(f, w)
			p.Screenshot(filepath.Join(folder, c.name+".png"))
			w.Eval(`document.querySelector('#skein-log').scrollTop = 0`, nil)
			p.Screenshot(filepath.Join(folder, c.name+"-top.png"))
			f.closes()
			w.Click(".scores button:nth-child(4)")
			p.Screenshot(filepath.Join(folder, c.name+"-rating.png"))
			p.Offline(true)
			w.WaitVisible("#skein-banner")
			w.Type(input, "And do you ship to Lisbon?\n")
			w.WaitVisible(".queued")
			p.Screenshot(filepath.Join(folder, c.name+"-offline.png"))
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
