package slack

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

const testSecret = "a signing secret"

func newHTTPAdapter(t *testing.T) *Adapter {
	return newTestAdapter(t, func(c *Config) { c.AppToken, c.SigningSecret = "", testSecret })
}

// arrive hands the handler a request; a length of -1 is not announced.
func arrive(t *testing.T, a *Adapter, header http.Header, body io.Reader, length int64) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, a.Route()+"events", body)
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
		if w := arrive(t, a, c.header, body, c.length); w.Code != c.status || body.read > c.most {
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
				if w := arrive(t, a, header, body, int64(len(words))); w.Code != http.StatusOK {
					t.Errorf("a body that came in the end is answered %d", w.Code)
				}
			})
		}
		synctest.Wait() // all are being read
		body := &endless{}
		if w := arrive(t, a, header, body, 1); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || body.read > 0 {
			t.Errorf("one body more is answered %d %v after %d bytes", w.Code, w.Header(), body.read)
		}
		held.Go(func() { // waits for its turn
			if w := arrive(t, a, header, bytes.NewReader(words), int64(len(words))); w.Code != http.StatusOK {
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
