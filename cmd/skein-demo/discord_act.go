package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// Act implements platform.
func (p *discordPlatform) Act(ctx context.Context, a act) (done, error) {
	a, err := p.resolve(a)
	if err != nil {
		return done{}, err
	}
	came := done{ID: a.Target}
	switch a.Do {
	case "press":
		err = p.press(ctx, a)
	case "command":
		came.ID, err = p.command(ctx, a)
	case "submit":
		err = p.submit(ctx, a)
	case "dismiss":
		err = p.dismiss(a)
	case "suggest":
		came.Options, err = p.suggest(ctx, a)
	default:
		came.ID, err = p.message(a)
	}
	if err != nil {
		return done{}, discordProblem(err)
	}
	return came, nil
}

// message does what makes or touches a message.
func (p *discordPlatform) message(a act) (id string, err error) {
	id = a.Target
	switch a.Do {
	case "say":
		return p.server.Post(a.As, a.Place, discordtest.Draft{Text: a.Text, Reply: a.Target})
	case "edit":
		if err = errNoChange; strings.TrimSpace(a.Text) != "" {
			err = p.server.Edit(a.As, a.Target, a.Text)
		}
	case "delete":
		err = p.server.Delete(a.As, a.Target)
	case "react":
		err = p.react(a)
	case "upload":
		return p.upload(a)
	default:
		err = errUnknownDo
	}
	return id, err
}

// resolve replaces the person by a user id, and the place by the thread in it where one is named: a thread is a channel.
func (p *discordPlatform) resolve(a act) (act, error) {
	if err := known("discord", a.As); err != nil {
		return a, err
	}
	a.As = discordIDs[a.As]
	if a.Thread == "" {
		return a, nil
	}
	var in bool
	p.server.Look(func(s discordtest.State) {
		t, ok := s.Channel(a.Thread)
		in = ok && !t.Deleted && (t.ParentID == a.Place || t.ID == a.Place || a.Place == "")
	})
	if !in {
		return a, refuse(http.StatusNotFound, "thread_not_found", "There is no such thread in this place.")
	}
	a.Place = a.Thread
	return a, nil
}

// react gives the emoji, or takes it back when the person has given it before: what a click on it does.
func (p *discordPlatform) react(a act) error {
	name, err := a.emoji()
	if err != nil {
		return err
	}
	character, given := emojiCharacter(name), false
	p.server.Look(func(s discordtest.State) {
		m, _ := s.Message(a.Target)
		given = slices.ContainsFunc(m.Reactions, func(r discordtest.Reaction) bool {
			return r.Emoji == character && slices.Contains(r.Users, a.As)
		})
	})
	if given {
		return p.server.Unreact(a.As, a.Target, character)
	}
	return p.server.React(a.As, a.Target, character)
}

func (p *discordPlatform) upload(a act) (string, error) {
	content, err := a.content()
	if err != nil {
		return "", err
	}
	return p.server.Upload(a.As, a.Place, a.Value, content, "")
}

// discordRefusals says in words what the simulated Discord refuses by a number.
var discordRefusals = map[string]problem{
	"10003":  {http.StatusNotFound, "channel_not_found", "There is no such place."},
	"10008":  {http.StatusNotFound, "message_not_found", "There is no such message, or it was deleted."},
	"10062":  {http.StatusNotFound, "no_form", "This form is no longer open."},
	"10063":  {http.StatusNotFound, "command_not_found", "There is no such command. A slash in an empty field lists them."},
	"10014":  {http.StatusUnprocessableEntity, "no_emoji", "Discord knows no such emoji."},
	"50001":  {http.StatusForbidden, "not_in_channel", "This person does not see the channel."},
	"50005":  {http.StatusForbidden, "cant_update_message", "People can change only their own messages."},
	"50006":  {http.StatusUnprocessableEntity, "no_text", "There is no text to send."},
	"50013":  {http.StatusForbidden, "cant_delete_message", "People can delete only their own messages."},
	"50083":  {http.StatusConflict, "is_archived", "The thread is archived. Write in it to open it again."},
	"160005": {http.StatusConflict, "thread_locked", "The thread is locked."},
}

// discordProblem makes of an error of the simulator what a person can be told.
func discordProblem(err error) error {
	if _, told := errors.AsType[*problem](err); told {
		return err
	}
	number, _, _ := strings.Cut(err.Error(), ":")
	if p, ok := discordRefusals[number]; ok {
		return &p
	}
	return refuse(http.StatusUnprocessableEntity, "refused", "Discord refused this: "+err.Error())
}
