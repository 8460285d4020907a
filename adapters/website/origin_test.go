package website

import (
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	c := newCaller(t, newMemory(), func(c *Config) {
		c.PublicURL, c.AllowedOrigins = "https://Desk.example.com:443/path", []string{"https://shop.example.com", "http://localhost:3000/"}
	})
	for origin, allowed := range map[string]bool{
		"":                                          true,
		"https://desk.example.com":                  true,
		"https://shop.example.com":                  true,
		"http://localhost:3000":                     true,
		"http://shop.example.com":                   false,
		"https://shop.example.com:8443":             false,
		"https://shop.example.com.evil.org":         false,
		"https://evil.org":                          false,
		"https://evil.org/https://shop.example.com": false,
		"https://x@shop.example.com":                false,
		"null":                                      false,
		"shop.example.com":                          false,
	} {
		for _, method := range []string{"POST", "OPTIONS"} {
			var headers []string
			if origin != "" {
				headers = []string{"Origin", origin}
			}
			w := c.do(method, "sessions", `{}`, headers...)
			got := w.Header().Get("Access-Control-Allow-Origin")
			if (w.Code < 300) != allowed || allowed && got != origin || !allowed && (got != "" || w.Code != 403) {
				t.Errorf("%s from %q: %d, allowed origin %q", method, origin, w.Code, got)
			}
			if w.Header().Get("Vary") != "Origin" || w.Header().Get("Access-Control-Allow-Credentials") != "" || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s from %q: headers %v", method, origin, w.Header())
			}
		}
	}
}

// A script must be able to read a refusal, and to send every header that the API needs.
func TestCrossOriginCalls(t *testing.T) {
	c := newCaller(t, newMemory())
	from := []string{"Origin", "https://shop.example.com"}
	if w := c.do("GET", "messages", "", from...); w.Code != 401 || w.Header().Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("refusal: %d %v", w.Code, w.Header())
	}
	w := c.do("OPTIONS", "messages", "", append(from, "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,idempotency-key")...)
	allowed := strings.ToLower(w.Header().Get("Access-Control-Allow-Headers"))
	for _, header := range []string{"authorization", "content-type", "idempotency-key", "last-event-id"} {
		if !strings.Contains(allowed, header) {
			t.Errorf("%s is not allowed", header)
		}
	}
	if w.Code != 204 || w.Header().Get("Access-Control-Max-Age") == "" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no name":      func(c *Config) { c.Name = "" },
		"no log":       func(c *Config) { c.Log = nil },
		"short secret": func(c *Config) { c.Secret = []byte("short") },
		"bad origin":   func(c *Config) { c.AllowedOrigins = []string{"*"} },
	} {
		c := testConfig(newMemory())
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
