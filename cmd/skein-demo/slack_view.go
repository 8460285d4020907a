package main

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// slackApp is what the app's manifest adds to the clients: what a slash lists, and the menu of a message.
type slackApp struct {
	commands []slashCommand
	menu     []button
}

// readSlackApp reads the manifest that an operator would give to Slack.
func readSlackApp() (app slackApp, err error) {
	raw, err := slack.Manifest(slack.Config{Name: slackEndpoint})
	if err != nil {
		return app, err
	}
	var manifest struct {
		Features struct {
			Shortcuts []struct {
				Name     string `yaml:"name"`
				Callback string `yaml:"callback_id"`
			} `yaml:"shortcuts"`
			Commands []struct {
				Command     string `yaml:"command"`
				Description string `yaml:"description"`
				Hint        string `yaml:"usage_hint"`
			} `yaml:"slash_commands"`
		} `yaml:"features"`
	}
	if err := yaml.Unmarshal(raw, &manifest); err != nil {
		return app, fmt.Errorf("read the manifest: %w", err)
	}
	for _, c := range manifest.Features.Commands {
		app.commands = append(app.commands, slashCommand{Name: c.Command, About: c.Description, Hint: c.Hint})
	}
	for _, s := range manifest.Features.Shortcuts {
		app.menu = append(app.menu, button{ID: s.Callback, Text: s.Name})
	}
	return app, nil
}

// views are the modals that people have open, the front one of each, and the app's home as far as they have opened it.
func (p *slackPlatform) views() (forms []form, homes []home) {
	p.server.Look(func(s slacktest.State) {
		for _, someone := range peopleIn("slack") {
			if v, open := s.Modal(slackID(someone.handle)); open {
				forms = append(forms, formOf(v, someone.handle))
			}
			if v, open := s.Home(slackID(someone.handle)); open {
				blocks := slackViewOf(v).Blocks
				homes = append(homes, home{ID: v.ID, Only: someone.handle, Blocks: blocks, Buttons: viewButtons(blocks)})
			}
		}
	})
	return forms, homes
}

// slackModal is what of a view a client shows (https://docs.slack.dev/reference/views/modal-views).
type slackModal struct {
	Title, Submit, Close label
	Blocks               json.RawMessage
}

func slackViewOf(v slacktest.View) (m slackModal) {
	_ = json.Unmarshal(v.Raw, &m) // the simulator has read it before
	return m
}

// slackInput is a block of a view: an input, or a text.
type slackInput struct {
	Type     string
	BlockID  string `json:"block_id"`
	Label    label
	Text     label
	Hint     label
	Optional bool
	Element  struct {
		Type        string
		ActionID    string `json:"action_id"`
		Multiline   bool
		Placeholder label
		Options     []slackOption
	}
}

type slackOption struct {
	Text        label
	Value       string
	Description label
}

func (o slackOption) shown() option {
	return option{Value: o.Value, Label: o.Text.Text, About: o.Description.Text}
}

// formOf is a view as the form that its person sees. Call it within Look: what is filled in changes.
func formOf(v slacktest.View, of string) form {
	m := slackViewOf(v)
	f := form{
		ID: v.ID, Only: of, Title: m.Title.Text, Submit: m.Submit.Text, Close: m.Close.Text, Blocks: m.Blocks, Buttons: viewButtons(m.Blocks),
	}
	var inputs []slackInput
	_ = json.Unmarshal(m.Blocks, &inputs) // the simulator has read them before
	for _, in := range inputs {
		switch {
		case in.Type == "input":
			f.Fields = append(f.Fields, in.field(v))
		case in.Text.Text != "":
			f.Texts = append(f.Texts, in.Text.Text)
		}
	}
	return f
}

func (in slackInput) field(v slacktest.View) field {
	f := field{
		Name: in.BlockID, Label: in.Label.Text, About: in.Hint.Text, Hint: in.Element.Placeholder.Text, Kind: fieldLine,
		Optional: in.Optional, Problem: v.Errors[in.BlockID],
	}
	state := v.Values[in.BlockID][in.Element.ActionID]
	var chosen slackOption
	raw, _ := json.Marshal(state["selected_option"]) // the simulator's own
	_ = json.Unmarshal(raw, &chosen)
	f.Value, _ = state["value"].(string)
	switch {
	case in.Element.Type == "external_select":
		f.Kind, f.Value = fieldSearch, chosen.Value
		if chosen.Value != "" {
			f.Options = []option{chosen.shown()}
		}
	case in.Element.Type != "plain_text_input":
		f.Kind, f.Value = fieldChoice, chosen.Value
		for _, o := range in.Element.Options {
			f.Options = append(f.Options, o.shown())
		}
	case in.Element.Multiline:
		f.Kind = fieldText
	}
	return f
}
