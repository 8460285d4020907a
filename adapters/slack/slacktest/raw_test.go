package slacktest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// rawCall posts JSON and returns Slack's refusal as slack-go would.
func rawCall(t *testing.T, s *slacktest.Server, method string, args map[string]any) error {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+s.Options().BotToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer slack.SlackResponse
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Err()
}
