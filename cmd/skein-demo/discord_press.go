package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// connected waits until the app listens: nobody else answers presses and commands.
func (p *discordPlatform) connected(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if p.server.AwaitReady(ctx) != nil {
		return errNoAnswer
	}
	return nil
}

// press uses the button or menu that Value names by id or label: of a message, else of the message's menu. Fields as the
// value fill in the form that is open and send it, as does its button.
func (p *discordPlatform) press(ctx context.Context, a act) error {
	if err := p.connected(ctx); err != nil {
		return err
	}
	if a.fills() {
		return p.submit(ctx, a)
	}
	if f, open := p.forms.of(a.As); open && (a.Target == "" || a.Target == f.ID) {
		switch {
		case strings.EqualFold(a.Value, discordSubmit):
			a.Value = ""
			return p.submit(ctx, a)
		case strings.EqualFold(a.Value, discordCancel):
			return p.dismiss(a)
		}
	}
	var offered []button
	p.server.Look(func(s discordtest.State) {
		if m, ok := s.Message(a.Target); ok {
			offered = discordButtons(m.Components)
		}
		for _, m := range s.Ephemerals() {
			if m.ID == a.Target && m.For == a.As {
				offered = discordButtons(m.Components)
			}
		}
	})
	found, err := a.button(offered)
	var i *discordtest.Interaction
	if err == nil {
		var values []string
		if a.Text != "" {
			values = []string{a.Text}
		}
		i, err = p.server.Press(a.As, a.Target, found.ID, values...)
	} else if listed, listErr := a.button(p.menu()); listErr == nil {
		i, err = p.server.UseMessageCommand(a.As, a.Target, listed.ID)
	}
	if err != nil {
		return err
	}
	return p.answered(ctx, a.As, i)
}

// answered waits until the app has answered, as Discord's client does, and keeps the form that it may have answered with.
func (p *discordPlatform) answered(ctx context.Context, user string, i *discordtest.Interaction) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := i.Await(ctx); err != nil {
		return errNoAnswer
	}
	if _, ok := i.Form(); ok {
		p.forms.open(user, i)
	}
	return nil
}

// commands are those that a slash lists.
func (p *discordPlatform) commands() (list []slashCommand) {
	for _, d := range p.server.Declared(discordtest.SlashCommand) {
		c := slashCommand{Name: "/" + d.Name, About: d.About}
		for _, o := range d.Options {
			f := field{Name: o.Name, Label: o.Name, About: o.About, Kind: fieldLine, Optional: !o.Required, Options: shownOptions(o.Choices)}
			switch {
			case o.Suggests:
				f.Kind = fieldSearch
			case len(o.Choices) > 0:
				f.Kind = fieldChoice
			}
			c.Fields = append(c.Fields, f)
		}
		list = append(list, c)
	}
	return list
}

// menu is that of a message.
func (p *discordPlatform) menu() (list []button) {
	for _, d := range p.server.Declared(discordtest.MessageCommand) {
		list = append(list, button{ID: d.Name, Text: d.Name})
	}
	return list
}

func shownOptions(choices []discordtest.Choice) (list []option) {
	for _, c := range choices {
		list = append(list, option{Value: c.Value, Label: c.Label, About: c.About})
	}
	return list
}

// typed is the slash command of an act with its options: those in Value, or else what follows the command, which is its
// first option unless it says of which it is, as in "/assign agent: chloe".
func (p *discordPlatform) typed(a act) (c slashCommand, options map[string]string, err error) {
	word, rest, err := a.command()
	if err != nil {
		return c, nil, err
	}
	all := p.commands()
	find := func(name string) bool {
		i := slices.IndexFunc(all, func(c slashCommand) bool { return c.Name == name })
		if i >= 0 {
			c = all[i]
		}
		return i >= 0
	}
	second, after, _ := strings.Cut(rest, " ")
	switch {
	case find(word + "-" + second): // "/qr add" is declared as qr-add
		rest = strings.TrimSpace(after)
	case !find(word):
		return c, nil, errors.New("10063")
	}
	if a.fills() {
		options, err = a.fields()
		return c, options, err
	}
	return c, c.options(rest), nil
}

// options reads what follows a command.
func (c slashCommand) options(rest string) map[string]string {
	options := map[string]string{}
	if len(c.Fields) == 0 || rest == "" {
		return options
	}
	at := c.Fields[0].Name
	for _, word := range strings.Fields(rest) {
		if name, first, named := strings.Cut(word, ":"); named && slices.ContainsFunc(c.Fields, func(f field) bool { return f.Name == name }) {
			at, word = name, first
		}
		options[at] = strings.TrimSpace(options[at] + " " + word)
	}
	return options
}

// command runs a slash command; its id is that of the interaction. What is one of an option's suggestions by its label
// stands for it, as if it had been chosen.
func (p *discordPlatform) command(ctx context.Context, a act) (string, error) {
	if err := p.connected(ctx); err != nil {
		return "", err
	}
	c, named, err := p.typed(a)
	if err != nil {
		return "", err
	}
	options := map[string]any{}
	for name, value := range named {
		options[name] = value
	}
	for _, f := range c.Fields {
		value, given := named[f.Name]
		if !given || f.Kind == fieldLine {
			continue
		}
		offered := f.Options
		if f.Kind == fieldSearch {
			if offered, err = p.complete(ctx, a, c, named, f.Name); err != nil {
				return "", err
			}
		}
		if chosen, ok := choose(offered, value); ok {
			options[f.Name] = chosen
		}
	}
	i, err := p.server.Command(a.As, a.Place, c.Name[1:], options)
	if err != nil {
		return "", err
	}
	return i.ID, p.answered(ctx, a.As, i)
}

// suggest asks for suggestions for the option that is being typed.
func (p *discordPlatform) suggest(ctx context.Context, a act) ([]option, error) {
	if err := p.connected(ctx); err != nil {
		return nil, err
	}
	typing := a.Value
	a.Value = ""
	c, named, err := p.typed(a)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.Fields, func(f field) bool { return f.Name == typing && f.Kind == fieldSearch })
	if i < 0 {
		return nil, errNoSuchList
	}
	return p.complete(ctx, a, c, named, typing)
}

func (p *discordPlatform) complete(ctx context.Context, a act, c slashCommand, named map[string]string, typing string) ([]option, error) {
	options := map[string]any{typing: ""}
	for name, value := range named {
		options[name] = value
	}
	i, err := p.server.Autocomplete(a.As, a.Place, c.Name[1:], options, typing)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := i.Await(ctx); err != nil {
		return nil, errNoAnswer
	}
	return shownOptions(i.Suggestions()), nil
}
