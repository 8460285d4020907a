package workbench_test

import (
	"context"
	"database/sql"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	site "github.com/skeindesk/skein/adapters/website"
	"github.com/skeindesk/skein/workbench"
)

// What somebody might try who is not in the team, or not high enough in it. What holds for every page is tried on every
// page: the addresses come from the workbench itself, so that a new page is tried, too.

// addresses are those of every page (GET) or form (POST), with what stands in them filled in.
func (r *rig) addresses(method string, inPlace map[string]string) (paths []string) {
	r.t.Helper()
	for _, pattern := range r.bench.Patterns() {
		of, path, _ := strings.Cut(pattern, " ")
		if of != http.MethodGet && of != http.MethodPost {
			r.t.Fatalf("%s changes something, or not, and no test knows", pattern)
		}
		if of != method {
			continue
		}
		paths = append(paths, regexp.MustCompile(`[^/]+/\{\w+\}|\{\$\}`).ReplaceAllStringFunc(path, func(place string) string {
			value, known := inPlace[place]
			if !known {
				r.t.Fatalf("%s: nobody knows what to put in for %s", pattern, place)
			}
			return strings.TrimSuffix(place, place[strings.LastIndex(place, "{"):]) + value
		}))
	}
	if len(paths) < 10 {
		r.t.Fatalf("there are no more than %q", paths)
	}
	return paths
}

// places are what stands in addresses where somebody has written once.
func (r *rig) places() map[string]string {
	static := regexp.MustCompile(`/static/(workbench-[0-9a-f]+\.css)`).FindStringSubmatch(r.browser().get(workbench.Base + "/in").body)
	return map[string]string{
		"{$}": "", "conversations/{id}": "1", "lines/{seq}": "1", "files/{id}": "none", "quick-replies/{id}": "1", "team/{id}": "2",
		"channels/{endpoint}": string(website), "with/{endpoint}": string(website), "in/{token}": "AAAAAAAAAAAAAAAAAAAAAAAAAA", "static/{name}": static[1],
	}
}

// head asks for a page and does not wait for its end: event streams have none.
func (b *browser) head(method, path string, header http.Header) (int, http.Header) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, b.rig.server.URL+path, nil)
	must(b.t, err)
	maps.Copy(req.Header, header)
	stays := http.Client{Jar: b.client.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stays.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	return res.StatusCode, res.Header
}

// TestFormsOfOtherSitesAreRefused sends every form from another site, with the cookies of the team's owner.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	r.agent("Ben")
	r.says("Maya", "Hello")
	for _, path := range r.addresses(http.MethodPost, r.places()) {
		for _, header := range []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}},
		} {
			if status, _ := b.head(http.MethodPost, path, header); status != http.StatusForbidden {
				t.Errorf("%s with %v is answered %d", path, header, status)
			}
		}
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if status, _ := b.head(method, path, http.Header{"Sec-Fetch-Site": {"same-origin"}}); status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s is answered %d", method, path, status)
			}
		}
	}
	b.get(workbench.Base+"/").has(t, "Sign out") // no other site has signed Ana out
}

// TestNoPageIsFramed: nor kept by caches, taken for something else, or run with script from elsewhere.
func TestNoPageIsFramed(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.agent("Ben")
	r.says("Maya", "Hello")
	places := r.places()
	for who, b := range map[string]*browser{"the owner": r.signedIn(ana), "nobody": r.browser()} {
		for _, path := range r.addresses(http.MethodGet, places) {
			_, h := b.head(http.MethodGet, path, nil)
			if h.Get("X-Frame-Options") != "DENY" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s sees %s with %v", who, path, h)
			}
			csp := h.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
					t.Errorf("%s: the policy %q lacks %q", path, csp, want)
				}
			}
			if kept := h.Get("Cache-Control"); kept != "no-store" && !strings.Contains(path, "/static/") {
				t.Errorf("%s may be kept: %q", path, kept)
			}
		}
	}
}

// TestEveryPageAsksWhoItIs comes without a session, and with one of somebody who may not do everything.
func TestEveryPageAsksWhoItIs(t *testing.T) {
	r := newRig(t)
	r.agent("Ana")
	ben := r.signedIn(r.agent("Ben"))
	r.says("Maya", "Hello")
	places := r.places()
	open := []string{"/static/" + places["static/{name}"], "/in", "/in/" + places["in/{token}"], "/join", "/in/with/website", "/in/with/website/callback"}
	admins := []string{
		"GET /channels", "GET /channels/website/preview", "POST /channels/website/test", "GET /settings", "GET /team/2/remove", "POST /team/2/remove",
		"POST /team/invitations", "POST /team/invitations/revoke",
	}
	nobody := r.browser()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, path := range r.addresses(method, places) {
			name := strings.TrimPrefix(path, workbench.Base)
			status, h := nobody.head(method, path, http.Header{"Sec-Fetch-Site": {"same-origin"}})
			refused := status == http.StatusUnauthorized || status == http.StatusSeeOther && h.Get("Location") == workbench.Base+"/in"
			if refused == slices.Contains(open, name) {
				t.Errorf("somebody unknown is answered %d for %s %s", status, method, path)
			}
			if !slices.Contains(admins, method+" "+name) {
				continue
			}
			if status, _ := ben.head(method, path, http.Header{"Sec-Fetch-Site": {"same-origin"}}); status != http.StatusForbidden {
				t.Errorf("a plain agent is answered %d for %s %s", status, method, path)
			}
		}
	}
}

// TestSessionFixation lets a browser come with a session that somebody else knows.
func TestSessionFixation(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b := r.signedIn(ben)
	bens := b.client.Jar.Cookies(r.address())
	if p := b.post(r.link(ana, ""), nil); !strings.Contains(p.body, "Ana") {
		t.Fatal("Ana is not signed in")
	}
	thief := r.browser()
	thief.client.Jar.SetCookies(r.address(), bens)
	if p := thief.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
		t.Error("the session from before lives on")
	}
	made := r.browser()
	known := []*http.Cookie{{Name: "skein-session", Value: "AAAAAAAAAAAAAAAAAAAAAAAAAA", Path: "/"}}
	made.client.Jar.SetCookies(r.address(), known)
	made.post(r.link(ana, ""), nil).has(t, "Sign out")
	thief.client.Jar.SetCookies(r.address(), known)
	if p := thief.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
		t.Error("the session is one that the browser brought")
	}
}

// TestLinksAreUsedOnce also in time: one that nobody has used ends by itself.
func TestLinksAreUsedOnce(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	used, old := r.link(ana, ""), r.link(ana, "")
	r.browser().post(used, nil).has(t, "Sign out")
	db, err := sql.Open("sqlite", strings.TrimPrefix(r.database, "sqlite:"))
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `UPDATE sign_ins SET expires_at = expires_at - 10 * 60 * 1000`)
	must(t, err)
	for _, link := range []string{used, old, old + "x", strings.ToLower(old)} {
		for _, p := range []page{r.browser().get(link), r.browser().post(link, nil)} {
			if p.status != http.StatusGone || strings.Contains(p.body, "Ana") {
				t.Errorf("a link that is used or too old is answered %d", p.status)
			}
		}
	}
	if fresh := r.browser().post(r.link(ana, ""), nil); fresh.status != http.StatusOK {
		t.Errorf("a new link is answered %d", fresh.status)
	}
}

// TestNobodyIsLedElsewhere tries whatever says where to go on.
func TestNobodyIsLedElsewhere(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	elsewhere := []string{
		"//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "https://evil.example", "/%2fevil.example", "%2f%2fevil.example",
		workbench.Base + "//evil.example", workbench.Base + "/../evil", workbench.Base + `/\evil.example`, workbench.Base + "/%2e%2e/evil",
		workbench.Base + "/\r\nLocation: https://evil.example", "javascript:alert(1)", workbench.Base + "evil.example", "\t//evil.example", "",
	}
	for _, to := range elsewhere {
		status, h := r.browser().head(http.MethodPost, r.link(ana, to), http.Header{"Sec-Fetch-Site": {"same-origin"}})
		if at := h.Get("Location"); status != http.StatusSeeOther || !within(at) {
			t.Errorf("a link to %q leads to %q", to, at)
		}
	}
	if p := r.browser().post(r.link(ana, "conversations/12"), nil); p.path != workbench.Base+"/conversations/12" {
		t.Errorf("a link to a conversation led to %s", p.path)
	}
	b := r.signedIn(ana)
	c := r.says("Maya", "Hello").Conversation
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, to := range elsewhere {
		for _, path := range []string{pageOf(c) + "/do", teamPath + "/duty", undeliveredPath} {
			p := b.post(path, b.keyed("back", to, "word", "retry", "conversation", "1", "rest", "1 "+string(desk)))
			if at := p.header.Get("Location"); p.status != http.StatusSeeOther || !within(at) {
				t.Errorf("%s with back=%q: %d to %q", path, to, p.status, at)
			}
		}
	}
}

// within reports whether a browser that goes to an address from one of our pages stays in the workbench.
func within(address string) bool {
	from := &url.URL{Scheme: "https", Host: "ours.example", Path: workbench.Base + "/in"}
	to, err := from.Parse(strings.NewReplacer(`\`, "/", "%2e", ".").Replace(address)) // as browsers read it
	return err == nil && address != "" && to.Host == from.Host && to.Scheme == from.Scheme && strings.HasPrefix(to.Path, workbench.Base+"/")
}

// TestGuessingIsSlow, whoever the guesser claims to ask for.
func TestGuessingIsSlow(t *testing.T) {
	r := newRigWith(t, func(c *workbench.Config) {
		c.Address = func(r *http.Request) string { return site.Caller(r, nil) }
	})
	guess := workbench.Base + "/in/AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, header := range []func(int) http.Header{
		func(int) http.Header { return nil },
		func(i int) http.Header {
			return http.Header{"X-Forwarded-For": {"198.51.100." + string(rune('0'+i%10))}}
		},
	} {
		slow := false
		for i := range 100 {
			status, _ := r.browser().head(http.MethodGet, guess, header(i))
			slow = slow || status == http.StatusTooManyRequests
		}
		if !slow {
			t.Error("a hundred guesses were answered")
		}
	}
}

// TestNothingOutside asks for files that are none of the workbench's.
func TestNothingOutside(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	for _, in := range []string{"/static/", "/files/"} {
		for _, path := range []string{
			"../workbench.go", "..%2fworkbench.go", "%2e%2e%2fworkbench.go", "..%5cworkbench.go", "%2fetc%2fpasswd", "..%2f..%2f..%2f..%2fetc%2fpasswd",
			"....//....//etc/passwd", "workbench.css", "workbench.css%00.js", "%c0%ae%c0%ae%2fetc%2fpasswd", "",
		} {
			p := b.get(workbench.Base + in + path)
			if p.status != http.StatusNotFound && p.status != http.StatusBadRequest || strings.Contains(p.body, "package workbench") || strings.Contains(p.body, "root:") {
				t.Errorf("%s%s is answered %d", in, path, p.status)
			}
		}
	}
	if status, _ := b.head(http.MethodGet, "/workbench/../../etc/passwd", nil); status == http.StatusOK {
		t.Error("an address above the workbench is answered")
	}
}
