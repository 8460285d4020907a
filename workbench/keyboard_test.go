package workbench_test

import (
	"fmt"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/bridge"
)

// keyboard is a tab in which nobody uses a mouse.
type keyboard struct {
	*browsertest.Page
	t *testing.T
}

// byKeyboard signs an agent in, without a mouse, and leads to a page.
func (r *rig) byKeyboard(agent bridge.Agent, path string) keyboard {
	r.t.Helper()
	link, err := r.desk.SignInLink(r.t.Context(), bridge.SignIn{Agent: agent.ID, Path: path})
	must(r.t, err)
	k := keyboard{browsertest.New(r.t).Open(link), r.t}
	k.to("form button")
	k.Activate()
	k.WaitVisible("nav")
	return k
}

// to goes on with the Tab key until an element has the focus, which can be seen there.
func (k keyboard) to(selector string) {
	k.t.Helper()
	k.WaitVisible(selector)
	for range 80 {
		if k.Has(fmt.Sprintf(":is(%s):focus-visible", selector)) {
			return
		}
		k.Press("Tab", 9)
	}
	k.t.Fatalf("the Tab key does not lead to %s", selector)
}

// calm says that the browser has complained of nothing.
func (k keyboard) calm() {
	k.t.Helper()
	for _, complaint := range k.Complaints() {
		k.t.Errorf("the browser complains: %s", complaint)
	}
}

// TestFromTheListsToAnAnswer finds who waits, opens the conversation and answers.
func TestFromTheListsToAnAnswer(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	c := r.says("Maya", "Where is my parcel?").Conversation
	k := r.byKeyboard(ana, "conversations?list=unassigned")
	k.to(fmt.Sprintf(`a[href="%s"]`, pageOf(c)))
	k.Activate()
	k.to("#text")
	k.Commit("It comes tomorrow.")
	k.to(`#reply button[value="reply"]`)
	k.Activate()
	k.WaitText("#transcript", "It comes tomorrow.")
	k.calm()
}

// TestNothingStaysAfterSigningOut: whoever goes back in the browser's history is asked who they are, as everywhere.
func TestNothingStaysAfterSigningOut(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	c := r.says("Maya", "My card ends in 4242").Conversation
	k := r.byKeyboard(ana, "conversations?list=unassigned")
	k.to(fmt.Sprintf(`a[href="%s"]`, pageOf(c)))
	k.Activate()
	k.WaitText("#transcript", "4242")
	k.to(`form[action$="/out"] button`)
	k.Activate()
	k.Wait(`!document.body.textContent.includes("4242")`)
	k.Eval(`history.back()`, nil)
	k.Wait(`location.pathname.endsWith("/in")`)
	k.WaitText("main", "Sign in")
	k.Wait(`!document.body.textContent.includes("4242") && !JSON.stringify(sessionStorage).includes("4242")`)
}

// TestInvitingByKeyboard makes an invitation for an admin, has its link, and takes it back.
func TestInvitingByKeyboard(t *testing.T) {
	r := newRig(t)
	k := r.byKeyboard(r.agent("Ana"), "team")
	k.to("select[name=role]")
	k.Press("ArrowDown", 40)
	k.to("form[action$='/invitations'] button")
	k.Activate()
	k.Wait(`document.querySelector("input[data-copy]")?.value.includes("/join?code=")`)
	k.WaitText("section + form + .scroll, form + .scroll", "one admin")
	k.to("button[name=invitation]")
	k.Activate()
	k.WaitText("main", "Nobody is invited")
	k.calm()
}

// TestSettlingByKeyboard tries a line again that did not arrive.
func TestSettlingByKeyboard(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	c := r.says("Maya", "Hello").Conversation
	r.answers(ana, c, "Good morning")
	r.refused(c, desk, "The channel is archived.")
	k := r.byKeyboard(ana, "undelivered")
	k.to("button[value=retry]")
	k.Activate()
	k.WaitText("main", "sent again")
	k.WaitText("main", "Everything has arrived")
	k.calm()
}

// TestSearchingByKeyboard looks for what was said.
func TestSearchingByKeyboard(t *testing.T) {
	r := newRig(t)
	c := r.says("Maya", "The kettle leaks").Conversation
	r.digested()
	k := r.byKeyboard(r.agent("Ana"), "conversations")
	k.to("input[type=search]")
	k.Commit("kettle")
	k.Activate()
	k.to(fmt.Sprintf(`a[href^="%s"]`, pageOf(c)))
	k.Activate()
	k.WaitText("#transcript", "The kettle leaks")
	k.calm()
}
