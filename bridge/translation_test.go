package bridge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

// interpreter is a translator that can be slow, and can fail. A text comes back marked with both languages, upside down.
type interpreter struct {
	mu    sync.Mutex
	takes time.Duration
	fails error
	asked []string
}

func (i *interpreter) Skill() bridge.Skill { return bridge.Skill{Name: "Interpreter"} }

func (i *interpreter) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	i.mu.Lock()
	takes, fails := i.takes, i.fails
	i.asked = append(i.asked, r.Texts...)
	i.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return bridge.Translation{}, &bridge.Untranslated{Reason: bridge.Unavailable, Err: ctx.Err()}
	}
	if fails != nil {
		return bridge.Translation{}, fails
	}
	out := bridge.Translation{}
	for _, text := range r.Texts {
		out.Texts = append(out.Texts, r.From+" to "+r.To+", "+text)
	}
	return out, nil
}

func (i *interpreter) set(takes time.Duration, fails error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.takes, i.fails = takes, fails
}

const translationLimit = 3 * time.Second

// translating has everything translated between visitors and agents, who write English.
func translating(in *interpreter) option {
	return func(w *world, routes []bridge.Route) {
		w.languages = &bridge.Languages{Translator: in, Limit: translationLimit}
		routes[0].Translates, routes[1].Language = true, "en"
		w.shop.SplitAt(4096)
		w.team.SplitAt(4096)
	}
}

func unreachable() error {
	return &bridge.Untranslated{Reason: bridge.Unavailable, Err: errors.New("connection refused")}
}

// inSpanish is a world in which vera, who speaks Spanish, has asked something that was translated.
func inSpanish(t *testing.T, test func(w *world, in *interpreter, thread bridge.ThreadRef), opts ...option) {
	synctest.Test(t, func(t *testing.T) {
		in := &interpreter{}
		w := newWorld(t, append([]option{translating(in)}, opts...)...)
		defer func() { w.stop() }()
		w.visitor("vera", question)
		thread := w.thread("vera")
		w.reads(w.team, thread, "vera: "+asked)
		test(w, in, thread)
	})
}

// reads waits until the lines of a thread, without the card and without regard to how they are divided, are exactly these.
func (w *world) reads(p *bridgetest.Platform, t bridge.ThreadRef, want ...string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Minute)
	defer cancel()
	flat := func(lines []string) string {
		words := strings.Fields(strings.Join(lines, "\n"))
		return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == ">" }), " ")
	}
	shown := func() string {
		var texts []string
		author := ""
		for _, m := range p.Messages(t) {
			if m.Author == "card" {
				continue
			}
			if m.Author != author {
				author = m.Author
				texts = append(texts, author+":")
			}
			texts = append(texts, m.Text)
		}
		return flat(texts)
	}
	if err := p.Await(ctx, func([]bridgetest.Message) bool { return shown() == flat(want) }); err != nil {
		w.t.Fatalf("%s shows\n%s\nwant\n%s", p.Name(), shown(), flat(want))
	}
}

const (
	question = "Hola, ¿dónde está mi pedido? Lo compré hace dos semanas."
	asked    = "es to en, " + question + "\nTranslated from Spanish. The original:\n" + question
)

func inSpanishTo(text string) string {
	return "en to es, " + text + "\nTraducido. El original:\n" + text
}

// TestTranslatesBothWays: each side reads its own language, with the original beside it; edits are translated anew, and what
// is taken back goes whole.
func TestTranslatesBothWays(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		began := time.Now()
		ref := w.agent(thread, "ana", "It is on its way to you")
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you"))
		if took := time.Since(began); took > time.Second {
			t.Errorf("a translation that was there at once took %v", took)
		}
		w.must(w.team.Amend(w.ctx, ref, "It is on its way to you since Monday"))
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you since Monday"))
		w.must(w.team.Amend(w.ctx, ref, ""))
		w.reads(w.shop, "chat/vera", "vera: "+question)
	})
}

// TestEditWhileItIsTranslated: a line that is edited while it waits for its translation waits for that of the edit.
func TestEditWhileItIsTranslated(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, in *interpreter, thread bridge.ThreadRef) {
		in.set(time.Second, nil)
		ref := w.agent(thread, "ana", "It is on its way to you")
		time.Sleep(800 * time.Millisecond)
		w.must(w.team.Amend(w.ctx, ref, "It is on its way to you since Monday"))
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you since Monday"))
	})
}

// TestRetryOfATranslatedLine: what is sent again is what was refused, not its original.
func TestRetryOfATranslatedLine(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		w.shop.Script(refusing)
		w.agent(thread, "ana", "It is on its way to you")
		w.toldSome(w.team, thread, "A line by ana, ")
		w.agent(thread, "ana", "!retry")
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you"))
	})
}

// TestAgentsMayWriteTheVisitorsLanguage: what is in it already goes out as it is.
func TestAgentsMayWriteTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		w.agent(thread, "ana", "Su pedido llegará mañana por la tarde")
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: Su pedido llegará mañana por la tarde")
	})
}

// TestSlowTranslator: a line waits for the limit and no longer, nothing overtakes it, and its translation follows as an edit.
func TestSlowTranslator(t *testing.T) {
	t.Run("sent", func(t *testing.T) { slowTranslator(t) })
	t.Run("read", func(t *testing.T) { slowTranslator(t, reading) })
}

func slowTranslator(t *testing.T, opts ...option) {
	inSpanish(t, func(w *world, in *interpreter, thread bridge.ThreadRef) {
		in.set(20*time.Second, nil)
		b := &browser{w: w, visitor: "vera"}
		began := time.Now()
		w.agent(thread, "ana", "It is on its way to you")
		if len(opts) == 0 {
			w.reads(w.shop, "chat/vera", "vera: "+question, "ana: It is on its way to you")
		} else {
			for len(b.shown) == 0 {
				time.Sleep(b.read() + time.Millisecond)
			}
			if b.shown[0] != "said It is on its way to you" {
				t.Errorf("shown %q", b.shown)
			}
		}
		if took := time.Since(began); took < translationLimit || took > translationLimit+time.Second {
			t.Errorf("it was there after %v", took)
		}
		if len(opts) == 0 {
			w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you"))
		} else {
			time.Sleep(20 * time.Second)
			c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
			w.must(err)
			entries, _, err := w.store.Visible(w.ctx, c.ID, "shop", bridge.RoleVisitor, b.after, 50)
			w.must(err)
			if len(entries) != 1 || entries[0].Kind != bridge.Edited || entries[0].Rendition == nil ||
				rich.Plain(entries[0].Rendition.Body) != "en to es, It is on its way to you" {
				t.Errorf("then %+v", entries)
			}
		}
		if took := time.Since(began); took < 20*time.Second || took > 25*time.Second {
			t.Errorf("its translation was there after %v", took)
		}
		w.visitor("vera", "Gracias, muy amable de su parte")
		w.agent(thread, "ana", "Anything else?")
		w.settled()
	}, opts...)
}

// TestTranslatorFails: everything goes out as it is, agents are told once, and translations follow when there are any.
func TestTranslatorFails(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, in *interpreter, thread bridge.ThreadRef) {
		in.set(0, unreachable())
		began := time.Now()
		w.agent(thread, "ana", "It is on its way to you")
		w.agent(thread, "ana", "Can I help you with anything else?")
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: It is on its way to you", "Can I help you with anything else?")
		if took := time.Since(began); took > translationLimit+time.Second {
			t.Errorf("they took %v", took)
		}
		w.told(w.team, thread, "Messages are passed on without translation at the moment: The translator does not answer. Translations follow when they are there.")
		in.set(0, nil)
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is on its way to you"),
			inSpanishTo("Can I help you with anything else?"))
	})
}

// TestTranslatorRefuses: what will never be translated waits for nothing, and agents see that it is not.
func TestTranslatorRefuses(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, in *interpreter, thread bridge.ThreadRef) {
		in.set(0, &bridge.Untranslated{Reason: bridge.CapReached})
		began := time.Now()
		w.visitor("vera", "¿Me lo pueden decir hoy mismo, por favor?")
		w.must(w.team.Await(w.ctx, func([]bridgetest.Message) bool {
			return strings.Contains(strings.Join(lines(w.team.Messages(thread)), "\n"), "por favor?\n\nNot translated from Spanish.")
		}))
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		w.told(w.team, thread, "Messages are passed on without translation at the moment: The translations of this month are used up.")
	})
}

// TestTranslationOfOneLine: whoever asks reads it, nobody else, and the original stays.
func TestTranslationOfOneLine(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		w.agent(thread, "ana", "!auto off")
		w.settled()
		w.visitor("vera", "¿Tienen una tienda en Sevilla?")
		w.settled()
		w.agent(thread, "ana", "!translate")
		w.toldSome(w.team, thread, "A line by vera")
		got := strings.Join(lines(w.team.Messages(thread)), "\n")
		if !strings.Contains(got, "vera: ¿Tienen una tienda en Sevilla?\n") || !strings.Contains(got, "in English:\n\n> es to en, ¿Tienen una tienda en Sevilla?") {
			t.Errorf("got %s", got)
		}
		w.reads(w.shop, "chat/vera", "vera: "+question, "¿Tienen una tienda en Sevilla?")
	})
}

// TestPreviewOfALine: the agent sees what the visitor will read and what that means, and only then it is sent.
func TestPreviewOfALine(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		w.agent(thread, "ana", "!preview It is here")
		w.toldSome(w.team, thread, "Not sent yet: in Spanish it reads “en to es, It is here”, which means “es to en, en to es, It is here”.")
		w.reads(w.shop, "chat/vera", "vera: "+question)
		w.agent(thread, "ana", "!send")
		w.reads(w.shop, "chat/vera", "vera: "+question, "ana: "+inSpanishTo("It is here"))
	})
}

// TestLanguageIsSaid: agents can say what a visitor speaks, and a line in another language does not change it.
func TestLanguageIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &interpreter{}
		w := newWorld(t, translating(in))
		defer func() { w.stop() }()
		w.visitor("vera", "ok")
		thread := w.thread("vera")
		w.agent(thread, "ana", "!lang es")
		w.told(w.team, thread, "The visitor speaks Spanish.")
		w.visitor("vera", "I would like to know where my order is, thank you very much")
		w.settled()
		c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)
		if c.Language != "es" || !c.LanguageSure {
			t.Errorf("now it is %q, sure %v", c.Language, c.LanguageSure)
		}
	})
}

// TestVisitorChoosesTheirLanguage: what they say of it counts more than what was recognised, also once that was sure.
func TestVisitorChoosesTheirLanguage(t *testing.T) {
	t.Parallel()
	inSpanish(t, func(w *world, _ *interpreter, thread bridge.ThreadRef) {
		for _, said := range [][2]string{{"/lang German", "de"}, {"/language fr", "fr"}, {"/lang", "fr"}, {"/lang nonsense", "fr"}, {"lang es", "fr"}} {
			w.visitor("vera", said[0])
			w.settled()
			c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
			w.must(err)
			if c.Language != said[1] || !c.LanguageSure {
				t.Errorf("after %q it is %q, sure: %v", said[0], c.Language, c.LanguageSure)
			}
		}
		w.agent(thread, "ana", "It is on its way.")
		w.settled()
		if got := lines(w.shop.Messages("chat/vera")); !strings.Contains(got[len(got)-1], "en to fr, It is on its way.") {
			t.Errorf("they read %q", got[len(got)-1])
		}
	})
}
