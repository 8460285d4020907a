package slack_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

const callback = "https://skein.example/workbench/in/with/support-slack/callback"

// newSignIn is an endpoint whose app people can sign in with, and the Slack at which they do.
func newSignIn(t *testing.T, change func(*slack.Config)) (*slacktest.Server, *slacktest.OpenID, *slack.SignIn) {
	t.Helper()
	server := newServer(t, slacktest.Options{TeamID: "T0FERN", TeamName: "Fern & Moss"})
	openID := slacktest.NewOpenID("T0FERN", "Fern & Moss")
	t.Cleanup(openID.Close)
	openID.Redirects = []string{callback}
	openID.Accounts = func() map[string]string { return map[string]string{ana: "Ana Ruiz", "UBEN": "Ben Okafor"} }
	a := newAdapter(t, server, func(c *slack.Config) {
		c.ClientID, c.ClientSecret, c.SignInURL, c.Callback = openID.ClientID, openID.ClientSecret, openID.URL()+"/", callback
		if change != nil {
			change(c)
		}
	})
	return server, openID, a.SignIn()
}

// secrets of one way to Slack and back.
type secrets struct{ state, nonce, verifier string }

func newSecrets() secrets {
	return secrets{rand.Text(), rand.Text(), rand.Text() + rand.Text()}
}

// consent goes where the browser is sent, and returns what it comes back with.
func consent(t *testing.T, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	res, err := client.Do(req)
	must(t, err)
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil || !strings.HasPrefix(back.String(), callback+"?") {
		t.Fatalf("the browser is sent to %v: %d", back, res.StatusCode)
	}
	return back.Query()
}

// identify goes the whole way.
func identify(t *testing.T, s *slack.SignIn, change func(*secrets)) (bridge.Identity, error) {
	t.Helper()
	own := newSecrets()
	address, err := s.Address(t.Context(), own.state, own.nonce, own.verifier)
	must(t, err)
	back := consent(t, address)
	if back.Get("state") != own.state {
		t.Errorf("the state comes back as %q", back.Get("state"))
	}
	if change != nil {
		change(&own)
	}
	return s.Identify(t.Context(), back.Get("code"), own.nonce, own.verifier)
}

func TestSignIn(t *testing.T) {
	_, openID, s := newSignIn(t, nil)
	openID.Act(ana)
	who, err := identify(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if who.Endpoint != "support-slack" || who.Person.ID != ana || who.Person.Name != "Ana Ruiz" || who.Home != "the workspace Fern & Moss" {
		t.Errorf("it is %+v", who)
	}
	own := newSecrets()
	address, err := s.Address(t.Context(), own.state, own.nonce, own.verifier)
	must(t, err)
	u, err := url.Parse(address)
	must(t, err)
	q := u.Query()
	if q.Get("team") != "T0FERN" || q.Get("scope") != "openid profile" || q.Get("nonce") != own.nonce || q.Has("code_challenge") || strings.Contains(address, own.verifier) ||
		strings.Contains(address, openID.ClientSecret) {
		t.Errorf("the browser is sent to %s", address)
	}
}

// TestSignInIsRefused lets Slack say what is not to be believed.
func TestSignInIsRefused(t *testing.T) {
	_, openID, s := newSignIn(t, nil)
	openID.Act(ana)
	for name, test := range map[string]struct {
		alter  func(claims map[string]any)
		change func(*secrets)
		want   string
		kind   bridge.Verdict
	}{
		"another workspace": {
			alter: func(c map[string]any) {
				c["https://slack.com/team_id"], c["https://slack.com/team_name"] = "T0OTHER", "Other\r\nInc"
			},
			want: "Slack says you are Ana Ruiz of the workspace Other Inc, and the team is in Fern & Moss.", kind: bridge.GiveUp,
		},
		"no workspace":       {alter: func(c map[string]any) { delete(c, "https://slack.com/team_id") }, want: "the team is in Fern & Moss", kind: bridge.GiveUp},
		"another nonce":      {alter: func(c map[string]any) { c["nonce"] = "another" }, want: "another sign-in than this one", kind: bridge.GiveUp},
		"no nonce":           {alter: func(c map[string]any) { delete(c, "nonce") }, want: "another sign-in than this one", kind: bridge.GiveUp},
		"a nonce of ours":    {change: func(s *secrets) { s.nonce = "another" }, want: "another sign-in than this one", kind: bridge.GiveUp},
		"for somebody else":  {alter: func(c map[string]any) { c["aud"] = "another-app" }, want: "did not answer as it should", kind: bridge.Retry},
		"by somebody else":   {alter: func(c map[string]any) { c["iss"] = "https://evil.example" }, want: "did not answer as it should", kind: bridge.Retry},
		"expired":            {alter: func(c map[string]any) { c["exp"] = time.Now().Add(-time.Minute).Unix() }, want: "did not answer as it should", kind: bridge.Retry},
		"of nobody":          {alter: func(c map[string]any) { delete(c, "sub") }, want: "did not answer as it should", kind: bridge.Retry},
		"a name of no words": {alter: func(c map[string]any) { c["name"] = 7 }, want: "did not answer as it should", kind: bridge.Retry},
	} {
		openID.Alter(test.alter)
		who, err := identify(t, s, test.change)
		f := bridge.AsFailure(err)
		if err == nil || who != (bridge.Identity{}) || f.Verdict != test.kind || !strings.Contains(f.Public, test.want) {
			t.Errorf("%s: %+v, %+v", name, who, f)
		}
	}
}

// TestSignInCodes redeems codes that are not good, and shows a secret that is not the app's.
func TestSignInCodes(t *testing.T) {
	_, openID, s := newSignIn(t, nil)
	openID.Act(ana)
	own := newSecrets()
	address, err := s.Address(t.Context(), own.state, own.nonce, own.verifier)
	must(t, err)
	code := consent(t, address).Get("code")
	if _, err := s.Identify(t.Context(), code, own.nonce, own.verifier); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{code, "invented", ""} {
		_, err := s.Identify(t.Context(), bad, own.nonce, own.verifier)
		if f := bridge.AsFailure(err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "Begin again") || bad != "" && strings.Contains(f.Err.Error(), bad) {
			t.Errorf("the code %q: %+v", bad, f)
		}
	}
	openID.ClientSecret = "another"
	_, err = identify(t, s, nil)
	if f := bridge.AsFailure(err); !f.Refused || !strings.Contains(f.Public, "client_id and client_secret") {
		t.Errorf("a wrong secret: %+v", f)
	}
}

// TestSignInWithoutSlack asks when Slack is away, says nothing of sense, or takes its time.
func TestSignInWithoutSlack(t *testing.T) {
	hung := make(chan struct{})
	defer close(hung)
	for name, meet := range map[string]http.HandlerFunc{
		"500": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<h1>sorry, T0PSECRET</h1>", http.StatusInternalServerError)
		},
		"rubbish": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>hello, T0PSECRET</h1>")) },
		"nothing": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"JSON": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"ok":true,"access_token":"T0PSECRET","id_token":"a.b.c"}`))
		},
		"no ID token": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"ok":true,"access_token":"T0PSECRET","id_token":7}`))
		},
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that nobody waits any more
			select {
			case <-hung:
			case <-r.Context().Done():
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, openID, s := newSignIn(t, func(c *slack.Config) { c.Timeout = 3 * time.Second })
			openID.Act(ana)
			openID.Meet(meet)
			check := func(what string, err error) {
				t.Helper()
				f := bridge.AsFailure(err)
				if err == nil || f.Verdict == bridge.GiveUp || f.Public == "" || f.Err == nil || strings.Contains(f.Public, "T0PSECRET") {
					t.Errorf("%s: %+v", what, f)
				}
			}
			own := newSecrets()
			_, err := s.Address(t.Context(), own.state, own.nonce, own.verifier)
			check("where to go", err)
			openID.Meet(nil)
			address, err := s.Address(t.Context(), own.state, own.nonce, own.verifier) // it is asked again
			must(t, err)
			code := consent(t, address).Get("code")
			openID.Meet(meet)
			_, err = s.Identify(t.Context(), code, own.nonce, own.verifier)
			check("who it is", err)
		})
	}
}

// TestSignInWithoutTheWorkspace: whether the workspace is the endpoint's must be known.
func TestSignInWithoutTheWorkspace(t *testing.T) {
	server, openID, s := newSignIn(t, nil)
	openID.Act(ana)
	server.SetDown(true)
	if who, err := identify(t, s, nil); err == nil {
		t.Errorf("somebody is let in: %+v", who)
	}
	server.SetDown(false)
	if _, err := identify(t, s, nil); err != nil {
		t.Error(err)
	}
}

// TestSignInBesideTheAPI finds out from api_url where people sign in.
func TestSignInBesideTheAPI(t *testing.T) {
	asked := make(chan string, 1)
	slackCom := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.NotFound(w, r)
	}))
	defer slackCom.Close()
	for api, want := range map[string]string{
		"/api/": "/.well-known/openid-configuration", "/slack/api": "/slack/.well-known/openid-configuration",
		"/hooks/": "/hooks/.well-known/openid-configuration",
	} {
		a, err := slack.New(slack.Config{
			Name: "s", BotToken: "xoxb-1", AppToken: "xapp-1", Channel: "C1", APIURL: slackCom.URL + api, ClientID: "1.2", ClientSecret: "x",
		})
		must(t, err)
		_, _ = a.SignIn().Address(context.Background(), "s", "n", "v") // nobody is there to say
		if got := <-asked; got != want {
			t.Errorf("for %s it asks %s, want %s", api, got, want)
		}
	}
	a, err := slack.New(slack.Config{Name: "s", BotToken: "xoxb-1", AppToken: "xapp-1", Channel: "C1"})
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
