package main

import (
	"slices"
	"strings"
	"testing"
)

// TestLostThread deletes the thread of a conversation: its next line opens another one, once, which says so on its card,
// and the conversation goes on there, also for what agents write while the daemon is down.
func TestLostThread(t *testing.T) {
	for _, p := range pairings {
		if p.front != "telegram" || len(p.rooms) > 1 {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", p)
			daemon := f.start(f.address)
			s := f.talk(t, "Vera")
			s.visitorSaid("Hello")
			s.agentSaid(0, "Good morning").repeats = s.visitor.can().unasked // the kill may come before it is settled
			s.rooms[0].lose(s.threads[0])
			earlier := s.said
			s.said, s.threads[0] = nil, ""
			s.says("Are you still there?")
			s.findThreads()
			s.within(func() string {
				if card := s.rooms[0].card(s.threads[0]); !strings.Contains(card, "The earlier thread of this conversation is gone.") {
					return "the new card is " + card
				}
				return ""
			})
			daemon.kill()
			s.agentSays("Written while the bridge was down")
			s.says("So was this")
			s.says("And this")
			daemon = f.start(f.address)
			s.within(func() string {
				lines, _ := s.rooms[0].look(s.threads[0])
				wrong := unlike(s.rooms[0].endpoint(), apartFrom(lines), apartFrom(s.expected(0, s.rooms[0].can())))
				later := s.said
				s.said = slices.Concat(earlier, later)
				all := s.expected(visitorSays, s.visitor.can())
				s.said = later
				return wrong + unlike("shop-telegram", apartFrom(s.visitor.shown()), apartFrom(all))
			})
			if left := s.rooms[0].cards(); left > 2 {
				t.Errorf("it was opened %d times", left)
			}
			daemon.terminate()
			if t.Failed() {
				t.Log(daemon.stderr)
			}
		})
	}
}

// apartFrom puts the visitor's lines before those of agents, whose order among each other is not known.
func apartFrom(all []line) (out []line) {
	for _, visitors := range []bool{true, false} {
		for _, l := range all {
			if (l.by == "visitor" || strings.HasSuffix(l.by, " · visitor")) == visitors {
				out = append(out, l)
			}
		}
	}
	return out
}
