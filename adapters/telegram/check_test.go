package telegram

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
)

// What is asked of Telegram once a minute while it is to call us.
func TestCheckWebhook(t *testing.T) {
	server := telegramtest.New(telegramtest.Options{Users: []telegramtest.User{{ID: 7, FirstName: "Vera"}}})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	a := newTestAdapter(t, func(c *Config) {
		c.Token, c.APIURL, c.Webhook, c.PublicURL = server.Options().Token, server.URL(), true, "http://127.0.0.1:1"
	})
	sink := adaptertest.NewSink()
	r := &receiver{Adapter: a, ctx: t.Context(), sink: sink}
	condition := func() bridge.Condition {
		all := sink.Heard().Conditions
		return all[len(all)-1]
	}
	check := func() {
		t.Helper()
		if err := r.checkWebhook(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check() // there is none yet, as after another program has taken it away
	check()
	if c := condition(); c.State != bridge.Running {
		t.Errorf("set anew, the condition is %+v", c)
	}
	if _, err := server.Say(7, 7, "hello"); err != nil { // nobody listens at that address
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); condition().State != bridge.Impaired && time.Now().Before(deadline); {
		check() // until the simulated Telegram has tried
	}
	if c := condition(); !strings.HasPrefix(c.Public, "Telegram's calls do not arrive here: ") {
		t.Errorf("operators are told %q", c.Public)
	}
	server.SetDown(true)
	check()
	if c := condition(); c.State != bridge.Impaired {
		t.Errorf("while Telegram is away the condition is %+v", c)
	}
	server.SetDown(false)
	server.SetToken("1000:renewed")
	if err := r.checkWebhook(t.Context()); !bridge.AsFailure(err).Refused {
		t.Errorf("with a token that was revoked: %v", err)
	}
}
