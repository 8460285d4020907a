package slack

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
)

const (
	maxArriving = 500 // how often an item that has settled looks whether something else is still arriving
	arrivalLook = time.Millisecond
	maxExtended = 5 // how often an item's time to settle is extended
)

// wait is what a happening has to wait for, lest an earlier one of its thread is still on the way.
type wait struct {
	settle time.Duration // 0: for nothing
	unread []mark        // what had reached us over other connections when it came
}

// allRead says whether everything has been read that had come before.
func (w wait) allRead() bool {
	return !slices.ContainsFunc(w.unread, func(m mark) bool { return !m.passed() })
}

// arrival is a happening that waits its turn.
type arrival struct {
	happening
	wait
	settled  time.Time // from then on nothing earlier is expected; once it is queued, of the goroutine of its thread
	read     bool      // all that had come before
	extended int
	looks    int
}

func arrived(h happening, how wait) *arrival {
	return &arrival{happening: h, wait: how, settled: time.Now().Add(how.settle)}
}

// newDispatcher returns one that hands happenings on in the order of their ts. arriving says whether at now anything is
// still on its way in that began to arrive until then.
func newDispatcher(handle func(context.Context, happening) error, arriving func(now, then time.Time) bool, room func(), log *slog.Logger) *intake.Dispatcher[*arrival] {
	return intake.NewDispatcher(intake.Rules[*arrival]{
		Handle: func(ctx context.Context, group []*arrival) error {
			h := group[len(group)-1].happening
			if len(group) > 1 {
				h.unsaid = group[0].key
			}
			return handle(ctx, h)
		},
		Thread: (*arrival).queue,
		Key:    func(a *arrival) string { return a.key },
		Order: func(a, b *arrival) int {
			return cmp.Or(compareTS(a.at, b.at), cmp.Compare(a.key, b.key))
		},
		Together: func(said, gone *arrival) bool { return gone.takesBack(said.happening) },
		Ready:    func(ctx context.Context, one []*arrival, _ <-chan struct{}) bool { return one[0].ready(ctx, arriving) },
		Room:     room,
	}, log)
}

// ready reports whether the arrival has settled; when not, it has waited.
func (a *arrival) ready(ctx context.Context, arriving func(now, then time.Time) bool) bool {
	if left := time.Until(a.settled); left > 0 {
		intake.Pause(ctx, left)
		// On a machine so busy that we wake up late, the connections are read late, too.
		if late := time.Since(a.settled); late > a.settle && a.extended < maxExtended {
			a.extended++
			a.settled = time.Now().Add(late)
		}
		return false
	}
	now := time.Now()
	if !a.read { // what has been read last may be in the middle of its frame now
		a.settled, a.read = now, a.allRead()
	}
	if a.settle == 0 || a.looks == maxArriving || a.read && !arriving(now, a.settled) {
		return true
	}
	a.looks++ // a long line may be read for longer than a short one that was written after it
	intake.Pause(ctx, arrivalLook)
	return false
}
