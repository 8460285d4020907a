package entities_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

// visible leaves what a reader sees of a text, without what layout may add or drop.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0x200b {
			return -1
		}
		return r
	}, rich.Clean(s))
}

func words(nodes []rich.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(visible(n.Text))
		b.WriteString(words(n.Children))
	}
	return b.String()
}

// expressible leaves of a tree what Telegram has a form for.
func expressible(nodes []rich.Node, depth int) []rich.Node {
	var out []rich.Node
	for _, n := range nodes {
		switch {
		case n.Kind == rich.Heading:
			n.Kind = rich.Paragraph
		case n.Kind == rich.List, n.Kind == rich.Item, n.Kind == rich.Quote && depth > 0:
			out = append(out, expressible(n.Children, depth)...)
			continue
		case n.Kind == rich.Pre && depth > 0:
			n = rich.Node{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: n.Text}}}
		case n.Kind == rich.Mention, n.Kind == rich.Emoji:
			n.Kind = rich.Text
		case n.Kind == rich.Code && depth > 0:
			n.Kind = rich.Text
		case n.Kind == rich.Link && !strings.HasPrefix(n.URL, "http"):
			out = append(out, expressible(n.Children, depth)...)
			continue
		}
		inner := depth
		if n.Kind != rich.Paragraph {
			inner++
		}
		n.Children = expressible(n.Children, inner)
		out = append(out, n)
	}
	return out
}

// What Telegram can express reads back as it was.
func TestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := rich.Normal(expressible(richtest.Docs().Draw(t, "doc"), 0))
		text, list := entities.Write(doc)
		if diff := cmp.Diff(doc, entities.Read(text, list)); diff != "" {
			t.Fatalf("%q %+v\n(-written +read):\n%s", text, list, diff)
		}
	})
}

// What it cannot is laid out once; from then on it reads back as it was.
func TestSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := entities.Read(entities.Write(richtest.Docs().Draw(t, "doc")))
		if diff := cmp.Diff(once, entities.Read(entities.Write(once))); diff != "" {
			t.Fatalf("(-once +twice):\n%s", diff)
		}
	})
}

func TestNoTextIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Trees().Draw(t, "tree")
		text, _ := entities.Write(doc)
		rest := visible(text)
		for _, r := range words(rich.Normal(doc)) { // in order; marks of lists and addresses may stand between
			i := strings.IndexRune(rest, r)
			if i < 0 {
				t.Fatalf("%q is missing in %q", r, text)
			}
			rest = rest[i+len(string(r)):]
		}
	})
}

// checkNesting fails when two entities have characters in common and neither lies within the other, when a quote lies
// in a quote, or anything in code.
func checkNesting(t *rapid.T, text string, list []entities.Entity) {
	units := len(utf16.Encode([]rune(text)))
	for i, a := range list {
		if a.Length <= 0 || a.Offset < 0 || a.Offset+a.Length > units {
			t.Fatalf("%+v is outside %q", a, text)
		}
		for _, b := range list[i+1:] { // sorted by offset, the longer first
			end := a.Offset + a.Length
			switch {
			case b.Offset >= end:
			case b.Offset+b.Length > end:
				t.Fatalf("%+v and %+v overlap in %q", a, b, text)
			case a.Type == "code" || a.Type == "pre":
				t.Fatalf("%+v holds %+v", a, b)
			case b.Type == "blockquote" || b.Type == "pre", b.Type == "code" && a.Type != "blockquote":
				t.Fatalf("%+v lies in %+v", b, a)
			}
		}
	}
}

func TestEntitiesNest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, list := entities.Write(richtest.Trees().Draw(t, "tree"))
		checkNesting(t, text, list)
	})
}

func TestSplitKeepsWithinTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		limit := rapid.IntRange(40, 80).Draw(t, "limit")
		for _, part := range entities.Split(doc, limit) {
			text, list := entities.Write(part)
			if n := len(utf16.Encode([]rune(text))); n > limit && len([]rune(text)) > 33 {
				t.Fatalf("a part has %d units, over %d: %q", n, limit, text)
			}
			checkNesting(t, text, list)
		}
	})
}

// Whatever the entities, every character of the text is kept.
func TestReadLosesNothing(t *testing.T) {
	types := []string{
		"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "blockquote", "later",
		"expandable_blockquote", "url", "email", "phone_number", "mention", "text_mention", "custom_emoji", "hashtag",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := richtest.Words().Draw(t, "text")
		var list []entities.Entity
		for range rapid.IntRange(0, 6).Draw(t, "entities") {
			list = append(list, entities.Entity{
				Type: rapid.SampledFrom(types).Draw(t, "type"), Offset: rapid.IntRange(-3, 40).Draw(t, "offset"),
				Length: rapid.IntRange(-3, 40).Draw(t, "length"), URL: rapid.SampledFrom([]string{"", "https://e.com", "javascript:x"}).Draw(t, "url"),
				User: &entities.User{ID: 7},
			})
		}
		doc := entities.Read(text, list)
		got, want := words(doc), strings.ReplaceAll(visible(text), "@", "")
		if strings.ReplaceAll(got, "@", "") != want { // a mention gives up its sigil
			t.Fatalf("%q %+v\n got %q\nwant %q", text, list, got, want)
		}
		if diff := cmp.Diff(rich.Normal(doc), doc); diff != "" {
			t.Fatalf("not canonical: %s", diff)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("hello 👍🏽 world", "bold", 6, 4, "italic", 7, 9)
	f.Add("https://e.com\nx", "url", 0, 13, "pre", 3, 400)
	f.Fuzz(func(t *testing.T, text, type1 string, offset1, length1 int, type2 string, offset2, length2 int) {
		doc := entities.Read(text, []entities.Entity{
			{Type: type1, Offset: offset1, Length: length1, URL: "https://e.com"}, {Type: type2, Offset: offset2, Length: length2},
		})
		if got, want := len(words(doc)), len(visible(text)); got > want || got < want-2*strings.Count(text, "@")-2 {
			t.Errorf("%q reads as %q", visible(text), words(doc))
		}
		again, list := entities.Write(doc)
		for _, e := range list {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > entities.Units(again) {
				t.Errorf("%+v is outside %q", e, again)
			}
		}
	})
}

// A link stays one where its label has nothing but a space between two styles.
func TestLinkAcrossStyles(t *testing.T) {
	text := func(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }
	doc := rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Link, URL: "https://e.com/", Children: []rich.Node{
		{Kind: rich.Bold, Children: []rich.Node{text("one")}}, text(" "), {Kind: rich.Underline, Children: []rich.Node{text("two")}},
	}}}}}
	if diff := cmp.Diff(doc, entities.Read(entities.Write(doc))); diff != "" {
		t.Error(diff)
	}
}
