package demo

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/bridge/rich"
)

func translate(t *testing.T, from, to, text string) string {
	t.Helper()
	got, err := Translator{}.Translate(t.Context(), bridge.TranslationRequest{From: from, To: to, Texts: []string{text}})
	if err != nil || len(got.Texts) != 1 {
		t.Fatalf("%q: %v, %v", text, got, err)
	}
	return got.Texts[0]
}

func TestBothWays(t *testing.T) {
	for english, spanish := range map[string]string{
		"Hello, where is my order?":                    "Hola, ¿dónde está mi pedido?",
		"Your order ORD-1 is packed and leaves today.": "Su pedido ORD-1 está preparado y sale hoy.",
		"Thank you very much!":                         "¡Muchas gracias!",
		"The zip is broken. Can you mend it?":          "La cremallera está rota. ¿Lo pueden reparar?",
		"of course, the red tent":                      "por supuesto, la tienda de campaña roja",
	} {
		if got := translate(t, "en", "es-MX", english); got != spanish {
			t.Errorf("%q becomes %q, want %q", english, got, spanish)
		}
		if got := translate(t, "es", "en-GB", spanish); got != english {
			t.Errorf("%q becomes %q, want %q", spanish, got, english)
		}
	}
	for spanish, english := range map[string]string{
		"hola donde esta mi pedido":               "hello where is my order",
		"Hola, compré la tienda hace dos semanas": "Hello, I bought the shop two weeks ago",
		"Zoe Lindqvist":                           "Zoe Lindqvist",
		"":                                        "",
	} {
		if got := translate(t, "es", "en", spanish); !strings.EqualFold(got, english) {
			t.Errorf("%q becomes %q, want %q", spanish, got, english)
		}
	}
}

func TestOtherLanguages(t *testing.T) {
	for _, pair := range [][2]string{{"en", "de"}, {"", "en"}, {"es", "es"}} {
		_, err := Translator{}.Translate(t.Context(), bridge.TranslationRequest{From: pair[0], To: pair[1], Texts: []string{"Hello"}})
		if u, ok := errors.AsType[*bridge.Untranslated](err); !ok || u.Reason != bridge.UnknownPair {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

func TestMarksStay(t *testing.T) {
	doc := rich.Doc{
		{Kind: rich.Text, Text: "Hello "},
		{Kind: rich.Mention, Text: "Ana", Info: "U1"},
		{Kind: rich.Text, Text: ", is "},
		{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: "the red tent"}}},
		{Kind: rich.Text, Text: " < 2 kg & in stock? See https://example.com/a"},
	}
	for _, form := range []masking.Form{masking.Elements, masking.Numbers} {
		m := masking.Cut(doc, form, nil)
		got, err := Translator{}.Translate(t.Context(), bridge.TranslationRequest{From: "en", To: "es", Texts: m.Texts(), Markup: form == masking.Elements})
		if err != nil {
			t.Fatal(err)
		}
		back, kept := m.Restore(got.Texts)
		html := rich.HTML(back)
		for _, want := range []string{"Hola", "Ana", "<strong>la tienda de campaña roja</strong>", "&lt; 2 kg", "disponible", "https://example.com/a"} {
			if kept != 0 || !strings.Contains(html, want) {
				t.Errorf("form %d: %q becomes %q: %d kept, %s lacks %s", form, m.Texts(), got.Texts, kept, html, want)
			}
		}
	}
}

// TestQuickRepliesAreTranslated holds the table to what agents of the demonstration say: nothing of it stays English.
func TestQuickRepliesAreTranslated(t *testing.T) {
	seed, err := os.ReadFile("../../../cmd/skein-demo/seed/quickreplies.json")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.SplitSeq(string(seed), "\n") {
		body, found := strings.CutPrefix(strings.TrimSpace(line), `"body": "`)
		if !found {
			continue
		}
		n++
		body, _, _ = strings.Cut(body, `"`)
		got := translate(t, "en", "es", body)
		for _, word := range strings.FieldsFunc(strings.ToLower(got), func(r rune) bool { return !inWord(r) }) {
			switch word {
			case "the", "you", "is", "we", "and", "it", "with", "your", "for", "send", "take", "two", "here", "when":
				t.Errorf("%q is left in %q", word, got)
			}
		}
	}
	if n < 10 {
		t.Errorf("%d quick replies were found", n)
	}
}

func FuzzTranslate(f *testing.F) {
	f.Add("Hello, where is <b>my</b> order &amp; [1]?")
	f.Add("¿¡\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, pair := range [][2]string{{"en", "es"}, {"es", "en"}} {
			got, err := Translator{}.Translate(t.Context(), bridge.TranslationRequest{From: pair[0], To: pair[1], Texts: []string{text}})
			if err != nil || len(got.Texts) != 1 {
				t.Errorf("%q: %v, %v", text, got, err)
			}
		}
	})
}
