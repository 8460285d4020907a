package slacktest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Server is one simulated workspace. Its zero value is not usable; see New.
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
	poster  *http.Client // of HTTP mode

	mu     simulator.Lock
	closed bool
	state  state
	out    outbox
	order  order
	faults faultBook
	limits limiter
	calls  callLog
}

// New builds a workspace. The server answers after Start, or wherever it is mounted as an
// http.Handler (then Options.BaseURL must say where).
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{opts: opts, base: strings.TrimSuffix(opts.BaseURL, "/")}
	s.latency.Store(int64(opts.Latency))
	s.poster = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.state = newState(opts)
	s.out = newOutbox()
	s.faults = faultBook{simulator.NewFaults[Fault](&s.mu), simulator.NewFaults[EventFault](&s.mu)}
	s.limits = newLimiter(opts.Limits)
	s.calls = newCallLog()
	s.mux = s.routes()
	for _, u := range opts.Users {
		s.AddUser(u)
	}
	for _, c := range opts.Channels {
		s.AddChannel(c)
	}
	s.working.Go(s.deliverHTTP)
	return s
}

// Start listens on Options.Address and serves until Close.
func (s *Server) Start() error {
	listener, err := net.Listen("tcp", s.opts.Address)
	if err != nil {
		return fmt.Errorf("slacktest: start: %w", err)
	}
	s.base = "http://" + listener.Addr().String()
	s.http = simulator.Serve(listener, s, &s.working)
	return nil
}

// URL is the base of the Web API, for a client's api_url: it ends in "/api/".
func (s *Server) URL() string { return s.base + "/api/" }

// Options returns the options in force, defaults filled in.
func (s *Server) Options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

// Close drops every connection, stops every retry and waits for the server's goroutines. It may
// be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	sockets := s.out.takeSockets()
	s.out.stopTimers()
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
	s.poster.CloseIdleConnections()
}

// SetDown makes the server refuse everything (true) or answer again (false). Going down closes
// every socket; while down, a connection is accepted by the kernel and closed without an answer.
func (s *Server) SetDown(down bool) {
	s.down.Store(down)
	if down {
		s.CloseSockets()
	}
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("GET /link", s.serveSocket)
	mux.HandleFunc("POST /upload/{ticket}", s.serveUpload)
	mux.HandleFunc("GET /files-pri/{id}/{name}", s.serveDownload)
	mux.HandleFunc("POST /response/{id}", s.serveResponseURL)
	return mux
}

// ServeHTTP answers the Web API, the socket, uploads, downloads and response URLs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		simulator.Drop(w)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// change wakes everyone who awaits a condition. The caller holds the lock.
func (s *Server) change() { s.mu.Change() }
