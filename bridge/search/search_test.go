package search

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func spoken(text string) string {
	var all []string
	for w := range Words(text) {
		all = append(all, w.Text)
	}
	return strings.Join(all, " ")
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"  --- !!":                     "",
		"Größe & Straße, ŁÓDŹ":         "grosse strasse lodz",
		"Cafe\u0301 café":              "cafe cafe",
		"ida@example.com +49 170":      "ida example com 49 170",
		"हिन्दी में":                   "हिन्दी में",
		"返品したい":                        "返品 品し した たい い",
		"iPhoneケース":                    "iphone ケー ース ス",
		"don't":                        "don t",
		"ﬁne ½":                        "fine",
		strings.Repeat("x", 2*maxWord): strings.Repeat("x", maxWord),
		"Όσσος ΣΊΣΥΦΟΣ":                "οσσοσ σισυφοσ",
		"ԵՐԵՎԱՆ\x00a\xffb\u00a0c\U0001F600d": "երեվան a b c d",
	} {
		if got := spoken(text); got != want {
			t.Errorf("%q has the words %q, want %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "[]",
		`"" " - "`:                  "[]",
		"refund ord":                "[{[refund] false} {[ord] true}]",
		"refund ord ":               "[{[refund] false} {[ord] false}]",
		"a":                         "[{[a] false}]",
		`"big red" sho`:             "[{[big red] false} {[sho] true}]",
		`„große Schuhe“ x`:          "[{[grosse schuhe] false} {[x] false}]",
		`unclosed "big red`:         "[{[unclosed] false} {[big red] false}]",
		"ida@example.com":           "[{[ida example com] true}]",
		"返":                         "[{[返] true}]",
		"返品 x":                      "[{[返品] false} {[x] false}]",
		"返品した":                      "[{[返品 品し した] false}]",
		"ケースiphone":                 "[{[ケー ース ス iphone] true}]",
		`NEAR(a b) AND "c* OR -d:e`: `[{[near a] false} {[b] false} {[and] false} {[c or d e] false}]`,
	} {
		if got := fmt.Sprint(Parse(text)); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("before ", 20) + "the Größe is\nwrong" + strings.Repeat(" after", 40)
	for _, c := range []struct {
		query, text string
		want        []Segment
	}{
		{"gros", "Die Größe passt", []Segment{{"Die ", false}, {"Größe", true}, {" passt", false}}},
		{`"is wrong"`, "It is wrong, it is", []Segment{{"It ", false}, {"is wrong", true}, {", it is", false}}},
		{"品し", "返品したい", []Segment{{"返", false}, {"品し", true}, {"たい", false}}},
		{"none", "Nothing here", []Segment{{"Nothing here", false}}},
		{"", "", nil},
		{"grosse", long, []Segment{
			{"…" + strings.Repeat("before ", 8) + "the ", false},
			{"Größe", true},
			{" is wrong" + strings.Repeat(" after", 20) + " …", false},
		}},
	} {
		got := Parse(c.query).Snippet(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q in %.30q (-want +got):\n%s", c.query, c.text, diff)
		}
	}
}

// FuzzSearch: whatever is typed and said, nothing breaks, a snippet is of the text, and what is found is found by itself.
func FuzzSearch(f *testing.F) {
	f.Add(`"big red" sho`, "The big red shoe")
	f.Add(`返品し`, "返品したいです")
	f.Add("\xff\"\x00 OR (a* - b:c^2", "Größe\u0301 \xf0 ½")
	f.Fuzz(func(t *testing.T, typed, text string) {
		q := Parse(typed)
		if len(q) > maxTerms {
			t.Fatalf("%d terms", len(q))
		}
		for _, term := range q {
			for _, w := range term.Words {
				if w == "" || strings.ContainsAny(w, "'\"*:()&|!<>\\ \x00") {
					t.Errorf("%q has the word %q", typed, w)
				}
			}
		}
		flat := strings.Join(strings.Fields(text), " ")
		var shown strings.Builder
		for _, s := range q.Snippet(text) {
			shown.WriteString(s.Text)
		}
		if got := strings.TrimSuffix(strings.TrimPrefix(shown.String(), "…"), "…"); !strings.Contains(flat, got) && !strings.Contains(flat, shown.String()) {
			t.Errorf("%q is shown of %q", got, flat)
		}
		for w := range Words(text) {
			if text[w.Start:w.End] == "" {
				t.Errorf("the word %q of %q has no place", w.Text, text)
			}
		}
	})
}
