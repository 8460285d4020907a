package website

import (
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Field is something that a visitor is asked for before they write.
type Field struct {
	Name     string       // name, email, phone, or the name of an attribute
	Type     string       // text, email, tel, select or textarea
	Label    bridge.Texts // empty: the widget's own word for it, or the name
	Required bool
	Options  []string // what a select offers
}

// ask is a Field as one visitor is asked.
type ask struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Label    string   `json:"label,omitempty"`
	Required bool     `json:"required,omitempty"`
	Options  []string `json:"options,omitempty"`
}

// questions are what of the fields is not known of the visitor yet.
func questions(fields []Field, v bridge.Visitor, locale string) (asks []ask) {
	p := v.Profile.With(v.Edited)
	known := map[string]string{"name": p.Name, "email": p.Email, "phone": p.Phone}
	for _, f := range fields {
		if known[f.Name] == "" && p.Attributes[f.Name] == "" {
			asks = append(asks, ask{f.Name, f.Type, f.Label.In(locale), f.Required, f.Options})
		}
	}
	return asks
}

// withAddress are the fields and, before them, what it takes to answer somebody who will have gone.
func withAddress(fields []Field) []Field {
	out := []Field{{Name: "name", Type: "text"}, {Name: "email", Type: "email", Required: true}}
	for _, f := range fields {
		i := slices.IndexFunc(out, func(o Field) bool { return o.Name == f.Name })
		if i < 0 {
			out = append(out, f)
			continue
		}
		out[i].Label, out[i].Required = f.Label, out[i].Required || f.Required
	}
	return out
}
