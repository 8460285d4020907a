package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// TestInvite: a code from the command line makes the first member of a team, who owns it, once.
func TestInvite(t *testing.T) {
	r := newBareRig(t, "sqlite")
	var out, errs bytes.Buffer
	if code := run(r.ctx, []string{"invite"}, []string{"SKEIN_DATABASE=" + r.database}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	code, _, _ := strings.Cut(out.String(), "\n")
	s, err := store.Open(r.ctx, r.database, store.Options{})
	must(t, err)
	defer s.Close()
	desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub(), Routes: []bridge.Route{{Endpoint: "slack", Role: bridge.RoleTeam, Invited: true}}})
	_, err = desk.JoinTeam(r.ctx, "slack", bridge.Person{ID: "U1", Name: "Ana"}, code)
	must(t, err)
	members, err := desk.Team(r.ctx)
	must(t, err)
	if len(members) != 1 || members[0].Rank != bridge.RankOwner {
		t.Errorf("the team is %+v", members)
	}
	if _, err := desk.JoinTeam(r.ctx, "slack", bridge.Person{ID: "U2", Name: "Ben"}, code); err == nil {
		t.Error("the code is good twice")
	}
	if code := run(r.ctx, []string{"invite", "owner"}, nil, &out, &errs); code != 2 {
		t.Errorf("inviting an owner ends with %d, want 2", code)
	}
}
