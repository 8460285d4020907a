package mrkdwn_test

import (
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

func BenchmarkSplit(b *testing.B) {
	for name, text := range map[string]string{
		"dense markup": strings.Repeat("<&>*_`", 5000),
		"words":        strings.Repeat("word snake_case 😀 and more words\n", 3000),
		"one line":     strings.Repeat("word snake_case and more words ", 3000),
	} {
		doc := rich.Of(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				mrkdwn.Split(doc)
			}
		})
	}
}
