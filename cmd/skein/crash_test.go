package main

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// crash is a conversation in which the daemon is killed at a moment at which a message could be lost or doubled.
type crash struct {
	*talk
	daemon *process
}

// moment is one of them.
type moment struct {
	name  string
	kill  func(c *crash)
	where func(p pairing) bool
}

// A forum's threads differ from others in how they are opened.
func inThreads(p pairing) bool  { return len(p.rooms) == 1 && p.rooms[0] != "forum" }
func inEach(p pairing) bool     { return len(p.rooms) == 1 }
func onTelegram(p pairing) bool { return inThreads(p) && p.front == "telegram" }
func inText(p pairing) bool     { return inThreads(p) && p.rooms[0] == "discord" }

var moments = []moment{
	{"before the visitor's commit", (*crash).beforeCommit, inThreads},
	{"after the visitor's commit", (*crash).afterCommit, inThreads},
	{"after the intent", (*crash).afterIntent, inThreads},
	{"after the opening's intent", (*crash).afterOpeningIntent, inEach},
	{"after the room accepted", (*crash).afterAccepted, inThreads},
	{"after the room accepted the opening", (*crash).afterOpeningAccepted, inEach},
	{"after the card before its thread", (*crash).afterCard, inText},
	{"after the card with its thread", (*crash).afterCardAccepted, inText},
	{"after the agent's line was sent", (*crash).afterAgentsLine, inEach},
	{"after the intent to the visitor", (*crash).afterIntentBack, onTelegram},
	{"after the visitor's platform accepted", (*crash).afterAcceptedBack, onTelegram},
}

// TestKilledAtNamedPoints kills the real binary at these moments. What a browser sends again afterwards carries the same
// key. Everything must be everywhere once; only on Telegram, which cannot be asked, may the one line that was in flight
// stand twice.
func TestKilledAtNamedPoints(t *testing.T) {
	for _, kind := range databases {
		for _, p := range pairings {
			for _, m := range moments {
				if !m.where(p) {
					continue
				}
				t.Run(kind+"/"+p.String()+"/"+m.name, func(t *testing.T) {
					t.Parallel()
					f := newFloor(t, kind, p)
					c := &crash{f.talk(t, "Vera"), f.start(f.address)}
					c.wait, c.apart = 2*time.Minute, true
					m.kill(c)
					c.daemon = f.start(f.address)
					c.findThreads()
					c.visitorSaid("And one more.")
					c.agentSaid(0, "Yes?")
					c.agrees()
					f.opened(t, 1)
					if t.Failed() {
						t.Log(c.daemon.stderr)
					}
				})
			}
		}
	}
}

// opened checks that each conversation was opened once.
func (f *floor) opened(t testing.TB, want int) {
	t.Helper()
	for _, in := range f.rooms {
		if n := in.cards(); n != want {
			t.Errorf("%s has %d cards, want %d", in.endpoint(), n, want)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// beforeCommit lets the database refuse to commit until the daemon is dead.
func (c *crash) beforeCommit() {
	c.visitor.arrive()
	unlock := c.lockDatabase(c.t)
	c.said = append(c.said, &speech{room: visitorSays, by: c.name, text: "Hello"})
	acknowledged := make(chan struct{})
	go func() {
		defer close(acknowledged)
		c.visitor.say("Hello")
	}()
	c.t.Cleanup(func() { <-acknowledged })
	if !until(c.ctx, func() bool { return !c.visitor.confirmed() }) {
		c.t.Fatal("never on its way, or acknowledged before the commit")
	}
	time.Sleep(300 * time.Millisecond) // long enough for it to have arrived; it must not be acknowledged
	if c.visitor.confirmed() {
		c.t.Error("acknowledged before the commit")
	}
	c.daemon.kill()
	unlock()
}

// lockDatabase takes a lock under which no message can be committed.
func (r *rig) lockDatabase(t testing.TB) (unlock func()) {
	t.Helper()
	driver, dsn, lock := "postgres", r.database, "LOCK TABLE entries IN EXCLUSIVE MODE"
	if path, ok := strings.CutPrefix(r.database, "sqlite:"); ok {
		driver, dsn, lock = "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)", "SELECT 1"
	}
	db, err := sql.Open(driver, dsn)
	must(t, err)
	tx, err := db.BeginTx(r.ctx, nil)
	must(t, err)
	_, err = tx.ExecContext(r.ctx, lock)
	must(t, err)
	return func() {
		must(t, tx.Rollback())
		must(t, db.Close())
	}
}

// afterCommit kills when the line is ours and nobody has been asked to show it.
func (c *crash) afterCommit() {
	trouble := c.rooms[0].fail(trouble{times: 1, hang: true})
	c.says("Hello")
	if !until(c.ctx, c.visitor.confirmed) {
		c.t.Fatal("never acknowledged")
	}
	c.daemon.kill()
	trouble.Clear()
}

// afterIntent kills when the call has reached the platform, so that the intent is durable, but was not carried out.
func (c *crash) afterIntent() {
	c.visitorSaid("Hello")
	c.during(c.rooms[0].fail(trouble{thread: c.threads[0], times: 1, hang: true}), func() { c.says("Is anybody there?") })
}

func (c *crash) afterOpeningIntent() {
	c.during(c.rooms[0].fail(trouble{opening: true, times: 1, hang: true}), func() { c.says("Hello") })
}

func (c *crash) afterAccepted() {
	c.visitorSaid("Hello")
	c.during(c.rooms[0].fail(trouble{thread: c.threads[0], times: 1, act: true, hang: true}), func() { c.says("Is anybody there?") })
}

func (c *crash) afterOpeningAccepted() {
	c.during(c.rooms[0].fail(trouble{opening: true, times: 1, act: true, hang: true}), func() { c.says("Hello") })
}

func (c *crash) afterCard() {
	c.during(c.rooms[0].fail(trouble{opening: true, card: true, times: 1, hang: true}), func() { c.says("Hello") })
}

func (c *crash) afterCardAccepted() {
	c.during(c.rooms[0].fail(trouble{opening: true, card: true, times: 1, act: true, hang: true}), func() { c.says("Hello") })
}

func (c *crash) afterAgentsLine() {
	c.visitorSaid("Hello")
	c.agentSays("Good morning").repeats = c.visitor.can().unasked
	c.daemon.kill()
	c.agentSays("This was written while the bridge was down")
}

func (c *crash) afterIntentBack() {
	c.visitorSaid("Hello")
	c.during(c.visitor.fail(trouble{times: 1, hang: true}), func() { c.agentSays("Good morning") })
}

func (c *crash) afterAcceptedBack() {
	c.visitorSaid("Hello")
	c.during(c.visitor.fail(trouble{times: 1, act: true, hang: true}), func() { c.agentSays("Good morning").repeats = true })
}

// during kills the daemon when a call is in the platform's hands.
func (c *crash) during(in standing, cause func()) {
	c.t.Helper()
	cause()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	must(c.t, in.Await(ctx, 1))
	c.daemon.kill()
	in.Clear()
}

// TestKilledAtRandomMoments kills the daemon again and again under load, 200 times on each database, with visitors and
// teams connected in five ways. The moments fall into everything it does: starting, taking over, reading back, taking in,
// sending out.
func TestKilledAtRandomMoments(t *testing.T) {
	pairs := []pairing{
		{"website", []string{"slack"}},
		{"website", []string{"discord"}},
		{"telegram", []string{"slack"}},
		{"telegram", []string{"forum"}},
		{"telegram", []string{"slack", "discord"}},
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		for _, p := range pairs {
			t.Run(p.String(), func(t *testing.T) { killAgainAndAgain(t, "sqlite", p, 600*time.Millisecond) })
		}
	})
	// Here the dead instance's leases run out first. That is waiting, which all can do at once.
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		var all sync.WaitGroup
		for _, p := range pairs {
			all.Go(func() {
				t.Run(p.String(), func(t *testing.T) { killAgainAndAgain(t, "postgres", p, 7*time.Second) })
			})
		}
		all.Wait()
	})
}

// killAgainAndAgain kills the daemon 40 times, each at a moment of the time after its start.
func killAgainAndAgain(t *testing.T, kind string, p pairing, longest time.Duration) {
	kills := 40
	if testing.Short() {
		kills = 4
	}
	f := newFloor(t, kind, p)
	daemon := f.start(f.address)
	crowd := f.crowd(t, 4, longest/10)
	for range kills {
		time.Sleep(time.Duration(rand.Int64N(int64(longest))))
		crowd.killing(daemon.kill)
		daemon = f.start(f.address)
	}
	t.Logf("%d kills; %s", kills, crowd.agrees())
	f.opened(t, 4)
	if t.Failed() {
		t.Log(daemon.stderr)
	}
}
