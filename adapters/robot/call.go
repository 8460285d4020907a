package robot

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// limitedPause is for a 429 that does not say how long.
	limitedPause = 20 * time.Second
	// maxPause is how long a server may ask to be left alone.
	maxPause = 15 * time.Minute
	// maxRefusal is how many bytes are read of an answer that is a refusal.
	maxRefusal = 64 << 10
)

// A server is where an engine is. Its name begins sentences for agents: "The model", "Your bot".
type server struct {
	name   string
	url    string
	client *http.Client
	limit  time.Duration // of a whole call
	idle   time.Duration // between two pieces of what comes back
}

// newServer checks an address. An error names the key of the configuration, and no address: it may hold a password.
func newServer(name, address string, client *http.Client, limit, idle time.Duration) (*server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("robot: url is no http:// or https:// address")
	}
	c := &http.Client{}
	if client != nil {
		*c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the key is for one server
	return &server{name: name, url: address, client: c, limit: limit, idle: idle}, nil
}

// post sends a body as JSON and has what comes back read, if it is an acceptance. What read returns is a *bridge.Failure,
// or how reading failed. The time limits hold for reading too.
func (s *server) post(ctx context.Context, header http.Header, body []byte, read func(*http.Response, io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return s.refusal("cannot be asked at its address. Check robot.url.", errors.New("no request for this address"))
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Skein")
	silence := time.AfterFunc(s.idle, cancel)
	defer silence.Stop()
	response, err := s.client.Do(request)
	if err != nil {
		return s.failure(err)
	}
	defer response.Body.Close()
	silence.Reset(s.idle)
	incoming := &watched{response.Body, silence, s.idle}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		start, _ := io.ReadAll(io.LimitReader(incoming, maxRefusal)) // what can be read of it
		return s.status(response.StatusCode, response.Header, start)
	}
	return s.failure(read(response, incoming))
}

// watched puts off the end of a silence with every piece that is read.
type watched struct {
	io.Reader
	silence *time.Timer
	idle    time.Duration
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.silence.Reset(w.idle)
	}
	return n, err
}

// failure makes a *bridge.Failure of how a call ended; nil stays nil. Nothing of the request or the answer gets into it.
func (s *server) failure(err error) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*bridge.Failure](err); ok {
		return f
	}
	_, notFound := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	op, _ := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return s.retry("did not answer in time.", errors.New("time ran out"))
	case notFound:
		return s.retry("cannot be found: the name of its server is unknown. Check robot.url.", errors.New("unknown host"))
	case untrusted:
		return s.refusal("has no valid certificate.", errors.New("invalid certificate"))
	case op != nil && op.Op == "dial":
		return s.retry("cannot be reached.", errors.New("no connection"))
	}
	return s.retry("broke off in the middle of its answer.", errors.New("connection broken"))
}

// status makes a *bridge.Failure of an answer that is no acceptance.
func (s *server) status(code int, header http.Header, start []byte) error {
	err := fmt.Errorf("status %d", code)
	switch {
	case code == http.StatusTooManyRequests && bytes.Contains(start, []byte("insufficient_quota")):
		return s.refusal("has no credit left. Top it up.", err)
	case code == http.StatusTooManyRequests:
		return &bridge.Failure{Verdict: bridge.Wait, After: retryAfter(header), Whole: true, Public: s.name + " asked us to wait.", Err: err}
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return s.refusal("refuses our key. Check robot.key.", err)
	case code == http.StatusNotFound, code == http.StatusMethodNotAllowed, code >= 300 && code < 400:
		return s.refusal("is not at its address. Check robot.url and robot.model.", err)
	case code == http.StatusRequestTimeout, code >= 500:
		return s.retry("has a fault of its own.", err)
	case code == http.StatusRequestEntityTooLarge:
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: s.name + " finds this conversation too long.", Err: err}
	}
	return s.refusal("does not accept what it is asked. Check robot.url and robot.model.", err)
}

// retryAfter reads how long a server wants to be left alone.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	after := limitedPause
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		after = time.Duration(min(seconds, maxPause.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		after = time.Until(at)
	}
	return max(time.Second, min(after, maxPause))
}

func (s *server) retry(public string, err error) error {
	return &bridge.Failure{Verdict: bridge.Retry, Public: s.name + " " + public, Err: err}
}

func (s *server) refusal(public string, err error) error {
	return &bridge.Failure{Verdict: bridge.GiveUp, Refused: true, Public: s.name + " " + public, Err: err}
}

// nonsense is the failure of a server that accepts a question and answers something else. what is ours, none of its words.
func (s *server) nonsense(what string) error {
	return s.retry("answered nonsense.", errors.New(what))
}
