package widget_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	form = "#skein-form"
	goOn = "#skein-form .go"
)

func field(name string) string { return fmt.Sprintf(`#skein-form [name="%s"]`, name) }

// received opens the shop and the widget for a visitor who is asked something.
func received(b *browsertest.Browser, f *fake, options ...browsertest.Option) (*browsertest.Page, *browsertest.Frame) {
	p := b.Open(f.shop.URL, append([]browsertest.Option{browsertest.Size(1200, 800, false)}, options...)...)
	p.Click(launcher)
	w := p.Within(frame)
	w.WaitVisible(form)
	return p, w
}

func asks() []map[string]any {
	return []map[string]any{
		{"name": "name", "type": "text", "required": true},
		{"name": "email", "type": "email"},
		{"name": "topic", "type": "select", "label": "What is it about?", "required": true, "options": []string{"Returns", "Delivery"}},
		{"name": "details", "type": "textarea", "label": "Tell us more"},
	}
}

func TestAskedBeforeTheFirstLine(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.settings["form"] = asks()
	p, w := received(b, f)
	if got, want := w.Text(form+" label span"), []string{"Name", "E-mail (optional)", "What is it about?", "Tell us more (optional)"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	w.Wait(`document.activeElement.name === 'name' && !document.querySelector('#skein-input').checkVisibility() && !document.querySelector('#skein-log').checkVisibility()`)
	w.Type(field("name"), "Mira")
	w.Click(goOn) // the topic is missing
	w.Wait(`document.activeElement.name === 'topic'`)
	w.Eval(`{ const topic = document.querySelector('[name=topic]'); topic.value = 'Delivery'; }`, nil)
	w.Type(field("email"), "mira") // no address
	w.Click(goOn)
	w.Wait(`document.activeElement.name === 'email'`)
	w.Type(field("email"), "@example.com")
	p.Activate()
	w.WaitVisible(input)
	w.Wait(`document.activeElement.id === 'skein-input'`)
	f.set(func() {
		want := map[string]any{"name": "Mira", "email": "mira@example.com", "topic": "Delivery"}
		if len(f.profiles) != 1 || !maps.Equal(f.profiles[0], want) {
			t.Errorf("told %v", f.profiles)
		}
		if len(f.posts) > 0 {
			t.Errorf("posted %v", f.posts)
		}
	})
	p.Reload()
	p.Click(launcher)
	w.WaitVisible(input)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	clean(t, p, f)
}

func TestOfflineFormBecomesAConversation(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.away = "2030-01-07T08:00:00.000Z"
	f.settings["away"] = "The shop is closed."
	f.settings["offline"] = []map[string]any{{"name": "name", "type": "text"}, {"name": "email", "type": "email", "required": true}}
	p, w := received(b, f)
	w.WaitText(form, "The shop is closed.")
	w.WaitText("#skein-status", "We are back: Monday, January 7 at")
	w.Type(field("email"), "mira@example.com")
	w.Type(field("LINE"), "Is the fern in stock?")
	f.set(func() { f.down = true })
	w.Click(goOn)
	w.WaitText(form, "Not sent")
	f.set(func() { f.down = false })
	w.Click(goOn)
	w.WaitText("[data-seq='1'] .bubble", "Is the fern in stock?")
	w.WaitText(".hello", "Thank you. We have your message")
	w.WaitVisible(input)
	f.set(func() {
		if want := map[string]any{"email": "mira@example.com"}; len(f.profiles) != 1 || !maps.Equal(f.profiles[0], want) {
			t.Errorf("told %v", f.profiles)
		}
	})
	f.agent(entry{Text: "It is."})
	w.WaitText("[data-seq='3'] .bubble", "It is.")
	p.Reload()
	p.Click(launcher)
	w.WaitVisible("[data-seq='3']")
	w.WaitText(".hello", "The shop is closed.")
	w.Wait(`!document.querySelector('#skein-form') && document.querySelector('#skein-input').checkVisibility()`)
}

// When somebody comes while the visitor fills in the form, the form changes, and what was filled in stays.
func TestTheOfficeOpens(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.away = "2030-01-07T08:00:00.000Z"
	f.settings["greeting"], f.settings["form"] = "Hello.", asks()[:2]
	f.settings["offline"] = asks()[:2]
	_, w := received(b, f)
	w.WaitText(form, "Leave us a message")
	w.Type(field("name"), "Mira")
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.send("presence", map[string]any{"online": true}, 0) })
	w.WaitText(form, "Hello.")
	w.WaitText("#skein-status", "We are here")
	w.Wait(`document.querySelector('[name=name]').value === 'Mira' && !document.querySelector('[name=LINE]')`)
	f.set(func() { f.send("presence", map[string]any{"online": false}, 0) })
	w.WaitVisible(field("LINE"))
}

func TestWhoWroteElsewhereIsNotAsked(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.settings["form"] = asks()
	_, one := received(b, f)
	_, two := received(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	one.Type(field("name"), "Mira")
	f.set(func() {
		f.append(entry{Kind: "said", By: map[string]any{"kind": "visitor", "name": "Mira"}, Text: "from my telephone"})
	})
	for _, w := range []*browsertest.Frame{one, two} {
		w.WaitVisible(input)
		w.WaitText("[data-seq='1'] .bubble", "from my telephone")
	}
}

func TestWithoutItsScriptNothingIsAsked(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.settings["form"] = asks()
	script := f.asset(t, "data-form")
	f.lost = func(path string) bool { return strings.HasSuffix(path, script) }
	_, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
}
