package translate

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Options are what is put around an engine. The zero Options are the defaults, with neither a cap nor a memory.
type Options struct {
	Limit    time.Duration   // of time for a request; 0: 10 s
	Failures int             // so many in a row, and the engine is left alone; 0: 5
	Rest     time.Duration   // for so long; 0: 30 s
	Changed  func(down bool) // told when an engine is left alone, and when it works again; must not block; may be nil

	Usage Usage // where the characters are counted; nil: nowhere
	Cap   int   // how many characters a month may have; 0: any number. Needs Usage

	Remembered int    // how many texts are remembered here; 0: 2,000
	Memory     Memory // where more of them are; may be nil

	Observe func(Call) // told of every request that reaches the engine's guard; must not block; may be nil
}

// Around puts everything around an engine that the options ask for.
func Around(t bridge.Translator, o Options) bridge.Translator {
	if o.Usage != nil {
		t = Capped(t, o.Usage, o.Cap)
	}
	t = Within(t, cmp.Or(o.Limit, 10*time.Second))
	t = Guarded(t, cmp.Or(o.Failures, 5), cmp.Or(o.Rest, 30*time.Second), o.Changed)
	if o.Observe != nil {
		t = Observed(t, o.Observe)
	}
	return Cached(t, cmp.Or(o.Remembered, 2000), o.Memory)
}

// Within gives a translator a limit of time for each request.
func Within(t bridge.Translator, limit time.Duration) bridge.Translator {
	return &within{t, limit}
}

type within struct {
	bridge.Translator
	limit time.Duration
}

func (w *within) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	limited, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	got, err := w.Translator.Translate(limited, r)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return bridge.Translation{}, failed(bridge.Unavailable, "no answer within %v", w.limit)
	}
	return got, err
}

// Call is one request as it went, without its texts.
type Call struct {
	Engine     string
	From, To   string
	Characters int                       // what the engine counted; 0 without a translation
	Failure    bridge.UntranslatedReason // empty: it is translated
	Took       time.Duration
}

// Observed tells of every request when it is over.
func Observed(t bridge.Translator, observe func(Call)) bridge.Translator {
	return &observed{t, observe}
}

type observed struct {
	bridge.Translator
	observe func(Call)
}

func (o *observed) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	start := time.Now()
	got, err := o.Translator.Translate(ctx, r)
	call := Call{Engine: o.Skill().Name, From: cmp.Or(r.From, got.From), To: r.To, Characters: got.Characters, Took: time.Since(start)}
	if err != nil {
		call.Failure = reason(err)
	}
	o.observe(call)
	return got, err
}

// reason returns why something was not translated; an error of another kind stands for an engine that fails.
func reason(err error) bridge.UntranslatedReason {
	if u, ok := errors.AsType[*bridge.Untranslated](err); ok {
		return u.Reason
	}
	return bridge.Unavailable
}
