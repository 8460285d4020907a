package language

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/skeindesk/skein/bridge/npmtest"
)

// The sentences of an interface in many languages, which the table was not made from. libraries.md's measurements used
// 31 languages of them; these are all that the table knows, which is harder.
var locales = npmtest.Release{
	Name:      "@uppy/locales",
	Version:   "5.2.0",
	Integrity: "sha512-nW+jrrljbVVBRmYhfUBn5eU7rQV27/NkgJyo7VB+G3OHCaG4EhWoGcGrF5qu/apHkaQx+3a+jKwCueAuzff6Fw==",
}

var (
	localeFile  = regexp.MustCompile(`^lib/([a-z]{2})_[A-Z]{2}(_Cyrillic)?\.js$`)
	literal     = regexp.MustCompile(`(?m)^\s*(?:['"\w]+:)?\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"),?$`)
	placeholder = regexp.MustCompile(`%\{[^}]*\}`)
)

// others are what is left out, so that each language is there once: Indonesian is known as Malay only.
var others = []string{"es_MX.js", "id_ID.js", "nn_NO.js", "pt_PT.js", "zh_TW.js"}

// A sentence is a text of which the language is known.
type sentence struct{ code, text string }

// sentences reads the set: of each language the sentences that are not left in English and have at least four letters.
func sentences(t testing.TB) []sentence {
	t.Helper()
	files, err := locales.Files(localeFile.MatchString)
	if err != nil {
		t.Fatal(err)
	}
	english := map[string]bool{}
	for _, text := range literals(files["lib/en_US.js"]) {
		english[text] = true
	}
	seen := map[sentence]bool{}
	var out []sentence
	for _, file := range slices.Sorted(maps.Keys(files)) {
		code := base(localeFile.FindStringSubmatch(file)[1])
		if !slices.Contains(Known(), code) || slices.Contains(others, path.Base(file)) {
			continue
		}
		for _, text := range literals(files[file]) {
			s := sentence{code, strings.Join(strings.Fields(placeholder.ReplaceAllString(text, " ")), " ")}
			if !seen[s] && countLetters(s.text) >= 4 && (code == "en" || !english[text]) {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

func literals(source []byte) (out []string) {
	for _, match := range literal.FindAllSubmatch(source, -1) {
		text := string(match[1]) + string(match[2])
		out = append(out, strings.NewReplacer(`\'`, "'", `\"`, `"`, `\n`, " ", `\\`, `\`).Replace(text))
	}
	return out
}

func countLetters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

func languagesOf(set []sentence) []string {
	codes := map[string]bool{}
	for _, s := range set {
		codes[s.code] = true
	}
	return slices.Sorted(maps.Keys(codes))
}

// A lengthClass counts the sentences of at most so many letters, and more than the class before.
type lengthClass struct {
	letters int
	want    float64
	n, ok   int
}

func TestSentencesAreRecognised(t *testing.T) {
	set := sentences(t)
	among := languagesOf(set)
	if len(among) < 31 || len(set) < 4096 {
		t.Fatalf("the set has %d languages and %d sentences, want at least 31 and 4096", len(among), len(set))
	}
	classes := []lengthClass{{letters: 15, want: 0.80}, {letters: 30, want: 0.93}, {letters: 60, want: 0.97}, {letters: math.MaxInt, want: 0.99}}
	for _, s := range set {
		letters := countLetters(s.text)
		class := &classes[slices.IndexFunc(classes, func(c lengthClass) bool { return letters <= c.letters })]
		class.n++
		if guesses := Recognise(s.text, among...); len(guesses) > 0 && guesses[0].Code == s.code {
			class.ok++
		}
	}
	for _, class := range classes {
		got := float64(class.ok) / float64(class.n)
		t.Logf("up to %d letters: %d sentences, %.1f %% right", class.letters, class.n, 100*got)
		if got < class.want {
			t.Errorf("up to %d letters: %.2f %% of %d sentences are recognised, want %.0f %%", class.letters, 100*got, class.n, 100*class.want)
		}
	}
}

func TestScoresAreProbabilities(t *testing.T) {
	var claimed, right, n [10]float64
	for _, s := range sentences(t) {
		guesses := Recognise(s.text)
		if len(guesses) == 0 {
			continue
		}
		bucket := min(int(guesses[0].Score*10), 9)
		n[bucket]++
		claimed[bucket] += guesses[0].Score
		if guesses[0].Code == s.code {
			right[bucket]++
		}
	}
	for i := range n {
		if n[i] < 50 {
			continue
		}
		t.Logf("%.0f guesses claim %.2f and are right in %.2f", n[i], claimed[i]/n[i], right[i]/n[i])
		if over := (claimed[i] - right[i]) / n[i]; over > 0.05 || over < -0.3 {
			t.Errorf("%.0f guesses claim %.2f and are right in %.2f", n[i], claimed[i]/n[i], right[i]/n[i])
		}
	}
}

func TestNothingToGo(t *testing.T) {
	for _, text := range []string{"", " ", "123", "https://example.com/hello/world", "ana@example.com", "😀🎉", "`getOrder()`", "{order.id}", "…?!"} {
		if got := Recognise(text); got != nil {
			t.Errorf("Recognise(%q) = %v, want nothing", text, got)
		}
	}
	if got := Recognise("Where is my order?", "xx"); got != nil {
		t.Errorf("among languages that are not known: %v, want nothing", got)
	}
	if got := Recognise("Wo ist meine Bestellung?", "en", "de-AT"); len(got) == 0 || got[0].Code != "de" {
		t.Errorf("among en and de-AT: %v, want de", got)
	}
}

func TestMemory(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	table, err := load(packed)
	if err != nil {
		t.Fatal(err)
	}
	took := heap() - before
	runtime.KeepAlive(table)
	t.Logf("the table takes %.1f MB, the file %.2f MB", float64(took)/1e6, float64(len(packed))/1e6)
	if took > 16e6 || len(packed) > 0.8e6 {
		t.Errorf("the table takes %d bytes and the file %d, want at most 16 MB and 0.8 MB", took, len(packed))
	}
}

func TestDamagedTable(t *testing.T) {
	for n := range 40 {
		if _, err := load(packed[:len(packed)*n/40]); err == nil {
			t.Errorf("a table cut to %d/40 is not refused", n)
		}
	}
}

// TestTime fails where recognition has become slow by orders of magnitude; BenchmarkRecognise has the figures.
func TestTime(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's time is not the product's")
	}
	set := sentences(t)
	Recognise("load the table")
	best := time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		for _, s := range set {
			Recognise(s.text)
		}
		best = min(best, time.Since(start)/time.Duration(len(set)))
	}
	if best > time.Millisecond {
		t.Errorf("a text takes %v", best)
	}
}

func BenchmarkRecognise(b *testing.B) {
	set := sentences(b)
	Recognise("load the table")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Recognise(set[i%len(set)].text)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(packed); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, line := range readMixed(f) {
		f.Add(line.text, "Ana")
	}
	f.Add("\xff\xfe{<`\"「", "\x80'")
	f.Fuzz(func(t *testing.T, text, name string) {
		if prose := Prose(text, name); len(prose) > 2*len(text)+1 {
			t.Errorf("Prose(%q) has become longer: %q", text, prose)
		}
		total := 0.0
		last := 1.0
		for _, g := range Recognise(text) {
			if g.Score <= 0 || g.Score > last {
				t.Errorf("Recognise(%q): score %v after %v", text, g.Score, last)
			}
			last = g.Score
			total += g.Score
		}
		if total > 1.000001 {
			t.Errorf("Recognise(%q): scores add up to %v", text, total)
		}
	})
}

// readMixed reads testdata/mixed.txt.
func readMixed(t testing.TB) (out []sentence) {
	t.Helper()
	content, err := os.ReadFile("testdata/mixed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(content)), "\n") {
		code, text, found := strings.Cut(line, "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !found {
			t.Fatal(fmt.Errorf("testdata/mixed.txt: %q has no tab", line))
		}
		out = append(out, sentence{code, strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text)})
	}
	return out
}
