package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	widgetFrame = "/widget/website"
	inThread    = "#slack .pane.thread "
	inChannel   = "#slack .pane.channel "
	inDiscord   = "#discord .pane.thread "
	inTelegram  = "#telegram "
)

// open shows the page and returns it with the widget in its shop.
func (d *running) open(b *browsertest.Browser, options ...browsertest.Option) (page *browsertest.Page, widget *browsertest.Frame) {
	page = b.Open(d.origin+"/demo/", append([]browsertest.Option{browsertest.Size(1600, 1000, false)}, options...)...)
	page.Wait(`document.querySelectorAll(".client").length === 3`)
	return page, page.Within(widgetFrame)
}

// write sends a line in the widget, which sits in a frame of a frame: where that is on the screen is not known here,
// so the line is put into the field instead of typed.
func write(widget *browsertest.Frame, text string) {
	widget.Wait(`document.querySelector("#skein-input")`)
	widget.Eval(fmt.Sprintf(`(() => {
		const field = document.querySelector("#skein-input");
		field.value = %q;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		document.querySelector("#skein-send").click();
	})()`, text), nil)
}

// TestPageTellsTheStory plays the main job by hand: write, answer, change, take back, take over.
func TestPageTellsTheStory(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, widget := d.open(b)
	page.WaitText(inChannel+".empty", "No conversations yet")
	write(widget, "Is the lantern in stock?")
	page.WaitText(inThread+".list", "Is the lantern in stock?")

	page.Type(inThread+"textarea", "Yes, *two* are left.\n")
	widget.WaitText("#skein-log", "Yes, two are left.")
	mine := inThread + "[aria-label^='Ana Ruiz']"
	page.WaitText(mine+" strong", "two")

	page.Eval(`document.querySelector("`+mine+`").focus()`, nil)
	page.Press("e", 69)
	page.WaitVisible(".edit textarea")
	page.Eval(`document.querySelector(".edit textarea").select()`, nil)
	page.Type(".edit textarea", "Yes, three are left.\n")
	widget.WaitText("#skein-log", "Yes, three are left.")
	page.WaitText(mine+" .mark", "(edited)")

	page.Click(`#slack .as [value=zoe] + img`)
	page.Type(inThread+"textarea", "I should not be heard\n")
	page.WaitText(inThread+".list", "Zoe Lindqvist is not in the team")
	page.Click(`#slack .as [value=ana] + img`)
	page.Type(inThread+"textarea", "Wrong window\n")
	widget.WaitText("#skein-log", "Wrong window")
	page.Eval(`document.querySelector("`+inThread+`.msg:last-child").focus()`, nil)
	page.Press("Delete", 46)
	page.WaitText(inThread+".gone", "This message was deleted.")
	widget.Wait(`!document.body.innerText.includes("Wrong window")`)

	list := filepath.Join(t.TempDir(), "packing-list.txt")
	if err := os.WriteFile(list, []byte("tent, lantern"), 0o600); err != nil {
		t.Fatal(err)
	}
	page.Choose(inThread+"input[type=file]", list)
	widget.WaitText("#skein-log", "packing-list.txt")
	page.WaitText(inThread+".files", "packing-list.txt")

	page.Click(`#slack .as [value=ben] + img`)
	page.Click(inThread + ".card .act")
	page.WaitText(inThread+".card .text", "Ben Okafor")
	if text := strings.Join(widget.Text("body"), ""); strings.Contains(text, "heard") {
		t.Errorf("the visitor sees %q", text)
	}
	quiet(t, page, d)
}

// TestPageFollows holds that a thread opens by itself only while none is open, and that the others are counted.
func TestPageFollows(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	d.visitor("Maya Holm").say("First")
	page.WaitText(inThread+".list", "First")
	d.visitor("Jonas Keller").say("Second")
	page.WaitText(inThread+".back .count", "1")
	page.WaitText(inThread+".list", "First")
	page.Click(inThread + ".back")
	page.WaitText(inChannel+".msg:last-child .replies", "2 replies") // the robot's is one
	page.Click(inChannel + ".msg:last-child .replies")
	page.WaitText(inThread+".list", "Second")
	page.Wait(`!document.querySelector("#slack .back .count")`)
	page.Click(inThread + "[aria-label='Close the thread']")
	page.Wait(`document.querySelector("` + inThread + `").hidden`)
	d.visitor("Priya Nair").say("Third")
	page.WaitText(inThread+".list", "Third")
	quiet(t, page, d)
}

// TestPageShowsTextAsText plays tricks with markup; all of it must appear as it was written.
func TestPageShowsTextAsText(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	tricks := []string{
		`<img src=x onerror=alert(1)>`, `</p><script>alert(1)</script>`, `<javascript:alert(1)|press me>`,
		`*<b>bold</b>*`, `&lt;b&gt; is written &amp;lt;b&amp;gt;`, "```\n<i>code</i>\n```",
	}
	for _, text := range tricks {
		d.act(act{Place: slackDesk, As: "ana", Do: "say", Text: text})
	}
	page.Wait(`document.querySelectorAll("#slack .pane.channel .msg").length === 6`)
	for i, text := range page.Text(inChannel + ".msg .text") {
		want := strings.Trim(tricks[i], "`*\n")
		if got := strings.TrimSpace(text); got != want {
			t.Errorf("%q appears as %q", tricks[i], got)
		}
	}
	var made []string
	page.Eval(`[...document.querySelectorAll("#slack .pane.channel .text *")].map((e) => e.tagName)`, &made)
	for _, tag := range made {
		if !slices.Contains([]string{"P", "STRONG", "PRE"}, tag) {
			t.Errorf("a message made an element %s", tag)
		}
	}
	quiet(t, page, d)
}

// TestAnotherVisitor holds that the button makes the shop forget who was there.
func TestAnotherVisitor(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, widget := d.open(b)
	write(widget, "I am the first")
	page.WaitText(inThread+".list", "I am the first")
	page.Click("#another")
	widget.Wait(`document.querySelector("#skein-log") && !document.body.innerText.includes("I am the first")`)
	write(widget, "I am the second")
	d.await("two conversations", func(places []place) bool { return len(threads(places)) == 2 })
	quiet(t, page, d)
}

func TestPageOnPhone(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b, browsertest.Size(390, 844, true))
	d.visitor("Maya Holm").say("Hello")
	page.WaitVisible("#tab-slack .dot")
	page.Click("#tab-slack")
	page.WaitText(inThread+".list", "Hello")
	page.Wait(`document.querySelector("#tab-slack .dot").hidden`)
	var wide bool
	page.Eval(`document.documentElement.scrollWidth > innerWidth`, &wide)
	if wide {
		t.Error("the page is wider than the phone")
	}
	page.Click(inThread + "[aria-label='Close the thread']")
	page.WaitVisible(inChannel + ".card")
	quiet(t, page, d)
}

// edit changes the focused person's own line as a person would: with the key, in place.
func edit(page *browsertest.Page, message, text string) {
	page.Eval(`document.querySelector("`+message+`").focus()`, nil)
	page.Press("e", 69)
	page.WaitVisible(".edit textarea")
	page.Eval(`document.querySelector(".edit textarea").select()`, nil)
	page.Type(".edit textarea", text+"\n")
}

// remove takes a person's own line back with the key.
func remove(page *browsertest.Page, message string) {
	page.Eval(`document.querySelector("`+message+`").focus()`, nil)
	page.Press("Delete", 46)
}

// TestTelegramVisitorIsAnsweredFromDiscord plays by hand: the visitor begins, writes and changes what they wrote; agents
// answer, change, take back, take over.
func TestTelegramVisitorIsAnsweredFromDiscord(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	page.Click(inTelegram + ".empty .act")
	page.WaitText(inTelegram+".list", "Ask us about an order")
	page.Type(inTelegram+"textarea", "Is the Hollin in stock?\n")
	page.WaitText(inDiscord+".list", "Is the Hollin in stock?")
	page.WaitText(inDiscord+".card .text", "Robot")
	page.WaitText(inDiscord+".list", "I am not sure that I understood") // says the robot
	edit(page, inTelegram+".msg.own:nth-last-child(2)", "Is the Hollin in stock in green?")
	page.WaitText(inDiscord+".list", "in stock in green?")

	page.Click("#discord .as [value=chloe] + img")
	page.Type(inDiscord+"textarea", "Yes, **two** are left.\n")
	page.WaitText(inTelegram+".list", "Yes, two are left.")
	page.WaitText(inTelegram+".msg:last-child strong", "two")
	mine := inDiscord + "[aria-label^='Chloe Martin']"
	edit(page, mine, "Yes, **three** are left.")
	page.WaitText(inTelegram+".list", "Yes, three are left.")
	page.WaitText(inTelegram+".msg:last-child .stamp", "edited")

	page.Type(inDiscord+"textarea", "Wrong window\n")
	page.WaitText(inTelegram+".list", "Wrong window")
	remove(page, inDiscord+".msg:last-child[aria-label^='Chloe Martin']")
	page.Wait(`!document.querySelector("#telegram .list").innerText.includes("Wrong window")`)
	page.Wait(`!document.querySelector("#discord .pane.thread .list").innerText.includes("Wrong window")`)

	page.Click("#discord .as [value=zoe] + img")
	page.Type(inDiscord+"textarea", "I should not be heard\n")
	page.WaitText(inDiscord+".list", "Zoe Lindqvist is not in the team")
	page.Click("#discord .as [value=ana] + img")
	page.Click(inDiscord + ".card .act")
	page.WaitText(inDiscord+".card .text", "Ana Ruiz")
	page.Type(inDiscord+"textarea", "/close Good night\n")
	page.WaitText(inTelegram+".list", "Good night")
	page.WaitText(inDiscord+".card .text", "Closed")
	if text := strings.Join(page.Text(inTelegram+".list"), ""); strings.Contains(text, "heard") {
		t.Errorf("the visitor sees %q", text)
	}
	if n := len(threads(d.places())); n > 0 {
		t.Errorf("%d threads in Slack", n)
	}
	quiet(t, page, d)
}

// TestDiscordWatchesWhatSlackAnswers plays a website visitor's conversation that lives in both clients.
func TestDiscordWatchesWhatSlackAnswers(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	page.Click(".where a:last-child")
	page.Wait(`document.querySelectorAll(".client").length === 3 && document.querySelector(".where a:last-child[aria-current]")`)
	widget := page.Within(widgetFrame)
	write(widget, "Is the lantern in stock?")
	page.WaitText(inThread+".list", "Is the lantern in stock?")
	page.WaitText(inDiscord+".list", "Is the lantern in stock?")

	page.Type(inThread+"textarea", "Yes, *two* are left.\n")
	widget.WaitText("#skein-log", "Yes, two are left.")
	page.WaitText(inDiscord+".msg:last-child strong", "Ana Ruiz")
	page.WaitText(inDiscord+".msg:last-child strong ~ strong", "two")
	edit(page, inThread+"[aria-label^='Ana Ruiz']", "Yes, *three* are left.")
	widget.WaitText("#skein-log", "Yes, three are left.")
	page.WaitText(inDiscord+".list", "Yes, three are left.")

	page.Type(inThread+"textarea", "Wrong window\n")
	widget.WaitText("#skein-log", "Wrong window")
	page.WaitText(inDiscord+".list", "Wrong window")
	remove(page, inThread+".msg:last-child")
	widget.Wait(`!document.body.innerText.includes("Wrong window")`)
	page.Wait(`!document.querySelector("#discord .pane.thread .list").innerText.includes("Wrong window")`)

	page.Type(inDiscord+"textarea", "And it shines for eight hours.\n")
	widget.WaitText("#skein-log", "And it shines for eight hours.")
	page.WaitText(inThread+".list", "And it shines for eight hours.")
	quiet(t, page, d)
}

// TestVisitorGoesOnInTelegram follows the widget's way to Telegram: both places show what is answered from then on.
func TestVisitorGoesOnInTelegram(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, widget := d.open(b)
	write(widget, "Is the lantern in stock?")
	page.WaitText(inThread+".list", "Is the lantern in stock?")
	widget.Eval(`document.querySelector("#skein-menu").click()`, nil)
	widget.WaitVisible("#skein-telegram")
	widget.Eval(`document.querySelector("#skein-telegram").click()`, nil)
	page.WaitText(inTelegram+".list", "/start")
	page.Type(inTelegram+"textarea", "I am on the bus now.\n")
	page.WaitText(inThread+".list", "I am on the bus now.")
	page.Type(inThread+"textarea", "Two are left.\n")
	page.WaitText(inTelegram+".list", "Two are left.")
	widget.WaitText("#skein-log", "Two are left.")
	quiet(t, page, d)
}

// TestColleaguesTalkAcross plays what colleagues say among themselves, each in their client.
func TestColleaguesTalkAcross(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	page.Click("#slack .side button:nth-child(2)")
	page.Click("#discord .side button:last-child")
	page.WaitText("#discord .pane.channel .empty", "Nothing here yet")
	page.Click("#slack .as [value=ben] + img")
	page.Type(inChannel+"textarea", "The courier comes at *four* today.\n")
	theirs := "#discord .pane.channel "
	page.WaitText(theirs+".msg:last-child strong", "Ben Okafor")
	page.WaitText(theirs+".msg:last-child strong ~ strong", "four")

	page.Click("#discord .as [value=chloe] + img")
	page.Type(theirs+"textarea", "Thanks, I will have the parcels ready.\n")
	page.WaitText(inChannel+".list", "Thanks, I will have the parcels ready.")
	edit(page, theirs+".msg:last-child", "Thanks, the parcels are ready.")
	page.WaitText(inChannel+".list", "Thanks, the parcels are ready.")
	page.Eval(`document.querySelector("`+theirs+`.msg .tools [title='React: seen']").click()`, nil)
	page.WaitText(inChannel+".msg .reactions", "1")
	remove(page, theirs+".msg:last-child")
	page.Wait(`!document.querySelector("#slack .pane.channel .list").innerText.includes("parcels")`)
	quiet(t, page, d)
}

// TestDiscordShowsTextAsText plays tricks with Discord's markup; all of it must appear as it was written.
func TestDiscordShowsTextAsText(t *testing.T) {
	d, b := start(t), browsertest.New(t)
	page, _ := d.open(b)
	tricks := map[string]string{
		`<img src=x onerror=alert(1)>`: `<img src=x onerror=alert(1)>`, `**<b>bold</b>**`: "<b>bold</b>", `\*plain\*`: "*plain*",
		`[press](javascript:alert(1))`: `[press](javascript:alert(1))`, "`<i>` ~~gone~~ __low__ ||hidden||": "<i> gone low hidden",
	}
	for text := range tricks {
		d.act(act{Platform: "discord", Place: discordDesk, As: "ana", Do: "say", Text: text})
	}
	page.Wait(`document.querySelectorAll("#discord .pane.channel .msg").length === 6`) // with the pinned list
	shown := page.Text("#discord .pane.channel .msg .text")
	for text, want := range tricks {
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.TrimSpace(s) == want }) {
			t.Errorf("%q appears as one of %q", text, shown)
		}
	}
	var made []string
	page.Eval(`[...document.querySelectorAll("#discord .pane.channel .msg:not(:has(.text button)) .text *")].map((e) => e.tagName)`, &made)
	for _, tag := range made {
		if !slices.Contains([]string{"P", "STRONG", "CODE", "S", "U", "SPAN"}, tag) {
			t.Errorf("a message made an element %s", tag)
		}
	}
	quiet(t, page, d)
}

// quiet asserts that the browser had nothing to complain about and asked nobody but the demonstration.
func quiet(t *testing.T, page *browsertest.Page, d *running) {
	t.Helper()
	if got := page.Complaints(); len(got) > 0 {
		t.Errorf("complaints: %q", got)
	}
	for _, address := range page.Requests() {
		if !strings.HasPrefix(address, d.origin+"/") && !strings.HasPrefix(address, "blob:"+d.origin) && !strings.HasPrefix(address, "data:") {
			t.Errorf("a request left for %s", address)
		}
	}
}
