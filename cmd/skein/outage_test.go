package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// TestSlackOutages lets Slack fail for ten seconds in every way it can, for one thread's calls or for all. Nothing is
// lost, everything stays in order, and a thread that Slack does answer for is not disturbed.
func TestSlackOutages(t *testing.T) {
	const lasts = 10 * time.Second
	post := slacktest.Fault{Method: "chat.postMessage", For: lasts}
	with := func(change func(*slacktest.Fault)) slacktest.Fault {
		f := post
		change(&f)
		return f
	}
	outages := []struct {
		name  string
		begin func(r *rig, thread string)
		other bool // the other thread must not be disturbed
	}{
		{"down", func(r *rig, _ string) {
			r.slack.SetDown(true)
			time.AfterFunc(lasts, func() { r.slack.SetDown(false) })
		}, false},
		{"500", func(r *rig, thread string) {
			r.slack.Fail(with(func(f *slacktest.Fault) { f.Thread, f.Status = thread, http.StatusInternalServerError }))
		}, true},
		{"500 after it was done", func(r *rig, thread string) {
			r.slack.Fail(with(func(f *slacktest.Fault) {
				f.Thread, f.Status, f.Act = thread, http.StatusBadGateway, true
			}))
		}, true},
		{"429", func(r *rig, _ string) {
			r.slack.Fail(with(func(f *slacktest.Fault) { f.Status, f.RetryAfter = http.StatusTooManyRequests, 3*time.Second }))
		}, false},
		{"silent", func(r *rig, thread string) {
			r.slack.Fail(with(func(f *slacktest.Fault) { f.Thread, f.Hang = thread, true }))
		}, true},
		{"silent after it was done", func(r *rig, thread string) {
			r.slack.Fail(with(func(f *slacktest.Fault) { f.Thread, f.Hang, f.Act = thread, true, true }))
		}, true},
		{"cut off in mid-answer", func(r *rig, thread string) {
			r.slack.Fail(with(func(f *slacktest.Fault) { f.Thread, f.Malformed, f.Act = thread, true, true }))
		}, true},
		{"silent sockets", func(r *rig, _ string) { r.slack.Silence() }, false},
		{"all sockets closed", func(r *rig, _ string) { r.slack.CloseSockets() }, false},
		{"disconnect warnings", func(r *rig, _ string) { r.slack.Disconnect("warning", time.Second) }, false},
	}
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "sqlite")
			r.settings["ENDPOINTS__SUPPORT_SLACK__PING_INTERVAL"] = "2s"
			p := r.start("127.0.0.1:0")
			site := r.site(p.address)
			hit, other := &guest{name: "hit", visitor: site.Visitor()}, &guest{name: "other", visitor: site.Visitor()}
			for _, g := range []*guest{hit, other} {
				must(t, r.meet(g))
				g.say(t.Context(), t, g.name+" says hello")
				must(t, r.findThread(t.Context(), g))
			}
			o.begin(r, hit.thread)
			for i := range 5 {
				hit.say(t.Context(), t, fmt.Sprintf("line %d", i))
				r.reply(hit, anaID, fmt.Sprintf("reply %d", i))
				began := time.Now()
				other.say(t.Context(), t, fmt.Sprintf("other line %d", i))
				if o.other {
					r.awaitLines(other, 2*time.Second)
					t.Logf("the other thread's line took %v", time.Since(began).Round(time.Millisecond))
				}
				time.Sleep(lasts / 10)
			}
			r.agree([]*guest{hit, other})
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}

// awaitLines waits until all that the guest said stands in Slack.
func (r *rig) awaitLines(g *guest, within time.Duration) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, within)
	defer cancel()
	err := r.slack.Await(ctx, func(s slacktest.State) bool { return len(lines(s.Thread(desk, g.thread), true)) >= len(g.said) })
	if err != nil {
		r.t.Errorf("%s: not delivered within %v", g.name, within)
	}
}
