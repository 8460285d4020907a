package rich_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/rich/richtest"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{
			"markup is text", `<script>alert("x")</script> & <b>`,
			`<p dir="auto">&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &lt;b&gt;</p>`,
		},
		{"lines and paragraphs", "a\nb\n\n\nc", `<p dir="auto">a<br>b</p><p dir="auto">c</p>`},
		{"address", "see https://e.com/?a=1&b='2'.", `<p dir="auto">see <a href="https://e.com/?a=1&amp;b=&#39;2" ` +
			`rel="nofollow noopener noreferrer" target="_blank">https://e.com/?a=1&amp;b=&#39;2</a>&#39;.</p>`},
		{"only space", " \n\t\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rich.HTML(rich.Of(c.in)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestUnsafeLinkIsItsLabel(t *testing.T) {
	doc := rich.Doc{{Kind: rich.Link, URL: "javascript:alert(1)", Children: []rich.Node{{Kind: rich.Text, Text: "click"}}}}
	if got, want := rich.HTML(doc), `<p dir="auto">click</p>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHTMLIsSafeAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkHTML(t, richtest.Trees().Draw(t, "tree")) })
	rapid.Check(t, func(t *rapid.T) { checkHTML(t, richtest.Docs().Draw(t, "doc")) })
}

// allowed maps each element to the attributes it may have.
var allowed = map[string]string{
	"p": "dir", "blockquote": "dir", "ul": "", "ol": "start", "li": "dir", "pre": "", "code": "", "br": "",
	"a": "href rel target", "strong": "", "em": "", "u": "", "s": "", "span": "class",
}

type fataler interface{ Fatalf(string, ...any) }

// checkHTML reads what HTML wrote with another program's eyes: balanced, nothing but allowed, and the same text.
func checkHTML(t fataler, doc rich.Doc) {
	out := rich.HTML(doc)
	z := html.NewTokenizer(strings.NewReader(out))
	var open []string
	var text strings.Builder
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		tok := z.Token()
		switch kind {
		case html.TextToken:
			text.WriteString(tok.Data)
		case html.StartTagToken:
			checkTag(t, tok)
			if tok.Data != "br" {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("unbalanced at %v: %s", tok, out)
			}
			open = open[:len(open)-1]
		default:
			t.Fatalf("unexpected %v in %s", tok, out)
		}
	}
	if len(open) > 0 {
		t.Fatalf("left open %v: %s", open, out)
	}
	if got, want := strings.ReplaceAll(visible(text.String()), "@", ""), strings.ReplaceAll(words(rich.Normal(doc)), "@", ""); got != want {
		t.Fatalf("text changed\n got %q\nwant %q", got, want)
	}
}

func checkTag(t fataler, tok html.Token) {
	attributes, ok := allowed[tok.Data]
	if !ok {
		t.Fatalf("element %v", tok)
	}
	for _, a := range tok.Attr {
		if !strings.Contains(attributes, a.Key) || a.Key == "" {
			t.Fatalf("attribute in %v", tok)
		}
		if _, safe := rich.SafeURL(a.Val); a.Key == "href" && !safe {
			t.Fatalf("address in %v", tok)
		}
	}
}
