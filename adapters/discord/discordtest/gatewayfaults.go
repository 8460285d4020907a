package discordtest

import (
	"encoding/json"
	"time"
)

// Delivery counts what became of the gateway's sessions and events.
type Delivery struct {
	Readies  int // sessions begun
	Resumes  int // sessions resumed
	Replayed int // dispatches sent again by resumes
	Dropped  int // events lost by a fault
	Sockets  int // connections open now
	Sessions int // sessions with a connection that is ready
}

// EventFault is a rule for events that are to go wrong on their way to the sessions. Each event meets the first standing
// rule that matches it.
type EventFault struct {
	Kind    string // "MESSAGE_CREATE", …; empty: any
	Channel string

	Times int           // matches before the fault is spent; 0: no bound
	For   time.Duration // life from FailEvents on; 0: no bound

	Drop   bool          // lose it: no resume brings it back
	Copies int           // dispatch it this many times more
	Delay  time.Duration // dispatch it later, so that others overtake it
	Swap   bool          // dispatch it after the next event
	Cut    bool          // send half of its frame, then cut the connection; a resume brings it
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

// route takes an event past the event faults.
func (s *Server) route(e event) {
	switch f := s.eventFaultFor(e); {
	case f.Drop:
		s.gateway.total.Dropped++
		return
	case f.Swap:
		s.gateway.swapped = append(s.gateway.swapped, e)
		return
	case f.Delay > 0:
		time.AfterFunc(f.Delay, func() { s.locked(func() { s.deliver(e) }) })
		return
	case f.Cut:
		s.cutWithin(e)
	default:
		for range f.Copies + 1 {
			s.deliver(e)
		}
	}
	s.releaseSwapped()
}

func (s *Server) releaseSwapped() {
	held := s.gateway.swapped
	s.gateway.swapped = nil
	for _, e := range held {
		s.deliver(e)
	}
}

// eventFaultFor returns the fault to apply to an event, spending one of its times; the zero value: none.
func (s *Server) eventFaultFor(e event) EventFault {
	fault := s.faults.events.Take(time.Now(), func(f EventFault) bool {
		return (f.Kind == "" || f.Kind == e.kind) &&
			(f.Channel == "" || e.channel != nil && f.Channel == e.channel.ID)
	})
	if fault == nil {
		return EventFault{}
	}
	return fault.Rule
}

// cutWithin cuts every connection in the middle of the event's frame.
func (s *Server) cutWithin(e event) {
	var cut []*socket
	for _, sess := range s.gateway.sessions {
		if sess.sock != nil {
			cut = append(cut, sess.sock)
			sess.sock, sess.left = nil, time.Now()
		}
	}
	s.deliver(e) // into the sessions' logs
	for _, sock := range cut {
		s.working.Go(func() {
			// The header of a text frame of 126 bytes, of which four follow.
			_, _ = sock.conn.NetConn().Write([]byte{0x81, 126, 0, 200, '{', '"', 't', '"'})
			sock.close()
		})
	}
}

// NextHello lets the next connection be greeted with this body.
func (s *Server) NextHello(body json.RawMessage) { s.locked(func() { s.gateway.hello = body }) }

// onIdentify is what happens instead of READY or RESUMED.
type onIdentify struct {
	op   int
	data any
	code int // close with it, when not 0
}

// disturbIdentify shows what was scripted for this identify or resume; false: nothing was.
func (s *Server) disturbIdentify(sock *socket) bool {
	if s.gateway.silent {
		return true
	}
	if len(s.gateway.disturbed) == 0 {
		return false
	}
	next := s.gateway.disturbed[0]
	s.gateway.disturbed = s.gateway.disturbed[1:]
	if next.code != 0 {
		sock.closeWith(next.code, "")
	} else {
		sock.send(next.op, next.data)
	}
	return true
}

// NextReconnect makes the next identify or resume be answered by op 7 (a request to reconnect) instead.
func (s *Server) NextReconnect() {
	s.locked(func() { s.gateway.disturbed = append(s.gateway.disturbed, onIdentify{op: opReconnect}) })
}

// NextInvalid makes the next identify or resume be answered by op 9 (an invalid session) instead.
func (s *Server) NextInvalid(resumable bool) {
	s.locked(func() {
		s.gateway.disturbed = append(s.gateway.disturbed, onIdentify{op: opInvalidSession, data: resumable})
	})
}

// NextClose makes the next identify or resume be answered by closing with the code.
func (s *Server) NextClose(code int) {
	s.locked(func() { s.gateway.disturbed = append(s.gateway.disturbed, onIdentify{code: code}) })
}

// each calls f for every open connection, outside the lock.
func (s *Server) each(f func(*socket)) {
	s.mu.Lock()
	sockets := s.gateway.openSockets()
	s.mu.Unlock()
	for _, k := range sockets {
		f(k)
	}
}

// CloseSockets cuts every open connection without a word; sessions can be resumed.
func (s *Server) CloseSockets() { s.each((*socket).close) }

// CloseGateway closes every open connection with a close code of Discord's (4000–4014).
func (s *Server) CloseGateway(code int) {
	s.each(func(k *socket) { k.closeWith(code, "closed by the simulation") })
}

// Reconnect asks every connection to reconnect (op 7), as Discord does before it restarts a node.
func (s *Server) Reconnect() { s.each(func(k *socket) { k.send(opReconnect, nil) }) }

// Invalidate sends every connection op 9. Unless resumable, all sessions end.
func (s *Server) Invalidate(resumable bool) {
	s.mu.Lock()
	sockets := s.gateway.openSockets()
	if !resumable {
		s.endSessions()
	}
	s.mu.Unlock()
	for _, k := range sockets {
		k.send(opInvalidSession, resumable)
	}
}

// ForgetSessions ends every session without a word: the connections go on, but are told nothing more, and no resume
// finds its session.
func (s *Server) ForgetSessions() { s.locked(s.endSessions) }

func (s *Server) endSessions() {
	for _, sess := range s.gateway.sessions {
		if sess.sock != nil {
			sess.sock.session = nil
			sess.sock = nil
		}
	}
	s.gateway.sessions = nil
}

// Silence makes the connections that are open now go dead without closing: no events, no acknowledgements. Those opened
// later are well.
func (s *Server) Silence() { s.each(func(k *socket) { k.silent.Store(true) }) }

// Mute makes the gateway greet, but answer neither identify nor heartbeats any more, until it is unmuted.
func (s *Server) Mute(on bool) { s.locked(func() { s.gateway.silent = on }) }

// SendFrame puts a frame on every connection as it is, JSON or not.
func (s *Server) SendFrame(data []byte) { s.each(func(k *socket) { k.push(data) }) }

// Dispatch sends an event of any kind to every session, known to Discord or not.
func (s *Server) Dispatch(kind string, data any) {
	s.locked(func() {
		for _, sess := range s.gateway.sessions {
			sess.dispatch(kind, data, s.opts.Replay)
		}
	})
}

// ready counts the sessions that have a connection.
func (v State) ready() int {
	n := 0
	for _, sess := range v.s.gateway.sessions {
		if sess.sock != nil {
			n++
		}
	}
	return n
}

// Delivery tells what became of sessions and events so far.
func (v State) Delivery() Delivery {
	d := v.s.gateway.total
	d.Sockets, d.Sessions = len(v.s.gateway.sockets), v.ready()
	return d
}

// Delivery is State.Delivery, now.
func (s *Server) Delivery() Delivery { return look(s, State.Delivery) }
