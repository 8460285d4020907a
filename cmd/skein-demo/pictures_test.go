package main

import (
	"bytes"
	"encoding/base64"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	wide, phone := browsertest.Size(1600, 1000, false), browsertest.Size(390, 844, true)
	dark := browsertest.Media("prefers-color-scheme", "dark")
	page, widget := d.open(b, wide)
	d.playStory(page, widget)

	draw := func(name string, page *browsertest.Page) {
		page.Wait(`[...document.images].every((image) => image.complete || !image.offsetParent)`)
		page.Eval(`document.activeElement?.blur()`, nil)
		page.Screenshot(filepath.Join(folder, name+".png"))
	}
	shown := func(d *running, options ...browsertest.Option) *browsertest.Page {
		page, widget := d.open(b, options...)
		page.WaitText(inThread+".list", lastLine)
		widget.WaitText("#skein-log", lastLine)
		return page
	}
	draw("demo-light", shown(d, wide))
	draw("demo-dark", shown(d, wide, dark))
	page, _ = d.open(b, phone)
	page.Click("#tab-slack")
	page.WaitText(inThread+".list", lastLine)
	draw("demo-phone", page)
	page.Click("#tab-telegram")
	page.WaitVisible(inTelegram + ".files img")
	draw("demo-phone-telegram", page)
	draw("demo-team", d.talk(b, wide))

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

	d = start(t)
	page, _ = d.open(b, wide)
	page.Click(".where a:last-child")
	page.Wait(`document.querySelectorAll(".client").length === 3 && document.querySelector(".where a:last-child[aria-current]")`)
	widget = page.Within(widgetFrame)
	d.playBoth(page, widget)
	page = b.Open(d.origin+"/demo/?both", wide)
	page.WaitText(inThread+".list", "folded edition")
	page.WaitText(inDiscord+".list", "folded edition")
	page.Within(widgetFrame).WaitText("#skein-log", "folded edition")
	draw("demo-both", page)
	if info, err := os.Stat(filepath.Join(folder, "demo-light.png")); err != nil || info.Size() == 0 {
		t.Errorf("no picture: %v", err)
	}
}

const lastLine = "Done: it leaves with the tent tomorrow"

// playStory fills the demonstration with an afternoon at the shop: customers who have been answered or wait, and the two
// whose conversations are on the screen.
func (d *running) playStory(page *browsertest.Page, widget *browsertest.Frame) {
	d.t.Helper()
	jonas := d.visitor("Jonas Keller")
	jonas.say("Hello. Can the Hollin's rain fly be bought on its own? Mine tore on a thorn.")
	thread := d.thread("rain fly")
	d.robotSpoke("slack", thread)
	d.act(act{Place: thread.ID, As: "ben", Do: "say", Text: "Hello Jonas. Send it to us first: a tear like that is mended within a week, at no cost."})
	jonas.await("Ben's answer", says("Hello Jonas. Send it to us first: a tear like that is mended within a week, at no cost."))
	page.Click(inThread + "[aria-label='Close the thread']")

	d.playTelegram()
	write(widget, "Good afternoon. I ordered the Hollin tent yesterday. Is it fine in a storm, or should I take stronger pegs?")
	thread = d.thread("stronger pegs")
	d.robotSpoke("slack", thread)
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

// robotSpoke waits until the robot has said something in a thread.
func (d *running) robotSpoke(platform string, thread place) {
	d.t.Helper()
	d.awaitIn(platform, "the robot's answer", func(places []place) bool {
		return slices.ContainsFunc(places, func(p place) bool {
			return p.ID == thread.ID && slices.ContainsFunc(p.Messages, func(m message) bool {
				return strings.Contains(m.Author, "Robot") || strings.Contains(m.Text, "Robot · robot")
			})
		})
	})
}

// playTelegram is a customer with a torn rucksack, whom Chloe answers from Discord.
func (d *running) playTelegram() {
	d.t.Helper()
	lina := func(a act) string { a.Platform, a.As = "telegram", "visitor"; return d.act(a) }
	lina(act{Do: "command", Text: "/start"})
	d.awaitIn("telegram", "the greeting", shows("Ask us about an order"))
	lina(act{Do: "say", Text: "Hi! My Rake rucksack has torn at the seam. Can you still mend this?"})
	thread := d.threadIn("discord", "torn at the seam")
	d.robotSpoke("discord", thread)
	lina(act{Do: "upload", Value: "seam.png", Text: "data:image/png;base64," + base64.StdEncoding.EncodeToString(tornSeam())})
	d.awaitIn("discord", "the picture", func(places []place) bool {
		return slices.ContainsFunc(places, func(p place) bool {
			return slices.ContainsFunc(p.Messages, func(m message) bool { return len(m.Files) > 0 })
		})
	})
	chloe := act{Platform: "discord", As: "chloe", Place: thread.ID, Do: "say", Text: "Hi Lina. Yes, that is an **easy one**: no charge, back with you in two weeks. Shall I send a label?"}
	answer := d.act(chloe)
	d.awaitIn("telegram", "Chloe's answer", shows("easy one"))
	said := find(d.placesIn("telegram"), "easy one")
	lina(act{Do: "react", Target: said.ID, Text: "heart"})
	lina(act{Do: "say", Text: "Yes please, to the usual address."})
	d.threadIn("discord", "to the usual address")
	d.act(act{Platform: "discord", As: "ana", Place: thread.ID, Do: "react", Target: answer, Text: "+1"})
	chloe.Text = "It is in your mail now."
	d.act(chloe)
	d.awaitIn("telegram", "the last answer", shows("It is in your mail now."))
}

// playBoth is one conversation in both clients of the team.
func (d *running) playBoth(page *browsertest.Page, widget *browsertest.Frame) {
	d.t.Helper()
	d.playTelegram()
	page.WaitText(inDiscord+".list", "It is in your mail now.")
	page.WaitText(inThread+".list", "It is in your mail now.")
	page.Click(inThread + ".back")
	page.Click(inDiscord + ".back")
	write(widget, "Hello. Which of your maps covers the northern dales?")
	slack, discord := d.thread("northern dales"), d.threadIn("discord", "northern dales")
	d.robotSpoke("slack", slack)
	d.robotSpoke("discord", discord)
	d.act(act{Place: slack.ID, As: "ben", Do: "say", Text: "Hello Maya. Sheet *OL2*, it is waterproof. Are you walking or cycling?"})
	widget.WaitText("#skein-log", "waterproof")
	d.threadIn("discord", "waterproof")
	write(widget, "Walking, four days with the dog.")
	d.threadIn("discord", "four days with the dog")
	d.act(act{Platform: "discord", As: "chloe", Place: discord.ID, Do: "say", Text: "//She bought the small pack in May, mention the dog harness."})
	d.thread("mention the dog harness")
	d.awaitIn("discord", "the card to say that it is Ben's", func(places []place) bool {
		return slices.ContainsFunc(places, func(p place) bool { return p.ID == discord.ID && strings.Contains(p.Messages[0].Text, "Ben") })
	})
	d.act(act{Platform: "discord", As: "chloe", Place: discord.ID, Do: "press", Target: discord.ID, Value: "Take"})
	d.act(act{Platform: "discord", As: "chloe", Place: discord.ID, Do: "say", Text: "Then take the **folded edition**: it fits the lid pocket of your Rake."})
	widget.WaitText("#skein-log", "folded edition")
	d.thread("folded edition")
	page.WaitText(inThread+".list", "folded edition")
	page.WaitText(inDiscord+".list", "folded edition")
}

// talk is what colleagues say among themselves, in both clients.
func (d *running) talk(b *browsertest.Browser, size browsertest.Option) *browsertest.Page {
	d.t.Helper()
	d.act(act{Place: slackTeam, As: "ben", Do: "say", Text: "Morning all. The courier comes at *four* today, an hour earlier than usual."})
	d.awaitIn("discord", "Ben's line", shows("The courier comes"))
	d.act(act{Platform: "discord", Place: discordTeam, As: "chloe", Do: "say", Text: "Thanks Ben. I have **six parcels** ready, the two tents follow after lunch."})
	d.await("Chloe's line", shows("six parcels"))
	d.act(act{Place: slackTeam, As: "ana", Do: "react", Target: find(d.places(), "six parcels").ID, Text: "+1"})
	d.act(act{Platform: "discord", Place: discordTeam, As: "ana", Do: "say", Text: "I have the desk until noon, then you."})
	d.await("Ana's line", shows("I have the desk"))
	d.act(act{Place: slackTeam, As: "ben", Do: "say", Text: "Fine. I take it over at twelve."})
	d.awaitIn("discord", "Ben's answer", shows("at twelve"))
	d.awaitIn("discord", "Ana's reaction", func(places []place) bool { return len(find(places, "six parcels").Reactions) > 0 })
	page, _ := d.open(b, size)
	for _, client := range []string{"#slack ", "#discord "} {
		page.Click(client + ".back")
		page.Click(client + ".side button:nth-child(2)")
		page.WaitText(client+".pane.channel .list", "at twelve")
	}
	return page
}

// tornSeam draws a piece of green cloth with a tear.
func tornSeam() []byte {
	const width, height = 360, 220
	cloth := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{0x4a, 0x7a, 0x68, 0xff}
			if (x+y)%12 < 2 || (x-y+height)%12 < 2 { // the weave
				c = color.RGBA{0x43, 0x70, 0x5f, 0xff}
			}
			if y > 96 && y < 104 && x%18 < 11 { // the stitches
				c = color.RGBA{0xe9, 0xd8, 0xae, 0xff}
			}
			middle := 112 + 9*math.Sin(float64(x)/17) + 4*math.Sin(float64(x)/5)
			if gap := 17 - math.Abs(float64(x)-190)/6; x > 96 && x < 284 && math.Abs(float64(y)-middle) < gap { // the tear
				c = color.RGBA{0x1d, 0x2a, 0x26, 0xff}
			}
			cloth.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, cloth); err != nil {
		panic(err) // a picture in memory
	}
	return out.Bytes()
}
