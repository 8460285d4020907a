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
	inThread    = ".pane.thread "
	inChannel   = ".pane.channel "
)

// open shows the page and returns it with the widget in its shop.
func (d *running) open(b *browsertest.Browser, options ...browsertest.Option) (page *browsertest.Page, widget *browsertest.Frame) {
	page = b.Open(d.origin+"/demo/", append([]browsertest.Option{browsertest.Size(1440, 900, false)}, options...)...)
	page.Wait(`document.querySelector(".client")`)
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

	page.Click(`.as [value=zoe] + img`)
	page.Type(inThread+"textarea", "I should not be heard\n")
	page.WaitText(inThread+".list", "Zoe Lindqvist is not in the team")
	page.Click(`.as [value=ben] + img`)
	page.Type(inThread+"textarea", "Wrong window\n")
	widget.WaitText("#skein-log", "Wrong window")
	page.Eval(`document.querySelector("`+inThread+`[aria-label^='Ben Okafor']").focus()`, nil)
	page.Press("Delete", 46)
	page.WaitText(inThread+"[aria-label^='Ben Okafor'] .gone", "This message was deleted.")
	widget.Wait(`!document.body.innerText.includes("Wrong window")`)

	list := filepath.Join(t.TempDir(), "packing-list.txt")
	if err := os.WriteFile(list, []byte("tent, lantern"), 0o600); err != nil {
		t.Fatal(err)
	}
	page.Choose(inThread+"input[type=file]", list)
	widget.WaitText("#skein-log", "packing-list.txt")
	page.WaitText(inThread+".files", "packing-list.txt")

	page.Click(inThread + ".card .act")
	page.WaitText(inThread+".card .text", "Ben Okafor")
	page.WaitText(inChannel+".card .text", "Ben Okafor")
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
	page.WaitText(".side .count", "1")
	page.WaitText(inThread+".list", "First")
	page.WaitText(inChannel+".msg:last-child .replies", "1 reply")
	page.Click(inChannel + ".msg:last-child .replies")
	page.WaitText(inThread+".list", "Second")
	page.Wait(`!document.querySelector(".side .count")`)
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
	page.Wait(`document.querySelectorAll(".pane.channel .msg").length === 6`)
	for i, text := range page.Text(inChannel + ".msg .text") {
		want := strings.Trim(tricks[i], "`*\n")
		if got := strings.TrimSpace(text); got != want {
			t.Errorf("%q appears as %q", tricks[i], got)
		}
	}
	var made []string
	page.Eval(`[...document.querySelectorAll(".pane.channel .text *")].map((e) => e.tagName)`, &made)
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
	page.WaitVisible(".dot")
	page.Click("#tab-clients")
	page.WaitText(inThread+".list", "Hello")
	page.Wait(`document.querySelector(".dot").hidden`)
	var wide bool
	page.Eval(`document.documentElement.scrollWidth > innerWidth`, &wide)
	if wide {
		t.Error("the page is wider than the phone")
	}
	page.Click(inThread + "[aria-label='Close the thread']")
	page.WaitVisible(inChannel + ".card")
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
