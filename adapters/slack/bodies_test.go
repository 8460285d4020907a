package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

const testSecret = "a signing secret"

func newHTTPAdapter(t *testing.T) *Adapter {
	return newTestAdapter(t, func(c *Config) {
		c.AppToken, c.SigningSecret = "", testSecret
		c.Client = &http.Client{Transport: nowhere{}}
	})
}

// nowhere is a network that leads to nobody.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no network") }

// arrive hands the handler a request; a length of -1 is not announced.
func arrive(t *testing.T, a *Adapter, kind string, header http.Header, body io.Reader, length int64) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, a.Route()+kind, body)
	req.Header, req.ContentLength = header, length
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, req)
	return w
}

// endless is a body that goes on and on, and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestHTTPReadsNothingOfWhatItRefuses(t *testing.T) {
	a := newHTTPAdapter(t)
	old := slacktest.Sign(testSecret, time.Now().Add(-time.Hour), nil)
	genuine := slacktest.Sign(testSecret, time.Now(), nil)
	for name, c := range map[string]struct {
		header http.Header
		length int64
		status int
		most   int
	}{
		"announced as huge":     {genuine, maxRequest + 1, http.StatusRequestEntityTooLarge, 0},
		"unsigned":              {http.Header{}, maxRequest, http.StatusUnauthorized, 0},
		"malformed":             {http.Header{"X-Slack-Signature": {"v0=1"}, "X-Slack-Request-Timestamp": genuine["X-Slack-Request-Timestamp"]}, 1, http.StatusUnauthorized, 0},
		"without a time":        {http.Header{"X-Slack-Signature": genuine["X-Slack-Signature"]}, 1, http.StatusUnauthorized, 0},
		"stale":                 {old, 1, http.StatusUnauthorized, 0},
		"huge, of no length":    {genuine, -1, http.StatusRequestEntityTooLarge, 2 * maxRequest},
		"unsigned and the same": {http.Header{}, -1, http.StatusRequestEntityTooLarge, 2 * maxRequest},
	} {
		body := &endless{}
		if w := arrive(t, a, "events", c.header, body, c.length); w.Code != c.status || body.read > c.most {
			t.Errorf("%s: answered %d after %d bytes, want %d after at most %d", name, w.Code, body.read, c.status, c.most)
		}
	}
}

func TestHTTPReadsFewBodiesAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newHTTPAdapter(t)
		words := []byte(`{"type":"url_verification","challenge":"c"}`)
		header := slacktest.Sign(testSecret, time.Now(), words)
		var held sync.WaitGroup
		var ends []*io.PipeWriter
		for range maxBodies {
			body, end := io.Pipe()
			ends = append(ends, end)
			held.Go(func() {
				if w := arrive(t, a, "events", header, body, int64(len(words))); w.Code != http.StatusOK {
					t.Errorf("a body that came in the end is answered %d", w.Code)
				}
			})
		}
		synctest.Wait() // all are being read
		body := &endless{}
		if w := arrive(t, a, "events", header, body, 1); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || body.read > 0 {
			t.Errorf("one body more is answered %d %v after %d bytes", w.Code, w.Header(), body.read)
		}
		held.Go(func() { // waits for its turn
			if w := arrive(t, a, "events", header, bytes.NewReader(words), int64(len(words))); w.Code != http.StatusOK {
				t.Errorf("a body that waited is answered %d", w.Code)
			}
		})
		synctest.Wait()
		for _, end := range ends {
			_, _ = end.Write(words)
			_ = end.Close()
		}
		held.Wait()
	})
}

// running runs an adapter of HTTP mode in fake time.
func running(t *testing.T, test func(t *testing.T, a *Adapter, sink *adaptertest.Sink)) {
	synctest.Test(t, func(t *testing.T) {
		a, sink := newHTTPAdapter(t), adaptertest.NewSink()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.receive(ctx, sink, testSelf, "") }()
		synctest.Wait()
		test(t, a, sink)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
}

// offer hands a message to an adapter and returns the answer.
func offer(t *testing.T, a *Adapter) *httptest.ResponseRecorder {
	t.Helper()
	body := []byte(`{"type":"event_callback","api_app_id":"A1","event_id":"Ev1","event":{"type":"message","channel":"CDESK","user":"UANA",` +
		`"text":"hello","ts":"1700000001.000100","thread_ts":"1700000000.000100","event_ts":"1700000001.000100"}}`)
	return arrive(t, a, "events", slacktest.Sign(testSecret, time.Now(), body), bytes.NewReader(body), int64(len(body)))
}

func TestHTTPAnswersOnlyAfterStoring(t *testing.T) {
	running(t, func(t *testing.T, a *Adapter, sink *adaptertest.Sink) {
		tries := 0
		sink.OnReceive = func(context.Context, bridge.Inbound) error {
			if tries++; tries == 1 {
				return errors.New("the database is away")
			}
			return nil
		}
		if w := offer(t, a); w.Code != http.StatusOK || len(sink.Heard().Inbounds) != 1 || tries != 2 {
			t.Errorf("answered %d after %d tries, with %+v", w.Code, tries, sink.Heard())
		}
	})
}

func TestHTTPSaysWhenItCannotStore(t *testing.T) {
	running(t, func(t *testing.T, a *Adapter, sink *adaptertest.Sink) {
		sink.OnReceive = func(context.Context, bridge.Inbound) error { return errors.New("the database is away") }
		began := time.Now()
		if w := offer(t, a); w.Code != http.StatusServiceUnavailable || time.Since(began) > 3*time.Second {
			t.Errorf("answered %d after %v, want 503 within Slack's 3 s", w.Code, time.Since(began))
		}
	})
}

// A form that takes long is answered late. Nobody repeats it, so that an answer is better than none while Slack still waits.
func TestHTTPAnswersAFormLate(t *testing.T) {
	running(t, func(t *testing.T, a *Adapter, sink *adaptertest.Sink) {
		sink.OnSuggest = func(bridge.Query) ([]bridge.Choice, error) {
			time.Sleep(2900 * time.Millisecond)
			return []bridge.Choice{{Value: "7", Label: "Ben"}}, nil
		}
		form, _ := formView(testForm(), errand{subject: subject{Thread: testThread}, Word: "assign"})
		payload, err := json.Marshal(map[string]any{
			"type": "block_suggestion", "user": map[string]any{"id": "UANA"}, "action_id": "agent", "value": "be",
			"view": map[string]any{"id": "V1", "type": "modal", "private_metadata": form.Metadata},
		})
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(url.Values{"payload": {string(payload)}}.Encode())
		w := arrive(t, a, "interactive", slacktest.Sign(testSecret, time.Now(), body), bytes.NewReader(body), int64(len(body)))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Ben") {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
}
