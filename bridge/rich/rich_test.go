package rich

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func txt(s string) Node                { return Node{Kind: Text, Text: s} }
func in(k Kind, children ...Node) Node { return Node{Kind: k, Children: children} }
func a(url string, label ...Node) Node { return Node{Kind: Link, URL: url, Children: label} }
func p(children ...Node) Node          { return in(Paragraph, children...) }
func at(name, id string) Node          { return Node{Kind: Mention, Text: name, Info: id} }
func code(s string) Node               { return Node{Kind: Code, Text: s} }

var br = Node{Kind: Break}

// everything has each kind once, in canonical form.
var everything = Doc{
	in(Heading, txt("Your order")),
	p(txt("Hi "), at("Ana", "U1"), txt(", "), in(Bold, txt("bold "), in(Italic, txt("both"))), br,
		a("https://shop.example.com/a_b", in(Underline, txt("the page"))), txt(" "), in(Strike, txt("10 €")), txt(" "),
		in(Spoiler, txt("secret")), txt(" "), code("x := 1"), txt(" "), Node{Kind: Emoji, Text: ":party-gopher:"}, txt(" 👍🏽")),
	in(Quote, p(txt("quoted")), p(txt("twice"))),
	{Kind: List, Ordered: true, Offset: 2, Children: []Node{
		in(Item, p(txt("three")), in(List, in(Item, p(txt("inner"))))),
		in(Item, p(txt("four"), br, txt("goes on"))),
	}},
	{Kind: Pre, Text: "if a < b {\n\treturn\n}", Info: "go"},
}

func TestStoredForm(t *testing.T) {
	// The log keeps documents in this form: a difference here is a migration, not a new golden file.
	want, err := os.ReadFile("testdata/stored.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(everything, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("stored form changed (-want +got):\n%s", diff)
	}
	var back Doc
	if err := json.Unmarshal(want, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everything, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestEverythingIsCanonical(t *testing.T) {
	if diff := cmp.Diff(everything, Normal(everything)); diff != "" {
		t.Errorf("Normal changed it (-want +got):\n%s", diff)
	}
}

func TestEverythingWritten(t *testing.T) {
	for name, got := range map[string]string{"everything.txt": Plain(everything), "everything.html": HTML(everything)} {
		want, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEqualLooksAtTheTextAndNotTheTree(t *testing.T) {
	same := []Doc{
		{p(in(Bold, in(Italic, txt("ab"))), txt(" c"))},
		{in(Italic, in(Bold, txt("a")), in(Bold, txt("b "))), txt("c")},
	}
	if !Equal(same[0], same[1]) {
		t.Errorf("%v and %v differ", Normal(same[0]), Normal(same[1]))
	}
	if Equal(same[0], Of("ab c")) || Equal(Of("a"), nil) || !Equal(nil, Of(" \n ")) {
		t.Error("Equal does not tell formatting or text apart")
	}
	if !IsEmpty(nil) || !IsEmpty(Of("\u200b\n ")) || !IsEmpty(Doc{in(Bold, in(List))}) || IsEmpty(Of(".")) {
		t.Error("IsEmpty is about what can be read")
	}
}
