package widget_test

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

func TestTheme(t *testing.T) {
	const light, dark = "rgb(255, 255, 255)", "rgb(22, 33, 58)"
	b := browsertest.New(t)
	pageIs := func(scheme string) browsertest.Option {
		return browsertest.Script(`if (top === window) document.addEventListener('DOMContentLoaded', () => (document.documentElement.style.colorScheme = '` + scheme + `'))`)
	}
	system := func(scheme string) browsertest.Option { return browsertest.Media("prefers-color-scheme", scheme) }
	for name, c := range map[string]struct {
		script, want string
		options      []browsertest.Option
	}{
		"a light system":                    {"", light, []browsertest.Option{system("light")}},
		"a dark system":                     {"", dark, []browsertest.Option{system("dark")}},
		"forced dark":                       {`data-theme="dark"`, dark, []browsertest.Option{system("light")}},
		"forced light":                      {`data-theme="light"`, light, []browsertest.Option{system("dark")}},
		"a dark page":                       {"", dark, []browsertest.Option{system("light"), pageIs("dark")}},
		"a light page":                      {"", light, []browsertest.Option{system("dark"), pageIs("only light")}},
		"a page that follows a dark system": {"", dark, []browsertest.Option{system("dark"), pageIs("light dark")}},
		"a dark page, forced light":         {`data-theme="light"`, light, []browsertest.Option{system("dark"), pageIs("dark")}},
	} {
		f := newFake(t)
		f.page = c.script
		p, w := visit(b, f, c.options...)
		var got string
		if w.Eval(`getComputedStyle(document.body).backgroundColor`, &got); got != c.want {
			t.Errorf("%s: the paper is %s, want %s", name, got, c.want)
		}
		p.Close()
	}
}

func TestIconsAreMirrored(t *testing.T) {
	b := browsertest.New(t)
	for locale, want := range map[string]string{"en": "none", "he": "matrix(-1, 0, 0, 1, 0, 0)"} {
		f := newFake(t)
		f.page = `data-locale="` + locale + `"`
		f.settings["telegram"] = true
		p, w := visit(b, f)
		w.Click("#skein-menu")
		w.WaitVisible("#skein-telegram")
		var got string
		if w.Eval(`getComputedStyle(document.querySelector('#skein-telegram svg')).transform`, &got); got != want {
			t.Errorf("%s: what points forward has the transform %s, want %s", locale, got, want)
		}
		p.Close()
	}
}

// Safari's private mode of old, and a full disk: storage is there, and keeps nothing.
func TestWorksWhereStorageKeepsNothing(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f, browsertest.Script(`Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };`))
	w.Type(input, "one\n")
	w.WaitVisible("[data-seq='1']")
	f.agent(entry{Text: "two"})
	w.WaitVisible("[data-seq='3']")
	clean(t, p, f)
}

// Without a channel between tabs each follows for itself.
func TestTabsWithoutAChannel(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	alone := browsertest.Script(`delete window.BroadcastChannel; Object.defineProperty(navigator, 'locks', { value: undefined });`)
	_, one := visit(b, f, alone)
	_, two := visit(b, f, alone)
	f.await(t, "two streams are open", func() bool { return len(f.streams) == 2 })
	f.agent(entry{Text: "to both"})
	for _, w := range []*browsertest.Frame{one, two} {
		w.WaitVisible("[data-seq='1']")
	}
}
