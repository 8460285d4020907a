package slacktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

type received struct {
	retry, reason string
	body          []byte
	contentType   string
}

// listen is an app's request URL: it verifies signatures with slack-go and answers with status.
func listen(t *testing.T, s *slacktest.Server, answer func(n int, w http.ResponseWriter, got received)) <-chan received {
	t.Helper()
	out := make(chan received, 16)
	var n atomic.Int32
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		verifier, err := slack.NewSecretsVerifier(r.Header, s.Options().SigningSecret)
		if err == nil {
			_, _ = verifier.Write(body)
			err = verifier.Ensure()
		}
		if err != nil {
			t.Errorf("signature: %v", err)
		}
		got := received{r.Header.Get("X-Slack-Retry-Num"), r.Header.Get("X-Slack-Retry-Reason"), body, r.Header.Get("Content-Type")}
		answer(int(n.Add(1)), w, got)
		out <- got
	}))
	t.Cleanup(app.Close)
	s.SetRequestURL(app.URL)
	return out
}

func TestHTTPModeSignsAndRepeats(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) { o.RetryDelays = []time.Duration{0, time.Millisecond} })
	got := listen(t, s, func(n int, w http.ResponseWriter, _ received) {
		if n < 3 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	if _, err := s.Say(ana, desk, "", "hello"); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i, want := range []string{"", "1", "2"} {
		r := <-got
		if r.retry != want || (i > 0) != (r.reason == "http_error") {
			t.Fatalf("attempt %d: %+v", i, r)
		}
		var outer struct {
			EventID string `json:"event_id"`
		}
		if err := json.Unmarshal(r.body, &outer); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, outer.EventID)
	}
	if ids[0] == "" || ids[0] != ids[2] {
		t.Fatalf("event ids %v", ids)
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Acked == 1 })
}

func TestHTTPModeStopsRepeatingOnRequest(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) { o.RetryDelays = []time.Duration{0, 0} })
	listen(t, s, func(_ int, w http.ResponseWriter, _ received) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if _, err := s.Say(ana, desk, "", "hello"); err != nil {
		t.Fatal(err)
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Abandoned == 1 })
	if d := s.Delivery(); d.Sent != 1 {
		t.Fatalf("delivery %+v", d)
	}
}

func TestHTTPModeTimesOut(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) {
		o.AckTimeout, o.RetryDelays = 500*time.Millisecond, make([]time.Duration, 5) // a repeat may come too late as well
	})
	release := make(chan struct{})
	got := listen(t, s, func(_ int, _ http.ResponseWriter, got received) {
		if got.retry == "" {
			<-release
		}
	})
	if _, err := s.Say(ana, desk, "", "hello"); err != nil {
		t.Fatal(err)
	}
	if r := <-got; r.reason != "http_timeout" {
		t.Fatalf("repeat %+v", r)
	}
	close(release)
}

func TestURLVerification(t *testing.T) {
	s, _ := start(t, nil)
	listen(t, s, func(_ int, w http.ResponseWriter, got received) {
		var v struct{ Challenge string }
		_ = json.Unmarshal(got.body, &v)
		_, _ = io.WriteString(w, v.Challenge)
	})
	if err := s.VerifyURL(); err != nil {
		t.Fatal(err)
	}
	listen(t, s, func(_ int, w http.ResponseWriter, _ received) { _, _ = io.WriteString(w, "no") })
	if s.VerifyURL() == nil {
		t.Fatal("a wrong challenge was accepted")
	}
}

func TestInteractionsOverHTTP(t *testing.T) {
	s, _ := start(t, nil)
	ts, err := s.Say(ana, desk, "", "hello")
	if err != nil {
		t.Fatal(err)
	}
	got := listen(t, s, func(_ int, w http.ResponseWriter, _ received) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"text":"done"}`)
	})
	command, err := s.Command(ana, desk, "/skein", "who")
	if err != nil {
		t.Fatal(err)
	}
	if ack, err := command.Await(t.Context()); err != nil || string(ack) != `{"text":"done"}` {
		t.Fatalf("ack %s, %v", ack, err)
	}
	form, _ := url.ParseQuery(string((<-got).body))
	if form.Get("command") != "/skein" || form.Get("text") != "who" || form.Get("user_id") != ana {
		t.Fatalf("command %v", form)
	}
	s.Look(func(v slacktest.State) {
		if e := v.Ephemerals(); len(e) != 1 || e[0].Text != "done" || e[0].User != ana {
			t.Errorf("ephemerals %+v", e)
		}
	})
	if _, err := s.Shortcut(ana, ts, "recall"); err != nil {
		t.Fatal(err)
	}
	form, _ = url.ParseQuery(string((<-got).body))
	var callback slack.InteractionCallback
	if err := json.Unmarshal([]byte(form.Get("payload")), &callback); err != nil || callback.CallbackID != "recall" {
		t.Fatalf("callback %+v, %v", callback, err)
	}
}
