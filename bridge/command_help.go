package bridge

import (
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// lineCommands are the words that say whom a line is for, or take it back.
func lineCommands() []command {
	return []command{
		{
			Word: Word{Word: "recall", Usage: "!recall", OnMessage: true, Help: "take your last line back from the visitor, or the one you answer with it"},
			run:  commandRecall,
		},
		{
			Word: Word{
				Word: "reply", Usage: "!reply words", Help: "answer the visitor where plain lines are notes",
				Args: []Field{{Name: "words", Label: "Words to the visitor", Kind: FieldText}},
			},
			run: commandReply,
		},
		{
			Word: Word{
				Word: "note", Usage: "!note words, or //words", Help: "tell colleagues only",
				Args: []Field{{Name: "words", Label: "Words to colleagues", Kind: FieldText}},
			},
			run: commandNote,
		},
	}
}

func helpCommands() []command {
	return []command{{Word: Word{Word: "help", Usage: "!help", Help: "show this list", Anywhere: true}, run: commandHelp}}
}

// As text, reply and note are no commands but lines: classify has taken the words out already, unless there are none.
var errWordless = &Problem{Code: "no_text", Public: "Nothing was sent or noted: write the text after the word."}

func commandReply(d *Desk, c *change, a asked) error {
	words := a.fields["words"]
	if words == "" {
		return errWordless
	}
	return d.speak(c, a, rich.Of(words), nil)
}

func commandNote(_ *Desk, c *change, a asked) error {
	words := a.fields["words"]
	if words == "" {
		return errWordless
	}
	return c.write(Entry{
		Conversation: a.conv.ID, Kind: Noted, Audience: AgentsOnly, By: a.by, Origin: a.spoken(), Body: rich.Of(words), At: a.in.At,
	})
}

func commandHelp(_ *Desk, c *change, a asked) error {
	var b strings.Builder
	b.WriteString("A plain line goes to the visitor. ")
	if c.route.Notes {
		b.Reset()
		b.WriteString("A plain line is a note for colleagues. ")
	}
	b.WriteString("Lines that begin with ! are for Skein:")
	for _, cmd := range commands() {
		b.WriteString("\n" + cmd.Usage + ": " + cmd.Help)
	}
	a.answer.Public = b.String()
	return nil
}
