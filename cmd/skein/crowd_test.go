package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// crowd is a number of visitors who write all the time, and agents who answer them.
type crowd struct {
	t      testing.TB
	cancel context.CancelFunc
	group  sync.WaitGroup
	talks  []*talk
	kills  int
}

// crowd lets visitors write, each with pauses up to the given one between two lines.
func (f *floor) crowd(t testing.TB, size int, pause time.Duration) *crowd {
	ctx, cancel := context.WithCancel(f.ctx)
	c := &crowd{t: t, cancel: cancel}
	for i := range size {
		s := f.talk(t, fmt.Sprintf("Guest %d", i))
		s.apart, s.wait = true, 2*time.Minute
		s.visitor.arrive()
		c.talks = append(c.talks, s)
		c.group.Go(func() { s.chat(ctx, i%len(f.rooms), pause) })
	}
	return c
}

// chat says lines and, once there is a thread in the room, lets an agent there answer some of them. A line is sent until it is acknowledged,
// also when the crowd is stopping.
func (s *talk) chat(ctx context.Context, room int, pause time.Duration) {
	for i := 0; ctx.Err() == nil; i++ {
		sp := &speech{room: visitorSays, by: s.name, text: fmt.Sprintf("%s line %d", s.name, i)}
		s.visitor.say(sp.text)
		s.said = append(s.said, sp)
		if s.threads[room] == "" {
			s.threads[room] = s.rooms[room].find(s.said[0].text)
		}
		if s.threads[room] != "" && rand.IntN(2) == 0 {
			sp := &speech{room: room, by: s.rooms[room].people()[0], text: fmt.Sprintf("%s reply %d", s.name, i)}
			s.rooms[room].say(0, s.threads[room], sp.text)
			s.said = append(s.said, sp)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(pause)))) // people take their time
		for i%10 == 9 && ctx.Err() == nil && s.behind(room) > backlog {
			time.Sleep(pause)
		}
	}
}

// backlog is how many of their lines people let wait unseen before they stop to look what is wrong. More would only make
// the end of a test wait.
const backlog = 40

// behind is how many lines a room does not show yet.
func (s *talk) behind(room int) int {
	if s.threads[room] == "" {
		return len(s.said)
	}
	shown, _ := s.rooms[room].look(s.threads[room])
	return len(s.said) - len(shown)
}

// killing notes that the daemon is killed.
func (c *crowd) killing(kill func()) {
	kill()
	c.kills++
}

// agrees ends the writing and waits until every place shows all that was said, once, in order; where lines may be repeated
// that were in flight, no more of them than there were kills.
func (c *crowd) agrees() string {
	c.t.Helper()
	c.cancel()
	c.group.Wait()
	lines, replies, repeated := 0, 0, 0
	for _, s := range c.talks {
		n := 0
		for _, sp := range s.said {
			if sp.room == visitorSays {
				lines++
				continue
			}
			n++
			sp.repeats = s.visitor.can().unasked
		}
		replies += n
		s.agrees()
		shown := s.visitor.shown()
		repeated += len(slices.DeleteFunc(shown, func(l line) bool { return l.by != "team" })) - n
	}
	if repeated > c.kills*len(c.talks) {
		c.t.Errorf("%d lines were repeated in %d kills", repeated, c.kills)
	}
	return strings.TrimSpace(fmt.Sprintf("%d visitors, %d lines, %d replies, %d repeated", len(c.talks), lines, replies, repeated))
}
