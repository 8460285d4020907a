package slack

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// How long bytes of a connection are taken for an event that has not come out yet. So few as maxPing may be a ping, out
// of which nothing comes; more than that is an event, which takes seconds to be decoded on a busy machine. Whoever waits
// for it looks no more than maxArriving times.
const (
	maxPing     = 256
	pingTime    = 50 * time.Millisecond
	arrivalTime = 30 * time.Second
)

// arriving tells whether a connection is in the middle of a frame: bytes were read and nothing has come out of the
// library since. One goroutine reads and one takes; anyone may ask.
type arriving struct {
	doubted  chan struct{} // asks for another connection if this one is silent
	awaiting atomic.Bool   // it was lost or is doubted, and another one is not up yet
	heard    atomic.Int64  // when something last came from the network or a connection was begun, in Unix nanoseconds

	reads atomic.Int64
	begun atomic.Int64 // when the first bytes were read of what has not come out yet, in Unix nanoseconds; 0: all has
	last  atomic.Int64 // when the last bytes were read
	size  atomic.Int64 // of what was read since begun
	wire  atomic.Pointer[wire]
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
	return !a.isAt(now, now) && now.UnixNano()-a.last.Load() > int64(lately)
}

// read notes that n bytes were read at now.
func (a *arriving) read(n int, now time.Time) {
	if !a.isAt(now, now) {
		a.begun.Store(now.UnixNano())
		a.size.Store(0)
	}
	a.size.Add(int64(n))
	a.last.Store(now.UnixNano())
	a.reads.Add(1)
}

// handled runs take, which handles what came out. What is read meanwhile belongs to something else.
func (a *arriving) handled(take func()) {
	before := a.reads.Load()
	take()
	a.begun.Store(0)
	if a.reads.Load() != before {
		a.begun.Store(a.last.Load())
	}
}

// isAt says whether at now something is still arriving that began until then.
func (a *arriving) isAt(now, then time.Time) bool {
	begun, most := a.begun.Load(), pingTime
	if a.size.Load() > maxPing {
		most = arrivalTime
	}
	return begun != 0 && begun <= then.UnixNano() && now.UnixNano()-a.last.Load() <= int64(most)
}
