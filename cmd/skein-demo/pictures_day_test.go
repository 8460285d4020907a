package main

import (
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// TestPicturesOfTheDay draws what agents see who work in Slack and in Discord: the card and a form, the lists, a slash
// command with its suggestions.
func TestPicturesOfTheDay(t *testing.T) {
	if *pictures == "" {
		t.Skip("draws pictures when -pictures names a directory")
	}
	folder := *pictures
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", folder)
	}
	d, b := start(t, "-both"), browsertest.New(t)
	d.playDay()
	draw := func(name string, page *browsertest.Page) {
		page.Wait(`[...document.images].every((image) => image.complete || !image.offsetParent)`)
		page.Screenshot(filepath.Join(folder, name+".png"))
		page.Close()
	}
	// One client fills the window: the others are there, but what this picture is about is read at its own size.
	one := func(client, person string, options ...browsertest.Option) *browsertest.Page {
		page := b.Open(d.origin+"/demo/?both", append([]browsertest.Option{browsertest.Size(1060, 620, false)}, options...)...)
		page.Wait(`document.querySelectorAll(".client").length === 3`)
		page.Click("#tab-" + client)
		page.Eval(`(() => {
			if (innerWidth < 760) return;
			for (const other of document.querySelectorAll(".panel:not(#`+client+`), .top")) other.hidden = true;
			Object.assign(document.querySelector("main").style, { gridTemplateColumns: "1fr", padding: 0 });
			dispatchEvent(new Event("resize"));
		})()`, nil)
		page.Click("#" + client + " .as [value=" + person + "] + img")
		page.WaitVisible("#" + client + " .client")
		return page
	}
	dark := browsertest.Media("prefers-color-scheme", "dark")
	phone := browsertest.Size(390, 844, true)
	assign := func(options ...browsertest.Option) *browsertest.Page {
		page := one("slack", "ana", options...)
		page.WaitText(inThread+".list", "before Saturday")
		if len(d.state("slack").Forms) == 0 {
			press(page, inThread+".card", "Assign…")
		}
		page.Click(slackForm + "[role=combobox]")
		page.WaitText(slackForm+".options", "Chloe Martin")
		return page
	}
	draw("slack-card", one("slack", "ben"))
	draw("slack-card-dark", one("slack", "ben", dark))
	draw("slack-assign", assign())
	draw("slack-assign-dark", assign(dark))
	draw("slack-assign-phone", assign(phone))
	d.act(act{Platform: "slack", As: "ana", Do: "dismiss"})

	home := func(options ...browsertest.Option) *browsertest.Page {
		page := one("slack", "ana", options...)
		page.Click(inThread + ".back")
		page.Click("#slack .side .apps")
		page.WaitText(inHome+".list", "Jonas Keller")
		return page
	}
	draw("slack-home", home())
	draw("slack-home-phone", home(phone))

	page := one("discord", "chloe")
	page.WaitText(inDiscord+".list", "before Saturday")
	page.Type(inDiscord+"textarea", "/qr shipp")
	page.WaitText(inDiscord+".options", "hipping")
	draw("discord-command", page)
	page = one("discord", "chloe", dark)
	page.Click(inDiscord + ".back")
	page.Click("#discord [aria-label='Pinned messages']")
	page.WaitText("#discord .pane.channel .list", "Jonas Keller")
	draw("discord-pinned", page)
}

// playDay is a morning at the desk: conversations in every list, the last one open before the agents.
func (d *running) playDay() {
	d.t.Helper()
	say := func(platform, as, thread, text string) {
		d.act(act{Platform: platform, As: as, Place: thread, Do: "say", Text: text})
	}
	for _, one := range []struct{ name, asks, by, answer string }{
		{"Elin Sørby", "Hello. Do you take old boots back for recycling?", "ben", "Hello Elin. Yes, bring them to the shop or use the label in the box."},
		{"Jonas Keller", "Can the Hollin's rain fly be bought on its own? Mine tore on a thorn.", "ana", "Hello Jonas. Send it to us first: a tear like that is mended within a week, at no cost."},
		{"Priya Nair", "My parcel was to come on Tuesday. Where is it?", "", ""},
		{"Tomás Vega", "Which of your maps covers the northern dales?", "", ""},
	} {
		v := d.visitor(one.name)
		v.say(one.asks)
		thread := d.thread(one.asks)
		if one.by == "" {
			continue
		}
		say("slack", one.by, thread.ID, one.answer)
		v.await("the answer", says(one.answer))
		if one.name == "Elin Sørby" {
			d.act(act{Platform: "slack", As: one.by, Place: thread.ID, Do: "press", Target: thread.ID, Value: "Close"})
		}
	}
	maya := d.visitor("Maya Holm")
	maya.say("Good morning. Does the long-peg set for the Hollin reach me before Saturday?")
	thread := d.thread("before Saturday")
	d.act(act{Platform: "slack", As: "ana", Place: thread.ID, Do: "press", Target: thread.ID, Value: "Take"})
	say("slack", "ana", thread.ID, "//Order 4117 is still in packing, I checked. Chloe knows the courier's plan for Saturday.")
	d.threadIn("discord", "Order 4117")
	d.act(act{Platform: "slack", As: "ana", Do: "open"})
}
