package discord

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
)

// command is a slash command, or one of a message's menu, as we declare it (D:interactions/application-commands).
type command struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Type        int      `json:"type"`
	Options     []option `json:"options,omitempty"`
}

type option struct {
	Type        int      `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Complete    bool     `json:"autocomplete,omitempty"` // what can be given is asked for while somebody types
	Choices     []choice `json:"choices,omitempty"`
}

type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const (
	chatInput    = 1
	onMessage    = 3 // in the menu of a message
	stringOption = 3

	maxMenus       = 15 // of an application's commands on messages
	maxDescription = 100
	maxChoices     = 25 // of an option, in a select, and suggested at a time
	maxChoice      = 100
)

// commandsOf are the words of the table as Discord is told of them: each as a slash command, those that can be about a
// message in its menu as well. No option is required: what is missing is asked for in a form, where there is more room.
func commandsOf(words []bridge.Word) []command {
	var list []command
	menus := 0
	for _, w := range words {
		c := command{Name: slashName(w.Word), Description: describe(w.Help), Type: chatInput}
		for _, f := range w.Args {
			c.Options = append(c.Options, optionFor(f))
		}
		if !w.Anywhere {
			c.Options = append(c.Options, optionFor(bridge.Field{
				Name: bridge.ConversationField, Label: "which conversation, if not that of this thread", Kind: bridge.FieldSearch,
			}))
		}
		list = append(list, c)
		if w.OnMessage && menus < maxMenus {
			menus++
			list = append(list, command{Name: label(w.Word), Type: onMessage})
		}
	}
	return sorted(list)
}

func optionFor(f bridge.Field) option {
	o := option{Type: stringOption, Name: optionName(f.Name), Description: describe(f.Label)}
	if f.Kind == bridge.FieldChoice && len(f.Choices) > 0 && len(f.Choices) <= maxChoices {
		o.Choices = choices(f.Choices)
		return o
	}
	o.Complete = f.Kind == bridge.FieldChoice || f.Kind == bridge.FieldSearch
	return o
}

func choices(list []bridge.Choice) []choice {
	var shown []choice
	for _, c := range list {
		name := c.Label
		if c.Detail != "" {
			name += " · " + c.Detail
		}
		shown = append(shown, choice{Name: orText(clip(oneLine(name), maxChoice), "?"), Value: c.Value})
	}
	return shown
}

// slashName is what a word is called as a slash command, whose name has no space: /qr-add. Sub-commands would do, but a
// command that has any cannot be given itself.
func slashName(word string) string { return strings.ReplaceAll(word, " ", "-") }

// optionName is what a field is called as an option, where capital letters are refused.
func optionName(field string) string { return strings.ToLower(field) }

func describe(s string) string { return orText(clip(capital(oneLine(s)), maxDescription), "…") }

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// labels are what words are called on buttons and in the menus of messages, where it is not the word itself.
var labels = map[string]string{"qr": "Quick reply", "qr add": "Save as quick reply", "why": "Was it delivered?"}

func label(word string) string { return cmp.Or(labels[word], capital(word)) }

// wordOf is the word that a command declared by us stands for. A name that is none of ours stands for itself.
func (a *Adapter) wordOf(name string) bridge.Word {
	for _, w := range a.words {
		if slashName(w.Word) == name || label(w.Word) == name {
			return w
		}
	}
	return bridge.Word{Word: strings.ToLower(name)}
}

// word is the entry of the table; ok is false when it has none.
func (a *Adapter) word(name string) (w bridge.Word, ok bool) {
	i := slices.IndexFunc(a.words, func(w bridge.Word) bool { return w.Word == name })
	if i < 0 {
		return bridge.Word{Word: name}, false
	}
	return a.words[i], true
}

// declare tells the server our commands when it knows others: there is a limit on how many may be made in a day.
func (r *receiver) declare(application string) {
	if application == "" {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	path := r.commandsPath(application)
	var known []command
	ours := commandsOf(r.words)
	err := r.call(ctx, http.MethodGet, path, nil, &known)
	if err == nil && !reflect.DeepEqual(sorted(known), ours) {
		err = r.call(ctx, http.MethodPut, path, ours, nil)
	}
	if err != nil && r.ctx.Err() == nil {
		r.log.Warn("the slash commands could not be declared", "error", failure("overwrite commands", err))
	}
}

// sorted brings commands into the one form and order in which they can be compared.
func sorted(list []command) []command {
	for i := range list {
		if len(list[i].Options) == 0 {
			list[i].Options = nil
		}
		for j := range list[i].Options {
			if len(list[i].Options[j].Choices) == 0 {
				list[i].Options[j].Choices = nil
			}
		}
	}
	slices.SortFunc(list, func(x, y command) int { return strings.Compare(x.Name, y.Name) })
	return list
}

func (a *Adapter) commandsPath(application string) string {
	return "/applications/" + application + "/guilds/" + a.cfg.Guild + "/commands"
}
