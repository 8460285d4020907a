package workbench_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

func TestChannels(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b := r.signedIn(ana)
	p := b.get(workbench.Base + "/channels")
	for _, want := range []string{
		"withdrawn the app&#39;s token", "widget.js&#34; data-endpoint=&#34;website&#34;", "https://t.me/tarn_and_tor_bot<", "display_information",
		"Nothing waits to be sent.", "Conversations open threads in support-slack.", `<path d="M`,
	} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	r.says("Vera", "Hello") // the lane to Slack has nobody who works on it
	if p := b.get(workbench.Base + "/channels"); !strings.Contains(p.body, "Waiting to be sent: 1, the oldest") {
		t.Error("what waits is not told")
	}
	if p := r.signedIn(ben).get(workbench.Base + "/channels"); p.status != http.StatusForbidden {
		t.Errorf("an agent's visit is answered %d", p.status)
	}
}

func TestTestMessage(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	if p := b.post(workbench.Base+"/channels/website/test", nil); !strings.HasPrefix(p.path, workbench.Base+"/conversations/") {
		t.Errorf("the test led to %s", p.path)
	}
	page, err := r.store.Conversations(t.Context(), bridge.ConversationQuery{Limit: 10})
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].Visitor != "Test visitor" {
		t.Errorf("there are %d conversations", len(page.Rows))
	}
	for _, name := range []string{"support-slack", "shop-telegram", "nowhere"} {
		if p := b.post(workbench.Base+"/channels/"+name+"/test", nil); p.status != http.StatusNotFound {
			t.Errorf("a test of %s is answered %d", name, p.status)
		}
	}
}
