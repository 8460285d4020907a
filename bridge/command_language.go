package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skeindesk/skein/bridge/language"
	"github.com/skeindesk/skein/bridge/rich"
)

// languageCommands are about what language is spoken, and what is translated.
func languageCommands() []command {
	code := Field{Name: "language", Label: "Language", Hint: "es, Spanish, pt-BR", Kind: FieldLine}
	other := code
	other.Optional = true
	return []command{
		{
			Word: Word{
				Word: "translate", Usage: "!translate [language]", OnMessage: true, Args: []Field{other},
				Help: "read the visitor's last line, or the one you answer with it, in your language or another",
			},
			ahead: aheadTranslate, run: commandTranslate,
		},
		{
			Word: Word{Word: "lang", Usage: "!lang es", Help: "say what language the visitor speaks", Args: []Field{code}},
			run:  commandLang,
		},
		{
			Word: Word{
				Word: "auto", Usage: "!auto on or !auto off", Help: "have everything translated, both ways",
				Args: []Field{{
					Name: "translation", Label: "Translation", Kind: FieldChoice,
					Choices: []Choice{{Value: "on", Label: "On"}, {Value: "off", Label: "Off"}},
				}},
			},
			run: commandAuto,
		},
		{
			Word: Word{
				Word: "preview", Usage: "!preview words", Help: "see what the visitor would read, and what that means, before it is sent",
				Args: []Field{{Name: "words", Label: "Words to the visitor", Kind: FieldText}},
			},
			ahead: aheadPreview, run: commandPreview,
		},
	}
}

func commandLang(d *Desk, c *change, a asked) error {
	code, ok := language.Parse(a.field("language"))
	if !ok {
		return &Problem{Code: "bad_language", Public: "Nothing was changed: write a language such as es, Spanish or pt-BR after the word."}
	}
	conv := a.conv
	conv.Language, conv.LanguageSure, conv.Heard, conv.Listening = code, true, "", conv.Auto
	if err := saveLanguage(c.tx, conv); err != nil {
		return err
	}
	a.answer.Public = "The visitor speaks " + LanguageName(code) + "."
	if !conv.Auto && d.languages.translates() && !sameLanguage(code, d.readerLanguage(a)) {
		a.answer.Public += " Have everything translated (!auto on)?"
		a.answer.Offers = []Offer{{Word: "auto", Rest: "on", Label: "Translate"}}
	}
	return nil
}

func commandAuto(d *Desk, c *change, a asked) error {
	on := strings.EqualFold(a.field("translation"), "on")
	switch {
	case !on && !strings.EqualFold(a.field("translation"), "off"):
		return &Problem{Code: "bad_word", Public: "Nothing was changed: write on or off after the word."}
	case on && !d.languages.translates():
		return errNoTranslator
	case on == a.conv.Auto:
		a.answer.Public = "Translation is " + strings.ToLower(a.field("translation")) + " already."
		return nil
	}
	conv := a.conv
	conv.Auto, conv.Listening = on, on || !conv.LanguageSure
	if err := saveLanguage(c.tx, conv); err != nil {
		return err
	}
	text := a.by.Name + " has turned translation off: everybody reads what is written."
	if on {
		text = a.by.Name + " has turned translation on: the visitor reads " + LanguageName(conv.Language) + ", you read your language."
		if conv.Language == "" {
			text = a.by.Name + " has turned translation on. The visitor's language is not known yet: it begins when it is, or when somebody says it (!lang es)."
		}
	}
	return c.notify(conv, AgentsOnly, text)
}

var errNoTranslator = &Problem{
	Code: "no_translator", Public: "Nothing is translated here: no translator is configured (translator: in skein.yaml).",
}

// aheadTranslate reads a line in another language. What cannot be told yet, it leaves to commandTranslate.
func aheadTranslate(ctx context.Context, d *Desk, a asked) (any, error) {
	if !d.languages.translates() {
		return nil, nil
	}
	var line Entry
	var conv Conversation
	err := d.ledger.Look(ctx, func(tx Tx) (err error) {
		if conv, err = d.inThread(tx, a); err != nil {
			return err
		}
		line, err = lineToRead(tx, conv, a)
		return err
	})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	to := d.readerLanguage(a)
	if said := a.field("language"); said != "" {
		if to, _ = language.Parse(said); to == "" {
			return nil, nil
		}
	}
	from := d.languageOf(conv, line)
	if sameLanguage(from, to) {
		return read{line: line, body: line.Body, from: from, to: to}, nil
	}
	body, err := d.translate(ctx, line.Body, from, to)
	return read{line: line, body: body, from: from, to: to}, err
}

// read is a line in another language.
type read struct {
	line     Entry
	body     rich.Doc
	from, to string
}

func commandTranslate(d *Desk, _ *change, a asked) error {
	r, ok := a.ahead.(read)
	switch {
	case !d.languages.translates():
		return errNoTranslator
	case !ok:
		return &Problem{Code: "nothing_to_translate", Public: "There is no line to translate here, or that is no language: write one such as es or Spanish after the word."}
	case sameLanguage(r.from, r.to):
		a.answer.Public = "That line is in " + LanguageName(r.from) + " already."
		return nil
	}
	head := describe(r.line) + ", in " + LanguageName(r.to) + ":"
	a.say(append(rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{text(head)}}}, rich.Node{Kind: rich.Quote, Children: r.body}))
	return nil
}

// lineToRead is the line a command is about: the one it was given on, else the visitor's last one.
func lineToRead(tx Tx, conv Conversation, a asked) (Entry, error) {
	if a.in.Target == "" {
		return tx.NewestLine(conv.ID, ByVisitor)
	}
	en, err := lineAt(tx, conv.ID, a.in)
	if err != nil {
		return Entry{}, err
	}
	if en.Kind != Said && en.Kind != Noted {
		return Entry{}, ErrNotFound
	}
	now, gone, err := tx.EntryAt(en.Conversation, en.Seq)
	if gone {
		return Entry{}, ErrNotFound
	}
	return now, err
}

// aheadPreview translates a line that is not sent yet, and back.
func aheadPreview(ctx context.Context, d *Desk, a asked) (any, error) {
	words := a.field("words")
	if !d.languages.translates() || words == "" {
		return nil, nil
	}
	var conv Conversation
	err := d.ledger.Look(ctx, func(tx Tx) (err error) {
		conv, err = d.inThread(tx, a)
		return err
	})
	own := d.readerLanguage(a)
	if err != nil || conv.Language == "" || sameLanguage(own, conv.Language) {
		return nil, ignoreMissing(err)
	}
	there, err := d.translate(ctx, rich.Of(words), own, conv.Language)
	if err != nil {
		return nil, err
	}
	back, err := d.translate(ctx, there, conv.Language, own)
	return preview{there: rich.Plain(there), back: rich.Plain(back)}, err
}

type preview struct{ there, back string }

func commandPreview(d *Desk, c *change, a asked) error {
	p, ok := a.ahead.(preview)
	switch {
	case !d.languages.translates():
		return errNoTranslator
	case !ok:
		return &Problem{Code: "nothing_to_translate", Public: "Nothing was sent: the visitor's language is yours, or is not known yet (!lang es says it)."}
	}
	line := c.spoken(a, rich.Of(a.field("words")), nil)
	return c.ask(a.conv, line, fmt.Sprintf("in %s it reads “%s”, which means “%s”", LanguageName(a.conv.Language), p.there, p.back))
}

// inThread finds the conversation of a command, for a member of the team.
func (d *Desk) inThread(tx Tx, a asked) (Conversation, error) {
	_, err := tx.AgentByPerson(a.in.Endpoint, a.in.From.ID)
	if errors.Is(err, ErrNotFound) && !d.routes[a.in.Endpoint].Invited { // who writes here is in the team in a moment
		err = nil
	}
	if err != nil {
		return Conversation{}, err
	}
	if id, ok := parseConversation(a.fields[ConversationField]); ok && a.in.Thread == "" {
		return tx.Conversation(id)
	}
	conv, _, err := tx.ConversationByThread(a.in.Endpoint, a.in.Thread)
	return conv, err
}

// readerLanguage is what whoever gives a command reads.
func (d *Desk) readerLanguage(a asked) string {
	return cmp.Or(d.routes[a.in.Endpoint].Language, d.teamLanguage)
}

func ignoreMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
