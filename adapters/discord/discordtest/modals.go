package discordtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// modal is a form that the application shows a person.
type modal struct {
	CustomID   string `json:"custom_id"`
	Title      string `json:"title"`
	Components []any  `json:"components"`
}

func checkModal(raw json.RawMessage) error {
	var m modal
	if json.Unmarshal(raw, &m) != nil {
		return invalid("data", "MODEL_TYPE_CONVERT", "Could not interpret the modal.")
	}
	switch n := utf8.RuneCountInString(m.Title); {
	case n < 1 || n > 45:
		return badLength("data.title", 1, 45)
	case m.CustomID == "" || utf8.RuneCountInString(m.CustomID) > 100:
		return badLength("data.custom_id", 1, 100)
	case len(m.Components) < 1 || len(m.Components) > 5:
		return badLength("data.components", 1, 5)
	}
	r := componentReader{modal: true, modern: true, ids: map[string]bool{}}
	_, err := r.list("data.components", m.Components)
	return err
}

// Form is a modal as the person sees it whom it was shown.
type Form struct {
	Title  string
	Texts  []string // between the inputs
	Inputs []Input
}

// Input is one thing to fill in.
type Input struct {
	Name     string // its custom id
	Label    string
	About    string
	Hint     string
	Required bool
	Long     bool     // a text of several lines
	Value    string   // what stands there, or is chosen, to begin with
	Choices  []Choice // of a select; nil: it is typed
	most     int
}

// Choice is one of several, or one that was suggested.
type Choice struct{ Label, Value, About string }

// Form returns the modal that the application answered with; ok is false when it answered with something else, or not yet.
func (i *Interaction) Form() (f Form, ok bool) {
	answer, ok := i.answered()
	var m modal
	if !ok || answer.Type != AnswerModal || json.Unmarshal(answer.Data, &m) != nil {
		return Form{}, false
	}
	f.Title = m.Title
	for _, item := range m.Components {
		f.read(item, Input{})
	}
	return f, true
}

// Suggestions returns what the application suggested for an option, if it has.
func (i *Interaction) Suggestions() (list []Choice) {
	answer, ok := i.answered()
	var data struct{ Choices []commandChoice }
	if !ok || answer.Type != AnswerSuggestions || json.Unmarshal(answer.Data, &data) != nil {
		return nil
	}
	for _, c := range data.Choices {
		list = append(list, Choice{Label: c.Name, Value: fmt.Sprint(c.Value)})
	}
	return list
}

func (i *Interaction) answered() (Answer, bool) {
	select {
	case <-i.done:
		return i.answer, i.err == nil
	default:
		return Answer{}, false
	}
}

func (f *Form) read(item any, in Input) {
	c, _ := item.(map[string]any)
	text := func(field string) string { s, _ := c[field].(string); return s }
	switch kind, _ := c["type"].(float64); kind {
	case componentText:
		f.Texts = append(f.Texts, text("content"))
		return
	case componentLabel:
		f.read(c["component"], Input{Label: text("label"), About: text("description")})
		return
	case componentRow:
		for _, child := range elements(c["components"]) {
			f.read(child, Input{})
		}
		return
	case componentStringSelect:
		in.Choices = []Choice{}
		for _, o := range elements(c["options"]) {
			option, _ := o.(map[string]any)
			label, _ := option["label"].(string)
			value, _ := option["value"].(string)
			about, _ := option["description"].(string)
			in.Choices = append(in.Choices, Choice{label, value, about})
			if option["default"] == true {
				in.Value = value
			}
		}
	default:
		style, _ := c["style"].(float64)
		most, given := c["max_length"].(float64)
		if !given {
			most = 4000
		}
		in.Value, in.Long, in.most = text("value"), style == 2, int(most)
		if in.Label == "" {
			in.Label = text("label")
		}
	}
	in.Name, in.Hint, in.Required = text("custom_id"), text("placeholder"), c["required"] != false
	f.Inputs = append(f.Inputs, in)
}

func elements(value any) []any { l, _ := value.([]any); return l }

// SubmitModal fills in and sends the modal that the application answered an interaction with. Values are those of its
// inputs by their custom ids; an input without one keeps what stands in it. Like Discord's client it refuses what is
// missing, too long, or not offered.
func (s *Server) SubmitModal(user string, shown *Interaction, values map[string]string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.state.interactions[shown.Token]
	form, ok := shown.Form()
	if from == nil || !ok || from.user != user {
		return nil, errUnknownInteraction
	}
	var m modal
	if err := json.Unmarshal(shown.answer.Data, &m); err != nil {
		return nil, fmt.Errorf("discordtest: submit: %w", err)
	}
	filled := map[string]string{}
	for _, in := range form.Inputs {
		filled[in.Name] = in.Value
	}
	for name, value := range values {
		if _, known := filled[name]; !known {
			return nil, fmt.Errorf("discordtest: submit: the modal has no input %s, only %v", name, slices.Sorted(maps.Keys(filled)))
		}
		filled[name] = value
	}
	for _, in := range form.Inputs {
		if err := in.takes(filled[in.Name]); err != nil {
			return nil, err
		}
	}
	data := object{"custom_id": m.CustomID, "components": submission(m.Components, filled)}
	return s.interact(interactionModal, user, from.place, data, from.source), nil
}

func (in Input) takes(value string) error {
	switch {
	case value == "" && in.Required:
		return fmt.Errorf("discordtest: submit: %s is required", in.Name)
	case value == "":
	case in.Choices != nil && !slices.ContainsFunc(in.Choices, func(c Choice) bool { return c.Value == value }):
		return fmt.Errorf("discordtest: submit: %s has no choice %q", in.Name, value)
	case in.Choices == nil && utf8.RuneCountInString(value) > in.most:
		return fmt.Errorf("discordtest: submit: %s takes %d characters", in.Name, in.most)
	}
	return nil
}

// submission renders a modal's components as they come back
// (https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-modal-submit-data-structure).
func submission(components []any, values map[string]string) []object {
	out := []object{}
	for i, item := range components {
		c, _ := item.(map[string]any)
		o := object{"type": c["type"], "id": i + 1}
		if children, ok := c["components"].([]any); ok {
			o["components"] = submission(children, values)
		}
		if child, ok := c["component"]; ok {
			o["component"] = submission([]any{child}, values)[0]
		}
		if id, ok := c["custom_id"].(string); ok {
			o["custom_id"] = id
			kind, _ := c["type"].(float64)
			switch value := values[id]; {
			case kind == componentTextInput:
				o["value"] = value
			case value == "":
				o["values"] = []string{}
			default:
				o["values"] = []string{value}
			}
		}
		out = append(out, o)
	}
	return out
}
