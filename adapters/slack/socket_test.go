package slack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const patience = 30 * time.Second

// run runs an adapter until the test ends. When sockets are wanted, it waits until both are open.
func run(t *testing.T, server *slacktest.Server, a *slack.Adapter, sink *adaptertest.Sink) {
	t.Helper()
	begin(t, a, sink)
	awaitServer(t, server, "two sockets", func(v slacktest.State) bool { return v.Delivery().Sockets == 2 })
	sink.Await(t, "running", func(h adaptertest.Heard) bool {
		return last(h).State == bridge.Running
	})
}

func awaitServer(t *testing.T, server *slacktest.Server, what string, holds func(slacktest.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := server.Await(ctx, holds); err != nil {
		t.Fatalf("waited in vain for %s; %+v", what, server.Delivery())
	}
}

// openThread makes a thread as the adapter does and returns its ts.
func openThread(t *testing.T, a *slack.Adapter) (ref bridge.ThreadRef, ts string) {
	t.Helper()
	parts, err := a.Render(bridge.Delivery{Opening: true, Conversation: bridge.Conversation{ID: 12, Endpoint: "website"}})
	if err != nil {
		t.Fatal(err)
	}
	parts[0].Key = bridge.NewDeliveryKey(12, 0, 0, a.Name())
	sent, err := a.Send(t.Context(), parts[0])
	if err != nil {
		t.Fatal(err)
	}
	_, ts = place(string(sent.Thread))
	return sent.Thread, ts
}

func say(t *testing.T, server *slacktest.Server, root, text string) string {
	t.Helper()
	ts, err := server.Say(ana, desk, root, text)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func texts(ins []bridge.Inbound) []string {
	var list []string
	for _, in := range ins {
		list = append(list, rich.Plain(in.Body))
	}
	return list
}

// Slack spreads one thread over both sockets; here every event is also overtaken by the next.
func TestOrderUnderTwoSockets(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, func(c *slack.Config) { c.Settle = 2 * time.Second }) // the one that overtakes waits for all of them
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.FailEvents(slacktest.EventFault{Kind: "message", Swap: true, Times: 20})
	const lines = 40
	for i := range lines {
		say(t, server, root, fmt.Sprint(i))
	}
	server.ClearFaults()
	for i, text := range texts(sink.AwaitInbounds(t, lines)) {
		if text != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, text)
		}
	}
}

// A long line takes longer to be read from one socket than the short one after it takes from the other.
func TestLongLineIsNotOvertaken(t *testing.T) {
	server := newServer(t, slacktest.Options{AckTimeout: patience}) // a busy machine has enough to do without repeats
	a := newAdapter(t, server, nil)                                 // with the default time to settle
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	long := strings.Repeat("a long line ", 2_500)
	const times = 50
	wrong := 0
	for i := range times {
		say(t, server, root, long)
		if _, err := server.Say("UBEN", desk, root, "short"); err != nil {
			t.Fatal(err)
		}
		if got := sink.AwaitInbounds(t, 2*(i+1))[2*i:]; got[0].From.ID != ana || got[1].From.ID != "UBEN" {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d long lines were overtaken", wrong, times)
	}
}

func TestDisconnectFramesLoseNothing(t *testing.T) {
	// An event is offered four times and then given up: on a busy machine, connections take a while to be opened again.
	server := newServer(t, slacktest.Options{AckTimeout: 2 * time.Second})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	const lines = 30
	for i := range lines {
		if i%10 == 5 {
			server.Disconnect("refresh_requested", 50*time.Millisecond)
			awaitServer(t, server, "a socket", func(v slacktest.State) bool { return v.Delivery().Sockets > 0 })
		}
		say(t, server, root, fmt.Sprint(i))
	}
	awaitAll(t, server, sink, lines)
}

// awaitAll waits until lines have arrived that were not sent into the void.
func awaitAll(t *testing.T, server *slacktest.Server, sink *adaptertest.Sink, lines int) {
	t.Helper()
	lost := server.Delivery().Dropped // nothing was connected: History is for these
	got := map[string]bool{}
	for _, text := range texts(sink.AwaitInbounds(t, lines-lost)) {
		if got[text] {
			t.Errorf("%q arrived twice", text)
		}
		got[text] = true
	}
}

func TestSilentSocketsAreReplaced(t *testing.T) {
	// A busy machine must neither look like silence nor make Slack give the event up before there is another connection.
	const interval = time.Second
	server := newServer(t, slacktest.Options{PingInterval: interval / 5, AckTimeout: 5 * interval})
	a := newAdapter(t, server, func(c *slack.Config) { c.PingInterval = interval })
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.Silence()
	began := time.Now()
	say(t, server, root, "into the silence")
	sink.AwaitInbounds(t, 1)
	if took := time.Since(began); took > 20*interval {
		t.Errorf("a silent socket was noticed after %v", took)
	}
	sink.Await(t, "a gap", func(h adaptertest.Heard) bool { return gaps(h) >= 2 })
}

// TestTheOtherConnectionIsDoubted lets two connections fall silent, of which one is found to be lost long before the
// other would be: what is written from then on comes over new ones.
func TestTheOtherConnectionIsDoubted(t *testing.T) {
	const interval = 10 * time.Second
	server := newServer(t, slacktest.Options{PingInterval: interval / 20, AckTimeout: 500 * time.Millisecond})
	a := newAdapter(t, server, func(c *slack.Config) { c.PingInterval = interval })
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.Silence()
	time.Sleep(interval/2 + interval/10) // what is doubted is how long real sockets have been quiet
	before := len(server.Calls("apps.connections.open", ""))
	server.CloseOldest()
	ctx, cancel := context.WithTimeout(t.Context(), interval) // before it would be found silent itself
	defer cancel()
	err := server.Await(ctx, func(s slacktest.State) bool { return s.Calls("apps.connections.open", "") >= before+2 })
	if err != nil {
		t.Fatalf("%d connections were replaced of 2", len(server.Calls("apps.connections.open", ""))-before)
	}
	// Between the old ones and the new there is none, and Slack's events of that time are for History.
	awaitServer(t, server, "two sockets", func(v slacktest.State) bool { return v.Delivery().Sockets == 2 })
	say(t, server, root, "Is anybody there?")
	sink.AwaitInbounds(t, 1)
}

// last is the newest condition; the zero one before there is any.
func last(h adaptertest.Heard) bridge.Condition {
	if len(h.Conditions) == 0 {
		return bridge.Condition{}
	}
	return h.Conditions[len(h.Conditions)-1]
}

func gaps(h adaptertest.Heard) int {
	n := 0
	for _, c := range h.Conditions {
		if c.Gap {
			n++
		}
	}
	return n
}

func TestGapIsReportedWheneverNoSocketWasUp(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	if n := gaps(sink.Heard()); n != 1 {
		t.Fatalf("%d gaps at the start, want 1", n)
	}
	server.SetDown(true)
	sink.Await(t, "impaired", func(h adaptertest.Heard) bool {
		return last(h).State == bridge.Impaired && last(h).Public != ""
	})
	server.SetDown(false)
	sink.Await(t, "running again, with a gap", func(h adaptertest.Heard) bool {
		return last(h).State == bridge.Running && last(h).Gap
	})
}

func TestRateLimitedEventsAreAGap(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	before := gaps(sink.Heard())
	server.SendFrame([]byte(`{"type":"events_api","envelope_id":"e1","payload":{"type":"app_rate_limited","minute_rate_limited":1}}`))
	sink.Await(t, "a gap", func(h adaptertest.Heard) bool { return gaps(h) > before })
}

func TestAChannelThatTakesUsBackIsAGap(t *testing.T) {
	server := newServer(t, slacktest.Options{Channels: []slacktest.Channel{{ID: "COTHER", Name: "other"}}})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	me := server.Options().BotUserID
	back := func(how func(channel string) error) {
		t.Helper()
		before := gaps(sink.Heard())
		for _, channel := range []string{"COTHER", desk} { // another channel is no business of ours
			if err := how(channel); err != nil {
				t.Fatal(err)
			}
		}
		h := sink.Await(t, "a gap", func(h adaptertest.Heard) bool { return gaps(h) > before })
		if n := gaps(h); n != before+1 {
			t.Errorf("%d gaps, want 1", n-before)
		}
	}
	back(func(channel string) error {
		if err := server.Leave(me, channel); err != nil {
			return err
		}
		return server.Join(me, channel)
	})
	if err := server.Archive(ana, desk, true); err != nil {
		t.Fatal(err)
	}
	back(func(channel string) error { return server.Archive(ana, channel, false) })
}

// What the library cannot decode it neither delivers nor acknowledges; see that we do both, and log no word of it.
func TestStrangeEventsAreAcknowledged(t *testing.T) {
	server := newServer(t, slacktest.Options{AckTimeout: patience}) // so that what is repeated was not acknowledged, not only late
	var logged buffer
	a := newAdapter(t, server, func(c *slack.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.SendEvent(map[string]any{"type": "an_event_of_the_future", "secret": "words"})
	server.SendEvent(map[string]any{
		"type": "message", "channel": desk, "user": ana, "ts": "1700000001.000100", "thread_ts": root,
		"text": "strange blocks", "blocks": []any{map[string]any{"type": 7, "elements": "words"}}, "event_ts": "1700000001.000100",
	})
	server.SendFrame([]byte(`{"type":"events_api","envelope_id":"e1","payload":{"type":["words"]}}`))
	server.SendFrame([]byte(`{"type":"a_frame_of_the_future","envelope_id":"e2","payload":"words"}`))
	server.SendFrame([]byte(`words`))
	in := sink.AwaitInbounds(t, 1)[0]
	if rich.Plain(in.Body) != "strange blocks" {
		t.Errorf("the message arrived as %q", rich.Plain(in.Body))
	}
	awaitServer(t, server, "every acknowledgement", func(v slacktest.State) bool { return v.Delivery().Unacked == 0 })
	if n := server.Delivery().Repeated; n != 0 {
		t.Errorf("%d events had to be repeated", n)
	}
	if text := logged.String(); strings.Contains(text, "words") || strings.Contains(text, "strange") {
		t.Errorf("the log holds content: %s", text)
	}
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestRefusedAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		method, code string
		change       func(*slack.Config)
	}{
		"bot token":   {"auth.test", "invalid_auth", nil},
		"app token":   {"apps.connections.open", "invalid_auth", nil},
		"link is off": {"apps.connections.open", "socket_mode_disabled", nil},
		"no scope":    {"apps.connections.open", "missing_scope", nil},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, slacktest.Options{})
			server.Fail(slacktest.Fault{Method: c.method, Error: c.code})
			a := newAdapter(t, server, c.change)
			sink := adaptertest.NewSink()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.Run(ctx, sink) }()
			sink.Await(t, "refused", func(h adaptertest.Heard) bool {
				return last(h).State == bridge.Refused && last(h).Public != ""
			})
			if c.code != "invalid_auth" {
				cancel() // the library keeps trying; so does the adapter
			}
			err := <-ended
			cancel()
			if refused := c.code == "invalid_auth"; refused != (err != nil) {
				t.Errorf("Run ended with %v", err)
			}
			if f, ok := errors.AsType[*bridge.Failure](err); err != nil && (!ok || !f.Refused) {
				t.Errorf("the error is no Failure of the kind refused: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), server.Options().BotToken) {
				t.Errorf("the error holds a token: %v", err)
			}
		})
	}
}

func TestMissingScopesAreNamed(t *testing.T) {
	server := newServer(t, slacktest.Options{Scopes: []string{"channels:history", "groups:history", "chat:write", "users:read", "files:read"}})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	sink.Await(t, "the names of the missing scopes", func(h adaptertest.Heard) bool {
		c := last(h)
		return c.State == bridge.Impaired && c.Gap && strings.Contains(c.Public, "chat:write.customize, commands, files:write")
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNamesOfAgents(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.Fail(slacktest.Fault{Method: "users.info", Status: 500, Times: 1})
	say(t, server, root, "one")
	if from := sink.AwaitInbounds(t, 1)[0].From; from.ID != ana || from.Name != "Agent" {
		t.Errorf("without an answer the agent is %+v", from)
	}
	server.SendEvent(map[string]any{
		"type": "user_change", "event_ts": "1.000000",
		"user": map[string]any{"id": ana, "name": "ana", "profile": map[string]any{"display_name": "Ana Maria"}},
	})
	awaitServer(t, server, "the acknowledgement", func(v slacktest.State) bool { return v.Delivery().Unacked == 0 })
	say(t, server, root, "two")
	if from := sink.AwaitInbounds(t, 2)[1].From; from.Name != "Ana Maria" {
		t.Errorf("after the change the agent is %+v", from)
	}
}
