package slacktest

import "time"

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

// FailEvents installs an event fault. ClearFaults removes it.
func (s *Server) FailEvents(f EventFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.events.Add(f, f.Times, f.For)
}

func (s *Server) clearEventFaults() {
	s.faults.events.Clear()
	s.releaseSwapped()
}

// route takes an event past the event faults to its delivery.
func (s *Server) route(e event, d *delivery) {
	switch f := s.eventFaultFor(e); {
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

// eventFaultFor returns the fault to apply to an event, spending one of its times; the zero value: none.
func (s *Server) eventFaultFor(e event) EventFault {
	fault := s.faults.events.Take(time.Now(), func(f EventFault) bool {
		return (f.Kind == "" || f.Kind == e.kind) &&
			(f.Subtype == "" || f.Subtype == e.subtype) &&
			(f.Channel == "" || e.channel != nil && f.Channel == e.channel.ID)
	})
	if fault == nil {
		return EventFault{}
	}
	return fault.Rule
}
