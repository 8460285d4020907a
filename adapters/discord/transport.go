package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// libraryBase is where the library believes Discord's API to be; its endpoints are fixed.
const libraryBase = "https://discord.com/api/v9"

// maxAnswer bounds what one call may answer; a page of 100 messages is far smaller.
const maxAnswer = 32 << 20

// transport leads the library's calls to the configured address. It notes what the library keeps to itself, and keeps
// the headers about limits from the library, which would sleep on them.
type transport struct {
	base string
	next http.RoundTripper
}

// note is what transport tells about one call.
type note struct {
	status int
	header http.Header
}

type noteKey struct{}

func withNote(ctx context.Context, n *note) context.Context {
	return context.WithValue(ctx, noteKey{}, n)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	rest, known := strings.CutPrefix(req.URL.String(), libraryBase)
	if !known {
		return t.through(req)
	}
	// The library asks for the address without a limit on identifying; ours, with one, comes from the same place.
	if rest == "/gateway" {
		rest = "/gateway/bot"
	}
	out := req.Clone(req.Context())
	target, err := req.URL.Parse(t.base + rest)
	if err != nil {
		return nil, err
	}
	out.URL, out.Host = target, target.Host
	return t.through(out)
}

func (t *transport) through(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if n, ok := req.Context().Value(noteKey{}).(*note); ok {
		n.status, n.header = resp.StatusCode, resp.Header.Clone()
	}
	for name := range resp.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-ratelimit-") || strings.EqualFold(name, "Retry-After") {
			resp.Header.Del(name)
		}
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	if resp.StatusCode == http.StatusTooManyRequests {
		return withoutPage(resp)
	}
	return resp, nil
}

// withoutPage replaces an answer 429 that is a web page, of the network in front of Discord, by one that the library
// can read.
func withoutPage(resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || !json.Valid(body) {
		body = []byte(`{}`)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}
