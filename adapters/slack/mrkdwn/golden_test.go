package mrkdwn_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before you keep it")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// What visitors write, and how it goes to Slack.
func TestVisitorsMessages(t *testing.T) {
	var out strings.Builder
	for _, m := range visitorMessages {
		doc := rich.Of(m)
		fmt.Fprintf(&out, "%q\n\ttext   %q\n\tblocks %s\n\tplain  %q\n\thtml   %s\n\n",
			m, mrkdwn.ToText(doc), blocksJSON(t, mrkdwn.Writer{}, doc), rich.Plain(doc), rich.HTML(doc))
	}
	golden(t, "visitors.golden", out.String())
}

var visitorMessages = []string{
	"Hi! My order #12345 hasn't arrived yet 😕",
	"The price says 10* but the footnote (*) is missing",
	"5 * 3 * 2 = 30, right?",
	"*urgent* please",
	"_please_ help ~asap~",
	"set my_config_value in config_file.yaml",
	"__init__ fails with `KeyError`",
	"```\nfor i in range(3):\n    print(i)\n```",
	"a < b && c > d",
	"AT&T said &lt; is fine",
	"<script>alert('x')</script>",
	"<!channel> wake up",
	"<!here|here> <!everyone> <!subteam^S123|@team>",
	"<@U123> can you help? <@W2ABC|boss>",
	"<#C1|general> <https://evil.example|your bank>",
	"@here @channel @everyone #general",
	"see https://shop.example.com/my_order_1?a=1&b=2.",
	"(https://en.wikipedia.org/wiki/Go_(game)) and http://e.com/*x*",
	"javascript:alert(1) data:text/html,x",
	"mail me@example.com or call +49 30 123",
	"> you wrote this\nI disagree",
	">>> everything below",
	"  > indented",
	"- one\n- two\n  - three",
	"1. first\n2. second",
	"line one\nline two\n\n\n\nnew paragraph",
	":wave: :party-gopher: at 12:30:45 :100:",
	"👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️ 1️⃣",
	"שלום, ההזמנה שלי *לא* הגיעה: https://shop.example.com/הזמנה",
	"مرحبا، أين طلبي رقم ١٢٣؟",
	"你*好*世界 こんにちは",
	"evil\u202egpj.exe \u2066x\u2069 nul\x00 bell\x07",
	"bad \xff\xfe bytes",
	"zero\u200bwidth *\u200bx*",
	"**bold markdown** [link](https://e.com)",
	"*a_b~c`d*e_f~g`h",
	"``double`` ````four````",
	"<https://e.com|a*b>",
	"a|b & \"quotes\" 'single' \\backslash",
	"tab\there\r\nwindows line",
	"   ",
	"€19.99 – 50 % off… “now”",
}

// What agents write in Slack, and how visitors read it. Each has the form Slack sends.
func TestAgentsMessages(t *testing.T) {
	var out strings.Builder
	for _, m := range agentTexts {
		doc := mrkdwn.FromText(m, known)
		fmt.Fprintf(&out, "%q\n\tplain %q\n\thtml  %s\n\n", m, rich.Plain(doc), rich.HTML(doc))
	}
	for _, m := range agentBlocks {
		doc, ok := mrkdwn.FromBlocks([]byte(m), known)
		fmt.Fprintf(&out, "%s\n\tok    %v\n\tplain %q\n\thtml  %s\n\n", m, ok, rich.Plain(doc), rich.HTML(doc))
	}
	golden(t, "agents.golden", out.String())
}

var agentTexts = []string{
	"Hello *there*, _how_ are ~you~ `doing`?",
	"*bold _and italic_ and ~struck~*",
	"snake_case_name 2*3*4 a~b~c x`y`z",
	"* not bold * and *not bold either * or * this*",
	"*two\nlines* are not bold",
	"&lt;b&gt; &amp;lt; a &amp;&amp; b",
	"<https://shop.example.com/a_b|our *shop*> <https://e.com/?a=1&amp;b=2> <mailto:a@e.com|a@e.com> <tel:+4930|+49 30>",
	"<javascript:alert(1)|click> <slack://open>",
	"<@U1> <@U999> <@W999|boss> <#C1> <#C999> <#C999|secret-plans>",
	"<!here> <!channel> <!everyone> <!subteam^S1|@support> <!subteam^S1> <!unknown^x> <!unknown|words>",
	"<!date^1392734382^Posted {date_num} {time_secs}|Posted 2014-02-18 6:39:42 AM PST> <!date^1392734382^{date}>",
	"<!date^1392734382^{date_short}^https://e.com/|that day>",
	"&gt; quoted\n&gt; more\nnot quoted",
	"> old form\n>\n> second",
	"&lt;not a token&gt; <not a token> < open",
	"```code *not bold* :wave: <https://e.com|e> &lt;```",
	"before ```in between``` after",
	"``` never closed *bold*",
	"• one\n• two\n    ◦ three",
	":wave: :+1::skin-tone-3: :heart: :flag-de: :party-gopher: 12:30:45 `:wave:`",
	"*<@U1>*: _<https://e.com|label>_",
	"*bold*. (*bold*) \"_it_\" -~no~-",
	"",
}

var agentBlocks = []string{
	`[{"type":"rich_text","block_id":"x","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Hi "},{"type":"user","user_id":"U1"},{"type":"text","text":", see "},{"type":"link","url":"https://e.com/a_b","text":"this","style":{"bold":true}},{"type":"text","text":" "},{"type":"emoji","name":"wave","unicode":"1f44b-1f3fd","skin_tone":4},{"type":"emoji","name":"party-gopher"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"*literal* <!channel> :wave: & <b>"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"all","style":{"bold":true,"italic":true,"strike":true,"underline":true,"client_highlight":true}},{"type":"text","text":" "},{"type":"text","text":"code","style":{"code":true}}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Steps:\n"}]},{"type":"rich_text_list","style":"ordered","indent":0,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]},{"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"inner"}]}]},{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"two"}]}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"said\n\nbefore"}]},{"type":"rich_text_preformatted","language":"go","elements":[{"type":"text","text":"a := \"<b>\"\n"},{"type":"link","url":"https://e.com"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"broadcast","range":"channel"},{"type":"text","text":" "},{"type":"channel","channel_id":"C1"},{"type":"text","text":" "},{"type":"channel","channel_id":"C999"},{"type":"text","text":" "},{"type":"usergroup","usergroup_id":"S1"},{"type":"text","text":" "},{"type":"user","user_id":"U999"},{"type":"text","text":" "},{"type":"color","value":"#ff0000"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"date","timestamp":1720710212,"format":"{date_num}","fallback":"11 July"},{"type":"text","text":" "},{"type":"date","timestamp":1720710212,"format":"{date_num}"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"hologram","text":{"type":"plain","text":"new thing"}},{"type":"canvas","file_id":"F1","label":"Plan","url":"https://e.com"},{"type":"text","text":7},{"type":"future","elements":[{"type":"text","text":" nested"}]}]},{"type":"rich_text_table","elements":[{"type":"text","text":"cell"}]}]}]`,
	`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"javascript:alert(1)","text":"click"},{"type":"link","url":"https://e.com"}]}]}]`,
	`[{"type":"section","text":{"type":"mrkdwn","text":"*not* rich"}}]`,
	`[{"type":"rich_text","elements":[]},{"type":"section","text":{"type":"mrkdwn","text":"*with* rich"}}]`,
	`{"type":"rich_text"}`,
	`not json`,
	`null`,
}
