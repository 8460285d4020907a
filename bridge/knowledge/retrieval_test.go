package knowledge

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/skeindesk/skein/bridge/rich"
)

// table reads a file of testdata, without its header.
func table(t testing.TB, file string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// articles reads a table of articles. The last part of the address is their ID.
func articles(t testing.TB, file string) (out []Article) {
	t.Helper()
	for _, row := range table(t, file) {
		out = append(out, Article{
			ID: strings.TrimSuffix(path.Base(row[3]), ".html"), Title: row[0], Body: rich.Of(row[1]), Language: row[2], URL: row[3],
		})
	}
	return out
}

// keys are the keys of a keyboard, row by row: neighbours are what a finger hits instead.
var keys = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// mistype makes typing errors: about one in four of a text's words of five letters and more has a letter left out, doubled,
// hit beside, or swapped with the next. The same seed makes the same errors.
func mistype(text string, seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 300))
	words := strings.Split(text, " ")
	for i, word := range words {
		letters := []rune(word)
		if len(letters) < 5 || chance.IntN(4) > 0 {
			continue
		}
		at := 1 + chance.IntN(len(letters)-2)
		if !unicode.IsLetter(letters[at]) || !unicode.IsLetter(letters[at+1]) {
			continue
		}
		switch chance.IntN(4) {
		case 0:
			letters = append(letters[:at:at], letters[at+1:]...)
		case 1:
			letters = append(letters[:at+1:at+1], letters[at:]...)
		case 2:
			letters[at] = beside(letters[at], chance)
		case 3:
			letters[at], letters[at+1] = letters[at+1], letters[at]
		}
		words[i] = string(letters)
	}
	return strings.Join(words, " ")
}

func beside(letter rune, chance *rand.Rand) rune {
	for _, row := range keys {
		if at := strings.IndexRune(row, letter); at >= 0 {
			if at == 0 || at < len(row)-1 && chance.IntN(2) == 0 {
				return rune(row[at+1])
			}
			return rune(row[at-1])
		}
	}
	return letter
}

// asking is what became of questions.
type asking struct {
	asked, first, three int
	missed              []string
}

func (a *asking) ask(x *Index, page, language, question string) []Hit {
	hits := x.Find(question, language, 3)
	at := slices.IndexFunc(hits, func(h Hit) bool { return h.Article.ID == page })
	a.asked++
	if at == 0 {
		a.first++
	}
	if at >= 0 {
		a.three++
	} else {
		a.missed = append(a.missed, fmt.Sprintf("%s: %q", page, question))
	}
	return hits
}

// least fails unless the share of questions whose article came first, and among the first three, is at least this.
func (a *asking) least(t *testing.T, first, three float64) {
	t.Helper()
	gotFirst, gotThree := share(a.first, a.asked), share(a.three, a.asked)
	t.Logf("%d questions: right first %.1f %%, in the first three %.1f %%", a.asked, 100*gotFirst, 100*gotThree)
	if gotFirst < first || gotThree < three {
		t.Errorf("right first in %.3f, in the first three in %.3f; want at least %.2f and %.2f; not found:\n%s",
			gotFirst, gotThree, first, three, strings.Join(a.missed, "\n"))
	}
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// TestRightArticle: 300 questions about 227 articles, which nothing was tuned on, as they were written and with typing errors.
func TestRightArticle(t *testing.T) {
	x := Build(articles(t, "gnome-en.csv"))
	for seed := range uint64(4) {
		var got asking
		for i, row := range table(t, "questions.csv") {
			if row[2] != "test" {
				continue
			}
			question := row[3]
			if seed > 0 {
				question = mistype(question, 10_000*seed+uint64(i))
			}
			got.ask(x, row[0], row[1], question)
		}
		if got.asked != 300 {
			t.Errorf("%d questions were asked", got.asked)
		}
		got.least(t, 0.85, 0.95)
	}
}

// TestOtherLanguages: questions with errors in seven languages over the same articles in each, and in the widget's twelve over
// a small shop's.
func TestOtherLanguages(t *testing.T) {
	for _, test := range []struct {
		articles, questions string
		languages           int
	}{
		{"gnome-other.csv", "questions-other.csv", 7},
		{"shop.csv", "questions-shop.csv", 12},
	} {
		x := Build(articles(t, test.articles))
		var got asking
		languages := map[string]bool{}
		for _, row := range table(t, test.questions) {
			languages[row[1]] = true
			hits := got.ask(x, row[0], row[1], row[3])
			if len(hits) > 0 && hits[0].Article.Language != row[1] {
				t.Errorf("%q is answered in %s", row[3], hits[0].Article.Language)
			}
		}
		if len(languages) != test.languages {
			t.Errorf("%s: %d languages", test.questions, len(languages))
		}
		got.least(t, 0.95, 0.98)
	}
}

// TestRefused: small talk and foreign matters are neither answered nor taken for something else.
func TestRefused(t *testing.T) {
	english, other := Build(articles(t, "gnome-en.csv")), Build(articles(t, "gnome-other.csv"))
	asked, shown, answered := 0, []string(nil), 0
	for _, row := range table(t, "refused.csv") {
		if row[1] != "test" {
			continue
		}
		x := english
		if row[0] != "en" {
			x = other
		}
		asked++
		hits := x.Find(row[2], row[0], 1)
		if len(hits) > 0 && hits[0].Confidence >= Possible {
			shown = append(shown, fmt.Sprintf("%q: %s, %.2f", row[2], hits[0].Article.ID, hits[0].Confidence))
			if hits[0].Confidence >= Sure {
				answered++
			}
		}
	}
	t.Logf("%d texts, refused %.1f %%, answered %d: %q", asked, 100*(1-share(len(shown), asked)), answered, shown)
	if asked < 60 || 1-share(len(shown), asked) < 0.95 || answered > 0 {
		t.Errorf("of %d texts %d were answered, and shown for: %q", asked, answered, shown)
	}
}

// TestConfidence: what is answered is right nearly always, what is not worth showing seldom would have been, and most
// questions are answered.
func TestConfidence(t *testing.T) {
	x := Build(articles(t, "gnome-en.csv"))
	asked, answered, right, given := 0, 0, 0, 0
	var claimed float64
	for i, row := range table(t, "questions.csv") {
		if row[2] != "test" {
			continue
		}
		asked++
		hits := x.Find(mistype(row[3], 10_000+uint64(i)), "en", 3)
		if len(hits) == 0 || hits[0].Confidence < Possible {
			continue
		}
		given++
		if hits[0].Confidence >= Sure {
			answered++
			claimed += hits[0].Confidence
			if hits[0].Article.ID == row[0] {
				right++
			}
		}
	}
	t.Logf("%d questions: %.0f %% answered, of these %.1f %% right, where %.1f %% are claimed; %.0f %% answered or offered",
		asked, 100*share(answered, asked), 100*share(right, answered), 100*claimed/float64(answered), 100*share(given, asked))
	if share(answered, asked) < 0.75 || share(right, answered) < 0.88 || share(given, asked) < 0.85 {
		t.Error("too few are answered, or too many wrongly")
	}
	if off := claimed/float64(answered) - share(right, answered); off > 0.05 || off < -0.1 {
		t.Errorf("confidence is off by %.2f", off)
	}
}

// many makes 2,000 articles of the English ones: each has the paragraphs of three, and words of its own.
func many(t testing.TB) (out []Article) {
	t.Helper()
	real := articles(t, "gnome-en.csv")
	chance := rand.New(rand.NewPCG(2000, 1))
	for n := range 2000 {
		a := real[n%len(real)]
		if n >= len(real) {
			word := fmt.Sprintf("%c%c%c%dx", 'a'+n%26, 'a'+n/26%26, 'e', n)
			a.ID, a.Title = fmt.Sprint(a.ID, "-", n), a.Title+" "+word
			text := word
			for range 3 {
				all := strings.Split(rich.Plain(real[chance.IntN(len(real))].Body), "\n\n")
				text += "\n\n" + strings.Join(all[:min(len(all), 4)], "\n\n")
			}
			a.Body = rich.Of(text)
		}
		out = append(out, a)
	}
	return out
}
