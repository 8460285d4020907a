// Command genemoji writes the table of Slack's emoji names from the emoji.json of the npm package
// emoji-datasource, which holds the names Slack uses:
//
//	npm pack emoji-datasource@16.0.0 && tar xzf emoji-datasource-16.0.0.tgz package/emoji.json package/LICENSE
//	go run ./adapters/slack/mrkdwn/internal/genemoji package/emoji.json adapters/slack/mrkdwn/emoji.txt
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

type entry struct {
	Unified    string   `json:"unified"` // code points in hex, joined by "-"
	ShortName  string   `json:"short_name"`
	ShortNames []string `json:"short_names"`
	SortOrder  int      `json:"sort_order"`
	Skins      map[string]struct {
		Unified string `json:"unified"`
	} `json:"skin_variations"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: genemoji emoji.json emoji.txt")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "genemoji:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var entries []entry
	if err := json.Unmarshal(raw, &entries); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.SortOrder, b.SortOrder), strings.Compare(a.Unified, b.Unified))
	})
	var out bytes.Buffer
	for _, e := range entries {
		if err := write(&out, e); err != nil {
			return fmt.Errorf("%s: %s: %w", from, e.ShortName, err)
		}
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

// write puts one emoji on a line: its characters, "+" if it takes a skin tone, its names, the preferred first.
func write(out *bytes.Buffer, e entry) error {
	text, err := characters(e.Unified)
	if err != nil {
		return err
	}
	out.WriteString(text)
	if skin, ok := e.Skins["1F3FB"]; ok {
		// The reader of the table puts the tone after the first character; make sure that is the rule.
		first, rest, _ := strings.Cut(e.Unified, "-")
		want := strings.TrimSuffix(first+"-1F3FB-"+strings.TrimPrefix(strings.TrimPrefix(rest, "FE0F"), "-"), "-")
		if skin.Unified != want {
			return fmt.Errorf("skin tone gives %s, the rule says %s", skin.Unified, want)
		}
		out.WriteByte('+')
	}
	out.WriteByte('\t')
	names := append([]string{e.ShortName}, slices.DeleteFunc(slices.Clone(e.ShortNames), func(n string) bool { return n == e.ShortName })...)
	out.WriteString(strings.Join(names, " "))
	out.WriteByte('\n')
	return nil
}

func characters(unified string) (string, error) {
	var b strings.Builder
	for hex := range strings.SplitSeq(unified, "-") {
		r, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			return "", err
		}
		b.WriteRune(rune(r))
	}
	return b.String(), nil
}
