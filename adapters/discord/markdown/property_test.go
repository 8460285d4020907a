package markdown_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

type people map[string]string

func (p people) User(id string) string { return p[id] }

var (
	known     = people{"11": "Ana", "22": "Ben_B"}
	inDiscord = markdown.Writer{UserID: func(n rich.Node) string {
		if known[n.Info] == n.Text {
			return n.Info
		}
		return ""
	}}
)

// visible leaves what a reader sees of a text, without what layout may add or drop.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0x200b {
			return -1
		}
		return r
	}, s)
}

func words(nodes []rich.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(visible(n.Text))
		b.WriteString(words(n.Children))
	}
	return b.String()
}

func TestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		checkReadsBack(t, doc, inDiscord)
	})
}

func checkReadsBack(t interface{ Fatalf(string, ...any) }, doc rich.Doc, w markdown.Writer) {
	text := w.Text(doc)
	want := rich.Linkify(markdown.Reduced(w, doc))
	if diff := cmp.Diff(want, markdown.Read(text, known)); diff != "" {
		t.Fatalf("%q\n(-written +read):\n%s", text, diff)
	}
}

func TestNoWordIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := rich.Normal(richtest.Docs().Draw(t, "doc"))
		shown := words(markdown.Reduced(markdown.Writer{}, doc))
		at := 0
		for _, r := range words(doc) { // in order; marks and addresses may be added in between
			i := strings.IndexRune(shown[at:], r)
			if i < 0 {
				t.Fatalf("%q lost something in %q", words(doc), shown)
			}
			at += i
		}
	})
}

func TestPlainTextStaysPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching("[ -~\n]{0,60}").Draw(t, "text")
		doc := rich.Normal(rich.Doc{{Kind: rich.Text, Text: s}})
		text := markdown.Write(doc)
		if got := markdown.Read(text, known); !rich.Equal(got, rich.Linkify(doc)) {
			t.Fatalf("%q was written as %q and reads %v", s, text, got)
		}
	})
}

func TestSplitFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"word ", "*", "```", "_a_", "é", "\n\n", "> ", "- x\n"}).Draw(t, "word")
		doc := rich.Of(strings.Repeat(word, rapid.IntRange(1, 3000).Draw(t, "n")))
		for _, part := range markdown.Split(doc) {
			if n := markdown.Size(part); n > markdown.Limit {
				t.Fatalf("a part measures %d", n)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, c := range cases {
		f.Add(c.content)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc := markdown.Read(s, known)
		if diff := cmp.Diff(doc, rich.Normal(doc)); diff != "" {
			t.Fatalf("not canonical:\n%s", diff)
		}
		checkReadsBack(t, doc, markdown.Writer{})
	})
}
