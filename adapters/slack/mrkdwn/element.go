package mrkdwn

import (
	"encoding/json"

	"github.com/skeindesk/skein/bridge/rich"
)

// An element is any node of a rich_text block, read and written with one shape: Slack keeps adding kinds, and a
// decoder with a type for each refuses what it does not know
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
type element struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	Elements []element `json:"elements,omitempty"`
	Style    style     `json:"style,omitzero"`

	Indent   int    `json:"indent,omitempty"` // rich_text_list
	Offset   int    `json:"offset,omitempty"`
	Language string `json:"language,omitempty"` // rich_text_preformatted

	URL       string `json:"url,omitempty"` // link, and many kinds that stand for something elsewhere
	UserID    string `json:"user_id,omitempty"`
	ChannelID string `json:"channel_id,omitempty"`
	Name      string `json:"name,omitempty"` // emoji
	Unicode   string `json:"unicode,omitempty"`
	SkinTone  int    `json:"skin_tone,omitempty"`
	Range     string `json:"range,omitempty"`     // broadcast
	Value     string `json:"value,omitempty"`     // color
	Timestamp int64  `json:"timestamp,omitempty"` // date, seconds
	Fallback  string `json:"fallback,omitempty"`
	Label     string `json:"label,omitempty"`
	Title     string `json:"title,omitempty"`
}

// plainElement has element's fields without its decoder.
type plainElement element

// UnmarshalJSON keeps, of an element whose fields are not of the known types, the words it would show.
func (e *element) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*plainElement)(e)); err == nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	*e = element{}
	for name, into := range map[string]any{
		"type": &e.Type, "text": &e.Text, "elements": &e.Elements, "style": &e.Style, "url": &e.URL, "name": &e.Name,
		"fallback": &e.Fallback, "label": &e.Label, "title": &e.Title, "user_id": &e.UserID, "channel_id": &e.ChannelID,
		"range": &e.Range, "indent": &e.Indent,
	} {
		if field, ok := fields[name]; ok {
			_ = json.Unmarshal(field, into) // a field of another type is a field we do not know
		}
	}
	if e.Text == "" {
		var object struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(fields["text"], &object) == nil {
			e.Text = object.Text
		}
	}
	return nil
}

// words returns what an element of an unknown kind most likely shows.
func (e *element) words() string {
	for _, s := range []string{e.Text, e.Fallback, e.Label, e.Title, e.URL} {
		if s != "" {
			return s
		}
	}
	return ""
}

// A style is an object on inlines and a word on lists.
type style struct {
	List   string `json:"-"` // "bullet" or "ordered"
	Bold   bool   `json:"bold,omitempty"`
	Italic bool   `json:"italic,omitempty"`
	Strike bool   `json:"strike,omitempty"`
	Code   bool   `json:"code,omitempty"`
	// Underline is read and never written: Slack's reference does not list it.
	Underline bool `json:"underline,omitempty"`
}

type plainStyle style

func (s *style) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &s.List)
	}
	return json.Unmarshal(raw, (*plainStyle)(s))
}

func (s style) MarshalJSON() ([]byte, error) {
	if s.List != "" {
		return json.Marshal(s.List)
	}
	return json.Marshal(plainStyle(s))
}

func (s style) of() rich.Style {
	var set rich.Style
	for kind, on := range map[rich.Kind]bool{
		rich.Bold: s.Bold, rich.Italic: s.Italic, rich.Strike: s.Strike, rich.Underline: s.Underline,
	} {
		if on {
			set |= rich.StyleOf(kind)
		}
	}
	return set
}
