package slack

import (
	"context"
	"regexp"
	"strings"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

// body reads what a message says. Names of people who are mentioned are looked up first.
func (a *Adapter) body(ctx context.Context, m *message) rich.Doc {
	names := a.names(ctx, m)
	doc, ok := mrkdwn.FromBlocks(m.Blocks, names)
	if !ok {
		doc = mrkdwn.FromText(string(m.Text), names)
	}
	for _, l := range m.Attachments.V { // a message that somebody forwarded
		if q := l.V; q.IsShare {
			words := q.Text
			if words == "" {
				words = q.Fallback
			}
			if quote := mrkdwn.FromText(string(words), names); len(quote) > 0 {
				doc = append(doc, rich.Node{Kind: rich.Quote, Children: quote})
			}
		}
	}
	return rich.Normal(doc)
}

// names are what the readers of mrkdwn ask; they answer from memory.
type names map[string]string

var _ mrkdwn.Names = names(nil)

func (n names) User(id string) string { return n[id] }

// Channel knows nothing: a channel's name is no business of a visitor's.
func (n names) Channel(string) string { return "" }

var mentioned = regexp.MustCompile(`(?:<@|"user_id":\s*")([UW][A-Z0-9]{1,20})`)

// maxMentions bounds the look-ups that one message can cause.
const maxMentions = 20

func (a *Adapter) names(ctx context.Context, m *message) names {
	known := names{}
	for _, source := range []string{string(m.Text), string(m.Blocks)} {
		if !strings.ContainsAny(source, `<"`) {
			continue
		}
		for _, found := range mentioned.FindAllStringSubmatch(source, maxMentions) {
			if id := found[1]; known[id] == "" && len(known) < maxMentions {
				known[id] = a.people.get(ctx, id).Name
			}
		}
	}
	return known
}
