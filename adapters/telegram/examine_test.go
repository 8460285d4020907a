package telegram_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
)

func TestExamine(t *testing.T) {
	const (
		token   = "ok The token is good: it is that of @skein_bot."
		address = "ok public_url is an address that Telegram may call."
		public  = "https://chat.example.com"
		ours    = public + "/v1/telegram/shop-telegram/webhook"
	)
	hooked := func(c *telegram.Config) { c.Webhook, c.PublicURL = true, public }
	for name, test := range map[string]struct {
		cfg     func(*telegram.Config)
		prepare func(*testing.T, *telegramtest.Server)
		want    []string
	}{
		"all well": {want: []string{token, "ok No webhook takes messages away from polling; no message waits."}},
		"messages wait": {
			prepare: func(t *testing.T, s *telegramtest.Server) {
				post(t, s, telegramtest.Draft{Text: "one"})
				post(t, s, telegramtest.Draft{Text: "two"})
			},
			want: []string{token, "ok No webhook takes messages away from polling; 2 messages wait for Skein."},
		},
		"wrong token": {
			cfg:  func(c *telegram.Config) { c.Token = "1000:another" },
			want: []string{"fix Telegram refuses the bot token. Configure the one that @BotFather shows for the bot."},
		},
		"a webhook while polling": {
			prepare: func(t *testing.T, s *telegramtest.Server) {
				setWebhook(t, s, "https://other.example/hook/1000:simulated-token")
			},
			want: []string{token, "fix A webhook is set for this bot, at other.example, so that messages go there. Skein takes it away when it starts."},
		},
		"webhook": {
			cfg:     hooked,
			prepare: func(t *testing.T, s *telegramtest.Server) { setWebhook(t, s, ours) },
			want:    []string{token, address, "ok The webhook is ours; no message waits."},
		},
		"webhook before the first start": {
			cfg:  hooked,
			want: []string{token, address, "note The webhook is not set yet: Skein sets it when it starts."},
		},
		"webhook of another": {
			cfg:     hooked,
			prepare: func(t *testing.T, s *telegramtest.Server) { setWebhook(t, s, "https://other.example/hook") },
			want:    []string{token, address, "fix The webhook of this bot is at another address, at other.example."},
		},
		"down": {
			prepare: func(_ *testing.T, s *telegramtest.Server) { s.SetDown(true) },
			want:    []string{"fix Telegram did not answer. Look at the network"},
		},
		"silent": {
			cfg:     func(c *telegram.Config) { c.Timeout = 50 * time.Millisecond },
			prepare: func(_ *testing.T, s *telegramtest.Server) { s.Fail(telegramtest.Fault{Method: "getMe", Hang: true}) },
			want:    []string{"fix Telegram did not answer. Look at the network"},
		},
		"half": {
			prepare: func(_ *testing.T, s *telegramtest.Server) {
				s.Fail(telegramtest.Fault{Method: "getWebhookInfo", Status: http.StatusBadGateway})
			},
			want: []string{token, "fix Telegram had a fault of its own. Look at the network"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, telegramtest.Options{})
			if test.prepare != nil {
				test.prepare(t, server)
			}
			compare(t, newAdapter(t, server, test.cfg).Examine(t.Context()), test.want)
		})
	}
}

// TestExamineAFailingWebhook: what Telegram says about calls that do not arrive is passed on.
func TestExamineAFailingWebhook(t *testing.T) {
	server := newServer(t, telegramtest.Options{WebhookRetry: 20 * time.Millisecond})
	var well atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !well.Load() {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	setWebhook(t, server, web.URL+"/v1/telegram/shop-telegram/webhook")
	a := newAdapter(t, server, func(c *telegram.Config) { c.Webhook, c.PublicURL = true, web.URL })
	post(t, server, telegramtest.Draft{Text: "hello"})
	await(t, server, "an error", func(s telegramtest.State) bool { return s.HookError() != "" })
	compare(t, a.Examine(t.Context()), []string{
		"ok The token is good", "ok public_url is",
		"fix Telegram's calls do not arrive (Wrong response from the webhook: 404 Not Found); 1 message waits for Skein. Let Skein run, and look at",
	})
	well.Store(true)
	await(t, server, "the delivery", func(s telegramtest.State) bool { return s.Pending() == 0 })
	compare(t, a.Examine(t.Context()), []string{"ok The token is good", "ok public_url is", "ok The webhook is ours; no message waits."})
}

// TestExamineTheAddress: Telegram itself calls https and four ports only, a server of one's own any address.
func TestExamineTheAddress(t *testing.T) {
	for address, well := range map[string]bool{
		"https://chat.example.com": true, "https://chat.example.com:8443": true, "http://chat.example.com": false,
		"https://chat.example.com:444": false,
	} {
		a, err := telegram.New(telegram.Config{
			Name: "shop-telegram", Token: "1:x", Webhook: true, PublicURL: address,
			Client: &http.Client{Transport: canned(map[string]string{
				"getMe": `{"ok":true,"result":{"id":1,"is_bot":true,"username":"b_bot","first_name":"B"}}`, "getWebhookInfo": `{"ok":true,"result":{"url":""}}`,
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := a.Examine(t.Context())
		if len(got) != 3 || (got[1].Grade == bridge.Fine) != well {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// canned answers methods without a network.
type canned map[string]string

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.WriteString(c[req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]])
	return w.Result(), nil
}

// compare fails unless each finding begins as it should and none holds the token.
func compare(t *testing.T, got []bridge.Finding, want []string) {
	t.Helper()
	for i, f := range got {
		line := string(f.Grade) + " " + f.Public
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("finding %d is\n%s", i, line)
		}
		if strings.Contains(line, "simulated-token") || strings.Contains(line, "1000:") {
			t.Errorf("the token is shown: %s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d", len(got), len(want))
	}
}
