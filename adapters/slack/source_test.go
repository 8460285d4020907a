package slack

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
)

func TestTokenGoesToSlackOnly(t *testing.T) {
	a := newTestAdapter(t, func(c *Config) { c.APIURL = "http://127.0.0.1:8080/api/" })
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/a.png":   true,
		"https://slack.com/x":                             true,
		"https://files.slack-gov.com/x":                   true,
		"http://127.0.0.1:8080/files-pri/x":               true,
		"http://files.slack.com/x":                        false,
		"https://files.slack.com.evil.example/x":          false,
		"https://evilslack.com/x":                         false,
		"https://files.slack.com@evil.example/x":          false,
		"http://127.0.0.1:9090/x":                         false,
		"https://evil.example/?x=https://files.slack.com": false,
		"//files.slack.com/x":                             false,
		"":                                                false,
		"::":                                              false,
	} {
		if got := a.mayHaveToken(address); got != want {
			t.Errorf("mayHaveToken(%q) = %v", address, got)
		}
	}
}

func TestWhatIsAPage(t *testing.T) {
	for _, c := range []struct {
		mode, mimetype text
		want           bool
	}{
		{"canvas", "", true},
		{"quip", "application/vnd.slack-docs", true},
		{"docs", "", true},
		{"list", "", true},
		{"hosted", "application/vnd.slack-list", true},
		{"hosted", "text/html", false},
		{"snippet", "text/plain", false},
		{"", "", false},
	} {
		if got := (&file{Mode: c.mode, Mimetype: c.mimetype}).isPage(); got != c.want {
			t.Errorf("mode %q of %q: %v", c.mode, c.mimetype, got)
		}
	}
}

func TestDownloadRefusesTheSignInPage(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<title>Sign in | Slack</title>")
		case "/away":
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		case "/gone":
			http.NotFound(w, r)
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	defer web.Close()
	a := newTestAdapter(t, func(c *Config) { c.APIURL, c.FileLimit = web.URL+"/api/", 100 })
	_, err := a.download(t.Context(), web.URL+"/page", "image/png")
	if f, ok := errors.AsType[*bridge.Failure](err); !ok || !f.Refused {
		t.Errorf("the sign-in page gives %v", err)
	}
	if _, err := a.download(t.Context(), web.URL+"/away", "image/png"); err == nil {
		t.Error("a redirect was followed")
	}
	if _, err := a.download(t.Context(), web.URL+"/gone", "image/png"); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a file that is gone gives %v", err)
	}
	if _, err := a.download(t.Context(), "https://evil.example/", "image/png"); err == nil {
		t.Error("the token went to a foreign host")
	}
	stream, err := a.download(t.Context(), web.URL+"/long", "image/png")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if data, err := io.ReadAll(stream); !errors.Is(err, bridge.ErrTooLarge) || len(data) > 100 {
		t.Errorf("read %d bytes, %v; the announced size is not to be believed", len(data), err)
	}
}
