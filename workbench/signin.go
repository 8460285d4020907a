package workbench

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// door says how to get in.
func (b *Workbench) door(w http.ResponseWriter, r *http.Request) {
	b.showDoor(w, r, http.StatusOK, "")
}

func (b *Workbench) showDoor(w http.ResponseWriter, r *http.Request, status int, why string) {
	b.showDoorTo(w, r, status, why, wanted(r.URL.Query().Get("to")))
}

// showDoorTo says how to get in, and to the page that was wanted.
func (b *Workbench) showDoorTo(w http.ResponseWriter, r *http.Request, status int, why, to string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = bare(b, "Sign in", doorPage(why, b.ways(to))).Render(r.Context(), w)
}

// toTheDoor leads who is not signed in to where they can. A page that was asked for is what they come to afterwards, with an
// account elsewhere; a link says itself where it leads.
func (b *Workbench) toTheDoor(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.Header.Get("Hx-Request") == "" {
		door := Base + "/in"
		if to := wanted(strings.TrimPrefix(r.URL.RequestURI(), Base+"/")); to != "" && len(b.cfg.Providers) > 0 {
			door += "?to=" + url.QueryEscape(to)
		}
		http.Redirect(w, r, door, http.StatusSeeOther)
		return
	}
	w.Header().Set("Hx-Redirect", Base+"/in")
	b.showDoor(w, r, http.StatusUnauthorized, "You have been signed out. Nothing was changed.")
}

const badLink = "This link has been used already or is too old. Ask for another one."

// offerSignIn asks whether to use the link: chat tools and mail scanners open links before people do, and must not use
// them up.
func (b *Workbench) offerSignIn(w http.ResponseWriter, r *http.Request) {
	_, agent, err := b.cfg.Sessions.SignIn(r.Context(), bridge.HashOf(r.PathValue("token")))
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		b.showDoor(w, r, http.StatusGone, badLink)
	case err != nil:
		b.fail(w, r, err)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = bare(b, "Sign in", offerPage(agent, r.URL.Path)).Render(r.Context(), w)
	}
}

// signIn uses the link.
func (b *Workbench) signIn(w http.ResponseWriter, r *http.Request) {
	token, hash := newSession()
	in, err := b.cfg.Sessions.BeginSession(r.Context(), bridge.HashOf(r.PathValue("token")), hash, sessionLife)
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		b.showDoor(w, r, http.StatusGone, badLink)
		return
	case err != nil:
		b.fail(w, r, err)
		return
	}
	b.enter(w, r, token)
	to := Base + "/" + in.Path
	if !ours(to) {
		to = Base + "/"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// ours reports whether an address is one of the workbench: a path, not another site by a trick of slashes or dots.
func ours(address string) bool {
	return strings.HasPrefix(address, Base+"/") && !strings.ContainsAny(address, "\\\r\n") && !strings.Contains(address, "//") &&
		!strings.Contains(address, "..") && !strings.Contains(strings.ToLower(address), "%2e")
}

func (b *Workbench) signOut(v *visit) (string, error) {
	if c, err := v.Cookie(b.cookieName(sessionCookie)); err == nil {
		if err := b.cfg.Sessions.EndSession(v.Context(), bridge.HashOf(c.Value)); err != nil {
			return "", err
		}
	}
	http.SetCookie(v.w, b.cookie(sessionCookie, "", -1))
	return Base + "/in", nil
}
