package slack

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// SignIn lets people prove with their Slack account who they are at the endpoint: "Sign in with Slack", which is OpenID
// Connect (S:authentication/sign-in-with-slack). Its methods may be called concurrently.
type SignIn struct {
	a      *Adapter
	issuer string
	found  atomic.Pointer[oidc.Provider] // what Slack says about itself; nil: it was not asked yet
}

// SignIn returns how people sign in; nil: no client is configured. It connects nowhere.
func (a *Adapter) SignIn() *SignIn {
	if a.cfg.ClientID == "" {
		return nil
	}
	issuer := a.cfg.SignInURL
	if issuer == "" {
		issuer = strings.TrimSuffix(a.cfg.APIURL, "api/")
	}
	return &SignIn{a: a, issuer: strings.TrimRight(issuer, "/")}
}

// Name returns the endpoint's name.
func (s *SignIn) Name() bridge.EndpointName { return s.a.cfg.Name }

// Platform returns Slack.
func (s *SignIn) Platform() string { return platform }

const platform = "Slack"

// signInScopes is what Slack is asked for: who it is, and their name. A test holds them against the manifest.
var signInScopes = []string{oidc.ScopeOpenID, "profile"}

// discover asks Slack once where sign-in begins and ends, and with which keys it signs.
func (s *SignIn) discover(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	p := s.found.Load()
	if p == nil {
		var err error
		if p, err = oidc.NewProvider(ctx, s.issuer); err != nil {
			return nil, nil, intake.Unidentified(platform, fmt.Errorf("discovery: %w", err))
		}
		s.found.Store(p)
	}
	at := p.Endpoint()
	at.AuthStyle = oauth2.AuthStyleInParams // to find out would redeem codes twice
	return p, &oauth2.Config{
		ClientID: s.a.cfg.ClientID, ClientSecret: s.a.cfg.ClientSecret, Endpoint: at, RedirectURL: s.a.cfg.Callback, Scopes: signInScopes,
	}, nil
}

// within is a context for calls to Slack.
func (s *SignIn) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return s.a.deadline(oidc.ClientContext(ctx, s.a.cfg.Client))
}

// Address is where a browser is to go; the workspace is chosen there already, if we know ours. There is no challenge: Slack
// takes one only of apps that were made public clients, for good (S:authentication/using-pkce). Ours keeps a secret.
func (s *SignIn) Address(ctx context.Context, state, nonce, _ string) (string, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	_, client, err := s.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce)}
	if me, err := s.a.whoAmI(ctx); err == nil && me.team != "" {
		options = append(options, oauth2.SetAuthURLParam("team", me.team))
	}
	return client.AuthCodeURL(state, options...), nil
}

// claims are what Slack says of somebody, besides who they are.
type claims struct {
	Name string `json:"name"`
	Team string `json:"https://slack.com/team_id"`
	Home string `json:"https://slack.com/team_name"`
}

// Identify has Slack say who came back with the code. Who is of another workspace than the endpoint's is refused.
func (s *SignIn) Identify(ctx context.Context, code, nonce, _ string) (bridge.Identity, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	p, client, err := s.discover(ctx)
	if err != nil {
		return bridge.Identity{}, err
	}
	answer, err := intake.Redeem(ctx, platform, client, code, "")
	if err != nil {
		return bridge.Identity{}, err
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := p.VerifierContext(ctx, &oidc.Config{ClientID: s.a.cfg.ClientID}).Verify(ctx, raw)
	if err != nil {
		return bridge.Identity{}, intake.Unidentified(platform, fmt.Errorf("ID token: %w", err))
	}
	var says claims
	if err := token.Claims(&says); err != nil || token.Subject == "" {
		return bridge.Identity{}, intake.Unidentified(platform, errors.New("the ID token does not say who it is of"))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) == 0 {
		return bridge.Identity{}, &bridge.Failure{
			Verdict: bridge.GiveUp, Public: "Slack has answered another sign-in than this one. Begin again.", Err: errors.New("another nonce"),
		}
	}
	me, err := s.a.whoAmI(ctx)
	if err != nil {
		return bridge.Identity{}, failure("auth.test", err)
	}
	return s.inWorkspace(me, token.Subject, says)
}

func (s *SignIn) inWorkspace(me self, id string, says claims) (bridge.Identity, error) {
	name, home := orText(plainName(says.Name), id), orText(plainName(says.Home), "another")
	if me.team == "" || says.Team != me.team {
		return bridge.Identity{}, &bridge.Failure{
			Verdict: bridge.GiveUp, Err: errors.New("another workspace"),
			Public: fmt.Sprintf("Slack says you are %s of the workspace %s, and the team is in %s. Choose that workspace in Slack and begin again.",
				name, home, orText(plainName(me.home), "another one")),
		}
	}
	return bridge.Identity{
		Endpoint: s.a.cfg.Name, Person: bridge.Person{ID: id, Name: name}, Home: "the workspace " + orText(plainName(me.home), me.team),
	}, nil
}
