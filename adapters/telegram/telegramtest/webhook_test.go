package telegramtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// receiver is a bot's webhook that fails a number of times.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	failing int
	tries   int
	texts   []string
}

func receive(t *testing.T, secret string, failing int) *receiver {
	r := &receiver{failing: failing}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tries++
		var u update
		if err := json.NewDecoder(req.Body).Decode(&u); err != nil || u.Message == nil {
			t.Errorf("posted update: %+v, %v", u, err)
			return
		}
		if got := req.Header.Get("X-Telegram-Bot-Api-Secret-Token"); got != secret {
			t.Errorf("secret token %q", got)
		}
		if r.failing > 0 {
			r.failing--
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		r.texts = append(r.texts, u.Message.Text)
	}))
	t.Cleanup(r.Close)
	return r
}

func drained(v telegramtest.State) bool { return v.Pending() == 0 }

func TestWebhookRepeatsInOrder(t *testing.T) {
	s, bot := start(t, nil)
	hook := receive(t, "s3cret", 2)
	sayAll(t, s, "before")
	do[bool](t, bot, "setWebhook", "url", hook.URL, "secret_token", "s3cret", "max_connections", 1)
	sayAll(t, s, "one", "two")
	if _, err := s.Say(willi, willi, "three"); err != nil {
		t.Fatal(err)
	}
	await(t, s, drained)
	hook.mu.Lock()
	defer hook.mu.Unlock()
	if !slices.Equal(hook.texts, []string{"before", "one", "two", "three"}) || hook.tries != 6 {
		t.Fatalf("got %q in %d tries", hook.texts, hook.tries)
	}
	info := do[tgbotapi.WebhookInfo](t, bot, "getWebhookInfo")
	if info.URL != hook.URL || info.LastErrorMessage != "Wrong response from the webhook: 502 Bad Gateway" || info.PendingUpdateCount != 0 || info.MaxConnections != 1 {
		t.Fatalf("got %+v", info)
	}
}

// TestWebhookConnections holds one chat's updates up: those of another go on, its own wait.
func TestWebhookConnections(t *testing.T) {
	s, bot := start(t, nil)
	var mu sync.Mutex
	var got []string
	gate := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var u update
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			t.Error(err)
		}
		if u.Message.Text == "first" {
			<-gate
		}
		mu.Lock()
		defer mu.Unlock()
		if got = append(got, u.Message.Text); u.Message.Text == "other" {
			close(gate)
		}
	}))
	t.Cleanup(hook.Close)
	do[bool](t, bot, "setWebhook", "url", hook.URL, "max_connections", 2)
	sayAll(t, s, "first", "second")
	must(s.Say(willi, willi, "other"))(t)
	await(t, s, drained)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(got, []string{"other", "first", "second"}) {
		t.Fatalf("got %q", got)
	}
}

func TestWebhookExcludesPolling(t *testing.T) {
	s, bot := start(t, nil)
	hook := receive(t, "", 1<<30)
	poller := poll(bot, 50)
	await(t, s, telegramtest.State.Polling)
	do[bool](t, bot, "setWebhook", "url", hook.URL)
	if err := <-poller; err == nil {
		t.Fatal("the poll was not ended")
	}
	refused(t, bot, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", "getUpdates")
	sayAll(t, s, "kept")
	await(t, s, func(telegramtest.State) bool { hook.mu.Lock(); defer hook.mu.Unlock(); return hook.tries > 1 })
	do[bool](t, bot, "deleteWebhook")
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"kept"}) {
		t.Fatalf("got %q", got)
	}
	do[bool](t, bot, "deleteWebhook", "drop_pending_updates", true)
	if got := updates(t, bot, 0); len(got) != 0 {
		t.Fatalf("got %+v", got)
	}
}

func TestWebhookRefusals(t *testing.T) {
	_, bot := start(t, nil)
	refused(t, bot, 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook", "setWebhook", "url", "ftp://x")
	refused(t, bot, 400, "Bad Request: secret token contains unallowed characters", "setWebhook", "url", "https://x", "secret_token", "a b")
}
