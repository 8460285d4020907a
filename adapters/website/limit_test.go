package website

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := newCaller(t, m, func(c *Config) {
			c.Limits = Limits{MessagesPerMinute: 3, SessionsPerMinute: 2, RequestsPerMinute: 8}
		})
		c.session(`{}`)
		say := func(key int) *httptest.ResponseRecorder {
			return c.do("POST", "messages", `{"text":"x"}`, "Idempotency-Key", strconv.Itoa(key))
		}
		for i := range 3 {
			if w := say(i); w.Code != 201 {
				t.Fatalf("message %d: %d %s", i, w.Code, w.Body)
			}
		}
		w := say(3)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != 429 || p.Code != "too_many" || p.RetryAfter < 1 || w.Header().Get("Retry-After") != strconv.Itoa(p.RetryAfter) {
			t.Fatalf("%d %+v %v", w.Code, p, w.Header())
		}
		// Another visitor at the same address is not held back by the first.
		first := c.token
		c.session(`{}`)
		if w := say(0); w.Code != 201 {
			t.Errorf("another visitor: %d", w.Code)
		}
		if w := c.do("POST", "sessions", `{}`); w.Code != 429 {
			t.Errorf("third session: %d", w.Code)
		}
		// The pause that was named is enough.
		c.token = first
		time.Sleep(time.Duration(p.RetryAfter) * time.Second)
		if w := say(3); w.Code != 201 {
			t.Errorf("after the pause of %d s: %d %s", p.RetryAfter, w.Code, w.Body)
		}
		// Requests of any kind count, also those with a bad token.
		var refusedAt int
		for refusedAt = 1; refusedAt < 100 && c.do("GET", "messages", "").Code != 429; refusedAt++ {
		}
		if refusedAt > 8 {
			t.Errorf("refused at request %d", refusedAt)
		}
		c.token = "guess"
		for refusedAt = 1; refusedAt < 100 && c.do("GET", "messages", "").Code == 401; refusedAt++ {
		}
		if refusedAt != 9 {
			t.Errorf("guessing refused at request %d", refusedAt)
		}
	})
}

// Whatever has been spent and whenever, the pause named is enough and not more than two windows.
func TestWaitIsEnough(t *testing.T) {
	for offset := range 12 {
		for _, perMinute := range []int{1, 2, 5, 60} {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Duration(offset) * 5 * time.Second)
				l := newLimit(perMinute)
				r := httptest.NewRequest("GET", "/", nil)
				for step := range 200 {
					err := l.spend(httptest.NewRecorder(), r, "k")
					if err == nil {
						time.Sleep(time.Duration(step*7%400) * time.Millisecond)
						continue
					}
					pause := asRefusal(err).retryAfter
					if pause < 1 || pause > 120 {
						t.Fatalf("pause of %d s", pause)
					}
					time.Sleep(time.Duration(pause) * time.Second)
					if err := l.spend(httptest.NewRecorder(), r, "k"); err != nil {
						t.Fatalf("%d a minute, offset %d: refused after the pause of %d s", perMinute, offset*5, pause)
					}
				}
			})
		}
	}
}

func TestNoLimits(t *testing.T) {
	c := newCaller(t, newMemory())
	for i := range 300 {
		c.session(`{}`)
		c.want(201, nil, "POST", "messages", `{"text":"x"}`, "Idempotency-Key", fmt.Sprint(i))
	}
}

func TestAddress(t *testing.T) {
	a := newTestAdapter(t, newMemory(), func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	})
	for name, test := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"direct":                   {"192.0.2.1:80", nil, "192.0.2.1"},
		"direct, with a claim":     {"192.0.2.1:80", []string{"198.51.100.7"}, "192.0.2.1"},
		"one proxy":                {"10.1.2.3:80", []string{"198.51.100.7"}, "198.51.100.7"},
		"two proxies":              {"10.1.2.3:80", []string{"198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		"claim before the proxies": {"10.1.2.3:80", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"several headers":          {"10.1.2.3:80", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		"nonsense":                 {"10.1.2.3:80", []string{"x"}, "10.1.2.3"},
		"proxy without a word":     {"10.1.2.3:80", nil, "10.1.2.3"},
		"IPv6 network":             {"[2001:db8:1:2:3::4]:80", nil, "2001:db8:1:2::"},
		"IPv4 in IPv6":             {"[::ffff:192.0.2.1]:80", nil, "192.0.2.1"},
		"IPv6 with a zone":         {"[fe80::1%eth0]:80", nil, "fe80::"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.remote
		r.Header["X-Forwarded-For"] = test.forwarded
		if got := a.address(r); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
