package workbench_test

import (
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
)

// TestSignInInABrowser goes to Slack and to Discord and back, by the buttons at the door, and to the page that was wanted.
func TestSignInInABrowser(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	page := pageOf(d.says("Vera", "Hello").Conversation)
	b := browsertest.New(t)
	p := b.Open(d.server.URL + page)
	for _, way := range []struct{ label, stranger, account string }{
		{"Sign in with Slack", "#account-" + slackZoe, "#account-" + slackAna},
		{"Sign in with Discord", "#account-" + discordZoe, "#account-" + discordAna},
	} {
		button := `main a[role=button][href*="` + strings.ToLower(strings.TrimPrefix(way.label, "Sign in with ")) + `"]`
		p.WaitText(button, way.label)
		axe.Check(t, p.Frame)
		p.Click(button)
		p.Click(way.stranger)
		p.WaitText(".told", "No member of the team is linked to it")
		p.Click(button)
		p.Click(way.account)
		p.WaitText("#content", "Hello")
		p.Wait(`location.pathname === ` + `"` + page + `"`)
		for _, complaint := range p.Complaints() {
			if !strings.Contains(complaint, "403") { // of the stranger's page
				t.Errorf("%s: the browser complains: %s", way.label, complaint)
			}
		}
		p.Click(`form[action$="/out"] button`)
		p.WaitText("h1", "Sign in")
		p.Close()
		p = b.Open(d.server.URL + page)
	}
}
