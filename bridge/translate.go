package bridge

import (
	"context"
	"fmt"
	"time"
)

// Translator turns texts of one language into another. Many goroutines may use one at once.
type Translator interface {
	Skill() Skill
	// Translate returns when it has the translation of every text, or an error that is, or wraps, an *Untranslated. It does
	// not try again by itself.
	Translate(ctx context.Context, r TranslationRequest) (Translation, error)
}

// Skill is what a translator's callers must know of it.
type Skill struct {
	Name   string // as people know it: "DeepL"
	Markup bool   // it knows HTML and keeps it, see TranslationRequest.Markup
	Guess  bool   // it can do without TranslationRequest.From
}

// TranslationRequest asks for texts in another language. Languages are BCP 47 tags: "en", "pt-BR".
type TranslationRequest struct {
	From, To string
	// Texts are translated each by itself, and none is empty. With Markup they are HTML: "&lt;" is a "<" that was written, an
	// element's tags come back around the words they were around, and what has translate="no" comes back as it was.
	Texts  []string
	Markup bool
}

// Translation answers a request.
type Translation struct {
	Texts      []string // as many as were asked for, in their order
	From       string   // what they were translated from: as asked, or what the engine took it for; "" if it did not say
	Characters int      // what the engine counts for this, in characters; 0 if it was not asked
}

// Untranslated says why there is no translation. Its words hold nothing of the texts and no secret.
type Untranslated struct {
	Reason UntranslatedReason
	After  time.Duration // RateLimited, CircuitOpen: not before, as far as is known
	Err    error         // for the log
}

// UntranslatedReason says what a caller can do about it.
type UntranslatedReason string

const (
	UnknownPair UntranslatedReason = "unknown pair" // the engine does not translate between these languages
	CapReached  UntranslatedReason = "cap reached"  // our monthly cap, or the account's quota, is used up
	KeyRefused  UntranslatedReason = "key refused"  // a person must see to the key
	RateLimited UntranslatedReason = "rate limited" // too much at once: again after After
	TooLong     UntranslatedReason = "too long"     // more text than the engine takes
	Unavailable UntranslatedReason = "unavailable"  // no answer, a failure, nonsense, or not within the time limit
	CircuitOpen UntranslatedReason = "circuit open" // it failed several times, and is left alone for a while
)

func (u *Untranslated) Error() string {
	if u.Err == nil {
		return "not translated: " + string(u.Reason)
	}
	return fmt.Sprintf("not translated: %s: %v", u.Reason, u.Err)
}

func (u *Untranslated) Unwrap() error { return u.Err }

// Public is a sentence for agents.
func (u *Untranslated) Public() string {
	switch u.Reason {
	case UnknownPair:
		return "The translator does not know this pair of languages."
	case CapReached:
		return "The translations of this month are used up."
	case KeyRefused:
		return "The translator refuses Skein's key. Someone who looks after Skein has to renew it."
	case RateLimited:
		return "The translator has too much to do just now."
	case TooLong:
		return "This text is too long for the translator."
	default:
		return "The translator does not answer."
	}
}
