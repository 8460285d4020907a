package discordtest

import (
	"encoding/json"
	"slices"
	"time"
)

// Call is one REST call.
type Call struct {
	Method  string // operation: "create_message"
	Channel string // channel or thread in the address, if any
	Message string // message in the address, if any
	Made    string // message or thread made, if any
	At      time.Time
	Status  int             // HTTP status as carried out, before any fault changed the answer
	Code    int             // Discord's error code; 0 for success
	Body    json.RawMessage // of the request; only in Options.OnCall and Fault.Match
	Limited bool            // answered 429
}

type callKey struct{ method, channel string }

type callLog struct {
	byMethod map[string][]Call
	counts   map[callKey]int
	limited  map[callKey]int
}

func newCallLog() callLog {
	return callLog{byMethod: map[string][]Call{}, counts: map[callKey]int{}, limited: map[callKey]int{}}
}

func (l *callLog) add(c Call) {
	c.Body = nil
	l.byMethod[c.Method] = append(l.byMethod[c.Method], c)
	count(l.counts, c.Method, c.Channel)
	if c.Limited {
		l.limit(c.Method, c.Channel)
	}
}

func (l *callLog) limit(method, channel string) { count(l.limited, method, channel) }

func count(m map[callKey]int, method, channel string) {
	m[callKey{method, ""}]++
	if channel != "" {
		m[callKey{method, channel}]++
	}
}

// Calls returns the calls of an operation in the order in which they were carried out; an empty channel means all
// channels. Calls that a fault swallowed are not among them, unless it made up a 429.
func (s *Server) Calls(method, channel string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls.byMethod[method] {
		if channel == "" || c.Channel == channel {
			list = append(list, c)
		}
	}
	return slices.Clip(list)
}

// Calls is the number of calls of an operation that were carried out or refused; an empty channel counts all channels.
// It costs one map access.
func (v State) Calls(method, channel string) int { return v.s.calls.counts[callKey{method, channel}] }

// Limited is the number of calls of an operation answered 429; an empty channel counts all channels.
func (v State) Limited(method, channel string) int {
	return v.s.calls.limited[callKey{method, channel}]
}

// Invalid is the number of requests of the last ten minutes that Discord counts against the address: 401, 403 and 429,
// those of a shared limit excepted. At 10,000 it shuts the address out.
func (v State) Invalid() int { return len(v.s.limits.invalid) }
