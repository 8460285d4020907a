package rich_test

import (
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing to do", "a\tb\nc é 👨‍👩‍👧‍👦", "a\tb\nc é 👨‍👩‍👧‍👦"},
		{"invalid UTF-8, byte by byte", "a\xff\xfeb\xc3", "a\ufffd\ufffdb\ufffd"},
		{"surrogate written as UTF-8", "\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
		{"own replacement character", "a\ufffdb", "a\ufffdb"},
		{"NUL and C0", "a\x00b\x07c\x1b[31m", "abc[31m"},
		{"DEL and C1", "a\x7fb\u009bc", "abc"},
		{"line ends", "a\r\nb\rc\u2028d\u2029e\u0085f\n", "a\nb\nc\nd\ne\nf\n"},
		{"bidi overrides, embeddings, isolates", "\u202eevil\u202c \u2066x\u2069 \u202b", "evil x "},
		{"marks that stay", "\u200e\u200f\u061c\u200d\u200c", "\u200e\u200f\u061c\u200d\u200c"},
		{"byte order mark", "\ufeffa", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := rich.Clean(c.in)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if again := rich.Clean(got); again != got {
				t.Errorf("a second Clean made %q of %q", again, got)
			}
		})
	}
}

func TestSafeURL(t *testing.T) {
	for u, want := range map[string]bool{
		"https://shop.example.com/a?b=c#d": true,
		"HTTP://e.com":                     true,
		" https://e.com ":                  true,
		"https://пример.рф/путь":           true,
		"http://[::1]:8080/":               true,
		"mailto:a@e.com":                   true,
		"tel:+4930123":                     true,
		"":                                 false,
		"https://":                         false,
		"http:":                            false,
		"https:e.com":                      false,
		"//e.com":                          false,
		"/path":                            false,
		"mailto:":                          false,
		"javascript:alert(1)":              false,
		"JaVaScRiPt:alert(1)":              false,
		"java\nscript:alert(1)":            false,
		"data:text/html,x":                 false,
		"vbscript:x":                       false,
		"file:///etc/passwd":               false,
		"https://e.com/\"onclick=x":        false,
		"https://e.com/a b":                false,
		"https://e.com/\u202egpj.exe":      false,
		"https://e.com/\xff":               false,
		"https://e.com|x":                  false,
		"https://e.com/>":                  false,
	} {
		if safe, got := rich.SafeURL(u); got != want || (safe != "") != want {
			t.Errorf("SafeURL(%q) = %q, %v, want %v", u, safe, got, want)
		}
	}
}

func TestLinkify(t *testing.T) {
	for in, want := range map[string]string{
		"https://e.com":                          "[https://e.com]",
		"see https://e.com/a_b.":                 "see [https://e.com/a_b].",
		"(https://e.com/a)":                      "([https://e.com/a])",
		"https://en.wiki.org/Go_(game)":          "[https://en.wiki.org/Go_(game)]",
		"(https://en.wiki.org/Go_(game))!":       "([https://en.wiki.org/Go_(game)])!",
		"https://e.com/?a=1&b=2, and":            "[https://e.com/?a=1&b=2], and",
		"\"https://e.com\"":                      "\"[https://e.com]\"",
		"<https://e.com>":                        "<[https://e.com]>",
		"HTTPS://E.COM":                          "[HTTPS://E.COM]",
		"xhttps://e.com":                         "xhttps://e.com",
		"https://":                               "https://",
		"https://...":                            "https://...",
		"javascript://e.com":                     "javascript://e.com",
		"ftp://e.com":                            "ftp://e.com",
		"http://http://e.com":                    "[http://http://e.com]",
		"http://a.b http://c.d":                  "[http://a.b] [http://c.d]",
		"看https://e.com。好":                       "看https://e.com。好",
		"看 https://e.com。好":                      "看 [https://e.com]。好",
		"https://e.com/שלום":                     "[https://e.com/שלום]",
		"email me@e.com or www.e.com":            "email me@e.com or www.e.com",
		"https://user:pass@e.com/":               "[https://user:pass@e.com/]",
		"http://e.com/a\u200bb":                  "[http://e.com/a]\u200bb",
		"https://e.com/*bold*":                   "[https://e.com/*bold]*",
		"https://e.com/x?y={z}":                  "[https://e.com/x?y=]{z}",
		"http://[::1]:8080/x and [http://e.com]": "[http://[::1]:8080/x] and [[http://e.com]]",
	} {
		var got string
		for _, s := range rich.Spans(rich.Of(in)[0].Children) {
			if s.URL != "" {
				got += "[" + s.Text + "]"
			} else {
				got += s.Text
			}
		}
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}
