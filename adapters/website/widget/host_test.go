package widget_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

func TestIntroductionCrossesSites(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.page = `data-locale="de-AT" data-identity="signed.by.shop" data-open`
	// 127.0.0.1 and localhost are two sites, as a shop's and ours are.
	shop := strings.Replace(f.shop.URL, "127.0.0.1", "localhost", 1)
	f.origins = append(f.origins, shop)
	p := b.Open(shop+"/fern?x=1", browsertest.Size(1200, 800, false),
		browsertest.Script(`if (top === window) window.skein = { profile: { name: 'Zoe' } }`))
	w := p.Within(frame)
	w.WaitVisible(input)
	f.await(t, "a session is opened", func() bool { return len(f.introduced) > 0 })
	f.set(func() {
		got := f.introduced[0]
		if got["locale"] != "de-AT" || got["identity"] != "signed.by.shop" || got["profile"].(map[string]any)["name"] != "Zoe" {
			t.Errorf("introduced as %v", got)
		}
		if page := got["page"].(map[string]any); page["url"] != shop+"/fern?x=1" || page["title"] != "Fern & Moss" {
			t.Errorf("introduced on %v", page)
		}
	})
	var placeholder string
	w.Eval(`document.querySelector('#skein-input').placeholder`, &placeholder)
	if placeholder != "Nachricht schreiben" {
		t.Errorf("the input says %q", placeholder)
	}
	w.Type(input, "Hallo\n")
	w.WaitVisible("[data-seq='1']")
	p.Reload()
	w.WaitVisible("[data-seq='1']")
}

func TestForeignSiteIsRefused(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p := b.Open(strings.Replace(f.shop.URL, "127.0.0.1", "localhost", 1))
	p.Click(launcher)
	p.Until("the browser refuses the frame", func() bool {
		return slices.ContainsFunc(p.Complaints(), func(c string) bool { return strings.Contains(c, "frame-ancestors") })
	})
	f.set(func() {
		if f.sessions != 0 {
			t.Error("a foreign site opened a session")
		}
	})
}

func TestWorksWhereStorageIsRefused(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, browsertest.Script(`for (const name of ['localStorage', 'sessionStorage'])
		Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
		navigator.locks.request = () => Promise.reject(new DOMException('refused', 'SecurityError'));
		window.BroadcastChannel = function () { throw new DOMException('refused', 'SecurityError'); };`))
	w.Type(input, "one\ntwo\n")
	w.WaitVisible("[data-seq='3']")
	f.agent(entry{Text: "three"})
	w.WaitVisible("[data-seq='5']")
	if got := bubbles(w); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("shown %q", got)
	}
	clean(t, p, f)
}

func TestThrottledLineWaitsAsLongAsAsked(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	tries := 0
	f.refusal = func(string) int {
		if tries++; tries == 1 {
			return 429
		}
		return 0
	}
	_, w := visit(b, f)
	w.Type(input, "patience\n")
	w.WaitVisible("[data-seq='1']")
	f.set(func() {
		if len(f.posts) != 2 || f.posts[0].Key != f.posts[1].Key {
			t.Errorf("posted %v: want the same line twice", f.posts)
		}
		if waited := f.posts[1].At.Sub(f.posts[0].At); waited.Seconds() < 1 {
			t.Errorf("tried again after %v, asked for 1 s", waited)
		}
	})
}

func TestTextOnAccentCanBeRead(t *testing.T) {
	b := browsertest.New(t)
	for _, accent := range []string{"#2459d3", "#f2a541", "#ffffff", "#000000", "#7f7f7f", "#888888", "#0f9d58", "rebeccapurple", "rgb(255 99 71)"} {
		f := newFake(t)
		f.page = `data-accent="` + accent + `"`
		p, w := visit(b, f)
		w.Type(input, "x")
		w.Wait(`!document.querySelector('#skein-send').disabled`)
		for name, c := range map[string]struct {
			frame    *browsertest.Frame
			selector string
		}{"launcher": {p.Frame, launcher}, "send": {w, "#skein-send svg"}} {
			var colours []string
			c.frame.Eval(`(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.querySelector('`+c.selector+`')))`, &colours)
			if ratio := contrast(t, colours[0], colours[1]); ratio < 4.5 {
				t.Errorf("%s: the %s has %s on %s, %.2f:1", accent, name, colours[0], colours[1], ratio)
			}
		}
		p.Close()
	}
}

// contrast is WCAG 2's contrast ratio of two opaque colours as browsers write them.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) float64 {
		var c [3]float64
		if _, err := fmt.Sscanf(colour, "rgb(%f, %f, %f)", &c[0], &c[1], &c[2]); err != nil {
			t.Fatalf("colour %q: %v", colour, err)
		}
		for i, v := range c {
			if v /= 255; v <= 0.04045 {
				c[i] = v / 12.92
			} else {
				c[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}
