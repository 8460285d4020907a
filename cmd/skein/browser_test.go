package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is one person's at the workbench of a daemon, without JavaScript.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
}

func newBrowser(t testing.TB, address string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, base: "http://" + address, client: &http.Client{Jar: jar}}
}

// get returns a page of the daemon, redirects followed.
func (b *browser) get(path string) string {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

// post sends a form as a page of the daemon would, and returns where it leads.
func (b *browser) post(path string, form url.Values) string {
	b.t.Helper()
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) string {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	must(b.t, err)
	return string(page)
}

// signIn comes in by the link that `skein login` prints while the daemon runs: as the owner of the team.
func (b *browser) signIn(r *rig) {
	b.t.Helper()
	environ := r.environ(strings.TrimPrefix(b.base, "http://"), r.database)
	var out, errs bytes.Buffer
	if code := run(b.t.Context(), []string{"login"}, environ, &out, &errs); code != 0 {
		b.t.Fatalf("exit code %d: %s", code, errs.String())
	}
	link := regexp.MustCompile(`http://\S+`).FindString(out.String())
	if page := b.post(strings.TrimPrefix(link, b.base), url.Values{}); !strings.Contains(page, "Sign out") {
		b.t.Fatalf("the link %s leads to:\n%s", link, page)
	}
}
