package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// form is a modal that one person has open.
type form struct {
	ID      string          `json:"id"`
	Only    string          `json:"only"` // the person's id
	Title   string          `json:"title"`
	Texts   []string        `json:"texts,omitempty"`  // what it says besides its fields
	Blocks  json.RawMessage `json:"blocks,omitempty"` // in the platform's own form
	Fields  []field         `json:"fields,omitempty"`
	Buttons []button        `json:"buttons,omitempty"` // within it
	Submit  string          `json:"submit,omitempty"`  // the label of the button that sends it; empty: there is none
	Close   string          `json:"close,omitempty"`   // and of the one that does not
}

// Kinds of fields.
const (
	fieldLine   = "line"
	fieldText   = "text"   // of several lines
	fieldChoice = "choice" // one of its options
	fieldSearch = "search" // one of those that the app suggests while somebody types
)

// field is what can be filled in: of a form, or an option of a slash command.
type field struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	About    string   `json:"about,omitempty"`
	Hint     string   `json:"hint,omitempty"`
	Kind     string   `json:"kind"`
	Value    string   `json:"value,omitempty"`
	Options  []option `json:"options,omitempty"`
	Optional bool     `json:"optional,omitempty"`
	Problem  string   `json:"problem,omitempty"` // what the app had against what was filled in
}

// option is one of several that a person chooses by its label.
type option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	About string `json:"about,omitempty"`
}

// slashCommand is one of those that a slash in an empty field lists.
type slashCommand struct {
	Name   string  `json:"name"` // with its slash
	About  string  `json:"about,omitempty"`
	Hint   string  `json:"hint,omitempty"` // what follows it, where it has no options
	Fields []field `json:"fields,omitempty"`
}

var (
	errNoForm     = refuse(http.StatusNotFound, "no_form", "This person has no form open.")
	errBadFields  = refuse(http.StatusUnprocessableEntity, "bad_fields", `Give the fields in value as one JSON object of texts by their names, such as {"agent": "Chloe Martin"}.`)
	errNoSuchList = refuse(http.StatusUnprocessableEntity, "no_suggestions", "Nothing is suggested for this field.")
)

// fills reports whether the act gives the fields of a form.
func (a act) fills() bool { return strings.HasPrefix(strings.TrimSpace(a.Value), "{") }

// fields are what the act fills in, by name.
func (a act) fields() (map[string]string, error) {
	filled := map[string]string{}
	if strings.TrimSpace(a.Value) == "" {
		return filled, nil
	}
	if err := json.Unmarshal([]byte(a.Value), &filled); err != nil {
		return nil, errBadFields
	}
	return filled, nil
}

func (f form) field(name string) (field, error) {
	var names []string
	for _, known := range f.Fields {
		if known.Name == name || strings.EqualFold(known.Label, name) {
			return known, nil
		}
		names = append(names, known.Name)
	}
	return field{}, refuse(http.StatusUnprocessableEntity, "field_not_found", "The form has no field "+name+". It has: "+strings.Join(names, ", ")+".")
}

// choose finds the option that somebody names by its value or its label; details that follow may be left out.
func choose(options []option, named string) (value string, ok bool) {
	for _, o := range options {
		label, _, _ := strings.Cut(o.Label, " · ")
		if o.Value == named || strings.EqualFold(o.Label, named) || strings.EqualFold(label, named) {
			return o.Value, true
		}
	}
	return "", false
}

func notOffered(f field, value string) error {
	return refuse(http.StatusUnprocessableEntity, "not_offered", f.Label+" does not offer "+value+".")
}
