package workbench

import (
	"encoding/json"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// asked is what an agent is asked before a word of the table is carried out, or may ask for after it: bridge.Answer as a
// page shows it. Any word of the table can be given so.
type asked struct {
	action  string // address of the form that carries a word out
	back    string // where to go on
	answer  bridge.Answer
	message string                     // what the word is about; empty: the whole conversation
	choices map[string][]bridge.Choice // of the form's fields
}

// html is what there is to read.
func (a asked) html() string {
	if a.answer.Rich != nil {
		return rich.HTML(a.answer.Rich)
	}
	return rich.HTML(rich.Of(a.answer.Public))
}

// kept is the form as the page sends it along: what was filled in can be shown again when it is refused.
func (a asked) kept() string {
	text, _ := json.Marshal(a.answer.Form) // of strings only
	return string(text)
}

// invocation is the word that a form asks for.
func (v *visit) invocation(thread bridge.ThreadRef) (call bridge.Invocation, form *bridge.Form) {
	call = bridge.Invocation{Thread: thread, Word: v.PostFormValue("word"), Rest: v.PostFormValue("rest"), Message: bridge.MessageRef(v.PostFormValue("message"))}
	if kept := v.PostFormValue("form"); kept != "" {
		form = &bridge.Form{}
		if json.Unmarshal([]byte(kept), form) != nil {
			form = nil
		}
	}
	for name, values := range v.PostForm {
		if field, is := strings.CutPrefix(name, "field."); is && len(values) > 0 {
			if call.Fields == nil {
				call.Fields = map[string]string{}
			}
			call.Fields[field] = strings.ReplaceAll(values[0], "\r\n", "\n")
		}
	}
	return call, form
}

// carryOut gives a word to the Desk. What comes back is nil when there is nothing more to ask or to offer: then the agent is
// told on the next page.
func (v *visit) carryOut(call bridge.Invocation, form *bridge.Form, a asked) (*asked, error) {
	answer, err := v.ask(call)
	if err != nil {
		return nil, err
	}
	if answer.Refused && form != nil { // what was filled in must not be lost
		for i, f := range form.Fields {
			form.Fields[i].Value = call.Fields[f.Name]
		}
		answer.Form = form
	}
	if answer.Form == nil && len(answer.Offers) == 0 && answer.Rich == nil && answer.List == nil {
		if answer.Public != "" {
			v.tell(answer.Public, answer.Refused)
		}
		return nil, nil //nolint:nilnil // nothing to ask is no error
	}
	a.answer, a.message = answer, string(call.Message)
	return &a, v.fillChoices(&a, call)
}

// fillChoices finds what can stand in the form's fields: without a script nobody can ask while they type.
func (v *visit) fillChoices(a *asked, call bridge.Invocation) error {
	if a.answer.Form == nil {
		return nil
	}
	a.choices = map[string][]bridge.Choice{}
	for _, f := range a.answer.Form.Fields {
		a.choices[f.Name] = f.Choices
		if f.Kind != bridge.FieldSearch || len(f.Choices) > 0 {
			continue
		}
		found, err := v.bench.cfg.Desk.Suggest(v.Context(), bridge.Query{
			Endpoint: bridge.Workbench, Thread: call.Thread, From: bridge.WorkbenchPerson(v.agent), Word: a.answer.Form.Word, Field: f.Name,
			Limit: maxChoices,
		})
		if err != nil {
			return err
		}
		a.choices[f.Name] = found
	}
	return nil
}

// maxChoices is how many choices of a search a page lists.
const maxChoices = 100
