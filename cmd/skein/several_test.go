package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// takeover is how soon another instance must have taken over what a lost one did, on a machine on which a line and its
// answer take no time.
const takeover = 10 * time.Second

// instance is one of several daemons on one database, behind a link to it that can be cut.
type instance struct {
	*process
	address string
	link    *toxiproxy.Proxy
}

// several starts daemons at these addresses on the rig's database.
func (r *rig) several(addresses ...string) []*instance {
	r.t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	instances := make([]*instance, len(addresses))
	for i := range instances {
		instances[i] = &instance{address: addresses[i], link: r.link(server, i)}
		r.boot(instances[i])
	}
	return instances
}

// link makes a proxy to the database.
func (r *rig) link(server *toxiproxy.ApiServer, i int) *toxiproxy.Proxy {
	r.t.Helper()
	u, err := url.Parse(r.database)
	must(r.t, err)
	p := toxiproxy.NewProxy(server, fmt.Sprintf("database-%d", i), "127.0.0.1:0", u.Host)
	must(r.t, p.Start())
	r.t.Cleanup(p.Stop)
	return p
}

func (r *rig) boot(in *instance) {
	r.t.Helper()
	u, err := url.Parse(r.database)
	must(r.t, err)
	u.Host = in.link.Listen
	in.process = r.startOn(in.address, u.String())
}

// silence swallows every byte between an instance and the database, in both directions, and closes nothing.
func (in *instance) silence(t testing.TB) (restore func()) {
	t.Helper()
	for _, direction := range []string{"upstream", "downstream"} {
		toxic := fmt.Sprintf(`{"name":"%s","type":"timeout","stream":"%s","attributes":{"timeout":0}}`, direction, direction)
		_, err := in.link.Toxics.AddToxicJson(strings.NewReader(toxic))
		must(t, err)
	}
	return func() { in.link.Toxics.ResetToxics(context.Background()) }
}

var _ = toxics.TimeoutToxic{} // registers the toxic by being linked

// TestSeveralInstances runs two and three daemons on one database and takes away, at any moment, one or the other: by
// killing it, or by cutting it off from the database with its sockets and visitors still connected. It keeps the machine to
// itself: what it holds is a limit in seconds.
func TestSeveralInstances(t *testing.T) {
	losses := []struct {
		name string
		lose func(t *testing.T, r *rig, in *instance) (back func())
	}{
		{"killed", func(t *testing.T, r *rig, in *instance) func() {
			in.kill()
			return func() { r.boot(in) }
		}},
		{"cut off", func(t *testing.T, _ *rig, in *instance) func() { return in.silence(t) }},
	}
	for _, n := range []int{2, 3} {
		for _, l := range losses {
			t.Run(fmt.Sprintf("%d/%s", n, l.name), func(t *testing.T) {
				addresses := make([]string, n)
				for i := range addresses {
					addresses[i] = freeAddress(t)
				}
				f := newFloor(t, "postgres", pairings[0], addresses...)
				r := f.rig
				instances := r.several(addresses...)
				r.serving(t, instances)
				usual := r.probe(t, instances[0], time.Minute)
				crowd := f.crowd(t, 4, 200*time.Millisecond)
				rounds := 2 * n
				if testing.Short() {
					rounds = 2
				}
				for round := range rounds {
					time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
					lost := instances[round%n]
					back := l.lose(t, r, lost)
					r.probe(t, instances[(round+1)%n], takeover+2*usual)
					back()
				}
				t.Logf("%d losses; %s", rounds, crowd.agrees())
				if t.Failed() {
					for i, in := range instances {
						t.Logf("instance %d:\n%s", i, in.stderr)
					}
				}
			})
		}
	}
}

// probe writes to an instance, and answers in Slack: both must get through within the time, whichever instance has been
// responsible, and is lost perhaps.
func (r *rig) probe(t *testing.T, at *instance, within time.Duration) (took time.Duration) {
	t.Helper()
	g := &guest{name: "probe", visitor: r.site(at.address).Visitor()}
	began := time.Now()
	since := func() time.Duration { return time.Since(began).Round(time.Millisecond) }
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	must(t, r.meet(g))
	g.say(ctx, t, fmt.Sprintf("probe %d", began.UnixNano()))
	if err := r.findThread(ctx, g); err != nil {
		t.Errorf("nobody sends to Slack within %v", since())
		return since()
	}
	sent := since()
	r.reply(g, benID, "answer to "+g.said[0])
	if err := g.visitor.AwaitText(ctx, g.replies[0]); err != nil {
		t.Errorf("nobody receives from Slack within %v", since())
		return since()
	}
	t.Logf("sends after %v, receives after %v", sent, since())
	return since()
}

// TestSurvivorsStreamsNeverNotice keeps visitors' streams on one daemon while the other, which serves Slack, is killed:
// no stream may break.
func TestSurvivorsStreamsNeverNotice(t *testing.T) {
	r := newRig(t, "postgres")
	instances := r.several(freeAddress(t), freeAddress(t))
	serving := r.serving(t, instances)
	survivor := instances[1-serving]
	g := &guest{name: "vera", visitor: r.site(survivor.address).Visitor()}
	must(t, r.meet(g))
	g.say(t.Context(), t, "Hello")
	must(t, r.findThread(t.Context(), g))
	instances[serving].kill()
	r.reply(g, anaID, "Written while nobody listened")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // how soon is TestSeveralInstances' matter
	defer cancel()
	must(t, g.visitor.AwaitText(ctx, g.replies[0]))
	r.agree([]*guest{g})
	if n := g.visitor.Retries(); n > 0 {
		t.Errorf("the visitor's program had to try %d times again", n)
	}
}

// serving tells which instance runs the Slack endpoint.
func (r *rig) serving(t *testing.T, instances []*instance) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, r.slack.Await(ctx, func(s slacktest.State) bool { return s.Calls("auth.test", "") > 0 }))
	for {
		for i, in := range instances {
			if r.condition(t, in, "support-slack") == "running" {
				return i
			}
		}
		if ctx.Err() != nil {
			t.Fatal("no instance runs the Slack endpoint")
		}
		time.Sleep(50 * time.Millisecond)
	}
}
