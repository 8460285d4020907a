package bridge

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge/rich"
)

func TestClassify(t *testing.T) {
	bold := func(s string) rich.Doc {
		return rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
			{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: s}}},
		}}}
	}
	for _, tt := range []struct {
		name string
		body rich.Doc
		kind lineKind
		word string
		rest string
		left string // the body's plain text afterwards
	}{
		{"plain", rich.Of("Hello there"), lineReply, "", "", "Hello there"},
		{"exclamation", rich.Of("!!! wow"), lineReply, "", "", "!!! wow"},
		{"number sign", rich.Of("#1 in the list"), lineReply, "", "", "#1 in the list"},
		{"note by prefix", rich.Of("// careful, angry"), lineNote, "", "", "careful, angry"},
		{"note by word", rich.Of("!note careful"), lineNote, "", "", "careful"},
		{"note in capitals over lines", rich.Of("!NOTE\ncareful"), lineNote, "", "", "careful"},
		{"note without words", rich.Of("!note"), lineCommand, "note", "", "!note"},
		{"reply by word", rich.Of("!reply sure"), lineReply, "", "", "sure"},
		{"command", rich.Of("!take"), lineCommand, "take", "", "!take"},
		{"command with rest", rich.Of("!close Bye now"), lineCommand, "close", "Bye now", "!close Bye now"},
		{"mistyped command", rich.Of("!clsoe Bye"), lineCommand, "clsoe", "Bye", "!clsoe Bye"},
		{"quick reply search", rich.Of("#refund"), lineCommand, searchWord, "refund", "#refund"},
		{"space before", rich.Of("   !take"), lineCommand, "take", "", "!take"},
		{"invisible before", rich.Of("\u200b\u2060//secret"), lineNote, "", "", "secret"},
		{"formatted command", bold("!take"), lineCommand, "take", "", "!take"},
		{"formatted note", bold("//secret"), lineNote, "", "", "secret"},
		{"nothing", rich.Doc{}, lineNothing, "", "", ""},
		{"blank", rich.Of(" \n "), lineNothing, "", "", ""},
		{"address", rich.Of("https://example.com//x"), lineReply, "", "", "https://example.com//x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := classify(tt.body, false)
			if got.kind != tt.kind || got.word != tt.word || got.rest != tt.rest {
				t.Errorf("classify = %+v, want kind %v, word %q, rest %q", got, tt.kind, tt.word, tt.rest)
			}
			if left := rich.Plain(got.body); left != tt.left && tt.kind != lineNothing && tt.kind != lineCommand {
				t.Errorf("body = %q, want %q", left, tt.left)
			}
		})
	}
}

func TestPlainLineIsNoteWhereConfigured(t *testing.T) {
	if got := classify(rich.Of("Hello"), true); got.kind != lineNote {
		t.Errorf("plain line = %v, want a note", got.kind)
	}
	if got := classify(rich.Of("!reply Hello"), true); got.kind != lineReply || rich.Plain(got.body) != "Hello" {
		t.Errorf("!reply = %+v, want the reply Hello", got)
	}
}

// What begins with a note prefix or a command is never a reply, whatever invisible things stand before it.
func TestPrivateLinesAreNeverReplies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringOfN(rapid.SampledFrom([]rune(" \t\n\u00a0\u200b\u200d\ufeff\u2060\u00ad")), 0, 5, -1).Draw(t, "before")
		sigil := rapid.SampledFrom([]string{"//", "!take", "!n", "#refund", "!note ", "!Ü"}).Draw(t, "sigil")
		text := before + sigil + rapid.String().Draw(t, "after")
		for _, plainIsNote := range []bool{false, true} {
			if got := classify(rich.Of(text), plainIsNote); got.kind == lineReply {
				t.Fatalf("%q is a reply", text)
			}
		}
	})
}
