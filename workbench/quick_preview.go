package workbench

import (
	"maps"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// Look is how a platform shows text.
type Look struct {
	Name string
	// Of is what is left of a text there: what the platform's own form of it is read back as.
	Of func(doc rich.Doc) rich.Doc
}

// quickPreview is one language of a quick reply in every look.
type quickPreview struct {
	language string // empty: unknown
	looks    []quickLook
	missing  []string // variables for which a visitor may have nothing
}

type quickLook struct {
	name string
	doc  rich.Doc
	lost []string // kinds of formatting, in words
}

// previews fills in sample values and shows what comes of a reply everywhere.
func (b *Workbench) previews(v *visit, r quickreply.Reply) []quickPreview {
	if rich.IsEmpty(r.Body) && len(r.Variants) == 0 {
		return nil
	}
	previews := []quickPreview{b.quickIn(v, r.Language, r.Body)}
	for _, language := range slices.Sorted(maps.Keys(r.Variants)) {
		previews = append(previews, b.quickIn(v, language, r.Variants[language]))
	}
	return previews
}

func (b *Workbench) quickIn(v *visit, language string, body rich.Doc) quickPreview {
	p := quickPreview{language: language}
	doc, _ := quickreply.Fill(body, func(name string) (string, bool) {
		if !slices.Contains(p.missing, name) && !slices.Contains([]string{"visitor.name", "agent.name"}, name) {
			p.missing = append(p.missing, name)
		}
		return sample(v.agent.Name, name), true
	})
	for _, look := range b.looks {
		shown := rich.Normal(look.Of(doc))
		p.looks = append(p.looks, quickLook{name: look.Name, doc: shown, lost: lost(doc, shown)})
	}
	return p
}

// sample is what a variable may be for a visitor.
func sample(agent, name string) string {
	switch name {
	case "visitor.name":
		return "Robin Vale"
	case "visitor.email":
		return "robin@example.com"
	case "visitor.phone":
		return "+49 30 5550 0142"
	case "agent.name":
		return agent
	}
	_, what, _ := strings.Cut(name, ".")
	return "(their " + strings.ReplaceAll(what, "_", " ") + ")"
}

// lost says which kinds of formatting of a text are not in what is shown of it.
func lost(doc, shown rich.Doc) (words []string) {
	names := map[rich.Kind]string{
		rich.Heading: "headings", rich.Quote: "quotes", rich.List: "lists", rich.Pre: "code", rich.Bold: "bold", rich.Italic: "italics",
		rich.Underline: "underlining", rich.Strike: "striking out", rich.Spoiler: "hidden text", rich.Code: "code", rich.Link: "links",
	}
	has, left := kinds(doc), kinds(shown)
	for kind, word := range names {
		if has[kind] && !left[kind] && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

func kinds(nodes []rich.Node) map[rich.Kind]bool {
	found := map[rich.Kind]bool{}
	for i := range nodes {
		found[nodes[i].Kind] = true
		maps.Copy(found, kinds(nodes[i].Children))
	}
	return found
}
