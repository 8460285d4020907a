package discordtest

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// embed is a rich embed as it is shown. Nulls of a request are left out of an answer.
type embed struct {
	Type        string       `json:"type"`
	URL         string       `json:"url,omitempty"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Color       int          `json:"color,omitempty"`
	Timestamp   string       `json:"timestamp,omitempty"`
	Fields      []embedField `json:"fields,omitempty"`
	Author      *embedAuthor `json:"author,omitempty"`
	Image       *embedImage  `json:"image,omitempty"`
	Thumbnail   *embedImage  `json:"thumbnail,omitempty"`
	Footer      *embedFooter `json:"footer,omitempty"`
}

type embedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

type embedAuthor struct {
	Name    string `json:"name"`
	URL     string `json:"url,omitempty"`
	IconURL string `json:"icon_url,omitempty"`
}

type embedImage struct {
	URL string `json:"url"`
}

type embedFooter struct {
	Text    string `json:"text"`
	IconURL string `json:"icon_url,omitempty"`
}

// readEmbeds reads and measures the embeds of a message
// (https://docs.discord.com/developers/resources/message#embed-object-embed-limits).
func readEmbeds(raw json.RawMessage) ([]embed, error) {
	var list []embed
	if json.Unmarshal(raw, &list) != nil {
		return nil, invalid("embeds", "MODEL_TYPE_CONVERT", "Could not interpret the embeds.")
	}
	if len(list) > 10 {
		return nil, tooLong("embeds", 10)
	}
	total := 0
	for i := range list {
		list[i].Type = "rich"
		n, err := list[i].measure(fmt.Sprintf("embeds.%d", i))
		if err != nil {
			return nil, err
		}
		total += n
	}
	if total > 6000 {
		return nil, invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
	}
	return list, nil
}

func (e *embed) measure(at string) (int, error) {
	total := 0
	var refusal error
	take := func(field, text string, limit int) {
		n := utf8.RuneCountInString(text)
		if total += n; n > limit && refusal == nil {
			refusal = tooLong(at+"."+field, limit)
		}
	}
	take("title", e.Title, 256)
	take("description", e.Description, 4096)
	if len(e.Fields) > 25 {
		return 0, tooLong(at+".fields", 25)
	}
	for i, f := range e.Fields {
		if f.Name == "" || f.Value == "" {
			return 0, invalid(fmt.Sprintf("%s.fields.%d", at, i), "BASE_TYPE_REQUIRED", "This field is required")
		}
		take(fmt.Sprintf("fields.%d.name", i), f.Name, 256)
		take(fmt.Sprintf("fields.%d.value", i), f.Value, 1024)
	}
	if e.Footer != nil {
		take("footer.text", e.Footer.Text, 2048)
	}
	if e.Author != nil {
		take("author.name", e.Author.Name, 256)
	}
	return total, refusal
}
