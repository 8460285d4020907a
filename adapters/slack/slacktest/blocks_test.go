package slacktest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestCheckBlocks(t *testing.T) {
	text := func(n int) string { return `{"type":"mrkdwn","text":"` + strings.Repeat("é", n) + `"}` }
	plain := func(n int) string { return `{"type":"plain_text","text":"` + strings.Repeat("é", n) + `"}` }
	button := func(id string) string { return `{"type":"button","action_id":"` + id + `","text":` + plain(75) + `}` }
	list := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	cases := []struct{ name, blocks, want string }{
		{"none", ``, ""},
		{"empty", `[]`, ""},
		{"50", `[` + list(50, `{"type":"divider"}`) + `]`, ""},
		{"51", `[` + list(51, `{"type":"divider"}`) + `]`, "invalid_blocks"},
		{"not an array", `{"type":"divider"}`, "invalid_blocks_format"},
		{"not JSON", `[`, "invalid_blocks_format"},
		{"unknown type", `[{"type":"hologram"}]`, "invalid_blocks"},
		{"no type", `[{}]`, "invalid_blocks"},
		{"section of 3000", `[{"type":"section","text":` + text(3000) + `}]`, ""},
		{"section of 3001", `[{"type":"section","text":` + text(3001) + `}]`, "invalid_blocks"},
		{"empty section", `[{"type":"section","text":` + text(0) + `}]`, "invalid_blocks"},
		{"section without text", `[{"type":"section"}]`, "invalid_blocks"},
		{"10 fields", `[{"type":"section","fields":[` + list(10, text(2000)) + `]}]`, ""},
		{"11 fields", `[{"type":"section","fields":[` + list(11, text(1)) + `]}]`, "invalid_blocks"},
		{"header", `[{"type":"header","text":` + plain(150) + `}]`, ""},
		{"mrkdwn header", `[{"type":"header","text":` + text(1) + `}]`, "invalid_blocks"},
		{"context of 11", `[{"type":"context","elements":[` + list(11, text(1)) + `]}]`, "invalid_blocks"},
		{"actions", `[{"type":"actions","elements":[` + button("a") + `,` + button("b") + `]}]`, ""},
		{"same action twice", `[{"type":"actions","elements":[` + button("a") + `,` + button("a") + `]}]`, "invalid_blocks"},
		{"long button", `[{"type":"actions","elements":[{"type":"button","text":` + plain(76) + `}]}]`, "invalid_blocks"},
		{"overflow without options", `[{"type":"section","text":` + text(1) + `,"accessory":{"type":"overflow"}}]`, "invalid_blocks"},
		{"same block_id twice", `[` + list(2, `{"type":"divider","block_id":"x"}`) + `]`, "invalid_blocks"},
		{"image without alt_text", `[{"type":"image","image_url":"https://a.example/"}]`, "invalid_blocks"},
	}
	for _, tc := range cases {
		out, err := checkBlocks(tc.blocks, maxMessageBlocks)
		got := ""
		var refused *apiError
		if errors.As(err, &refused) {
			got = refused.code
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
		if err != nil || out == nil {
			continue
		}
		var blocks []block
		if err := json.Unmarshal(out, &blocks); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		for _, b := range blocks {
			if b.BlockID == "" {
				t.Errorf("%s: a block without block_id", tc.name)
			}
		}
	}
}
