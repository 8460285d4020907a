package website

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"": "", "curl/8.5.0": "",
		"Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0":                                                                                "Firefox on Android",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                                     "Chrome on Android",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":                 "Samsung Internet on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":                       "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                               "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1":      "Chrome on iPhone",
		"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":                      "Safari on iPad",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                              "Firefox on Linux",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                                      "Chrome on ChromeOS",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36" + strings.Repeat(" x", 1000) + "Edg/": "Chrome on Linux",
	} {
		if got := device(agent); got != want {
			t.Errorf("%s is called %q, want %q", agent, got, want)
		}
	}
}

func TestPreferred(t *testing.T) {
	for accepted, want := range map[string]string{"": "", "*": "", "es-MX,es;q=0.9,en;q=0.8": "es-MX", " de ; q=1": "de", "<b>": ""} {
		if got := preferred(accepted); got != want {
			t.Errorf("%q prefers %q, want %q", accepted, got, want)
		}
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"": "", "pipe": "", "203.0.113.77": "203.0.113.0/24", "2001:db8:1:2::": "2001:db8:1::/48", "127.0.0.1": "127.0.0.0/24",
	} {
		if got := network(address); got != want {
			t.Errorf("%q is in %q, want %q", address, got, want)
		}
	}
}

func FuzzDevice(f *testing.F) {
	f.Add("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "es-MX,es;q=0.9")
	f.Fuzz(func(t *testing.T, agent, accepted string) {
		if got := device(agent); len(got) > 40 {
			t.Errorf("%q", got)
		}
		if got := preferred(accepted); got != cleanLocale(got) {
			t.Errorf("%q", got)
		}
	})
}

// The session takes the device and, where the program names no language, the browser's.
func TestSessionTakesTheDevice(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	var s session
	c.want(200, &s, "POST", "sessions", `{"page":{"url":"https://shop.example.com/a"}}`, "Accept-Language", "es-MX,es;q=0.9",
		"User-Agent", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0")
	c.token = s.Token
	if v := m.visitors[s.Visitor.ID]; v.Device != "Firefox on Android" || v.Locale != "es-MX" {
		t.Errorf("the visitor is %+v", v)
	}
	c.session(`{"token":"` + c.token + `","locale":"en"}`)
	if v := m.visitors[s.Visitor.ID]; v.Locale != "en" {
		t.Errorf("the language is %q", v.Locale)
	}
}

// What agents call a visitor is not told to them.
func TestVisitorsAreNotToldWhatTheyAreCalled(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	first := c.session(`{"profile":{"name":"Eve"}}`)
	v := m.visitors[first.Visitor.ID]
	v.Edited, v.Profile.Name = map[string]string{"name": "nuisance"}, "nuisance"
	for body, want := range map[string]string{`{"token":%q}`: "", `{"token":%q,"profile":{"name":"Eve"}}`: "Eve"} {
		m.visitors[first.Visitor.ID] = v
		if s := c.session(fmt.Sprintf(body, c.token)); s.Visitor.Name != want {
			t.Errorf("they are told they are called %q, want %q", s.Visitor.Name, want)
		}
	}
}

// TestSessionTakesThePlace looks up the address that the proxies vouch for, and no other.
func TestSessionTakesThePlace(t *testing.T) {
	m := newMemory()
	known := map[string]string{"198.51.100.7": "Gdynia,\n Pomerania, Poland", "192.0.2.1": "Bergen, Norway"}
	c := newCaller(t, m, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		c.Place = func(address string) string { return known[address] }
	})
	place := func(forwarded string) string {
		var s session
		c.want(200, &s, "POST", "sessions", fmt.Sprintf(`{"token":%q,"page":{"url":"https://shop.example.com/a"}}`, c.token), "X-Forwarded-For", forwarded)
		c.token = s.Token
		return m.visitors[s.Visitor.ID].Place
	}
	for _, step := range []struct{ forwarded, want string }{
		{"198.51.100.7", "Gdynia, Pomerania, Poland"},
		{"192.0.2.1, 203.0.113.9", ""}, // what is before a stranger is a claim
		{"", "Bergen, Norway"},
	} {
		if got := place(step.forwarded); got != step.want {
			t.Errorf("for %q the place is %q, want %q", step.forwarded, got, step.want)
		}
	}
	known = nil // the file is gone; it is the same network still
	if got := place(""); got != "Bergen, Norway" {
		t.Errorf("the place is forgotten: %q", got)
	}
}
