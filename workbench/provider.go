package workbench

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Provider is a platform at which people say who they are: who is in the team by an account there comes in without a link.
// It makes nobody a member. Its methods may be called concurrently; their errors are, or wrap, a *bridge.Failure.
type Provider interface {
	// Name is the endpoint by whose people it knows them.
	Name() bridge.EndpointName
	// Platform is what people call it.
	Platform() string
	// Address is where a browser is to go. The platform sends it back with the state to CallbackURL, and puts nonce into
	// what it says of the person, if it can; verifier is the secret of RFC 7636, of which only the digest goes out.
	Address(ctx context.Context, state, nonce, verifier string) (string, error)
	// Identify has the platform say who came back with the code.
	Identify(ctx context.Context, code, nonce, verifier string) (bridge.Identity, error)
}

// CallbackURL is where a platform sends browsers back to. It has to be told beforehand.
func CallbackURL(publicURL string, e bridge.EndpointName) string {
	return strings.TrimRight(publicURL, "/") + withPath + url.PathEscape(string(e)) + "/callback"
}

const (
	withPath        = Base + "/in/with/"
	handshakeCookie = "skein-handshake"
	identifyWithin  = 20 * time.Second
)

// handshake is what binds one way to a platform and back to the browser that went. All of it follows from the cookie's
// token, which nobody else sees.
type handshake struct{ token string }

// bound is a secret of the handshake's that tells nothing of the others, in 43 letters, digits, - and _.
func (h handshake) bound(to string) string {
	sum := sha256.Sum256([]byte("skein sign-in " + to + "\x00" + h.token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (h handshake) state() string    { return h.bound("state") }
func (h handshake) nonce() string    { return h.bound("nonce") }
func (h handshake) verifier() string { return h.bound("verifier") }

func (b *Workbench) provider(r *http.Request) (Provider, bool) {
	for _, p := range b.cfg.Providers {
		if string(p.Name()) == r.PathValue("endpoint") {
			return p, true
		}
	}
	return nil, false
}

// way is one that leads in, past the door.
type way struct{ label, address string }

// ways are the platforms, each of which leads to the page that was wanted.
func (b *Workbench) ways(to string) []way {
	ways := make([]way, len(b.cfg.Providers))
	for i, p := range b.cfg.Providers {
		ways[i] = way{"Sign in with " + p.Platform(), withPath + url.PathEscape(string(p.Name()))}
		for j, other := range b.cfg.Providers {
			if i != j && other.Platform() == p.Platform() {
				ways[i].label = fmt.Sprintf("Sign in with %s (%s)", p.Platform(), p.Name())
			}
		}
		if to != "" {
			ways[i].address += "?to=" + url.QueryEscape(to)
		}
	}
	return ways
}

// signInWith sends a browser to a platform.
func (b *Workbench) signInWith(w http.ResponseWriter, r *http.Request) {
	p, ok := b.provider(r)
	if !ok {
		b.showDoor(w, r, http.StatusNotFound, "There is no such way in.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), identifyWithin)
	defer cancel()
	h := handshake{token: rand.Text()}
	address, err := p.Address(ctx, h.state(), h.nonce(), h.verifier())
	to := wanted(r.URL.Query().Get("to"))
	if err != nil {
		b.notIdentified(w, r, p, to, err)
		return
	}
	shake := bridge.Handshake{Endpoint: p.Name(), Path: to}
	if err := b.cfg.Sessions.BeginHandshake(ctx, bridge.HashOf(h.token), shake, bridge.HandshakeLife); err != nil {
		b.fail(w, r, err)
		return
	}
	http.SetCookie(w, b.cookie(handshakeCookie, h.token, int(bridge.HandshakeLife.Seconds())))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

const badHandshake = "This sign-in was not begun in this browser, has been used already, or took too long. Begin again."

// comeBack is where a platform sends a browser back to: who is in the team by the account they have shown is signed in.
func (b *Workbench) comeBack(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(b.cookieName(handshakeCookie))
	if err != nil {
		b.showDoor(w, r, http.StatusGone, badHandshake)
		return
	}
	h := handshake{token: c.Value}
	if subtle.ConstantTimeCompare([]byte(h.state()), []byte(r.URL.Query().Get("state"))) == 0 {
		b.showDoor(w, r, http.StatusGone, badHandshake) // somebody else's: it does not use up this browser's
		return
	}
	http.SetCookie(w, b.cookie(handshakeCookie, "", -1))
	p, ok := b.provider(r)
	shake, err := b.cfg.Sessions.EndHandshake(r.Context(), bridge.HashOf(h.token))
	switch {
	case errors.Is(err, bridge.ErrNotFound), err == nil && (!ok || shake.Endpoint != p.Name()):
		b.showDoor(w, r, http.StatusGone, badHandshake)
		return
	case err != nil:
		b.fail(w, r, err)
		return
	}
	if refused := r.URL.Query().Get("error"); refused != "" || r.URL.Query().Get("code") == "" {
		b.log.Info("a platform has let nobody sign in", "endpoint", p.Name(), "reason", rich.Clean(refused[:min(len(refused), 100)]))
		b.showDoorTo(w, r, http.StatusForbidden, p.Platform()+" did not say who you are: you declined, or it refuses. Nobody was signed in.", shake.Path)
		return
	}
	b.identify(w, r, p, h, shake.Path)
}

// identify asks the platform who came back and signs them in, if they are a member.
func (b *Workbench) identify(w http.ResponseWriter, r *http.Request, p Provider, h handshake, to string) {
	ctx, cancel := context.WithTimeout(r.Context(), identifyWithin)
	defer cancel()
	who, err := p.Identify(ctx, r.URL.Query().Get("code"), h.nonce(), h.verifier())
	if err != nil {
		b.notIdentified(w, r, p, to, err)
		return
	}
	agent, err := b.cfg.Sessions.MemberByPerson(ctx, who.Endpoint, who.Person.ID)
	if errors.Is(err, bridge.ErrNotFound) {
		b.showDoorTo(w, r, http.StatusForbidden, stranger(p, who), to)
		return
	}
	token, hash := newSession()
	if err == nil {
		err = b.cfg.Sessions.StartSession(ctx, hash, agent.ID, sessionLife)
	}
	if err != nil {
		b.fail(w, r, err)
		return
	}
	b.enter(w, r, token)
	http.Redirect(w, r, Base+"/"+wanted(to), http.StatusSeeOther)
}

// stranger says what is to be done about an account that belongs to no member.
func stranger(p Provider, who bridge.Identity) string {
	name := cmp.Or(rich.Clean(who.Person.Name), "somebody without a name")
	account := rich.Clean(who.Person.ID)
	if who.Home != "" {
		account += " of " + rich.Clean(who.Home)
	}
	return fmt.Sprintf("%s says you are %s, account %s. No member of the team is linked to it. Ask an owner to invite you; "+
		"if you are in the team already, give link where you are known and join with its code in %s.", p.Platform(), name, account, p.Platform())
}

// notIdentified tells of a platform that did not say who somebody is.
func (b *Workbench) notIdentified(w http.ResponseWriter, r *http.Request, p Provider, to string, err error) {
	if r.Context().Err() != nil {
		return
	}
	f, status := bridge.AsFailure(err), http.StatusBadGateway
	if f.Verdict == bridge.GiveUp {
		status = http.StatusForbidden
	}
	b.log.Warn("a platform did not say who somebody is", "endpoint", p.Name(), "error", f.Err)
	b.showDoorTo(w, r, status, f.Public+" Nobody was signed in.", to)
}

// maxWanted is how long the address of a page can be that somebody is led to.
const maxWanted = 1000

// wanted is a page of the workbench that somebody wants, without Base; empty: it is none, or the first.
func wanted(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > maxWanted || to == "in" || strings.HasPrefix(to, "in/") || u.Scheme != "" || u.Host != "" || !ours(Base+"/"+u.Path) {
		return ""
	}
	return to
}
