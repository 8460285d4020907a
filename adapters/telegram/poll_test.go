package telegram_test

import (
	"context"
	"errors"
	"net/http"
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
	"github.com/skeindesk/skein/bridge/rich"
)

// run runs an adapter until the test ends, or until stop is called, and waits until it receives.
func run(t *testing.T, a *telegram.Adapter, sink *adaptertest.Sink) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	var stopped atomic.Bool
	stop = func() {
		cancel()
		if stopped.CompareAndSwap(false, true) {
			if err := <-ended; err != nil {
				t.Errorf("Run ended with %v when its context did", err)
			}
		}
	}
	t.Cleanup(stop)
	sink.Await(t, "running", func(h adaptertest.Heard) bool { return last(h).State == bridge.Running })
	return stop
}

func last(h adaptertest.Heard) bridge.Condition {
	if len(h.Conditions) == 0 {
		return bridge.Condition{}
	}
	return h.Conditions[len(h.Conditions)-1]
}

// await waits for a condition of the simulated Telegram.
func await(t *testing.T, server *telegramtest.Server, what string, holds func(telegramtest.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := server.Await(ctx, holds); err != nil {
		t.Fatalf("waited in vain for %s; the chat is %+v", what, server.Chat(vera))
	}
}

// post is what Vera does.
func post(t *testing.T, server *telegramtest.Server, d telegramtest.Draft) int64 {
	t.Helper()
	id, err := server.Post(vera, vera, d)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func texts(ins []bridge.Inbound) []string {
	var list []string
	for _, in := range ins {
		list = append(list, rich.Plain(in.Body))
	}
	return list
}

// What was handed on and not stored is offered again, to whoever polls next, under the same key.
func TestNothingIsConfirmedBeforeItIsStored(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	away := adaptertest.NewSink()
	away.OnReceive = func(context.Context, bridge.Inbound) error { return errors.New("the database is away") }
	stop := run(t, newAdapter(t, server, nil), away)
	for i := range 5 {
		post(t, server, telegramtest.Draft{Text: "line " + strconv.Itoa(i)})
	}
	away.Await(t, "offers", func(h adaptertest.Heard) bool { return h.Offers > 2 })
	stop()
	await(t, server, "five updates", func(s telegramtest.State) bool { return s.Pending() == 5 })

	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	ins := sink.AwaitInbounds(t, 5)
	if got := texts(ins); !slices.Equal(got, []string{"line 0", "line 1", "line 2", "line 3", "line 4"}) {
		t.Errorf("afterwards came %q", got)
	}
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}

// One chat whose lines cannot be stored does not hold up another, and confirms nothing.
func TestAChatThatWaitsHoldsUpNoOther(t *testing.T) {
	server := newServer(t, telegramtest.Options{Users: []telegramtest.User{{ID: 8, FirstName: "Max"}}})
	var open atomic.Bool
	sink := adaptertest.NewSink()
	sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
		if in.Thread == "7001" && !open.Load() {
			return errors.New("not now")
		}
		return nil
	}
	run(t, newAdapter(t, server, nil), sink)
	post(t, server, telegramtest.Draft{Text: "waits"})
	sink.Await(t, "an offer", func(h adaptertest.Heard) bool { return h.Offers > 0 })
	for i := range 3 {
		if _, err := server.Say(8, 8, "line "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := texts(sink.AwaitInbounds(t, 3)); !slices.Equal(got, []string{"line 0", "line 1", "line 2"}) {
		t.Errorf("meanwhile came %q", got)
	}
	server.Look(func(s telegramtest.State) {
		if s.Pending() != 4 {
			t.Errorf("%d updates wait, want 4: the first is not stored", s.Pending())
		}
	})
	open.Store(true)
	sink.AwaitInbounds(t, 4)
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}

func TestAnAlbumIsOneLine(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, func(c *telegram.Config) { c.AlbumTime = 3 * time.Second }), sink) // its items come one by one
	group := server.NewGroup()
	item := func(name, caption string) int64 {
		return post(t, server, telegramtest.Draft{Text: caption, Group: group, Attach: telegramtest.Document(name, "text/plain", []byte(name))})
	}
	first := item("one.txt", "my papers")
	second := item("two.txt", "")
	item("three.txt", "")
	post(t, server, telegramtest.Draft{Text: "that is all"})
	ins := sink.AwaitInbounds(t, 2)
	album := ins[0]
	if len(album.Files) != 3 || rich.Plain(album.Body) != "my papers" || album.Message != ref(vera, first) || len(album.Album) != 3 {
		t.Fatalf("the album arrived as %+v", album)
	}
	if got := rich.Plain(ins[1].Body); got != "that is all" {
		t.Errorf("after the album came %q", got)
	}
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })

	late := item("late.txt", "forgot this")
	in := sink.AwaitInbounds(t, 3)[2]
	if len(in.Files) != 1 || in.Message != ref(vera, late) || rich.Plain(in.Body) != "forgot this" {
		t.Errorf("the late item arrived as %+v", in)
	}
	if err := server.Edit(vera, vera, second, "number two"); err != nil {
		t.Fatal(err)
	}
	in = sink.AwaitInbounds(t, 4)[3]
	if in.Kind != bridge.InEdited || in.Target != album.Message || rich.Plain(in.Body) != "my papers\n\nnumber two" {
		t.Errorf("the edit of the second caption arrived as %+v", in)
	}
	if err := server.Edit(vera, vera, late, "still forgot"); err != nil {
		t.Fatal(err)
	}
	if in = sink.AwaitInbounds(t, 5)[4]; in.Target != ref(vera, late) {
		t.Errorf("the edit of the late item is of %q", in.Target)
	}
}

// The items of an album stay unconfirmed until all of it is stored: whoever comes after a crash gets them all.
func TestAnAlbumIsNotConfirmedInPart(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	slow := adaptertest.NewSink()
	stop := run(t, newAdapter(t, server, func(c *telegram.Config) { c.AlbumTime = time.Hour }), slow)
	polls := len(server.Calls("getUpdates", 0))
	group := server.NewGroup()
	for _, name := range []string{"one.txt", "two.txt"} {
		post(t, server, telegramtest.Draft{Group: group, Attach: telegramtest.Document(name, "text/plain", []byte(name))})
	}
	await(t, server, "several polls", func(s telegramtest.State) bool { return s.Calls("getUpdates", 0) > polls+3 })
	stop()
	if n := slow.Heard().Offers; n > 0 {
		t.Fatalf("%d items were handed on alone", n)
	}
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	if in := sink.AwaitInbounds(t, 1)[0]; len(in.Files) != 2 {
		t.Errorf("after the crash the album arrived as %+v", in)
	}
}

func TestUpdateNumbersMayStartAnew(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, func(c *telegram.Config) { c.PollTime = time.Second }), sink)
	post(t, server, telegramtest.Draft{Text: "before"})
	sink.AwaitInbounds(t, 1)
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
	polls := len(server.Calls("getUpdates", 0))
	// The poll that confirms has been answered, and so has come here, once another one has.
	await(t, server, "an answer to it", func(s telegramtest.State) bool { return s.Calls("getUpdates", 0) > polls+1 })
	server.SetDown(true) // so that these wait when we ask again
	await(t, server, "the end of the poll", func(s telegramtest.State) bool { return !s.Polling() })
	server.RestartUpdateIDs(5)
	for _, text := range []string{"after", "and again"} {
		post(t, server, telegramtest.Draft{Text: text})
	}
	server.SetDown(false)
	if got := texts(sink.AwaitInbounds(t, 3)); !slices.Equal(got, []string{"before", "after", "and again"}) {
		t.Errorf("came %q", got)
	}
}

func TestMalformedUpdatesAreConfirmed(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	for _, update := range []string{
		`{"update_id":%ID%}`, `{"update_id":%ID%,"message":7}`, `{"update_id":%ID%,"message":{"chat":null}}`,
		`{"update_id":%ID%,"later":{"x":1}}`, `{"update_id":%ID%,"message":{"message_id":"x","chat":{"id":7001,"type":"private"}}}`,
	} {
		if _, err := server.Inject(update); err != nil {
			t.Fatal(err)
		}
	}
	post(t, server, telegramtest.Draft{Text: "hello"})
	sink.AwaitInbounds(t, 1)
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}

func TestOutage(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	server.SetDown(true)
	sink.Await(t, "impaired", func(h adaptertest.Heard) bool { return last(h).State == bridge.Impaired })
	server.SetDown(false)
	post(t, server, telegramtest.Draft{Text: "hello?"})
	sink.AwaitInbounds(t, 1)
	h := sink.Await(t, "running", func(h adaptertest.Heard) bool { return last(h).State == bridge.Running })
	if !last(h).Gap {
		t.Error("the outage is not reported as a gap")
	}
}

func TestAskedToWait(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	server.Fail(telegramtest.Fault{Method: "getUpdates", Times: 1, Status: http.StatusTooManyRequests, RetryAfter: time.Second})
	post(t, server, telegramtest.Draft{Text: "one"})
	post(t, server, telegramtest.Draft{Text: "two"})
	sink.AwaitInbounds(t, 2)
	calls := server.Calls("getUpdates", 0)
	for i, c := range calls[1:] {
		if calls[i].Status == http.StatusTooManyRequests && c.At.Sub(calls[i].At) < time.Second {
			t.Errorf("asked to wait a second, it asked again after %v", c.At.Sub(calls[i].At))
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Run("another poller", func(t *testing.T) {
		server := newServer(t, telegramtest.Options{})
		sink := adaptertest.NewSink()
		run(t, newAdapter(t, server, nil), sink)
		server.Fail(telegramtest.Fault{
			Method: "getUpdates", Times: 2, Status: http.StatusConflict,
			Error: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
		})
		post(t, server, telegramtest.Draft{Text: "wakes the poll"})
		h := sink.Await(t, "refused", func(h adaptertest.Heard) bool { return last(h).State == bridge.Refused })
		if !strings.Contains(last(h).Public, "Another program") {
			t.Errorf("operators are told %q", last(h).Public)
		}
		sink.Await(t, "running", func(h adaptertest.Heard) bool { return last(h).State == bridge.Running })
	})
	t.Run("a webhook", func(t *testing.T) {
		server := newServer(t, telegramtest.Options{})
		sink := adaptertest.NewSink()
		run(t, newAdapter(t, server, nil), sink)
		setWebhook(t, server, "http://127.0.0.1:1/elsewhere")
		post(t, server, telegramtest.Draft{Text: "not lost"})
		sink.Await(t, "impaired", func(h adaptertest.Heard) bool {
			return slices.ContainsFunc(h.Conditions, func(c bridge.Condition) bool { return strings.Contains(c.Public, "webhook") })
		})
		sink.AwaitInbounds(t, 1)
	})
	t.Run("a webhook from before", func(t *testing.T) {
		server := newServer(t, telegramtest.Options{})
		setWebhook(t, server, "http://127.0.0.1:1/elsewhere")
		post(t, server, telegramtest.Draft{Text: "waiting"})
		sink := adaptertest.NewSink()
		run(t, newAdapter(t, server, nil), sink)
		sink.AwaitInbounds(t, 1)
		if c := server.Calls("getUpdates", 0)[0]; c.Status != http.StatusOK {
			t.Errorf("the first poll was answered %d: the webhook was not taken away before", c.Status)
		}
	})
}

// setWebhook does what another program with the same token does.
func setWebhook(t *testing.T, server *telegramtest.Server, address string) {
	t.Helper()
	resp, err := http.Post(server.URL()+"/bot"+server.Options().Token+"/setWebhook", "application/x-www-form-urlencoded", strings.NewReader("url="+address))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

func TestATokenThatIsRefused(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, func(c *telegram.Config) { c.Token = "1000:another" })
	err := a.Run(t.Context(), sink)
	if f := bridge.AsFailure(err); !f.Refused || !strings.Contains(f.Public, "@BotFather") {
		t.Errorf("Run ends with %v", err)
	}
	if last(sink.Heard()).State != bridge.Refused {
		t.Errorf("the condition is %+v", last(sink.Heard()))
	}
	b := newAdapter(t, server, nil)
	ended := make(chan error, 1)
	sink = adaptertest.NewSink()
	go func() { ended <- b.Run(t.Context(), sink) }()
	sink.Await(t, "running", func(h adaptertest.Heard) bool { return last(h).State == bridge.Running })
	server.SetToken("1000:renewed")
	post(t, server, telegramtest.Draft{Text: "wakes the poll"})
	if f := bridge.AsFailure(<-ended); !f.Refused {
		t.Errorf("after the token was revoked Run ends with %+v", f)
	}
}
