// Package looks lends the workbench the platforms' own ways with text: what each would make of one is found out by writing it
// as the adapter does and reading that back.
package looks

import (
	"encoding/json"
	"regexp"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// Markup is how text is typed in the workbench: as in Discord, which has the most of it.
func Markup() workbench.Markup {
	return workbench.Markup{
		Read:  func(source string) rich.Doc { return rich.Linkify(markdown.Read(source, nil)) },
		Write: written,
	}
}

// bracketed is an address in the brackets by which the adapter keeps Discord from showing what is there.
var bracketed = regexp.MustCompile(`\]\(<(https?://[^<>()\s]+)>\)`)

// written leaves those out where nothing is changed by it: people do not type them.
func written(doc rich.Doc) string {
	source := markdown.Write(doc)
	if plain := bracketed.ReplaceAllString(source, "]($1)"); rich.Equal(markdown.Read(plain, nil), markdown.Read(source, nil)) {
		return plain
	}
	return source
}

// Platforms are the looks of the platforms that visitors and agents are on.
func Platforms() []workbench.Look {
	return []workbench.Look{
		{Name: "Telegram", Of: func(doc rich.Doc) rich.Doc { return entities.Read(entities.Write(doc)) }},
		{Name: "Slack", Of: inSlack},
		{Name: "Discord", Of: func(doc rich.Doc) rich.Doc { return markdown.Read(markdown.Write(doc), nil) }},
	}
}

func inSlack(doc rich.Doc) rich.Doc {
	blocks, err := json.Marshal(mrkdwn.ToBlocks(doc))
	if err == nil {
		if shown, ok := mrkdwn.FromBlocks(blocks, nil); ok {
			return shown
		}
	}
	return mrkdwn.FromText(mrkdwn.ToText(doc), nil)
}
