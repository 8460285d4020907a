package slacktest

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// OpenID is "Sign in with Slack" (https://docs.slack.dev/authentication/sign-in-with-slack): go-oidc's own test server, which
// publishes and signs, with the page that asks people who they are and the redeeming of codes. OAuth says who they are and
// which app may ask; fill it in before the first request. The app is one that has not enabled PKCE, as it is when it is made
// from a manifest: what belongs to that is refused (https://docs.slack.dev/authentication/using-pkce).
type OpenID struct {
	simulator.OAuth
	Team, TeamName string // of everybody who signs in

	server *httptest.Server
	oidc   *oidctest.Server

	mu    sync.Mutex
	alter func(claims map[string]any)
	meet  http.HandlerFunc
}

const keyID = "slack-1"

// key signs for all of them: making one takes a while.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// NewOpenID starts a provider that knows one app. Close ends it.
func NewOpenID(team, teamName string) *OpenID {
	o := &OpenID{Team: team, TeamName: teamName}
	o.ClientID, o.ClientSecret = "1001.2002", "simulated-client-secret"
	o.Scopes = []string{"openid", "profile", "email"}
	o.oidc = &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key().Public(), KeyID: keyID, Algorithm: oidc.RS256}}}
	o.server = httptest.NewServer(o)
	o.oidc.SetIssuer(o.server.URL)
	return o
}

// URL is the issuer.
func (o *OpenID) URL() string { return o.server.URL }

// Close ends it.
func (o *OpenID) Close() { o.server.Close() }

// Alter changes what the next ID tokens say; nil: nothing.
func (o *OpenID) Alter(change func(claims map[string]any)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.alter = change
}

// Meet answers in its stead every request that is not a browser's; nil: none.
func (o *OpenID) Meet(h http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.meet = h
}

// ServeHTTP answers browsers and clients.
func (o *OpenID) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	meet := o.meet
	o.mu.Unlock()
	switch {
	case r.URL.Path == "/auth" && r.URL.Query().Has("code_challenge"):
		http.Error(w, "the app has not enabled PKCE", http.StatusBadRequest)
	case r.URL.Path == "/auth":
		o.Authorize(w, r)
	case meet != nil:
		meet(w, r)
	case r.URL.Path == "/token" && r.Method == http.MethodPost:
		o.token(w, r)
	default:
		o.oidc.ServeHTTP(w, r)
	}
}

// token redeems a code; like every method of Slack's it answers 200 and says in the answer what is wrong
// (https://docs.slack.dev/reference/methods/openid.connect.token).
func (o *OpenID) token(w http.ResponseWriter, r *http.Request) {
	answer := map[string]any{"ok": false}
	_ = r.ParseForm() // a form that is none has no code
	var grant simulator.Grant
	problem := "invalid_arguments"
	if !r.PostForm.Has("code_verifier") {
		grant, problem = o.Redeem(r.PostForm)
	}
	switch problem {
	case "":
		answer = map[string]any{"ok": true, "access_token": "xoxp-" + rand.Text(), "token_type": "Bearer", "id_token": o.sign(grant)}
	case "invalid_grant":
		answer["error"] = "invalid_code"
	case "invalid_client":
		answer["error"] = "bad_client_secret"
	default:
		answer["error"] = problem
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (o *OpenID) sign(g simulator.Grant) string {
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": o.URL(), "sub": g.Person, "aud": o.ClientID, "iat": now, "exp": now + 300, "auth_time": now, "nonce": g.Nonce,
		"https://slack.com/user_id": g.Person, "https://slack.com/team_id": o.Team, "https://slack.com/team_name": cmp.Or(o.TeamName, o.Team),
		"name": o.Accounts()[g.Person],
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.alter != nil {
		o.alter(claims)
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		panic(err) // of what is made here
	}
	return oidctest.SignIDToken(key(), keyID, oidc.RS256, string(raw))
}
