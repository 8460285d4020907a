package main

import (
	"fmt"
	"net/http"
	"slices"
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

// outage is a way for a platform to fail, for all, or for one conversation only, and then until it is told to end: another
// one must not be disturbed.
type outage struct {
	name  string
	begin func(f *floor, hit *talk)
	ofOne func(f *floor, hit *talk) standing
	acted bool // lines were accepted without an answer: where nobody can ask, they may stand there again
}

// inRoom makes the posts to the room fail.
func inRoom(t trouble) func(f *floor, _ *talk) {
	return func(f *floor, _ *talk) {
		t.lasts = troubleFor
		f.rooms[0].fail(t)
	}
}

// inOneThread makes the posts of the conversation that is hit fail.
func inOneThread(t trouble) func(f *floor, hit *talk) standing {
	return func(f *floor, hit *talk) standing {
		t.thread = hit.threads[0]
		return f.rooms[0].fail(t)
	}
}

var roomOutages = []outage{
	{name: "down", begin: func(f *floor, _ *talk) {
		f.rooms[0].setDown(true)
		time.AfterFunc(downFor, func() { f.rooms[0].setDown(false) })
	}},
	{name: "500", ofOne: inOneThread(trouble{status: http.StatusInternalServerError})},
	{name: "502 after it was done", ofOne: inOneThread(trouble{status: http.StatusBadGateway, act: true})},
	{name: "429", begin: inRoom(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second})},
	{name: "silent", ofOne: inOneThread(trouble{hang: true})},
	{name: "silent after it was done", ofOne: inOneThread(trouble{hang: true, act: true})},
	{name: "cut off in mid-answer", ofOne: inOneThread(trouble{cut: true, act: true})},
}

// A page instead of an answer makes the bot leave Discord alone for ten minutes, longer than a test may take.
var slackOutages = []outage{
	{name: "429 as a page", begin: inRoom(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second, html: true})},
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
func toVisitor(t trouble) func(*floor, *talk) standing {
	return func(_ *floor, hit *talk) standing { return hit.visitor.fail(t) }
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
	{name: "500", ofOne: toVisitor(trouble{status: http.StatusInternalServerError})},
	{name: "502 after it was done", ofOne: toVisitor(trouble{status: http.StatusBadGateway, act: true}), acted: true},
	{name: "429", ofOne: toVisitor(trouble{status: http.StatusTooManyRequests, wait: 3 * time.Second})},
	{name: "silent", ofOne: toVisitor(trouble{hang: true})},
	{name: "silent after it was done", ofOne: toVisitor(trouble{hang: true, act: true}), acted: true},
	{name: "cut off in mid-answer", ofOne: toVisitor(trouble{cut: true, act: true}), acted: true},
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
	if o.ofOne != nil {
		o.befallOne(f, hit, other)
	} else {
		o.begin(f, hit)
		for i := range 5 {
			o.write(hit, i)
			other.says(fmt.Sprintf("other line %d", i))
			other.agentSays(fmt.Sprintf("other reply %d", i))
			time.Sleep(troubleFor / 10)
		}
	}
	hit.agrees()
	other.agrees()
	f.opened(t, 2)
	if t.Failed() {
		t.Log(daemon.stderr)
	}
}

// write is both sides writing while there is trouble.
func (o outage) write(hit *talk, i int) {
	hit.says(fmt.Sprintf("line %d", i))
	hit.agentSays(fmt.Sprintf("reply %d", i)).repeats = o.acted && hit.visitor.can().unasked
}

// befallOne compares how long the other conversation takes while the trouble stands with how long it takes before and
// afterwards. A busy machine may be late with one or two turns, or with all of them. But whoever waits for the one in
// trouble is late with most, as that waits ever longer between its attempts, or with one for as long as a call without an
// answer takes.
func (o outage) befallOne(f *floor, hit, other *talk) {
	usual := other.turns(3, func(int) {})
	trouble := o.ofOne(f, hit)
	began := time.Now()
	turns := other.turns(5, func(i int) { o.write(hit, i) })
	time.Sleep(time.Until(began.Add(troubleFor)))
	trouble.Clear()
	usual = append(usual, other.turns(3, func(int) {})...)
	hit.t.Logf("the other conversation took %v, else %v", turns, usual)
	late := 2 * slices.Max(usual)
	slices.Sort(turns)
	if turns[len(turns)/2] > max(late, 2*time.Second) || turns[len(turns)-1] > max(late, 14*time.Second) {
		hit.t.Errorf("the other conversation was disturbed: it took %v, else %v", turns, usual)
	}
}

// turns has both sides write, with pauses between, each time until all is everywhere, and tells how long that took.
func (s *talk) turns(n int, before func(i int)) (took []time.Duration) {
	for i := range n {
		before(i)
		began := time.Now()
		s.says(fmt.Sprintf("%s line %d", s.name, len(s.said)))
		s.agentSays(fmt.Sprintf("%s reply %d", s.name, len(s.said)))
		s.everywhere()
		took = append(took, time.Since(began).Round(time.Millisecond))
		time.Sleep(troubleFor / 10)
	}
	return took
}
