package discordtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Component types (https://docs.discord.com/developers/components/reference).
const (
	componentRow          = 1
	componentButton       = 2
	componentStringSelect = 3
	componentTextInput    = 4
	componentUserSelect   = 5
	componentText         = 10
	componentLabel        = 18
)

// componentReader reads the components of a message or modal: nulls left out, ids given, limits kept.
type componentReader struct {
	modern bool // the message is made of components alone
	modal  bool
	count  int
	ids    map[string]bool
}

// readComponents reads a message's components. modern is the flag IS_COMPONENTS_V2.
func readComponents(raw json.RawMessage, modern bool) ([]any, error) {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return nil, invalid("components", "MODEL_TYPE_CONVERT", "Could not interpret the components.")
	}
	r := componentReader{modern: modern, ids: map[string]bool{}}
	if !modern && len(list) > 5 {
		return nil, badLength("components", 1, 5)
	}
	out, err := r.list("components", list)
	if err == nil && modern && r.count > 40 {
		err = badLength("components", 1, 40)
	}
	return out, err
}

func (r *componentReader) list(at string, list []any) ([]any, error) {
	out := []any{}
	for i, item := range list {
		one, err := r.component(fmt.Sprintf("%s.%d", at, i), item)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (r *componentReader) component(at string, item any) (map[string]any, error) {
	in, ok := item.(map[string]any)
	if !ok {
		return nil, invalid(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
	}
	r.count++
	kind, _ := in["type"].(float64)
	out := map[string]any{"id": r.count}
	for k, v := range in {
		if v != nil && k != "id" {
			out[k] = v
		}
	}
	if !r.modern && !r.modal && kind > 8 {
		return nil, invalid(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1, 2, 3, 5, 6, 7, 8).")
	}
	if err := r.rules(at, int(kind), out); err != nil {
		return nil, err
	}
	for _, field := range []string{"components"} {
		if children, ok := out[field].([]any); ok {
			read, err := r.list(at+"."+field, children)
			if err != nil {
				return nil, err
			}
			out[field] = read
		}
	}
	for _, field := range []string{"accessory", "component"} {
		if child, ok := out[field]; ok {
			read, err := r.component(at+"."+field, child)
			if err != nil {
				return nil, err
			}
			out[field] = read
		}
	}
	return out, nil
}

// rules are those of one component.
func (r *componentReader) rules(at string, kind int, c map[string]any) error {
	if kind == componentRow {
		children, _ := c["components"].([]any)
		if len(children) == 0 || len(children) > 5 {
			return badLength(at+".components", 1, 5)
		}
	}
	if kind == componentButton {
		if err := r.button(at, c); err != nil {
			return err
		}
	}
	if kind == componentStringSelect {
		if err := checkOptions(at, c); err != nil {
			return err
		}
	}
	if r.modal {
		if err := r.modalRules(at, kind, c); err != nil {
			return err
		}
	}
	if kind == componentStringSelect || kind >= componentUserSelect && kind <= 8 {
		for _, field := range []string{"min_values", "max_values"} {
			if c[field] == nil {
				c[field] = 1
			}
		}
	}
	if kind == componentTextInput && !r.modal {
		return invalid(at+".type", "UNION_TYPE_CHOICES", "Text inputs are for modals.")
	}
	id, given := c["custom_id"].(string)
	switch {
	case !given && (kind == componentStringSelect || kind == componentTextInput || kind >= componentUserSelect && kind <= 8):
		return invalid(at+".custom_id", "BASE_TYPE_REQUIRED", "This field is required")
	case given && (id == "" || utf8.RuneCountInString(id) > 100):
		return badLength(at+".custom_id", 1, 100)
	case given && r.ids[id]:
		return invalid(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	case given:
		r.ids[id] = true
	}
	return nil
}

func (r *componentReader) button(at string, c map[string]any) error {
	style, _ := c["style"].(float64)
	label, _ := c["label"].(string)
	_, hasID := c["custom_id"]
	_, hasURL := c["url"]
	switch {
	case utf8.RuneCountInString(label) > 80:
		return tooLong(at+".label", 80)
	case label == "" && c["emoji"] == nil && style != 6:
		return invalid(at, "BUTTON_COMPONENT_MISSING_LABEL", "A label or an emoji is required")
	case style == 5 && (!hasURL || hasID):
		return invalid(at, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL_MUTUALLY_EXCLUSIVE", "A link has an url and no custom id")
	case style >= 1 && style <= 4 && (!hasID || hasURL):
		return invalid(at, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
	}
	return nil
}

// checkOptions checks what a select offers: each value once.
func checkOptions(at string, c map[string]any) error {
	options, _ := c["options"].([]any)
	if len(options) == 0 || len(options) > 25 {
		return badLength(at+".options", 1, 25)
	}
	seen := map[any]bool{}
	for i, item := range options {
		option, _ := item.(map[string]any)
		place := fmt.Sprintf("%s.options.%d", at, i)
		for _, field := range []string{"label", "value"} {
			text, _ := option[field].(string)
			if n := utf8.RuneCountInString(text); n < 1 || n > 100 {
				return badLength(place+"."+field, 1, 100)
			}
		}
		if about, _ := option["description"].(string); utf8.RuneCountInString(about) > 100 {
			return tooLong(place+".description", 100)
		}
		if seen[option["value"]] {
			return invalid(place+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		seen[option["value"]] = true
	}
	return nil
}

// modalRules are those of one component of a modal (https://docs.discord.com/developers/components/reference#label).
// Rows of text inputs are what labels have superseded; both are taken, but a row holds nothing else.
func (r *componentReader) modalRules(at string, kind int, c map[string]any) error {
	wrong := invalid(at+".type", "UNION_TYPE_CHOICES", "This component is not for this place in a modal.")
	top := strings.Count(at, ".") == 2 // data.components.N
	switch {
	case top && kind != componentRow && kind != componentText && kind != componentLabel:
		return wrong
	case !top && kind != componentTextInput && strings.HasSuffix(at, ".components.0"), !top && kind == componentLabel:
		return wrong
	case kind == componentRow && len(c["components"].([]any)) != 1:
		return badLength(at+".components", 1, 1)
	case kind == componentLabel:
		name, _ := c["label"].(string)
		about, _ := c["description"].(string)
		if n := utf8.RuneCountInString(name); n < 1 || n > 45 {
			return badLength(at+".label", 1, 45)
		}
		if utf8.RuneCountInString(about) > 100 {
			return tooLong(at+".description", 100)
		}
		if child, ok := c["component"].(map[string]any); !ok || child["type"] == nil {
			return invalid(at+".component", "BASE_TYPE_REQUIRED", "This field is required")
		}
	case kind == componentTextInput:
		return checkInput(at, c)
	}
	return nil
}

func checkInput(at string, c map[string]any) error {
	longest := 4000.0
	if most, given := c["max_length"].(float64); given {
		longest = most
	}
	value, _ := c["value"].(string)
	hint, _ := c["placeholder"].(string)
	style, _ := c["style"].(float64)
	switch {
	case style != 1 && style != 2:
		return invalid(at+".style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
	case longest < 1 || longest > 4000:
		return invalid(at+".max_length", "NUMBER_TYPE_MAX", "int value should be between 1 and 4000.")
	case utf8.RuneCountInString(value) > int(longest):
		return tooLong(at+".value", int(longest))
	case utf8.RuneCountInString(hint) > 100:
		return tooLong(at+".placeholder", 100)
	}
	return nil
}

// findComponent looks an interactive component up by its custom id.
func findComponent(list []any, customID string) map[string]any {
	for _, item := range list {
		c, _ := item.(map[string]any)
		if c["custom_id"] == customID {
			return c
		}
		children, _ := c["components"].([]any)
		for _, field := range []string{"accessory", "component"} {
			if child := c[field]; child != nil {
				children = append(children[:len(children):len(children)], child)
			}
		}
		if found := findComponent(children, customID); found != nil {
			return found
		}
	}
	return nil
}
