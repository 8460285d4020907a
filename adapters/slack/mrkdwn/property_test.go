package mrkdwn_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

// people answers with names that differ from ids, and knows nobody it was not told of.
type people map[string]string

func (p people) User(id string) string    { return p[id] }
func (p people) Channel(id string) string { return p[id] }

var known = people{"U1": "Ana", "W2ABC": "Ben_B", "U123": "Zoe", "C1": "general"}

// inSlack mentions those whose id has Slack's form, as a writer for one workspace would.
var inSlack = mrkdwn.Writer{UserID: func(n rich.Node) string {
	if known[n.Info] == n.Text {
		return n.Info
	}
	return ""
}}

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

func blocksJSON(t interface{ Fatal(...any) }, w mrkdwn.Writer, doc rich.Doc) []byte {
	raw, err := json.Marshal(w.Blocks(doc))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestBlocksReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		raw := blocksJSON(t, inSlack, doc)
		got, ok := mrkdwn.FromBlocks(raw, known)
		if !ok && len(doc) > 0 {
			t.Fatal("own blocks not read")
		}
		if diff := cmp.Diff(mrkdwn.Reduced(inSlack, doc, false), got); diff != "" {
			t.Fatalf("%s\n(-written +read):\n%s", raw, diff)
		}
	})
}

func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		text := inSlack.Text(doc)
		if diff := cmp.Diff(mrkdwn.Reduced(inSlack, doc, true), mrkdwn.FromText(text, known)); diff != "" {
			t.Fatalf("%q\n(-written +read):\n%s", text, diff)
		}
	})
}

// What Slack cannot show loses its form, never its words. Marks of lists and quotes may change.
func TestReducingKeepsText(t *testing.T) {
	words := func(d rich.Doc) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(">•.@", r) || unicode.IsDigit(r) {
				return -1
			}
			return r
		}, visible(rich.Plain(d)))
	}
	rapid.Check(t, func(t *rapid.T) {
		doc := richtest.Docs().Draw(t, "doc")
		for _, text := range []bool{false, true} {
			if got, want := words(mrkdwn.Reduced(mrkdwn.Writer{}, doc, text)), words(doc); got != want {
				t.Fatalf("text %v\n got %q\nwant %q", text, got, want)
			}
		}
	})
}

var token = regexp.MustCompile(`<[^>]*>`)

// A person's text reads in Slack as that text: no mention, no broadcast, no link but the addresses in it.
func TestHumanTextInjectsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(richtest.Words()).Draw(t, "words"), rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "between"))
		doc := rich.Of(s)
		text := mrkdwn.ToText(doc)
		for _, tok := range token.FindAllString(text, -1) {
			if !strings.HasPrefix(strings.ToLower(tok), "<http") {
				t.Fatalf("%q became the token %q", s, tok)
			}
		}
		if got, want := mrkdwn.FromText(text, known), mrkdwn.Reduced(mrkdwn.Writer{}, doc, true); !rich.Equal(got, want) {
			t.Fatalf("%q read in Slack as %s", s, cmp.Diff(want, got))
		}
		checkOnlyTextAndLinks(t, doc)
	})
}

func checkOnlyTextAndLinks(t *rapid.T, nodes []rich.Node) {
	for _, n := range nodes {
		switch n.Kind {
		case rich.Paragraph, rich.Text, rich.Break, rich.Link:
		default:
			t.Fatalf("plain text became %q", n.Kind)
		}
		checkOnlyTextAndLinks(t, n.Children)
	}
}

func TestPartsFitAMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := rich.Of(strings.Repeat(richtest.Words().Draw(t, "words")+" ", rapid.IntRange(1, 400).Draw(t, "times")))
		var got strings.Builder
		for _, part := range mrkdwn.Split(doc) {
			if n := mrkdwn.Size(part); n > mrkdwn.Limit {
				t.Fatalf("part of %d", n)
			}
			got.WriteString(words(part))
		}
		if want := words(doc); got.String() != want {
			t.Fatalf("text changed\n got %q\nwant %q", got.String(), want)
		}
	})
}
