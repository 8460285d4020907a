package translate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/translate"
	"github.com/skeindesk/skein/adapters/translate/apertiumtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/bridge/rich"
)

// TestApertium is about a real translator, from the request to the document.
func TestApertium(t *testing.T) {
	engine, err := translate.New(translate.Config{Engine: "apertium", URL: apertiumtest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("both ways", func(t *testing.T) {
		for _, test := range []struct{ from, to, text, want string }{
			{"es", "en", "Hola, ¿dónde está mi pedido? Lo compré hace dos semanas.", "two weeks ago"},
			{"en", "es-MX", "My order has not arrived yet.", "no ha llegado todavía"},
			{"en", "es", "a < b & c", "< b & c"},
		} {
			got, err := engine.Translate(t.Context(), bridge.TranslationRequest{From: test.from, To: test.to, Texts: []string{test.text}})
			if err != nil || len(got.Texts) != 1 || !strings.Contains(got.Texts[0], test.want) || got.Characters == 0 {
				t.Errorf("%q from %s to %s: %+v, %v, want %q in it", test.text, test.from, test.to, got, err, test.want)
			}
		}
	})
	t.Run("unknown pairs", func(t *testing.T) {
		for _, pair := range [][2]string{{"en", "de"}, {"xx", "en"}, {"", "en"}, {"en", "zh-TW"}} {
			_, err := engine.Translate(t.Context(), bridge.TranslationRequest{From: pair[0], To: pair[1], Texts: []string{"Hello"}})
			if u, ok := errors.AsType[*bridge.Untranslated](err); !ok || u.Reason != bridge.UnknownPair {
				t.Errorf("%v: %v", pair, err)
			}
		}
	})
	t.Run("documents", func(t *testing.T) {
		for _, form := range []masking.Form{masking.Elements, masking.Numbers} {
			for _, test := range documents {
				m := masking.Cut(test.doc, form, masking.NewGlossary([]masking.Term{{Text: "Green Fern"}, {Text: "store credit", As: "saldo de tienda"}}))
				got, err := engine.Translate(t.Context(), bridge.TranslationRequest{From: "en", To: "es", Texts: m.Texts(), Markup: form == masking.Elements})
				if err != nil {
					t.Fatal(err)
				}
				back, kept := m.Restore(got.Texts)
				if html := rich.HTML(back); kept != 0 || !containsAll(html, test.want) {
					t.Errorf("form %d: %q becomes %q: %d kept,\n%s\nwant %q in it", form, m.Texts(), got.Texts, kept, html, test.want)
				}
			}
		}
	})
}

func node(kind rich.Kind, text string) rich.Node {
	return rich.Node{Kind: kind, Text: text}
}

func around(kind rich.Kind, url, text string) rich.Node {
	return rich.Node{Kind: kind, URL: url, Children: []rich.Node{node(rich.Text, text)}}
}

var documents = []struct {
	doc  rich.Doc
	want []string
}{
	{
		rich.Doc{node(rich.Text, "Hello "), {Kind: rich.Mention, Text: "Ana", Info: "U1"}, node(rich.Text, ", your order ORD-1234 is "), around(rich.Bold, "", "here"), node(rich.Text, ".")},
		[]string{"Hola", "Ana", "ORD-1234", "<strong>aquí</strong>"},
	},
	{
		rich.Doc{node(rich.Text, "The "), around(rich.Bold, "", "red car"), node(rich.Text, " is on "), around(rich.Link, "https://example.com/a?b=1&c=2", "our page"), node(rich.Text, " and costs $1,299.00 👍🏽")},
		[]string{"<strong>coche rojo</strong>", `href="https://example.com/a?b=1&amp;c=2"`, "página</a>", "$1,299.00", "👍🏽"},
	},
	{
		rich.Doc{node(rich.Text, "Run "), node(rich.Code, "go test ./..."), node(rich.Text, " and write to ana@example.com about {order.id}")},
		[]string{"<code>go test ./...</code>", "ana@example.com", "{order.id}"},
	},
	{
		rich.Doc{node(rich.Text, "The Green Fern is gone, but you have store credit.\nWe are sorry.\n\nSee https://example.com/help")},
		[]string{"Green Fern", "saldo de tienda", "<br>", "https://example.com/help"},
	},
	{
		rich.Doc{{Kind: rich.Quote, Children: []rich.Node{node(rich.Text, "Where is it?")}}, {Kind: rich.List, Children: []rich.Node{
			{Kind: rich.Item, Children: []rich.Node{node(rich.Text, "three cars")}}, {Kind: rich.Item, Children: []rich.Node{node(rich.Text, "two houses")}},
		}}, node(rich.Pre, "this stays")},
		[]string{"<blockquote", "Tres coches", "Dos casas", "this stays"},
	},
}

func containsAll(s string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(s, part) {
			return false
		}
	}
	return true
}
