package telegramtest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Fault is a rule for calls that are to go wrong. The zero value of each selector matches all;
// the first of the standing faults that matches a call is applied. Of the effects, the first set
// one in the order of their declaration is shown. With Act the call is carried out first and the
// effect only hides its outcome.
type Fault struct {
	Method string // Bot API method, or "file" (a download)
	Chat   int64
	Match  func(Call) bool // further condition; runs under the server's lock

	Times int           // matches before the fault is spent; 0: no bound
	For   time.Duration // life from Fail on; 0: no bound

	Latency time.Duration // spent before anything else; alone, the call then succeeds
	Act     bool          // carry the call out before the effect

	Hang       bool          // no answer until the client gives up, the fault is cleared or the server closes
	Drop       bool          // close the connection without an answer
	Cut        bool          // announce the whole answer, send half and close
	Status     int           // answer with this HTTP status; 5xx except 500 with an HTML body
	RetryAfter time.Duration // with Status 429
	Error      string        // with Status: the description, instead of the status' own name
	Malformed  bool          // answer 200 with a body that is not JSON
}

// StandingFault is a fault that was installed.
type StandingFault = simulator.Standing[Fault]

// Fail installs a fault.
func (s *Server) Fail(f Fault) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.Add(f, f.Times, f.For)
}

// ClearFaults removes every fault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.Clear()
}

// faultFor returns the fault to apply to a call, spending one of its times, or nil.
func (s *Server) faultFor(c *call) *StandingFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.Take(c.at, func(f Fault) bool { return f.matches(c) })
}

func (f Fault) matches(c *call) bool {
	return (f.Method == "" || f.Method == c.name) &&
		(f.Chat == 0 || f.Chat == c.chat) &&
		(f.Match == nil || f.Match(c.logged(nil)))
}

// misbehave shows the fault's effect instead of an answer; false: there is none to show.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, c *call, fault *StandingFault, result json.RawMessage) bool {
	fault.Show()
	switch f := fault.Rule; {
	case f.Hang:
		fault.Hang(r.Context(), s.ctx)
		simulator.Drop(w)
	case f.Drop:
		simulator.Drop(w)
	case f.Cut:
		cut(w, result)
	case f.Status != 0:
		err := f.refusal()
		if f.Status > http.StatusInternalServerError && f.Error == "" {
			writeHTML(w, f.Status)
		} else {
			writeAnswer(w, nil, err)
		}
		s.countRefused(c, f, err)
	case f.Malformed:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"ok":true,"result":{"message_id":17`))
	default:
		return false
	}
	return true
}

func (f Fault) refusal() error {
	switch {
	case f.Status == http.StatusTooManyRequests:
		return flood(f.RetryAfter)
	case f.Error != "":
		return &apiError{code: f.Status, text: f.Error}
	}
	return &apiError{code: f.Status, text: http.StatusText(f.Status)}
}

// countRefused puts a refusal that a fault made up into the log, unless the call was carried out.
func (s *Server) countRefused(c *call, f Fault, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := errors.AsType[*apiError](err); ok && !f.Act {
		s.calls.add(c.logged(err))
	}
	s.change()
}

func cut(w http.ResponseWriter, result json.RawMessage) {
	if result == nil {
		result = json.RawMessage("true")
	}
	body := append([]byte(`{"ok":true,"result":`), result...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	simulator.Drop(w)
}

func writeHTML(w http.ResponseWriter, status int) {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body><center><h1>" + title + "</h1></center></body>\r\n</html>"))
}

// SetLatency changes Options.Latency.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }
