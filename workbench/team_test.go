package workbench_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

const teamPath = workbench.Base + "/team"

func memberAt(a bridge.Agent) string { return fmt.Sprint(teamPath, "/", a.ID) }

// member is who somebody is now.
func (r *rig) member(id bridge.AgentID) (agent bridge.Agent) {
	r.t.Helper()
	must(r.t, r.store.Change(context.WithoutCancel(r.t.Context()), func(tx bridge.Tx) (err error) {
		agent, err = tx.Agent(id)
		return err
	}))
	return agent
}

// promote makes a member an admin.
func (r *rig) promote(a bridge.Agent) bridge.Agent {
	r.t.Helper()
	a.Rank = bridge.RankAdmin
	must(r.t, r.store.Change(r.t.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(a) }))
	return a
}

// keyed is a form with a key of its own.
func (b *browser) keyed(fields ...string) url.Values {
	b.rig.n++
	form := url.Values{"key": {fmt.Sprintf("key-%030d", b.rig.n)}, "back": {teamPath}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

func TestTeamIsShown(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	r.does(ben, r.says("Vera", "Hello").Conversation, "take", "")
	b := r.signedIn(ana)
	p := b.get(teamPath)
	p.has(t, "<bdi>Ana</bdi>", "<bdi>Ben</bdi>", "owner", "on duty", string(desk), fmt.Sprintf(`owner=%d">1</a>`, ben.ID), "Nobody is invited")
	r.signedIn(ben).get(teamPath).lacks(t, "Invitations", `value="admin"`)
	b.post(teamPath+"/duty", b.keyed("duty", "off")).has(t, "You are off duty", "Go on duty")
	b.post(teamPath+"/duty", b.keyed("duty", "on")).has(t, "You are on duty", "Go off duty")
}

func TestProfiles(t *testing.T) {
	r := newRig(t)
	ana, ben, cem := r.agent("Ana"), r.agent("Ben"), r.agent("Cem")
	own := r.signedIn(ben)
	p := own.get(memberAt(ben))
	p.lacks(t, "Change the role", "Remove from the team")
	own.post(memberAt(ben), p.form("name", "Ben from Support", "picture", "https://example.com/b.png", "languages", "de, en",
		"hours", "mon-fri 9-17 Europe/Berlin", "capacity", "5")).has(t, "Changed.", "Ben from Support")
	if m := r.member(ben.ID); m.Name != "Ben from Support" || m.Capacity != 5 || m.Hours.String() != "mon-fri 9-17 Europe/Berlin" || len(m.Languages) != 2 {
		t.Errorf("the profile is %+v", m)
	}

	// An admin and the member change different things at once, each from a page of before.
	admin := r.signedIn(ana)
	theirs, mine := admin.get(memberAt(ben)), own.get(memberAt(ben))
	sent := func(p page, field, value string) url.Values {
		form := p.form()
		for name := range form {
			if name, is := strings.CutPrefix(name, "was-"); is {
				form.Set(name, form.Get("was-"+name))
			}
		}
		form.Set(field, value)
		return form
	}
	admin.post(memberAt(ben), sent(theirs, "capacity", "9"))
	own.post(memberAt(ben), sent(mine, "languages", "fr"))
	if m := r.member(ben.ID); m.Capacity != 9 || strings.Join(m.Languages, " ") != "fr" {
		t.Errorf("of two changes at once %+v is left", m)
	}
	own.post(memberAt(ben), sent(own.get(memberAt(ben)), "hours", "")).has(t, "Changed.")
	if !r.member(ben.ID).Hours.IsZero() {
		t.Error("the hours are still there")
	}

	for field, bad := range map[string]string{
		"hours": "always", "capacity": "many", "languages": "German!", "picture": "javascript:alert(1)", "name": strings.Repeat("x", 61),
	} {
		p := own.post(memberAt(ben), sent(own.get(memberAt(ben)), field, bad))
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "Nothing was changed") || !strings.Contains(p.body, bad) {
			t.Errorf("%s %q is answered %d", field, bad, p.status)
		}
	}
	other := r.signedIn(cem)
	other.get(memberAt(ben)).lacks(t, `name="capacity"`)
	before := r.member(ben.ID)
	other.post(memberAt(ben), other.keyed("capacity", "1", "was-capacity", "9")).has(t, "only admins")
	if after := r.member(ben.ID); after.Capacity != before.Capacity {
		t.Error("an agent has changed another's capacity")
	}
}

func TestRolesAndRemoval(t *testing.T) {
	r := newRig(t)
	ana, ben, cem := r.agent("Ana"), r.promote(r.agent("Ben")), r.agent("Cem")
	owner, admin, agent := r.signedIn(ana), r.signedIn(ben), r.signedIn(cem)
	role := func(b *browser, of bridge.Agent, role string) page {
		return b.post(memberAt(of)+"/role", b.keyed("role", role))
	}
	for name, b := range map[string]*browser{"an admin": admin, "an agent": agent} {
		role(b, cem, "owner").has(t, "only the owner")
		if r.member(cem.ID).Rank != bridge.RankAgent {
			t.Errorf("%s has changed a role", name)
		}
	}
	role(owner, cem, "admin").has(t, "Cem is admin now.")
	role(owner, ana, "agent").has(t, "make somebody else the owner")
	role(owner, cem, "agent")

	for name, test := range map[string]struct {
		by *browser
		of bridge.Agent
	}{"an agent an admin": {agent, ben}, "an admin the owner": {admin, ana}, "an admin themselves": {admin, ben}} {
		test.by.post(memberAt(test.of)+"/remove", test.by.keyed())
		if r.member(test.of.ID).Removed {
			t.Errorf("%s has removed", name)
		}
	}
	if p := agent.get(memberAt(ben) + "/remove"); p.status != http.StatusForbidden {
		t.Errorf("an agent is asked whether to remove an admin: %d", p.status)
	}
	r.does(cem, r.says("Vera", "Hello").Conversation, "take", "")
	p := admin.get(memberAt(cem) + "/remove")
	p.has(t, "1 open conversation of theirs goes")
	admin.post(memberAt(cem)+"/remove", p.form()).has(t, "Cem is out of the team")
	if m := r.member(cem.ID); !m.Removed || !m.Leaving {
		t.Errorf("removed is %+v", m)
	}
	if p := agent.get(teamPath); p.path != workbench.Base+"/in" {
		t.Error("who was removed is still signed in")
	}
	if p := owner.get(memberAt(cem)); p.status != http.StatusNotFound {
		t.Errorf("who was removed is shown: %d", p.status)
	}
}

var shownLink = regexp.MustCompile(`value="http[^"]*(/workbench/join\?code=([A-Z2-7]{16}))"`)

func TestInvitations(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	owner, agent := r.signedIn(ana), r.signedIn(ben)
	form := owner.keyed("role", "admin")
	p := owner.post(teamPath+"/invitations", form)
	m := shownLink.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("no link is shown:\n%s", p.body)
	}
	p.has(t, "!join "+m[2], "one admin", "<bdi>Ana</bdi>")
	owner.get(teamPath).lacks(t, m[2])
	if again := owner.post(teamPath+"/invitations", form); strings.Count(again.body, "one admin") != 2 { // the table, and its button
		t.Errorf("pressed twice there are more invitations:\n%s", again.body)
	}
	owner.post(teamPath+"/invitations", owner.keyed("role", "owner")).has(t, "the role is agent or admin")

	for path, fields := range map[string][]string{
		"/invitations": {"role", "admin"}, "/invitations/revoke": {"invitation", bridge.HashOf(m[2])},
	} {
		if p := agent.post(teamPath+path, agent.keyed(fields...)); p.status != http.StatusForbidden {
			t.Errorf("an agent's %s is answered %d", path, p.status)
		}
	}

	guest := r.browser()
	for range 2 { // as chat tools and mail scanners do
		guest.get(m[1]).has(t, "Your name", m[2])
	}
	guest.post(workbench.Base+"/join", url.Values{"code": {m[2]}, "name": {" "}}).has(t, "write your name")
	joined := guest.post(workbench.Base+"/join", url.Values{"code": {strings.ToLower(m[2])}, "name": {"Dora Lind"}})
	joined.has(t, "Dora Lind", "admin", "known in here")
	guest.get(teamPath).has(t, "Invitations")
	if p := r.browser().post(workbench.Base+"/join", url.Values{"code": {m[2]}, "name": {"Eve"}}); p.status != http.StatusGone || !strings.Contains(p.body, "used already") {
		t.Errorf("the code is good twice: %d", p.status)
	}

	p = owner.post(teamPath+"/invitations", owner.keyed("role", "agent"))
	code := shownLink.FindStringSubmatch(p.body)[2]
	owner.post(teamPath+"/invitations/revoke", owner.keyed("invitation", bridge.HashOf(code))).has(t, "is revoked", "Nobody is invited")
	owner.post(teamPath+"/invitations/revoke", owner.keyed("invitation", bridge.HashOf(code))).has(t, "could not be used any more")
	if p := r.browser().post(workbench.Base+"/join", url.Values{"code": {code}, "name": {"Eve"}}); p.status != http.StatusGone {
		t.Errorf("a revoked code is answered %d", p.status)
	}
	r.browser().post(workbench.Base+"/join", url.Values{"code": {"A"}, "name": {`<script>alert(1)</script>`}}).lacks(t, "<script>alert")
}

// TestJoiningEndsAnotherSession has somebody join in a browser whose session somebody else knows.
func TestJoiningEndsAnotherSession(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	code, err := r.desk.InviteAgent(t.Context(), bridge.RankAgent)
	must(t, err)
	b := r.signedIn(ben)
	bens := b.client.Jar.Cookies(r.address())
	b.post(workbench.Base+"/join", url.Values{"code": {code}, "name": {"Cem"}}).has(t, "Cem")
	thief := r.browser()
	thief.client.Jar.SetCookies(r.address(), bens)
	if p := thief.get(teamPath); p.path != workbench.Base+"/in" {
		t.Error("the session from before lives on")
	}
	if p := r.browser().do(http.MethodPost, workbench.Base+"/join", url.Values{"code": {"A"}, "name": {"Eve"}},
		http.Header{"Sec-Fetch-Site": {"cross-site"}}); p.status != http.StatusForbidden {
		t.Errorf("another site's form is answered %d", p.status)
	}
	_ = ana
}

func TestInvitationsAreMailed(t *testing.T) {
	r := newRig(t)
	owner := r.signedIn(r.agent("Ana"))
	owner.get(teamPath).lacks(t, `type="email"`)
	var to, text string
	fail, mails := error(nil), 0
	r = newRigWith(t, func(cfg *workbench.Config) {
		cfg.Mail = func(_ context.Context, address, _, letter string) error {
			to, text = address, letter
			mails++
			return fail
		}
	})
	owner = r.signedIn(r.agent("Ana"))
	owner.get(teamPath).has(t, `type="email"`)
	owner.post(teamPath+"/invitations", owner.keyed("role", "agent", "email", "dora@example.com")).has(t, "on its way to dora@example.com")
	if to != "dora@example.com" || !strings.Contains(text, r.server.URL+workbench.Base+"/join?code=") {
		t.Errorf("mailed to %s is %q", to, text)
	}
	fail = &bridge.Failure{Verdict: bridge.Retry, Public: "The mail server cannot be reached.", Err: errors.New("dial smtp.internal: no route")}
	p := owner.post(teamPath+"/invitations", owner.keyed("role", "agent", "email", "dora@example.com"))
	p.has(t, "not mailed. The mail server cannot be reached. Copy the link", "/join?code=")
	p.lacks(t, "smtp.internal")
	fail, mails = nil, 0
	for _, bad := range []string{"dora", "dora@example.com, eve@example.com", "dora@example.com\r\nBcc: eve@example.com", "<script>alert(1)</script>"} {
		p := owner.post(teamPath+"/invitations", owner.keyed("role", "agent", "email", bad))
		p.has(t, "is no e-mail address")
		p.lacks(t, "/join?code=", "<script>alert")
	}
	if mails != 0 {
		t.Errorf("%d mails to what is no address", mails)
	}
}
