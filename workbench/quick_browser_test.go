package workbench_test

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/bridge"
)

// TestQuickReplyByKeyboard makes a quick reply without a mouse, while its preview follows what is typed.
func TestQuickReplyByKeyboard(t *testing.T) {
	r := newRig(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: r.agent("Ana").ID, Path: "quick-replies"})
	must(t, err)
	p := browsertest.New(t).Open(link)
	focus := func(selector string) {
		t.Helper()
		p.WaitVisible(selector)
		for range 60 {
			if p.Has(selector + ":focus") {
				return
			}
			p.Press("Tab", 9)
		}
		t.Fatalf("the Tab key does not lead to %s", selector)
	}
	focus("form button")
	p.Activate()
	focus(`a[href$="/quick-replies/new"]`)
	p.Activate()
	focus("input[name=shortcut]")
	p.Commit("refund")
	focus("textarea[name=text]")
	p.Commit("Within **14 days**, ")
	focus(".editor details.small summary")
	p.Activate()
	focus(".variables button")
	p.Activate()
	p.Wait(`document.querySelector('textarea[name=text]').value === 'Within **14 days**, {visitor.name}'`)
	p.WaitText("#preview", "Within 14 days, Robin Vale")
	focus("textarea[name=text]")
	focus(".editor .row button")
	p.Activate()
	p.WaitText(".told", "Kept: refund")
	if got := r.quick(1); got.Shortcut != "refund" {
		t.Errorf("kept is %+v", got)
	}
	for _, complaint := range p.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}
