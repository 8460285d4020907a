package discord_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

const callback = "https://skein.example/workbench/in/with/support-discord/callback"

// newSignIn is an endpoint whose application people can sign in with.
func newSignIn(t *testing.T, change func(*discord.Config)) (*discordtest.Server, *discord.SignIn) {
	t.Helper()
	server := newServer(t, discordtest.Options{Redirects: []string{callback}})
	a := newAdapter(t, server, func(c *discord.Config) {
		c.ClientID, c.ClientSecret, c.Callback = server.Options().ApplicationID, server.Options().ClientSecret, callback
		if change != nil {
			change(c)
		}
	})
	return server, a.SignIn()
}

// consent goes where the browser is sent, and returns what it comes back with.
func consent(t *testing.T, s *discord.SignIn, verifier string) url.Values {
	t.Helper()
	state := rand.Text()
	address, err := s.Address(t.Context(), state, "", verifier)
	must(t, err)
	if strings.Contains(address, verifier) {
		t.Errorf("the verifier is in %s", address)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	res, err := client.Do(req)
	must(t, err)
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil || !strings.HasPrefix(back.String(), callback+"?") || back.Query().Get("state") != state {
		t.Fatalf("the browser is sent to %v: %d", back, res.StatusCode)
	}
	return back.Query()
}

func TestSignIn(t *testing.T) {
	server, s := newSignIn(t, nil)
	server.SignIn().Act(ben)
	verifier := rand.Text() + rand.Text()
	code := consent(t, s, verifier).Get("code")
	who, err := s.Identify(t.Context(), code, "", verifier)
	if err != nil {
		t.Fatal(err)
	}
	if who.Endpoint != "support-discord" || who.Person.ID != ben || who.Person.Name == "" {
		t.Errorf("it is %+v", who)
	}
	for name, test := range map[string]struct{ code, verifier string }{
		"used already":       {code, verifier},
		"invented":           {"invented", verifier},
		"another's verifier": {consent(t, s, verifier).Get("code"), rand.Text() + rand.Text()},
		"nothing":            {"", ""},
	} {
		_, err := s.Identify(t.Context(), test.code, "", test.verifier)
		if f := bridge.AsFailure(err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "Begin again") || test.code != "" && strings.Contains(f.Err.Error(), test.code) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	_, s = newSignIn(t, func(c *discord.Config) { c.ClientSecret, c.APIURL = "another", server.URL() })
	_, err = s.Identify(t.Context(), "code", "", verifier)
	if f := bridge.AsFailure(err); !f.Refused || !strings.Contains(f.Public, "client_id and client_secret") {
		t.Errorf("a wrong secret: %+v", f)
	}
}

// TestSignInWithoutDiscord asks a Discord that is away, says nothing of sense, or takes its time.
func TestSignInWithoutDiscord(t *testing.T) {
	hung := make(chan struct{})
	defer close(hung)
	token := func(w http.ResponseWriter, r *http.Request, then http.HandlerFunc) {
		if strings.HasSuffix(r.URL.Path, "/oauth2/token") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token":"T0PSECRET","token_type":"Bearer"}`))
			return
		}
		then(w, r)
	}
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"500":     says(500, "<h1>T0PSECRET</h1>"),
		"429":     says(429, `{"message":"slow down","retry_after":1,"error":"rate_limited"}`),
		"rubbish": says(200, "<h1>T0PSECRET</h1>"),
		"nothing": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that nobody waits any more
			select {
			case <-hung:
			case <-r.Context().Done():
			}
		},
		"nobody": func(w http.ResponseWriter, r *http.Request) {
			token(w, r, says(200, `{"id":"me","username":"T0PSECRET"}`))
		},
		"a bot": func(w http.ResponseWriter, r *http.Request) { token(w, r, says(200, `{"id":"1001","bot":true}`)) },
		"no person": func(w http.ResponseWriter, r *http.Request) {
			token(w, r, says(401, `{"message":"401: Unauthorized"}`))
		},
		"half a word":  func(w http.ResponseWriter, r *http.Request) { token(w, r, says(200, `{"id":"10`)) },
		"another kind": func(w http.ResponseWriter, r *http.Request) { token(w, r, says(200, `[7]`)) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(h)
			defer server.Close()
			_, s := newSignIn(t, func(c *discord.Config) { c.APIURL, c.Timeout = server.URL+"/api/v9", 3*time.Second })
			_, err := s.Identify(t.Context(), "code", "", "verifier")
			f := bridge.AsFailure(err)
			if err == nil || f.Verdict == bridge.GiveUp || f.Public == "" || f.Err == nil || strings.Contains(f.Public+f.Err.Error(), "T0PSECRET") {
				t.Errorf("%+v", f)
			}
		})
	}
}

// TestSignInBesideTheAPI finds out from api_url where people sign in.
func TestSignInBesideTheAPI(t *testing.T) {
	for _, test := range []struct{ api, site, want string }{
		{"", "", "https://discord.com/oauth2/authorize?"},
		{"http://127.0.0.1:9/api/v9", "", "http://127.0.0.1:9/oauth2/authorize?"},
		{"http://127.0.0.1:9/x/api/", "", "http://127.0.0.1:9/x/oauth2/authorize?"},
		{"http://127.0.0.1:9/discord", "", "http://127.0.0.1:9/discord/oauth2/authorize?"},
		{"http://127.0.0.1:9/api/v9", "https://discord.example/", "https://discord.example/oauth2/authorize?"},
	} {
		a, err := discord.New(discord.Config{
			Name: "d", Token: "t", Guild: "1", Channel: "2", APIURL: test.api, SignInURL: test.site, ClientID: "3", ClientSecret: "x", Callback: callback,
		})
		must(t, err)
		address, err := a.SignIn().Address(t.Context(), "s", "n", "v")
		u, parsed := url.Parse(address)
		if err != nil || parsed != nil || !strings.HasPrefix(address, test.want) || u.Query().Get("redirect_uri") != callback || u.Query().Get("scope") != "identify" {
			t.Errorf("for %+v browsers go to %s, %v", test, address, err)
		}
	}
	a, err := discord.New(discord.Config{Name: "d", Token: "t", Guild: "1", Channel: "2"})
	must(t, err)
	if a.SignIn() != nil {
		t.Error("without a client there is a way in")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
