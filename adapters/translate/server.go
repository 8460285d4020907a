package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 4 << 20

// A server is where an engine is.
type server struct {
	engine string
	base   string // without a slash at the end
	client *http.Client
}

// newClient returns a client that follows no redirects.
func newClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// An answer is what came back, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body as JSON.
func (s *server) post(ctx context.Context, path string, header http.Header, body any) (*answer, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, failed(bridge.Unavailable, "write the request: %w", err)
	}
	return s.send(ctx, path, header, "application/json", b)
}

// postForm sends values as a form.
func (s *server) postForm(ctx context.Context, path string, values url.Values) (*answer, error) {
	return s.send(ctx, path, nil, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

func (s *server) send(ctx context.Context, path string, header http.Header, kind string, body []byte) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, failed(bridge.Unavailable, "%s: %w", s.engine, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Skein")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, failed(bridge.Unavailable, "%s does not answer: %w", s.engine, withoutAddress(err))
	}
	defer response.Body.Close()
	a := &answer{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return nil, failed(bridge.Unavailable, "%s broke off: %w", s.engine, withoutAddress(err))
	}
	return a, nil
}

// withoutAddress leaves out of an error what the client says of the request.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// read reads the body of an accepted request.
func (a *answer) read(into any) error {
	if err := json.Unmarshal(a.body, into); err != nil {
		return nonsense("no JSON of the kind") // the error would quote the text
	}
	return nil
}

// refused makes an error of a status that is not 200. reason is what the engine's own words say, "" if nothing.
func (s *server) refused(a *answer, reason bridge.UntranslatedReason) error {
	if reason == "" {
		reason = usually(a.status)
	}
	u := failed(reason, "%s answered %d", s.engine, a.status)
	if reason == bridge.RateLimited {
		u.After = retryAfter(a.header)
	}
	return u
}

// usually returns what a status means where the engine says no more.
func usually(status int) bridge.UntranslatedReason {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return bridge.KeyRefused
	case http.StatusTooManyRequests:
		return bridge.RateLimited
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong:
		return bridge.TooLong
	}
	return bridge.Unavailable
}

// retryAfter reads how long a server wants to be left alone, 0: it does not say.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

func failed(reason bridge.UntranslatedReason, format string, args ...any) *bridge.Untranslated {
	return &bridge.Untranslated{Reason: reason, Err: fmt.Errorf(format, args...)}
}

// nonsense is the failure of an engine that accepted a request and answered something else.
func nonsense(format string, args ...any) *bridge.Untranslated {
	return failed(bridge.Unavailable, "answered nonsense: "+format, args...)
}

// says reports whether an answer has one of the words in it, in whatever field.
func (a *answer) says(words ...string) bool {
	body := strings.ToLower(string(a.body))
	for _, word := range words {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}
