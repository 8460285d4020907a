package slack_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// begin runs an adapter that need not come to receive anything.
func begin(t *testing.T, a *slack.Adapter, sink *adaptertest.Sink) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func awaitRefused(t *testing.T, sink *adaptertest.Sink, words string) {
	t.Helper()
	sink.Await(t, "refused: "+words, func(h adaptertest.Heard) bool {
		return last(h).State == bridge.Refused && strings.Contains(last(h).Public, words)
	})
}

// Who signs in with Slack gives the app a token of their own. Its end is not that of the bot's.
func TestRevokedTokens(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	server.RevokeTokens(ana, "UBEN")
	server.SendEvent(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{"UOTHERBOT"}}})
	awaitServer(t, server, "the acknowledgements", func(v slacktest.State) bool { return v.Delivery().Unacked == 0 })
	say(t, server, root, "still here")
	sink.AwaitInbounds(t, 1)
	if c := last(sink.Heard()); c.State != bridge.Running {
		t.Errorf("the end of people's tokens is reported as %+v", c)
	}
	server.RevokeTokens(ana, server.Options().BotUserID)
	awaitRefused(t, sink, "bot token")
}

// What becomes of the channel is known before anybody writes, and stays so whatever the connections do.
func TestLostChannel(t *testing.T) {
	for _, private := range []bool{false, true} {
		server := slacktest.New(slacktest.Options{
			Users: []slacktest.User{{ID: ana, Name: "ana"}},
			Channels: []slacktest.Channel{
				{ID: desk, Name: "desk", Private: private, Members: []string{ana}},
				{ID: "COTHER", Name: "other", Private: private},
				{ID: "CTEAM", Name: "team", Private: private},
			},
		})
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		a := newAdapter(t, server, func(c *slack.Config) { c.Colleagues = "CTEAM" })
		sink := adaptertest.NewSink()
		run(t, server, a, sink)
		me := server.Options().BotUserID
		settled := func() {
			t.Helper()
			awaitServer(t, server, "the acknowledgements", func(v slacktest.State) bool { return v.Delivery().Unacked == 0 })
		}
		back := func(f func() error) {
			t.Helper()
			must(t, f())
			sink.Await(t, "running, with a gap", func(h adaptertest.Heard) bool { return last(h).State == bridge.Running && last(h).Gap })
		}
		for _, other := range []string{"COTHER", "CTEAM"} {
			must(t, server.Archive(ana, other, true))
			must(t, server.Leave(me, other))
		}
		settled()
		if c := last(sink.Heard()); c.State != bridge.Running {
			t.Errorf("another channel is missed: %+v", c)
		}
		must(t, server.Leave(me, desk))
		awaitRefused(t, sink, "Invite it there")
		opened := len(server.Calls("apps.connections.open", ""))
		server.Disconnect("refresh_requested", 0) // and what follows is said again
		awaitServer(t, server, "two other connections", func(v slacktest.State) bool {
			return v.Calls("apps.connections.open", "") >= opened+2 && v.Delivery().Sockets == 2
		})
		must(t, server.Join(me, "CTEAM"))
		settled()
		awaitRefused(t, sink, "Invite it there")
		back(func() error { return server.Join(me, desk) })
		must(t, server.Archive(ana, desk, true))
		awaitRefused(t, sink, "archived")
		back(func() error { return server.Archive(ana, desk, false) })
	}
}

func TestLostChannelAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		lose  func(*slacktest.Server)
		words string
	}{
		"not in it": {func(s *slacktest.Server) { _ = s.Leave(s.Options().BotUserID, desk) }, "Invite it there"},
		"archived":  {func(s *slacktest.Server) { _ = s.Archive(ana, desk, true) }, "archived"},
		"unknown": {func(s *slacktest.Server) {
			s.Fail(slacktest.Fault{Method: "conversations.info", Error: "channel_not_found"})
		}, "Check the configured id"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, slacktest.Options{})
			c.lose(server)
			a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
			begin(t, a, sink)
			awaitRefused(t, sink, c.words)
		})
	}
	for name, f := range map[string]slacktest.Fault{
		"no answer": {Status: 500}, "no scope": {Error: "missing_scope"}, "limited": {Status: 429, RetryAfter: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, slacktest.Options{})
			f.Method = "conversations.info"
			server.Fail(f)
			run(t, server, newAdapter(t, server, nil), adaptertest.NewSink()) // until it is running
		})
	}
}

// Slack greets nobody where Socket Mode is off, and takes every connection again at once.
func TestSocketModeIsOff(t *testing.T) {
	server := newServer(t, slacktest.Options{SocketModeOff: true})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	begin(t, a, sink)
	awaitRefused(t, sink, "Check that Socket Mode is on")
	time.Sleep(500 * time.Millisecond) // on real sockets only time tells that no further connection is made
	if n := len(server.Calls("apps.connections.open", "")); n < 3 || n > 2*4 {
		t.Errorf("%d connections were opened", n)
	}
}
