package looks_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/cmd/internal/looks"
)

// TestPlatforms keeps what the documentation says of each: which formatting is left.
func TestPlatforms(t *testing.T) {
	doc := looks.Markup().Read("# Refund\n**bold** *italic* __under__ ~~struck~~ ||hidden|| [site](https://example.com)\n- one\n- two\n> quoted")
	all := []rich.Kind{rich.Heading, rich.Bold, rich.Italic, rich.Underline, rich.Strike, rich.Spoiler, rich.Link, rich.List, rich.Quote}
	if got := kinds(doc); !slices.Equal(got, sorted(all)) {
		t.Fatalf("the markup is read as %v", got)
	}
	lost := map[string][]rich.Kind{
		"Telegram": {rich.Heading, rich.List},
		"Slack":    {rich.Heading, rich.Underline, rich.Spoiler},
		"Discord":  nil,
	}
	for _, look := range looks.Platforms() {
		want := slices.DeleteFunc(sorted(all), func(k rich.Kind) bool { return slices.Contains(lost[look.Name], k) })
		if got := kinds(look.Of(doc)); !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", look.Name, got, want)
		}
	}
}

// TestMarkup reads back what it writes.
func TestMarkup(t *testing.T) {
	m := looks.Markup()
	for _, text := range []string{
		"Hello {visitor.name}, order_id 5 * 3 < 20 # no heading", "https://example.com/a_b", "- no list", "<script>alert(1)</script>", "{visitor.order_id}",
	} {
		doc := rich.Of(text)
		if got := m.Read(m.Write(doc)); !rich.Equal(got, doc) {
			t.Errorf("%q becomes %q", text, rich.Plain(got))
		}
	}
}

func TestMarkupWritesLinksAsPeopleDo(t *testing.T) {
	m := looks.Markup()
	for _, source := range []string{"[orders](https://example.com/orders) and **more**", "`](<https://example.com>)` [a](https://example.com/a)"} {
		doc := m.Read(source)
		if got := m.Write(doc); !rich.Equal(m.Read(got), doc) {
			t.Errorf("%q becomes %q", source, got)
		}
	}
	if got := m.Write(m.Read("[orders](https://example.com/orders)")); got != "[orders](https://example.com/orders)" {
		t.Errorf("a link is written %q", got)
	}
}

func kinds(nodes []rich.Node) (found []rich.Kind) {
	for i := range nodes {
		switch kind := nodes[i].Kind; kind {
		case rich.Text, rich.Break, rich.Paragraph, rich.Item:
		default:
			found = append(found, kind)
		}
		found = append(found, kinds(nodes[i].Children)...)
	}
	return slices.Compact(sorted(found))
}

func sorted(kinds []rich.Kind) []rich.Kind {
	kinds = slices.Clone(kinds)
	slices.Sort(kinds)
	return kinds
}
