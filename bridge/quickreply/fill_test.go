package quickreply

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
)

func known(name string) (string, bool) {
	value, has := map[string]string{
		"visitor.name": "Zoë *B* <b>", "agent.name": "Ana", "visitor.plan": "{agent.name}", "visitor.empty": " \n", "visitor.lines": "a\nb",
		"visitor.größe": "XL", "visitor.order-no": "SK1",
	}[name]
	return value, has
}

func TestFill(t *testing.T) {
	text := func(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }
	in := func(k rich.Kind, children ...rich.Node) rich.Node { return rich.Node{Kind: k, Children: children} }
	link := func(label rich.Node) rich.Node {
		return rich.Node{Kind: rich.Link, URL: "https://shop.example/", Children: []rich.Node{label}}
	}
	for _, test := range []struct {
		name      string
		doc, want rich.Doc
		missing   []string
	}{
		{"plain", rich.Of("Hello {visitor.name}, {agent.name} here."), rich.Of("Hello Zoë *B* <b>, Ana here."), nil},
		{
			"in formatting",
			rich.Doc{in(rich.Paragraph, in(rich.Bold, text("{agent.name}")), text(" "), link(text("{visitor.order-no}")))},
			rich.Doc{in(rich.Paragraph, in(rich.Bold, text("Ana")), text(" "), link(text("SK1")))},
			nil,
		},
		{
			"in code",
			rich.Doc{in(rich.Paragraph, rich.Node{Kind: rich.Code, Text: "{visitor.order-no}"})},
			rich.Doc{in(rich.Paragraph, rich.Node{Kind: rich.Code, Text: "SK1"})},
			nil,
		},
		{
			"in a list",
			rich.Doc{in(rich.List, in(rich.Item, in(rich.Paragraph, text("{agent.name}"))))},
			rich.Doc{in(rich.List, in(rich.Item, in(rich.Paragraph, text("Ana"))))},
			nil,
		},
		{
			"other braces", rich.Of("{} {name} { visitor.name } {visitor} {visitor.} {a.b} {visitor.name {agent.name}}"),
			rich.Of("{} {name} { visitor.name } {visitor} {visitor.} {a.b} {visitor.name Ana}"), nil,
		},
		{"values are no variables", rich.Of("{visitor.plan}"), rich.Of("{agent.name}"), nil},
		{"values are one line", rich.Of("{visitor.lines}"), rich.Of("a b"), nil},
		{"attributes of one's own", rich.Of("{visitor.größe}"), rich.Of("XL"), nil},
		{
			"missing", rich.Of("{visitor.empty} {visitor.unknown} {agent.name} {visitor.empty}"),
			rich.Of("{visitor.empty} {visitor.unknown} Ana {visitor.empty}"),
			[]string{"visitor.empty", "visitor.unknown"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := rich.Normal(test.doc)
			got, missing := Fill(test.doc, known)
			if !rich.Equal(got, test.want) || !slices.Equal(missing, test.missing) {
				t.Errorf("got %+v, missing %v; want %+v, missing %v", got, missing, test.want, test.missing)
			}
			if !rich.Equal(before, test.doc) {
				t.Error("the original was changed")
			}
		})
	}
	address, _ := Fill(rich.Of("{visitor.site}"), func(string) (string, bool) { return "https://evil.example", true })
	if address[0].Children[0].Kind != rich.Text {
		t.Error("a value has become a link")
	}
}

func TestIn(t *testing.T) {
	r := Reply{Body: rich.Of("default"), Language: "en", Variants: map[string]rich.Doc{
		"pt": rich.Of("pt"), "pt-BR": rich.Of("pt-BR"), "es-MX": rich.Of("es-MX"), "es-AR": rich.Of("es-AR"), "zh-Hant": rich.Of("zh-Hant"),
	}}
	for language, want := range map[string]string{
		"pt-BR": "pt-BR", "PT-br": "pt-BR", "pt-PT": "pt", "pt": "pt", "es": "es-AR", "es-ES": "es-AR", "es-MX": "es-MX", "zh-Hant-TW": "zh-Hant",
		"en": "default", "en-GB": "default", "fr": "default", "": "default", "-": "default",
	} {
		if got, _ := r.In(language); rich.Plain(got) != want {
			t.Errorf("%q: %s, want %s", language, rich.Plain(got), want)
		}
	}
	none := Reply{Body: rich.Of("default"), Variants: map[string]rich.Doc{"de": rich.Of("de")}}
	if got, tag := none.In(""); rich.Plain(got) != "default" || tag != "" {
		t.Errorf("no language: %s in %q", rich.Plain(got), tag)
	}
}
