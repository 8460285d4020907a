package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	path := write(t, simple+"reports: {zone: }\nretention:\n  closed_days: 90\n")
	c, err := Load(path, []string{"SKEIN_LOG_LEVEL=warn", "SKEIN_ENDPOINTS__SUPPORT_SLACK__HOLD=2s"})
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Explained{}
	for _, e := range c.Explain() {
		if _, twice := by[e.Key]; twice {
			t.Errorf("%s is listed twice", e.Key)
		}
		by[e.Key] = e
	}
	for key, want := range map[string]Explained{
		"log_level":                          {Value: "WARN", Source: "variable SKEIN_LOG_LEVEL"},
		"endpoints.support-slack.hold":       {Value: "2s", Source: "variable SKEIN_ENDPOINTS__SUPPORT_SLACK__HOLD"},
		"endpoints.support-slack.plain_text": {Value: "reply"},
		"endpoints.support-slack.bot_token":  {Value: "set, not shown", Source: "line"},
		"assignment.remind_after":            {Value: "5m0s"},
		"files_secret_key":                   {Value: "not set"},
		"reports.zone":                       {Value: "UTC"}, // there is nothing behind it
		"retention.closed_days":              {Value: "90", Source: "line"},
	} {
		got := by[key]
		if got.Value != want.Value || got.Source != want.Source && (want.Source != "line" || !strings.HasPrefix(got.Source, path+", line ")) {
			t.Errorf("%s is explained as %q by %q, want %q by %q", key, got.Value, got.Source, want.Value, want.Source)
		}
	}
	if all := fmt.Sprint(by); strings.Contains(all, "xoxb-") || strings.Contains(all, "xapp-") {
		t.Error("a secret is shown")
	}
}
