package main

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// discordForm is message.Blocks of an app's message in Discord.
type discordForm struct {
	Name       string          `json:"name"` // who stands above it
	Content    string          `json:"content,omitempty"`
	Embeds     json.RawMessage `json:"embeds,omitempty"`
	Components json.RawMessage `json:"components,omitempty"`
}

// discordEmbed is what of an embed is text (https://docs.discord.com/developers/resources/message#embed-object).
type discordEmbed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// component is what can be pressed under a message, or a row of such
// (https://docs.discord.com/developers/components/reference).
type component struct {
	CustomID    string      `json:"custom_id"`
	Label       string      `json:"label"`
	Placeholder string      `json:"placeholder"`
	Components  []component `json:"components"`
	Options     []struct {
		Value string `json:"value"`
	} `json:"options"`
}

// discordButtons lists what can be pressed in components.
func discordButtons(raw json.RawMessage) (list []button) {
	var all []component
	_ = json.Unmarshal(raw, &all) // the simulator's own, or none
	var visit func([]component)
	visit = func(components []component) {
		for _, c := range components {
			if c.CustomID != "" {
				b := button{ID: c.CustomID, Text: c.Label}
				if b.Text == "" {
					b.Text = c.Placeholder
				}
				for _, o := range c.Options {
					b.Options = append(b.Options, o.Value)
				}
				list = append(list, b)
			}
			visit(c.Components)
		}
	}
	visit(all)
	return list
}

var (
	discordUser    = regexp.MustCompile(`<@!?(\d+)>`)
	discordLink    = regexp.MustCompile(`\[((?:\\.|[^\]\\])+)\]\(<?https?://[^\s)]+\)`)
	discordEscape  = regexp.MustCompile(`\\([^\sA-Za-z0-9])`)
	discordBetween = strings.NewReplacer("\u200b", "")
)

// plain resolves mentions, links and escapes of Discord's markdown.
func (v *discordView) plain(text string) string {
	text = discordUser.ReplaceAllStringFunc(text, func(token string) string {
		if by, ok := v.people[strings.Trim(token, "<@!>")]; ok {
			return "@" + by.Name
		}
		return token
	})
	text = discordLink.ReplaceAllString(text, "$1")
	return discordBetween.Replace(discordEscape.ReplaceAllString(text, "$1"))
}

// lines joins texts that are not empty.
func lines(texts ...string) string {
	var full []string
	for _, t := range texts {
		if t != "" {
			full = append(full, t)
		}
	}
	return strings.Join(full, "\n")
}

// discordEpoch is the first millisecond of Discord's ids (https://docs.discord.com/developers/reference#snowflakes).
const discordEpoch = 1420070400000

func snowflakeTime(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n>>22 + discordEpoch
}
