package rich_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

// visible leaves what a reader sees of a text, without the white space that layout may add or drop.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0x200b {
			return -1
		}
		return r
	}, rich.Clean(s))
}

// words is the visible text of a tree without marks, prefixes and addresses.
func words(nodes []rich.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(visible(n.Text))
		b.WriteString(words(n.Children))
	}
	return b.String()
}

func TestNormalIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := rich.Normal(richtest.Trees().Draw(t, "tree"))
		if diff := cmp.Diff(once, rich.Normal(once)); diff != "" {
			t.Fatalf("Normal changed its own result (-once +twice):\n%s", diff)
		}
	})
}

func TestNormalKeepsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) rich.Node {
			kind := rapid.SampledFrom([]rich.Kind{rich.Text, rich.Code, rich.Mention, rich.Emoji, rich.Paragraph, rich.Quote, rich.Pre, "later"}).Draw(t, "kind")
			return rich.Node{Kind: kind, Text: richtest.Words().Draw(t, "text")}
		})).Draw(t, "nodes")
		var want strings.Builder
		for _, n := range nodes {
			want.WriteString(visible(n.Text))
		}
		if got := words(rich.Normal(nodes)); got != want.String() {
			t.Fatalf("got %q\nwant %q", got, want.String())
		}
	})
}

func TestNormalNeverSpansABreakOrHoldsAnEmptyNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkCanonical(t, rich.Normal(richtest.Trees().Draw(t, "tree")), false) })
}

func checkCanonical(t *rapid.T, nodes []rich.Node, inside bool) {
	for _, n := range nodes {
		if n.Text == "" && len(n.Children) == 0 && n.Kind != rich.Break {
			t.Fatalf("empty %q", n.Kind)
		}
		if n.Kind == rich.Break && inside {
			t.Fatal("formatting spans a Break")
		}
		if n.Text != rich.Clean(n.Text) || strings.Contains(n.Text, "\n") && n.Kind != rich.Pre {
			t.Fatalf("unclean %q %q", n.Kind, n.Text)
		}
		if n.Kind == rich.Link {
			if _, ok := rich.SafeURL(n.URL); !ok {
				t.Fatalf("unsafe link %q", n.URL)
			}
		}
		checkCanonical(t, n.Children, inside || n.Kind == rich.Link || rich.StyleOf(n.Kind) != 0)
	}
}

func TestPlainOfPlainTextIsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(richtest.Words()).Draw(t, "words"), " ")
		if got, want := visible(rich.Plain(rich.Of(s))), visible(s); got != want {
			t.Fatalf("got %q\nwant %q", got, want)
		}
	})
}

func TestStoredFormReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var back rich.Doc
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(doc, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSplit(t *testing.T) {
	sizes := map[string]func(rich.Doc) int{
		"bytes of plain text": func(d rich.Doc) int { return len(rich.Plain(d)) },
		"UTF-16 of HTML":      func(d rich.Doc) int { return len(utf16.Encode([]rune(rich.HTML(d)))) },
	}
	for name, size := range sizes {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				doc := richtest.Docs().Draw(t, "doc")
				limit := rapid.SampledFrom([]int{1, 7, 40, 100, 400}).Draw(t, "limit")
				checkParts(t, doc, rich.Split(doc, limit, size), limit, size)
			})
		})
	}
}

// joined is what a joiner keeps with the character before, however much that becomes.
var joined = regexp.MustCompile("\u200d(?s:.)?")

// checkParts wants every visible character once and in order, and no part over the limit that could be shorter.
func checkParts(t *rapid.T, doc rich.Doc, parts []rich.Doc, limit int, size func(rich.Doc) int) {
	var got strings.Builder
	for _, p := range parts {
		if diff := cmp.Diff(p, rich.Normal(p)); diff != "" {
			t.Fatalf("part is not canonical:\n%s", diff)
		}
		if len(p) == 0 {
			t.Fatal("empty part")
		}
		text := words(p)
		if !utf8.ValidString(text) {
			t.Fatalf("cut inside a code point: %q", text)
		}
		if size(p) > limit && utf8.RuneCountInString(joined.ReplaceAllString(text, "")) > 8 {
			t.Fatalf("part measures %d, limit %d: %q", size(p), limit, text)
		}
		got.WriteString(text)
	}
	// A mention too long for any part is cut as the text "@name".
	if got, want := strings.ReplaceAll(got.String(), "@", ""), strings.ReplaceAll(words(doc), "@", ""); got != want {
		t.Fatalf("text changed\n got %q\nwant %q", got, want)
	}
}
