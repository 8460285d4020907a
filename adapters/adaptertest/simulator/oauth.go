package simulator

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// OAuth is the part of a platform at which people say who they are to other sites: the page that asks them, and the
// redeeming of codes (RFC 6749, section 4.1, with RFC 7636). What these do not allow it refuses. It may be used
// concurrently once it is made.
type OAuth struct {
	ClientID, ClientSecret string
	Redirects              []string // where browsers may be sent back to, to the letter
	Scopes                 []string // what may be asked for
	NeedsChallenge         bool     // no code without RFC 7636
	// Accounts are those that the page offers, by id, with their names.
	Accounts func() map[string]string

	mu     sync.Mutex
	person string
	denied string
	grants map[string]Grant
}

// Grant is what a code is good for.
type Grant struct {
	Person    string // id of the account
	Nonce     string // as it was asked for
	Scopes    []string
	redirect  string
	challenge string
	at        time.Time
}

// codeLife is how long a code can be redeemed, at most (RFC 6749, section 4.1.2).
const codeLife = 10 * time.Minute

// Act has the page ask nobody: the browsers are this account's. Empty: it asks.
func (o *OAuth) Act(person string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.person, o.denied = person, ""
}

// Deny has the page send everybody back with an error, such as access_denied.
func (o *OAuth) Deny(reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.denied = reason
}

// Authorize serves the page to which browsers are sent.
func (o *OAuth) Authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if problem := o.wrong(q); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	person, denied := cmp.Or(o.person, q.Get("account")), o.denied
	o.mu.Unlock()
	back := url.Values{"state": {q.Get("state")}}
	switch {
	case denied != "":
		back.Set("error", denied)
	case person == "":
		o.ask(w, r)
		return
	case o.Accounts()[person] == "":
		http.Error(w, "there is no such account", http.StatusBadRequest)
		return
	default:
		back.Set("code", o.grant(person, q))
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// wrong is what is wrong with a request for a code; empty: nothing.
func (o *OAuth) wrong(q url.Values) string {
	unknown := func(scope string) bool { return !slices.Contains(o.Scopes, scope) }
	scopes := strings.Fields(q.Get("scope"))
	switch {
	case o.ClientID == "" || q.Get("client_id") != o.ClientID:
		return "client_id is not one of an app here"
	case !slices.Contains(o.Redirects, q.Get("redirect_uri")):
		return "redirect_uri is not one of the app's"
	case q.Get("response_type") != "code":
		return "response_type is not code"
	case len(scopes) == 0 || slices.ContainsFunc(scopes, unknown):
		return "scope is not what may be asked for"
	case q.Get("state") == "":
		return "state is missing"
	case o.NeedsChallenge && q.Get("code_challenge") == "", q.Has("code_challenge") && q.Get("code_challenge_method") != "S256":
		return "code_challenge is missing, or not of S256"
	}
	return ""
}

func (o *OAuth) ask(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><html lang="en"><title>Who are you?</title><link rel="icon" href="data:,"><h1>Who are you?</h1>`)
	accounts := o.Accounts()
	ids := make([]string, 0, len(accounts))
	for id := range accounts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		q := r.URL.Query()
		q.Set("account", id)
		fmt.Fprintf(w, `<p><a id="account-%s" href="%s">%s</a></p>`,
			html.EscapeString(id), html.EscapeString(r.URL.Path+"?"+q.Encode()), html.EscapeString(accounts[id]))
	}
}

func (o *OAuth) grant(person string, q url.Values) (code string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.grants == nil {
		o.grants = map[string]Grant{}
	}
	code = "code-" + rand.Text()
	o.grants[code] = Grant{
		Person: person, Nonce: q.Get("nonce"), Scopes: strings.Fields(q.Get("scope")),
		redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), at: time.Now(),
	}
	return code
}

// Redeem takes what a client posts for a token. problem is the error of RFC 6749, section 5.2; empty: the code was good, and
// is not any more.
func (o *OAuth) Redeem(form url.Values) (g Grant, problem string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case form.Get("client_id") != o.ClientID || form.Get("client_secret") != o.ClientSecret:
		return Grant{}, "invalid_client"
	case form.Get("grant_type") != "authorization_code":
		return Grant{}, "unsupported_grant_type"
	}
	code := form.Get("code")
	g, ok := o.grants[code]
	delete(o.grants, code)
	digest := sha256.Sum256([]byte(form.Get("code_verifier")))
	proven := g.challenge == "" && !form.Has("code_verifier") || g.challenge == base64.RawURLEncoding.EncodeToString(digest[:])
	if !ok || g.redirect != form.Get("redirect_uri") || !proven || time.Since(g.at) > codeLife {
		return Grant{}, "invalid_grant"
	}
	return g, ""
}
