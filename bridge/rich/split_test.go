package rich

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func plainUTF16(d Doc) int { return len(utf16.Encode([]rune(Plain(d)))) }

func TestSplitBoundaries(t *testing.T) {
	for _, c := range []struct {
		name  string
		doc   Doc
		limit int
		want  []string
	}{
		{"fits", Of("a b"), 3, []string{"a b"}},
		{"empty", nil, 3, nil},
		{"after a paragraph", Of("one two\n\nthree four"), 12, []string{"one two", "three four"}},
		{"after a line", Of("one two\nthree four"), 12, []string{"one two", "three four"}},
		{"after a word", Of("one two three"), 9, []string{"one two ", "three"}},
		{"a paragraph in the first half does not waste the part", Of("a\n\nbcd efg hij"), 10, []string{"a\n\nbcd ", "efg hij"}},
		{"inside a long word", Of("abcdefghij"), 4, []string{"abcd", "efgh", "ij"}},
		{"not inside a surrogate pair", Of("a😀😀"), 3, []string{"a😀", "😀"}},
		{"not inside an emoji", Of("x👨‍👩‍👧‍👦y"), 11, []string{"x", "👨‍👩‍👧‍👦", "y"}},
		{"not between a letter and its accent", Of("abe\u0301"), 3, []string{"ab", "e\u0301"}},
		{"not inside a flag", Of("🇩🇪🇫🇷"), 6, []string{"🇩🇪", "🇫🇷"}},
		{"a character over the limit", Of("👨‍👩‍👧‍👦a"), 2, []string{"👨‍👩‍👧‍👦", "a"}},
		{"formatting goes on", Doc{p(in(Bold, txt("one two three")))}, 9, []string{"one two ", "three"}},
		{"quote goes on", Doc{in(Quote, p(txt("one two three")))}, 10, []string{"> one two ", "> three"}},
		{"code goes on", Doc{{Kind: Pre, Text: "one\ntwo\nthree"}}, 8, []string{"one\ntwo", "three"}},
		{
			"numbers go on",
			Doc{{Kind: List, Ordered: true, Children: []Node{in(Item, p(txt("one"))), in(Item, p(txt("two")))}}},
			7,
			[]string{"1. one", "2. two"},
		},
		{"an address too long for any part", Doc{p(a("https://e.com/very/long", txt("label")))}, 9, []string{"label"}},
		{"a mention too long for any part", Doc{p(at("Anastasia", "U1"))}, 4, []string{"@Ana", "stas", "ia"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, part := range Split(c.doc, c.limit, plainUTF16) {
				got = append(got, Plain(part))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestSplitKeepsFormattingInEveryPart(t *testing.T) {
	parts := Split(Doc{p(in(Bold, txt("one two three")))}, 9, plainUTF16)
	for i, want := range []Doc{{p(in(Bold, txt("one two")), txt(" "))}, {p(in(Bold, txt("three")))}} {
		if !Equal(parts[i], want) {
			t.Errorf("part %d is %v, want %v", i, parts[i], want)
		}
	}
}

// What is measured to cut a text must grow with the text and not with its square.
func TestSplitMeasuresLittle(t *testing.T) {
	list := func(n int) Doc {
		items := make([]Node, n)
		for i := range items {
			items[i] = in(Item, p(in(Bold, txt("one")), txt(" two")))
		}
		return Doc{{Kind: List, Children: items}}
	}
	for name, c := range map[string]struct {
		doc   Doc
		limit int
		size  func(Doc) int
	}{
		"one word":         {Of(strings.Repeat("x", 50_000)), 1000, plainUTF16},
		"words":            {Of(strings.Repeat("word and more ", 5_000)), 1000, plainUTF16},
		"lines":            {Of(strings.Repeat("word and more\n", 5_000)), 1000, plainUTF16},
		"paragraphs":       {Of(strings.Repeat("word and more\n\n", 5_000)), 1000, plainUTF16},
		"a list":           {list(5_000), 1000, plainUTF16},
		"tiny parts":       {Of(strings.Repeat("word and more\n", 5_000)), 7, plainUTF16},
		"long addresses":   {Doc{p(slices.Repeat([]Node{a("https://e.com/very/long", txt("label")), txt(" ")}, 3_000)...)}, 9, plainUTF16},
		"uneven":           {Of(strings.Repeat(strings.Repeat("<", 500)+strings.Repeat("x", 500), 50)), 2000, func(d Doc) int { return len(HTML(d)) }},
		"size by the line": {Of(strings.Repeat("word and more\n", 5_000)), 100, func(d Doc) int { return strings.Count(Plain(d), "\n") }},
	} {
		measured, calls := 0, 0
		parts := Split(c.doc, c.limit, func(d Doc) int {
			measured += len(Plain(d))
			calls++
			return c.size(d)
		})
		whole := len(Plain(c.doc))
		t.Logf("%s: %d parts, %.1f measurements for each, %.1f times the text", name, len(parts), float64(calls)/float64(len(parts)), float64(measured)/float64(whole))
		if measured > 20*whole || calls > 20*len(parts) {
			t.Errorf("%s: to make %d parts of %d bytes, %d bytes were measured in %d calls", name, len(parts), whole, measured, calls)
		}
	}
}

func TestClusterIsBounded(t *testing.T) {
	if n := cluster("a" + strings.Repeat("\u0301", 1000)); n > 2*maxCluster {
		t.Errorf("a cluster of %d bytes can not be cut", n)
	}
}

func TestDeepTrees(t *testing.T) {
	for _, kind := range []Kind{Quote, List, Item, Bold, Link, Paragraph, "later"} {
		n := txt("deep")
		for range 20_000 {
			n = Node{Kind: kind, Children: []Node{n}}
		}
		doc := Normal(Doc{n})
		if got := depth(doc); got > 2*MaxDepth+2 {
			t.Errorf("%q: %d levels", kind, got)
		}
		if got := Plain(doc); !strings.HasSuffix(got, "deep") {
			t.Errorf("%q: text is %q", kind, got)
		}
	}
}

func depth(nodes []Node) int {
	d := 0
	for _, n := range nodes {
		d = max(d, 1+depth(n.Children))
	}
	return d
}

func BenchmarkOf(b *testing.B) {
	for b.Loop() {
		Of("Hello, my order 12345 has not arrived. See https://shop.example.com/orders/12345?ref=mail\n\nThanks!")
	}
}

func BenchmarkHTML(b *testing.B) {
	for b.Loop() {
		HTML(everything)
	}
}

func BenchmarkSplit100KB(b *testing.B) {
	doc := Of(strings.Repeat("word snake_case 😀 and more words\n", 3000))
	for b.Loop() {
		Split(doc, 3900, plainUTF16)
	}
}

func BenchmarkSplitTinyParts(b *testing.B) {
	for _, lines := range []int{1_000, 10_000} {
		doc := Of(strings.Repeat("word and more\n", lines))
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			for b.Loop() {
				Split(doc, 7, plainUTF16)
			}
		})
	}
}
