package slack

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

// actionPrefix begins the action_id of our buttons; the word of the command table follows.
const actionPrefix = "skein:"

const commandTime = 15 * time.Second

// pressed carries out the buttons of one interaction, which has been acknowledged already. It does not block.
func (r *receiver) pressed(raw json.RawMessage) {
	var p press
	if json.Unmarshal(raw, &p) != nil || p.Type != "block_actions" || string(p.Container.Channel) != r.cfg.Channel {
		return
	}
	message, root := string(p.Container.MessageTS), string(p.Container.ThreadTS)
	if root == "" {
		root = message // the card is the first message of its thread
	}
	if !validTS(message) || !validTS(root) || p.User.ID == "" {
		return
	}
	for _, action := range p.Actions {
		word, ours := strings.CutPrefix(string(action.ID), actionPrefix)
		if !ours {
			continue
		}
		call := bridge.Invocation{
			Endpoint: r.cfg.Name,
			Key:      strings.Join([]string{r.cfg.Channel, message, "press", word, string(p.User.ID), string(action.TS)}, "/"),
			Thread:   makeThread(r.cfg.Channel, root), From: bridge.Person{ID: string(p.User.ID)}, Word: word,
		}
		r.dispatch.beside(func() { r.command(call, string(p.Container.ThreadTS)) })
	}
}

// command carries out a word and tells only the person who gave it. shownIn is the thread in which they pressed
// the button, empty when they did so in the channel.
func (r *receiver) command(call bridge.Invocation, shownIn string) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	call.From = r.people.get(ctx, call.From.ID)
	answer, err := r.sink.Command(ctx, call)
	if err != nil {
		answer.Public = "That did not work, and nothing was changed. Try again in a moment."
		if problem, ok := errors.AsType[*bridge.Problem](err); ok {
			answer.Public = problem.Public
		} else if r.ctx.Err() == nil {
			r.log.Warn("a button could not be carried out", "error", err)
		}
	}
	r.tell(ctx, call.From.ID, shownIn, answer.Public)
}

// tell shows words to one person only, in a thread or, without one, in the channel.
func (r *receiver) tell(ctx context.Context, user, thread, words string) {
	if user == "" || words == "" {
		return
	}
	options := []slackgo.MsgOption{slackgo.MsgOptionText(words, true), slackgo.MsgOptionParse(false)}
	if thread != "" {
		options = append(options, slackgo.MsgOptionTS(thread))
	}
	ctx, cancel := r.deadline(ctx)
	defer cancel()
	if _, err := r.api.PostEphemeralContext(ctx, r.cfg.Channel, user, options...); err != nil && r.ctx.Err() == nil {
		r.log.Warn("an answer could not be shown", "error", failure("chat.postEphemeral", err))
	}
}

// commandAnswer is what a slash command gets: Slack forbids them in threads, where all of ours belong.
func commandAnswer() any {
	return map[string]string{
		"response_type": "ephemeral",
		"text":          "Write !help in the thread of a conversation to see what can be done there.",
	}
}
