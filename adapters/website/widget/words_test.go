package widget_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// text is what a language says for a word: one text, or one for each way in which it counts.
type text struct {
	one    string
	plural map[string]string
}

func (t *text) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		return json.Unmarshal(b, &t.plural)
	}
	return json.Unmarshal(b, &t.one)
}

// languages reads every file of words by its language.
func languages(t *testing.T) map[string]map[string]text {
	t.Helper()
	paths, err := filepath.Glob("words/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no languages: %v", err)
	}
	all := map[string]map[string]text{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]text
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".json")] = words
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\w*\}`)

func TestEveryLanguageSaysEverything(t *testing.T) {
	all := languages(t)
	english := all["en"]
	for language, words := range all {
		for key := range words {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %q is no word of English", language, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(english)) {
			got, want := words[key], english[key]
			if (got.plural == nil) != (want.plural == nil) {
				t.Errorf("%s: %q has one text here and several there", language, key)
				continue
			}
			if want.plural != nil {
				got.one, want.one = got.plural["other"], want.plural["other"]
			}
			if strings.TrimSpace(got.one) == "" {
				t.Errorf("%s: nothing for %q", language, key)
			}
			if got, want := placeholder.FindAllString(got.one, -1), placeholder.FindAllString(want.one, -1); !slices.Equal(got, want) {
				t.Errorf("%s: %q has the places %q, English %q", language, key, got, want)
			}
			for form, one := range got.plural { // a form may say the number in a word: "one message"
				if places := placeholder.FindAllString(one, -1); one == "" || len(places) > 0 && !slices.Equal(places, placeholder.FindAllString(want.one, -1)) {
					t.Errorf("%s: %q for %q is %q", language, key, form, one)
				}
			}
		}
		if d := words["direction"].one; d != "ltr" && d != "rtl" {
			t.Errorf("%s: direction is %q", language, d)
		}
	}
}

// A language needs a text for each way in which it counts messages and characters. The browser knows them.
func TestEveryLanguageCounts(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p := b.Open(f.shop.URL)
	for language, words := range languages(t) {
		var forms []string
		p.Eval(fmt.Sprintf(`(() => {
			const rules = new Intl.PluralRules(%q);
			return [...new Set(Array.from({ length: 5000 }, (_, n) => rules.select(n)))];
		})()`, language), &forms)
		for key, text := range words {
			for _, form := range forms {
				if text.plural != nil && text.plural[form] == "" {
					t.Errorf("%s: %q lacks the form %q", language, key, form)
				}
			}
		}
	}
}

// asked are the files of languages that a page has loaded.
func asked(p *browsertest.Page) (files []string) {
	for _, url := range p.Requests() {
		if strings.HasSuffix(url, ".json") {
			files = append(files, url)
		}
	}
	return files
}

func TestEveryLanguageIsSpoken(t *testing.T) {
	b := browsertest.New(t)
	for language, words := range languages(t) {
		f := newFake(t)
		f.page = `data-locale="` + strings.ToUpper(language) + `"`
		p, w := visit(b, f)
		var got []string
		w.Eval(`[document.querySelector('#skein-input').placeholder, document.documentElement.dir, document.documentElement.lang]`, &got)
		if want := []string{words["write"].one, words["direction"].one, language}; !slices.Equal(got, want) {
			t.Errorf("%s: the page says %q, want %q", language, got, want)
		}
		if files := asked(p); len(files) > 1 || (language == "en") != (len(files) == 0) {
			t.Errorf("%s: loaded %q", language, files)
		}
		clean(t, p, f)
		p.Close()
	}
}

func TestEnglishForWhatIsMissing(t *testing.T) {
	b := browsertest.New(t)
	for locale, want := range map[string]string{"sv-SE": "en", "not a tag": "en", "de_AT": "de-AT", "en-GB": "en-GB"} {
		f := newFake(t)
		f.page = `data-locale="` + locale + `"`
		p, w := visit(b, f)
		var got string
		if w.Eval(`document.documentElement.lang`, &got); got != want {
			t.Errorf("for %q the page is in %q, want %q", locale, got, want)
		}
		p.Close()
	}
	t.Run("a word", func(t *testing.T) {
		f := newFake(t)
		f.words = func([]byte) []byte { return []byte(`{"write":"Nachricht schreiben"}`) }
		f.page = `data-locale="de"`
		_, w := visit(b, f)
		w.Wait(`document.querySelector('#skein-input').placeholder === 'Nachricht schreiben' && document.querySelector('#skein-send').ariaLabel === 'Send'`)
	})
	t.Run("the file", func(t *testing.T) {
		f := newFake(t)
		f.words = func([]byte) []byte { return nil }
		f.page = `data-locale="de"`
		_, w := visit(b, f)
		w.Wait(`document.querySelector('#skein-input').placeholder === 'Write a message'`)
	})
}

func TestLanguagesHaveLastingAddresses(t *testing.T) {
	page := get(t, "/widget/website")
	match := regexp.MustCompile(`data-words="([^"]*)"`).FindStringSubmatch(body(t, page))
	pairs := strings.Fields(match[1])
	if len(pairs) != len(languages(t))-1 {
		t.Fatalf("the page names %q", pairs)
	}
	for _, pair := range pairs {
		_, hash, _ := strings.Cut(pair, ":")
		file := get(t, "/widget/assets/"+hash+".json", "Accept-Encoding", "gzip")
		if file.StatusCode != 200 || !strings.Contains(file.Header.Get("Cache-Control"), "immutable") ||
			file.Header.Get("Content-Encoding") != "gzip" || file.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: status %d, %v", pair, file.StatusCode, file.Header)
		}
	}
}
