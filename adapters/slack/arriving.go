package slack

import (
	"sync/atomic"
	"time"
)

// How long bytes of a connection are taken for an event that has not come out yet. So few as maxPing may be a ping, out
// of which nothing comes; more than that is an event, which takes its time to be decoded on a busy machine.
const (
	maxPing     = 256
	pingTime    = 50 * time.Millisecond
	arrivalTime = 2 * time.Second
)

// arriving tells whether a connection is in the middle of a frame: bytes were read and nothing has come out of the
// library since. One goroutine reads and one takes; anyone may ask.
type arriving struct {
	reads atomic.Int64
	begun atomic.Int64 // when the first bytes were read of what has not come out yet, in Unix nanoseconds; 0: all has
	last  atomic.Int64 // when the last bytes were read
	size  atomic.Int64 // of what was read since begun
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
