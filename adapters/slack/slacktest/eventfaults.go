package slacktest

import (
	"slices"
	"time"
)

// EventFault is a rule for events that are to go wrong on their way to the app. Each event meets
// the first standing rule that matches it.
type EventFault struct {
	Kind    string // "message", "reaction_added", …; empty: any
	Subtype string // of a message; empty: any
	Channel string

	Times int           // matches before the fault is spent; 0: no bound
	For   time.Duration // life from FailEvents on; 0: no bound

	Drop   bool          // lose it
	Copies int           // deliver it this many times more, with the same event_id
	Delay  time.Duration // deliver it later, so that others overtake it
	Swap   bool          // deliver it after the next event
}

// standingEventFault is an event fault that was installed.
type standingEventFault struct {
	EventFault
	until time.Time
	left  int
}

// FailEvents installs an event fault. ClearFaults removes it.
func (s *Server) FailEvents(f EventFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sf := &standingEventFault{EventFault: f, left: f.Times}
	if f.For > 0 {
		sf.until = time.Now().Add(f.For)
	}
	s.faults.events = append(s.faults.events, sf)
}

func (s *Server) clearEventFaults() {
	s.faults.events = nil
	s.releaseSwapped()
}

// route takes an event past the event faults to its delivery.
func (s *Server) route(e event, d *delivery) {
	f := s.eventFaultFor(e)
	switch {
	case f == nil:
		s.dispatch(d)
	case f.Drop:
		s.out.total.Dropped++
		return
	case f.Swap:
		s.out.swapped = append(s.out.swapped, d)
		return
	case f.Delay > 0:
		time.AfterFunc(f.Delay, func() { s.locked(func() { s.dispatch(d) }) })
		return
	default:
		for range f.Copies + 1 {
			s.dispatch(&delivery{kind: d.kind, payload: d.payload, retries: d.retries})
		}
	}
	s.releaseSwapped()
}

func (s *Server) releaseSwapped() {
	held := s.out.swapped
	s.out.swapped = nil
	for _, d := range held {
		s.dispatch(d)
	}
}

func (s *Server) eventFaultFor(e event) *standingEventFault {
	now := time.Now()
	for i, f := range s.faults.events {
		if !f.until.IsZero() && now.After(f.until) || f.Kind != "" && f.Kind != e.kind ||
			f.Subtype != "" && f.Subtype != e.subtype || f.Channel != "" && (e.channel == nil || f.Channel != e.channel.ID) {
			continue
		}
		if f.Times > 0 {
			if f.left--; f.left == 0 {
				s.faults.events = slices.Delete(s.faults.events, i, i+1)
			}
		}
		return f
	}
	return nil
}
