package discordtest

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Gateway opcodes and close codes (https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway).
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opPresence       = 3
	opVoiceState     = 4
	opResume         = 6
	opReconnect      = 7
	opRequestMembers = 8
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11

	closeUnknownOpcode        = 4001
	closeDecodeError          = 4002
	closeNotAuthenticated     = 4003
	closeAuthenticationFailed = 4004
	closeAlreadyAuthenticated = 4005
	closeInvalidSeq           = 4007
	closeRateLimited          = 4008
	closeSessionTimedOut      = 4009
	closeInvalidIntents       = 4013
	closeDisallowedIntents    = 4014
)

// gateway is everything about sessions. Guarded by Server.mu.
type gateway struct {
	born       time.Time
	sessions   []*session
	sockets    []*socket
	identifies []time.Time
	total      Delivery
	silent     bool // neither identify nor heartbeats are answered
	disturbed  []onIdentify
	hello      json.RawMessage // what the next connection is greeted with; nil: as usual
	swapped    []event         // waiting for their successor
}

func newGateway() gateway { return gateway{born: time.Now()} }

func (g *gateway) openSockets() []*socket { return append([]*socket(nil), g.sockets...) }

// identified counts the identifies of the last day.
func (g *gateway) identified() int {
	for len(g.identifies) > 0 && time.Since(g.identifies[0]) > 24*time.Hour {
		g.identifies = g.identifies[1:]
	}
	return len(g.identifies)
}

func (s *Server) gatewayURL() string { return strings.Replace(s.base, "http", "ws", 1) + "/gateway" }

func (s *Server) getGateway(*call) (any, error) { return object{"url": s.gatewayURL()}, nil }

func (s *Server) getBotGateway(*call) (any, error) {
	return object{"url": s.gatewayURL(), "shards": 1, "session_start_limit": object{
		"total": s.opts.MaxIdentifies, "remaining": max(0, s.opts.MaxIdentifies-s.gateway.identified()),
		"reset_after": int((24 * time.Hour).Milliseconds()), "max_concurrency": 1,
	}}, nil
}

// socket is one connection to the gateway.
type socket struct {
	conn   *websocket.Conn
	silent atomic.Bool // open, but nothing is sent any more, not even acknowledgements

	mu     sync.Mutex
	queue  [][]byte
	last   []byte // the close frame to send after the queue
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once

	session *session // guarded by Server.mu
	sent    []time.Time
}

func (k *socket) push(frame []byte) {
	k.mu.Lock()
	k.queue = append(k.queue, frame)
	k.mu.Unlock()
	k.nudge()
}

func (k *socket) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// closeWith closes after everything that was pushed.
func (k *socket) closeWith(code int, reason string) {
	k.mu.Lock()
	k.last = websocket.FormatCloseMessage(code, reason)
	k.mu.Unlock()
	k.nudge()
}

// close cuts the connection.
func (k *socket) close() {
	k.once.Do(func() {
		close(k.closed)
		_ = k.conn.Close()
	})
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveGateway opens a connection and says hello.
func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	c := &call{route: &route{name: "gateway"}, at: time.Now()}
	if f := s.faultFor(c); f != nil && (!simulator.Pause(r.Context(), f.Rule.Latency) || s.misbehave(w, r, c, f, answer{})) {
		return
	}
	query := r.URL.Query()
	if v := query.Get("v"); v != "9" && v != "10" || query.Get("encoding") != "json" {
		s.locked(func() {
			s.violations = append(s.violations, Violation{Method: "gateway", Text: "opened with the query " + r.URL.RawQuery})
		})
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	sock := &socket{conn: conn, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	if !s.register(sock) {
		sock.close()
		return
	}
	defer s.working.Done() // register has counted this goroutine
	code := s.readSocket(sock)
	s.unregister(sock, code)
}

func (s *Server) register(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.down.Load() {
		return false
	}
	s.gateway.sockets = append(s.gateway.sockets, sock)
	s.working.Add(1)
	s.working.Go(sock.write)
	if hello := s.gateway.hello; hello != nil {
		s.gateway.hello = nil
		sock.send(opHello, hello)
	} else {
		sock.send(opHello, object{"heartbeat_interval": s.opts.HeartbeatInterval.Milliseconds()})
	}
	s.change()
	return true
}

// send puts a frame other than a dispatch on the connection.
func (k *socket) send(op int, data any) {
	k.push(encode(object{"op": op, "d": data, "s": nil, "t": nil}))
}

// write sends what was pushed, in order, and at last the close frame.
func (k *socket) write() {
	defer k.close()
	for {
		select {
		case <-k.wake:
		case <-k.closed:
			return
		}
		k.mu.Lock()
		frames, last := k.queue, k.last
		k.queue = nil
		k.mu.Unlock()
		for _, f := range frames {
			if k.silent.Load() {
				continue
			}
			_ = k.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if k.conn.WriteMessage(websocket.TextMessage, f) != nil {
				return
			}
		}
		if last != nil {
			_ = k.conn.WriteControl(websocket.CloseMessage, last, time.Now().Add(time.Second))
			return
		}
	}
}

// readSocket takes what the client sends until the connection ends, and returns its close code or 0.
func (s *Server) readSocket(sock *socket) int {
	deadline := func() { _ = sock.conn.SetReadDeadline(time.Now().Add(2 * s.opts.HeartbeatInterval)) }
	deadline()
	for {
		_, data, err := sock.conn.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				sock.closeWith(closeSessionTimedOut, "Session timed out.")
				<-sock.closed
			}
			return 0
		}
		var frame struct {
			Op int             `json:"op"`
			D  json.RawMessage `json:"d"`
		}
		if len(data) > 4096 || json.Unmarshal(data, &frame) != nil {
			sock.closeWith(closeDecodeError, "Error while decoding payload.")
			continue
		}
		if frame.Op == opHeartbeat {
			deadline()
		}
		s.locked(func() { s.takeFrame(sock, frame.Op, frame.D) })
	}
}

func (s *Server) takeFrame(sock *socket, op int, data json.RawMessage) {
	now := time.Now()
	for len(sock.sent) > 0 && now.Sub(sock.sent[0]) > time.Minute {
		sock.sent = sock.sent[1:]
	}
	if sock.sent = append(sock.sent, now); len(sock.sent) > maxSendsPerMinute {
		sock.closeWith(closeRateLimited, "You are being rate limited.")
		return
	}
	switch op {
	case opHeartbeat:
		if !s.gateway.silent {
			sock.send(opHeartbeatAck, nil)
		}
	case opIdentify:
		s.identify(sock, data)
	case opResume:
		s.resume(sock, data)
	case opPresence, opVoiceState, opRequestMembers:
		if sock.session == nil {
			sock.closeWith(closeNotAuthenticated, "Not authenticated.")
		}
	default:
		sock.closeWith(closeUnknownOpcode, "Unknown opcode.")
	}
}

// unregister forgets a connection. A client that closes with 1000 or 1001 ends its session; any other end leaves it to
// be resumed.
func (s *Server) unregister(sock *socket, code int) {
	sock.close()
	s.locked(func() {
		s.gateway.sockets = deleted(s.gateway.sockets, sock)
		sess := sock.session
		if sess == nil || sess.sock != sock {
			return
		}
		sess.sock, sess.left = nil, time.Now()
		if code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway {
			s.gateway.sessions = deleted(s.gateway.sessions, sess)
		}
	})
}

func deleted[T comparable](list []T, item T) []T {
	var out []T
	for _, x := range list {
		if x != item {
			out = append(out, x)
		}
	}
	return out
}
