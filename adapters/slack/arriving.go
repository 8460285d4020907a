package slack

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// How long bytes of a connection are taken for an event that has not come out yet. So few as maxPing may be a ping, out
// of which nothing comes; more than that is an event, which takes seconds to be decoded on a busy machine. Whoever waits
// for it looks no more than maxArriving times.
const (
	maxPing     = 256
	pingTime    = 50 * time.Millisecond
	arrivalTime = 30 * time.Second
)

// What a frame has besides its payload and the envelope's own texts (S:apis/events-api/using-socket-mode): the names of
// fields, the frame's head, a part of what TLS adds. So few bytes as inexact are not taken for another frame.
const (
	aroundPayload = 120
	inexact       = 64
)

// arriving tells whether a connection is in the middle of a frame: more bytes were read than belong to what has come out
// of the library since. One goroutine reads and one takes; anyone may ask.
type arriving struct {
	doubted  chan struct{} // asks for another connection if this one is silent
	awaiting atomic.Bool   // it was lost or is doubted, and another one is not up yet
	heard    atomic.Int64  // when something last came from the network or a connection was begun, in Unix nanoseconds
	wire     atomic.Pointer[wire]

	mu     sync.Mutex
	inside []chunk // was read and has not come out, oldest first
	last   time.Time
}

// chunk is what one read has brought.
type chunk struct {
	at   time.Time
	size int
}

func (a *arriving) touch() { a.heard.Store(time.Now().UnixNano()) }

// quiet is for how long nothing has been heard.
func (a *arriving) quiet() time.Duration { return time.Since(time.Unix(0, a.heard.Load())) }

// wire is one connection with how many bytes were read from it.
type wire struct {
	conn syscall.RawConn
	read atomic.Int64
}

// over notes that from now on conn is read. At most one is at a time.
func (a *arriving) over(conn net.Conn) *wire {
	w := &wire{}
	a.mu.Lock()
	a.inside = nil
	a.mu.Unlock()
	if c, ok := conn.(syscall.Conn); ok {
		w.conn, _ = c.SyscallConn()
	}
	a.wire.Store(w)
	return w
}

// mark is a place in what comes over a connection.
type mark struct {
	wire *wire
	at   int64
}

// received marks what has reached this machine up to now; passed tells once all of it was read.
func (a *arriving) received() mark {
	w := a.wire.Load()
	if w == nil {
		return mark{}
	}
	n, _ := w.received()
	return mark{w, n}
}

func (m mark) passed() bool { return m.wire == nil || m.wire.read.Load() >= m.at }

// isQuiet says whether nothing is on its way out of the connection: all that has reached this machine was read, and
// nothing was for the time of lately.
func (a *arriving) isQuiet(now time.Time, lately time.Duration) bool {
	if w := a.wire.Load(); w != nil {
		if received, ok := w.received(); !ok || received > w.read.Load() {
			return false
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.isInside(now, now) && now.Sub(a.last) > lately
}

// read notes that n bytes were read at now.
func (a *arriving) read(n int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.isInside(now, now) { // a ping
		a.inside = a.inside[:0]
	}
	a.inside = append(a.inside, chunk{now, n})
	a.last = now
}

// out notes that of what was read, about n bytes have come out. What was read besides is another event, perhaps a part of
// it: the library reads on while one waits to be taken.
func (a *arriving) out(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for n > 0 && len(a.inside) > 0 {
		first := &a.inside[0]
		if first.size > n {
			first.size -= n
			break
		}
		n -= first.size
		a.inside = a.inside[1:]
	}
	if a.size() <= inexact {
		a.inside = a.inside[:0]
	}
}

func (a *arriving) size() (n int) {
	for _, c := range a.inside {
		n += c.size
	}
	return n
}

// isAt says whether at now something is still arriving that began until then.
func (a *arriving) isAt(now, then time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.isInside(now, then)
}

// isInside is isAt, with mu held.
func (a *arriving) isInside(now, then time.Time) bool {
	most := pingTime
	if a.size() > maxPing {
		most = arrivalTime
	}
	return len(a.inside) > 0 && !a.inside[0].at.After(then) && now.Sub(a.last) <= most
}

// sizeOf is about how many bytes an event of the library had on its connection; 0 for its own.
func sizeOf(e socketmode.Event) int {
	if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
		return len(bad.Message)
	}
	q := e.Request
	if q == nil {
		return 0
	}
	return len(q.Payload) + len(q.EnvelopeID) + len(q.Type) + len(q.RetryReason) + aroundPayload
}
