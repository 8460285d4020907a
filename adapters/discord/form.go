package discord

import (
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// modal is a form as Discord shows it (D:components/reference#label). Fields are labels with what is filled in inside.
type modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []modalPart `json:"components"`
}

type modalPart struct {
	Type        int         `json:"type"`
	Content     string      `json:"content,omitempty"` // of a text
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	Component   *modalInput `json:"component,omitempty"`
}

type modalInput struct {
	Type        int            `json:"type"`
	CustomID    string         `json:"custom_id"`
	Required    bool           `json:"required"`
	Placeholder string         `json:"placeholder,omitempty"`
	Style       int            `json:"style,omitempty"` // of a text: 1 of one line, 2 of several
	Value       string         `json:"value,omitempty"`
	MaxLength   int            `json:"max_length,omitempty"`
	Options     []selectOption `json:"options,omitempty"`
}

type selectOption struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

// Kinds of components in a form, and their limits.
const (
	selectKind  = 3
	inputKind   = 4
	textKind    = 10
	labelKind   = 18
	oneLineText = 1
	manyLines   = 2

	maxTitle       = 45
	maxFieldLabel  = 45
	maxPlaceholder = 100
	maxLine        = 1000
	maxInput       = 4000
	maxModalParts  = 5
)

// modalOf is a form as a modal; ok is false when Discord cannot show it.
func (a *Adapter) modalOf(f *bridge.Form, h handle) (m modal, ok bool) {
	h.word, h.rest = f.Word, f.Rest
	m = modal{CustomID: h.String(), Title: orText(clip(oneLine(f.Title), maxTitle), "Skein")}
	intro := clip(rich.Clean(f.Intro), maxInput)
	if intro != "" && len(f.Fields) < maxModalParts {
		m.Components = append(m.Components, modalPart{Type: textKind, Content: literal(intro)})
		intro = ""
	}
	for _, field := range f.Fields {
		part := a.modalField(f.Word, field)
		if part.Description == "" {
			part.Description, intro = clip(oneLine(intro), maxDescription), ""
		}
		m.Components = append(m.Components, part)
	}
	return m, m.CustomID != "" && len(f.Fields) > 0 && len(m.Components) <= maxModalParts
}

func (a *Adapter) modalField(word string, f bridge.Field) modalPart {
	input := &modalInput{Type: inputKind, CustomID: f.Name, Required: !f.Optional, Placeholder: clip(oneLine(f.Hint), maxPlaceholder)}
	part := modalPart{Type: labelKind, Label: orText(clip(oneLine(f.Label), maxFieldLabel), f.Name), Component: input}
	chosen := f.Kind == bridge.FieldChoice || f.Kind == bridge.FieldSearch
	if input.Options = selectOptions(f); chosen && len(input.Options) > 0 {
		input.Type = selectKind
		if len(f.Choices) >= maxChoices && a.hasOption(word, f.Name) {
			part.Description = "There are more: /" + slashName(word) + " finds them while you type."
		}
		return part
	}
	input.Options = nil
	input.Style, input.MaxLength = oneLineText, maxLine
	if f.Kind == bridge.FieldText {
		input.Style, input.MaxLength = manyLines, maxInput
	}
	input.Value = clip(f.Value, input.MaxLength)
	return part
}

func (a *Adapter) hasOption(word, field string) bool {
	w, _ := a.word(word)
	for _, f := range w.Args {
		if f.Name == field {
			return true
		}
	}
	return field == bridge.ConversationField
}

// selectOptions are the choices of a field, the one that is chosen to begin with among them. Discord refuses the same
// twice, and nothing at all: to choose none is to leave the field.
func selectOptions(f bridge.Field) (options []selectOption) {
	seen := map[string]bool{"": true}
	add := func(c bridge.Choice) {
		if seen[c.Value] || len(options) >= maxChoices {
			return
		}
		seen[c.Value] = true
		options = append(options, selectOption{
			Label: orText(clip(oneLine(c.Label), maxChoice), c.Value), Value: c.Value,
			Description: clip(oneLine(c.Detail), maxDescription), Default: c.Value == f.Value,
		})
	}
	for i, c := range f.Choices {
		if i >= maxChoices && c.Value == f.Value { // there was no room for it any more
			options = options[:maxChoices-1]
			add(c)
		} else {
			add(c)
		}
	}
	return options
}

// submitted is a form that came back, or a part of one.
type submitted struct {
	Type       lenient[int]        `json:"type"`
	CustomID   text                `json:"custom_id"`
	Value      text                `json:"value"`
	Values     list[text]          `json:"values"`
	Component  lenient[*submitted] `json:"component"`
	Components list[*submitted]    `json:"components"`
}

// fill takes in what was filled in; written lists what was typed, which must not be lost.
func (s *submitted) fill(fields map[string]string) (written []string) {
	if s == nil {
		return nil
	}
	switch {
	case s.CustomID == "":
	case s.Type.V == inputKind:
		fields[string(s.CustomID)] = string(s.Value)
		if strings.TrimSpace(string(s.Value)) != "" {
			written = append(written, string(s.Value))
		}
	default:
		var values []string
		for _, v := range s.Values.V {
			values = append(values, string(v.V))
		}
		fields[string(s.CustomID)] = strings.Join(values, ",")
	}
	written = append(written, s.Component.V.fill(fields)...)
	for _, c := range s.Components.V {
		written = append(written, c.V.fill(fields)...)
	}
	return written
}

// inOneGo says how what a form asks for can be given with the slash command, where it can.
func (a *Adapter) inOneGo(f *bridge.Form) (how string, ok bool) {
	how = "/" + slashName(f.Word)
	for _, field := range f.Fields {
		how += " " + optionName(field.Name) + ":…"
		if !a.hasOption(f.Word, field.Name) {
			return "", false
		}
	}
	return how, f.Rest == ""
}
