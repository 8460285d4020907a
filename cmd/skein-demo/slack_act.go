package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// Act implements platform.
func (p *slackPlatform) Act(ctx context.Context, a act) (done, error) {
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
		err = p.dismiss(a) //nolint:contextcheck // what the simulator sends to the app outlives the call
	case "suggest":
		var f form
		switch f, err = p.form(ctx, a); {
		case errors.Is(err, errNoForm): // it went while somebody typed
			came.Options, err = []option{}, nil
		case err == nil:
			came.Options, err = p.suggest(ctx, a, f, a.Value, a.Text)
		}
	case "open":
		err = p.server.OpenHome(a.As) //nolint:contextcheck // what the simulator sends to the app outlives the call
	default:
		came.ID, err = p.message(a) //nolint:contextcheck // what the simulator sends to the app outlives the call
	}
	if err != nil {
		return done{}, slackProblem(err)
	}
	return came, nil
}

// message does what makes or touches a message.
func (p *slackPlatform) message(a act) (string, error) {
	switch a.Do {
	case "say":
		return p.server.Say(a.As, a.Place, a.Thread, a.Text)
	case "edit":
		if strings.TrimSpace(a.Text) == "" {
			return "", errNoChange
		}
		return a.Target, p.server.Edit(a.As, a.Place, a.Target, a.Text)
	case "delete":
		return a.Target, p.server.Delete(a.As, a.Place, a.Target)
	case "react":
		return a.Target, p.react(a)
	case "upload":
		return p.upload(a)
	}
	return "", errUnknownDo
}

// resolve replaces the person by a user id, and a thread in the place's stead by its channel and itself.
func (p *slackPlatform) resolve(a act) (act, error) {
	if err := known("slack", a.As); err != nil {
		return a, err
	}
	a.As = slackID(a.As)
	p.server.Look(func(s slacktest.State) {
		if root, ok := s.Message(a.Place); ok {
			a.Place, a.Thread = root.Channel, root.TS
		}
	})
	return a, nil
}

// react gives the emoji, or takes it back when the person has given it before: what a click on it does.
func (p *slackPlatform) react(a act) error {
	name, err := a.emoji()
	if err != nil {
		return err
	}
	var given bool
	p.server.Look(func(s slacktest.State) {
		m, _ := s.Message(a.Target)
		given = slices.ContainsFunc(m.Reactions, func(r slacktest.Reaction) bool {
			return r.Name == name && slices.Contains(r.Users, a.As)
		})
	})
	if given {
		return p.server.Unreact(a.As, a.Place, a.Target, name)
	}
	return p.server.React(a.As, a.Place, a.Target, name)
}

// connected waits until the app listens: Slack keeps events for it, but no presses and commands.
func (p *slackPlatform) connected(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if p.server.Await(ctx, func(s slacktest.State) bool { return s.Delivery().Sockets > 0 }) != nil {
		return errNoAnswer
	}
	return nil
}

// press uses the button or menu that Value names by id, value or label: of a message, else of the message's menu; of a
// form, or of the app's home. Fields as the value fill in a form and send it.
func (p *slackPlatform) press(ctx context.Context, a act) error {
	if err := p.connected(ctx); err != nil {
		return err
	}
	if a.fills() {
		return p.submit(ctx, a)
	}
	if ours, err := p.pressView(ctx, a); ours {
		return err
	}
	var offered []button
	p.server.Look(func(s slacktest.State) {
		m, _ := s.Message(a.Target)
		offered = buttons(m.Blocks)
		for _, e := range s.Ephemerals() {
			if e.TS == a.Target && e.User == a.As {
				offered = buttons(e.Blocks)
			}
		}
	})
	use := p.server.Press
	found, err := a.button(offered)
	if err != nil {
		listed, listErr := a.button(p.app.menu)
		if listErr != nil {
			return err
		}
		found, use = listed, func(user, ts, id, _ string) (*slacktest.Interaction, error) { return p.server.Shortcut(user, ts, id) } //nolint:contextcheck // outlives the call
	}
	i, err := use(a.As, a.Target, found.ID, a.Text)
	if err != nil {
		return err
	}
	return acknowledged(ctx, i)
}

// command runs a slash command; its id is that of the interaction.
func (p *slackPlatform) command(ctx context.Context, a act) (string, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	switch {
	case a.Thread != "":
		return "", refuse(http.StatusUnprocessableEntity, "command_in_thread", "Slack allows no slash commands in threads. Write !help there instead.")
	case len(word) < 2 || word[0] != '/':
		return "", refuse(http.StatusUnprocessableEntity, "no_command", "A command begins with a slash, such as /skein.")
	}
	if err := p.connected(ctx); err != nil {
		return "", err
	}
	i, err := p.server.Command(a.As, a.Place, word, strings.TrimSpace(rest)) //nolint:contextcheck // outlives the call
	if err != nil {
		return "", err
	}
	return i.TriggerID, acknowledged(ctx, i)
}

// acknowledged waits until the app has taken the interaction, as Slack's client does.
func acknowledged(ctx context.Context, i *slacktest.Interaction) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := i.Await(ctx); err != nil {
		return errNoAnswer
	}
	return nil
}

func (p *slackPlatform) upload(a act) (string, error) {
	content, err := a.content()
	if err != nil {
		return "", err
	}
	return p.server.Upload(a.As, a.Place, a.Thread, a.Value, content, "")
}

// slackRefusals says in words what the simulated Slack refuses by a code.
var slackRefusals = map[string]problem{
	"channel_not_found":               {http.StatusNotFound, "", "There is no such place."},
	"thread_not_found":                {http.StatusNotFound, "", "There is no such thread in this place."},
	"message_not_found":               {http.StatusNotFound, "", "There is no such message, or it was deleted."},
	"not_in_channel":                  {http.StatusForbidden, "", "This person is not in the channel."},
	"cant_update_message":             {http.StatusForbidden, "", "People can change only their own messages."},
	"cant_delete_message":             {http.StatusForbidden, "", "People can delete only their own messages."},
	"is_archived":                     {http.StatusConflict, "", "The channel is archived."},
	"restricted_action_thread_locked": {http.StatusConflict, "", "The thread is locked."},
	"no_text":                         {http.StatusUnprocessableEntity, "", "There is no text to send."},
}

// slackProblem makes of an error of the simulator what a person can be told.
func slackProblem(err error) error {
	if _, told := errors.AsType[*problem](err); told {
		return err
	}
	p, known := slackRefusals[err.Error()]
	if !known {
		return refuse(http.StatusUnprocessableEntity, "refused", "Slack refused this: "+err.Error())
	}
	p.code = err.Error()
	return &p
}
