package slacktest

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Limits of https://docs.slack.dev/reference/block-kit/blocks and its elements.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxSectionText   = 3000
	maxFieldText     = 2000
	maxHeaderText    = 150
	maxElements      = 25
	maxContext       = 10
	maxID            = 255
)

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type block struct {
	Type      string            `json:"type"`
	BlockID   string            `json:"block_id"`
	Text      *textObject       `json:"text"`
	Fields    []textObject      `json:"fields"`
	Elements  []json.RawMessage `json:"elements"`
	Accessory *element          `json:"accessory"`
	Element   *element          `json:"element"`
	Label     *textObject       `json:"label"`
	Hint      *textObject       `json:"hint"`
	Optional  bool              `json:"optional"`
	AltText   string            `json:"alt_text"`
	ImageURL  string            `json:"image_url"`
	SlackFile json.RawMessage   `json:"slack_file"`
}

// checkBlocks accepts what Slack accepts of the blocks a bridge uses, and returns them with a
// block_id each; nil for no blocks. A type it does not know is refused.
func checkBlocks(raw string, most int) (json.RawMessage, error) {
	if raw == "" || raw == "[]" || raw == "null" {
		return nil, nil
	}
	var list []json.RawMessage
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > most {
		return nil, badBlocks(fmt.Sprintf("no more than %d items allowed [json-pointer:/blocks]", most))
	}
	seen := map[string]bool{}
	rewritten := false
	for i, item := range list {
		var b block
		if json.Unmarshal(item, &b) != nil {
			return nil, refuse("invalid_blocks_format")
		}
		complaint := b.check(most)
		if complaint == "" && b.BlockID != "" && (seen[b.BlockID] || len(b.BlockID) > maxID) {
			complaint = "block_id must be unique and at most 255 characters"
		}
		if complaint != "" {
			return nil, badBlocks(fmt.Sprintf("%s [json-pointer:/blocks/%d]", complaint, i))
		}
		seen[b.BlockID] = b.BlockID != ""
		if b.BlockID == "" {
			list[i], rewritten = withBlockID(item, fmt.Sprintf("b%d", i)), true
		}
	}
	if !rewritten {
		return json.RawMessage(raw), nil
	}
	out, err := json.Marshal(list)
	return out, err
}

func badBlocks(complaint string) error {
	return &apiError{code: "invalid_blocks", extra: map[string]any{
		"errors":            []string{complaint},
		"response_metadata": map[string]any{"messages": []string{"[ERROR] " + complaint}},
	}}
}

// withBlockID puts a made-up block_id in front of the block's other fields.
func withBlockID(item json.RawMessage, id string) json.RawMessage {
	rest := item[1:] // after the brace: Unmarshal into a struct has proved an object
	return append([]byte(`{"block_id":"`+id+`",`), rest...)
}

// check returns what is wrong with a block, or nothing. most is how many blocks there may be, which tells a view from a
// message.
func (b *block) check(most int) string {
	switch b.Type {
	case "section":
		return b.checkSection()
	case "header":
		if b.Text == nil || b.Text.Type != "plain_text" || !length(b.Text.Text, 1, maxHeaderText) {
			return "header needs plain_text of 1 to 150 characters"
		}
	case "context":
		if n := len(b.Elements); n == 0 || n > maxContext {
			return "context needs 1 to 10 elements"
		}
	case "actions":
		return b.checkActions()
	case "image":
		if b.AltText == "" || b.ImageURL == "" && b.SlackFile == nil {
			return "image needs alt_text and image_url or slack_file"
		}
	case "input":
		return b.checkInput(most)
	case "rich_text":
		if len(b.Elements) == 0 {
			return "rich_text needs elements"
		}
	case "markdown", "divider", "file", "video", "table":
	default:
		return "unsupported type: " + b.Type
	}
	return ""
}

// checkInput knows that inputs belong to views.
func (b *block) checkInput(most int) string {
	switch {
	case most != maxViewBlocks:
		return "unsupported type: input"
	case b.Label == nil || b.Element == nil || b.Label.Type != "plain_text" || !length(b.Label.Text, 1, 2000):
		return "input needs a label and an element"
	case b.Hint != nil && (b.Hint.Type != "plain_text" || !length(b.Hint.Text, 1, 2000)):
		return "hint must be plain_text of 1 to 2000 characters"
	case b.Element.Type == "button" || b.Element.Type == "overflow":
		return "unsupported type of an input: " + b.Element.Type
	}
	return b.Element.check()
}

func (b *block) checkSection() string {
	if b.Text == nil && len(b.Fields) == 0 {
		return "section needs text or fields"
	}
	if b.Text != nil && (!b.Text.known() || !length(b.Text.Text, 1, maxSectionText)) {
		return "section text must be 1 to 3000 characters"
	}
	if len(b.Fields) > 10 {
		return "no more than 10 fields allowed"
	}
	for _, f := range b.Fields {
		if !f.known() || !length(f.Text, 1, maxFieldText) {
			return "field text must be 1 to 2000 characters"
		}
	}
	if b.Accessory != nil {
		return b.Accessory.check()
	}
	return ""
}

func (b *block) checkActions() string {
	if n := len(b.Elements); n == 0 || n > maxElements {
		return "actions needs 1 to 25 elements"
	}
	seen := map[string]bool{}
	for _, raw := range b.Elements {
		var e element
		if json.Unmarshal(raw, &e) != nil {
			return "element is malformed"
		}
		if complaint := e.check(); complaint != "" {
			return complaint
		}
		if e.ActionID != "" && seen[e.ActionID] {
			return "action_id " + e.ActionID + " already exists"
		}
		seen[e.ActionID] = true
	}
	return ""
}

func (t *textObject) known() bool { return t.Type == "plain_text" || t.Type == "mrkdwn" }

func length(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return least <= n && n <= most
}
