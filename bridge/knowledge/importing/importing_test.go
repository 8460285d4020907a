package importing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// shown is what a test compares of an article: its body as a browser gets it.
func shown(articles []knowledge.Article) (out []string) {
	for _, a := range articles {
		out = append(out, fmt.Sprintf("%s [%s] %s %q %s: %s", a.ID, a.Language, a.URL, a.Questions, a.Title, bare.Replace(rich.HTML(a.Body))))
	}
	return out
}

var bare = strings.NewReplacer(` dir="auto"`, "", ` rel="nofollow noopener noreferrer" target="_blank"`, "")

func told(faults []Fault) (out []string) {
	for _, f := range faults {
		out = append(out, f.String())
	}
	return out
}

func TestMarkdownByHeadings(t *testing.T) {
	const file = `---
title: "Our shop"
language: en
url: https://shop.example/help/
---
Welcome to the shop.

# Buying

## Delivery {#delivery}

Q: How long does it take?
Q: When will my parcel   arrive?

It takes **two to four** days, see [the map](map.html "Map")
and <https://carrier.example>.

### Abroad

1. Norway: *a week*
2. Peru: ~~never~~ soon

Lieferung
---------

{#x}

## Lieferung {#delivery lang=de}
Zwei bis vier Tage.
# Returning
Send it [back][addr] or ![our house](house.png), or [nowhere](javascript:alert(1)).

[addr]: /return
`
	articles, faults := Markdown(strings.NewReader(file), Options{Name: "docs/shop.md", Level: 2})
	if len(faults) > 0 {
		t.Fatal(told(faults))
	}
	if diff := cmp.Diff([]string{
		`shop/our-shop [en] https://shop.example/help/ [] Our shop: <p>Welcome to the shop.</p>`,
		`delivery [en] https://shop.example/help/ ["How long does it take?" "When will my parcel arrive?"] Delivery: ` +
			`<p>It takes <strong>two to four</strong> days, see <a href="https://shop.example/help/map.html">the map</a> and <a href="https://carrier.example">https://carrier.example</a>.</p>` +
			`<p><strong>Abroad</strong></p><ol><li>Norway: <em>a week</em></li><li>Peru: <s>never</s> soon</li></ol>`,
		`shop/lieferung [en] https://shop.example/help/ [] Lieferung: <p>{#x}</p>`,
		`delivery [de] https://shop.example/help/ [] Lieferung: <p>Zwei bis vier Tage.</p>`,
		`shop/returning [en] https://shop.example/help/ [] Returning: <p>Send it <a href="https://shop.example/return">back</a> or our house, or nowhere.</p>`,
	}, shown(articles)); diff != "" {
		t.Error(diff)
	}
}

func TestMarkdownAsOne(t *testing.T) {
	for file, want := range map[string]string{
		"# Refunds\n\nWithin five days.\n\n## Gift cards\nNever.": `faq/refunds [es]  [] Refunds: <p>Within five days.</p><p><strong>Gift cards</strong></p><p>Never.</p>`,
		"---\ntitle: T\nid: a b/C\nlang: fr\n---\nText":           `a-b/c [fr]  [] T: <p>Text</p>`,
		"---\nno end": ``,
		"Setext\n===\nQ: one?\nQ: two?\n\nText\n---\nmore":             `faq/setext [es]  ["one?" "two?"] Setext: <p><strong>Text</strong></p><p>more</p>`,
		"# A\n```go\n# no heading\nx < y\n```\n    code\n":             `faq/a [es]  [] A: <pre><code># no heading` + "\n" + `x &lt; y</code></pre><pre><code>code</code></pre>`,
		"# A\n> quoted\nstill\n\n- one\n  - two\n\n  more\n* three":    `faq/a [es]  [] A: <blockquote><p>quoted still</p></blockquote><ul><li>one<ul><li>two</li></ul><p>more</p></li><li>three</li></ul>`,
		"# A\n| a | b |\n|---|:-:|\n| **1** | 2 |\n":                   `faq/a [es]  [] A: <p>a | b<br><strong>1</strong> | 2</p>`,
		"# A\nline  \nbreak\\\nhere <br> &amp; \\&amp; \\*no\\* `a*b`": `faq/a [es]  [] A: <p>line<br>break<br>here<br>&amp; &amp;amp; *no* <code>a*b</code></p>`,
		"# A\n<div>\n<script>alert(1)</script><b>bold</b> <a href=\"//x.example/\">y</a></div>\n\nand <i onclick=x>this</i> <!-- not this -->": `faq/a [es]  [] A: <p><strong>bold</strong> y</p><p>and this</p>`,
		"# A\nsnake_case_name 2*3*4 a ** b __init__ and **bold *both***":                                                                       `faq/a [es]  [] A: <p>snake_case_name 2<em>3</em>4 a ** b <strong>init</strong> and <strong>bold <em>both</em></strong></p>`,
		"\ufeff# A\r\n\r\nText\r\n":                            `faq/a [es]  [] A: <p>Text</p>`,
		"# A\n[x][y] [z] [y]\n\n[y]: https://y.example":        `faq/a [es]  [] A: <p><a href="https://y.example">x</a> [z] <a href="https://y.example">y</a></p>`,
		"# A\nmail <me@shop.example> or [call](tel:+15550100)": `faq/a [es]  [] A: <p>mail <a href="mailto:me@shop.example">me@shop.example</a> or <a href="tel:+15550100">call</a></p>`,
	} {
		articles, faults := Markdown(strings.NewReader(file), Options{Name: "FAQ.md", Language: "es"})
		if got := strings.Join(shown(articles), "\n"); got != want {
			t.Errorf("%q\n got %s\nwant %s\n%q", file, got, want, told(faults))
		}
	}
}

func TestHTML(t *testing.T) {
	const page = `<!doctype html><html lang="en-GB"><head><title>Help – Shop</title><base href="https://shop.example/help/"><style>p{}</style></head>
<body><nav><a href="/">Home</a></nav><header>Top</header><main><h1>Help</h1><p>How we <b>help</b>.</p>
<div><section><h2 id="returns">Returns &amp; refunds</h2><p>Q: Can I send it back?</p><p>Within <em>30&nbsp;days</em>,<br>see <a href="form.html">the form</a>
 or <a href="javascript:alert(1)" onclick="x()">not</a>. <img src=x onerror=alert(1) alt="A parcel"></p>
<ul><li>One</li><li><p>Two</p><ol><li>deep</ol></li></ul><pre>a
  b</pre><table><tr><th>Land<th>Days<tr><td>NO<td>7</table></section></div>
<h2 lang="es">Envío</h2>Texto suelto<blockquote>cita</blockquote><script>alert(2)</script><p hidden>no</p><form><input value="no">no</form>
<dl><dt>Term</dt><dd>Meaning</dd></dl></main><footer>Imprint</footer></body></html>`
	articles, faults := HTML(strings.NewReader(page), Options{Name: "help.html", Level: 2})
	if len(faults) > 0 {
		t.Fatal(told(faults))
	}
	if diff := cmp.Diff([]string{
		`help/help [en-GB] https://shop.example/help/ [] Help: <p>How we <strong>help</strong>.</p>`,
		`returns [en-GB] https://shop.example/help/ ["Can I send it back?"] Returns & refunds: <p>Within <em>30` + "\u00a0" + `days</em>,<br>see ` +
			`<a href="https://shop.example/help/form.html">the form</a> or not. A parcel</p><ul><li>One</li><li>Two<ol><li>deep</li></ol></li></ul>` +
			"<pre><code>a\n  b</code></pre><p>Land | Days<br>NO | 7</p>",
		`help/envio [es] https://shop.example/help/ [] Envío: <p>Texto suelto</p><blockquote><p>cita</p></blockquote><p>Term</p><p>Meaning</p>`,
	}, shown(articles)); diff != "" {
		t.Error(diff)
	}
	one, faults := HTML(strings.NewReader("<title>Only</title>Just <p>text"), Options{Name: "x/One page.html", URL: "https://shop.example/one"})
	if diff := cmp.Diff([]string{`one-page/only [] https://shop.example/one [] Only: <p>Just</p><p>text</p>`}, shown(one)); diff != "" {
		t.Error(diff, told(faults))
	}
}

// TestForgetfulPages: what is left open, closed twice or written oddly is read as a browser shows it.
func TestForgetfulPages(t *testing.T) {
	for page, want := range map[string]string{
		"<p>one<p>two</p></p>three":                          "<p>one</p><p>two</p><p>three</p>",
		"<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e":            "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul><p>e</p>",
		"<table><tr><td>a<td>b</b><tr><td>c</table>d":        "<p>a | b<br>c</p><p>d</p>",
		"<table><tr><td><p>a</table></td>b":                  "<p>a</p><p>b</p>",
		"<dl><dt>a<dd>b<dt>c<dd>d</dl>":                      "<p>a</p><p>b</p><p>c</p><p>d</p>",
		"1 < 2 &lt; 3 &amp;&nbsp;&eacute;&#8364;&bogus; a<b": "<p>1 &lt; 2 &lt; 3 &amp;\u00a0é€&amp;bogus; a</p>",
		"<B>x</B><BR/>y<br>z</br>w":                          "<p><strong>x</strong><br>y<br>z<br>w</p>",
		"<script>if (a</b) '<p>x'</script>a<!-- b -- c -->d": "<p>ad</p>",
		"<style>x</styled></STYLE >a":                        "<p>a</p>",
		"<svg><path/><circle/></svg>a<svg/>b":                "<p>ab</p>",
		"<a href=https://a.example/?x=1&amp;y=2 title='>'>b": `<p><a href="https://a.example/?x=1&amp;y=2">b</a></p>`,
		"<a href='java\nscript:x'>b</a><a HREF=\"\">c</a>":   "<p>bc</p>",
		"<img src=x alt=\"a>b\">c<!doctype x><?php y ?>":     "<p>a&gt;bc</p>",
		"<p hidden>no<p>yes<div aria-hidden=true>no</div>":   "<p>yes</p>",
		"<pre>a\n <b>b</b></pre><code>c  d</code>":           "<pre><code>a\n b</code></pre><p><code>c d</code></p>",
		"<textarea><p>no</textarea>a</div></span>b":          "<p>ab</p>",
		"<title>t</title><h1></h1>a<":                        "<p>a&lt;</p>",
		"<b>a<i>b</b>c":                                      "<p><strong>a<em>b</em></strong>c</p>",
		"a<p":                                                "<p>a</p>",
	} {
		articles, faults := HTML(strings.NewReader("<title>T</title>"+page), Options{Name: "x.html"})
		if len(articles) != 1 {
			t.Errorf("%q: %q", page, told(faults))
			continue
		}
		if got := bare.Replace(rich.HTML(articles[0].Body)); got != want {
			t.Errorf("%q\n got %s\nwant %s", page, got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	for file, want := range map[string][]string{
		"question,answer\nHow?,So: https://a.example.\n\"Why?\n Wherefore?\n\",\"Because\n\nof it\"": {
			`faq/how [en]  [] How?: <p>So: <a href="https://a.example">https://a.example</a>.</p>`, `faq/why [en]  ["Wherefore?"] Why?: <p>Because</p><p>of it</p>`,
		},
		"\ufeffURL;Answer;Question;ID;Language\r\nhttps://a.example;A;Q;x;de\r\n;A;Q;x;en\r\n": {
			`x [de] https://a.example [] Q: <p>A</p>`, `x [en]  [] Q: <p>A</p>`,
		},
		"question\tanswer\nQ\t**A**\n": {`faq/q [en]  [] Q: <p>**A**</p>`},
	} {
		articles, faults := CSV(strings.NewReader(file), Options{Name: "faq.csv", Language: "en"})
		if diff := cmp.Diff(want, shown(articles)); diff != "" {
			t.Errorf("%q: %s %q", file, diff, told(faults))
		}
	}
}

// TestFaults: each says where it is and what to do; nothing is read of a file that has one.
func TestFaults(t *testing.T) {
	long := strings.Repeat("x", MaxBody+1)
	for _, c := range []struct {
		name, file string
		level      int
		want       string
	}{
		{"a.txt", "x", 0, "The file's name must end in .md, .html or .csv."},
		{"a.csv", "", 0, "line 1: The file is empty."},
		{"a.csv", "question,answer\n", 0, "There is no article in the file."},
		{"a.csv", "Frage,answer,answer\n", 0, `line 1: There is no column "frage". The columns are question, answer, language, url, id.|line 1: The column "answer" is there twice.|line 1: The column "question" is missing.`},
		{"a.csv", "question,answer\nq,a,b\nq\n,a\nq,a\nq,a\n", 0, "line 2: There are more fields than columns: a text with a comma needs quotation marks around it.|" +
			"line 3: “q” has no text.|line 4: There is no title or question.|line 6: “q” is there already, at line 5. Give one of them another title or id, or another language."},
		{"a.csv", "question,answer\nq,\"a\nb\n", 0, `line 3: This is not well-formed CSV: extraneous or missing " in quoted-field.`},
		{"a.csv", "question,answer,language,url\nq,a,deutsch!,ftp://x\n", 0, "line 2: “deutsch!” is no language. Write a tag such as en or pt-BR.|line 2: “ftp://x” is no web address."},
		{"a.md", "# T\n\xff", 0, "line 2: This is not UTF-8. Save the file with that encoding."},
		{"a.md", "a\x00b", 0, "This is not a text file."},
		{"a.md", "---\nurl: nowhere\n---\n# T\nx", 0, "line 1: “nowhere” is no web address."},
		{"a.md", "# T\n", 0, "line 1: “T” has no text."},
		{"a.md", "# T\n\n## A\n\n## B\ntext\n## B\nmore\n", 2, "line 3: “A” has no text.|line 7: “B” is there already, at line 5. Give one of them another title or id, or another language."},
		{"a.md", "# T\n" + long, 0, "line 1: “T” is too long: at most 50000 characters. Divide it."},
		{"a.md", "# " + strings.Repeat("y", 400) + "\ntext", 0, "line 1: “" + strings.Repeat("y", 60) + "…” is too long for a title or a question: at most 300 characters."},
		{"a.md", "text", 7, "The level of headings is from 1 to 6, or 0 for one article."},
		{"a.md", "text", 0, "line 1: There is no title or question."},
		{"a.html", "<p>", 0, "There is no article in the file."},
		{"a.html", strings.Repeat("<div>", 2000) + "x", 0, "The page is nested too deeply to be read."},
	} {
		articles, faults := File(strings.NewReader(c.file), Options{Name: c.name, Level: c.level})
		if got := strings.Join(told(faults), "|"); got != c.want || len(articles) > 0 {
			t.Errorf("%s %.40q:\n got %s\nwant %s", c.name, c.file, got, c.want)
		}
	}
	if _, faults := File(strings.NewReader(strings.Repeat("x", MaxFile+1)), Options{Name: "a.md"}); !strings.Contains(fmt.Sprint(faults), "larger than 5 MB") {
		t.Error(faults)
	}
	if _, faults := CSV(strings.NewReader("question,answer\n"+strings.Repeat(",\n", 5000)), Options{}); len(faults) != maxFaults {
		t.Errorf("%d faults are told", len(faults))
	}
}

// TestHostileMarkdown: what is nested or left open on purpose is read in reasonable time (a test that hangs fails).
func TestHostileMarkdown(t *testing.T) {
	for _, piece := range []string{"[", "*a ", "`", "> ", "- ", "![", "<a ", "**", "_a", "[a](", "(", "~~x ", "<!-- ", "&amp", "\\", "1. ", "|-", "``` ", "[a]: b\n", "<div>\n\n"} {
		text := "# T\n" + strings.Repeat(piece, 20_000/len(piece))
		Markdown(strings.NewReader(text), Options{})
		HTML(strings.NewReader(text), Options{})
	}
}

func fuzz(f *testing.F, ext string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, file string, level uint8) {
		articles, faults := File(strings.NewReader(file), Options{Name: "fuzz" + ext, Level: int(level % 7), URL: "https://shop.example/a/", Language: "en"})
		if len(articles) > 0 == (len(faults) > 0) {
			t.Fatalf("%d articles and %d faults", len(articles), len(faults))
		}
		for _, a := range articles {
			if a.ID == "" || a.Title == "" || rich.IsEmpty(a.Body) || len(a.Title) > MaxTitle || !rich.Equal(a.Body, rich.Normal(a.Body)) {
				t.Errorf("%+v", a)
			}
			html := rich.HTML(a.Body)
			if strings.Contains(html, "<script") || strings.Contains(html, "javascript:") && strings.Contains(html, `href="javascript:`) {
				t.Errorf("not safe: %s", html)
			}
		}
		knowledge.Build(articles).Find(file[:min(len(file), 100)], "en", 3)
	})
}

// Fuzzing: whatever a file holds, it is read or refused, and what is read can be shown.
func FuzzMarkdown(f *testing.F) {
	fuzz(f, ".md", "# A {#b lang=de}\n\nQ: c?\n\n- [x](y) **z**\n  > q\n\n```\n", "---\ntitle: x\n---\n<b>\n| a | b |\n|--|--|\n| c |", "a\n=\n1. b\n\n   c\n\n\td `` ` `` \\<\n[e]: f")
}

func FuzzHTML(f *testing.F) {
	fuzz(f, ".html", "<main lang=x><h2 id=a>b</h2><p>c<a href=d>e</a><ul><li>f<table><tr><td>g", "<script>x</script><h1>a</h1><svg><title>b</title></svg><pre>\n c</pre>&#0;<base href='%'>")
}

func FuzzCSV(f *testing.F) {
	fuzz(f, ".csv", "question,answer\na,b\n", "id;url;answer;question\n\"x\ny\";https://a.example;b;\"c\nd\"", "question\tanswer\na\t\"b")
}
