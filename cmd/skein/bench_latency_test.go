package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// BenchmarkLatency measures one message's way while 50 visitors together write 50 messages a second, or are answered as
// often: until it is acknowledged, until Slack is called with it, and until the visitor's stream has the answer.
//
// Beside it stands what the machine takes at the same pace, in turns with it, for the barest form of the same: a POST
// to a server that does nothing and one durable row, or two where an intent must be durable before Slack is called.
func BenchmarkLatency(b *testing.B) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			calls, heard := newStopwatch(), newStopwatch()
			r := newRig(b, kind, func(o *slacktest.Options) { o.OnCall = calls.called })
			p := r.start("127.0.0.1:0")
			visitors := callers(b, p.address, crowdSize)
			nothing, row := trivial(b, crowdSize), rawRows(b, r, kind)
			say := func(i, n int) time.Duration {
				text := fmt.Sprintf("visitor %d line %d", i, n)
				calls.start(text)
				began := time.Now()
				must(b, visitors[i].say(text))
				return time.Since(began)
			}
			answer := r.hearers(b, p, calls, heard)
			for n := range 3 { // opens the threads, the conversations and, as all come at once, the database's connections
				paced(b, 1, time.Millisecond, crowdSize, func(i, _ int) time.Duration { return say(i, -1-n) })
				paced(b, 1, time.Millisecond, crowdSize, func(i, _ int) time.Duration { return answer(i, -1-n) })
				must(b, errors.Join(calls.await(b.Context()), heard.await(b.Context())))
			}
			calls.forget()
			heard.forget()

			var accepted, oneRow, twoRows []time.Duration
			each, rounds := 5, counting(5, 1)
			for round := range rounds {
				one := steadily(b, each, crowdSize, func(i, _ int) time.Duration {
					began := time.Now()
					must(b, nothing[i].say(saying))
					must(b, row(0))
					return time.Since(began)
				})
				two := steadily(b, each, crowdSize, func(i, _ int) time.Duration {
					began := time.Now()
					must(b, nothing[i].say(saying))
					must(b, errors.Join(row(0), row(0)))
					return time.Since(began)
				})
				oneRow, twoRows = append(oneRow, one...), append(twoRows, two...)
				accepted = append(accepted, steadily(b, each, crowdSize, func(i, n int) time.Duration { return say(i, round*each+n) })...)
				must(b, calls.await(b.Context()))
				steadily(b, each, crowdSize, func(i, n int) time.Duration { return answer(i, round*each+n) })
				must(b, heard.await(b.Context()))
			}
			measured(b, kind, "accept-p50-ms", quantile(accepted, .5), quantile(oneRow, .5))
			measured(b, kind, "accept-p99-ms", quantile(accepted, .99), quantile(oneRow, .99))
			measured(b, kind, "visitor-to-slack-p50-ms", quantile(calls.times(), .5), quantile(twoRows, .5))
			measured(b, kind, "agent-to-visitor-p50-ms", quantile(heard.times(), .5), quantile(oneRow, .5))
			b.ReportMetric(quantile(calls.times(), .99), "visitor-to-slack-p99-ms")
			b.ReportMetric(quantile(heard.times(), .99), "agent-to-visitor-p99-ms")
			p.terminate()
		})
	}
}

// hearers opens 50 visitors' streams and returns how an agent answers one of them.
func (r *rig) hearers(b *testing.B, p *process, calls, heard *stopwatch) (answer func(i, n int) time.Duration) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var streams sync.WaitGroup
	b.Cleanup(func() { cancel(); streams.Wait() })
	site := r.site(p.address)
	threads := make([]string, crowdSize)
	for i := range threads {
		v := site.Visitor()
		v.Heard = func(e webtest.Entry) { heard.stop(e.Text) }
		_, err := v.Open(ctx, introduction("Vera"))
		must(b, err)
		streams.Go(func() { _ = v.Stream(ctx) })
		first := fmt.Sprintf("hearer %d", i)
		calls.start(first)
		_, err = v.Say(ctx, first)
		must(b, err)
		must(b, v.AwaitConnected(ctx))
		must(b, calls.await(ctx))
		threads[i] = calls.thread(first)
	}
	return func(i, n int) time.Duration {
		text := fmt.Sprintf("answer %d to %d", n, i)
		heard.start(text)
		_, err := r.slack.Say(anaID, desk, threads[i], text)
		must(b, err)
		return 0
	}
}

// steadily has each of n callers do something once a second, for so many times, at moments of their own, and returns
// what it was told to have taken. A caller that is late does not make the others wait.
func steadily(b *testing.B, times, n int, do func(i, n int) time.Duration) []time.Duration {
	b.Helper()
	return paced(b, times, time.Second, n, do)
}

// paced is steadily with another interval than a second.
func paced(b *testing.B, times int, interval time.Duration, n int, do func(i, n int) time.Duration) []time.Duration {
	b.Helper()
	took := make([][]time.Duration, n)
	var group sync.WaitGroup
	began := time.Now()
	for i := range n {
		group.Go(func() {
			for t := range times {
				at := interval*time.Duration(t) + interval*time.Duration(i)/time.Duration(n) + rand.N(interval/time.Duration(n))
				time.Sleep(time.Until(began.Add(at)))
				took[i] = append(took[i], do(i, t))
			}
		})
	}
	group.Wait()
	var all []time.Duration
	for _, t := range took {
		all = append(all, t...)
	}
	return all
}

// stopwatch measures the ways of texts, from start to stop. It may be used concurrently.
type stopwatch struct {
	mu      sync.Mutex
	started map[string]time.Time
	threads map[string]string // by text, where Slack was called with it
	took    []time.Duration
	changed chan struct{}
}

func newStopwatch() *stopwatch {
	return &stopwatch{started: map[string]time.Time{}, threads: map[string]string{}, changed: make(chan struct{}, 1)}
}

func (s *stopwatch) start(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started[text] = time.Now()
}

// stop ends the way of a text; others are ignored.
func (s *stopwatch) stop(text string) {
	s.stopAt(text, time.Now())
}

func (s *stopwatch) stopAt(text string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began, ok := s.started[text]
	if !ok {
		return
	}
	s.took = append(s.took, at.Sub(began))
	delete(s.started, text)
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// called is a hook for calls of Slack.
func (s *stopwatch) called(c slacktest.Call) {
	if c.Method != "chat.postMessage" || c.ThreadTS == "" || c.Error != "" {
		return
	}
	text := c.Params["text"]
	s.mu.Lock()
	if _, ok := s.started[text]; ok {
		s.threads[text] = c.ThreadTS
	}
	s.mu.Unlock()
	s.stopAt(text, c.At)
}

func (s *stopwatch) thread(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.threads[text]
}

// await waits until every way that was begun has ended. One goroutine at a time may.
func (s *stopwatch) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		s.mu.Lock()
		left := len(s.started)
		s.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return fmt.Errorf("%d never arrived, such as %q", left, s.some())
		}
	}
}

func (s *stopwatch) some() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for text := range s.started {
		texts = append(texts, text)
	}
	return strings.Join(texts[:min(3, len(texts))], ", ")
}

func (s *stopwatch) times() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Duration(nil), s.took...)
}

func (s *stopwatch) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = nil
}
