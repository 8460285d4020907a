package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

const visitors = 50

func said(c bridge.ConversationID, key string) bridge.Entry {
	return bridge.Entry{
		Conversation: c, Kind: bridge.Said, Audience: bridge.Everyone,
		By:     bridge.Speaker{Kind: bridge.ByVisitor, ID: 1, Name: "Ida"},
		Origin: bridge.Origin{Endpoint: "shop", Key: key, Message: bridge.MessageRef(key)},
		Body:   rich.Of("Hello, where is my order? I bought it two weeks ago."), At: time.Now(),
	}
}

// accept is what the Desk does with a visitor's message.
func accept(ctx context.Context, s *store.Store, thread bridge.ThreadRef, key string) error {
	_, _, err := s.Say(ctx, thread, said(0, key), bridge.Claimant{})
	return err
}

// BenchmarkAccept measures accepted and committed messages with 50 visitors who each write as fast as they are
// answered, beside what the same database does with the barest durable row.
func BenchmarkAccept(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			address := d.database(b)
			s := open(b, address)
			threads := make([]bridge.ThreadRef, visitors)
			for i := range threads {
				threads[i] = bridge.ThreadRef(fmt.Sprint("t", i))
				conversation(b, s, threads[i])
			}
			messages := func(b *testing.B) {
				closedLoop(b, func(v, n int) error {
					return accept(b.Context(), s, threads[v], fmt.Sprint(time.Now().UnixNano(), ".", v, ".", n))
				})
			}
			b.Run("messages", messages)
			b.Run("digested", func(b *testing.B) { // the same while what is new is read for searches and reports
				ctx, stop := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() { done <- s.KeepDigests(ctx, func() *time.Location { return time.UTC }) }()
				messages(b)
				stop()
				if err := <-done; err != nil {
					b.Error(err)
				}
			})
			b.Run("raw", func(b *testing.B) { closedLoop(b, d.raw(b, address)) })
		})
	}
}

// closedLoop shares b.N calls among the visitors and reports calls a second and their latency.
func closedLoop(b *testing.B, do func(visitor, n int) error) {
	var wg sync.WaitGroup
	var next atomic.Int64
	took := make([][]time.Duration, visitors)
	b.ResetTimer()
	for v := range visitors {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				begin := time.Now()
				if err := do(v, n); err != nil {
					b.Error(err)
					return
				}
				took[v] = append(took[v], time.Since(begin))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	report(b, slices.Concat(took...))
}

// BenchmarkDurableAccept measures how long one message takes at a calm 50 a second.
func BenchmarkDurableAccept(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			s := open(b, d.database(b))
			conversation(b, s, "t")
			var took []time.Duration
			pace := time.NewTicker(20 * time.Millisecond)
			defer pace.Stop()
			b.ResetTimer()
			for n := range b.N {
				<-pace.C
				begin := time.Now()
				if err := accept(b.Context(), s, "t", fmt.Sprint(begin.UnixNano(), ".", n)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
			}
			b.StopTimer()
			report(b, took)
		})
	}
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-s")
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

var databases = []struct {
	name     string
	database func(testing.TB) string
	raw      func(b *testing.B, address string) func(v, n int) error
}{
	{"SQLite", sqliteDatabase, store.RawGroupCommit},
	{"Postgres", postgresDatabase, store.RawRow},
}
