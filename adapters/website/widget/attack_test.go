package widget_test

import (
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// TestNothingRunsInTheWidget shows what a broken or hostile server might send, in every field that the widget shows.
func TestNothingRunsInTheWidget(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	const evil = `"'></p></title><script>document.title='evil'</script><img src=x onerror="document.title='evil'"><svg onload="document.title='evil'">` +
		`<iframe srcdoc="<script>parent.document.title='evil'</script>"></iframe><form action="//evil.example"><input name=q></form><b-evil></b-evil>`
	f.settings["title"], f.settings["greeting"] = evil, evil
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	f.mu.Lock()
	f.append(entry{Kind: "said", By: map[string]any{"kind": "agent", "name": evil, "avatar": "javascript:" + evil}, Text: evil, HTML: evil, From: evil, Files: []map[string]any{
		{"id": evil, "name": evil, "type": "image/png" + evil, "size": 9}, {"id": "../" + evil, "name": evil, "type": "image/png", "size": 9, "width": 9, "height": 9},
	}})
	f.mu.Unlock()
	f.agent(entry{Text: "Last"})
	w.WaitText("#skein-log", "Last")
	for name, frame := range map[string]*browsertest.Frame{"the widget": w, "the shop": p.Frame} {
		var title string
		frame.Eval(`document.title`, &title)
		if title == "evil" || frame.Has(`b-evil, iframe[srcdoc], form[action], img[src=x], [onerror], [onload], script:not([src])`) {
			t.Errorf("%s has run what it shows: its title is %q", name, title)
		}
	}
}
