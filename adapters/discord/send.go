package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/skeindesk/skein/bridge"
)

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
		f = &bridge.Failure{Verdict: bridge.GiveUp, Public: "Discord cannot do this.", Err: fmt.Errorf("unknown op %q", p.Op)}
	}
	if f != nil {
		if f.Refused {
			a.shut.Store(true)
		}
		if a.amongColleagues(p) && isCode(f, missingAccess, missingPermissions, wrongChannelType) {
			f.Whole = false // no reason to keep visitors waiting
		}
		return bridge.Sent{}, fmt.Errorf("discord: %s: %w", p.Op, f)
	}
	a.happened()
	return sent, nil
}

func (a *Adapter) amongColleagues(p bridge.Part) bool {
	return p.Thread != "" && p.Thread == a.Commons()
}

func badPart(err error) *bridge.Failure {
	return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message could not be prepared for Discord.", Err: err}
}

// message is what a post is as a request. It calls nobody, whatever its text says; an edit never does.
func (p post) message() outgoing {
	m := outgoing{Content: p.Text, Embeds: []embed{p.Embed}, Components: p.Buttons, Mentions: noMentions()}
	if m.Components == nil {
		m.Components = []component{}
	}
	return m
}

// marked adds what makes a post known again: for minutes the nonce, for ever the address.
func (p post) marked(key bridge.DeliveryKey) outgoing {
	m := p.message()
	m.Embeds[0].URL = markURL(key)
	m.Nonce, m.EnforceNonce = mark(key), true
	m.Mentions.Users = p.Calls
	return m
}

func (a *Adapter) post(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	if p.Thread == "" {
		return a.open(ctx, p, content)
	}
	channel, err := content.channel(p.Thread)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	m := content.marked(p.Key)
	if place, err := parseMessage(content.ReplyTo); err == nil {
		m.Reference = &replyTo{Message: place.id}
	}
	sent, f := a.create(ctx, channel, m, content.Files)
	if f != nil && f.Verdict == bridge.Reopen && a.amongColleagues(p) && channel != a.cfg.Colleagues {
		m.Reference = nil // the thread is gone or locked, the conversation is not
		return a.create(ctx, a.cfg.Colleagues, m, content.Files)
	}
	if f == nil && content.Archive {
		a.archive(ctx, channel)
	}
	return sent, f
}

// channel is where a post goes: among colleagues perhaps into a thread of their channel.
func (p post) channel(t bridge.ThreadRef) (string, error) {
	if place, err := parseMessage(p.ReplyTo); err == nil {
		return place.channel, nil
	}
	return parseThread(t)
}

// create posts a message. One in an archived thread revives it, unless a person has locked it.
func (a *Adapter) create(ctx context.Context, channel string, m outgoing, files []bridge.File) (bridge.Sent, *bridge.Failure) {
	var answer message
	path := "/channels/" + channel + "/messages"
	if len(files) > 0 {
		if f := a.upload(ctx, path, m, files, &answer); f != nil {
			return bridge.Sent{}, f
		}
	} else if err := a.call(ctx, http.MethodPost, path, m, &answer); err != nil {
		return bridge.Sent{}, failure("create message", err)
	}
	if answer.ID == "" {
		return bridge.Sent{}, failure("create message", errNoAnswer)
	}
	a.ours.add(string(answer.ID))
	return bridge.Sent{Message: makePost(channel, string(answer.ID), len(files) > 0)}, nil
}

// edit changes a message of ours. One that is gone needs no change.
func (a *Adapter) edit(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	if content.Bare {
		return a.shelve(ctx, p, content.Archive)
	}
	place, err := parseMessage(p.Message)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	if content.State != "" {
		if f := a.follow(ctx, p.Thread, content.State); f != nil {
			return bridge.Sent{}, f
		}
	}
	err = a.awake(ctx, place.channel, func() error {
		return a.call(ctx, http.MethodPatch, messagePath(place), content.message(), nil)
	})
	if err != nil && !isCode(err, unknownChannel, unknownMessage) {
		return bridge.Sent{}, failure("edit message", err)
	}
	if thread, err := parseThread(p.Thread); err == nil && content.Archive {
		a.archive(ctx, thread)
	}
	return bridge.Sent{Message: p.Message}, nil
}

// shelve archives a thread or wakes it. One that is gone needs neither.
func (a *Adapter) shelve(ctx context.Context, p bridge.Part, away bool) (bridge.Sent, *bridge.Failure) {
	thread, err := parseThread(p.Thread)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	if away {
		a.archive(ctx, thread)
		return bridge.Sent{Message: p.Message}, nil
	}
	err = a.patchThread(ctx, thread, map[string]any{"archived": false})
	if err != nil && !isCode(err, unknownChannel) {
		return bridge.Sent{}, surely(failure("modify channel", err))
	}
	return bridge.Sent{Message: p.Message}, nil
}

// remove deletes a message of ours and its files. What is gone already needs no deletion.
func (a *Adapter) remove(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	place, err := parseMessage(p.Message)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	a.ours.add(place.id) // so that the event of its deletion is not taken for a person's doing
	err = a.awake(ctx, place.channel, func() error {
		return a.call(ctx, http.MethodDelete, messagePath(place), nil, nil)
	})
	if err != nil && !isCode(err, unknownChannel, unknownMessage) {
		return bridge.Sent{}, failure("delete message", err)
	}
	return bridge.Sent{Message: p.Message}, nil
}

func messagePath(p messagePlace) string { return "/channels/" + p.channel + "/messages/" + p.id }

// Codes that are no failure, or not at once.
const (
	unknownChannel = 10003
	unknownMessage = 10008
	threadArchived = 50083
	threadExists   = 160004
	tooManyThreads = 160006

	wrongChannelType = 50024
)

// awake does something in a thread, which it wakes for the moment if it is archived (D:topics/threads).
func (a *Adapter) awake(ctx context.Context, channel string, do func() error) error {
	err := do()
	if !isCode(err, threadArchived) {
		return err
	}
	if err := a.patchThread(ctx, channel, map[string]any{"archived": false}); err != nil {
		return err
	}
	defer a.archive(ctx, channel)
	return do()
}

func (a *Adapter) patchThread(ctx context.Context, channel string, change map[string]any) error {
	return a.call(ctx, http.MethodPatch, "/channels/"+channel, change, nil)
}

// archive takes a thread out of sight. It is a courtesy: what matters has been done.
func (a *Adapter) archive(ctx context.Context, channel string) {
	err := a.patchThread(context.WithoutCancel(ctx), channel, map[string]any{"archived": true})
	if err != nil && !isCode(err, unknownChannel) {
		a.log.Info("a thread could not be archived", "error", failure("modify channel", err))
	}
}

// follow wakes a thread and, in a forum, has its tag say the state. A thread that is gone needs none of it.
func (a *Adapter) follow(ctx context.Context, t bridge.ThreadRef, state bridge.State) *bridge.Failure {
	thread, err := parseThread(t)
	if err != nil {
		return badPart(err)
	}
	d, err := a.deskInfo(ctx)
	if err != nil {
		return surely(failure("get channel", err))
	}
	change := map[string]any{"archived": false}
	if tags := d.tagsFor(state); d.forum && len(tags) > 0 {
		change["applied_tags"] = tags
	}
	err = a.patchThread(ctx, thread, change)
	if isCode(err, unknownChannel) {
		return nil
	}
	if err != nil {
		return surely(failure("modify channel", err))
	}
	return nil
}
