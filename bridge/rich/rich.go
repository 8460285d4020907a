// Package rich is text without a platform: a small tree that every adapter reads its own markup into and
// writes its own markup from. With one reader and one writer per platform, n platforms need 2n converters.
//
// A Doc is made of blocks (Paragraph, Quote, List, Pre, Heading); blocks hold inlines (Text, Bold, Link, …).
// The tree never carries markup: a Text node's text is exactly what a person reads.
//
// # Canonical form
//
// The same text can be drawn as many trees. Normal chooses one, so that Equal is a comparison and a log entry
// always looks the same. In canonical form
//
//   - every text has passed Clean, and nothing is empty;
//   - a Text holds no line end: line ends are Break nodes, and no formatting and no link spans a Break. A
//     paragraph holds no empty line (it becomes two paragraphs) and neither begins nor ends with a Break;
//   - formatting is nested in one order, Link, Spoiler, Bold, Italic, Underline, Strike, and neighbours of
//     equal formatting are one. Formatting neither begins nor ends with white space;
//   - a Link has one of the schemes of SafeURL and a label; links are not nested. What fails is its label only;
//   - an Emoji with a Unicode form is Text: only an emoji that has none stays a node of its own;
//   - neighbouring Lists that count on are one List; Lists hold only Items; blocks are nested at most MaxDepth deep.
//
// Every function here accepts any tree, also one that came from a hostile decoder, and treats it as its
// canonical form. All functions are pure; a Doc may be read by many goroutines at once.
package rich

// Kind says what a Node is. The names are stored in the log and must not change.
type Kind string

// Block kinds. Paragraph and Heading hold inlines; Quote and Item hold blocks; List holds Items.
const (
	Paragraph Kind = "p"
	Heading   Kind = "h"
	Quote     Kind = "quote"
	List      Kind = "list"
	Item      Kind = "item"
	Pre       Kind = "pre" // Text holds the code, Info its language
)

// Inline kinds. Text, Code, Mention and Emoji are leaves; the others hold inlines.
const (
	Text      Kind = "t"
	Break     Kind = "br"
	Bold      Kind = "b"
	Italic    Kind = "i"
	Underline Kind = "u"
	Strike    Kind = "s"
	Spoiler   Kind = "spoiler"
	Code      Kind = "code"
	Link      Kind = "a"       // URL holds the address, Children the label
	Mention   Kind = "mention" // Text holds the shown name without a sigil, Info the platform's id of the person
	Emoji     Kind = "emoji"   // Text holds ":name:" where there is no Unicode form (or the form, which Normal makes Text)
)

// MaxDepth is how deep blocks may be nested. Deeper blocks give up their wrapping, never their text.
const MaxDepth = 16

// Node is one block or inline. A kind this version does not know is read as its children, or its text.
type Node struct {
	Kind     Kind   `json:"k"`
	Text     string `json:"t,omitempty"`
	URL      string `json:"u,omitempty"`
	Info     string `json:"i,omitempty"`
	Ordered  bool   `json:"o,omitempty"` // List only
	Offset   int    `json:"n,omitempty"` // ordered List only: how many items were counted before its first
	Children []Node `json:"c,omitempty"`
}

// Doc is a text: blocks in reading order. The zero Doc is empty.
type Doc []Node

// Of returns the Doc of a plain text, in canonical form: a paragraph for each run of lines between empty
// lines, a Break for each line end within, a Link for each bare web address (see Linkify).
func Of(text string) Doc {
	return Linkify(Doc{{Kind: Text, Text: text}}) // Normal, of which everything else follows, splits lines
}

// IsEmpty says whether nothing in doc can be read.
func IsEmpty(doc Doc) bool { return len(Normal(doc)) == 0 }

// Equal says whether a and b are the same text with the same formatting.
func Equal(a, b Doc) bool { return equalNodes(Normal(a), Normal(b)) }

func equalNodes(a, b []Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Kind != y.Kind || x.Text != y.Text || x.URL != y.URL || x.Info != y.Info ||
			x.Ordered != y.Ordered || x.Offset != y.Offset || !equalNodes(x.Children, y.Children) {
			return false
		}
	}
	return true
}
