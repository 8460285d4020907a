package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

const (
	// downFor is how long a platform answers nobody, troubleFor how long it answers wrongly.
	downFor    = 10 * time.Second
	troubleFor = 6 * time.Second
)

// outage is a way for a platform to fail.
type outage struct {
	name  string
	begin func(f *floor, hit *talk)
	other bool // another conversation must not be disturbed
	acted bool // lines were accepted without an answer: where nobody can ask, they may stand there again
}

// inRoom makes the posts to the room fail, with thread only those of the conversation that is hit.
func inRoom(t trouble, thread bool) func(f *floor, hit *talk) {
	return func(f *floor, hit *talk) {
		t.lasts = troubleFor
		if thread {
			t.thread = hit.threads[0]
		}
		f.rooms[0].fail(t)
	}
}

var roomOutages = []outage{
	{name: "down", begin: func(f *floor, _ *talk) {
		f.rooms[0].setDown(true)
		time.AfterFunc(downFor, func() { f.rooms[0].setDown(false) })
	}},
	{name: "500", begin: inRoom(trouble{status: http.StatusInternalServerError}, true), other: true},
	{name: "502 after it was done", begin: inRoom(trouble{status: http.StatusBadGateway, act: true}, true), other: true},
	{name: "429", begin: inRoom(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second}, false)},
	{name: "silent", begin: inRoom(trouble{hang: true}, true), other: true},
	{name: "silent after it was done", begin: inRoom(trouble{hang: true, act: true}, true), other: true},
	{name: "cut off in mid-answer", begin: inRoom(trouble{cut: true, act: true}, true), other: true},
}

// A page instead of an answer makes the bot leave Discord alone for ten minutes, longer than a test may take.
var slackOutages = []outage{
	{name: "429 as a page", begin: inRoom(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second, html: true}, false)},
	{name: "silent sockets", begin: func(f *floor, _ *talk) { f.slack.Silence() }},
	{name: "all sockets closed", begin: func(f *floor, _ *talk) { f.slack.CloseSockets() }},
	{name: "disconnect warnings", begin: func(f *floor, _ *talk) { f.slack.Disconnect("warning", time.Second) }},
}

// onGateway does something to Discord's gateway.
func onGateway(do func(*discordtest.Server)) func(f *floor, _ *talk) {
	return func(f *floor, _ *talk) { do(f.rooms[0].(discordRoom).server) }
}

var discordOutages = []outage{
	{name: "silent gateway", begin: onGateway((*discordtest.Server).Silence)},
	{name: "mute gateway", begin: onGateway(func(s *discordtest.Server) {
		s.Mute(true)
		s.CloseSockets()
		time.AfterFunc(troubleFor, func() { s.Mute(false) })
	})},
	{name: "gateway closed", begin: onGateway((*discordtest.Server).CloseSockets)},
	{name: "op 7", begin: onGateway((*discordtest.Server).Reconnect)},
	{name: "op 7 instead of READY", begin: onGateway(func(s *discordtest.Server) {
		s.NextReconnect()
		s.Invalidate(false)
	})},
	{name: "op 9", begin: onGateway(func(s *discordtest.Server) { s.Invalidate(false) })},
	{name: "op 9, to be resumed", begin: onGateway(func(s *discordtest.Server) { s.Invalidate(true) })},
	{name: "session forgotten", begin: onGateway(func(s *discordtest.Server) {
		s.ForgetSessions()
		s.CloseSockets()
	})},
	{name: "cut within an event", begin: onGateway(func(s *discordtest.Server) {
		s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 2, Cut: true})
	})},
	{name: "events twice", begin: onGateway(func(s *discordtest.Server) { s.FailEvents(discordtest.EventFault{Copies: 1, For: troubleFor}) })},
}

// toVisitor makes what is sent to the visitor's chat fail.
func toVisitor(t trouble) func(*floor, *talk) {
	return func(_ *floor, hit *talk) {
		t.lasts = troubleFor
		hit.visitor.fail(t)
	}
}

// polls makes the bot's asking for updates fail.
func polls(fault telegramtest.Fault) func(*floor, *talk) {
	return func(f *floor, _ *talk) {
		fault.Method, fault.For = "getUpdates", troubleFor
		f.front.(*botFront).server.Fail(fault)
	}
}

var telegramOutages = []outage{
	{name: "down", begin: func(f *floor, _ *talk) {
		f.front.setDown(true)
		time.AfterFunc(downFor, func() { f.front.setDown(false) })
	}},
	{name: "500", begin: toVisitor(trouble{status: http.StatusInternalServerError}), other: true},
	{name: "502 after it was done", begin: toVisitor(trouble{status: http.StatusBadGateway, act: true}), other: true, acted: true},
	{name: "429", begin: toVisitor(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second}), other: true},
	{name: "silent", begin: toVisitor(trouble{hang: true}), other: true},
	{name: "silent after it was done", begin: toVisitor(trouble{hang: true, act: true}), other: true, acted: true},
	{name: "cut off in mid-answer", begin: toVisitor(trouble{cut: true, act: true}), other: true, acted: true},
	{name: "polls answered 409", begin: polls(telegramtest.Fault{
		Status: http.StatusConflict,
		Error:  "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
	})},
	{name: "polls answered 502", begin: polls(telegramtest.Fault{Status: http.StatusBadGateway})},
	{name: "polls cut off", begin: polls(telegramtest.Fault{Cut: true, Act: true})},
	{name: "polls dropped", begin: polls(telegramtest.Fault{Drop: true})},
}

// TestOutages lets each platform fail in every way it can, for one conversation's calls or for all. Nothing is lost,
// everything stays in order, and a conversation that the platform does answer for is not disturbed.
func TestOutages(t *testing.T) {
	for _, of := range []struct {
		pairing
		outages [][]outage
	}{
		{pairing{"website", []string{"slack"}}, [][]outage{roomOutages, slackOutages}},
		{pairing{"website", []string{"discord"}}, [][]outage{roomOutages, discordOutages}},
		{pairing{"telegram", []string{"slack"}}, [][]outage{telegramOutages}},
	} {
		for _, list := range of.outages {
			for _, o := range list {
				t.Run(of.String()+"/"+o.name, func(t *testing.T) {
					t.Parallel()
					o.befall(t, of.pairing)
				})
			}
		}
	}
}

func (o outage) befall(t *testing.T, p pairing) {
	f := newFloor(t, "sqlite", p)
	if f.slack != nil {
		f.settings["ENDPOINTS__SUPPORT_SLACK__PING_INTERVAL"] = "2s"
	}
	daemon := f.start(f.address)
	hit, other := f.talk(t, "Hit"), f.talk(t, "Other")
	for _, s := range []*talk{hit, other} {
		s.wait, s.apart = 2*time.Minute, true
		s.visitorSaid(s.name + " says hello")
	}
	o.begin(f, hit)
	for i := range 5 {
		hit.says(fmt.Sprintf("line %d", i))
		hit.agentSays(fmt.Sprintf("reply %d", i)).repeats = o.acted && hit.visitor.can().unasked
		began := time.Now()
		other.says(fmt.Sprintf("other line %d", i))
		other.agentSays(fmt.Sprintf("other reply %d", i))
		if o.other {
			other.undisturbed(2 * time.Second)
			t.Logf("the other conversation took %v", time.Since(began).Round(time.Millisecond))
		}
		time.Sleep(troubleFor / 10)
	}
	hit.agrees()
	other.agrees()
	f.opened(t, 2)
	if t.Failed() {
		t.Log(daemon.stderr)
	}
}

// undisturbed waits until all is everywhere.
func (s *talk) undisturbed(within time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, within)
	defer cancel()
	var wrong string
	if !until(ctx, func() bool { wrong = s.differences(); return wrong == "" }) {
		s.t.Errorf("%s: not delivered within %v: %s", s.name, within, wrong)
	}
}
