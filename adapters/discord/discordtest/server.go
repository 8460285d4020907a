package discordtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Server is one simulated guild. Its zero value is not usable; see New.
type Server struct {
	opts Options
	mux  *http.ServeMux

	ctx     context.Context // ends with Close; hung calls and timers watch it
	cancel  context.CancelFunc
	http    *http.Server
	base    string // scheme://host, without a trailing slash
	working sync.WaitGroup
	down    atomic.Bool
	latency atomic.Int64 // nanoseconds

	mu         simulator.Lock
	closed     bool
	state      state
	gateway    gateway
	faults     faultBook
	limits     limiter
	calls      callLog
	violations []Violation
	revoked    bool
	oauth      *oauth
	content    bool // the message content intent is switched on
	secret     []byte
}

// New builds a guild. The server answers after Start, or wherever it is mounted as an http.Handler (then
// Options.BaseURL must say where).
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{opts: opts, base: strings.TrimSuffix(opts.BaseURL, "/"), content: !opts.NoMessageContent}
	s.latency.Store(int64(opts.Latency))
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.state = newState(opts)
	s.gateway = newGateway()
	s.faults = faultBook{simulator.NewFaults[Fault](&s.mu), simulator.NewFaults[EventFault](&s.mu)}
	s.limits = newLimiter(opts.Limits)
	s.calls = newCallLog()
	s.secret = []byte(opts.Token)
	s.oauth = s.newOAuth()
	s.mux = s.routes()
	for _, r := range opts.Roles {
		s.AddRole(r)
	}
	for _, u := range opts.Users {
		s.AddUser(u)
	}
	for _, c := range opts.Channels {
		s.AddChannel(c)
	}
	return s
}

// Start listens on Options.Address and serves until Close.
func (s *Server) Start() error {
	listener, err := net.Listen("tcp", s.opts.Address)
	if err != nil {
		return fmt.Errorf("discordtest: start: %w", err)
	}
	s.base = "http://" + listener.Addr().String()
	s.http = simulator.Serve(listener, s, &s.working)
	return nil
}

// URL is the base of the REST API, for a client's api_url: it ends in "/api/v9".
func (s *Server) URL() string { return s.base + "/api/v9" }

// Options returns the options in force, defaults filled in.
func (s *Server) Options() Options { return s.opts }

// Close drops every connection, stops every timer and waits for the server's goroutines. It may be called more than
// once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	sockets := s.gateway.openSockets()
	s.stopInteractions()
	s.change()
	s.mu.Unlock()
	s.cancel()
	for _, sock := range sockets {
		sock.close()
	}
	if s.http != nil {
		_ = s.http.Close()
	}
	s.working.Wait()
}

// SetDown makes the server refuse everything (true) or answer again (false). Going down cuts every gateway connection;
// while down, a connection is accepted by the kernel and closed without an answer.
func (s *Server) SetDown(down bool) {
	s.down.Store(down)
	if down {
		s.CloseSockets()
	}
}

// SetLatency changes Options.Latency.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// RevokeToken makes the token worthless, as resetting it in the portal does: calls answer 401 and the gateway closes
// with 4004. With false it is good again.
func (s *Server) RevokeToken(revoked bool) {
	s.mu.Lock()
	s.revoked = revoked
	s.change()
	s.mu.Unlock()
	if revoked {
		s.CloseGateway(closeAuthenticationFailed)
	}
}

// SetMessageContent switches the message content intent on or off, as in the portal. Switching it off closes the
// sessions that use it with 4014 and ends them: Discord lists 4014 among the codes after which nothing goes on
// (https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
func (s *Server) SetMessageContent(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content = on
	s.gateway.sessions = slices.DeleteFunc(s.gateway.sessions, func(sess *session) bool {
		using := !on && sess.intents&IntentMessageContent != 0
		if using && sess.sock != nil {
			sess.sock.session = nil
			sess.sock.closeWith(closeDisallowedIntents, "Disallowed intent(s).")
		}
		return using
	})
	s.change()
}

// ServeHTTP answers the REST API, the gateway and downloads.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		simulator.Drop(w)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// change wakes everyone who awaits a condition. The caller holds the lock.
func (s *Server) change() { s.mu.Change() }

// locked runs f under the lock, unless the server is closed, and wakes who awaits.
func (s *Server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	f()
	s.change()
}

// AddUser adds (or replaces) a member and returns it with its id. It sends no events.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	return s.state.addUser(u)
}

// AddRole adds (or replaces) a role and returns it with its id. It sends no events.
func (s *Server) AddRole(r Role) Role {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	return s.state.addRole(r)
}

// AddChannel adds a channel and returns it with its id, and ids of its tags. It sends no events.
func (s *Server) AddChannel(c Channel) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	return s.state.addChannel(c).Channel
}
