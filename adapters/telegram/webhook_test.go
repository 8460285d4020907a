package telegram_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
)

const secret = "a-configured-secret"

// newHook returns an adapter in webhook mode behind a real address.
func newHook(t *testing.T, server *telegramtest.Server, change func(*telegram.Config)) (a *telegram.Adapter, address string) {
	t.Helper()
	var handler atomic.Pointer[http.Handler]
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	a = newAdapter(t, server, func(c *telegram.Config) {
		c.Webhook, c.PublicURL, c.WebhookSecret = true, web.URL+"/", secret
		if change != nil {
			change(c)
		}
	})
	h := a.Handler()
	handler.Store(&h)
	return a, web.URL + a.Route() + "webhook"
}

func TestWebhook(t *testing.T) {
	server := newServer(t, telegramtest.Options{WebhookRetry: 20 * time.Millisecond})
	a, _ := newHook(t, server, nil)
	sink := adaptertest.NewSink()
	var refusals atomic.Int32
	sink.OnReceive = func(context.Context, bridge.Inbound) error {
		if refusals.Add(1) <= 2 {
			return context.DeadlineExceeded
		}
		return nil
	}
	run(t, a, sink)
	var want []string
	for i := range 5 {
		want = append(want, "line "+strconv.Itoa(i))
		post(t, server, telegramtest.Draft{Text: want[i]})
	}
	if got := texts(sink.AwaitInbounds(t, 5)); !slices.Equal(got, want) {
		t.Errorf("came %q", got)
	}
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}

// Over the webhook Telegram waits for our answer before it sends an album's next item: nothing waits for that.
func TestAnAlbumOverTheWebhook(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	a, _ := newHook(t, server, func(c *telegram.Config) { c.AlbumTime = time.Hour })
	sink := adaptertest.NewSink()
	run(t, a, sink)
	if _, err := server.Album(vera, vera, "two", telegramtest.Document("a.txt", "text/plain", []byte("a")), telegramtest.Document("b.txt", "text/plain", []byte("b"))); err != nil {
		t.Fatal(err)
	}
	for _, in := range sink.AwaitInbounds(t, 2) {
		if len(in.Files) != 1 {
			t.Errorf("an item arrived as %+v", in)
		}
	}
}

func TestTheWebhookRefuses(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	a, address := newHook(t, server, nil)
	call := func(secret, body string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	update := `{"update_id":9,"message":{"message_id":5,"date":1,"chat":{"id":7001,"type":"private"},"from":{"id":7001,"first_name":"Vera"},"text":"x"}}`
	if got := call(secret, update); got != http.StatusServiceUnavailable {
		t.Errorf("before it runs the answer is %d", got)
	}
	sink := adaptertest.NewSink()
	stop := run(t, a, sink)
	for _, c := range []struct {
		secret, body string
		want         int
	}{
		{"", update, http.StatusUnauthorized},
		{"another", update, http.StatusUnauthorized},
		{secret + "x", update, http.StatusUnauthorized},
		{secret, strings.Repeat("x", 2<<20), http.StatusRequestEntityTooLarge},
		{secret, "not json", http.StatusOK},
		{secret, update, http.StatusOK},
		{secret, update, http.StatusOK},
	} {
		if got := call(c.secret, c.body); got != c.want {
			t.Errorf("with the secret %q and %.20q the answer is %d, want %d", c.secret, c.body, got, c.want)
		}
	}
	if n := len(sink.AwaitInbounds(t, 1)); n != 1 {
		t.Errorf("%d inbounds came of one message", n)
	}
	stop()
	if got := call(secret, update); got != http.StatusServiceUnavailable {
		t.Errorf("after it ran the answer is %d", got)
	}
}

// Until an update is stored the call is not answered, and never with success.
func TestTheWebhookAnswersAfterStoring(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	a, _ := newHook(t, server, nil)
	arrived, release := make(chan struct{}), make(chan struct{})
	sink := adaptertest.NewSink()
	sink.OnReceive = func(context.Context, bridge.Inbound) error {
		close(arrived)
		<-release
		return nil
	}
	run(t, a, sink)
	post(t, server, telegramtest.Draft{Text: "hello"})
	<-arrived
	server.Look(func(s telegramtest.State) {
		if s.Pending() != 1 {
			t.Error("the update was confirmed before it was stored")
		}
	})
	close(release)
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}
