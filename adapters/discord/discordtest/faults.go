package discordtest

import (
	"net/http"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Fault is a rule for calls that are to go wrong. The zero value of each selector matches all; the first of the standing
// faults that matches a call is applied. Of the effects, the first set one in the order of their declaration is shown.
// With Act the call is carried out first and the effect only hides its outcome.
type Fault struct {
	Method  string          // operation ("create_message"), or "download", "gateway" (opening a connection)
	Channel string          // channel or thread in the address
	Match   func(Call) bool // further condition; runs under the server's lock

	Times int           // matches before the fault is spent; 0: no bound
	For   time.Duration // life from Fail on; 0: no bound

	Latency time.Duration // spent before anything else; alone, the call then succeeds
	Act     bool          // carry the call out before the effect

	Hang       bool          // no answer until the client gives up, the fault is cleared or the server closes
	Drop       bool          // close the connection without an answer
	Cut        bool          // with Act: send half of the answer, then close the connection
	Status     int           // answer with this HTTP status; an HTML body for 5xx
	RetryAfter time.Duration // with Status 429
	HTML       bool          // with Status 429: the page of the network in front instead of JSON
	Scope      string        // with Status 429: "user" (the default), "global" or "shared"
	Code       int           // answer with this JSON error code, and Status or else 400
	Malformed  bool          // answer 200 with a body that is not JSON
}

// Blocked is what the guild's automatic moderation answers: 200000. Other codes of the same kind are set with Code.
func Blocked(times int) Fault {
	return Fault{Method: "create_message", Code: errAutoMod.code, Times: times}
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
		(f.Match == nil || f.Match(c.logged(answer{})))
}

// misbehave shows the fault's effect instead of an answer; false: there is none to show.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, c *call, fault *StandingFault, hidden answer) bool {
	fault.Show()
	switch f := fault.Rule; {
	case f.Hang:
		fault.Hang(r.Context(), s.ctx)
		simulator.Drop(w)
	case f.Drop:
		simulator.Drop(w)
	case f.Cut:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(hidden.status)
		_, _ = w.Write(hidden.body[:len(hidden.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case f.Status == http.StatusTooManyRequests:
		ans := s.limitedBy(f)
		s.countLimited(c, f, ans)
		s.write(w, ans)
	case f.Code != 0:
		status := f.Status
		setDefault(&status, http.StatusBadRequest)
		s.write(w, answer{status: status, body: encode(map[string]any{"code": f.Code, "message": "Refused by the simulation"})})
	case f.Status != 0:
		s.write(w, answer{
			status: f.Status, header: http.Header{"Content-Type": {"text/html"}}, body: html(http.StatusText(f.Status)),
		})
	case f.Malformed:
		s.write(w, answer{status: http.StatusOK, body: []byte(`{"id":"17`)})
	default:
		return false
	}
	return true
}

func (s *Server) limitedBy(f Fault) answer {
	if f.HTML {
		return htmlLimited(f.RetryAfter)
	}
	over := &exceeded{wait: f.RetryAfter, global: f.Scope == "global", share: f.Scope == "shared"}
	return over.answer(http.Header{})
}

// countLimited counts a 429 that a fault made up. A call that was carried out is in the log.
func (s *Server) countLimited(c *call, f Fault, ans answer) {
	s.locked(func() {
		if f.Act {
			s.calls.limit(c.name, c.channel())
		} else {
			s.calls.add(c.logged(ans))
		}
		if f.Scope != "shared" {
			s.limits.count(c.at)
		}
	})
}
