package bridge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

type lineKind int

const (
	lineNothing lineKind = iota
	lineReply            // for the visitor
	lineNote             // for colleagues
	lineCommand          // for us; also what only looks like a command
)

// line is an agent's line, understood.
type line struct {
	kind lineKind
	body rich.Doc // without the note prefix
	word string   // lineCommand: the word after "!", in lower case; searchWord for "#words"
	rest string   // lineCommand: the plain text after the word
}

// command is what the line asks for; the zero command, if nothing that there is.
func (l line) command() command {
	if l.kind != lineCommand {
		return command{}
	}
	cmd, _, _ := commandFor(l.word, l.rest)
	return cmd
}

// searchWord looks for a quick reply and does nothing else: of "#send refund" both words are looked for.
const searchWord = "#"

// notePrefix makes a line a note wherever a plain line is a reply.
const notePrefix = "//"

// Command takes a line apart that would be a command in a thread: "!take", "#refund". ok is false for any other line, also
// for one that begins with a word which only says whom the rest is for.
func Command(body rich.Doc) (word, rest string, ok bool) {
	l := classify(body, false)
	return l.word, l.rest, l.kind == lineCommand
}

// classify says what an agent's line means. When in doubt it is not a reply: a line that never reached the visitor
// can be sent again, one that did cannot be unread.
func classify(body rich.Doc, plainIsNote bool) line {
	text := strings.TrimLeftFunc(rich.Plain(body), invisible)
	switch {
	case text == "":
		return line{kind: lineNothing}
	case strings.HasPrefix(text, notePrefix):
		return line{kind: lineNote, body: cutPrefix(body, notePrefix)}
	case startsWord(text, '!'):
		word, rest, _ := strings.Cut(text[1:], " ")
		word, rest = splitWord(word, rest)
		return classifyWord(body, word, strings.TrimSpace(rest))
	case startsWord(text, '#'):
		return line{kind: lineCommand, body: body, word: searchWord, rest: strings.TrimSpace(text[1:])}
	case plainIsNote:
		return line{kind: lineNote, body: body}
	default:
		return line{kind: lineReply, body: body}
	}
}

// fileLine is what files without words mean.
func fileLine(plainIsNote bool) line {
	if plainIsNote {
		return line{kind: lineNote}
	}
	return line{kind: lineReply}
}

// classifyWord tells commands from the two words that only say for whom the rest of the line is.
func classifyWord(body rich.Doc, word, rest string) line {
	lower := strings.ToLower(word)
	switch {
	case lower == "note" && rest != "":
		return line{kind: lineNote, body: cutPrefix(body, "!"+word)}
	case lower == "reply" && rest != "":
		return line{kind: lineReply, body: cutPrefix(body, "!"+word)}
	default:
		return line{kind: lineCommand, body: body, word: lower, rest: rest}
	}
}

// splitWord ends the word at a line end as well: "!note\nsecret" is the command note.
func splitWord(word, rest string) (string, string) {
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		return word[:i], word[i:] + " " + rest
	}
	return word, rest
}

// startsWord reports whether text is the sigil followed by a letter: "!take", but not "!!!" or "#1".
func startsWord(text string, sigil byte) bool {
	if text == "" || text[0] != sigil {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[1:])
	return unicode.IsLetter(r)
}

// invisible is what may stand before a sigil without a person seeing it.
func invisible(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// cutPrefix takes the prefix off a document, keeping its formatting where the prefix is plain text.
func cutPrefix(body rich.Doc, prefix string) rich.Doc {
	if len(body) > 0 && body[0].Kind == rich.Paragraph && len(body[0].Children) > 0 && body[0].Children[0].Kind == rich.Text {
		if rest, ok := strings.CutPrefix(strings.TrimLeftFunc(body[0].Children[0].Text, invisible), prefix); ok {
			out := append(rich.Doc(nil), body...)
			first := body[0]
			first.Children = append([]rich.Node(nil), first.Children...)
			first.Children[0].Text = strings.TrimLeft(rest, " \n")
			out[0] = first
			return out
		}
	}
	rest := strings.TrimPrefix(strings.TrimLeftFunc(rich.Plain(body), invisible), prefix)
	return rich.Of(strings.TrimSpace(rest))
}
