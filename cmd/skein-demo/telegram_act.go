package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// Act implements platform. Place may be left out: everyone has one chat.
func (p *telegramPlatform) Act(_ context.Context, a act) (done, error) {
	if err := known("telegram", a.As); err != nil {
		return done{}, err
	}
	user := telegramIDs[a.As]
	if a.Place != "" && a.Place != p.ID(a.As) {
		return done{}, refuse(http.StatusNotFound, "channel_not_found", "This person has no such chat. Leave place out: everyone here has one, with the shop.")
	}
	var target int64
	if a.Target != "" {
		var err error
		if target, err = strconv.ParseInt(a.Target, 10, 64); err != nil {
			return done{}, telegramProblem(errors.New("no such message"))
		}
	}
	id, err := p.act(a, user, target)
	if err != nil {
		return done{}, telegramProblem(err)
	}
	return done{ID: strconv.FormatInt(id, 10)}, nil
}

func (p *telegramPlatform) act(a act, user, target int64) (int64, error) {
	switch a.Do {
	case "say":
		return p.server.Post(user, user, telegramtest.Draft{Text: a.Text, ReplyTo: target})
	case "command": // commands are messages in Telegram
		if _, _, err := a.command(); err != nil {
			return 0, err
		}
		return p.server.Say(user, user, a.Text)
	case "edit":
		if strings.TrimSpace(a.Text) == "" {
			return 0, errNoChange
		}
		return target, p.server.Edit(user, user, target, a.Text)
	case "delete":
		return target, p.server.Delete(user, user, target)
	case "react":
		return target, p.react(a, user, target)
	case "press":
		return target, p.press(a, user, target)
	case "upload":
		return p.upload(a, user)
	}
	return 0, errUnknownDo
}

// react gives the emoji, or takes it back when it was given before.
func (p *telegramPlatform) react(a act, user, target int64) error {
	name, err := a.emoji()
	if err != nil {
		return err
	}
	var given []string
	p.server.Look(func(s telegramtest.State) {
		m, _ := s.Message(user, target)
		for _, r := range m.Reactions {
			given = append(given, emojiName(r.Emoji))
		}
	})
	if slices.Contains(given, name) {
		return p.server.React(user, user, target)
	}
	return p.server.React(user, user, target, emojiCharacter(name)) // one at a time, as without a subscription
}

func (p *telegramPlatform) press(a act, user, target int64) error {
	var offered []button
	p.server.Look(func(s telegramtest.State) {
		m, _ := s.Message(user, target)
		offered = telegramButtons(m.Buttons)
	})
	found, err := a.button(offered)
	if err != nil {
		return err
	}
	_, err = p.server.Press(user, user, target, found.Text)
	return err
}

// upload sends a picture as a photo, as the client does, and anything else as a document.
func (p *telegramPlatform) upload(a act, user int64) (int64, error) {
	content, err := a.content()
	if err != nil {
		return 0, err
	}
	kind := http.DetectContentType(content)
	file := telegramtest.Document(a.Value, kind, content)
	if kind == "image/jpeg" || kind == "image/png" || kind == "image/webp" {
		file = telegramtest.Photo(content)
	}
	return p.server.Post(user, user, telegramtest.Draft{Attach: file})
}

// telegramRefusals says in words what the simulated Telegram refuses.
var telegramRefusals = map[string]problem{
	"no such message":                    {http.StatusNotFound, "message_not_found", "There is no such message, or it was deleted."},
	"no such message of theirs":          {http.StatusNotFound, "message_not_found", "There is no such message, or it was deleted."},
	"the message to answer is not there": {http.StatusNotFound, "message_not_found", "The message to answer is not there."},
	"not their message":                  {http.StatusForbidden, "cant_update_message", "People can change only their own messages."},
	"nothing to send":                    {http.StatusUnprocessableEntity, "no_text", "There is no text to send."},
}

// telegramProblem makes of an error of the simulator what a person can be told.
func telegramProblem(err error) error {
	if _, told := errors.AsType[*problem](err); told {
		return err
	}
	if p, ok := telegramRefusals[err.Error()]; ok {
		return &p
	}
	return refuse(http.StatusUnprocessableEntity, "refused", "Telegram refused this: "+err.Error())
}
