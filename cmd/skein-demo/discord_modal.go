package main

import (
	"context"
	"sync"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// discordForms are the forms that people have open: Discord's client alone knows of them. Safe for concurrent use.
type discordForms struct {
	mu     sync.Mutex
	byUser map[string]*discordtest.Interaction // which the app has answered with the form
}

// The buttons of every form in Discord.
const (
	discordSubmit = "Submit"
	discordCancel = "Cancel"
)

func (f *discordForms) open(user string, i *discordtest.Interaction) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byUser == nil {
		f.byUser = map[string]*discordtest.Interaction{}
	}
	f.byUser[user] = i
}

func (f *discordForms) of(user string) (*discordtest.Interaction, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, open := f.byUser[user]
	return i, open
}

// close closes the form, unless it is another one by now.
func (f *discordForms) close(user string, i *discordtest.Interaction) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byUser[user] == i {
		delete(f.byUser, user)
	}
}

// shown are the open forms as people see them.
func (f *discordForms) shown(v discordView) (list []form) {
	for _, s := range peopleIn("discord") {
		if i, open := f.of(discordIDs[s.handle]); open {
			list = append(list, discordFormOf(i, s.handle, v.plain))
		}
	}
	return list
}

func discordFormOf(i *discordtest.Interaction, of string, plain func(string) string) form {
	modal, _ := i.Form()
	f := form{ID: i.ID, Only: of, Title: modal.Title, Submit: discordSubmit, Close: discordCancel}
	for _, text := range modal.Texts {
		f.Texts = append(f.Texts, plain(text))
	}
	for _, in := range modal.Inputs {
		one := field{
			Name: in.Name, Label: in.Label, About: in.About, Hint: in.Hint, Kind: fieldLine, Value: in.Value,
			Options: shownOptions(in.Choices), Optional: !in.Required,
		}
		switch {
		case in.Choices != nil:
			one.Kind = fieldChoice
		case in.Long:
			one.Kind = fieldText
		}
		f.Fields = append(f.Fields, one)
	}
	return f
}

// submit fills in the form that the person has open and sends it; what is not named stays. The form stays open when the
// app does not answer.
func (p *discordPlatform) submit(ctx context.Context, a act) error {
	filled, err := a.fields()
	if err != nil {
		return err
	}
	shown, open := p.forms.of(a.As)
	if !open || a.Target != "" && a.Target != shown.ID {
		return errNoForm
	}
	f := discordFormOf(shown, "", func(text string) string { return text })
	values := map[string]string{}
	for name, value := range filled {
		in, err := f.field(name)
		if err != nil {
			return err
		}
		if chosen, ok := choose(in.Options, value); ok {
			value = chosen
		} else if in.Kind == fieldChoice && value != "" {
			return notOffered(in, value)
		}
		values[in.Name] = value
	}
	i, err := p.server.SubmitModal(a.As, shown, values)
	if err != nil {
		return err
	}
	if err := p.answered(ctx, a.As, i); err != nil {
		return err
	}
	p.forms.close(a.As, shown)
	return nil
}

// dismiss closes the form, or puts away a message that only this person sees.
func (p *discordPlatform) dismiss(a act) error {
	shown, open := p.forms.of(a.As)
	switch {
	case open && (a.Target == "" || a.Target == shown.ID):
		p.forms.close(a.As, shown)
	case a.Target == "":
		return errNoForm
	default:
		p.screen.dismiss(a.Target)
	}
	return nil
}
