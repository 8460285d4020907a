package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

const (
	// Slack recycles connections; with two, one is up while the other is renewed (S:apis/events-api/using-socket-mode).
	socketCount = 2
	// Slack refuses answers of 20 KB or more if they are not one frame.
	socketWriteBuffer = 32 << 10
	maxFrame          = 16 << 20
	ackTime           = 2 * time.Second
	// The library's own pauses grow to five minutes; we do not wait that long after an outage.
	reconnectPause = 3 * time.Second
	refusedPause   = 30 * time.Second
	stopTime       = 5 * time.Second
	// Where Socket Mode is off, Slack opens connections and ends them without a greeting, as fast as they are made.
	maxUngreeted = 3
	adviseSocket = "Slack refuses the app token. Check that Socket Mode is on and that app_token has the scope connections:write."
)

// sockets keeps the connections of Socket Mode up until ctx ends or Slack refuses the token for good.
func (r *receiver) sockets(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, socketCount)
	for i := range r.frames {
		go func() { ended <- r.keepSocket(ctx, &r.frames[i]) }()
	}
	var first error
	for range socketCount {
		if err := <-ended; err != nil && first == nil {
			first = err
		}
		cancel()
	}
	return first
}

// keepSocket replaces one client after the other.
func (r *receiver) keepSocket(ctx context.Context, frame *arriving) error {
	deaf, ungreeted := false, 0
	for ctx.Err() == nil {
		s := &socket{receiver: r, arriving: frame, deaf: deaf, ungreeted: ungreeted}
		wait, err := s.run(ctx)
		deaf, ungreeted = s.deaf, min(s.ungreeted, maxUngreeted-1) // one try more
		if err != nil && ctx.Err() == nil {
			return err
		}
		intake.Pause(ctx, wait)
	}
	return nil
}

// socket is one client of the library; it makes connections, one at a time.
type socket struct {
	*receiver
	client   *socketmode.Client
	arriving *arriving
	live     bool
	deaf     bool // an earlier connection was lost, with what was on its way over it
	// ungreeted is how many connections there were since Slack last said hello.
	ungreeted int
}

// run lives until the client has to be replaced; wait says after which pause. An error is for good.
func (s *socket) run(ctx context.Context) (wait time.Duration, err error) {
	ctx, cancel := context.WithCancel(ctx)
	s.client = socketmode.New(s.api,
		socketmode.OptionDialer(s.dialer()),
		socketmode.OptionPingInterval(s.cfg.PingInterval),
		socketmode.OptionReadLimit(maxFrame),
		socketmode.OptionLog(silent{}))
	s.arriving.touch()
	ended := make(chan struct{})
	var ending error
	go func() {
		defer close(ended)
		ending = s.client.RunContext(ctx)
	}()
	defer func() {
		cancel()
		s.setLive(false)
		select { // a client that hangs is left behind: that is what the watchdog is for
		case <-ended:
		case <-time.After(stopTime):
		}
	}()
	watchdog := time.NewTicker(s.cfg.PingInterval)
	defer watchdog.Stop()
	for {
		select {
		case e := <-s.client.Events:
			wait = s.take(ctx, e)
			s.arriving.out(sizeOf(e))
			if wait > 0 {
				return wait, nil
			}
		case <-ended:
			return reconnectPause, s.refused(ctx, ending)
		case <-watchdog.C:
			if s.arriving.quiet() > 3*s.cfg.PingInterval {
				s.log.Warn("a silent connection is replaced")
				return time.Millisecond, nil
			}
		case <-s.arriving.doubted:
			if s.isDoubtful(s.arriving) {
				s.log.Warn("a connection that may be silent is replaced, as another one was lost")
				return time.Millisecond, nil
			}
			s.arriving.awaiting.Store(!s.live)
		case <-ctx.Done():
			return 0, nil
		}
	}
}

// doubtOthers has the other connections replaced too if they may have gone silent: on one that is not known to be,
// lines would stay away that later ones on a new connection overtake.
func (r *receiver) doubtOthers(lost *arriving) {
	for i := range r.frames {
		if a := &r.frames[i]; a != lost && r.isDoubtful(a) {
			a.awaiting.Store(true)
			select {
			case a.doubted <- struct{}{}:
			default:
			}
		}
	}
}

// isDoubtful says whether a connection has been quiet for longer than Slack usually lets it be: it pings several times
// in an interval.
func (r *receiver) isDoubtful(a *arriving) bool { return a.quiet() > r.cfg.PingInterval/2 }

// refused reports why the library gave up, which it does only when Slack refuses the token.
func (s *socket) refused(ctx context.Context, err error) error {
	if ctx.Err() != nil || err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	f := socketFailure(err)
	s.health.trouble(f)
	return f
}

func socketFailure(err error) *bridge.Failure {
	f := failure("apps.connections.open", err)
	if f.Refused || f.Verdict == bridge.GiveUp {
		f.Verdict, f.Whole, f.Refused, f.Public = bridge.Wait, true, true, adviseSocket
	}
	return f
}

// take handles one event of the library. A positive wait asks for another client after that pause.
func (s *socket) take(ctx context.Context, e socketmode.Event) (wait time.Duration) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		s.setLive(false)
		s.arriving.touch()
		if s.ungreeted >= maxUngreeted {
			s.health.unwelcome()
			return refusedPause
		}
	case socketmode.EventTypeConnected:
		s.ungreeted++
	case socketmode.EventTypeHello:
		s.ungreeted = 0
		s.setLive(true)
	case socketmode.EventTypeConnectionError:
		if problem, ok := e.Data.(*slackgo.ConnectionErrorEvent); ok && ctx.Err() == nil {
			return s.failed(problem)
		}
	case socketmode.EventTypeErrorBadMessage: // the library cannot decode it; we may
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
			intake.Isolate(s.log, func() { s.envelope(ctx, bad.Message) })
		}
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
		if q := e.Request; q != nil {
			intake.Isolate(s.log, func() { s.frame(ctx, envelope{Type: text(q.Type), ID: text(q.EnvelopeID), Payload: q.Payload}) })
		}
	}
	return 0
}

func (s *socket) failed(problem *slackgo.ConnectionErrorEvent) (wait time.Duration) {
	f := socketFailure(problem.ErrorObj)
	s.health.trouble(f)
	switch {
	case f.Refused:
		return refusedPause
	case f.Verdict == bridge.Wait:
		return 0 // the library waits as long as Slack asked
	case problem.Backoff > reconnectPause:
		return reconnectPause
	}
	return 0
}

func (s *socket) envelope(ctx context.Context, raw json.RawMessage) {
	var env envelope
	if json.Unmarshal(raw, &env) != nil || env.ID == "" {
		s.log.Warn("a frame of an unknown form was ignored")
		return
	}
	s.frame(ctx, env)
}

// frame handles one envelope. It does not block but for a full queue of acknowledgements.
func (s *socket) frame(ctx context.Context, env envelope) {
	ack := func(payload any) { s.ack(ctx, string(env.ID), payload) }
	switch env.Type {
	case "events_api":
		s.event(env.Payload, s.expected(s.arriving), func() { ack(nil) }) //nolint:contextcheck // an event outlives the connection that it came over
	case "interactive":
		s.interactive(env.Payload, ack) //nolint:contextcheck // a press outlives the connection that it came over
	case "slash_commands":
		ack(nil)
		s.slash(slashFromJSON(env.Payload)) //nolint:contextcheck // and so does a command
	default:
		ack(nil)
	}
}

// ack may be lost with its connection; then Slack offers the event again, and its key is known.
func (s *socket) ack(ctx context.Context, id string, payload any) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	if err := s.client.AckCtx(ctx, id, payload); err != nil {
		s.log.Debug("an event could not be acknowledged", "error", err)
	}
}

func (s *socket) setLive(live bool) {
	if s.live == live {
		return
	}
	s.live = live
	if !live {
		// What was on its way over the connection is offered again, but behind younger lines; and if it had gone
		// silent, the other one perhaps has too. So the threads are read back first, and younger lines wait for that.
		s.deaf = true
		s.arriving.awaiting.Store(true)
		s.health.down()
		s.doubtOthers(s.arriving)
		return
	}
	s.health.up()
	if s.deaf {
		s.health.gap()
	}
	s.arriving.awaiting.Store(false)
}

// dialer makes connections that tell when something was read from them: the library keeps pings to itself.
func (s *socket) dialer() *websocket.Dialer {
	plain := &net.Dialer{Timeout: s.cfg.Timeout}
	return &websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: s.cfg.Timeout,
		WriteBufferSize:  socketWriteBuffer,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := plain.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return watchedConn{conn, s, s.arriving.over(conn)}, nil
		},
	}
}

type watchedConn struct {
	net.Conn
	socket *socket
	wire   *wire
}

func (c watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.socket.arriving.touch()
		c.socket.arriving.read(n, time.Now())
		c.wire.read.Add(int64(n))
	}
	return n, err
}
