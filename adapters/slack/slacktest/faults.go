package slacktest

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// Fault is a rule for calls that are to go wrong. The zero value of each selector matches all;
// the first of the standing faults that matches a call is applied. Of the effects, the first set
// one in the order of their declaration is shown. With Act the call is carried out first and the
// effect only hides its outcome.
type Fault struct {
	Method  string // Web API method, or "upload", "download", "link" (opening a socket)
	Channel string
	Thread  string          // thread_ts
	Match   func(Call) bool // further condition; runs under the server's lock

	Times int           // matches before the fault is spent; 0: no bound
	For   time.Duration // life from Fail on; 0: no bound

	Latency time.Duration // spent before anything else; alone, the call then succeeds
	Act     bool          // carry the call out before the effect

	Hang       bool          // no answer until the client gives up, the fault is cleared or the server closes
	Drop       bool          // close the connection without an answer
	Status     int           // answer with this HTTP status, HTML body for 5xx
	RetryAfter time.Duration // with Status 429
	HTML       bool          // with Status 429: an HTML body instead of JSON
	Error      string        // answer ok false with this code
	Malformed  bool          // answer 200 with a body that is not JSON
}

// StandingFault is a fault that was installed.
type StandingFault struct {
	Fault
	server *Server
	until  time.Time
	left   int
	hits   int
	shown  int           // effects begun: with Act, the call has been carried out by then
	gone   chan struct{} // closed when cleared
}

type faultBook struct {
	calls  []*StandingFault
	events []*standingEventFault
}

// Fail installs a fault.
func (s *Server) Fail(f Fault) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	sf := &StandingFault{Fault: f, server: s, left: f.Times, gone: make(chan struct{})}
	if f.For > 0 {
		sf.until = time.Now().Add(f.For)
	}
	s.faults.calls = append(s.faults.calls, sf)
	return sf
}

// Clear removes the fault and lets go of the calls that hang in it. It may be called again.
func (f *StandingFault) Clear() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.clear()
	f.server.faults.calls = slices.DeleteFunc(f.server.faults.calls, func(x *StandingFault) bool { return x == f })
}

func (f *StandingFault) clear() {
	select {
	case <-f.gone:
	default:
		close(f.gone)
	}
}

// Hits is the number of calls the fault was applied to.
func (f *StandingFault) Hits() int {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	return f.hits
}

// Await waits until the fault's effect has begun at least n times. With Act, the call has been carried out by then.
func (f *StandingFault) Await(ctx context.Context, n int) error {
	return f.server.Await(ctx, func(State) bool { return f.shown >= n })
}

// ClearFaults removes every fault, of calls and of events.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults.calls {
		f.clear()
	}
	s.faults.calls = nil
	s.clearEventFaults()
}

// faultFor returns the fault to apply to a call, spending one of its times, or nil.
func (s *Server) faultFor(c *call) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults.calls {
		if !f.matches(c) {
			continue
		}
		f.hits++
		if f.Times > 0 {
			if f.left--; f.left == 0 {
				s.faults.calls = slices.Delete(s.faults.calls, i, i+1)
			}
		}
		s.change()
		return f
	}
	return nil
}

func (f *StandingFault) matches(c *call) bool {
	return (f.until.IsZero() || c.at.Before(f.until)) &&
		(f.Method == "" || f.Method == c.name) &&
		(f.Channel == "" || f.Channel == c.channel()) &&
		(f.Thread == "" || f.Thread == c.thread()) &&
		(f.Match == nil || f.Match(c.logged(nil, false)))
}

// misbehave shows the fault's effect instead of an answer; false: there is none to show.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, c *call, f *StandingFault) bool {
	s.mu.Lock()
	f.shown++
	s.change()
	s.mu.Unlock()
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-f.gone:
		case <-s.ctx.Done():
		}
		dropConnection(w)
	case f.Drop:
		dropConnection(w)
	case f.Status == http.StatusTooManyRequests:
		writeLimited(w, f.RetryAfter, f.HTML)
		s.countLimited(c, f)
	case f.Status != 0:
		writeHTML(w, f.Status, http.StatusText(f.Status))
	case f.Error != "":
		writeJSON(w, http.StatusOK, answer{"ok": false, "error": f.Error})
	case f.Malformed:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"ok":true,"ts":"17`))
	default:
		return false
	}
	return true
}

// countLimited counts a 429 that a fault made up. A call that was carried out is in the log.
func (s *Server) countLimited(c *call, f *StandingFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Act {
		s.calls.limit(c.name, c.channel())
	} else {
		s.calls.add(c.logged(nil, true))
	}
	s.change()
}

// SetLatency changes Options.Latency.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// pause waits; false: the client went away first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
