package workbench_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

// link makes a way in and returns its path.
func (r *rig) link(agent bridge.Agent, path string) string {
	r.t.Helper()
	link, err := r.desk.SignInLink(r.t.Context(), bridge.SignIn{Agent: agent.ID, Path: path})
	must(r.t, err)
	return strings.TrimPrefix(link, r.server.URL)
}

func TestSignIn(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	b := r.browser()
	if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" || !strings.Contains(p.body, "/skein login") {
		t.Errorf("who is not signed in is led to %s", p.path)
	}
	in := r.link(ana, "")
	for range 3 { // as chat tools and mail scanners do
		if p := b.get(in); p.status != http.StatusOK || !strings.Contains(p.body, "Sign in as Ana") {
			t.Fatalf("the link is answered %d:\n%s", p.status, p.body)
		}
	}
	if p := b.post(in, nil); p.status != http.StatusOK || p.path != workbench.Base+"/" || !strings.Contains(p.body, "Sign out") {
		t.Fatalf("signing in led to %s, %d:\n%s", p.path, p.status, p.body)
	}
	other := r.browser()
	if p := other.post(in, nil); p.status != http.StatusGone {
		t.Errorf("the link worked twice: %d", p.status)
	}
	if p := other.get(in); p.status != http.StatusGone || !strings.Contains(p.body, "used already") {
		t.Errorf("a used link is answered %d", p.status)
	}
	if p := b.post(workbench.Base+"/out", nil); p.path != workbench.Base+"/in" {
		t.Errorf("signing out led to %s", p.path)
	}
	if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
		t.Error("signed out, and still in")
	}
}

func TestWhoLeftIsOut(t *testing.T) {
	r := newRig(t)
	r.agent("Ana")
	ben := r.agent("Ben")
	b := r.signedIn(ben)
	in := r.link(ben, "")
	must(t, r.store.Change(t.Context(), func(tx bridge.Tx) error {
		ben.Removed = true
		return tx.SaveAgent(ben)
	}))
	if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
		t.Error("a removed member is still signed in")
	}
	if p := r.browser().post(in, nil); p.status != http.StatusGone {
		t.Errorf("a removed member's link is answered %d", p.status)
	}
}

// TestDatabaseHoldsNoTokens looks for what would let a reader of the database in.
func TestDatabaseHoldsNoTokens(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	b := r.signedIn(ana)
	token := b.client.Jar.Cookies(r.address())[0].Value
	if _, err := r.store.Session(t.Context(), token); err == nil {
		t.Error("the session is kept by its token")
	}
	if got, err := r.store.Session(t.Context(), bridge.HashOf(token)); err != nil || got.ID != ana.ID {
		t.Errorf("the session is not kept by its hash: %v", err)
	}
}
