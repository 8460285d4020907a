package slack

import (
	"slices"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Limits of views and their elements (S:reference/views/modal-views, S:reference/block-kit/block-elements).
const (
	maxTitle       = 24
	maxViewBlocks  = 100
	maxOptionText  = 75
	maxOptions     = 100
	maxInput       = 3000
	maxPlaceholder = 150
	formCallback   = "skein:form"
)

// view is a view on its way to Slack or back. Blocks stay as they are, so that a form can be shown again as it was.
type view struct {
	Type     slackgo.ViewType `json:"type"`
	Callback string           `json:"callback_id,omitempty"`
	Title    any              `json:"title,omitempty"`
	Submit   any              `json:"submit,omitempty"`
	Close    any              `json:"close,omitempty"`
	Metadata string           `json:"private_metadata,omitempty"`
	Blocks   any              `json:"blocks"`
}

const formTooLong = "Nothing was changed: the text is longer than the 3,000 characters that fit into a form in Slack. Change it in the web view."

// formView is a form as a modal; ok is false where it holds more than Slack lets people see and change.
func formView(f *bridge.Form, e errand) (v view, ok bool) {
	e.Word, e.Rest = f.Word, f.Rest
	var blocks []slackgo.Block
	if f.Intro != "" {
		blocks = append(blocks, words(rich.Of(f.Intro))...)
	}
	for _, field := range f.Fields {
		if utf8.RuneCountInString(field.Value) > maxInput {
			return view{}, false
		}
		blocks = append(blocks, input(field))
	}
	if len(blocks) == 0 {
		blocks = words(rich.Of(f.Title))
	}
	return view{
		Type: slackgo.VTModal, Callback: formCallback, Title: plain(orText(f.Title, "Skein"), maxTitle),
		Submit: plain(orText(f.Submit, "Do it"), maxTitle), Close: plain("Cancel", maxTitle), Metadata: e.metadata(),
		Blocks: blocks[:min(len(blocks), maxViewBlocks)],
	}, true
}

// textView says something where there is no channel to say it in, with buttons below.
func textView(answer bridge.Answer, e errand) view {
	blocks := shownWords(answer)
	blocks = slices.Concat(blocks[:min(len(blocks), maxViewBlocks-4)], offerBlocks(answer.Offers, e.subject))
	return view{
		Type: slackgo.VTModal, Callback: formCallback, Title: plain("Skein", maxTitle), Close: plain("Close", maxTitle),
		Metadata: e.metadata(), Blocks: blocks,
	}
}

// shown is what an answer says.
func shown(answer bridge.Answer) rich.Doc {
	if answer.Rich != nil {
		return answer.Rich
	}
	return rich.Of(answer.Public)
}

func shownWords(answer bridge.Answer) []slackgo.Block { return words(shown(answer)) }

// words are a text by Skein itself as blocks, however long it is.
func words(text rich.Doc) (blocks []slackgo.Block) {
	for _, part := range mrkdwn.Split(text) {
		blocks = append(blocks, mrkdwn.ToBlocks(part)...)
	}
	return blocks
}

func plain(text string, limit int) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(oneLine(text), limit), false, false)
}

// input is a field as a block; both are named by the field.
func input(f bridge.Field) slackgo.Block {
	var hint *slackgo.TextBlockObject
	if f.Hint != "" {
		hint = plain(f.Hint, maxPlaceholder)
	}
	var element slackgo.BlockElement
	switch {
	case f.Kind == bridge.FieldSearch:
		none := 0 // ask Slack to ask us as soon as the list opens
		element = &slackgo.SelectBlockElement{
			Type: slackgo.OptTypeExternal, ActionID: f.Name, Placeholder: hint, MinQueryLength: &none, InitialOption: chosen(f),
		}
	case f.Kind == bridge.FieldChoice && len(f.Choices) > 0:
		element = &slackgo.SelectBlockElement{
			Type: slackgo.OptTypeStatic, ActionID: f.Name, Placeholder: hint, Options: options(f.Choices), InitialOption: chosen(f),
		}
	default:
		element = &slackgo.PlainTextInputBlockElement{
			Type: slackgo.METPlainTextInput, ActionID: f.Name, Placeholder: hint, InitialValue: f.Value,
			Multiline: f.Kind == bridge.FieldText,
		}
	}
	block := slackgo.NewInputBlock(f.Name, plain(orText(f.Label, f.Name), maxOptionText), nil, element)
	block.Optional = f.Optional
	return block
}

// chosen is the choice that a field begins with; nil for none.
func chosen(f bridge.Field) *slackgo.OptionBlockObject {
	if f.Value == "" {
		return nil
	}
	i := slices.IndexFunc(f.Choices, func(c bridge.Choice) bool { return c.Value == f.Value })
	switch {
	case i >= 0:
		return option(f.Choices[i])
	case f.Kind == bridge.FieldSearch:
		return option(bridge.Choice{Value: f.Value, Label: f.Value})
	}
	return nil
}

// options are choices as Slack shows them. One that has no value or too long a one cannot be chosen.
func options(choices []bridge.Choice) []*slackgo.OptionBlockObject {
	list := []*slackgo.OptionBlockObject{}
	for _, c := range choices {
		if o := option(c); o != nil && len(list) < maxOptions {
			list = append(list, o)
		}
	}
	return list
}

func option(c bridge.Choice) *slackgo.OptionBlockObject {
	if c.Value == "" || len(c.Value) > maxOptionText {
		return nil
	}
	o := slackgo.NewOptionBlockObject(c.Value, plain(orText(c.Label, c.Value), maxOptionText), nil)
	if c.Detail != "" {
		o.Description = plain(c.Detail, maxOptionText)
	}
	return o
}
