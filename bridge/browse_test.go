package bridge

import (
	"strings"
	"testing"
)

func FuzzParseConversationPlace(f *testing.F) {
	for _, s := range []string{"", "u", "w1.1", "uloyw3v28.zik0zj", "u-1.1", "x1.1", "u1", "u1.0", "u1.1.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseConversationPlace(s)
		if err != nil {
			return
		}
		if again, err := ParseConversationPlace(p.String()); err != nil || again != p {
			t.Errorf("%q is %+v, written %q and read as %+v, %v", s, p, p.String(), again, err)
		}
	})
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		" two\n\n words ":         "two words",
		strings.Repeat("é", 160):  strings.Repeat("é", 160),
		strings.Repeat("é", 161):  strings.Repeat("é", 159) + "…",
		strings.Repeat("ab ", 99): strings.Repeat("ab ", 53)[:158] + "…",
	} {
		if got := Excerpt(text); got != want {
			t.Errorf("Excerpt(%q) = %q, want %q", text, got, want)
		}
	}
}
