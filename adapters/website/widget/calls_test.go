package widget_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// early is what a page does before the loader has come: the stub of the documentation, and the calls given.
func early(calls string) browsertest.Option {
	return browsertest.Script(`if (top === window) {
		window.Skein = (...call) => (Skein.q ||= []).push(call);
		window.hear = (...told) => document.documentElement.append(Object.assign(document.createElement('i'), { className: 'heard', textContent: told.join(' ') }));
		` + calls + `
	}`)
}

// run runs a script of the host page.
func run(p *browsertest.Page, script string) {
	p.Eval(fmt.Sprintf(`document.body.append(Object.assign(document.createElement('script'), { textContent: %q }))`, script), nil)
}

// heard waits until the page's functions have been called so, in this order.
func heard(t *testing.T, p *browsertest.Page, want ...string) {
	t.Helper()
	p.Wait(fmt.Sprintf(`document.querySelectorAll('.heard').length >= %d`, len(want)))
	var got []string
	if p.Eval(`[...document.querySelectorAll('.heard')].map((e) => e.textContent)`, &got); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestCallsBeforeAndAfterTheScript(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p := b.Open(f.shop.URL, browsertest.Size(1200, 800, false), early(`
		Skein('set', { plan: 'gold' });
		Skein('on', 'open', () => hear('open'));
		Skein('on', 'close', () => hear('close'));
		Skein('on', 'message', ({ text, by, at }) => hear('message', by.kind, by.name, text, new Date(at).getFullYear() > 2000));
		Skein('on', 'unread', ({ count }) => count && hear('unread', count));
		Skein('open');
	`))
	w := p.Within(frame)
	w.WaitVisible(input)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() {
		if profile, _ := f.introduced[0]["profile"].(map[string]any); profile["plan"] != "gold" {
			t.Errorf("introduced as %v", f.introduced[0])
		}
	})
	heard(t, p, "open")
	run(p, `Skein('close')`)
	heard(t, p, "open", "close")
	f.agent(entry{Text: "Hello."})
	heard(t, p, "open", "close", "message agent Ana Hello. true", "unread 1")
	run(p, `skein.open()`)
	heard(t, p, "open", "close", "message agent Ana Hello. true", "unread 1", "open")
	run(p, `Skein('set', { plan: 'silver', seats: 3 })`)
	f.await(t, "the profile is told", func() bool { return len(f.profiles) == 1 })
	f.set(func() {
		if got := fmt.Sprint(f.profiles[0]); got != "map[plan:silver seats:3]" {
			t.Errorf("told %s", got)
		}
	})
	p.Reload()
	w.WaitVisible("[data-seq='1']") // what was there before is no news
	heard(t, p, "open")
	clean(t, p, f)
}

// What a page's own functions throw is the page's, and the widget goes on.
func TestFunctionsOfThePageMayFail(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, early(`Skein('on', 'message', () => { throw new Error('the shop is at fault'); });`))
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.agent(entry{Text: "one"})
	f.agent(entry{Text: "two"})
	w.WaitVisible("[data-seq='3']")
	p.Until("both are reported", func() bool { return len(p.Complaints()) == 2 })
	for _, c := range p.Complaints() {
		if !strings.Contains(c, "the shop is at fault") {
			t.Errorf("complaint %q", c)
		}
	}
}

// vouching is an identity for a subject; n tells those of one person apart.
func vouching(subject string, n int) string {
	claims := fmt.Sprintf(`{"sub":%q,"exp":%d,"n":%d}`, subject, time.Now().Add(time.Minute).Unix(), n)
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x"
}

func TestIdentityIsRenewedInThePage(t *testing.T) {
	fresh := vouching("42", 2)
	for name, listener := range map[string]string{
		"at once": fmt.Sprintf(`() => %q`, fresh),
		"later":   fmt.Sprintf(`async () => { await fetch('/'); return %q; }`, fresh),
		"by call": fmt.Sprintf(`() => { setTimeout(() => Skein('identify', %q), 50); return new Promise(() => {}); }`, fresh),
	} {
		t.Run(name, func(t *testing.T) {
			f, b := newFake(t), browsertest.New(t)
			f.page = `data-identity="` + vouching("42", 1) + `"`
			p, w := visit(b, f, early(`Skein('on', 'identity', `+listener+`)`))
			w.Type(input, "my secret\n")
			w.WaitVisible("[data-seq='1']")
			f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
			// The session ends, and what the page said when it was made counts no more.
			f.set(func() {
				f.token = "token-2"
				f.accepts = func(identity string) bool { return identity == fresh }
			})
			w.Type(input, "one more\n")
			w.WaitVisible("[data-seq='3']")
			if got, want := bubbles(w), []string{"my secret", "one more"}; !slices.Equal(got, want) {
				t.Errorf("shown %q, want %q", got, want)
			}
			f.set(func() {
				for _, body := range f.introduced {
					if body["identity"] == nil {
						t.Errorf("introduced without an identity: %v", body)
					}
				}
			})
			var anew bool
			if w.Eval(`location.hash !== ''`, &anew); anew {
				t.Error("the document was loaded anew")
			}
			for _, c := range p.Complaints() {
				if !strings.Contains(c, "401 (Unauthorized)") {
					t.Errorf("complaint %q", c)
				}
			}
		})
	}
}

// A page that gives somebody else's identity has another visitor now: nothing of the first is shown or sent.
func TestIdentityOfAnother(t *testing.T) {
	another := vouching("43", 1)
	for name, script := range map[string]string{
		"when asked":     fmt.Sprintf(`Skein('on', 'identity', () => %q)`, another),
		"without asking": "",
	} {
		t.Run(name, func(t *testing.T) {
			f, b := newFake(t), browsertest.New(t)
			f.page = `data-identity="` + vouching("42", 1) + `"`
			p, w := visit(b, f, early(script))
			w.Type(input, "my secret\n")
			w.WaitVisible("[data-seq='1']")
			f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
			f.somebodyElse()
			f.set(func() { f.accepts = func(identity string) bool { return identity == another } })
			if script == "" {
				run(p, fmt.Sprintf(`Skein('identify', %q)`, another))
			} else {
				f.cut()
			}
			w.Wait(`!document.querySelector('[data-seq]') && document.querySelector('#skein-input')`)
			f.await(t, "the other one is introduced", func() bool {
				return slices.ContainsFunc(f.introduced, func(body map[string]any) bool { return body["identity"] == another })
			})
			f.set(func() { f.strangers = 0 })
			nothingStays(t, f, w)
		})
	}
}

func TestSignedInWithoutLoadingThePage(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "before\n")
	w.WaitVisible("[data-seq='1']")
	f.somebodyElse()
	run(p, fmt.Sprintf(`Skein('identify', %q)`, vouching("42", 1)))
	f.await(t, "they are introduced", func() bool {
		return slices.ContainsFunc(f.introduced, func(body map[string]any) bool { return body["identity"] != nil && body["token"] == nil })
	})
	w.WaitVisible(input)
	w.Type(input, "after\n")
	w.WaitVisible("[data-seq='1']")
	if got := bubbles(w); !slices.Equal(got, []string{"after"}) {
		t.Errorf("shown %q", got)
	}
}

func TestLogoutForgetsWhatThePageSaid(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, early(`Skein('set', { name: 'Mira' })`))
	w.Type(input, "before\n")
	w.WaitVisible("[data-seq='1']")
	f.somebodyElse()
	run(p, `Skein('logout')`)
	w.Wait(`location.hash === '#out' && document.querySelector('#skein-input')`)
	run(p, `Skein('set', { plan: 'gold' })`)
	w.Type(input, "after\n")
	w.WaitVisible("[data-seq='1']")
	f.set(func() {
		if got := fmt.Sprint(f.profiles); strings.Contains(got, "Mira") {
			t.Errorf("told %s", got)
		}
		for _, body := range f.introduced {
			if strings.Contains(fmt.Sprint(body["profile"]), "Mira") {
				t.Errorf("introduced as %v", body)
			}
		}
	})
}
