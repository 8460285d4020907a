package mrkdwn_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge/rich"
)

// checkReadsBack wants what was read to be canonical, and to be the same after another way through Slack.
func checkReadsBack(t *testing.T, doc rich.Doc) {
	t.Helper()
	if diff := cmp.Diff(doc, rich.Normal(doc)); diff != "" {
		t.Fatalf("not canonical:\n%s", diff)
	}
	text := mrkdwn.ToText(doc)
	if diff := cmp.Diff(mrkdwn.Reduced(mrkdwn.Writer{}, doc, true), mrkdwn.FromText(text, known)); diff != "" {
		t.Fatalf("text %q (-written +read):\n%s", text, diff)
	}
	raw, err := json.Marshal(mrkdwn.ToBlocks(doc))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := mrkdwn.FromBlocks(raw, known)
	if diff := cmp.Diff(mrkdwn.Reduced(mrkdwn.Writer{}, doc, false), got); diff != "" {
		t.Fatalf("blocks %s (-written +read):\n%s", raw, diff)
	}
}

func FuzzFromText(f *testing.F) {
	for _, s := range agentTexts {
		f.Add(s)
	}
	for _, s := range visitorMessages {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkReadsBack(t, mrkdwn.FromText(s, known)) })
}

func FuzzFromBlocks(f *testing.F) {
	for _, s := range agentBlocks {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if doc, ok := mrkdwn.FromBlocks(raw, known); ok {
			checkReadsBack(t, doc)
		}
	})
}
