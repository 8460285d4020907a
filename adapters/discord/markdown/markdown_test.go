package markdown_test

import (
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge/rich"
)

// cases are what people write, and the HTML of what it means.
var cases = []struct{ content, html string }{
	{"hello", "<p>hello</p>"},
	{"one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"},
	{"**bold** *it* _it2_ __under__ ~~gone~~ ||psst||", "<p><strong>bold</strong> <em>it</em> <em>it2</em> <u>under</u> <s>gone</s> <span class=\"spoiler\">psst</span></p>"},
	{"***both***", "<p><strong><em>both</em></strong></p>"},
	{"**across\nlines**", "<p><strong>across</strong><br><strong>lines</strong></p>"},
	{`\*not bold\* snake_case_name 2 * 3 * 4`, "<p>*not bold* snake_case_name 2 * 3 * 4</p>"},
	{"`a*b*` ``x`y``", "<p><code>a*b*</code> <code>x`y</code></p>"},
	{"see ```go\nfmt.Println()\n``` there", "<p>see </p><pre><code>fmt.Println()</code></pre><p> there</p>"},
	{"# Big\n### Small\n-# fine print", "<p><strong>Big</strong></p><p><strong>Small</strong></p><p>fine print</p>"},
	{"> quoted\n> more\nnot", "<blockquote><p>quoted<br>more</p></blockquote><p>not</p>"},
	{">>> all\nof it", "<blockquote><p>all<br>of it</p></blockquote>"},
	{"- one\n- two\n  - inner\n3. three", "<ul><li>one</li><li>two<ul><li>inner</li></ul></li></ul><ol start=\"3\"><li>three</li></ol>"},
	{"<@11> <@!22> <@99> <@&5> <#6> <:wave:7> <a:dance:8> </take:9>", "<p><span class=\"mention\">@Ana</span> <span class=\"mention\">@Ben_B</span> <span class=\"mention\">@someone</span> @role #channel :wave: :dance: /take</p>"},
	{"<t:1700000000:t> <t:1700000000>", "<p>22:13 UTC 14 November 2023, 22:13 UTC</p>"},
	{"[docs](https://example.com/a) <https://example.com/b> https://example.com/c_d_e.", `<p><a href="https://example.com/a">docs</a> <a href="https://example.com/b">https://example.com/b</a> <a href="https://example.com/c_d_e">https://example.com/c_d_e</a>.</p>`},
	{"[x](javascript:alert(1)) <not a token> a < b", "<p>[x](javascript:alert(1)) &lt;not a token&gt; a &lt; b</p>"},
	{`¯\_(ツ)_/¯`, "<p>¯_(ツ)_/¯</p>"},
	{"@everyone `<@11>`", "<p>@everyone <code>&lt;@11&gt;</code></p>"},
}

func TestRead(t *testing.T) {
	for _, c := range cases {
		doc := markdown.Read(c.content, known)
		if got := plainHTML(doc); got != c.html {
			t.Errorf("%q\n got %s\nwant %s", c.content, got, c.html)
		}
		checkReadsBack(t, doc, markdown.Writer{})
	}
}

// What a person wrote can call nobody and be nothing but text.
func TestWriteInjectsNothing(t *testing.T) {
	for _, s := range []string{
		"<@11>", "<@&5>", "<#6>", "@everyone", "@here", "<:wave:7>", "<t:1700000000>", "</take:9>", "[x](https://example.com)",
		"**x**", "__x__", "||x||", "~~x~~", "`x`", "```x```", "# x", "> x", ">>> x", "- x", "* x", "1. x", "-# x", ":smile:", "\\*x*",
	} {
		doc := rich.Normal(rich.Doc{{Kind: rich.Text, Text: s}})
		text := markdown.Write(doc)
		if got := markdown.Read(text, known); rich.Plain(got) != rich.Plain(doc) || len(got) != 1 || got[0].Kind != rich.Paragraph || len(got[0].Children) != 1 && s != "[x](https://example.com)" {
			t.Errorf("%q was written as %q, which reads %+v", s, text, got)
		}
		if text == s {
			t.Errorf("%q was written as it is", s)
		}
	}
}

func TestWriteMentions(t *testing.T) {
	doc := rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Mention, Text: "Ana", Info: "11"}, {Kind: rich.Text, Text: " and "}, {Kind: rich.Mention, Text: "Zoe", Info: "33"},
	}}}
	if got := inDiscord.Text(doc); got != "<@11> and @Zoe" {
		t.Errorf("got %q", got)
	}
}

// plainHTML leaves out what all HTML of ours has.
func plainHTML(doc rich.Doc) string {
	return strings.NewReplacer(` dir="auto"`, "", ` rel="nofollow noopener noreferrer" target="_blank"`, "").Replace(rich.HTML(doc))
}
