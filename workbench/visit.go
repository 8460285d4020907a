package workbench

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/skeindesk/skein/bridge"
)

// visit is one request by a member of the team.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	bench *Workbench
	agent bridge.Agent
	now   time.Time
}

type (
	// show makes a page. A *bridge.Problem is shown to the agent, and bridge.ErrNotFound is a page that is not there.
	show func(v *visit) (content, error)
	// act does what a form asks for and says where to go on, as an address. A *bridge.Problem is shown there where the form is.
	act func(v *visit) (to string, err error)
)

// content is a page without what all have around them.
type content struct {
	title string
	body  templ.Component
}

// visited lets in who is signed in and of that rank; others are led to the door.
func (b *Workbench) visited(least bridge.Rank, serve func(v *visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readWithin)
		defer cancel()
		agent, err := b.signedIn(r.WithContext(ctx))
		switch {
		case errors.Is(err, bridge.ErrNotFound):
			b.toTheDoor(w, r)
			return
		case err != nil:
			b.fail(w, r, err)
			return
		}
		v := &visit{Request: r, w: w, bench: b, agent: agent, now: time.Now().UTC()}
		if !agent.Rank.AtLeast(least) {
			v.refuse(http.StatusForbidden, "This page is for admins of the team.")
			return
		}
		if err := serve(v); err != nil {
			v.answer(err)
		}
	})
}

// answer tells the agent of an error: a problem of theirs where they came from, what is not there as such, and of anything
// else only that it happened.
func (v *visit) answer(err error) {
	problem, isProblem := errors.AsType[*bridge.Problem](err)
	switch {
	case isProblem && v.Method == http.MethodPost:
		v.tell(problem.Public, true)
		http.Redirect(v.w, v.Request, v.back(), http.StatusSeeOther)
	case isProblem:
		v.refuse(http.StatusUnprocessableEntity, problem.Public)
	case errors.Is(err, bridge.ErrNotFound):
		v.refuse(http.StatusNotFound, "There is nothing here. It may have been removed, or the address is not complete.")
	default:
		v.bench.fail(v.w, v.Request, err)
	}
}

// render writes a page with everything around it; for a page that asks anew for what it shows, without.
func (v *visit) render(status int, c content) error {
	if v.Header.Get(liveHeader) != "" && v.Method == http.MethodGet {
		v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		v.w.WriteHeader(status)
		_ = c.body.Render(v.Context(), v.w)
		return nil
	}
	told := v.told()
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	// The browser may have gone; there is nobody left to tell.
	_ = layout(v, c, told).Render(v.Context(), v.w)
	return nil
}

func (v *visit) refuse(status int, public string) {
	_ = v.render(status, content{title: http.StatusText(status), body: refusal(public)})
}

// fail answers what went wrong here, whose text stays in the log.
func (b *Workbench) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	b.log.Error("page failed", "page", r.Pattern, "error", err)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_ = bare(b, "Not now", failure()).Render(r.Context(), w)
}

// back is the page that a form was on: one of ours.
func (v *visit) back() string { return v.backOr(Base + "/") }

// backOr is the page that a form was on, if it says so.
func (v *visit) backOr(page string) string {
	if at := v.FormValue("back"); ours(at) {
		return at
	}
	return page
}

var errNoKey = &bridge.Problem{Code: "key", Public: "Nothing was changed: the form was not complete. Load the page again."}

// ask carries out a word of the table as the agent who visits.
func (v *visit) ask(call bridge.Invocation) (bridge.Answer, error) {
	call.Endpoint, call.From = bridge.Workbench, bridge.WorkbenchPerson(v.agent)
	if call.Key = v.FormValue("key"); call.Key == "" {
		return bridge.Answer{}, errNoKey
	}
	return v.bench.cfg.Desk.Command(v.Context(), call)
}

// command carries out a word of the table as the agent who visits, and tells the answer on the next page.
func (v *visit) command(call bridge.Invocation) (bridge.Answer, error) {
	answer, err := v.ask(call)
	if err == nil && answer.Public != "" {
		v.tell(answer.Public, answer.Refused)
	}
	return answer, err
}
