package website

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// examined are the findings about an endpoint called "website", as an operator reads them.
func examined(t *testing.T, o Outside) []string {
	t.Helper()
	o.Name = "website"
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	var lines []string
	for _, f := range o.Examine(t.Context()) {
		lines = append(lines, string(f.Grade)+" "+f.Public)
	}
	return lines
}

func compare(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i, line := range got {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("finding %d is\n%s", i, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d", len(got), len(want))
	}
}

const local = "http://localhost:3000"

func TestExamineARunningEndpoint(t *testing.T) {
	a := newTestAdapter(t, newMemory(), func(c *Config) { c.Name, c.AllowedOrigins = "website", []string{local, "https://shop.example"} })
	web := httptest.NewServer(a.Handler())
	t.Cleanup(web.Close)
	well := "ok public_url leads to a Skein that runs, and it lets the pages of allowed_origins in."
	compare(t, examined(t, Outside{PublicURL: web.URL, AllowedOrigins: []string{local}}), well)
	compare(t, examined(t, Outside{PublicURL: web.URL + "/", AllowedOrigins: []string{local, "https://shop.example"}}),
		"note public_url is an address of this machine: visitors of https://shop.example who sit elsewhere do not reach it.", well)
	compare(t, examined(t, Outside{PublicURL: web.URL, AllowedOrigins: []string{local, "http://localhost:3001"}}),
		"fix The Skein that runs at public_url does not let pages of http://localhost:3001 in: start it again")
	compare(t, examined(t, Outside{PublicURL: web.URL + "/elsewhere", AllowedOrigins: []string{local}}),
		"fix Something else than this endpoint answers at public_url (status 404).")
}

func TestExamineAnAddress(t *testing.T) {
	answers := func(status int) string {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
		}))
		t.Cleanup(web.Close)
		return web.URL
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	hang := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(hang) })
	for address, want := range map[string]string{
		"http://127.0.0.1:1": "note Nothing answers at public_url. If Skein does not run yet, start it and check again",
		answers(502):         "note The proxy at public_url reaches no Skein (status 502). If Skein does not run yet",
		answers(301):         "fix public_url leads on to another address (status 301)",
		answers(200):         "fix Something else than this endpoint answers at public_url (status 200).",
		secure.URL:           "fix The certificate of public_url is not valid.",
		silent.URL:           "fix public_url does not answer from here.",
	} {
		o := Outside{PublicURL: address, AllowedOrigins: []string{local}}
		if address == silent.URL {
			o.Timeout = 100 * time.Millisecond
		}
		compare(t, examined(t, o), want)
	}
	unknown := &http.Client{Transport: refusing{&net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}}}
	compare(t, examined(t, Outside{PublicURL: "http://nowhere.example", AllowedOrigins: []string{local}, Client: unknown}),
		"fix The name in public_url cannot be resolved.")
	compare(t, examined(t, Outside{PublicURL: "http://127.0.0.1:1"}),
		"note allowed_origins is empty", "note Nothing answers at public_url.")
}

// refusing is a network that fails.
type refusing struct{ err error }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, r.err }

func TestExamineWhatBrowsersBlock(t *testing.T) {
	got := Outside{Name: "website", PublicURL: "http://192.0.2.1", AllowedOrigins: []string{"https://shop.example"}, Timeout: time.Millisecond}.Examine(t.Context())
	if len(got) != 2 || got[0].Grade != bridge.Amiss || !strings.Contains(got[0].Public, "public_url is http, and browsers load nothing from there") {
		t.Errorf("%v", got)
	}
}
