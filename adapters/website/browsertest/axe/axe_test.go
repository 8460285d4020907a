package axe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// serve serves one document under a policy as strict as the widget's.
func serve(t *testing.T, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Fern &amp; Moss</title><main>` + body + `</main></html>`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestFindings(t *testing.T) {
	b := browsertest.New(t)
	for name, c := range map[string]struct{ body, rule string }{
		"nothing":               {`<h1>Ferns</h1><p>Two are left.</p><label>Name <input></label>`, ""},
		"a field with no label": {`<h1>Ferns</h1><input>`, "label"},
		"pale text":             {`<h1>Ferns</h1><p style="color: #bbb; background: #fff">Two are left.</p>`, "color-contrast"},
		"a nameless button":     {`<h1>Ferns</h1><button></button>`, "button-name"},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.Open(serve(t, c.body))
			defer p.Close()
			var grave []string
			for _, f := range examine(t, p.Frame) {
				if f.Impact == "serious" || f.Impact == "critical" {
					grave = append(grave, f.Rule)
				}
			}
			if got := strings.Join(grave, " "); got != c.rule {
				t.Errorf("found %q, want %q", got, c.rule)
			}
		})
	}
}
