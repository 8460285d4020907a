package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// typingSeen is where it has been shown that somebody is writing.
type typingSeen struct {
	hub *bridge.Hub

	mu   sync.Mutex
	seen []string // endpoint and thread; of those who read for themselves, "reads" and the conversation
	hang bool     // whoever is asked does not answer
}

func newTypingSeen() *typingSeen {
	s := &typingSeen{hub: bridge.NewHub()}
	s.hub.Subscribe(func(c bridge.ConversationID) { s.note(fmt.Sprint("reads ", c)) })
	return s
}

func (s *typingSeen) note(where string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, where)
}

func (s *typingSeen) show(ctx context.Context, e bridge.EndpointName, t bridge.ThreadRef) {
	s.note(string(e) + " " + string(t))
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang {
		<-ctx.Done()
	}
}

// types has somebody write, and waits until what there is to show of it has been shown.
func (w *world) types(e bridge.EndpointName, t bridge.ThreadRef, person string) {
	w.desk.Typing(w.ctx, e, t, bridge.Person{ID: person})
	synctest.Wait()
}

// shows compares with what has been shown since the last time.
func (w *world) shows(what string, want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.typing.mu.Lock()
	defer w.typing.mu.Unlock()
	if !slices.Equal(w.typing.seen, want) {
		w.t.Errorf("%s: shown at %q, want %q", what, w.typing.seen, want)
	}
	w.typing.seen = nil
}

func (w *world) written() int {
	w.t.Helper()
	log, err := w.store.Log(w.ctx, 1)
	w.must(err)
	return len(log)
}

func TestTypingIsShownOnTheOtherSide(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		deck := w.threadAt(w.deck, "vera")
		w.settled()
		entries := w.written()
		w.types("shop", "chat/vera", "vera")
		w.shows("the visitor writes", "team "+string(thread), "deck "+string(deck))
		w.types("team", thread, "ana")
		w.shows("an agent writes", "shop chat/vera")
		w.desk.Typing(w.ctx, "team", thread, bridge.Person{ID: "helper", Bot: true})
		w.types("team", thread, "zoe")
		w.types("team", thread, "")
		w.types("team", "no/such", "ana")
		w.types("team", "", "ana")
		w.types("nowhere", thread, "ana")
		w.types("shop", "chat/nobody", "nobody")
		w.shows("none of the team, or in no conversation")
		if now := w.written(); now != entries {
			t.Errorf("the log has %d entries, had %d", now, entries)
		}

		w.agent(thread, "ana", "!block")
		w.settled()
		time.Sleep(time.Minute)
		w.types("shop", "chat/vera", "vera")
		w.shows("a blocked visitor writes")
	}, both)
}

func TestTypingOfWhoeverLeftTheTeam(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.agent(thread, "ben", "//hello")
		w.settled()
		w.types("team", thread, "ben")
		w.shows("ben is in the team", "shop chat/vera")
		w.agent(thread, "ana", "!remove ben")
		w.settled()
		time.Sleep(time.Minute)
		w.types("team", thread, "ben")
		w.shows("ben was removed")
	})
}

// Where plain lines are notes, what somebody is writing is none of the visitor's business; the other way it is shown.
func TestTypingWherePlainLinesAreNotes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world, _ []bridge.Route) {
			w.edit = func(r *bridge.Route) { r.Notes = r.Role == bridge.RoleTeam }
		})
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "!reply One")
		w.settled()
		w.types("team", thread, "ana")
		w.shows("an agent writes")
		w.types("shop", "chat/vera", "vera")
		w.shows("the visitor writes", "team "+string(thread))
	})
}

func TestTypingToThoseWhoRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reads)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "One")
		w.settled()
		w.types("team", thread, "ana")
		w.shows("an agent writes", "reads 1")
	})
}

func TestTypingIsThrottled(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.agent(thread, "ben", "//hello")
		w.settled()
		for range 100 {
			w.types("team", thread, "ana")
		}
		w.types("team", thread, "ben")
		w.shows("ana and ben write", "shop chat/vera", "shop chat/vera")
		time.Sleep(3 * time.Second)
		w.types("team", thread, "ana")
		w.shows("too soon")
		time.Sleep(time.Second)
		w.types("team", thread, "ana")
		w.shows("ana goes on", "shop chat/vera")
	})
}

// A platform that does not answer costs nothing but that nothing is shown; what nobody has shown in time is not shown later.
func TestTypingAtAPlatformThatHangs(t *testing.T) {
	t.Parallel()
	answering(t, func(w *world, thread bridge.ThreadRef) {
		w.typing.hang = true
		for i := range 1000 {
			w.desk.Typing(w.ctx, "shop", "chat/vera", bridge.Person{ID: fmt.Sprint(i)})
		}
		began := time.Now()
		w.agent(thread, "ana", "Two")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: One", "ana: Two")
		if took := time.Since(began); took > time.Second {
			t.Errorf("a line took %v", took)
		}
		time.Sleep(time.Minute)
		w.typing.mu.Lock()
		shown := len(w.typing.seen)
		w.typing.seen, w.typing.hang = nil, false
		w.typing.mu.Unlock()
		if shown == 0 || shown > 50 {
			t.Errorf("%d calls for 1000 signs at once", shown)
		}
		w.types("team", thread, "ana")
		w.shows("it answers again", "shop chat/vera")
	})
}
