package telegramtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Server is one simulated bot and its surroundings. Its zero value is not usable; see New.
type Server struct {
	opts Options
	me   User
	mux  *http.ServeMux

	ctx     context.Context // ends with Close; hung calls and long polls watch it
	cancel  context.CancelFunc
	http    *http.Server
	base    string // scheme://host
	working sync.WaitGroup
	down    atomic.Bool
	latency atomic.Int64 // nanoseconds
	poster  *http.Client // of the webhook

	mu         simulator.Lock
	ahead      time.Duration // by which the server's clock is ahead of the machine's
	token      string        // the one that is accepted
	state      state
	queue      queue
	hook       webhook
	faults     simulator.Faults[Fault]
	limits     limiter
	calls      callLog
	violations []string
}

// New builds a bot's world. The server answers after Start, or wherever it is mounted as an
// http.Handler (then Options.BaseURL must say where).
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{opts: opts, base: strings.TrimSuffix(opts.BaseURL, "/"), token: opts.Token}
	number, _, _ := strings.Cut(opts.Token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("telegramtest: Options.Token must start with the bot's user id and a colon")
	}
	s.me = User{ID: id, FirstName: opts.BotName, Username: opts.BotUsername, Bot: true}
	s.latency.Store(int64(opts.Latency))
	s.poster = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone(), Timeout: time.Minute}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.state = newState()
	s.queue = newQueue()
	s.faults = simulator.NewFaults[Fault](&s.mu)
	s.limits = newLimiter(opts.Limits)
	s.calls = newCallLog()
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/{bot}/{method}", s.serveMethod)
	s.mux.HandleFunc("GET /file/{bot}/{path...}", s.serveDownload)
	s.AddUser(s.me)
	for _, u := range opts.Users {
		s.AddUser(u)
	}
	for _, c := range opts.Chats {
		s.AddChat(c)
	}
	s.working.Go(s.deliverWebhook)
	return s
}

// Start listens on Options.Address and serves until Close.
func (s *Server) Start() error {
	listener, err := net.Listen("tcp", s.opts.Address)
	if err != nil {
		return fmt.Errorf("telegramtest: start: %w", err)
	}
	s.base = "http://" + listener.Addr().String()
	s.http = simulator.Serve(listener, s, &s.working)
	return nil
}

// URL is the base of /bot{token}/… and /file/bot{token}/…, for a client's api_url. It has no
// trailing slash.
func (s *Server) URL() string { return s.base }

// Options returns the options in force, defaults filled in.
func (s *Server) Options() Options { return s.opts }

// Bot is the bot as a user.
func (s *Server) Bot() User { return s.me }

// Close drops every connection and waits for the server's goroutines. It may be called more than once.
func (s *Server) Close() {
	s.cancel()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.working.Wait()
	s.poster.CloseIdleConnections()
}

// SetDown makes the server refuse everything (true) or answer again (false). Going down ends every
// long poll; while down, a connection is accepted by the kernel and closed without an answer.
// People can write meanwhile: Telegram keeps their updates.
func (s *Server) SetDown(down bool) {
	s.down.Store(down)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change()
}

// SetToken changes the token that is accepted, as a person who revokes it at BotFather does.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	s.change()
}

// Advance moves the server's clock forward: messages, updates, links and buttons grow older.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
	s.change()
}

// now is the server's clock. The caller holds the lock.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// ServeHTTP answers the Bot API and its file downloads.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		simulator.Drop(w)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// change wakes everyone who awaits a condition. The caller holds the lock.
func (s *Server) change() { s.mu.Change() }
