package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/language"
	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/bridge/rich"
)

// Languages is how visitors and agents who share no language understand each other.
type Languages struct {
	Book       LanguageBook
	Translator Translator                              // nil: nothing is translated, but visitors' languages are recognised
	Glossary   func(from, to string) *masking.Glossary // nil: there is none
	// Limit is how long a line waits for its translation at most. Later it goes out as it is, and the translation follows.
	Limit time.Duration
}

// translates reports whether there is anybody to translate.
func (l *Languages) translates() bool { return l != nil && l.Translator != nil }

// hearingLedger is a ledger in which visitors' lines tell their language, and in which lines of conversations that are
// translated wait for their translation.
type hearingLedger struct {
	Ledger
	d *Desk
}

func (l hearingLedger) Change(ctx context.Context, fn func(tx Tx) error) error {
	return l.Ledger.Change(ctx, func(tx Tx) error { return fn(hearingTx{tx, l.d}) })
}

type hearingTx struct {
	Tx
	d *Desk
}

func (t hearingTx) OpenConversation(c Conversation, lanes []Lane) (Conversation, error) {
	if c.Kind == Guest {
		c.Listening, c.Auto = true, t.d.languages.translates() && t.d.routes[c.Endpoint].Translates
	}
	return t.Tx.OpenConversation(c, lanes)
}

// Append writes an entry. What a visitor says is listened to first; what is to be translated is held back until it is.
func (t hearingTx) Append(en Entry) (Entry, error) {
	if en.Audience != Everyone || en.Kind != Said && en.Kind != Edited || rich.IsEmpty(en.Body) {
		return t.Tx.Append(en)
	}
	if en.By.Kind != ByVisitor && !t.d.languages.translates() {
		return t.Tx.Append(en)
	}
	conv, err := t.Conversation(en.Conversation)
	if err != nil {
		return en, err
	}
	code, chosen := languageChosen(en.Body)
	switch {
	case en.By.Kind != ByVisitor:
	case chosen:
		conv.Language, conv.LanguageSure, conv.Heard, conv.Listening = code, true, "", conv.Auto
		err = saveLanguage(t, conv)
	case conv.Listening && !conv.LanguageSure:
		conv, err = t.hear(conv, en)
	}
	if err != nil {
		return en, err
	}
	wanted, err := t.wanted(conv, en)
	if err != nil {
		return en, err
	}
	hold := en.Held
	if len(wanted) > 0 {
		en.Held = max(en.Held, t.d.languages.Limit)
	}
	if en, err = t.Tx.Append(en); err != nil {
		return en, err
	}
	for _, w := range wanted {
		w.Seq, w.Hold = en.Seq, hold
		if err := t.Want(w); err != nil {
			return en, err
		}
	}
	return en, nil
}

// hear listens to a visitor's line until their language is sure, or until it is not worth while any more.
func (t hearingTx) hear(conv Conversation, en Entry) (Conversation, error) {
	v, err := t.Visitor(conv.Visitor)
	if err != nil {
		return conv, fmt.Errorf("find who is listened to: %w", err)
	}
	before := conv.Language
	heard := readHeard(conv.Heard)
	heard.Lines++
	heard.Tally.Prior = v.Locale
	heard.Tally.Add(rich.Plain(en.Body), v.Profile.Name, en.By.Name)
	if likely := heard.Tally.Likely(); len(likely) > 0 && likely[0].Score >= likelyEnough {
		conv.Language = likely[0].Code
	}
	if code, sure := heard.Tally.Sure(); sure {
		conv.Language, conv.LanguageSure = code, true
	}
	conv.LanguageSure = conv.LanguageSure || heard.Lines >= heardLines
	conv.Heard = heard.String()
	if conv.LanguageSure {
		conv.Heard = ""
	}
	conv.Listening = !conv.LanguageSure || conv.Auto
	if conv.Language == before {
		return conv, t.SaveLanguage(conv)
	}
	return conv, saveLanguage(t, conv)
}

// saveLanguage saves another language, or another way to deal with it, which cards show.
func saveLanguage(tx Tx, conv Conversation) error {
	if err := tx.SaveLanguage(conv); err != nil {
		return err
	}
	return tx.CardChanged(conv.ID)
}

// languageChosen reads a line by which a visitor chooses their language themselves: "/lang es", "/language Spanish".
func languageChosen(body rich.Doc) (code string, ok bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(rich.Plain(body)), " ")
	if word != "/lang" && word != "/language" {
		return "", false
	}
	return language.Parse(strings.TrimSpace(rest))
}

// heard is what a guess of a visitor's language is made of.
type heard struct {
	Lines int
	Tally language.Tally
}

func readHeard(text string) (h heard) {
	_ = json.Unmarshal([]byte(text), &h) // what cannot be read is listened to anew
	return h
}

func (h heard) String() string {
	text, _ := json.Marshal(h) // numbers and texts
	return string(text)
}

// likelyEnough is how likely a guess has to be to be shown, and translated from.
const likelyEnough = 0.9

// heardLines is after how many lines of a visitor it is left at the best guess.
const heardLines = 12

// wanted lists for whom an entry is to be translated, and into what.
func (t hearingTx) wanted(conv Conversation, en Entry) ([]Wanted, error) {
	if !conv.Auto || !t.d.languages.translates() || language.Prose(rich.Plain(en.Body)) == "" {
		return nil, nil
	}
	lanes, err := t.Lanes(conv.ID)
	if err != nil {
		return nil, err
	}
	from := t.d.languageOf(conv, en)
	var wanted []Wanted
	for _, l := range lanes {
		to := conv.Language
		if l.Role == RoleTeam {
			to = t.d.routes[l.Endpoint].Language
		}
		if l.Role != RoleRobot && l.Endpoint != en.Origin.Endpoint && to != "" && from != "" && !sameLanguage(from, to) {
			wanted = append(wanted, Wanted{Conversation: conv.ID, Endpoint: l.Endpoint, From: from, To: to})
		}
	}
	return wanted, nil
}

// languageOf is the language that an entry is in: of an agent's, who may well write to a visitor in the visitor's own, what
// it most likely is of the two.
func (d *Desk) languageOf(conv Conversation, en Entry) string {
	switch {
	case en.Language != "":
		return en.Language
	case en.By.Kind == ByVisitor:
		return conv.Language
	}
	own := cmp.Or(d.routes[en.Origin.Endpoint].Language, d.teamLanguage)
	if guesses := language.Recognise(rich.Plain(en.Body), primary(own), primary(conv.Language)); len(guesses) > 0 && sameLanguage(guesses[0].Code, conv.Language) {
		return conv.Language
	}
	return own
}
