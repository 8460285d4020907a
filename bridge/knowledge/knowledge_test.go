package knowledge

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
)

func TestSmallSets(t *testing.T) {
	none := Build(nil)
	if hits := none.Find("anything", "en", 3); len(hits) > 0 {
		t.Errorf("an empty index finds %v", hits)
	}
	one := Build([]Article{{ID: "refund", Language: "en", Title: "Refunds", Questions: []string{"How do I get my money back?"}, Body: rich.Of("Within five days.")}})
	for question, sure := range map[string]bool{
		"refund?": true, "REFUNDS": true, "how can i get my money back": true, "refudn": true, "hello": false, "what is the weather": false, "": false, "?!": false,
	} {
		hits := one.Find(question, "", 3)
		if got := len(hits) > 0 && hits[0].Confidence >= Sure; got != sure {
			t.Errorf("%q: %+v", question, hits)
		}
	}
	if hits := one.Find("refund", "en", 0); len(hits) > 0 {
		t.Error("more is found than was asked for")
	}
}

// TestOneArticleInSeveralLanguages: it is found once, in the asker's language, or in another if it is only there.
func TestOneArticleInSeveralLanguages(t *testing.T) {
	x := Build([]Article{
		{ID: "wifi", Language: "en", Title: "Connect to Wi-Fi", Body: rich.Of("Open the menu.")},
		{ID: "wifi", Language: "de", Title: "Mit WLAN (Wi-Fi) verbinden", Body: rich.Of("Öffnen Sie das Menü.")},
		{ID: "vpn", Language: "en", Title: "Connect to a VPN", Body: rich.Of("Open the settings.")},
	})
	for _, c := range []struct{ question, language, id, in string }{
		{"wifi", "de-CH", "wifi", "de"},
		{"wi-fi", "EN", "wifi", "en"},
		{"vpn", "de", "vpn", "en"},
	} {
		hits := x.Find(c.question, c.language, 3)
		if len(hits) == 0 || hits[0].Article.ID != c.id || hits[0].Article.Language != c.in {
			t.Errorf("%q in %s finds %+v", c.question, c.language, hits)
		}
		if n := len(slices.Collect(func(yield func(Hit) bool) {
			for _, h := range hits {
				if h.Article.ID == "wifi" && !yield(h) {
					return
				}
			}
		})); n > 1 {
			t.Errorf("%q finds one article %d times", c.question, n)
		}
	}
}

// TestTogether: words that are put together, or apart, are the same.
func TestTogether(t *testing.T) {
	x := Build([]Article{
		{ID: "cost", Language: "de", Title: "Was kostet der Versand?", Body: rich.Of("Ab 50 Euro nichts.")},
		{ID: "battery", Language: "de", Title: "Batterielaufzeit", Body: rich.Of("Etwa zehn Stunden.")},
		{ID: "zone", Language: "en", Title: "Set the time zone", Body: rich.Of("In the settings.")},
		{ID: "mail", Language: "en", Title: "Change your e-mail address", Body: rich.Of("In your profile.")},
	})
	for question, id := range map[string]string{
		"Versandkosten": "cost", "wie lange hält die Batterie": "battery", "timezone": "zone", "email adress": "mail", "e mail": "mail",
	} {
		if hits := x.Find(question, "", 1); len(hits) == 0 || hits[0].Article.ID != id {
			t.Errorf("%q finds %+v", question, hits)
		}
	}
}

func TestPassage(t *testing.T) {
	long := make([]string, 0, 30)
	for range 14 {
		long = append(long, strings.Repeat("Nothing of interest is said here. ", 5))
	}
	needle := "Gift cards are valid for three years."
	body := strings.Join(slices.Concat(long, []string{needle}, long), "\n\n")
	x := Build([]Article{
		{ID: "all", Language: "en", Title: "Everything", Body: rich.Of(body)},
		{ID: "short", Language: "en", Title: "Opening hours", Body: rich.Of("From nine.\n\nTo six.")},
		{ID: "wide", Language: "en", Title: "Voucher", Body: rich.Of(strings.Repeat("wörd ", 1000))},
	})
	for question, want := range map[string]string{"gift card": needle, "opening hours": "From nine.\n\nTo six.", "voucher": "wörd"} {
		hits := x.Find(question, "en", 1)
		if len(hits) == 0 || !strings.Contains(hits[0].Passage, want) || len(hits[0].Passage) > maxPassage {
			t.Errorf("%q: %+v", question, hits)
		}
	}
}

// TestAtOnce: any number may search at once (the race detector looks on).
func TestAtOnce(t *testing.T) {
	x := Build(articles(t, "shop.csv"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, row := range table(t, "questions-shop.csv") {
				x.Find(row[3], row[1], 3)
			}
		})
	}
	all.Wait()
}

// FuzzFind: whatever is asked and whatever the articles are, nothing breaks, and what is found is in order.
func FuzzFind(f *testing.F) {
	f.Add("how do I pay", "en", "Payment", "We take cards.\n\nAlso others.")
	f.Add("Größe\u0301 \xf0 ½ 返品したい", "de", "'''---\x00", "\xff\u202e")
	f.Add("iade etmek istiyorum", "tr", "İade ıIİi", "ğğğ")
	f.Add("التوصيل", "ar", "كم يستغرق", "ٱٱٱٱ")
	f.Fuzz(func(t *testing.T, question, language, title, body string) {
		x := Build([]Article{
			{ID: "a", Language: language, Title: title, Questions: []string{body}, Body: rich.Of(question)},
			{ID: "b", Language: "en", Title: body, Body: rich.Of(title + "\n\n" + body)},
			{ID: "b", Language: language, Title: body, Body: rich.Of(title)},
			{Language: "", Title: question, Body: rich.Of(body)},
		})
		hits := x.Find(question, language, 3)
		for i, h := range hits {
			if h.Confidence < 0 || h.Confidence > 1 || h.Lead < 0 || h.Lead > 1 || math.IsNaN(h.Confidence) || math.IsNaN(h.Score) {
				t.Errorf("hit %+v", h)
			}
			if i > 0 && h.Article.Language == hits[i-1].Article.Language && h.Score > hits[i-1].Score {
				t.Errorf("%v comes after %v", h.Score, hits[i-1].Score)
			}
			if len(h.Passage) > maxPassage {
				t.Errorf("a passage of %d bytes", len(h.Passage))
			}
		}
		WantsPerson(question)
	})
}
