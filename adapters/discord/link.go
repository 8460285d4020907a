package discord

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// intents are the events that we ask for: channels and threads, messages, reactions, who is writing, and, which has to be
// switched on for the application, what messages say (D:events/gateway#gateway-intents).
const intents = discordgo.IntentGuilds | discordgo.IntentGuildMessages | discordgo.IntentGuildMessageReactions |
	discordgo.IntentGuildMessageTyping | discordgo.IntentMessageContent

const (
	lastPause = time.Minute
	// refusedPause is how long a refusal for good is left standing: every attempt counts against a day's limit, and the
	// token is reset when that is reached.
	refusedPause = 5 * time.Minute
)

// connections keeps one connection up until ctx ends or Discord refuses the bot for good. A connection that broke is
// opened again by the same session, which then resumes; one that went silent, or could not resume, is left behind with
// its session.
func (r *receiver) connections(ctx context.Context) error {
	var l *link
	defer func() { l.abandon() }()
	for failed := 0; ctx.Err() == nil; {
		if l == nil {
			if err := r.mayIdentify(ctx); err != nil {
				failed++
				r.await(ctx, failure("gateway", err), failed)
				continue
			}
			l = r.newLink() //nolint:contextcheck // what an event begins outlives its connection
		}
		began := time.Now()
		err := l.run(ctx)
		if ctx.Err() != nil {
			break
		}
		if f := closed(err); f != nil {
			r.health.trouble(f)
			intake.Pause(ctx, refusedPause)
			return f
		}
		r.health.down()
		ready := l.ready.Load()
		if failed++; ready && time.Since(began) > lastPause {
			failed = 1
		}
		if !ready || !errors.Is(err, errLost) {
			r.log.Info("a connection is replaced", "error", bare(err))
			l.abandon()
			l = nil
		}
		intake.Pause(ctx, r.backoff(failed))
	}
	return nil
}

// backoff doubles from one second up to a minute, and scatters. It grows with the sessions that hang: each keeps its
// memory for ever, so that there must not be too many however long Discord goes on like that.
func (r *receiver) backoff(failed int) time.Duration {
	longest := min(lastPause, r.cfg.FirstPause<<min(failed-1, 16))
	longest += r.cfg.FirstPause * time.Duration(r.opening.Load())
	return longest/2 + rand.N(longest/2+1)
}

// await tells why we cannot connect, and waits.
func (r *receiver) await(ctx context.Context, f *bridge.Failure, failed int) {
	if ctx.Err() != nil {
		return
	}
	r.health.trouble(f)
	intake.Pause(ctx, max(r.backoff(failed), f.After))
}

// mayIdentify asks how many sessions may still be begun today.
func (r *receiver) mayIdentify(ctx context.Context) error {
	var answer struct {
		Limit struct {
			Total     int   `json:"total"`
			Remaining int   `json:"remaining"`
			Reset     int64 `json:"reset_after"` // ms
		} `json:"session_start_limit"`
	}
	if err := r.call(ctx, http.MethodGet, "/gateway/bot", nil, &answer); err != nil {
		return err
	}
	r.log.Debug("a session is begun", "remaining", answer.Limit.Remaining)
	if answer.Limit.Total > 0 && answer.Limit.Remaining <= 0 {
		return &bridge.Failure{
			Verdict: bridge.Wait, After: time.Duration(answer.Limit.Reset) * time.Millisecond,
			Public: "The bot has connected to Discord as often as it may in a day.", Err: errors.New("no sessions left"),
		}
	}
	return nil
}

// closed says of an error whether Discord has refused the bot for good (D:topics/opcodes-and-status-codes#gateway).
func closed(err error) *bridge.Failure {
	c, ok := errors.AsType[*websocket.CloseError](err)
	if !ok {
		return nil
	}
	public := ""
	switch c.Code {
	case 4004:
		public = adviseToken
	case 4014:
		public = adviseIntents
	case 4010, 4011, 4012, 4013:
		public = "Discord does not serve this version of Skein for this bot. Look for a newer one."
	default:
		return nil
	}
	return &bridge.Failure{Verdict: bridge.Wait, After: refusedPause, Refused: true, Public: public, Err: c}
}

var (
	errLost   = errors.New("the connection was lost")
	errSilent = errors.New("the connection went silent")
)

// link is a session of the library with one connection at a time.
type link struct {
	*receiver
	session *discordgo.Session
	ready   atomic.Bool   // of the present connection
	changed chan struct{} // wakes whoever waits for ready
	lost    chan struct{}
	heard   atomic.Int64 // when something last came from the network, in Unix nanoseconds
	dead    atomic.Bool

	mu   sync.Mutex
	conn net.Conn
}

func (r *receiver) newLink() *link {
	l := &link{receiver: r, session: r.newSession(), changed: make(chan struct{}, 1), lost: make(chan struct{}, 1)}
	l.session.Dialer = l.dialer()
	l.session.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		if !l.dead.Load() {
			intake.Isolate(r.log, func() { l.take(strings.TrimPrefix(e.Type, unknown), e.RawData) })
		}
	})
	l.session.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) { signal(l.lost) })
	return l
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take handles one event, in the library's own goroutine: what is slow here delays the heartbeat.
func (l *link) take(kind string, data json.RawMessage) {
	switch kind {
	case "READY":
		l.health.up(true)
		l.ready.Store(true)
		signal(l.changed)
		if ready, ok := decoded[readiness](l.receiver, data); ok {
			l.dispatch.Beside(func() { l.declare(string(ready.Application.ID)) })
		}
	case "RESUMED":
		l.health.up(false)
		l.ready.Store(true)
		signal(l.changed)
	default:
		l.event(kind, data)
	}
}

// run opens a connection and returns why it ended. errLost means that the session may be resumed.
func (l *link) run(ctx context.Context) error {
	l.ready.Store(false)
	drain(l.lost)
	drain(l.changed)
	l.touch()
	if err := l.open(ctx); err != nil {
		return err
	}
	watchdog := time.NewTicker(l.cfg.Silence / 4)
	defer watchdog.Stop()
	for {
		select {
		case <-l.lost:
			return errLost
		case <-watchdog.C:
			if l.quiet() > l.cfg.Silence {
				return errSilent
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func drain(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// open returns once the connection is ready. The library's Open has no deadline, and hangs for ever when Discord asks
// it to reconnect in the wrong moment: then it is left to hang.
func (l *link) open(ctx context.Context) error {
	deadline := time.NewTimer(l.cfg.OpenTime)
	defer deadline.Stop()
	opened := make(chan error, 1)
	l.opening.Add(1)
	go func() {
		opened <- intake.Guard(l.log, "a connection could not be opened", l.session.Open)
		l.opening.Add(-1)
	}()
	for {
		select {
		case err := <-opened:
			if err != nil {
				return err
			}
			opened = nil
		case <-l.changed:
		case <-l.lost:
			return errLost
		case <-deadline.C:
			return errSilent
		case <-ctx.Done():
			return ctx.Err()
		}
		if opened == nil && l.ready.Load() {
			return nil
		}
	}
}

// abandon leaves a session behind. It is not closed: that could hang as well.
func (l *link) abandon() {
	if l == nil {
		return
	}
	l.dead.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

func (l *link) touch() { l.heard.Store(time.Now().UnixNano()) }

func (l *link) quiet() time.Duration { return time.Since(time.Unix(0, l.heard.Load())) }
