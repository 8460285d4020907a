package widget_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	launcher = "#skein-launcher"
	input    = "#skein-input"
	frame    = "/widget/website"
)

// visit opens the shop and the widget in it.
func visit(b *browsertest.Browser, f *fake, options ...browsertest.Option) (*browsertest.Page, *browsertest.Frame) {
	options = append([]browsertest.Option{browsertest.Size(1200, 800, false)}, options...)
	p := b.Open(f.shop.URL, options...)
	p.Click(launcher)
	w := p.Within(frame)
	w.WaitVisible(input)
	return p, w
}

// bubbles are the texts shown, confirmed ones first, as the visitor reads them.
func bubbles(w *browsertest.Frame) []string { return w.Text(".bubble") }

func TestConversation(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "Is the fern in stock?\n")
	w.WaitText("[data-seq='1'] .bubble", "Is the fern in stock?")
	w.WaitText("[data-seq='1'] .glyph", "Sent")
	f.await(t, "the visitor is seen typing", func() bool { return f.typed > 0 })
	answer := f.agent(entry{Text: "Yes, two are left.", HTML: `<p>Yes, <strong>two</strong> are left. <a href="https://shop.example.com/fern">See</a> <a href="javascript:alert(1)">x</a><img src="https://evil.example.com/x.png"><script>window.bad = 1</script></p>`})
	w.WaitText("[data-seq='3'] .bubble", "Yes, two are left.")
	w.WaitText("[data-seq='1'] .glyph", "Seen")
	f.await(t, "the answer is read", func() bool { return slices.Contains(f.reads, answer) })
	var links []string
	w.Eval(`[...document.querySelectorAll("[data-seq='3'] .bubble div *")].map((e) => e.tagName + (e.getAttribute('href') ?? ''))`, &links)
	if want := []string{"P", "STRONG", "Ahttps://shop.example.com/fern", "A"}; !slices.Equal(links, want) {
		t.Errorf("the answer is built of %q, want %q", links, want)
	}
	f.agent(entry{Kind: "edited", Target: answer, Text: "Yes, three are left."})
	w.WaitText("[data-seq='3'] .bubble", "three")
	w.WaitText("[data-seq='3'] .meta", "edited")
	more := f.agent(entry{Target: answer, Text: "They are green."}) // an answer to a line is none of its changes
	w.WaitText("[data-seq='7'] .bubble", "green")
	if got := w.Text("[data-seq='3'] .bubble"); !slices.Equal(got, []string{"Yes, three are left."}) {
		t.Errorf("after it was answered, the line reads %q", got)
	}
	f.agent(entry{Kind: "deleted", Target: more})
	files := []map[string]any{{"id": "a", "name": "a.txt", "type": "text/plain", "size": 5}, {"id": "b", "name": "b.txt", "type": "text/plain", "size": 5}}
	f.agent(entry{Kind: "edited", Target: answer, Text: "See both.", Files: files})
	w.WaitText("[data-seq='3'] .bubble", "b.txt")
	f.agent(entry{Kind: "edited", Target: answer, Text: "See it.", Files: files[:1]})
	w.WaitText("[data-seq='3'] .bubble", "See it.")
	if got := w.Text("[data-seq='3'] .file"); !slices.Equal(got, []string{"a.txt"}) {
		t.Errorf("after one file was removed, %q are shown", got)
	}
	f.agent(entry{Kind: "edited", Target: answer, Text: "See nothing."})
	w.WaitText("[data-seq='3'] .bubble", "See nothing.")
	if got := w.Text("[data-seq='3'] .file"); len(got) > 0 {
		t.Errorf("after all files were removed, %q are shown", got)
	}
	f.agent(entry{Kind: "deleted", Target: answer})
	w.Wait(`!document.querySelector("[data-seq='3']")`)
	if got := bubbles(w); !slices.Equal(got, []string{"Is the fern in stock?"}) {
		t.Errorf("shown %q", got)
	}
	clean(t, p, f)
}

// clean asserts that the browser had nothing to complain about and asked nobody but the shop and us.
func clean(t *testing.T, p *browsertest.Page, f *fake) {
	t.Helper()
	if got := p.Complaints(); len(got) > 0 {
		t.Errorf("complaints: %q", got)
	}
	for _, url := range p.Requests() {
		if !strings.HasPrefix(url, f.URL) && !strings.HasPrefix(url, f.shop.URL) && !strings.HasPrefix(url, "blob:"+f.URL) {
			t.Errorf("a request left for %s", url)
		}
	}
}

func TestQueueSurvivesOutageAndReload(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "one\n")
	w.WaitVisible("[data-seq='1']")

	// The line is committed, but its answer is lost; then nothing gets through at all.
	f.set(func() { f.silent = true })
	w.Type(input, "two\n")
	f.await(t, "the second line arrives", func() bool { return len(f.posts) >= 2 })
	f.set(func() { f.down, f.silent = true, false })
	f.cut()
	w.Type(input, "three\n")
	w.Type(input, "four\n")
	w.WaitText("#skein-pending", "four")
	var keys []string
	const shown = `[...document.querySelectorAll('#skein-pending [data-key]')].map((e) => e.dataset.key)`
	w.Eval(shown, &keys)
	if len(keys) != 3 {
		t.Fatalf("%d lines wait, want 3", len(keys))
	}

	p.Reload()
	p.Click(launcher)
	w.WaitText("#skein-pending", "four")
	var after []string
	w.Eval(shown, &after)
	if !slices.Equal(after, keys) {
		t.Errorf("after the reload the keys are %q, were %q", after, keys)
	}
	f.set(func() { f.down = false })
	w.Wait(`document.querySelectorAll('[data-seq]').length === 4 && !document.querySelector('[data-key]')`)
	if got, want := bubbles(w), []string{"one", "two", "three", "four"}; !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
	f.set(func() {
		if len(f.entries) != 4 {
			t.Errorf("%d entries are in the log, want 4", len(f.entries))
		}
		for _, p := range f.posts {
			if p.Text == "two" && p.Key != keys[0] {
				t.Errorf("the second line was sent as %s and as %s", keys[0], p.Key)
			}
		}
	})
}

func TestLineIsNeverShownTwice(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	// The line comes back on the stream while its own answer is lost.
	f.set(func() { f.silent = true })
	w.Type(input, "mine\n")
	f.await(t, "the line is tried twice", func() bool { return len(f.posts) >= 2 })
	f.agent(entry{Text: "yours"})
	w.WaitVisible("[data-seq='3']")
	if got, want := bubbles(w), []string{"yours", "mine"}; !slices.Equal(got, want) {
		t.Errorf("while the answer is out: shown %q, want %q", got, want)
	}
	f.set(func() { f.silent = false })
	w.WaitVisible("[data-seq='1']")
	w.Wait(`!document.querySelector('[data-key]')`)
	if got, want := bubbles(w), []string{"mine", "yours"}; !slices.Equal(got, want) {
		t.Errorf("afterwards: shown %q, want %q", got, want)
	}
}

func TestEnterDuringCompositionDoesNotSend(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Click(input)
	p.Compose("にほ")
	p.Press("Enter", 13)
	p.Commit("にほん")
	p.Press("Enter", 13)
	w.WaitVisible("[data-seq='1']")
	f.set(func() {
		if len(f.posts) != 1 || f.posts[0].Text != "にほん" {
			t.Errorf("posted %v", f.posts)
		}
	})
}

func TestStreamResumes(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.agent(entry{Text: "before"})
	w.WaitVisible("[data-seq='1']")
	f.set(func() { f.down = true })
	f.cut()
	f.agent(entry{Text: "meanwhile"})
	w.WaitText("#skein-banner", "Connecting again")
	f.set(func() { f.down = false })
	w.WaitVisible("[data-seq='3']")
	f.agent(entry{Text: "after"})
	w.WaitVisible("[data-seq='5']")
	w.Wait(`document.querySelector('#skein-banner').hidden`)
	if got, want := bubbles(w), []string{"before", "meanwhile", "after"}; !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}

	p.Offline(true)
	w.WaitText("#skein-banner", "No connection. Your message will be sent when you are back.")
	w.Type(input, "still here\n")
	w.WaitText("#skein-pending", "still here")
	p.Offline(false)
	w.WaitVisible("[data-seq='7']")
	w.Wait(`document.querySelector('#skein-banner').hidden && !document.querySelector('[data-key]')`)
}

func TestRefusalIsShownWhereItHappened(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.refusal = func(text string) int {
		if text == "too long" {
			return 422
		}
		return 0
	}
	_, w := visit(b, f)
	w.Type(input, "too long\nfine\n")
	w.WaitText(".failed", "This text is longer than the shop accepts.")
	w.WaitText("[data-seq='1'] .bubble", "fine")
	f.set(func() { f.refusal = nil })
	w.Click(".failed .acts button")
	w.WaitText("[data-seq='3'] .bubble", "too long")
	w.Wait(`!document.querySelector('.failed')`)
	f.set(func() {
		if f.posts[0].Key != f.posts[2].Key {
			t.Error("a refused line was sent again under another key")
		}
	})
}

func TestExpiredSessionIsRenewedOnce(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.token = "token-2" })
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	f.set(func() {
		if f.sessions != 2 {
			t.Errorf("%d sessions, want 2", f.sessions)
		}
	})
}

func TestAnotherVisitorStartsOver(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	old := f.agent(entry{Text: "old"})
	f.await(t, "the answer is read", func() bool { return slices.Contains(f.reads, old) })
	// The session ends, and the next one belongs to somebody without a past.
	f.set(func() { f.token, f.visitorID, f.entries, f.reads, f.opened = "token-2", "v2", nil, nil, 0 })
	w.Eval(`dispatchEvent(new Event('online'))`, nil)
	w.Wait(`!document.querySelector('[data-seq]')`)
	w.WaitVisible(input)
	f.await(t, "the stream of the one before is closed", func() bool { return f.opened == 1 && len(f.streams) == 1 })
	first := f.agent(entry{Text: "new"})
	w.WaitText("[data-seq='1'] .bubble", "new")
	f.await(t, "the first line is read", func() bool { return slices.Contains(f.reads, first) })
	if got := bubbles(w); !slices.Equal(got, []string{"new"}) {
		t.Errorf("shown %q", got)
	}
}

func TestTwoTabsShareOneStreamAndOneQueue(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	first, one := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	second, two := visit(b, f)
	one.Type(input, "from the first\n")
	two.WaitVisible("[data-seq='1']")
	two.Type(input, "from the second\n")
	one.WaitVisible("[data-seq='3']")
	f.agent(entry{Text: "to both"})
	for _, w := range []*browsertest.Frame{one, two} {
		w.WaitVisible("[data-seq='5']")
		w.Wait(`!document.querySelector('[data-key]')`)
		if got, want := bubbles(w), []string{"from the first", "from the second", "to both"}; !slices.Equal(got, want) {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
	f.await(t, "one stream is left", func() bool { return len(f.streams) == 1 })
	f.set(func() {
		if len(f.posts) != 2 || f.sessions > 2 {
			t.Errorf("%d posts, %d sessions: want 2 and at most 2", len(f.posts), f.sessions)
		}
	})
	first.Close()
	f.agent(entry{Text: "to the one left"})
	two.WaitVisible("[data-seq='7']")
	clean(t, second, f)
}

// What was on its way on the stream when another tab took it comes to both.
func TestTabThatLosesTheStreamMissesNothing(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, one := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.stalled = make(chan struct{}) })
	f.agent(entry{Text: "meanwhile"})
	_, two := visit(b, f)
	for _, w := range []*browsertest.Frame{two, one} {
		w.WaitVisible("[data-seq='1']")
	}
	close(f.stalled)
	f.agent(entry{Text: "after"})
	for _, w := range []*browsertest.Frame{two, one} {
		w.WaitVisible("[data-seq='3']")
		if got, want := bubbles(w), []string{"meanwhile", "after"}; !slices.Equal(got, want) {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
}

// TestWhatOneTabHasFetchedReachesTheOthers: what came while no stream was to be had is passed on by nobody.
func TestWhatOneTabHasFetchedReachesTheOthers(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, one := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	_, two := visit(b, f)
	for _, w := range []*browsertest.Frame{one, two} {
		w.WaitVisible(input)
	}
	f.await(t, "the second tab has the stream", func() bool { return f.opened == 2 && len(f.streams) == 1 })
	f.set(func() { f.full = true })
	f.cut()
	two.WaitText("#skein-banner", "Connecting again")
	f.agent(entry{Text: "meanwhile"})
	two.WaitVisible("[data-seq='1']")
	f.set(func() { f.full = false })
	two.Eval(`dispatchEvent(new Event('online'))`, nil)
	f.await(t, "the stream is open again", func() bool { return len(f.streams) == 1 })
	f.agent(entry{Text: "after"})
	one.WaitVisible("[data-seq='3']")
	one.Eval(`dispatchEvent(new Event('online'))`, nil) // as when somebody comes back to it
	one.WaitVisible("[data-seq='1']")
	if got, want := bubbles(one), []string{"meanwhile", "after"}; !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
}

// TestAChoiceIsMadeOnce: it stands there until the line is taken in, and people press twice.
func TestAChoiceIsMadeOnce(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.agent(entry{Text: "Which one?", Choices: []string{"The red one", "The blue one"}})
	w.WaitVisible(".choices button")
	w.Eval(`for (const press of [1, 2]) document.querySelector('.choices button')?.click()`, nil)
	w.WaitVisible("[data-seq='3']")
	w.Wait(`!document.querySelector('[data-key]')`)
	f.set(func() {
		if len(f.posts) != 1 || f.posts[0].Text != "The red one" {
			t.Errorf("said was %+v", f.posts)
		}
	})
}

func TestClosedPanelCountsUnread(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	w.Click(input)
	p.Press("Escape", 27)
	p.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'false'`)
	p.Wait(`document.activeElement.id === 'skein-launcher'`)
	f.agent(entry{Text: "one"})
	f.agent(entry{Text: "two"})
	p.Wait(`document.title === '(2) Fern & Moss'`)
	p.WaitText(launcher, "2")
	p.Click(launcher)
	p.Wait(`document.title === 'Fern & Moss'`)
	f.await(t, "both are read", func() bool { return slices.Contains(f.reads, 3) })
}
