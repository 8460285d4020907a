package main

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// answerWithin is how long a person waits for a button or a command; Slack gives an app 3 s.
const answerWithin = 4 * time.Second

var errNoAnswer = refuse(http.StatusGatewayTimeout, "no_answer", "The app did not answer in time. Try again in a moment.")

// Act implements platform.
func (p *slackPlatform) Act(ctx context.Context, a act) (string, error) {
	a, err := p.resolve(a)
	if err != nil {
		return "", err
	}
	id := a.Target
	switch a.Do {
	case "press":
		err = p.press(ctx, a)
	case "command":
		id, err = p.command(ctx, a)
	default:
		id, err = p.message(a) //nolint:contextcheck // what the simulator sends to the app outlives the call
	}
	if err != nil {
		return "", slackProblem(err)
	}
	return id, nil
}

// message does what makes or touches a message.
func (p *slackPlatform) message(a act) (string, error) {
	switch a.Do {
	case "say":
		return p.server.Say(a.As, a.Place, a.Thread, a.Text)
	case "edit":
		if strings.TrimSpace(a.Text) == "" {
			return "", refuse(http.StatusUnprocessableEntity, "no_text", "There is no text to change it to. Delete the message instead.")
		}
		return a.Target, p.server.Edit(a.As, a.Place, a.Target, a.Text)
	case "delete":
		return a.Target, p.server.Delete(a.As, a.Place, a.Target)
	case "react":
		return a.Target, p.react(a)
	case "upload":
		return p.upload(a)
	}
	return "", refuse(http.StatusUnprocessableEntity, "unknown_do", "Expected do to be say, edit, delete, react, press, command or upload.")
}

// resolve replaces the person by a user id, and a thread in the place's stead by its channel and itself.
func (p *slackPlatform) resolve(a act) (act, error) {
	if !slices.ContainsFunc(colleagues, func(c colleague) bool { return c.handle == a.As }) {
		return a, refuse(http.StatusUnprocessableEntity, "unknown_person", "Nobody here is called that. Act as ana, ben or zoe.")
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
	name := strings.Trim(a.Text, ":")
	if name == "" {
		name = strings.Trim(a.Value, ":")
	}
	if name == "" {
		return refuse(http.StatusUnprocessableEntity, "no_emoji", "Name an emoji in text, such as eyes.")
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

// press uses the button or menu that Value names by id, value or label.
func (p *slackPlatform) press(ctx context.Context, a act) error {
	var found *button
	p.server.Look(func(s slacktest.State) {
		m, _ := s.Message(a.Target)
		for _, b := range buttons(m.Blocks) {
			if found == nil && (b.ID == a.Value || b.Value != "" && b.Value == a.Value || strings.EqualFold(b.Text, a.Value)) {
				found = &b
			}
		}
	})
	if found == nil {
		return refuse(http.StatusNotFound, "button_not_found", "The message has no such button. Name it in value by its id, its value or its label.")
	}
	if err := p.connected(ctx); err != nil {
		return err
	}
	i, err := p.server.Press(a.As, a.Target, found.ID, a.Text) //nolint:contextcheck // outlives the call
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

// upload attaches a file. Its content is the text itself, or what a data: URL holds (RFC 2397).
func (p *slackPlatform) upload(a act) (string, error) {
	if a.Value == "" || a.Text == "" && len(a.file) == 0 {
		return "", refuse(http.StatusUnprocessableEntity, "no_file", "Give the file's name in value and its content in text, as it is or as a data: URL.")
	}
	content, err := a.file, error(nil)
	if len(content) == 0 {
		content, err = fileContent(a.Text)
	}
	if err != nil {
		return "", refuse(http.StatusUnprocessableEntity, "bad_data_url", "The data: URL cannot be read.")
	}
	return p.server.Upload(a.As, a.Place, a.Thread, a.Value, content, "")
}

func fileContent(text string) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, "data:")
	if !ok {
		return []byte(text), nil
	}
	kind, data, ok := strings.Cut(rest, ",")
	if !ok {
		return nil, errors.New("no comma")
	}
	if strings.HasSuffix(kind, ";base64") {
		return base64.StdEncoding.DecodeString(data)
	}
	plain, err := url.PathUnescape(data)
	return []byte(plain), err
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
