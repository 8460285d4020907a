package masking

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge/rich"
)

func text(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }

func in(kind rich.Kind, children ...rich.Node) rich.Node {
	return rich.Node{Kind: kind, Children: children}
}

func link(url string, children ...rich.Node) rich.Node {
	return rich.Node{Kind: rich.Link, URL: url, Children: children}
}

var shop = NewGlossary([]Term{{Text: "Green Fern"}, {Text: "fern"}, {Text: "store credit", As: "saldo de la tienda"}, {Text: ""}})

func TestWhatIsCutOut(t *testing.T) {
	for said, want := range map[string]string{
		"Where is my order?":                             "Where is my order?",
		"Order #12345 and ORD-77-B are late":             "Order [1] and [2] are late",
		"see https://example.com/a?b=c, please.":         "see [1], please.",
		"see www.example.com/a.":                         "see [1].",
		"shop.example.com is down":                       "[1] is down",
		"write to ana.b@example.com!":                    "write to [1]!",
		"@ana please look, {order.id} and {{name}}":      "[1] please look, [2] and [3]",
		"it cost $1,299.00 on 12/05/2026 at 10:30":       "it cost [1] on [2] at [3]",
		"wait 3 days, or 24h, for the 2nd":               "wait 3 days, or 24h, for the 2nd",
		"a 24-hour line, 5 %":                            "a 24-hour line, [1]",
		"call +49 (0)30 123-4567 now":                    "call [1] now",
		"great 👍🏽👨‍👩‍👧 thanks ❤️":                        "great [1] thanks [2]",
		"the getOrder call, order_id and foo.bar() fail": "the [1] call, [2] and [3] fail",
		"pay with PayPal":                                "pay with [1]",
		"a Green Fern, two ferns, one FERN":              "a [1], two ferns, one [2]",
		"I want Store  Credit":                           "I want [1]",
		"it says [1] and [ /2 ] there":                   "it says [1] and [2] there",
		"open /usr/share/doc now":                        "open [1] now",
		"my phone is a Pixel-7a":                         "my phone is a [1]",
		"注文番号はORD-1234です":                                "注文番号は[1]です",
		"the file is C:\\temp\\a.txt":                    "the file is [1]",
		"it came on the 12.Please look":                  "it came on the 12.Please look",
		"discount %d for %s":                             "discount [1] for [2]",
	} {
		got := Cut(rich.Doc{text(said)}, Numbers, shop).Texts()
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

func TestNothingToTranslate(t *testing.T) {
	for _, doc := range []rich.Doc{
		nil, rich.Of("👍"), rich.Of("https://example.com/a"), rich.Of("12345"), rich.Of("+49 30 1234567"), rich.Of("!!!"),
		{{Kind: rich.Pre, Text: "go test ./..."}},
		{in(rich.Paragraph, rich.Node{Kind: rich.Code, Text: "x"})},
	} {
		m := Cut(doc, Elements, nil)
		if got := m.Texts(); len(got) != 0 {
			t.Errorf("%v: %q, want nothing", doc, got)
		}
		if got, kept := m.Restore(nil); kept != 0 || !rich.Equal(got, doc) {
			t.Errorf("%v comes back as %v", doc, got)
		}
	}
	if got, kept := Cut(rich.Of("Store credit"), Elements, shop).Restore(nil); kept != 0 || rich.Plain(got) != "saldo de la tienda" {
		t.Errorf("a term alone comes back as %q", rich.Plain(got))
	}
}

// letter is a line with everything in it.
var letter = rich.Doc{
	in(rich.Paragraph,
		text("Hello "), rich.Node{Kind: rich.Mention, Text: "Ana", Info: "U1"}, text(", your "), in(rich.Bold, text("red car")),
		text(" with code "), rich.Node{Kind: rich.Code, Text: "A<B"}, text(" is "), link("https://example.com/car", text("here & there")),
		text(", see "), link("https://example.com/", text("example.com")), text("."),
	),
	in(rich.Quote, in(rich.Paragraph, in(rich.Italic, text("How is it?")))),
	in(rich.List, in(rich.Item, in(rich.Paragraph, text("one fern"), rich.Node{Kind: rich.Break}, text("a second line")))),
	rich.Node{Kind: rich.Pre, Text: "not this"},
}

func TestForms(t *testing.T) {
	want := []string{
		`Hello <span id="1" translate="no" class="notranslate">X1</span>, your <span id="2">red car</span> with code ` +
			`<span id="3" translate="no" class="notranslate">X3</span> is <span id="4">here &amp; there</span>, see ` +
			`<span id="5" translate="no" class="notranslate">X5</span>.`,
		`How is it?`,
		`one <span id="1" translate="no" class="notranslate">fern</span>`,
		`a second line`,
	}
	if diff := cmp.Diff(want, Cut(letter, Elements, shop).Texts()); diff != "" {
		t.Errorf("elements (-want +got):\n%s", diff)
	}
	want = []string{"Hello [1], your [2]red car[/2] with code [3] is [4]here & there[/4], see [5].", "How is it?", "one [1]", "a second line"}
	if diff := cmp.Diff(want, Cut(letter, Numbers, shop).Texts()); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestWordOrderMayChange(t *testing.T) {
	want := rich.Normal(rich.Doc{
		in(rich.Paragraph,
			text("Mira "), link("https://example.com/", text("example.com")), text(": "), link("https://example.com/car", text("aquí y allí")),
			text(" está tu "), in(rich.Bold, text("coche rojo")), text(" con código "), rich.Node{Kind: rich.Code, Text: "A<B"}, text(", hola "),
			rich.Node{Kind: rich.Mention, Text: "Ana", Info: "U1"}, text("."),
		),
		in(rich.Quote, in(rich.Paragraph, in(rich.Italic, text("¿Cómo es?")))),
		in(rich.List, in(rich.Item, in(rich.Paragraph, text("un fern"), rich.Node{Kind: rich.Break}, text("una segunda línea")))),
		rich.Node{Kind: rich.Pre, Text: "not this"},
	})
	for form, first := range map[Form]string{
		Elements: `Mira <span class=notranslate id=5>X5</span>: <SPAN ID='4'>aquí y allí</SPAN> está tu <span id="2"> coche rojo </span> con código ` +
			`<span id = "3">ignored &lt;<b>this</b></span>, hola <span id="1"></span>.`,
		Numbers: `Mira [5]: [4]aquí y allí[/4] está tu [ 2 ] coche rojo [/ 2] con código [3], hola [1].`,
	} {
		got, kept := Cut(letter, form, shop).Restore([]string{first, "¿Cómo es?", strings.Replace("un <span id=\"1\">fern</span>", `<span id="1">fern</span>`,
			map[Form]string{Elements: `<span id="1">fern</span>`, Numbers: "[1]"}[form], 1), "una segunda\nlínea"})
		if kept != 0 || !rich.Equal(got, want) {
			t.Errorf("form %d: %d kept, got\n%s\nwant\n%s", form, kept, rich.HTML(got), rich.HTML(want))
		}
	}
}

func TestLostSpacesComeBack(t *testing.T) {
	doc := rich.Doc{text("the "), in(rich.Bold, text("red car")), text(" of order "), rich.Node{Kind: rich.Code, Text: "X9"}, text(" is un"), in(rich.Italic, text("believ")), text("able")}
	got, kept := Cut(doc, Numbers, nil).Restore([]string{"el[1]coche rojo[/1]del pedido[2]es in[3]creí[/3]ble"})
	want := rich.Doc{text("el "), in(rich.Bold, text("coche rojo")), text(" del pedido "), rich.Node{Kind: rich.Code, Text: "X9"}, text(" es in"), in(rich.Italic, text("creí")), text("ble")}
	if kept != 0 || !rich.Equal(got, want) {
		t.Errorf("%d kept, got %s", kept, rich.HTML(got))
	}
}

func TestDamageIsSeen(t *testing.T) {
	doc := rich.Doc{text("Your "), in(rich.Bold, text("red car")), text(" and "), link("https://example.com/x", text("blue car")), text(" of ORD-12")}
	for form, translations := range map[Form][]string{
		Numbers: {
			"", "...", "Tu coche rojo y coche azul de ORD-12", "Tu [1]coche rojo[/1] y [2]coche azul[/2]", "Tu [1]coche rojo[/1] y [2]coche azul[/2] de [3] [3]",
			"Tu [1]coche rojo y [2]coche azul[/2] de [3]", "Tu [1]coche rojo y [2]coche[/1] azul[/2] de [3]", "Tu [1][2]coche rojo[/2][/1] de [3]",
			"Tu [1][/1] coche rojo y [2]coche azul[/2] de [3]", "Tu [/1]coche rojo[1] y [2]coche azul[/2] de [3]", "Tu [1]coche[/1] y [2]azul[/2] de [3] [4]",
			"Tu [1]coche rojo[/1] y [2]coche azul[/2] de [3] http://evil.example", "Tu [1]coche rojo[/1] y [2]coche azul[/2] de [3] @everyone",
			"Tu [1]coche rojo[/1] y [2]coche azul[/2] de [3] 4]", "Tu [1]coche rojo[/1] y [2]coche azul[/2] de [3]" + strings.Repeat(" rojo", 200),
			"[1]1[/1] [2]coche azul[/2] [3]", "Tu [1]coche rojo[/1] y [2]coche azul[/2] de [/3]",
		},
		Elements: {
			"", `Tu coche rojo y coche azul de ORD-12`, `Tu <span id="1">coche rojo</span> y <span id="2">coche azul</span> de X3`,
			`Tu <span id="1">coche rojo</span> y <span id="2">coche azul</span> de <span id="3">X3`, `Tu <span id="1">coche rojo</span></span> y <span id="2">coche azul</span> de <span id="3"/>`,
			`Tu <span>coche rojo</span> y <span id="2">coche azul</span> de <span id="3">X3</span>`, `Tu <span id="9">coche rojo</span> y <span id="2">coche azul</span> de <span id="3">X3</span>`,
			`Tu <span id="1">coche rojo</span> y <span id="2">coche azul</span> de <span id="3">X3</span> X3`, `Tu <span id="1">coche <b>rojo</b></span> y <span id="2">coche azul</span> de <span id="3">X3</span>`,
			`Tu <span id="1">coche rojo</span> y <span id="2">coche azul</span> de <span id="3">X3</span> &lt;script&gt;`, `Tu <span id="1">coche <span id="2">azul</span></span> de <span id="3">X3</span>`,
		},
	} {
		m := Cut(doc, form, nil)
		for _, translation := range translations {
			if got, kept := m.Restore([]string{translation}); kept != 1 || !rich.Equal(got, doc) {
				t.Errorf("form %d: %q is believed: %d kept, %s", form, translation, kept, rich.HTML(got))
			}
		}
	}
	if got, kept := Cut(letter, Numbers, nil).Restore([]string{"one"}); kept != 4 || !rich.Equal(got, letter) {
		t.Errorf("too few texts: %d kept", kept)
	}
	got, kept := Cut(letter, Numbers, nil).Restore([]string{"damaged", "¿Cómo es?", "un helecho", "una segunda línea"})
	if kept != 1 || !strings.Contains(rich.Plain(got), "your red car") || !strings.Contains(rich.Plain(got), "una segunda línea") {
		t.Errorf("one damaged text: %d kept\n%s", kept, rich.Plain(got))
	}
}

func TestProse(t *testing.T) {
	want := "Hello  , your  red car  with code   is  here & there, see  .\n\none fern\na second line\n"
	if got := Prose(letter); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") || strings.Count(got, "\n") != 3 {
		t.Errorf("got %q", got)
	}
}
