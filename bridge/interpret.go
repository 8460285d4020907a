package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	wishTurn  = time.Second      // how often wishes are looked for of which no hint has come
	wishTime  = 30 * time.Second // for one attempt
	wishLease = wishTime + 10*time.Second
	wishesAt  = 8 // at once
	// maxWishTries is after how many attempts a line stays untranslated: half an hour.
	maxWishTries = 8
)

// KeepTranslations has translated what is wanted, until ctx ends. Every instance runs it; of several that would translate
// a text one does.
func (d *Desk) KeepTranslations(ctx context.Context) error {
	if !d.languages.translates() {
		<-ctx.Done()
		return nil
	}
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan struct{}, wishesAt)
	tick := time.NewTicker(wishTurn)
	defer tick.Stop()
	for {
		wishes, err := d.languages.Book.ClaimWishes(ctx, wishLease, wishesAt)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("look for what is to be translated", "error", err)
		}
		for _, w := range wishes {
			free <- struct{}{}
			work.Go(func() {
				defer func() { <-free }()
				if err := d.interpret(ctx, w); err != nil && !errors.Is(err, ErrLost) && ctx.Err() == nil {
					d.log.Warn("translate", "conversation", w.Conversation, "seq", w.Seq, "error", err)
				}
			})
		}
		if len(wishes) == wishesAt {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.wishes:
		case <-tick.C:
		}
	}
}

// interpret translates one text and notes what came of it.
func (d *Desk) interpret(ctx context.Context, w Wish) error {
	body, err := d.translate(ctx, w.Line.Body, w.From, w.To)
	if ctx.Err() != nil {
		return nil // its lease runs out
	}
	t := Rendition{From: w.From, To: w.To, Body: body}
	var c change
	settle := func(fn func(conv Conversation) error) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
		return d.ledger.Change(ctx, func(tx Tx) error {
			c = change{tx: tx}
			conv, err := tx.Conversation(w.Conversation)
			if err != nil {
				return err
			}
			return fn(conv)
		})
	}
	if err == nil {
		err = settle(func(Conversation) error { return c.grant(w, t) })
	} else {
		d.log.Info("not translated", "conversation", w.Conversation, "seq", w.Seq, "attempt", w.Attempt+1, "error", err)
		u, ok := errors.AsType[*Untranslated](err)
		if !ok {
			u = &Untranslated{Reason: Unavailable, Err: err}
		}
		err = settle(func(conv Conversation) error { return c.ungranted(conv, w, u) })
	}
	if err != nil {
		return err
	}
	d.announce(c.written)
	d.hub.Publish(w.Conversation)
	return nil
}

// translate has a text translated, without what must stay as it is. The error is, or wraps, an *Untranslated.
func (d *Desk) translate(ctx context.Context, body rich.Doc, from, to string) (rich.Doc, error) {
	ctx, cancel := context.WithTimeout(ctx, wishTime)
	defer cancel()
	t := d.languages.Translator
	form := masking.Numbers
	if t.Skill().Markup {
		form = masking.Elements
	}
	masked := masking.Cut(body, form, d.languages.Glossary(from, to))
	texts := masked.Texts()
	if len(texts) == 0 {
		return body, nil
	}
	done, err := t.Translate(ctx, TranslationRequest{From: from, To: to, Texts: texts, Markup: form == masking.Elements})
	if err != nil {
		return nil, fmt.Errorf("translate from %s to %s: %w", from, to, err)
	}
	out, kept := masked.Restore(done.Texts)
	if kept == len(texts) {
		return nil, &Untranslated{Reason: Unavailable, Err: errors.New("nothing of what the translator answered can be used")}
	}
	return out, nil
}

// grant notes a translation. One that came late is for those an edit of the line who have got it as it was.
func (c *change) grant(w Wish, t Rendition) error {
	granted, err := c.tx.Grant(w, t)
	if err != nil || granted.InTime || granted.Superseded {
		return err
	}
	line := w.Line
	en := Entry{
		Conversation: w.Conversation, Kind: Edited, Audience: Only(w.Endpoint), By: line.By, Origin: Origin{Key: translatedLine},
		Target: line.Seq, Body: line.Body, Files: line.Files, At: now(),
	}
	if line.Kind == Edited {
		en.Target = line.Target
	}
	if err := c.write(en); err != nil {
		return err
	}
	return c.tx.GrantLate(w, t, c.written[len(c.written)-1].Seq)
}

// ungranted lets a line go out as it is, and tries again later where that may help. Agents are told once, not of each line.
func (c *change) ungranted(conv Conversation, w Wish, u *Untranslated) error {
	lasting := u.Reason == UnknownPair || u.Reason == CapReached || u.Reason == KeyRefused || u.Reason == TooLong
	failing, err := c.tx.Failing(w)
	if err != nil {
		return err
	}
	if lasting || w.Attempt+1 >= maxWishTries {
		_, err = c.tx.Grant(w, Rendition{From: w.From, To: w.To})
	} else {
		err = c.tx.PutOff(w, max(u.After, wishDelay(w.Attempt)), w.Attempt > 0 || u.After > 0)
	}
	if err != nil || failing || w.Attempt > 0 {
		return err
	}
	text := "Messages are passed on without translation at the moment: " + u.Public()
	if !lasting {
		text += " Translations follow when they are there."
	}
	return c.notify(conv, AgentsOnly, text)
}

// wishDelay is how long a wish waits after so many attempts: within the time that the line waits, and then longer and longer.
func wishDelay(attempt int) time.Duration {
	if attempt == 0 {
		return 500 * time.Millisecond
	}
	return min(2*time.Second<<(2*(attempt-1)), 10*time.Minute)
}
