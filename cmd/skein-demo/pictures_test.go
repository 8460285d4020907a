package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

var pictures = flag.String("pictures", "",
	"`directory` to draw the documentation's pictures in, from the module's root: go test ./cmd/skein-demo -run TestPictures -pictures docs/pictures")

// TestPictures draws the pictures of the documentation from the running demonstration.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("draws pictures when -pictures names a directory")
	}
	folder := *pictures
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", folder) // tests run in their package's directory
	}
	d, b := start(t), browsertest.New(t)
	wide := browsertest.Size(1480, 925, false)
	page, widget := d.open(b, wide)
	d.playStory(page, widget)

	draw := func(name string, page *browsertest.Page) {
		page.Wait(`[...document.images].every((image) => image.complete)`)
		page.Eval(`document.activeElement?.blur()`, nil)
		page.Screenshot(filepath.Join(folder, name+".png"))
	}
	dark := browsertest.Media("prefers-color-scheme", "dark")
	phone := browsertest.Size(390, 844, true)
	shown := func(options ...browsertest.Option) *browsertest.Page {
		page, widget := d.open(b, options...)
		page.WaitText(inThread+".list", lastLine)
		widget.WaitText("#skein-log", lastLine)
		return page
	}
	draw("demo-light", shown(wide))
	draw("demo-dark", shown(wide, dark))
	page, _ = d.open(b, phone)
	page.Click("#tab-clients")
	page.WaitText(inThread+".list", lastLine)
	draw("demo-phone", page)

	for name, options := range map[string][]browsertest.Option{
		"widget-light": {browsertest.Size(900, 760, false)},
		"widget-dark":  {browsertest.Size(900, 760, false), dark},
		"widget-phone": {phone},
	} {
		page := b.Open(d.origin+"/demo/shop", options...)
		if name == "widget-phone" {
			page.Click("#skein-launcher")
		}
		page.Within(widgetFrame).WaitText("#skein-log", lastLine)
		draw(name, page)
	}
	if info, err := os.Stat(filepath.Join(folder, "demo-light.png")); err != nil || info.Size() == 0 {
		t.Errorf("no picture: %v", err)
	}
}

const lastLine = "Done: it leaves with the tent tomorrow"

// playStory fills the demonstration with an afternoon at the shop: two customers who have been answered or wait, and
// the one whose conversation is on the screen.
func (d *running) playStory(page *browsertest.Page, widget *browsertest.Frame) {
	d.t.Helper()
	jonas := d.visitor("Jonas Keller")
	jonas.say("Hello. Can the Hollin's rain fly be bought on its own? Mine tore on a thorn.")
	thread := d.thread("rain fly")
	d.act(act{Place: thread.ID, As: "ben", Do: "say", Text: "Hello Jonas. Send it to us first: a tear like that is mended within a week, at no cost."})
	jonas.await("Ben's answer", says("Hello Jonas. Send it to us first: a tear like that is mended within a week, at no cost."))

	page.Click("[aria-label='Close the thread']")
	write(widget, "Good afternoon. I ordered the Hollin tent yesterday. Is it fine in a storm, or should I take stronger pegs?")
	thread = d.thread("stronger pegs")
	say := func(as, text string) string {
		return d.act(act{Place: thread.ID, As: as, Do: "say", Text: text})
	}
	say("ana", "Good afternoon Maya. The tent is *tested to 90 km/h*. The pegs in the bag are fine on grass; for sand or shallow ground take the <https://shop.example.com/pegs|long pegs>.")
	widget.WaitText("#skein-log", "tested to 90 km/h")
	write(widget, "It will be the dunes, so the long ones please. Can you add them to my order?")
	d.thread("It will be the dunes")
	note := say("ana", "//Order 4117 is still in packing, I checked.")
	d.act(act{Place: thread.ID, As: "ben", Do: "react", Target: note, Text: "+1"})
	done := say("ana", lastLine+", €14 on the same invoice.")
	widget.WaitText("#skein-log", lastLine)
	d.act(act{Place: thread.ID, As: "ana", Do: "edit", Target: done, Text: lastLine + ", *€14* on the same invoice."})
	widget.WaitText("#skein-log", "edited")
}
