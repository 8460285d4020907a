// Package rich is text without a platform: a small tree that every adapter reads its own markup into and
// writes its own markup from. With one reader and one writer per platform, n platforms need 2n converters.
//
// A Doc is made of blocks (Paragraph, Quote, List, Pre, Heading); blocks hold inlines (Text, Bold, Link, …).
// The tree never carries markup: a Text node's text is exactly what a person reads.
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
	Emoji     Kind = "emoji"   // Text holds the Unicode form, or ":name:" where there is none
)

// Node is one block or inline.
type Node struct {
	Kind     Kind   `json:"k"`
	Text     string `json:"t,omitempty"`
	URL      string `json:"u,omitempty"`
	Info     string `json:"i,omitempty"`
	Ordered  bool   `json:"o,omitempty"` // List only
	Children []Node `json:"c,omitempty"`
}

// Doc is a text: blocks in reading order. The zero Doc is empty.
type Doc []Node

// Of returns the Doc of a plain text: a paragraph for each run of lines between empty lines, a Break for
// each line end within.
func Of(text string) Doc { return parsePlain(text) }
