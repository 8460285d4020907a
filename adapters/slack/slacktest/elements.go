package slacktest

import "slices"

// Limits of https://docs.slack.dev/reference/block-kit/block-elements and its composition objects.
const (
	maxButtonText  = 75
	maxButtonValue = 2000
	maxOptions     = 100
	maxOptionValue = 150
	maxOverflow    = 5
	maxPlaceholder = 150
	maxInputText   = 3000
)

type option struct {
	Text        *textObject `json:"text"`
	Value       string      `json:"value"`
	Description *textObject `json:"description,omitempty"`
}

type element struct {
	Type          string      `json:"type"`
	ActionID      string      `json:"action_id"`
	Text          *textObject `json:"text"`
	Value         string      `json:"value"`
	Style         string      `json:"style"`
	Placeholder   *textObject `json:"placeholder"`
	Options       []option    `json:"options"`
	InitialOption *option     `json:"initial_option"`
	InitialValue  string      `json:"initial_value"`
	MaxLength     int         `json:"max_length"`
	MinQuery      *int        `json:"min_query_length"`
}

// check returns what is wrong with an element, or nothing.
func (e *element) check() string {
	switch {
	case len(e.ActionID) > maxID:
		return "action_id must be at most 255 characters"
	case e.Placeholder != nil && (e.Placeholder.Type != "plain_text" || !length(e.Placeholder.Text, 1, maxPlaceholder)):
		return "placeholder must be plain_text of 1 to 150 characters"
	}
	switch e.Type {
	case "button":
		return e.checkButton()
	case "plain_text_input":
		if !length(e.InitialValue, 0, maxInputText) || e.MaxLength > maxInputText {
			return "plain_text_input holds at most 3000 characters"
		}
		return ""
	case "external_select":
		return e.InitialOption.check()
	case "overflow":
		return e.checkOptions(maxOverflow)
	case "static_select", "multi_static_select", "radio_buttons", "checkboxes":
		return e.checkOptions(maxOptions)
	}
	return ""
}

func (e *element) checkButton() string {
	if e.Text == nil || e.Text.Type != "plain_text" || !length(e.Text.Text, 1, maxButtonText) || len(e.Value) > maxButtonValue {
		return "button needs plain_text of 1 to 75 characters and a value of at most 2000"
	}
	if !slices.Contains([]string{"", "primary", "danger"}, e.Style) {
		return "style must be primary or danger"
	}
	return ""
}

func (e *element) checkOptions(most int) string {
	if n := len(e.Options); n > most || n == 0 {
		return "wrong number of options"
	}
	for _, o := range e.Options {
		if complaint := o.check(); complaint != "" {
			return complaint
		}
	}
	if e.InitialOption != nil && !slices.ContainsFunc(e.Options, func(o option) bool { return o.Value == e.InitialOption.Value }) {
		return "initial_option must be one of the options"
	}
	return ""
}

// check returns what is wrong with an option; nothing is wrong with none.
func (o *option) check() string {
	switch {
	case o == nil:
		return ""
	case o.Text == nil || !length(o.Text.Text, 1, maxButtonText) || len(o.Value) == 0 || len(o.Value) > maxOptionValue:
		return "option needs text of 1 to 75 characters and a value of 1 to 150"
	case o.Description != nil && !length(o.Description.Text, 1, maxButtonText):
		return "an option's description must be of 1 to 75 characters"
	}
	return ""
}
