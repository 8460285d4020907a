package widget_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	menu  = "#skein-menu"
	notes = `Number(document.documentElement.dataset.notes ?? 0)`
)

// listen counts the notes that a page plays.
var listen = browsertest.Script(`{
	const make = BaseAudioContext.prototype.createOscillator;
	BaseAudioContext.prototype.createOscillator = function () {
		const { dataset } = document.documentElement;
		dataset.notes = Number(dataset.notes ?? 0) + 1;
		return make.call(this);
	};
}`)

// A line that comes while the chat is closed is heard, once the visitor has used the chat, until they want it no more.
func TestSound(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, listen)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	toggle := func(count string) {
		t.Helper()
		p.Click(launcher)
		p.Wait(`document.title === '` + count + `Fern & Moss'`)
	}
	say := func(counts ...string) {
		t.Helper()
		for _, count := range counts {
			f.agent(entry{Text: "Hello."})
			p.Wait(`document.title === '(` + count + `) Fern & Moss'`)
		}
	}
	toggle("")
	say("1", "2", "3")
	toggle("")
	w.Wait(notes + ` === 0`)
	w.Click(input)
	toggle("")
	say("1")
	w.Wait(notes + ` === 2`)
	toggle("")
	f.agent(entry{Text: "Seen at once."})
	w.WaitText("#skein-log", "Seen at once.")
	w.Click(menu)
	w.Wait(`document.querySelector('#skein-sound').ariaPressed === 'true'`)
	w.Click("#skein-sound")
	toggle("")
	say("1", "2")
	p.Reload()
	p.Click(launcher)
	w.Click(menu)
	w.Wait(`document.querySelector('#skein-sound').ariaPressed === 'false'`)
	w.Wait(notes + ` === 0`)
}

// saved keeps what a page offers as a download where a test can see it.
var saved = browsertest.Script(`{
	const make = URL.createObjectURL;
	URL.createObjectURL = (blob) => {
		if (blob.type.startsWith('text/plain')) blob.text().then((text) => (document.documentElement.dataset.saved = text));
		return make(blob);
	};
}`)

func TestConversationIsSaved(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	at := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	f.set(func() {
		for range 250 {
			f.append(entry{Kind: "said", Text: "Are you there?", By: map[string]any{"kind": "visitor", "name": ""}, At: at})
		}
	})
	slip := f.agent(entry{Text: "The secret.", At: at})
	f.agent(entry{Kind: "deleted", Target: slip, At: at})
	fix := f.agent(entry{Text: "One is left.", At: at.AddDate(0, 0, 1), Files: []map[string]any{{"id": "a", "name": "fern.png", "type": "image/png", "size": 1}}})
	f.agent(entry{Kind: "edited", Target: fix, Text: "Two are left.", At: at})
	f.closes()
	_, w := visit(b, f, saved)
	w.WaitText("#skein-log", "Two are left.")
	w.Click(menu)
	w.Click("#skein-save")
	w.Wait(`document.documentElement.dataset.saved`)
	var text string
	w.Eval(`document.documentElement.dataset.saved`, &text)
	if got := strings.Count(text, "You: Are you there?"); got != 250 {
		t.Errorf("%d lines are the visitor's, want 250", got)
	}
	for _, want := range []string{"Fern & Moss\n\nMonday, March 2\n\n", "\n\nTuesday, March 3\n\n", "Ana: Two are left. (edited)\n", "Ana closed the conversation.\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text[max(0, len(text)-400):])
		}
	}
	if strings.Contains(text, "secret") || strings.Contains(text, "One is left") {
		t.Error("it keeps what was taken back")
	}
}

func TestMenuByTheKeyboard(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Eval(`document.querySelector('#skein-menu').focus()`, nil)
	p.Activate()
	w.WaitVisible("#skein-items")
	p.Press("Tab", 9)
	w.Wait(`document.activeElement.id === 'skein-sound'`)
	p.Press("Escape", 27)
	w.Wait(`document.querySelector('#skein-items').hidden && document.activeElement.id === 'skein-menu'`)
	p.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'true'`)
	p.Activate()
	p.Press("Tab", 9)
	p.Press("Tab", 9)
	p.Press("Tab", 9)
	w.Wait(`document.querySelector('#skein-items').hidden && document.activeElement.id === 'skein-close'`)
	w.Click(menu)
	w.WaitVisible("#skein-items")
	w.Click(".hello")
	w.Wait(`document.querySelector('#skein-items').hidden`)
}

func TestEmoji(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "Thank you ")
	w.Click("#skein-emoji")
	w.Wait(`document.activeElement.textContent === '😀'`)
	p.Press("ArrowDown", 40)
	p.Press("ArrowRight", 39)
	w.Wait(`document.activeElement.textContent === '👎'`)
	p.Press("ArrowLeft", 37)
	p.Activate()
	w.Wait(`document.activeElement.id === 'skein-input' && !document.querySelector('.emoji')`)
	w.Click("#skein-emoji")
	w.WaitVisible(".emoji")
	p.Press("Escape", 27)
	w.Wait(`document.activeElement.id === 'skein-emoji' && !document.querySelector('.emoji')`)
	w.Click("#skein-send")
	w.WaitText("[data-seq='1'] .bubble", "Thank you 👍")
}
