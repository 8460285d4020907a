package slacktest_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gorilla/websocket"
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

// Mounted under another server's address, the simulator hands out links to that address, and it
// reads multipart forms as Slack does.
func TestMountedAsHandler(t *testing.T) {
	var s *slacktest.Server
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	t.Cleanup(outer.Close)
	s = slacktest.New(slacktest.Options{BaseURL: outer.URL, Channels: []slacktest.Channel{{ID: desk, Name: "desk"}}})
	t.Cleanup(s.Close)
	dial(t, s).frame(t)

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"token": s.Options().BotToken, "channel": desk, "text": "by form"} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	_ = form.Close()
	resp, err := http.Post(s.URL()+"chat.postMessage", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := s.Channel(desk); len(got) != 1 || got[0].Text != "by form" {
		t.Fatalf("channel %+v", got)
	}
}

func TestFaultOfLink(t *testing.T) {
	s, _ := start(t, nil)
	s.Fail(slacktest.Fault{Method: "link", Status: 503, Times: 1})
	_, url, err := client(s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil); err == nil {
		t.Fatal("the fault was not applied")
	}
	dial(t, s).frame(t)
}
