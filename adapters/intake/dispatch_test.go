package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// event is what the dispatcher of a test hands on.
type event struct {
	thread string
	n      int
	album  string
}

func (e event) key() string { return fmt.Sprintf("%s%d", e.thread, e.n) }

// record keeps keys. Safe for concurrent use.
type record struct {
	mu   sync.Mutex
	keys []string
}

func (r *record) add(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, key)
}

func (r *record) expect(t *testing.T, what string, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.keys, want) {
		t.Errorf("%s: %q, want %q", what, r.keys, want)
	}
}

// trial is a dispatcher in fake time. What was handled is in stored, the keys of a group joined by +.
type trial struct {
	*testing.T
	*Dispatcher[event]
	ctx          context.Context
	stored, done record
	log          bytes.Buffer
}

// run runs a test. Unless the rules say how, everything is stored; fail may refuse a group.
func run(t *testing.T, rules Rules[event], fail func(first event) error, test func(*trial)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tr := &trial{T: t, ctx: ctx}
		rules.Thread, rules.Key = func(e event) string { return e.thread }, event.key
		rules.Handle = func(_ context.Context, group []event) error {
			if fail != nil {
				if err := fail(group[0]); err != nil {
					return err
				}
			}
			var keys []string
			for _, e := range group {
				keys = append(keys, e.key())
			}
			tr.stored.add(strings.Join(keys, "+"))
			return nil
		}
		tr.Dispatcher = NewDispatcher(rules, slog.New(slog.NewTextHandler(&tr.log, nil)))
		test(tr)
		cancel()
		tr.Close()
		tr.Submit(ctx, event{"late", 1, ""}, func() { t.Error("something was taken in after the end") })
		tr.Beside(func() { t.Error("something was begun after the end") })
		tr.work.Wait()
	})
}

func (tr *trial) submit(events ...event) {
	for _, e := range events {
		tr.Submit(tr.ctx, e, func() { tr.done.add(e.key()) })
	}
}

func say(thread string, n int) event { return event{thread: thread, n: n} }

func TestAThreadIsHandledAsItCame(t *testing.T) {
	run(t, Rules[event]{}, nil, func(tr *trial) {
		tr.submit(say("a", 2), say("a", 1), say("a", 3))
		tr.Submit(tr.ctx, say("a", 4), nil) // nobody asks
		synctest.Wait()
		tr.stored.expect(t, "stored", "a2", "a1", "a3", "a4")
		tr.done.expect(t, "told", "a2", "a1", "a3")
		if len(tr.queues) != 0 {
			t.Errorf("%d threads are kept though nothing waits", len(tr.queues))
		}
	})
}

func TestAThreadIsSorted(t *testing.T) {
	var away atomic.Bool
	away.Store(true)
	order := Rules[event]{Order: func(a, b event) int { return cmp.Compare(a.n/10, b.n/10) }}
	run(t, order, func(event) error {
		if away.Load() {
			return errors.New("away")
		}
		return nil
	}, func(tr *trial) {
		tr.submit(say("a", 20))
		synctest.Wait() // it was tried, and is overtaken all the same
		tr.submit(say("a", 31), say("a", 12), say("a", 11), say("a", 30))
		away.Store(false)
		time.Sleep(time.Second)
		tr.stored.expect(t, "stored", "a12", "a11", "a20", "a31", "a30")
		tr.done.expect(t, "told", "a12", "a11", "a20", "a31", "a30")
	})
}

func TestThreadsAreHandledBesideEachOther(t *testing.T) {
	var release chan struct{}
	run(t, Rules[event]{}, func(e event) error {
		if e.thread != "quick" {
			<-release
		}
		return nil
	}, func(tr *trial) {
		release = make(chan struct{})
		for n := range maxParallel - 1 {
			tr.submit(say(fmt.Sprintf("slow%d/", n), 1))
		}
		synctest.Wait()
		tr.submit(say("quick", 1))
		synctest.Wait()
		tr.stored.expect(t, "while others are slow", "quick1")
		tr.submit(say("slow", 1))
		synctest.Wait()
		tr.submit(say("quick", 2))
		synctest.Wait()
		tr.stored.expect(t, "while too many are slow", "quick1")
		close(release)
		synctest.Wait()
		if n := len(tr.stored.keys); n != maxParallel+2 {
			t.Errorf("%d events were stored", n)
		}
	})
}

func TestWhatCannotBeStoredIsTriedAgainAndNotOvertaken(t *testing.T) {
	var tried []time.Duration
	var start time.Time
	run(t, Rules[event]{}, func(e event) error {
		if e == say("a", 1) {
			if tried = append(tried, time.Since(start)); len(tried) < 10 {
				return errors.New("away")
			}
		}
		return nil
	}, func(tr *trial) {
		start = time.Now()
		tr.submit(say("a", 1), say("a", 2), say("b", 3))
		time.Sleep(10 * time.Second)
		tr.submit(say("a", 1)) // it is offered again
		synctest.Wait()
		tr.stored.expect(t, "stored meanwhile", "b3")
		tr.done.expect(t, "told meanwhile", "b3")
		time.Sleep(time.Minute)
		tr.stored.expect(t, "stored", "b3", "a1", "a2")
		tr.done.expect(t, "told", "b3", "a1", "a1", "a2")
		var pauses []time.Duration
		for i := range len(tried) - 1 {
			pauses = append(pauses, (tried[i+1]-tried[i])/time.Millisecond)
		}
		if want := []time.Duration{50, 100, 200, 400, 800, 1600, 3200, 5000, 5000}; !slices.Equal(pauses, want) {
			t.Errorf("pauses of %d milliseconds, want %d", pauses, want)
		}
		if log := tr.log.String(); strings.Count(log, "level=") != 1 || !strings.Contains(log, "kept waiting") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

func TestOnlySoMuchWaits(t *testing.T) {
	var blocked chan struct{}
	rooms := 0
	run(t, Rules[event]{Room: func() { rooms++ }}, func(event) error { <-blocked; return nil }, func(tr *trial) {
		blocked = make(chan struct{})
		for n := range maxPending + 10 {
			tr.submit(say("a", n))
		}
		tr.submit(say("a", 0)) // offered again: it needs no room
		for range maxPending/2 - 1 {
			blocked <- struct{}{}
		}
		synctest.Wait()
		tr.submit(say("a", maxPending+11)) // it would overtake those that were not taken
		if rooms != 0 {
			t.Error("there is said to be room too early")
		}
		close(blocked)
		synctest.Wait()
		if n := len(tr.done.keys); n != maxPending+1 {
			t.Errorf("%d events were taken in, want %d and a repeated one", n, maxPending)
		}
		tr.submit(say("a", maxPending))
		synctest.Wait()
		if rooms != 1 || tr.pending != 0 {
			t.Errorf("told %d times that there is room, and %d still count", rooms, tr.pending)
		}
	})
}

// An event on which the code panics must neither end the process nor block its thread.
func TestPoisonIsDropped(t *testing.T) {
	poisoned, once := 0, false
	run(t, Rules[event]{}, func(e event) error {
		switch {
		case e == say("a", 1):
			poisoned++
			panic("what somebody wrote")
		case e == say("a", 2) && !once:
			once = true
			panic("once")
		}
		return nil
	}, func(tr *trial) {
		tr.submit(say("a", 1), say("a", 2), say("a", 3))
		time.Sleep(time.Minute)
		tr.stored.expect(t, "stored", "a2", "a3")
		tr.done.expect(t, "told", "a1", "a2", "a3")
		if poisoned != maxPanics || tr.pending != 0 {
			t.Errorf("tried %d times, %d pending", poisoned, tr.pending)
		}
		log := tr.log.String()
		if strings.Count(log, "level=ERROR") != maxPanics+2 || strings.Count(log, "dispatch_test.go") < maxPanics+1 ||
			!strings.Contains(log, "key=a1") || strings.Contains(log, "somebody") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

func TestWhatIsBesideMayPanicAndIsWaitedFor(t *testing.T) {
	ended := false
	run(t, Rules[event]{}, nil, func(tr *trial) {
		tr.Beside(func() { panic("what somebody pressed") })
		synctest.Wait()
		if log := tr.log.String(); !strings.Contains(log, "level=ERROR") || strings.Contains(log, "somebody") {
			t.Errorf("the log says\n%s", log)
		}
		tr.Beside(func() {
			<-tr.ctx.Done()
			time.Sleep(time.Second)
			ended = true
		})
	})
	if !ended {
		t.Error("the dispatcher is closed though something is still at work")
	}
}

func TestTheEndComesWhileStoringFails(t *testing.T) {
	run(t, Rules[event]{}, func(event) error { return errors.New("away for good") }, func(tr *trial) {
		tr.submit(say("a", 1), say("a", 2))
		time.Sleep(time.Minute)
		tr.done.expect(t, "told though nothing was stored")
	})
}

// album waits a second for what else belongs to it, but not for a fourth item.
var album = Rules[event]{
	Together: func(first, other event) bool { return first.album != "" && first.album == other.album },
	Ready: func(ctx context.Context, group []event, more <-chan struct{}) bool {
		if group[0].album == "" || len(group) >= 3 {
			return true
		}
		select {
		case <-time.After(time.Second):
			return true
		case <-more:
		case <-ctx.Done():
		}
		return false
	},
}

func TestWhatGoesTogetherIsHandledAsOne(t *testing.T) {
	var away atomic.Bool
	away.Store(true)
	run(t, album, func(e event) error {
		if away.Load() && e.album != "" {
			return errors.New("away")
		}
		return nil
	}, func(tr *trial) {
		tr.submit(event{"a", 1, "x"}, say("a", 2), event{"a", 3, "x"}, event{"a", 4, "y"}, say("b", 5))
		time.Sleep(2 * time.Second)
		tr.stored.expect(t, "stored meanwhile", "b5")
		tr.submit(event{"a", 6, "x"}) // what failed grows
		away.Store(false)
		time.Sleep(5 * time.Second)
		tr.stored.expect(t, "stored", "b5", "a1+a3+a6", "a2", "a4")
		tr.done.expect(t, "told", "b5", "a1", "a3", "a6", "a2", "a4")
		if tr.pending != 0 {
			t.Errorf("%d still count as waiting", tr.pending)
		}
	})
}

func TestWhoWaitsHearsOfMore(t *testing.T) {
	run(t, album, nil, func(tr *trial) {
		tr.submit(event{"a", 1, "x"})
		synctest.Wait()
		tr.submit(event{"a", 2, "x"})
		synctest.Wait()
		tr.stored.expect(t, "stored before the album is whole")
		tr.submit(event{"a", 3, "x"})
		synctest.Wait()
		tr.stored.expect(t, "stored at once", "a1+a2+a3")
	})
}

func TestTheHeadIsLookedForAnewAfterAWait(t *testing.T) {
	asked := map[event]bool{}
	run(t, Rules[event]{
		Order: func(a, b event) int { return cmp.Compare(a.n, b.n) },
		Ready: func(_ context.Context, group []event, _ <-chan struct{}) bool {
			if asked[group[0]] {
				return true
			}
			asked[group[0]] = true
			time.Sleep(time.Second)
			return false
		},
	}, nil, func(tr *trial) {
		tr.submit(say("a", 2))
		synctest.Wait()
		tr.submit(say("a", 1))
		time.Sleep(3 * time.Second)
		tr.stored.expect(t, "stored", "a1", "a2")
	})
}
