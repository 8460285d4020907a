package main

import (
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// TestMovedDesk gives an endpoint another channel while the daemon is down: conversations go on where they are, also with
// what agents wrote meanwhile, and new ones open in the new channel.
func TestMovedDesk(t *testing.T) {
	for name, move := range map[string]func(f *floor) (opened func() int){
		"slack": func(f *floor) func() int {
			const elsewhere = "C0MOVED"
			f.slack.AddChannel(slacktest.Channel{ID: elsewhere, Name: "moved", Members: []string{anaID, benID}})
			f.configure("support-slack", map[string]string{"CHANNEL": elsewhere})
			return func() int { return len(f.slack.Channel(elsewhere)) }
		},
		"discord": func(f *floor) func() int {
			const elsewhere = "2099"
			server := f.rooms[0].(discordRoom).server
			server.AddChannel(discordtest.Channel{ID: elsewhere, Name: "moved"})
			f.configure("support-discord", map[string]string{"CHANNEL": elsewhere})
			return func() int { return len(server.Threads(elsewhere)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", pairing{"telegram", []string{name}})
			daemon := f.start(f.address)
			s := f.talk(t, "Vera")
			s.visitorSaid("Hello")
			s.agentSaid(0, "Good morning")
			daemon.terminate()
			opened := move(f)
			s.agentSays("Written while the bridge was down")
			f.start(f.address)
			s.agrees()
			s.visitorSaid("And on it goes")
			s.agentSaid(0, "Indeed")
			f.talk(t, "Nora").visitor.say("Hello too")
			s.within(func() string {
				if opened() != 1 {
					return "nothing was opened in the new channel"
				}
				return ""
			})
			if n := f.rooms[0].cards(); n != 1 {
				t.Errorf("%d conversations stand in the old channel", n)
			}
		})
	}
}
