package slack

import (
	"context"
	"encoding/json"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

const (
	suggestTime = 2 * time.Second // Slack waits for 3 s
	// maxSuggested choices are asked for; the library refuses answers of 20 KB or more.
	maxSuggested   = 25
	maxSuggestions = 18 << 10 // bytes
)

// suggestions answer a list that is typed into. There is always a list in them, though it may be empty.
type suggestions struct {
	Options []*slackgo.OptionBlockObject `json:"options"`
}

// suggested asks what fits what somebody has typed into a field so far.
func (r *receiver) suggested(p *interaction) suggestions {
	none := suggestions{Options: []*slackgo.OptionBlockObject{}}
	e, ok := errandOf(string(p.View.V.Metadata))
	if !ok {
		return none
	}
	ctx, cancel := context.WithTimeout(r.ctx, suggestTime)
	defer cancel()
	choices, err := r.sink.Suggest(ctx, bridge.Query{
		Endpoint: r.cfg.Name, Thread: e.Thread, From: bridge.Person{ID: string(p.User.V.ID)},
		Word: e.Word, Field: string(p.ActionID), Text: string(p.Value), Limit: maxSuggested,
	})
	if err != nil {
		if r.ctx.Err() == nil {
			r.log.Warn("nothing could be suggested", "error", err)
		}
		return none
	}
	found := suggestions{Options: options(choices)}
	for raw, _ := json.Marshal(found); len(raw) > maxSuggestions; raw, _ = json.Marshal(found) {
		found.Options = found.Options[:len(found.Options)-1]
	}
	return found
}
