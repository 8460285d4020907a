package slacktest

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

func TestTyped(t *testing.T) {
	section := func(elements string) string {
		return `[{"elements":[` + elements + `],"type":"rich_text_section"}]`
	}
	cases := []struct{ input, text, elements string }{
		{"plain", "plain", section(`{"text":"plain","type":"text"}`)},
		{"1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2", section(`{"text":"1 \u003c 2 \u0026 3 \u003e 2","type":"text"}`)},
		{"a *b _c_* ~d~ `e*f*`", "a *b _c_* ~d~ `e*f*`", section(
			`{"text":"a ","type":"text"},{"style":{"bold":true},"text":"b ","type":"text"},` +
				`{"style":{"bold":true,"italic":true},"text":"c","type":"text"},{"text":" ","type":"text"},` +
				`{"style":{"strike":true},"text":"d","type":"text"},{"text":" ","type":"text"},` +
				`{"style":{"code":true},"text":"e*f*","type":"text"}`)},
		{"2*3*4 snake_case_name * x *", "2*3*4 snake_case_name * x *", section(`{"text":"2*3*4 snake_case_name * x *","type":"text"}`)},
		{"<@UANA> see <https://a.example/?x=1&y=2|here> :tada:", "<@UANA> see <https://a.example/?x=1&amp;y=2|here> :tada:", section(
			`{"type":"user","user_id":"UANA"},{"text":" see ","type":"text"},` +
				`{"text":"here","type":"link","url":"https://a.example/?x=1\u0026y=2"},{"text":" ","type":"text"},{"name":"tada","type":"emoji"}`)},
		{"go to https://a.example/b.", "go to <https://a.example/b>.", section(
			`{"text":"go to ","type":"text"},{"type":"link","url":"https://a.example/b"},{"text":".","type":"text"}`)},
		{"<!here> in <#CDESK|desk>", "<!here> in <#CDESK|desk>", section(
			`{"range":"here","type":"broadcast"},{"text":" in ","type":"text"},{"channel_id":"CDESK","type":"channel"}`)},
		{
			"a\n> q\n> r\n• x\n• y", "a\n&gt; q\n&gt; r\n• x\n• y",
			`[{"elements":[{"text":"a\n","type":"text"}],"type":"rich_text_section"},` +
				`{"elements":[{"text":"q\nr","type":"text"}],"type":"rich_text_quote"},` +
				`{"border":0,"elements":[{"elements":[{"text":"x","type":"text"}],"type":"rich_text_section"},` +
				`{"elements":[{"text":"y","type":"text"}],"type":"rich_text_section"}],"indent":0,"style":"bullet","type":"rich_text_list"}]`,
		},
		{
			"```a *b*\nc```", "```a *b*\nc```",
			`[{"border":0,"elements":[{"text":"a *b*\nc","type":"text"}],"type":"rich_text_preformatted"}]`,
		},
		{"<script>", "&lt;script&gt;", section(`{"text":"\u003cscript\u003e","type":"text"}`)},
	}
	for _, tc := range cases {
		text, blocks := typed(tc.input)
		if text != tc.text {
			t.Errorf("%q: text %q, want %q", tc.input, text, tc.text)
		}
		want := `[{"block_id":"typed","elements":` + tc.elements + `,"type":"rich_text"}]`
		if string(blocks) != want {
			t.Errorf("%q: blocks\n got %s\nwant %s", tc.input, blocks, want)
		}
	}
}

func TestPlainBlocks(t *testing.T) {
	for blocks, want := range map[string]string{
		"": "",
		`[{"type":"context","elements":[{"type":"mrkdwn","text":":lock: *A* &amp; B"}]},{"type":"rich_text","elements":[{"type":"rich_text_section",
			"elements":[{"type":"text","text":"1 < 2 "},{"type":"link","url":"https://a.example/?x&y"},{"type":"link","url":"https://b","text":"<b>"}]}]}]`: ":lock: *A* &amp; B\n1 &lt; 2 https://a.example/?x&amp;y&lt;b&gt;",
		`[{"type":"section","text":{"type":"plain_text","text":"a & b"}},{"type":"divider"}]`: "a &amp; b",
	} {
		if got := plainBlocks(json.RawMessage(blocks)); got != want {
			t.Errorf("%s: %q, want %q", blocks, got, want)
		}
	}
}

// FuzzTyped checks that nothing typed breaks the simulator and that slack-go can read the result.
func FuzzTyped(f *testing.F) {
	for _, s := range []string{"*a* _b_", "```x```", "> q\n• l", "<@UANA> <https://x|y> :z:", "*_~`", "https://", "<!here>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, input string) {
		if !utf8.ValidString(input) {
			t.Skip()
		}
		_, blocks := typed(input)
		if blocks == nil {
			return
		}
		var list slack.Blocks
		if err := json.Unmarshal(blocks, &list); err != nil {
			t.Fatalf("%s: %v", blocks, err)
		}
	})
}

func TestCompareTS(t *testing.T) {
	order := []string{"0", "9.999999", "10.000000", "10.000001", "1700000000.000100", "1700000000.000101"}
	for i, a := range order {
		for j, b := range order {
			got := compareTS(a, b)
			if got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("compareTS(%s, %s) = %d", a, b, got)
			}
		}
	}
}

func TestTimestampsRise(t *testing.T) {
	st := newState(Options{})
	last := "0"
	for range 1000 {
		ts := st.newTS()
		if !validTS(ts) || compareTS(ts, last) <= 0 {
			t.Fatalf("%s after %s", ts, last)
		}
		last = ts
	}
}
