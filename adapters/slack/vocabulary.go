package slack

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// vocabulary are the words of the command table.
type vocabulary []bridge.Word

func (v vocabulary) have(word string) bool {
	return slices.ContainsFunc(v, func(w bridge.Word) bool { return w.Word == word })
}

// choose reports whether what follows a word is chosen from a list, as a person is, and not read by anybody.
func (v vocabulary) choose(word string) bool {
	i := slices.IndexFunc(v, func(w bridge.Word) bool { return w.Word == word })
	return i >= 0 && len(v[i].Args) > 0 && v[i].Args[0].Kind == bridge.FieldSearch
}

// maxShortcuts of a message fit an app (S:interactivity/implementing-shortcuts).
const maxShortcuts = 5

// usual are the words about one message that are wanted most, as they are called in its menu.
var usual = []struct{ word, name string }{
	{"recall", "Take back"},
	{"qr add", "Save as quick reply"},
	{"translate", "Translate"},
	{"why", "Why not delivered"},
}

// shortcuts are the words in the menu of a message.
func (v vocabulary) shortcuts() []manifestShortcut {
	list := []manifestShortcut{}
	add := func(w bridge.Word, name string) {
		id := actionPrefix + w.Word
		if len(list) == maxShortcuts || slices.ContainsFunc(list, func(s manifestShortcut) bool { return s.Callback == id }) {
			return
		}
		list = append(list, manifestShortcut{
			Name: clip(name, maxTitle), Type: "message", Callback: id, Description: clip(sentence(w.Help), maxPlaceholder),
		})
	}
	for _, u := range usual {
		if i := slices.IndexFunc(v, func(w bridge.Word) bool { return w.Word == u.word && w.OnMessage }); i >= 0 {
			add(v[i], u.name)
		}
	}
	for _, w := range v {
		if w.OnMessage {
			add(w, sentence(w.Word))
		}
	}
	return list
}

// commands are the slash commands: one for every word, and one each for those that are wanted most.
func (v vocabulary) commands() []manifestCommand {
	list := []manifestCommand{{
		Command: mainCommand, Description: "Any word of Skein's; help lists them", Hint: "[word] [what follows it]", Escape: true,
	}}
	for _, w := range v {
		if w.Word != "qr" && w.Word != "assign" {
			continue
		}
		hint := strings.TrimSpace(strings.TrimPrefix(w.Usage, "!"+w.Word))
		hint, _, _ = strings.Cut(hint, ", or ")
		list = append(list, manifestCommand{Command: "/" + w.Word, Description: sentence(w.Help), Hint: hint, Escape: true})
	}
	return list
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
