package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// callTime is what every call of the simulated Slack takes in the benchmarks of isolation: a thread in which one call
// follows the other takes ten messages a second.
const callTime = 100 * time.Millisecond

// BenchmarkThroughput measures how fast n threads in different channels are carried when Slack takes 100 ms for every
// call: n times ten messages a second is what a daemon can do that never lets one wait for another. Beside it stands what
// n loops on this machine reach, each of which makes two rows durable and a POST to a server that does nothing, and
// then waits for 100 ms.
func BenchmarkThroughput(b *testing.B) {
	for _, kind := range databases {
		for _, n := range []int{1, 10, 50} {
			whole(b, fmt.Sprintf("%s/threads=%d", kind, n), func(b *testing.B) {
				most := float64(n) * float64(time.Second/callTime)
				rate, limit := throughput(b, kind, n)
				b.ReportMetric(rate, "carried-per-s")
				measured(b, kind, "share-of-pace", rate/most, limit/most)
			})
		}
	}
}

// throughput has a backlog in every channel and counts the calls that Slack has carried out in a while. It returns
// them, and those of the machine's limit, a second.
func throughput(b *testing.B, kind string, n int) (carried, limit float64) {
	b.Helper()
	var calls tally
	r, p := channels(b, kind, n, calls.called)
	window := lasting(10*time.Second, time.Second)
	backlog := int((window+3*time.Second)/callTime) + 1
	var visitors sync.WaitGroup
	for i := range n {
		c := greeted(b, p.address, siteName(i), "Vera")
		visitors.Go(func() {
			for range backlog {
				if err := c.say(saying); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	visitors.Wait()
	must(b, r.slack.Await(b.Context(), func(s slacktest.State) bool { return s.Calls("chat.postMessage", "") >= 3*n }))
	before, began := calls.count(), time.Now()
	time.Sleep(window)
	after, took := calls.count(), time.Since(began)
	if after >= n*(backlog+1) {
		b.Errorf("the backlog of %d did not last", backlog)
	}
	p.terminate()
	nothing, row := trivial(b, n), rawRows(b, r, kind)
	limit = saturate(b, window/2, n, func(i int) error {
		err := errors.Join(row(i%rawClients(kind)), row(i%rawClients(kind)), nothing[i].say(saying))
		time.Sleep(callTime)
		return err
	})
	return float64(after-before) / took.Seconds(), limit
}

// BenchmarkLimitedChannel measures how much longer messages in nine channels take while a tenth is answered 429.
func BenchmarkLimitedChannel(b *testing.B) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			const n = 10
			calls := newStopwatch()
			r, p := channels(b, kind, n, calls.called)
			visitors := make([]*caller, n)
			for i := range visitors {
				visitors[i] = greeted(b, p.address, siteName(i), "Vera")
			}
			say := func(i, t int) time.Duration {
				text := fmt.Sprintf("visitor %d line %d of %d", i, t, time.Now().UnixNano())
				if i > 0 { // the first visitor's messages are those that are held up
					calls.start(text)
				}
				must(b, visitors[i].say(text))
				return 0
			}
			each := counting(40, 4)
			steadily(b, 1, n, say)
			must(b, calls.await(b.Context()))
			calls.forget()
			paced(b, each, time.Second/4, n, say)
			must(b, calls.await(b.Context()))
			before := calls.times()
			calls.forget()
			limit := r.slack.Fail(slacktest.Fault{
				Method: "chat.postMessage", Channel: channelID(0), Status: 429, RetryAfter: time.Second,
			})
			paced(b, each, time.Second/4, n, say)
			must(b, calls.await(b.Context()))
			during := calls.times()
			if limit.Hits() == 0 {
				b.Error("no call was answered 429")
			}
			b.ReportMetric(quantile(during, .5)-quantile(before, .5), "added-p50-ms")
			b.ReportMetric(quantile(during, .99), "limited-p99-ms")
			measured(b, kind, "added-by-429-ms", quantile(during, .99)-quantile(before, .99), 0)
			p.terminate()
		})
	}
}

func channelID(i int) string { return fmt.Sprintf("C0DESK%d", i) }
func siteName(i int) string  { return fmt.Sprintf("site-%d", i) }

// channels starts a daemon with n websites, each with a Slack endpoint and a channel of its own.
func channels(b *testing.B, kind string, n int, called func(slacktest.Call)) (*rig, *process) {
	b.Helper()
	r := newRig(b, kind, func(o *slacktest.Options) {
		o.Latency, o.OnCall = callTime, called
		for i := range n {
			o.Channels = append(o.Channels, slacktest.Channel{ID: channelID(i), Name: fmt.Sprintf("support-%d", i), Members: []string{anaID}})
		}
	})
	o := r.slack.Options()
	for i := range n {
		team := fmt.Sprintf("team-%d", i)
		r.configure(team, map[string]string{
			"TYPE": "slack", "BOT_TOKEN": o.BotToken, "SIGNING_SECRET": o.SigningSecret, "API_URL": r.slack.URL(),
			"CHANNEL": channelID(i), "PLACE_RATE": "0",
		})
		r.configure(siteName(i), map[string]string{
			"TYPE": "website", "DESK": team, "LIMITS__MESSAGES_PER_MINUTE": "0", "LIMITS__REQUESTS_PER_MINUTE": "0",
		})
	}
	return r, r.start("127.0.0.1:0")
}

// configure adds an endpoint to the daemon's configuration.
func (r *rig) configure(endpoint string, settings map[string]string) {
	section := "ENDPOINTS__" + strings.ToUpper(strings.ReplaceAll(endpoint, "-", "_")) + "__"
	for key, value := range settings {
		r.settings[section+key] = value
	}
}

// tally counts messages that Slack has taken.
type tally struct {
	mu sync.Mutex
	n  int
}

func (t *tally) called(c slacktest.Call) {
	if c.Method != "chat.postMessage" || c.Error != "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
}

func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}
