package slack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// httpStage is an adapter in HTTP mode behind a server of its own.
type httpStage struct {
	slack   *slacktest.Server
	adapter *slack.Adapter
	sink    *adaptertest.Sink
	web     *httptest.Server
}

func newHTTPStage(t *testing.T) httpStage {
	t.Helper()
	s := httpStage{sink: adaptertest.NewSink()}
	s.slack = newServer(t, slacktest.Options{AckTimeout: patience, RetryDelays: []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond}})
	s.adapter = newAdapter(t, s.slack, func(c *slack.Config) {
		c.AppToken, c.SigningSecret = "", s.slack.Options().SigningSecret
		c.Settle = settle
	})
	s.web = httptest.NewServer(s.adapter.Handler())
	t.Cleanup(s.web.Close)
	s.slack.SetRequestURL(s.url("events"))
	s.slack.SetInteractivityURLs(s.url("interactive"), s.url("commands"))
	return s
}

func (s httpStage) url(kind string) string { return s.web.URL + s.adapter.Route() + kind }

func (s httpStage) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.adapter.Run(ctx, s.sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
	s.sink.Await(t, "running, with a gap", func(h adaptertest.Heard) bool {
		return last(h).State == bridge.Running && last(h).Gap
	})
}

// post sends a body as Slack would and returns the status.
func (s httpStage) post(t *testing.T, kind string, header http.Header, body []byte) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url(kind), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func messageEvent(t *testing.T, ts, text string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"type": "event_callback", "api_app_id": "A1", "event_id": "Ev" + ts, "event": map[string]any{
		"type": "message", "channel": desk, "user": ana, "text": text, "ts": ts, "thread_ts": "1700000000.000100", "event_ts": ts,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestHTTPMode(t *testing.T) {
	s := newHTTPStage(t)
	if err := s.slack.VerifyURL(); err != nil {
		t.Errorf("before Run, the address cannot be verified: %v", err)
	}
	body := messageEvent(t, "1700000001.000100", "too early")
	if status, _ := s.post(t, "events", slacktest.Sign(s.slack.Options().SigningSecret, time.Now(), body), body); status != http.StatusServiceUnavailable {
		t.Errorf("before Run, an event is answered %d, want 503", status)
	}
	s.run(t)
	_, root := openThread(t, s.adapter)
	for _, text := range []string{"one", "two", "three"} {
		say(t, s.slack, root, text)
	}
	if got := strings.Join(texts(s.sink.AwaitInbounds(t, 3)), " "); got != "one two three" {
		t.Errorf("received %q", got)
	}
	press, err := s.slack.Press(ana, root, "skein:take", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := press.Await(ctx); err != nil {
		t.Errorf("the press: %v", err)
	}
	s.sink.Await(t, "the command", func(h adaptertest.Heard) bool { return len(h.Commands) == 1 && h.Commands[0].Word == "take" })
}

// TestHTTPWhereSlackCouldNotReachUs: what Slack has given up on meanwhile nobody tells us of.
func TestHTTPWhereSlackCouldNotReachUs(t *testing.T) {
	s := newHTTPStage(t)
	s.run(t)
	gaps := func(h adaptertest.Heard) (n int) {
		for _, c := range h.Conditions {
			if c.Gap {
				n++
			}
		}
		return n
	}
	for i, c := range []struct {
		reason string
		want   int
	}{{"", 1}, {"http_timeout", 1}, {"http_error", 1}, {"connection_failed", 2}, {"ssl_error", 2}} {
		body := messageEvent(t, fmt.Sprintf("170000000%d.000100", i+1), "hello")
		header := slacktest.Sign(s.slack.Options().SigningSecret, time.Now(), body)
		if c.reason != "" {
			header.Set("X-Slack-Retry-Num", "1")
			header.Set("X-Slack-Retry-Reason", c.reason)
		}
		if status, _ := s.post(t, "events", header, body); status != http.StatusOK {
			t.Errorf("%q is answered %d", c.reason, status)
		}
		if got := gaps(s.sink.Heard()); got != c.want { // an event is stored after what was reported before it
			t.Errorf("after %q there have been %d gaps, want %d", c.reason, got, c.want)
		}
	}
}

func TestHTTPSignatures(t *testing.T) {
	s := newHTTPStage(t)
	s.run(t)
	secret := s.slack.Options().SigningSecret
	body := messageEvent(t, "1700000001.000100", "genuine")
	genuine := slacktest.Sign(secret, time.Now(), body)
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		want   int
	}{
		"none":          {http.Header{}, body, http.StatusUnauthorized},
		"wrong secret":  {slacktest.Sign("guess", time.Now(), body), body, http.StatusUnauthorized},
		"empty secret":  {slacktest.Sign("", time.Now(), body), body, http.StatusUnauthorized},
		"stale":         {slacktest.Sign(secret, time.Now().Add(-6*time.Minute), body), body, http.StatusUnauthorized},
		"of the future": {slacktest.Sign(secret, time.Now().Add(6*time.Minute), body), body, http.StatusUnauthorized},
		"other body":    {genuine, append(bytes.Clone(body), ' '), http.StatusUnauthorized},
		"huge":          {genuine, bytes.Repeat([]byte("x"), 2<<20), http.StatusRequestEntityTooLarge},
	} {
		for _, kind := range []string{"events", "interactive", "commands"} {
			if status, answer := s.post(t, kind, c.header, c.body); status != c.want {
				t.Errorf("%s at %s: %d %q, want %d", name, kind, status, answer, c.want)
			}
		}
	}
	if h := s.sink.Heard(); h.Offers != 0 || len(h.Commands) != 0 {
		t.Errorf("forged requests got through: %+v", h)
	}
	for range 3 { // the first, and two replays of it
		if status, _ := s.post(t, "events", genuine, body); status != http.StatusOK {
			t.Errorf("a genuine request is answered %d", status)
		}
	}
	if ins := s.sink.Heard().Inbounds; len(ins) != 1 || rich.Plain(ins[0].Body) != "genuine" {
		t.Errorf("replays made %q of one message", texts(ins))
	}
	for _, odd := range []string{"", "{", "[]", `{"type":"event_callback"}`, `{"type":"event_callback","event":7}`} {
		if status, _ := s.post(t, "events", slacktest.Sign(secret, time.Now(), []byte(odd)), []byte(odd)); status != http.StatusOK {
			t.Errorf("the odd event %q is answered %d; Slack would send it for ever", odd, status)
		}
	}
}
