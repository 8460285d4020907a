package masking

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

var forms = rapid.SampledFrom([]Form{Elements, Numbers})

// docs gives documents with words in them, so that there is something to translate.
func docs() *rapid.Generator[rich.Doc] {
	sentences := rapid.SampledFrom([]string{
		"Where is my order ORD-1234?", "I paid 1,299.00 € on 12/05/2026.", "see https://e.com/a?b=c or write to a.b@example.com",
		"a [1] and a [/2] here", "Tom & Jerry <b>say</b> &amp; mean", "the Green Fern, please", "3 days", "日本語のテキスト 12345", "X1 and X2 are here",
	})
	return rapid.Custom(func(t *rapid.T) rich.Doc {
		doc := richtest.Docs().Draw(t, "doc")
		for range rapid.IntRange(0, 3).Draw(t, "sentences") {
			style := rapid.SampledFrom([]rich.Kind{rich.Text, rich.Bold, rich.Italic, rich.Quote, rich.Link}).Draw(t, "style")
			n := rich.Node{Kind: rich.Text, Text: sentences.Draw(t, "sentence")}
			if style != rich.Text {
				n = rich.Node{Kind: style, URL: "https://e.com/", Children: []rich.Node{n}}
			}
			doc = append(doc, n, rich.Node{Kind: rich.Text, Text: " and so on "})
		}
		return rich.Normal(doc)
	})
}

// shout translates words into capitals and leaves marks as they are. Entities are marks, too.
func shout(s string) string {
	outside := regexp.MustCompile(`<[^>]*>|&\w+;|\[/?\d+\]`)
	var out strings.Builder
	for s != "" {
		at := outside.FindStringIndex(s)
		if at == nil {
			at = []int{len(s), len(s)}
		}
		out.WriteString(strings.Map(capital, s[:at[0]]))
		out.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return out.String()
}

// capital changes Latin letters only, one for one.
func capital(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 32
	}
	return r
}

// turn moves the last part of a text, with whole marks, to the front, as another word order would.
func turn(s string, form Form) string {
	if form == Numbers {
		end := regexp.MustCompile(`\[/(\d+)\]$`).FindStringSubmatch(s)
		if end == nil {
			return s
		}
		at := strings.LastIndex(s, "["+end[1]+"]")
		return s[at:] + " " + s[:at]
	}
	if at := strings.LastIndex(s, `<span id="`); at > 0 && strings.HasSuffix(s, "</span>") && strings.Count(s[:at], "<span") == strings.Count(s[:at], "</span>") {
		return s[at:] + " " + s[:at]
	}
	return s
}

// leaves counts what must be in a document whatever was translated, and shape says how its blocks are nested.
func leaves(doc rich.Doc) (counts map[string]int, shape string) {
	counts = map[string]int{}
	urls := map[string]bool{}
	var walk func(nodes []rich.Node)
	walk = func(nodes []rich.Node) {
		for _, n := range nodes {
			switch n.Kind {
			case rich.Code, rich.Mention, rich.Emoji, rich.Pre:
				counts[fmt.Sprint(n.Kind, n.Text, n.Info)]++
			case rich.Link:
				urls[n.URL] = true
			case rich.Paragraph, rich.Heading, rich.Quote, rich.List, rich.Item, rich.Break:
				shape += string(n.Kind) + "("
			}
			walk(n.Children)
			shape += ")"
		}
	}
	walk(doc)
	for url := range urls {
		counts["link "+url]++
	}
	shape = regexp.MustCompile(`\(?\)+`).ReplaceAllString(shape, ")")
	return counts, shape
}

// letters counts the letters of each style and link, in capitals.
func letters(doc rich.Doc) map[string]int {
	out := map[string]int{}
	eachLine(doc, func(line []rich.Span) {
		for _, s := range line {
			for _, r := range s.Text {
				if unicode.IsLetter(r) {
					out[fmt.Sprint(s.Kind, s.Style, s.URL, string(capital(r)))]++
				}
			}
		}
	})
	return out
}

func TestMarksKeptWholeDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, form := docs().Draw(t, "doc"), forms.Draw(t, "form")
		m := Cut(doc, form, shop)
		texts := m.Texts()
		same, kept := Cut(doc, form, nil).Restore(Cut(doc, form, nil).Texts())
		if kept != 0 || !rich.Equal(same, doc) {
			t.Fatalf("a translator that changes nothing: %d kept of %q\n%s\n%s", kept, texts, rich.HTML(same), rich.HTML(doc))
		}
		for i := range texts {
			texts[i] = turn(shout(texts[i]), form)
		}
		got, kept := m.Restore(texts)
		if kept != 0 {
			t.Fatalf("%d of %q are not believed, from %q", kept, texts, m.Texts())
		}
		plain, _ := Cut(doc, form, shop).Restore(m.Texts()) // with the glossary's translations
		wantLeaves, wantShape := leaves(plain)
		if gotLeaves, gotShape := leaves(got); fmt.Sprint(gotLeaves) != fmt.Sprint(wantLeaves) || gotShape != wantShape {
			t.Fatalf("%s became\n%s\n%v %v\n%v %v", rich.HTML(doc), rich.HTML(got), wantShape, wantLeaves, gotShape, gotLeaves)
		}
		if a, b := letters(plain), letters(got); fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%s became\n%s", rich.HTML(doc), rich.HTML(got))
		}
	})
}

// harm does to a text what bad translators do.
func harm(s string, r *rand.Rand) string {
	runes := []rune(s)
	at := r.IntN(len(runes) + 1)
	to := at + r.IntN(len(runes)-at+1)
	switch r.IntN(8) {
	case 0: // loses
		return string(runes[:at]) + string(runes[to:])
	case 1: // doubles
		return string(runes[:to]) + string(runes[at:])
	case 2: // adds
		junk := []string{"[1]", "[/1]", "</span>", `<span id="1">`, `<span id="2">`, "http://x.example", "@everyone", "<", "&lt;", "[2", "X1", "\n", "<b>", "]", "\u202e", "\x00"}
		return string(runes[:at]) + junk[r.IntN(len(junk))] + string(runes[at:])
	case 3: // spaces marks out
		return strings.NewReplacer("[", "[ ", "]", " ]", "<", "< ", "=", " = ").Replace(s)
	case 4: // changes a character
		if at < len(runes) {
			runes[at] = []rune("x1]<>/ [\"é")[r.IntN(10)]
		}
		return string(runes)
	case 5:
		return strings.ToUpper(s)
	case 6:
		return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	default: // moves
		return string(runes[to:]) + string(runes[at:to]) + string(runes[:at])
	}
}

func TestDamageLosesNothing(t *testing.T) {
	believed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		doc, form := docs().Draw(t, "doc"), forms.Draw(t, "form")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		m := Cut(doc, form, nil)
		texts := m.Texts()
		for i := range texts {
			for range 1 + r.IntN(3) {
				texts[i] = harm(texts[i], r)
			}
		}
		got, kept := m.Restore(texts)
		believed += len(texts) - kept
		refused += kept
		wantLeaves, wantShape := leaves(doc)
		if gotLeaves, gotShape := leaves(got); fmt.Sprint(gotLeaves) != fmt.Sprint(wantLeaves) || gotShape != wantShape {
			t.Fatalf("%q:\n%s became\n%s\n%v %v\n%v %v", texts, rich.HTML(doc), rich.HTML(got), wantShape, wantLeaves, gotShape, gotLeaves)
		}
		if plain := rich.Plain(got); strings.Contains(plain, "notranslate") || strings.Contains(plain, `<span id="`) || strings.Contains(plain, "://x.example") {
			t.Fatalf("%q: a mark is left, or something was added: %s", texts, plain)
		}
		lines := 0
		eachLine(got, func(line []rich.Span) {
			segment := m.segments[lines]
			lines++
			if words := wordsOf(spanTokens(line)); segment.worded && !hasLetters(words) {
				t.Fatalf("%q: the words of %q are lost", texts, segment.text)
			}
		})
	})
	if believed == 0 || refused == 0 {
		t.Errorf("%d texts were believed and %d refused: nothing was shown", believed, refused)
	}
}

func spanTokens(line []rich.Span) (out []token) {
	for _, s := range line {
		if s.Kind == rich.Text {
			out = append(out, token{kind: words, text: s.Text})
		}
	}
	return out
}

func FuzzRestore(f *testing.F) {
	for _, form := range []Form{Elements, Numbers} {
		for _, s := range Cut(letter, form, shop).Texts() {
			f.Add(s, int(form))
		}
	}
	doc := rich.Doc{letter[0]}
	wantLeaves, wantShape := leaves(rich.Normal(doc))
	f.Fuzz(func(t *testing.T, translation string, form int) {
		got, _ := Cut(doc, Form(form&1), nil).Restore([]string{translation})
		if gotLeaves, gotShape := leaves(got); fmt.Sprint(gotLeaves) != fmt.Sprint(wantLeaves) || gotShape != wantShape {
			t.Fatalf("%q: %s", translation, rich.HTML(got))
		}
	})
}
