package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// TestTyping: an agent who writes in Discord shows as writing in every visitor's browser, whichever daemon it is connected
// to, and in Telegram; a visitor who writes on the website shows in Discord.
func TestTyping(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newBareRig(t, kind)
			telegram := r.addTelegram("support-discord", telegramtest.User{ID: veraID, FirstName: "Vera"})
			server := r.addDiscord(discordtest.Text)
			r.addWebsite("support-discord")
			daemons := []*process{r.start("127.0.0.1:0")}
			if kind == "postgres" {
				daemons = append(daemons, r.start("127.0.0.1:0"))
			}
			room := discordRoom{r, server}

			_, err := telegram.Say(veraID, veraID, "Telegram")
			must(t, err)
			r.answered(room, "Telegram")
			var signs []*atomic.Int64
			var visitors []*webtest.Visitor
			var threads []string
			for i, p := range daemons {
				first, sign := fmt.Sprint("Website ", i), &atomic.Int64{}
				g := &guest{name: first, visitor: r.site(p.address).Visitor()}
				g.visitor.Signal = func(kind string, _ []byte) {
					if kind == "typing" {
						sign.Add(1)
					}
				}
				must(t, r.meet(g))
				g.say(t.Context(), t, first)
				thread := r.answered(room, first)
				must(t, server.Typing(danUser, thread)) // who is not in the team
				must(t, g.visitor.AwaitText(t.Context(), "Good morning"))
				signs, visitors, threads = append(signs, sign), append(visitors, g.visitor), append(threads, thread)
			}
			for i, sign := range signs {
				if n := sign.Load(); n > 0 {
					t.Errorf("visitor %d was shown %d times that somebody writes who is not in the team", i, n)
				}
				r.until(func() { must(t, server.Typing(chloeUser, threads[i])) }, func() bool { return sign.Load() > 0 }, "a browser shows that an agent writes")
				r.until(func() { must(t, visitors[i].Typing(t.Context())) }, func() bool {
					return len(server.Calls("trigger_typing_indicator", threads[i])) > 0
				}, "Discord shows that a visitor writes")
			}
			r.until(func() { must(t, server.Typing(chloeUser, room.find("Telegram"))) }, func() (typing bool) {
				telegram.Look(func(s telegramtest.State) { typing = s.Action(veraID) == "typing" })
				return typing
			}, "Telegram shows that an agent writes")
			for i, v := range visitors {
				log, err := v.History(t.Context())
				must(t, err)
				if len(log) != 2 {
					t.Errorf("the log of visitor %d says %q", i, all(log))
				}
			}
			for _, p := range daemons {
				p.terminate()
			}
		})
	}
}

// answered waits for the thread of a visitor's first line and has Chloe answer it, by which she is in the team.
func (r *rig) answered(room discordRoom, first string) (thread string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, time.Minute)
	defer cancel()
	must(r.t, room.server.Await(ctx, func(s discordtest.State) bool {
		for _, th := range s.Threads(deskPlace) {
			if slices.Contains(discordTexts(s.Said(th.ID)), first) {
				thread = th.ID
			}
		}
		return thread != ""
	}))
	_, err := room.server.Say(chloeUser, thread, "Good morning")
	must(r.t, err)
	return thread
}

// until does something again and again, as a person goes on writing, until it shows.
func (r *rig) until(do func(), shows func() bool, what string) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !shows(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain: %s", what)
		}
		do()
	}
}
