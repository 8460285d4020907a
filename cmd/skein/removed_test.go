package main

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// TestRemovedBot takes the bot out of the desk's channel of Slack, or off the Discord server: the endpoint says so, what
// the visitor writes meanwhile stands in the other chat at once, with a word that it has not come here, and here as soon as
// the bot is back; so does what agents write here meanwhile. A conversation that lives elsewhere does not notice.
func TestRemovedBot(t *testing.T) {
	for _, c := range []struct {
		room, beside string
		remove, back func(f *floor)
		says         string
	}{
		{
			"slack", "discord",
			func(f *floor) { must(t, f.slack.Leave(f.slack.Options().BotUserID, desk)) },
			func(f *floor) { must(t, f.slack.Join(f.slack.Options().BotUserID, desk)) },
			"Invite it there",
		},
		{
			"discord", "slack",
			func(f *floor) {
				server := f.rooms[0].(discordRoom).server
				must(t, server.Kick(server.Options().BotUserID))
			},
			func(f *floor) { f.rooms[0].(discordRoom).server.Readmit() },
			"nvite it with the address in docs/discord.md",
		},
	} {
		t.Run(c.room, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", pairing{"telegram", []string{c.room, c.beside}})
			shop := f.addShop(f.rooms[1].endpoint(), f.address)
			daemon := f.start(f.address)
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(daemon.stderr)
				}
			})
			first := f.talk(t, "Vera")
			first.visitorSaid("Hello")
			first.agentSaid(0, "Good morning")
			c.remove(f)
			first.says("Is anybody there?")
			first.within(func() string {
				if _, detail := f.readiness(t, f.rooms[0].endpoint()); !strings.Contains(detail, c.says) {
					return "the endpoint says " + detail
				}
				lines, _ := f.rooms[1].look(first.threads[1])
				return unlike(f.rooms[1].endpoint(), lines, first.expected(1, f.rooms[1].can()))
			})
			first.apart = true
			first.agentSays("Can you read this?")
			beside := &talk{
				floor: &floor{rig: f.rig, address: f.address, front: shop, rooms: f.rooms[1:]}, t: t, name: "Ada",
				visitor: shop.newcomer("Ada"), threads: make([]string, 1), wait: first.wait,
			}
			beside.visitorSaid("And I?")
			beside.agentSaid(0, "You too")
			c.back(f)
			first.wait = 40 * time.Second // and not the minute for which the endpoint would rest
			first.everywhere()
			first.agentSaid(0, "We are back")
			for i, want := range []int{0, 1} {
				_, notices := f.rooms[i].look(first.threads[i])
				n := 0
				for _, words := range notices {
					if strings.Contains(words, "has not reached "+f.rooms[0].endpoint()+" yet: ") {
						n++
					}
				}
				if n != want {
					t.Errorf("%s was told %q", f.rooms[i].endpoint(), notices)
				}
			}
			first.within(func() string {
				if condition, detail := f.readiness(t, f.rooms[0].endpoint()); condition != string(bridge.Running) {
					return "the endpoint is " + condition + ": " + detail
				}
				return ""
			})
			daemon.terminate()
		})
	}
}
