package discord

import (
	"context"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// suggestTime is how long the desk has for suggestions: Discord waits for three seconds, people for a moment.
const suggestTime = 2 * time.Second

// suggest answers while somebody types into an option of a slash command. An empty list would be shown as a failure.
func (r *receiver) suggest(i interaction) {
	ctx, cancel := context.WithTimeout(r.ctx, suggestTime)
	defer cancel()
	w := r.wordOf(string(i.Data.Name))
	q := bridge.Query{
		Endpoint: r.cfg.Name, Thread: r.threadOf(i), From: person(r.cfg.Guild, i.Member.V.User.V, i.Member.V),
		Word: w.Word, Limit: maxChoices,
	}
	for _, o := range i.Data.Options.V {
		if o.V.Focused.V {
			q.Field, q.Text = fieldOf(w, string(o.V.Name)), string(o.V.Value)
		}
	}
	found, err := r.choices(ctx, w, q)
	if err != nil && r.ctx.Err() == nil {
		r.log.Info("nothing could be suggested", "error", err)
	}
	shown := choices(found)
	if len(shown) == 0 { // chosen all the same, it is what was typed
		shown = []choice{{Name: "Nothing found", Value: orText(clip(q.Text, maxChoice), "?")}}
	}
	a := asking{interaction: i}
	ctx, done := context.WithTimeout(r.ctx, firstAnswer)
	defer done()
	err = r.first(ctx, a, answerChoices, map[string]any{"choices": shown[:min(len(shown), maxChoices)]})
	if err != nil && !isCode(err, unknownInteraction, alreadyAnswered) && r.ctx.Err() == nil { // what is typed next asks anew
		r.log.Info("suggestions could not be shown", "error", failure("create interaction response", err))
	}
}

// choices are those of the field itself, where the table has them, else what the desk knows.
func (r *receiver) choices(ctx context.Context, w bridge.Word, q bridge.Query) ([]bridge.Choice, error) {
	for _, f := range w.Args {
		if f.Name != q.Field || f.Kind != bridge.FieldChoice || len(f.Choices) == 0 {
			continue
		}
		var fit []bridge.Choice
		for _, c := range f.Choices {
			if strings.Contains(strings.ToLower(c.Label+" "+c.Value), strings.ToLower(strings.TrimSpace(q.Text))) && len(fit) < q.Limit {
				fit = append(fit, c)
			}
		}
		return fit, nil
	}
	return r.sink.Suggest(ctx, q)
}
