package workbench_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
	"github.com/skeindesk/skein/bridge"
)

// decided lets a member of the team decide what a small shop would.
func (r *rig) decided(by bridge.Agent) {
	r.t.Helper()
	for name, v := range map[string]bridge.SettingValue{
		bridge.SettingHours: {Hours: bridge.OfficeHours{
			Zone: "Europe/Berlin", Open: []string{"mon-fri 9-12", "mon-fri 13-17:30", "sat 10-14"}, Closed: []string{"12-25", "2026-12-24"},
		}},
		bridge.SettingGreeting: {Texts: bridge.Texts{"": "Hello. What can we help you with?", "de": "Guten Tag. Was können wir für Sie tun?"}},
		bridge.SettingRoutes: {Rules: []bridge.Rule{
			{Path: "/wholesale", Desk: []bridge.EndpointName{"support-discord"}},
			{Languages: []string{"de", "fr"}, Hours: bridge.Within, Desk: []bridge.EndpointName{desk}},
		}},
	} {
		must(r.t, r.decisions.Set(r.t.Context(), by.ID, bridge.SettingChange{Key: bridge.SettingKey{Endpoint: website, Name: name}, Value: &v}))
	}
}

// TestSettingsByKeyboard changes settings without a mouse: what is wrong is where the cursor stands then, rules are moved
// without losing the place, and nobody is kept out on the way.
func TestSettingsByKeyboard(t *testing.T) {
	r := newRig(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: r.agent("Ana").ID, Path: "settings"})
	must(t, err)
	p := browsertest.New(t).Open(link, browsertest.Size(1280, 2300, false))
	focus := func(selector string) {
		t.Helper()
		p.WaitVisible(selector)
		for range 120 {
			if p.Has(selector + ":focus") {
				return
			}
			p.Press("Tab", 9)
		}
		t.Fatalf("the Tab key does not lead to %s", selector)
	}
	looks := func(name string) {
		t.Helper()
		axe.Check(t, p.Frame)
		if *pictures != "" {
			p.Screenshot(filepath.Join("..", *pictures, name+".png"))
		}
	}
	focus("form button")
	p.Activate()
	const hold = "#set-endpoints-support-slack-hold "
	focus(hold + "input[name=number]")
	p.Eval(`document.activeElement.select()`, nil)
	p.Commit("11")
	p.Activate()
	p.WaitText(hold+".wrong", "from 0 to 10")
	p.WaitVisible(hold + "input[aria-invalid]:focus") // the cursor is in the field that is wrong
	looks("workbench-settings-wrong")
	p.Eval(`document.activeElement.select()`, nil)
	p.Commit("3")
	p.Activate()
	p.WaitText(".told", "Saved: Time to think")
	if got := r.decisions.Policy().At(desk).Hold; got != 3*time.Second {
		t.Errorf("it is %v", got)
	}

	const routes = "#set-endpoints-website-routes "
	focus(routes + "button[value=add]")
	p.Activate()
	p.WaitVisible(routes + ".rule input[name=rule-path]:focus")
	p.Commit("/wholesale")
	focus(routes + "input[name=rule-desk-0][value=support-discord]")
	p.Press(" ", 32)
	focus(routes + "button[value=add]")
	p.Activate()
	p.WaitVisible(routes + ".rule + .rule input[name=rule-path]:focus")
	p.Commit("/")
	focus(routes + "input[name=rule-desk-1][value=support-slack]")
	p.Press(" ", 32)
	focus(routes + `button[value="up 1"]`)
	p.Activate()
	p.Wait(`document.activeElement.value === '/' && document.activeElement.name === 'rule-path'`)
	looks("workbench-settings-rules")
	focus(routes + "form > .row button")
	p.Activate()
	p.WaitText(".told", "Saved: Where conversations open")
	if rules := r.decisions.Policy().At(website).Rules; len(rules) != 2 || rules[0].Path != "/" || rules[1].Desk[0] != "support-discord" {
		t.Errorf("the rules are %+v", rules)
	}
	for _, complaint := range p.Complaints() {
		if !strings.Contains(complaint, "422") { // as what was wrong is answered
			t.Errorf("the browser complains: %s", complaint)
		}
	}
}
