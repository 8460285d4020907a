package slacktest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// attempt posts once and returns the error.
func attempt(t *testing.T, c *slack.Client, channel string) error {
	t.Helper()
	_, _, err := c.PostMessageContext(t.Context(), channel, slack.MsgOptionText("x", false))
	return err
}

func TestFaultsOfCalls(t *testing.T) {
	var status slack.StatusCodeError
	var limited *slack.RateLimitedError
	cases := []struct {
		name   string
		fault  slacktest.Fault
		want   func(error) bool
		posted int
	}{
		{"502", slacktest.Fault{Status: 502}, func(err error) bool { return errors.As(err, &status) && status.Code == 502 }, 0},
		{"502 after acting", slacktest.Fault{Status: 502, Act: true}, func(err error) bool { return errors.As(err, &status) }, 1},
		{
			"429",
			slacktest.Fault{Status: 429, RetryAfter: 7 * time.Second},
			func(err error) bool { return errors.As(err, &limited) && limited.RetryAfter == 7*time.Second }, 0,
		},
		{
			"429 as HTML",
			slacktest.Fault{Status: 429, RetryAfter: time.Second, HTML: true},
			func(err error) bool { return errors.As(err, &limited) }, 0,
		},
		{"dropped", slacktest.Fault{Drop: true}, func(err error) bool { return err != nil }, 0},
		{"dropped after acting", slacktest.Fault{Drop: true, Act: true}, func(err error) bool { return err != nil }, 1},
		{"malformed", slacktest.Fault{Malformed: true}, func(err error) bool { return err != nil }, 0},
		{"code", slacktest.Fault{Error: "internal_error"}, func(err error) bool { return err.Error() == "internal_error" }, 0},
		{"latency alone", slacktest.Fault{Latency: time.Millisecond}, func(err error) bool { return err == nil }, 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s, c := start(t, nil)
			tc.fault.Method, tc.fault.Channel, tc.fault.Times = "chat.postMessage", desk, 1
			standing := s.Fail(tc.fault)
			if err := attempt(t, c, secret); err != nil {
				t.Fatalf("another channel: %v", err)
			}
			if err := attempt(t, c, desk); !tc.want(err) {
				t.Fatalf("got %v", err)
			}
			if got := len(s.Channel(desk)); got != tc.posted || standing.Hits() != 1 {
				t.Fatalf("posted %d, hits %d", got, standing.Hits())
			}
			if err := attempt(t, c, desk); err != nil {
				t.Fatalf("after the fault: %v", err)
			}
		})
	}
}

func TestHangEndsWithClientOrClear(t *testing.T) {
	s, c := start(t, nil)
	fault := s.Fail(slacktest.Fault{Hang: true, Act: true})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 2)
	send := func(ctx context.Context) {
		_, _, err := c.PostMessageContext(ctx, desk, slack.MsgOptionText("x", false))
		failed <- err
	}
	go send(ctx)
	await(t, s, func(v slacktest.State) bool { return v.Posted(desk) == 1 })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	go send(t.Context())
	await(t, s, func(v slacktest.State) bool { return v.Posted(desk) == 2 })
	fault.Clear()
	if err := <-failed; err == nil {
		t.Fatal("a hung call was answered")
	}
	if err := attempt(t, c, desk); err != nil {
		t.Fatal(err)
	}
}

func TestDownAndUp(t *testing.T) {
	s, c := start(t, nil)
	sock := dial(t, s)
	sock.frame(t)
	s.SetDown(true)
	if _, _, err := sock.ReadMessage(); err == nil {
		t.Fatal("the socket survived")
	}
	if err := attempt(t, c, desk); err == nil {
		t.Fatal("answered while down")
	}
	s.SetDown(false)
	if err := attempt(t, c, desk); err != nil {
		t.Fatal(err)
	}
}

func TestRateLimitPerChannel(t *testing.T) {
	s, c := start(t, func(o *slacktest.Options) {
		o.Limits = slacktest.Limits{"chat.postMessage": {Every: time.Hour, Burst: 2, PerChannel: true}}
	})
	for range 2 {
		if err := attempt(t, c, desk); err != nil {
			t.Fatal(err)
		}
	}
	var limited *slack.RateLimitedError
	if err := attempt(t, c, desk); !errors.As(err, &limited) || limited.RetryAfter < 59*time.Minute {
		t.Fatalf("got %v", err)
	}
	if err := attempt(t, c, secret); err != nil {
		t.Fatalf("another channel: %v", err)
	}
	s.Look(func(v slacktest.State) {
		if v.Limited("chat.postMessage", desk) != 1 || v.Limited("chat.postMessage", "") != 1 || v.Calls("chat.postMessage", desk) != 3 {
			t.Errorf("limited %d, calls %d", v.Limited("chat.postMessage", desk), v.Calls("chat.postMessage", desk))
		}
	})
	s.SetLimits(nil)
	if err := attempt(t, c, desk); err != nil {
		t.Fatal(err)
	}
}

func TestCallsAreSeen(t *testing.T) {
	seen := make(chan slacktest.Call, 4)
	s, c := start(t, func(o *slacktest.Options) { o.OnCall = func(call slacktest.Call) { seen <- call } })
	before := time.Now()
	ts := post(t, c, desk, slack.MsgOptionText("hello", false))
	call := <-seen
	if call.Method != "chat.postMessage" || call.TS != ts || call.Params["text"] != "hello" || call.At.Before(before) ||
		call.Status != http.StatusOK || call.Error != "" {
		t.Fatalf("call %+v", call)
	}
	if list := s.Calls("chat.postMessage", desk); len(list) != 1 || list[0].TS != ts {
		t.Fatalf("calls %+v", list)
	}
}
