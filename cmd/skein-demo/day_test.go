package main

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	slackForm = "#slack .sheet "
	inHome    = "#slack .pane.home "
)

// enter writes into a field as a person does, in place of what stands there.
func enter(page *browsertest.Page, field, text string) {
	page.WaitVisible(field)
	page.Click(field)
	page.Eval(`document.activeElement.select?.()`, nil)
	page.Type(field, text)
}

// TestAgentsDay plays what two agents do in a day by hand: take by a button, assign by a form, answer by a quick reply that
// is looked for while typing, close; the visitor rates it, and the lists show where it went.
func TestAgentsDay(t *testing.T) {
	d, b := start(t, "-both"), browsertest.New(t)
	page, _ := d.open(b)
	page.Type(inTelegram+"textarea", "Can I send the boots back?\n")
	page.WaitText(inThread+".list", "send the boots back?")
	page.WaitText(inDiscord+".list", "send the boots back?")
	page.WaitText(inTelegram+".list", "Send it back within") // says the robot
	page.WaitText(inThread+".list", "Send it back within")

	page.Settle()
	page.Click(inThread + ".card .act.primary")
	page.WaitText(inThread+".card .text", "Ana Ruiz")
	press(page, inThread+".card", "Assign…")
	enter(page, slackForm+"[role=combobox]", "Chl")
	page.Wait(`document.querySelectorAll("` + slackForm + `.options li").length === 1`)
	page.Press("Enter", 13)
	page.Wait(`document.querySelector("` + slackForm + `[role=combobox]").value === "Chloe Martin"`)
	page.Activate()
	page.Wait(`!document.querySelector("` + slackForm + `")`)
	page.WaitText(inDiscord+".card .text", "Chloe Martin")

	page.Click("#discord .as [value=chloe] + img")
	enter(page, inDiscord+"textarea", "/q")
	page.WaitText(inDiscord+".options", "/qr")
	page.Press("Enter", 13)
	page.Type(inDiscord+"textarea", "refnd")
	page.WaitText(inDiscord+".options li:first-child", "refund")
	page.Press("Enter", 13)
	page.WaitText(inDiscord+".options", "Send /qr")
	page.Press("Enter", 13)
	page.WaitText(inDiscord+".msg:last-child .only", "Only visible to you")
	press(page, inDiscord+".msg:last-child", "Send")
	page.WaitText(inTelegram+".list", "Send it back within 60 days")
	page.WaitText(inThread+".list", "Send it back within 60 days")

	page.Click(inThread + ".back")
	page.Click("#slack .side .apps")
	page.WaitText(inHome+".list", "Chloe Martin")
	page.Type(inDiscord+"textarea", "/close\n\n") // chosen, and sent
	page.WaitText(inDiscord+".card .text", "Closed")
	page.WaitText(inTelegram+".msg:last-child .acts", "5")
	press(page, inTelegram+".msg:last-child", "5")
	page.WaitText(inDiscord+".list", "5")
	press(page, inHome, "History")
	page.WaitText(inHome+".list", "Lina Moreau")
	page.Click(inDiscord + ".back")
	page.Click("#discord [aria-label='Pinned messages']")
	page.WaitText("#discord .pane.channel .list", "History 1")
	press(page, "#discord .pane.channel", "History")
	page.WaitText("#discord .pane.channel .list", "Lina Moreau")
	page.Click(inHome + "a")
	page.WaitText(inThread+".list", "send the boots back?")
	quiet(t, page, d)
}

// press clicks the first button whose label begins so.
func press(page *browsertest.Page, within, label string) {
	page.Wait(`(() => {
		const found = [...document.querySelectorAll("` + within + ` button")].find((b) => b.textContent.startsWith("` + label + `"));
		found?.click();
		return !!found;
	})()`)
}

// TestFormsKeepTheKeyboard holds that a form keeps the focus to itself, goes with Escape, and gives the focus back, even
// where the card with its button was drawn anew meanwhile.
func TestFormsKeepTheKeyboard(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	d.visitor("Maya Holm").say("Is the lantern in stock?")
	page.WaitText(inThread+".list", "I am not sure that I understood") // says the robot: nothing more will come
	page.Eval(`[...document.querySelectorAll("`+inThread+`.card .act")].find((b) => b.textContent === "Assign…").focus()`, nil)
	page.Activate()
	page.WaitVisible(slackForm)
	page.Wait(`document.activeElement.matches("` + slackForm + `[role=combobox]")`)
	page.WaitVisible(slackForm + ".options")
	page.Press("Escape", 27) // what is suggested
	for range 6 {
		page.Press("Tab", 9)
		page.Wait(`document.activeElement.closest("` + slackForm + `") !== null`)
	}
	thread := d.thread("Is the lantern in stock?")
	d.act(act{Place: thread.ID, As: "ben", Do: "press", Target: thread.ID, Value: "Take"})
	page.WaitText(inThread+".card .text", "Ben Okafor")
	page.Eval(`document.querySelector("`+slackForm+`header button").focus()`, nil)
	page.Press("Escape", 27)
	page.Wait(`!document.querySelector("` + slackForm + `")`)
	page.Wait(`document.activeElement.textContent === "Assign…"`)
	page.Click("#slack .as [value=ben] + img")
	page.Wait(`!document.querySelector("` + slackForm + `")`)
	quiet(t, page, d)
}
