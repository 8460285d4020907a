package workbench

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// joinLink is where whoever has the code comes into the team.
func (b *Workbench) joinLink(code string) string {
	return strings.TrimSuffix(b.cfg.PublicURL, "/") + Base + "/join?code=" + url.QueryEscape(code)
}

// askJoin asks who comes with a code. It does not use it up: chat tools and mail scanners open links before people do.
func (b *Workbench) askJoin(w http.ResponseWriter, r *http.Request) {
	b.showJoin(w, r, http.StatusOK, "")
}

func (b *Workbench) showJoin(w http.ResponseWriter, r *http.Request, status int, why string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = bare(b, "Join the team", joinPage(r.FormValue("code"), r.FormValue("name"), why)).Render(r.Context(), w) // the browser may have gone
}

// maxJoinName is how long a name can be, in characters.
const maxJoinName = 60

// join makes a member of who brings a code, and signs them in.
func (b *Workbench) join(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name := strings.Join(strings.Fields(rich.Clean(r.FormValue("name"))), " ")
	if name == "" || utf8.RuneCountInString(name) > maxJoinName {
		b.showJoin(w, r, http.StatusUnprocessableEntity, "Not joined yet: write your name, of 60 letters at most.")
		return
	}
	// Not a number: by numbers the workbench knows who is a member already.
	person := bridge.Person{ID: "web-" + rand.Text(), Name: name}
	agent, err := b.cfg.Desk.JoinTeam(r.Context(), bridge.Workbench, person, r.FormValue("code"))
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		b.showJoin(w, r, http.StatusGone, problem.Public)
		return
	}
	token, hash := newSession()
	if err == nil {
		err = b.cfg.Sessions.StartSession(r.Context(), hash, agent.ID, sessionLife)
	}
	if err != nil {
		b.fail(w, r, err)
		return
	}
	b.enter(w, r, token)
	http.Redirect(w, r, memberAt(agent.ID), http.StatusSeeOther)
}
