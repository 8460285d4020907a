package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// TestKilledAtNamedPoints kills the real binary at the moments at which a message could be lost or doubled. What the
// visitor sends again afterwards carries the same key, as a browser's does.
func TestKilledAtNamedPoints(t *testing.T) {
	points := []struct {
		name string
		kill func(t *testing.T, r *rig, p *process, g *guest)
	}{
		{"before the visitor's commit", killBeforeCommit},
		{"after the visitor's commit", killAfterCommit},
		{"after the intent", killAfterIntent},
		{"after the opening's intent", killAfterOpeningIntent},
		{"after Slack accepted", killAfterAccepted},
		{"after Slack accepted the opening", killAfterOpeningAccepted},
		{"after the agent's line was sent", killAfterAgentsLine},
	}
	for _, kind := range databases {
		for _, point := range points {
			t.Run(kind+"/"+point.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, kind)
				address := freeAddress(t)
				g := &guest{name: "vera", visitor: r.site(address).Visitor()}
				p := r.start(address)
				must(t, r.meet(g))
				point.kill(t, r, p, g)
				r.start(address)
				if g.thread == "" {
					must(t, r.findThread(r.ctx, g))
				}
				g.say(r.ctx, t, "And one more.")
				r.reply(g, anaID, "Yes?")
				r.agree([]*guest{g})
			})
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// meet opens the guest's session and keeps its stream open until the test ends.
func (r *rig) meet(g *guest) error {
	if _, err := g.visitor.Open(r.ctx, introduction(g.name)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.ctx)
	var stream sync.WaitGroup
	stream.Go(func() {
		if err := g.visitor.Stream(ctx); err != nil && ctx.Err() == nil {
			r.t.Errorf("%s: stream: %v", g.name, err)
		}
	})
	r.t.Cleanup(func() { cancel(); stream.Wait() })
	return nil
}

// sayAcross sends a line while the daemon is being killed and started again; the visitor's program goes on trying.
func (g *guest) sayAcross(r *rig, text string) (acknowledged chan error) {
	acknowledged = make(chan error, 1)
	g.said = append(g.said, text)
	go func() {
		_, err := g.visitor.Say(r.ctx, text)
		acknowledged <- err
	}()
	return acknowledged
}

// killBeforeCommit lets the database refuse to commit until the daemon is dead.
func killBeforeCommit(t *testing.T, r *rig, p *process, g *guest) {
	unlock := r.lockDatabase(t)
	acknowledged := g.sayAcross(r, "Hello")
	select {
	case err := <-acknowledged:
		t.Fatalf("acknowledged before the commit: %v", err)
	case <-time.After(300 * time.Millisecond): // long enough for it to have arrived; it must not be answered
	}
	p.kill()
	unlock()
	t.Cleanup(func() { must(t, <-acknowledged) })
}

// lockDatabase takes a lock under which no message can be committed.
func (r *rig) lockDatabase(t *testing.T) (unlock func()) {
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

func killAfterCommit(t *testing.T, r *rig, p *process, g *guest) {
	r.slack.Fail(slacktest.Fault{Method: "chat.postMessage", Times: 1, Hang: true})
	g.say(r.ctx, t, "Hello")
	p.kill()
	r.slack.ClearFaults()
}

// killAfterIntent kills when the call has reached Slack, so that the intent is durable, but was not carried out.
func killAfterIntent(t *testing.T, r *rig, p *process, g *guest) {
	g.say(r.ctx, t, "Hello")
	must(t, r.findThread(r.ctx, g))
	r.killDuring(t, p, slacktest.Fault{Method: "chat.postMessage", Thread: g.thread, Times: 1, Hang: true}, func() {
		g.say(r.ctx, t, "Is anybody there?")
	})
}

func killAfterOpeningIntent(t *testing.T, r *rig, p *process, g *guest) {
	r.killDuring(t, p, slacktest.Fault{Method: "chat.postMessage", Times: 1, Hang: true}, func() { g.say(r.ctx, t, "Hello") })
}

func killAfterAccepted(t *testing.T, r *rig, p *process, g *guest) {
	g.say(r.ctx, t, "Hello")
	must(t, r.findThread(r.ctx, g))
	r.killDuring(t, p, slacktest.Fault{Method: "chat.postMessage", Thread: g.thread, Times: 1, Act: true, Hang: true}, func() {
		g.say(r.ctx, t, "Is anybody there?")
	})
}

func killAfterOpeningAccepted(t *testing.T, r *rig, p *process, g *guest) {
	r.killDuring(t, p, slacktest.Fault{Method: "chat.postMessage", Times: 1, Act: true, Hang: true}, func() { g.say(r.ctx, t, "Hello") })
}

func killAfterAgentsLine(t *testing.T, r *rig, p *process, g *guest) {
	g.say(r.ctx, t, "Hello")
	must(t, r.findThread(r.ctx, g))
	r.reply(g, anaID, "Good morning")
	p.kill()
	r.reply(g, anaID, "This was written while the bridge was down")
}

// killDuring kills the daemon when a call that the fault matches is in Slack's hands.
func (r *rig) killDuring(t *testing.T, p *process, f slacktest.Fault, cause func()) {
	t.Helper()
	standing := r.slack.Fail(f)
	cause()
	ctx, cancel := context.WithTimeout(r.ctx, 20*time.Second)
	defer cancel()
	must(t, standing.Await(ctx, 1))
	p.kill()
	r.slack.ClearFaults()
}

// TestKilledAtRandomMoments kills the daemon again and again under load, 200 times on each database. The moments fall
// into everything it does: starting, taking over, reading back, taking in, sending out.
func TestKilledAtRandomMoments(t *testing.T) {
	const rigs = 5
	kills := 200 / rigs
	if testing.Short() {
		kills = 4
	}
	for _, kind := range databases {
		for i := range rigs {
			t.Run(fmt.Sprintf("%s/%d", kind, i), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, kind)
				address := freeAddress(t)
				site := r.site(address)
				p := r.start(address)
				longest := 600 * time.Millisecond
				if kind == "postgres" { // the dead instance's leases run out first
					longest = 7 * time.Second
				}
				crowd := r.crowd(site, 4, longest/10)
				for range kills {
					time.Sleep(time.Duration(rand.Int64N(int64(longest))))
					p.kill()
					p = r.start(address)
				}
				guests := crowd.stop()
				r.agree(guests)
				t.Logf("%d kills; %s", kills, describe(guests))
				if t.Failed() {
					t.Log(p.stderr)
				}
			})
		}
	}
}

func describe(guests []*guest) string {
	said, replies := 0, 0
	for _, g := range guests {
		said += len(g.said)
		replies += len(g.replies)
	}
	return fmt.Sprintf("%d guests, %d lines, %d replies", len(guests), said, replies)
}

// crowd is a number of guests who write all the time, and agents who answer them.
type crowd struct {
	rig    *rig
	pause  time.Duration // at most this long between two lines of a guest
	cancel context.CancelFunc
	group  sync.WaitGroup
	guests []*guest
}

func (r *rig) crowd(site *webtest.Site, size int, pause time.Duration) *crowd {
	ctx, cancel := context.WithCancel(r.ctx)
	c := &crowd{rig: r, pause: pause, cancel: cancel}
	for i := range size {
		g := &guest{name: fmt.Sprintf("guest-%d", i), visitor: site.Visitor()}
		must(r.t, r.meet(g))
		c.guests = append(c.guests, g)
		c.group.Go(func() { c.write(ctx, g) })
	}
	return c
}

// write says lines and, once the guest has a thread, answers some of them. A line is sent until it is acknowledged,
// also when the crowd is stopping.
func (c *crowd) write(ctx context.Context, g *guest) {
	for i := 0; ctx.Err() == nil; i++ {
		text := fmt.Sprintf("%s line %d", g.name, i)
		if _, err := g.visitor.Say(c.rig.ctx, text); err != nil {
			c.rig.t.Errorf("%s: %v", g.name, err)
			return
		}
		g.said = append(g.said, text)
		if g.thread == "" {
			findCtx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			_ = c.rig.findThread(findCtx, g)
			cancel()
		}
		if g.thread != "" && rand.IntN(2) == 0 {
			reply := fmt.Sprintf("%s reply %d", g.name, i)
			if _, err := c.rig.slack.Say(anaID, desk, g.thread, reply); err != nil {
				c.rig.t.Errorf("%s: %v", g.name, err)
				return
			}
			g.replies = append(g.replies, reply)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(c.pause)))) // people take their time
	}
}

// stop ends the writing and returns the guests, each with its thread.
func (c *crowd) stop() []*guest {
	c.rig.t.Helper()
	c.cancel()
	c.group.Wait()
	for _, g := range c.guests {
		if g.thread == "" {
			must(c.rig.t, c.rig.findThread(c.rig.ctx, g))
		}
	}
	return c.guests
}
