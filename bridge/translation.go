package bridge

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Rendition is what an entry says to those who read it at one endpoint.
type Rendition struct {
	From, To string // BCP 47; From is empty where nobody can tell
	// Body is the text in their language; nil: it is not there, and may come yet.
	Body rich.Doc
}

// Wanted is an entry's text that is to be translated for those who read it at an endpoint.
type Wanted struct {
	Conversation ConversationID
	Seq          int64 // of the Said or Edited entry
	Endpoint     EndpointName
	From, To     string
	Hold         time.Duration // how long the entry waits whenever the translation comes: its agent's time to think
}

// Wish is one instance's hold on what is wanted.
type Wish struct {
	Wanted
	Line    Entry // the entry as it was written
	Epoch   int64
	Attempt int
}

// Granted is what a translation has come to.
type Granted struct {
	// InTime: everybody the entry is for still waited for it, and gets it translated. Otherwise somebody has perhaps got it
	// as it is.
	InTime bool
	// Superseded: the line has been edited or taken back since.
	Superseded bool
}

// LanguageTx is the part of a transaction that is about languages.
type LanguageTx interface {
	// SaveLanguage writes Language, LanguageSure, Heard, Auto and Listening.
	SaveLanguage(c Conversation) error
	// Want notes that a text is to be translated.
	Want(w Wanted) error
	// Grant notes what a wish has come to: the translation, if it is in time; or, without a Body, that there will be none.
	// Everybody for whom the entry waited then gets it, unless another translation of it is awaited yet. ErrLost when the
	// wish has been claimed again since.
	Grant(w Wish, t Rendition) (Granted, error)
	// GrantLate makes a translation that was not in time what the entry seq says; what else is translated of the wish's line,
	// seq says as well.
	GrantLate(w Wish, t Rendition, seq int64) error
	// SayAgain makes what a line, as it stands now, has been translated to what another entry, seq, says as well.
	SayAgain(c ConversationID, line, seq int64) error
	// PutOff gives a wish up until after has passed. goes: meanwhile everybody gets the entry as it is. ErrLost as for Grant.
	PutOff(w Wish, after time.Duration, goes bool) error
	// Failing reports whether of what else was wanted in the conversation the latest that was tried has failed, too.
	Failing(w Wish) (bool, error)
}

// LanguageBook is the Desk's way to the texts that wait for their translation.
type LanguageBook interface {
	// ClaimWishes leases texts that are to be translated now and that nobody holds, the longest due first. Durations are
	// added to the database's clock, which all instances share.
	ClaimWishes(ctx context.Context, lease time.Duration, limit int) ([]Wish, error)
}

// translatedLine is the key of an entry that only says anew what its target says, because the translation came late.
const translatedLine = "translated"

// IsTranslated reports whether the entry is such.
func (en Entry) IsTranslated() bool {
	return en.Kind == Edited && en.Origin == Origin{Key: translatedLine}
}

// translated puts what a delivery's entry says there into its body: the translation with the original below it.
func translated(d Delivery, w Work, r Role) Delivery {
	t := w.Renditions[version(w)]
	switch {
	case t == nil || rich.IsEmpty(d.Entry.Body):
	case t.Body == nil && r != RoleTeam:
	case t.Body == nil:
		d.Entry.Body = append(d.Entry.Body[:len(d.Entry.Body):len(d.Entry.Body)], remark(missingWords(t)))
	default:
		original := rich.Node{Kind: rich.Quote, Children: append([]rich.Node{remark(sourceWords(t, r))}, d.Entry.Body...)}
		d.Entry.Body = append(t.Body[:len(t.Body):len(t.Body)], original)
	}
	return d
}

func remark(text string) rich.Node {
	return rich.Node{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Italic, Children: []rich.Node{{Kind: rich.Text, Text: text}}},
	}}
}
