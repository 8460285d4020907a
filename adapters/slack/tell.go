package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
)

const (
	lateWords   = "Nothing was done: Slack opens a form only for three seconds after the press. Press again."
	noFormWords = "Nothing was done: Slack did not open the form. Press again in a moment."
)

// tell shows words to one person only, where an errand was given. A message that Slack shows to one person may be lost:
// it is for what they can ask for again (S:reference/methods/chat.postEphemeral).
func (r *receiver) tell(ctx context.Context, e errand, user string, answer bridge.Answer) {
	if user == "" || answer.Public == "" {
		return
	}
	parts := mrkdwn.Split(shown(answer))
	for i, part := range parts {
		text, blocks := mrkdwn.ToText(part), mrkdwn.ToBlocks(part)
		if i == len(parts)-1 {
			blocks = append(blocks, offerBlocks(answer.Offers, e.subject)...)
		}
		var err error
		if e.Respond != "" && r.mayAnswer(e.Respond) {
			err = r.respond(ctx, e.Respond, map[string]any{
				"response_type": "ephemeral", "replace_original": false, "text": text, "blocks": blocks,
			})
		} else if e.Channel != "" {
			err = r.whisper(ctx, e, user, text, blocks)
		}
		if err != nil && r.ctx.Err() == nil {
			r.log.Warn("an answer could not be shown", "error", err)
		}
	}
}

// whisper posts to one person, in a thread or, without one, in the channel.
func (r *receiver) whisper(ctx context.Context, e errand, user, text string, blocks []slackgo.Block) error {
	options := []slackgo.MsgOption{
		slackgo.MsgOptionText(text, false), slackgo.MsgOptionParse(false), slackgo.MsgOptionBlocks(blocks...),
	}
	if e.Shown != "" {
		options = append(options, slackgo.MsgOptionTS(e.Shown))
	}
	ctx, cancel := r.deadline(ctx)
	defer cancel()
	if _, err := r.api.PostEphemeralContext(ctx, e.Channel, user, options...); err != nil {
		return failure("chat.postEphemeral", err)
	}
	return nil
}

// dismiss takes a message that only one person sees off their screen.
func (r *receiver) dismiss(ctx context.Context, address string) {
	if !r.mayAnswer(address) {
		return
	}
	if err := r.respond(ctx, address, map[string]any{"delete_original": true}); err != nil && r.ctx.Err() == nil {
		r.log.Debug("an answered question could not be taken away", "error", err)
	}
}

// respond answers at a response_url, which takes five answers in half an hour
// (S:interactivity/handling-user-interaction).
func (r *receiver) respond(ctx context.Context, address string, answer map[string]any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	ctx, cancel := r.deadline(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return failure("response_url", bare(err))
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := r.http.Do(req)
	if err != nil {
		return failure("response_url", err)
	}
	defer resp.Body.Close()
	if err := checkStatus(resp); err != nil {
		return failure("response_url", err)
	}
	return nil
}

// ask opens a form. trouble is what to tell the person when that failed.
func (r *receiver) ask(ctx context.Context, trigger string, f *bridge.Form, e errand) (trouble string) {
	v, ok := formView(f, e)
	if !ok {
		return formTooLong
	}
	return r.openView(ctx, trigger, v)
}

func (r *receiver) openView(ctx context.Context, trigger string, v view) (trouble string) {
	err := r.viewCall(ctx, "views.open", v, "trigger_id", trigger)
	switch {
	case err == nil:
		return ""
	case isCode(err, "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired", "trigger_exchanged"):
		return lateWords
	}
	if r.ctx.Err() == nil {
		r.log.Warn("a form could not be opened", "error", failure("views.open", err))
	}
	return noFormWords
}

func (r *receiver) updateView(ctx context.Context, id string, v view) {
	if err := r.viewCall(ctx, "views.update", v, "view_id", id); err != nil && !isCode(err, "not_found") && r.ctx.Err() == nil {
		r.log.Warn("a form could not be changed", "error", failure("views.update", err)) // not_found: it was closed
	}
}

// viewCall is a call that has a view beside one other argument.
func (a *Adapter) viewCall(ctx context.Context, method string, v view, name, value string) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a view: %w", err)
	}
	return a.call(ctx, method, values(name, value, "view", string(raw)), &struct{}{})
}

// replaced is the answer to a submission that shows another view in the form's place.
func replaced(v view) any { return map[string]any{"response_action": "update", "view": v} }
