package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// TestSignInWithSlack configures the app's client, with its secret in a file. Who has answered in Slack comes in; who is
// only in the workspace does not.
func TestSignInWithSlack(t *testing.T) {
	r := newRig(t, "sqlite")
	address := freeAddress(t)
	slack := slacktest.NewOpenID(r.slack.Options().TeamID, r.slack.Options().TeamName)
	t.Cleanup(slack.Close)
	slack.Redirects = []string{"http://" + address + "/workbench/in/with/support-slack/callback"}
	slack.Accounts = func() map[string]string { return map[string]string{anaID: "Ana Ruiz", benID: "Ben Okafor"} }
	secret := filepath.Join(r.dir, "client-secret")
	must(t, os.WriteFile(secret, []byte(slack.ClientSecret+"\n"), 0o600))
	r.endpoint("SUPPORT_SLACK", map[string]string{"CLIENT_ID": slack.ClientID, "CLIENT_SECRET_FILE": secret, "SIGN_IN_URL": slack.URL()})
	p := r.start(address)

	v := r.site(address).Visitor()
	_, err := v.Open(r.ctx, webtest.Introduction{Profile: map[string]any{"name": "Mira"}})
	must(t, err)
	_, err = v.Say(r.ctx, "Is the fern in stock?")
	must(t, err)
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Minute)
	defer cancel()
	root := threadIn(ctx, t, r.slack, desk, "Is the fern in stock?")
	_, err = r.slack.Say(anaID, desk, root, "Yes.")
	must(t, err)
	go func() { _ = v.Stream(ctx) }()
	must(t, v.AwaitText(ctx, "Yes."))

	slack.Act(anaID)
	if page := newBrowser(t, address).get("/workbench/in/with/support-slack?to=team"); !strings.Contains(page, "Sign out") || !strings.Contains(page, "Members") {
		t.Errorf("Ana comes to:\n%s", page)
	}
	slack.Act(benID)
	if page := newBrowser(t, address).get("/workbench/in/with/support-slack"); strings.Contains(page, "Sign out") || !strings.Contains(page, "Slack says you are Ben Okafor") {
		t.Errorf("Ben comes to:\n%s", page)
	}
	if log := p.stderr.String(); strings.Contains(log, slack.ClientSecret) || strings.Contains(log, "code-") {
		t.Errorf("the log has secrets:\n%s", log)
	}
}
