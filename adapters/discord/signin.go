package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"golang.org/x/oauth2"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// SignIn lets people prove with their Discord account who they are at the endpoint, by OAuth (D:topics/oauth2). Whether
// they are on the server does not matter. Its methods may be called concurrently.
type SignIn struct {
	a      *Adapter
	client oauth2.Config
}

// apiPath is the end of an API's base, before which is where people go.
var apiPath = regexp.MustCompile(`/api(/v\d+)?$`)

// SignIn returns how people sign in; nil: no client is configured.
func (a *Adapter) SignIn() *SignIn {
	if a.cfg.ClientID == "" {
		return nil
	}
	site := a.cfg.SignInURL
	if site == "" {
		site = apiPath.ReplaceAllString(a.cfg.APIURL, "")
	}
	return &SignIn{a: a, client: oauth2.Config{
		ClientID: a.cfg.ClientID, ClientSecret: a.cfg.ClientSecret, RedirectURL: a.cfg.Callback, Scopes: []string{"identify"},
		Endpoint: oauth2.Endpoint{
			AuthURL: site + "/oauth2/authorize", TokenURL: a.cfg.APIURL + "/oauth2/token", AuthStyle: oauth2.AuthStyleInParams,
		},
	}}
}

// Name returns the endpoint's name.
func (s *SignIn) Name() bridge.EndpointName { return s.a.cfg.Name }

// Platform returns Discord.
func (s *SignIn) Platform() string { return platform }

const platform = "Discord"

// Address is where a browser is to go. Who has allowed it before is not asked again. Discord has no nonces.
func (s *SignIn) Address(_ context.Context, state, _, verifier string) (string, error) {
	return s.client.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")), nil
}

// Identify has Discord say who came back with the code.
func (s *SignIn) Identify(ctx context.Context, code, _, verifier string) (bridge.Identity, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, s.a.cfg.Client), s.a.cfg.Timeout)
	defer cancel()
	token, err := intake.Redeem(ctx, platform, &s.client, code, verifier)
	if err != nil {
		return bridge.Identity{}, err
	}
	u, err := s.ask(ctx, token)
	switch {
	case err != nil:
		return bridge.Identity{}, intake.Unidentified(platform, fmt.Errorf("users/@me: %w", err))
	case u.ID == "" || u.Bot.V:
		return bridge.Identity{}, intake.Unidentified(platform, errors.New("users/@me does not say who it is"))
	}
	name := plainName(orText(string(u.Global), string(u.Username)))
	return bridge.Identity{Endpoint: s.a.cfg.Name, Person: bridge.Person{ID: string(u.ID), Name: name}}, nil
}

// ask asks with the person's own token: it is none of the bot's calls.
func (s *SignIn) ask(ctx context.Context, token *oauth2.Token) (u user, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.a.cfg.APIURL+"/users/@me", nil)
	if err != nil {
		return user{}, bare(err)
	}
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	res, err := s.a.cfg.Client.Do(req)
	if err != nil {
		return user{}, bare(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return user{}, fmt.Errorf("status %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxUser)).Decode(&u); err != nil {
		return user{}, errors.New("the answer is not JSON")
	}
	return u, nil
}

const maxUser = 1 << 20 // bytes of what Discord says of one person
