package main

import (
	"bytes"
	"testing"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/knowledge/importing"
)

// TestArticles: the demonstration's articles can be imported, and answer what a visitor of the shop asks.
func TestArticles(t *testing.T) {
	known, faults := importing.Markdown(bytes.NewReader(articles), importing.Options{Name: "articles.md", Level: 2})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	english := map[string]bool{}
	for _, a := range known {
		english[a.ID] = english[a.ID] || a.Language == "en"
	}
	if len(english) < 12 {
		t.Errorf("%d articles", len(english))
	}
	for id, has := range english {
		if !has {
			t.Errorf("%s is not there in English", id)
		}
	}
	x := knowledge.Build(known)
	for _, c := range []struct {
		question, language, id string // no id: it is not answered
	}{
		{"how long does shiping take", "en", "shipping"},
		{"can i get my money back?", "en", "returns"},
		{"where is my order", "en", "order"},
		{"the zip of my tent is brokn", "en", "repair"},
		{"are you open on sunday?", "en", "hours"},
		{"do you take paypal", "en", "payment"},
		{"is shipping free?", "en", "shipping-cost"},
		{"how heavy is the hollin", "en", "hollin"},
		{"¿dónde está mi pedido?", "es", "order"},
		{"cuanto tarda el envio", "es", "shipping"},
		{"quiero devolver un articulo", "es", "returns"},
		{"Was kostet der Versand?", "de", "shipping-cost"},
		{"versandkosten", "de", "shipping-cost"},
		{"Wie schicke ich die Stiefel zurück", "de", "returns"},
		{"hello there", "en", ""},
		{"thanks!", "en", ""},
		{"who won the match last night?", "en", ""},
		{"hola, buenos días", "es", ""},
	} {
		hits := x.Find(c.question, c.language, 3)
		got, language := "", ""
		if len(hits) > 0 && hits[0].Confidence >= knowledge.Sure {
			got, language = hits[0].Article.ID, hits[0].Article.Language
		}
		if got != c.id || got != "" && language != c.language {
			t.Errorf("%q is answered with %q in %q, want %q: %+v", c.question, got, language, c.id, hits)
		}
	}
}
