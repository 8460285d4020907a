package slack

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// slashCommand is a slash command, in both modes (S:interactivity/implementing-slash-commands). It has no thread: Slack
// allows none of them there.
type slashCommand struct {
	Command text `json:"command"`
	Text    text `json:"text"`
	User    text `json:"user_id"`
	Channel text `json:"channel_id"`
	Trigger text `json:"trigger_id"`
	Respond text `json:"response_url"`
}

func slashFromJSON(raw json.RawMessage) (c slashCommand) {
	_ = json.Unmarshal(raw, &c) // what is not there is empty
	return c
}

func slashFromForm(body []byte) (c slashCommand) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return c
	}
	field := func(name string) text { return text(form.Get(name)) }
	return slashCommand{
		Command: field("command"), Text: field("text"), User: field("user_id"), Channel: field("channel_id"),
		Trigger: field("trigger_id"), Respond: field("response_url"),
	}
}

// mainCommand takes any word of the vocabulary after itself. A command that is named like a word is that word.
const mainCommand = "/skein"

// asks is the word that a command asks for and what follows it. A command of another name, as an operator may choose, is
// the main one.
func (c slashCommand) asks(words vocabulary) (word, rest string) {
	typed := strings.TrimSpace(string(c.Text))
	word = strings.ToLower(strings.TrimPrefix(string(c.Command), "/"))
	if !words.have(word) {
		word, typed, _ = strings.Cut(typed, " ")
		word = orText(strings.ToLower(strings.TrimPrefix(word, "!")), "help")
	}
	return word, strings.TrimSpace(unescaped(typed, words.choose(word)))
}

var (
	escapedPerson = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|([^<>]*))?>`)
	escapedOther  = regexp.MustCompile(`<([#!]?)([^<>|]+)(?:\|([^<>]*))?>`)
	entities      = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// unescaped is what was typed after a command with should_escape on. A mentioned person becomes their id, which no two
// have in common as they may a name, or is written as they are called; so are channels and links.
func unescaped(s string, ids bool) string {
	s = escapedPerson.ReplaceAllStringFunc(s, func(token string) string {
		parts := escapedPerson.FindStringSubmatch(token)
		if ids || parts[2] == "" {
			return parts[1]
		}
		return "@" + parts[2]
	})
	s = escapedOther.ReplaceAllStringFunc(s, func(token string) string {
		parts := escapedOther.FindStringSubmatch(token)
		if parts[1] == "" && strings.HasPrefix(parts[2], "http") {
			return parts[2] // where it leads
		}
		return strings.Replace(parts[1], "!", "@", 1) + orText(parts[3], parts[2])
	})
	return entities.Replace(s)
}

// slash carries out a slash command, which has been acknowledged. It does not block.
func (r *receiver) slash(c slashCommand) {
	if c.User == "" || c.Trigger == "" {
		return
	}
	word, rest := c.asks(r.words)
	e := errand{Word: word, Rest: rest, Channel: string(c.Channel), Respond: string(c.Respond)}
	call := e.call(string(c.User))
	call.Key = "command/" + string(c.Trigger)
	r.dispatch.Beside(func() {
		ctx, cancel := context.WithTimeout(r.ctx, commandTime)
		defer cancel()
		answer := r.carryOut(ctx, call)
		if answer.Form == nil && answer.Public == "" {
			answer.Public = doneWords
		}
		r.reply(ctx, &interaction{Trigger: c.Trigger, User: lenient[person]{V: person{ID: c.User}}}, e, answer)
	})
}
