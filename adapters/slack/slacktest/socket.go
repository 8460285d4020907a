package slacktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// socket is one Socket Mode connection
// (https://docs.slack.dev/apis/events-api/using-socket-mode).
type socket struct {
	conn   *websocket.Conn
	silent atomic.Bool // open, but no pings, pongs or events any more

	order  *order
	mu     sync.Mutex
	queue  []departure
	gone   bool // nothing leaves any more
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// order makes frames leave in the order in which they were pushed, whatever the socket: a person who writes two lines
// has seen the first one out before the second. Script EventFaults for what is overtaken on its way.
type order struct {
	mu   sync.Mutex
	last chan struct{}
}

// patience is how long a frame waits for the one before: a client may not read. On a busy machine it takes a while until a
// socket gets to write.
const patience = 2 * time.Second

type departure struct {
	data   []byte
	before <-chan struct{} // closed when the one before has left
	left   chan struct{}
}

func (o *order) next(data []byte) departure {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := departure{data: data, before: o.last, left: make(chan struct{})}
	o.last = f.left
	return f
}

func (f departure) await() {
	if f.before == nil {
		return
	}
	select {
	case <-f.before:
	case <-time.After(patience):
	}
}

func (k *socket) push(data []byte) {
	k.mu.Lock()
	if !k.gone {
		k.queue = append(k.queue, k.order.next(data))
	}
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *socket) close() {
	k.once.Do(func() {
		close(k.closed)
		_ = k.conn.Close()
	})
}

func (s *Server) connectionsOpen(*call) (answer, error) {
	ticket := s.state.newID("link-")
	s.out.links[ticket] = true
	return answer{"url": strings.Replace(s.base, "http", "ws", 1) + "/link?ticket=" + ticket + "&app_id=" + s.opts.AppID}, nil
}

// Clients send Slack's origin, not ours.
var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveSocket opens a socket for a URL of apps.connections.open, which is good for one use.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	c := &call{name: "link", at: time.Now()}
	if f := s.faultFor(c); f != nil && (!simulator.Pause(r.Context(), f.Rule.Latency) || s.misbehave(w, r, c, f)) {
		return
	}
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	known := s.out.links[ticket] && !s.closed
	delete(s.out.links, ticket)
	full := len(s.out.sockets) >= s.opts.MaxSockets
	s.mu.Unlock()
	if !known || full {
		http.Error(w, "unknown or used link, or too many connections", http.StatusForbidden)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	sock := &socket{conn: conn, order: &s.order, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	conn.SetPingHandler(func(data string) error {
		if sock.silent.Load() {
			return nil
		}
		return conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	if !s.register(sock) {
		sock.close()
		return
	}
	defer s.working.Done() // register has counted this goroutine
	s.readSocket(sock)
	s.unregister(sock)
}

// register greets and starts a socket; false: the server is closed or went down meanwhile.
func (s *Server) register(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.down.Load() {
		return false
	}
	s.out.sockets = append(s.out.sockets, sock)
	hello, _ := json.Marshal(map[string]any{
		"type": "hello", "num_connections": len(s.out.sockets),
		"debug_info":      map[string]any{"host": "applink-simulated", "build_number": 1, "approximate_connection_time": 18060},
		"connection_info": map[string]string{"app_id": s.opts.AppID},
	})
	if s.opts.SocketModeOff {
		hello = []byte(`{"type":"disconnect","reason":"link_disabled","debug_info":{"host":"applink-simulated"}}`)
	}
	sock.push(hello)
	held := s.out.held
	s.out.held = nil
	for _, d := range held {
		s.dispatch(d)
	}
	s.working.Add(1)
	s.working.Go(func() { sock.write(s.opts.PingInterval) })
	s.change()
	return true
}

// write sends what was pushed, in order, and pings.
func (k *socket) write(interval time.Duration) {
	defer k.drop()
	defer k.close()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	k.ping() // at once: clients wait no longer than one of their own intervals
	for {
		select {
		case <-k.wake:
			if !k.flush() {
				return
			}
		case <-ticker.C:
			k.ping()
		case <-k.closed:
			return
		}
	}
}

// drop has nothing wait for what the socket did not get to write.
func (k *socket) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = true
	for _, f := range k.queue {
		close(f.left)
	}
	k.queue = nil
}

func (k *socket) ping() {
	if !k.silent.Load() {
		_ = k.conn.WriteControl(websocket.PingMessage, []byte("Ping from simulated Slack"), time.Now().Add(time.Second))
	}
}

func (k *socket) flush() bool {
	k.mu.Lock()
	frames := k.queue
	k.queue = nil
	k.mu.Unlock()
	well := true
	for _, f := range frames {
		if well && !k.silent.Load() {
			f.await()
			_ = k.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			well = k.conn.WriteMessage(websocket.TextMessage, f.data) == nil
		}
		close(f.left)
	}
	return well
}

// readSocket takes acknowledgements until the connection ends.
func (s *Server) readSocket(sock *socket) {
	for {
		_, data, err := sock.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if len(data) >= 20_000 || json.Unmarshal(data, &ack) != nil {
			continue // Slack drops these without a word
		}
		s.locked(func() { s.acknowledge(ack.EnvelopeID, ack.Payload) })
	}
}

// unregister forgets a dead socket and sends what it had not acknowledged over another.
func (s *Server) unregister(sock *socket) {
	sock.close()
	s.locked(func() {
		s.out.sockets = slices.DeleteFunc(s.out.sockets, func(k *socket) bool { return k == sock })
		orphans := []*delivery{}
		for id, d := range s.out.pending {
			if d.sock == sock && d.ids[len(d.ids)-1] == id {
				orphans = append(orphans, d)
			}
		}
		slices.SortFunc(orphans, func(a, b *delivery) int { return strings.Compare(a.ids[0], b.ids[0]) })
		for _, d := range orphans {
			s.repeat(d, "connection_failed")
		}
	})
}

// each calls f for every open socket, outside the lock.
func (s *Server) each(f func(*socket)) {
	s.mu.Lock()
	sockets := slices.Clone(s.out.sockets)
	s.mu.Unlock()
	for _, k := range sockets {
		f(k)
	}
}

// CloseSockets cuts every open socket without a word.
func (s *Server) CloseSockets() { s.each((*socket).close) }

// CloseOldest cuts the socket that was opened first.
func (s *Server) CloseOldest() {
	first := true
	s.each(func(k *socket) {
		if first {
			k.close()
		}
		first = false
	})
}

// Silence makes the sockets that are open now go dead without closing: no pings, pongs or events.
// Sockets opened later are well.
func (s *Server) Silence() { s.each(func(k *socket) { k.silent.Store(true) }) }

// Disconnect sends a disconnect frame ("warning", "refresh_requested", "link_disabled") on every
// open socket and closes those after grace.
func (s *Server) Disconnect(reason string, grace time.Duration) {
	data, _ := json.Marshal(map[string]any{
		"type": "disconnect", "reason": reason,
		"debug_info": map[string]string{"host": "applink-simulated"},
	})
	s.each(func(k *socket) {
		k.push(data)
		time.AfterFunc(grace, k.close)
	})
}

// SendFrame puts a frame on one socket as it is, JSON or not; false: no socket is open.
func (s *Server) SendFrame(data []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sock := s.out.pick()
	if sock == nil {
		return false
	}
	sock.push(data)
	return true
}
