package slacktest

import (
	"net/http"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
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
type StandingFault = simulator.Standing[Fault]

type faultBook struct {
	calls  simulator.Faults[Fault]
	events simulator.Faults[EventFault]
}

// Fail installs a fault.
func (s *Server) Fail(f Fault) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.calls.Add(f, f.Times, f.For)
}

// ClearFaults removes every fault, of calls and of events.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.calls.Clear()
	s.clearEventFaults()
}

// faultFor returns the fault to apply to a call, spending one of its times, or nil.
func (s *Server) faultFor(c *call) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.calls.Take(c.at, func(f Fault) bool { return f.matches(c) })
}

func (f Fault) matches(c *call) bool {
	return (f.Method == "" || f.Method == c.name) &&
		(f.Channel == "" || f.Channel == c.channel()) &&
		(f.Thread == "" || f.Thread == c.thread()) &&
		(f.Match == nil || f.Match(c.logged(nil, false)))
}

// misbehave shows the fault's effect instead of an answer; false: there is none to show.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, c *call, fault *StandingFault) bool {
	fault.Show()
	switch f := fault.Rule; {
	case f.Hang:
		fault.Hang(r.Context(), s.ctx)
		simulator.Drop(w)
	case f.Drop:
		simulator.Drop(w)
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
func (s *Server) countLimited(c *call, f Fault) {
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
