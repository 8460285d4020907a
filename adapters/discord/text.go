package discord

import (
	"strings"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// body reads what a message says. What is no text, such as a sticker, is named.
func body(m *message) rich.Doc {
	known := names{}
	for _, l := range m.Mentions.V {
		if u := l.V; u.ID != "" {
			known[string(u.ID)] = shownName(u.user, u.Member.V)
		}
	}
	doc := markdown.Read(string(m.Content), known)
	add := func(words string) {
		if words = oneLine(words); words != "" {
			doc = append(doc, rich.Node{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: words}}})
		}
	}
	for _, s := range m.Snapshots.V { // a message that somebody forwarded
		if quote := markdown.Read(string(s.V.Message.V.Content), known); len(quote) > 0 {
			doc = append(doc, rich.Node{Kind: rich.Quote, Children: quote})
		}
	}
	for _, s := range m.Stickers.V {
		add("(sticker: " + orText(string(s.V.Name), "?") + ")")
	}
	if p := m.Poll.V; p.Question.Text != "" {
		answers := []string{}
		for _, answer := range p.Answers.V {
			answers = append(answers, string(answer.V.Media.Text))
		}
		add("(poll: " + string(p.Question.Text) + " " + strings.Join(answers, " / ") + ")")
	}
	if doc = rich.Normal(doc); len(doc) == 0 && len(attachments(m)) == 0 && (len(m.Components.V) > 0 || len(m.Embeds.V) > 0) {
		add("(something that can be seen only in Discord)")
	}
	return rich.Normal(doc)
}

// names are what the reader of markdown asks; a message brings along the names of those it mentions.
type names map[string]string

var _ markdown.Names = names(nil)

func (n names) User(id string) string { return n[id] }

const cdn = "https://cdn.discordapp.com"

// person is the author of a message or of a press, as the server knows them.
func person(guild string, u user, m member) bridge.Person {
	p := bridge.Person{ID: string(u.ID), Name: shownName(u, m), Bot: u.Bot.V}
	switch {
	case m.Avatar != "":
		p.Avatar = cdn + "/guilds/" + guild + "/users/" + string(u.ID) + "/avatars/" + string(m.Avatar) + ".png"
	case u.Avatar != "":
		p.Avatar = cdn + "/avatars/" + string(u.ID) + "/" + string(u.Avatar) + ".png"
	}
	return p
}

func shownName(u user, m member) string {
	for _, name := range []text{m.Nick, u.Global, u.Username} {
		if name != "" {
			return string(name)
		}
	}
	return unknownAgent
}
