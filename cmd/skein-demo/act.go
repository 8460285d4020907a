package main

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// act is one thing a person does, the body of POST /demo/act.
type act struct {
	Platform string `json:"platform"`
	Place    string `json:"place"`  // id of a place; a thread may be named here as well
	Thread   string `json:"thread"` // id of a thread in the place
	As       string `json:"as"`     // who does it: a person's id
	// Do is say, edit, delete, react, press, command or upload; submit, dismiss, suggest or open where there are forms.
	Do string `json:"do"`
	// Text is what is said or edited to; the name of an emoji; a command with its words, "/qr refund"; a file's
	// content, or a data: URL of it.
	Text string `json:"text"`
	// Target is the id of the message, form or home that is edited, deleted, reacted to, pressed on, submitted or
	// dismissed; of say, in Discord and Telegram, of the message that it answers; of suggest, in Slack, of the form.
	Target string `json:"target"`
	// Value is the id, the value or the label of the button; an option of a menu is given as Text. For upload it is
	// the file's name. Fields of a form and options of a command are a JSON object of texts by name; suggest takes the
	// name of the one that is being typed.
	Value string `json:"value"`

	file []byte // the content of an upload that came beside the act, in the stead of Text
}

// answerWithin is how long a person waits for a button or a command; Slack and Discord give an app 3 s. Tests wait longer, as
// their machine may have much else to do.
var answerWithin = 4 * time.Second

var (
	errNoAnswer  = refuse(http.StatusGatewayTimeout, "no_answer", "The app did not answer in time. Try again in a moment.")
	errUnknownDo = refuse(http.StatusUnprocessableEntity, "unknown_do", "Expected do to be say, edit, delete, react, press, command, upload, submit, dismiss, suggest or open.")
	errNoChange  = refuse(http.StatusUnprocessableEntity, "no_text", "There is no text to change it to. Delete the message instead.")
	errNoCommand = refuse(http.StatusUnprocessableEntity, "no_command", "A command begins with a slash, such as /help.")
)

// command returns the word of a slash command and what follows it.
func (a act) command() (word, rest string, err error) {
	word, rest, _ = strings.Cut(strings.TrimSpace(a.Text), " ")
	if len(word) < 2 || word[0] != '/' {
		return "", "", errNoCommand
	}
	return word, strings.TrimSpace(rest), nil
}

// button finds the one of those offered that Value names.
func (a act) button(offered []button) (button, error) {
	for _, b := range offered {
		if b.ID == a.Value || b.Value != "" && b.Value == a.Value || strings.EqualFold(b.Text, a.Value) {
			return b, nil
		}
	}
	return button{}, refuse(http.StatusNotFound, "button_not_found", "The message has no such button. Name it in value by its id, its value or its label.")
}

// emoji is the name of the emoji that is given.
func (a act) emoji() (string, error) {
	for _, name := range []string{a.Text, a.Value} {
		if name = strings.Trim(name, ":"); name != "" {
			return emojiName(name), nil
		}
	}
	return "", refuse(http.StatusUnprocessableEntity, "no_emoji", "Name an emoji in text, such as eyes.")
}

// content is that of an upload: what came beside the act, the text itself, or what a data: URL holds (RFC 2397).
func (a act) content() ([]byte, error) {
	if a.Value == "" || a.Text == "" && len(a.file) == 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "no_file", "Give the file's name in value and its content in text, as it is or as a data: URL.")
	}
	if len(a.file) > 0 {
		return a.file, nil
	}
	content, err := fileContent(a.Text)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, "bad_data_url", "The data: URL cannot be read.")
	}
	return content, nil
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
