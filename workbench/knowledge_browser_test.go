package workbench_test

import (
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
)

// TestArticleByKeyboard looks for an article, writes one and tries a question, without a mouse.
func TestArticleByKeyboard(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	r.knows(ana, returns(), shipping())
	k := r.byKeyboard(ana, "knowledge")
	k.to("input[name=q]")
	k.Commit("label")
	k.Wait(`document.querySelectorAll('#found tbody tr').length === 1`)
	k.to(`a[href$="/knowledge/edit"]`)
	k.Activate()
	k.to("input[name=title]")
	k.Commit("Is the stove allowed on a plane?")
	k.to("textarea[name=text]")
	k.Commit("Without the gas.")
	k.to(".editor .row button")
	k.Activate()
	k.WaitText(".told", "Kept.")
	if a, err := r.article("is-the-stove-allowed-on-a-plane", ""); err != nil || rich.Plain(a.Body) != "Without the gas." {
		t.Errorf("kept is %+v: %v", a, err)
	}
	k.to(`nav a[href$="/knowledge"]`)
	k.Activate()
	k.to("input[name=ask]")
	k.Commit("can I take the stove on a plane")
	k.to(".trial button")
	k.Activate()
	k.WaitText("[role=status]", "The robot would answer with the first.")
	k.calm()
}
