package widget_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// identify makes the shop's page name a visitor. Nobody checks the signature here.
func (f *fake) identify(subject string, expires time.Time) {
	claims := fmt.Sprintf(`{"sub":%q,"exp":%d}`, subject, expires.Unix())
	f.page = `data-identity="e30.` + base64.RawURLEncoding.EncodeToString([]byte(claims)) + `.x"`
}

// somebodyElse makes the next session another visitor's, and the tokens of before invalid.
func (f *fake) somebodyElse() {
	f.set(func() {
		f.token, f.visitorID, f.entries, f.introduced, f.strangers = "token-2", "v2", nil, nil, 0
		f.posts, f.reads, f.keys = nil, nil, map[string]int{}
	})
}

// signedIn is a page of a visitor whom the shop vouches for, with a line said and one that could not be sent.
func signedIn(b *browsertest.Browser, f *fake) (*browsertest.Page, *browsertest.Frame) {
	f.identify("Müller:42", time.Now().Add(time.Minute))
	p, w := visit(b, f)
	w.Type(input, "my secret\n")
	w.WaitVisible("[data-seq='1']")
	f.set(func() { f.down = true })
	f.cut()
	w.Type(input, "unsent secret\n")
	w.WaitText("#skein-pending", "unsent secret")
	return p, w
}

// nothingStays asserts that the session in the page owes nothing to the visitor of before.
func nothingStays(t *testing.T, f *fake, w *browsertest.Frame) {
	t.Helper()
	w.Type(input, "hello\n")
	w.WaitText("[data-seq='1']", "hello")
	f.set(func() {
		for _, body := range f.introduced {
			if body["token"] == "token-1" {
				t.Errorf("introduced with the token of before: %v", body)
			}
		}
		if f.strangers > 0 {
			t.Errorf("%d calls with the token of before", f.strangers)
		}
		if len(f.posts) != 1 {
			t.Errorf("posted %v", f.posts)
		}
	})
	var stored string
	w.Eval(`JSON.stringify({ ...localStorage })`, &stored)
	if strings.Contains(stored, "secret") || strings.Contains(stored, "token-1") || strings.Contains(stored, "42") {
		t.Errorf("stored %s", stored)
	}
	if got := bubbles(w); len(got) != 1 {
		t.Errorf("shown %q", got)
	}
}

func TestSignedOutVisitorIsForgotten(t *testing.T) {
	for name, change := range map[string]func(f *fake){
		"no identity":      func(f *fake) { f.page = "" },
		"another identity": func(f *fake) { f.identify("43", time.Now().Add(time.Minute)) },
	} {
		t.Run(name, func(t *testing.T) {
			f, b := newFake(t), browsertest.New(t)
			p, w := signedIn(b, f)
			change(f)
			f.somebodyElse()
			p.Navigate(f.shop.URL + "/signed-out")
			f.set(func() { f.down = false })
			p.Click(launcher)
			nothingStays(t, f, w)
		})
	}
}

func TestLogout(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := signedIn(b, f)
	f.somebodyElse()
	p.Eval(`{
		const script = document.createElement('script');
		script.textContent = 'skein.logout()';
		document.body.append(script);
	}`, nil)
	w.Wait(`location.hash === '#out' && !document.querySelector('[data-key]') && document.querySelector('#skein-input')`)
	f.set(func() { f.down = false })
	nothingStays(t, f, w)
	f.set(func() {
		for _, body := range f.introduced {
			if body["identity"] != nil {
				t.Errorf("introduced as %v", body)
			}
		}
	})
}

func TestSameIdentityGoesOn(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := signedIn(b, f)
	f.identify("Müller:42", time.Now().Add(time.Hour)) // a page's identity is new each time
	p.Reload()
	f.set(func() { f.down = false })
	p.Click(launcher)
	w.WaitText("[data-seq='3']", "unsent secret")
}

func TestSigningInTakesUnsentLinesAlong(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.set(func() { f.down = true })
	f.cut()
	w.Type(input, "hello\n")
	w.WaitText("#skein-pending", "hello")
	f.identify("42", time.Now().Add(time.Minute))
	f.somebodyElse()
	p.Reload()
	f.set(func() { f.down = false })
	w.WaitText("[data-seq='1']", "hello")
	f.set(func() {
		for _, body := range f.introduced {
			if body["token"] != nil {
				t.Errorf("introduced as %v", body)
			}
		}
	})
}

// Where they come to, numbers begin at the beginning; that is no reason to load the page anew.
func TestSigningInWithAPast(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.tell(3)
	p, w := visit(b, f)
	w.WaitVisible("[data-seq='5']")
	f.set(func() { f.refusal = func(string) int { return 503 } })
	w.Type(input, "hello\n")
	w.WaitText("#skein-pending", "hello")
	f.set(func() { f.down = true }) // or the page of before would try the line again
	f.identify("42", time.Now().Add(time.Minute))
	f.somebodyElse()
	p.Reload()
	f.set(func() { f.down, f.refusal = false, nil })
	w.WaitText("[data-seq='1']", "hello")
	w.Wait(`!document.querySelector('[data-key]')`)
	w.Eval(`new Promise((done) => setTimeout(done, 1000))`, nil)
	f.set(func() {
		if len(f.introduced) != 1 {
			t.Errorf("introduced as %v", f.introduced)
		}
	})
}

func TestRefusedIdentityIsLeftOut(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.identify("42", time.Now().Add(time.Minute))
	p, w := visit(b, f, browsertest.Script(`console.warn = (text) => localStorage.setItem('warnings', (localStorage.getItem('warnings') ?? '') + text + '|')`))
	w.Type(input, "my secret\n")
	w.WaitVisible("[data-seq='1']")

	f.identify("42", time.Now().Add(-time.Minute))
	f.set(func() { f.refuses, f.down = true, true }) // first, as a call of before may still be on its way
	f.somebodyElse()
	p.Reload()
	p.Click(launcher)
	w.Type(input, "hello") // before the server could say anything
	p.Press("Enter", 13)
	w.WaitText("#skein-pending", "hello")
	f.set(func() { f.down = false })
	w.WaitText("[data-seq='1']", "hello")
	f.set(func() {
		tried := 0
		for _, body := range f.introduced {
			if body["identity"] != nil {
				tried++
			}
			if body["token"] == "token-1" {
				t.Errorf("introduced as %v", body)
			}
		}
		if tried != 1 || f.strangers > 0 || len(f.posts) != 1 {
			t.Errorf("the identity was tried %d times, %d calls had the old token, posted %v", tried, f.strangers, f.posts)
		}
	})
	var warnings string
	w.Eval(`localStorage.getItem('warnings')`, &warnings)
	if strings.Count(warnings, "|") != 1 || !strings.Contains(warnings, "it has expired") {
		t.Errorf("warned %q", warnings)
	}
}
