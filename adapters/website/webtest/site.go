// Package webtest is a scripted visitor of a website endpoint: a client of the visitor API that does what a careful
// browser does and keeps the record. It knows the API from its description only, not from our code, and it is light
// enough for ten thousand visitors in one process.
package webtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Site is one website endpoint as its visitors reach it. It may be used concurrently.
type Site struct {
	bases  []string
	origin string
	client *http.Client
}

// NewSite returns the endpoint of that name at each of the given servers ("http://127.0.0.1:8080"), which must be
// equivalent: visitors that are turned away at one go to the next.
func NewSite(endpoint string, servers ...string) *Site {
	s := &Site{client: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
	}}
	for _, server := range servers {
		s.bases = append(s.bases, strings.TrimSuffix(server, "/")+"/v1/website/"+endpoint+"/")
	}
	return s
}

// From returns the same site as seen by scripts of the given origin.
func (s *Site) From(origin string) *Site {
	other := *s
	other.origin = origin
	return &other
}

// Close gives up connections that wait for the next call.
func (s *Site) Close() { s.client.CloseIdleConnections() }

// Visitor returns somebody new. Open comes first.
func (s *Site) Visitor() *Visitor {
	return &Visitor{site: s, changed: make(chan struct{})}
}

// Problem is a refusal, as the server's problem document tells it.
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Detail     string `json:"detail"`
	RetryAfter int    `json:"retry_after"` // seconds
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// passing reports whether the same request may succeed later.
func (p *Problem) passing() bool {
	return p.Status >= 500 && p.Status != http.StatusHTTPVersionNotSupported || p.Status == http.StatusTooManyRequests
}
