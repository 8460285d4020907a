package slack

import (
	"cmp"
	"encoding/json"
	"maps"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

// viewState is what a view comes back as (S:reference/interaction-payloads/view-interactions-payload).
type viewState struct {
	ID       text                      `json:"id"`
	Type     text                      `json:"type"`
	Metadata text                      `json:"private_metadata"`
	Title    json.RawMessage           `json:"title"`
	Submit   json.RawMessage           `json:"submit"`
	Close    json.RawMessage           `json:"close"`
	Blocks   lenient[[]map[string]any] `json:"blocks"`
	State    lenient[struct {
		Values map[string]map[string]lenient[inputState] `json:"values"`
	}] `json:"state"`
}

// inputState is what stands in an input.
type inputState struct {
	Value  text                    `json:"value"`
	Option lenient[map[string]any] `json:"selected_option"`
}

func (s inputState) filled() string {
	chosen, _ := s.Option.V["value"].(string)
	return cmp.Or(string(s.Value), chosen)
}

// input is what stands in a field's input.
func (v *viewState) input(name string) (inputState, bool) {
	s, ok := v.State.V.Values[name][name]
	return s.V, ok
}

// fields are what was filled in, by the fields' names; never nil.
func (v *viewState) fields() map[string]string {
	filled := map[string]string{}
	for name := range v.State.V.Values {
		if s, ok := v.input(name); ok {
			filled[name] = s.filled()
		}
	}
	return filled
}

const (
	refusalBlock = "skein-refusal"
	waitingWords = "Skein is at it. This takes a little longer than usual."
)

// again is the form as it was submitted, with why it was refused above it. What was filled in stays. Submitting it again is
// the same errand: should it have been done, it is not done twice.
func (v *viewState) again(why string, e errand) view {
	blocks := []any{refusalOf(why)}
	for _, b := range v.Blocks.V {
		if b["block_id"] != refusalBlock {
			blocks = append(blocks, v.refilled(b))
		}
	}
	return v.with(blocks[:min(len(blocks), maxViewBlocks)], v.Submit, e)
}

func refusalOf(why string) slackgo.Block {
	text := ":warning: " + clip(mrkdwn.ToText(rich.Of(why)), maxContext)
	return slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, text, false, true), nil, nil,
		slackgo.SectionBlockOptionBlockID(refusalBlock))
}

// waiting stands in the form's place while the word is being carried out.
func (v *viewState) waiting(e errand) view { return v.with(words(rich.Of(waitingWords)), nil, e) }

func (v *viewState) with(blocks any, submit json.RawMessage, e errand) view {
	next := view{Type: slackgo.VTModal, Callback: formCallback, Title: v.Title, Close: v.Close, Metadata: e.metadata(), Blocks: blocks}
	if len(submit) > 0 {
		next.Submit = submit
	}
	return next
}

// refilled is an input that begins with what was filled in.
func (v *viewState) refilled(block map[string]any) map[string]any {
	name, _ := block["block_id"].(string)
	element, _ := block["element"].(map[string]any)
	state, ok := v.input(name)
	if block["type"] != "input" || element == nil || !ok {
		return block
	}
	element = maps.Clone(element)
	delete(element, "initial_value")
	delete(element, "initial_option")
	switch {
	case len(state.Option.V) > 0:
		element["initial_option"] = state.Option.V
	case state.Value != "":
		element["initial_value"] = string(state.Value)
	}
	block = maps.Clone(block)
	block["element"] = element
	return block
}
