package workbench

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Sessions keeps who is signed in. All tokens are given by their hashes (bridge.HashOf).
type Sessions interface {
	// SignIn reads a one-time way in without using it up. ErrNotFound: it is used, too old, unknown, or the member has left.
	SignIn(ctx context.Context, hash string) (bridge.SignIn, bridge.Agent, error)
	// BeginSession uses a sign-in up and makes a session of its member. ErrNotFound as for SignIn.
	BeginSession(ctx context.Context, signIn, session string, life time.Duration) (bridge.SignIn, error)
	// StartSession makes a session of a member who has proven otherwise who they are.
	StartSession(ctx context.Context, session string, agent bridge.AgentID, life time.Duration) error
	// BeginHandshake keeps that a browser has gone to a platform, for life.
	BeginHandshake(ctx context.Context, hash string, h bridge.Handshake, life time.Duration) error
	// EndHandshake uses one up. ErrNotFound: it is used, too old or unknown.
	EndHandshake(ctx context.Context, hash string) (bridge.Handshake, error)
	// MemberByPerson finds the member who is linked to a platform's person. ErrNotFound: there is none, or they have left.
	MemberByPerson(ctx context.Context, e bridge.EndpointName, personID string) (bridge.Agent, error)
	// Session finds who is signed in. ErrNotFound: nobody, or none any more.
	Session(ctx context.Context, hash string) (bridge.Agent, error)
	// EndSession signs out.
	EndSession(ctx context.Context, hash string) error
}

const (
	sessionCookie = "skein-session"
	sessionLife   = 7 * 24 * time.Hour
)

// signedIn finds who makes a request. ErrNotFound: nobody who is signed in.
func (b *Workbench) signedIn(r *http.Request) (bridge.Agent, error) {
	c, err := r.Cookie(b.cookieName(sessionCookie))
	if err != nil || c.Value == "" {
		return bridge.Agent{}, bridge.ErrNotFound
	}
	return b.cfg.Sessions.Session(r.Context(), bridge.HashOf(c.Value))
}

// newSession is a token that nobody has had before, whatever the browser brought: a session that somebody else knows is
// never gone on with.
func newSession() (token, hash string) {
	token = rand.Text()
	return token, bridge.HashOf(token)
}

// enter gives the browser a session, and ends the one it came with.
func (b *Workbench) enter(w http.ResponseWriter, r *http.Request, token string) {
	if old, err := r.Cookie(b.cookieName(sessionCookie)); err == nil {
		_ = b.cfg.Sessions.EndSession(r.Context(), bridge.HashOf(old.Value)) // it ends by itself, too
	}
	http.SetCookie(w, b.cookie(sessionCookie, token, int(sessionLife.Seconds())))
}

// cookie is one of ours, for seconds; below 0: gone. Over https its name keeps it from being set by anybody but us.
func (b *Workbench) cookie(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever the daemon is reached over https
		Name: b.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: b.secure, SameSite: http.SameSiteLaxMode,
	}
}

func (b *Workbench) cookieName(name string) string {
	if b.secure {
		return "__Host-" + name
	}
	return name
}
