package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

// partEvent names our metadata. Whoever can read the channel can read it, so that it holds the key and nothing else.
const partEvent = "skein_part"

var errNoAnswer = errors.New("the answer does not name the message")

// Send carries out one part; see bridge.Adapter.
func (a *Adapter) Send(ctx context.Context, p bridge.Part) (bridge.Sent, error) {
	var sent bridge.Sent
	var f *bridge.Failure
	switch p.Op {
	case bridge.Post:
		sent, f = a.post(ctx, p)
	case bridge.Edit:
		sent, f = a.edit(ctx, p)
	case bridge.Delete:
		sent, f = a.remove(ctx, p)
	case bridge.React, bridge.Unreact:
		sent, f = a.react(ctx, p)
	default:
		f = &bridge.Failure{Verdict: bridge.GiveUp, Public: "Slack cannot do this.", Err: fmt.Errorf("unknown op %q", p.Op)}
	}
	if f != nil {
		if a.amongColleagues(p) && ofTheChannel(f) {
			f.Whole = false // no reason to keep visitors waiting
		}
		return bridge.Sent{}, fmt.Errorf("slack: %s: %w", p.Op, f)
	}
	if p.Urgency == bridge.UrgencyCard || p.Thread == "" {
		a.homes.stir() // a card changes with what the lists show
	}
	return sent, nil
}

func (a *Adapter) amongColleagues(p bridge.Part) bool {
	return p.Thread != "" && p.Thread == a.Commons()
}

func badPart(err error) *bridge.Failure {
	return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message could not be prepared for Slack.", Err: err}
}

// target is where a part is to be posted; root is empty for an opening.
func (a *Adapter) target(p bridge.Part) (channel, root string, err error) {
	if p.Thread == "" {
		return p.Place, "", nil
	}
	channel, root, err = parsePlace(p.Thread)
	if content, ok := p.Content.(post); ok && err == nil && root == "" {
		root = content.Root
	}
	return channel, root, err
}

func (a *Adapter) post(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	channel, root, err := a.target(p)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	send := a.say
	if len(content.Files) > 0 {
		send = a.upload
	}
	sent, f := send(ctx, p, content, channel, root)
	if f != nil && f.Verdict == bridge.Reopen && root != "" && channel == a.cfg.Colleagues {
		return send(ctx, p, content, channel, "") // the thread is gone, the conversation is not
	}
	return sent, f
}

// say posts a part without files.
func (a *Adapter) say(ctx context.Context, p bridge.Part, content post, channel, root string) (bridge.Sent, *bridge.Failure) {
	options := append(content.options(),
		slackgo.MsgOptionDisableLinkUnfurl(), // an unfurled link tells the visitor's site who reads what
		slackgo.MsgOptionDisableMediaUnfurl(),
		slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: partEvent, EventPayload: map[string]any{"key": string(p.Key)}}))
	if root != "" {
		options = append(options, slackgo.MsgOptionTS(root))
	}
	callCtx, cancel := a.deadline(ctx)
	defer cancel()
	in, ts, posted, err := a.api.PostMessageWithResponseContext(callCtx, channel, options...)
	if err == nil && !validTS(ts) {
		err = errNoAnswer
	}
	if err != nil {
		return bridge.Sent{}, failure("chat.postMessage", err)
	}
	channel = orText(in, channel)
	if root == "" {
		return bridge.Sent{Message: makeMessage(channel, ts), Thread: makeThread(channel, ts)}, nil
	}
	if posted.ThreadTimestamp != root && channel != a.cfg.Colleagues {
		return bridge.Sent{}, a.stray(ctx, makeMessage(channel, ts))
	}
	return bridge.Sent{Message: makeMessage(channel, ts)}, nil
}

// stray takes back a reply that Slack has put into the channel because its thread was deleted, and asks for another
// thread. Slack answers such a call with ok (slack-go/slack#1571).
func (a *Adapter) stray(ctx context.Context, m bridge.MessageRef) *bridge.Failure {
	ctx = context.WithoutCancel(ctx)
	for range 2 {
		if _, f := a.remove(ctx, bridge.Part{Message: m}); f == nil {
			break
		} else {
			a.log.Warn("a message outside its thread could not be taken back", "error", f)
		}
	}
	return &bridge.Failure{Verdict: bridge.Reopen, Public: sayLost, Err: errors.New("posted outside its thread")}
}

// options say what the message shows. parse none and no link_names: what people wrote never calls anybody.
func (p post) options() []slackgo.MsgOption {
	options := []slackgo.MsgOption{
		slackgo.MsgOptionText(p.Text, false), // already escaped
		slackgo.MsgOptionParse(false),
		slackgo.MsgOptionLinkNames(false),
		slackgo.MsgOptionBlocks(p.Blocks...),
	}
	if p.Name != "" {
		options = append(options, slackgo.MsgOptionUsername(p.Name))
	}
	switch {
	case p.Icon == "":
	case p.Icon[0] == ':':
		options = append(options, slackgo.MsgOptionIconEmoji(p.Icon))
	default:
		options = append(options, slackgo.MsgOptionIconURL(p.Icon))
	}
	return options
}

// edit changes a message of ours. One that is gone needs no change.
func (a *Adapter) edit(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	place, err := a.located(ctx, p.Message)
	if err != nil {
		return bridge.Sent{}, surely(failure("files.info", err))
	}
	if place.ts == "" {
		return bridge.Sent{Message: p.Message}, nil
	}
	ctx, cancel := a.deadline(ctx)
	defer cancel()
	_, ts, _, err := a.api.UpdateMessageContext(ctx, place.channel, place.ts, content.options()...)
	if err == nil && !validTS(ts) {
		err = errNoAnswer
	}
	if err != nil && !isCode(err, "message_not_found", "thread_not_found") {
		return bridge.Sent{}, failure("chat.update", err)
	}
	return bridge.Sent{Message: makeMessage(place.channel, place.ts, place.files...)}, nil
}

// remove deletes a message of ours and its files. What is gone already needs no deletion. A file that Slack keeps for good
// keeps neither the message nor the other files.
func (a *Adapter) remove(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	place, err := a.located(ctx, p.Message)
	if err != nil {
		return bridge.Sent{}, surely(failure("files.info", err))
	}
	var kept *bridge.Failure
	for _, id := range place.files {
		err := a.call(ctx, "files.delete", values("file", id), &struct{}{})
		if err == nil || isCode(err, "file_not_found", "file_deleted") {
			continue
		}
		if kept = failure("files.delete", err); kept.Verdict != bridge.GiveUp {
			return bridge.Sent{}, kept
		}
	}
	if place.ts == "" {
		return bridge.Sent{Message: p.Message}, kept
	}
	ctx, cancel := a.deadline(ctx)
	defer cancel()
	_, _, err = a.api.DeleteMessageContext(ctx, place.channel, place.ts)
	if err != nil && !isCode(err, "message_not_found", "thread_not_found") {
		return bridge.Sent{}, failure("chat.delete", err)
	}
	return bridge.Sent{Message: p.Message}, kept
}

// values builds the arguments of a call from names and values in turn.
func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
