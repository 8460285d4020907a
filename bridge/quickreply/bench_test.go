package quickreply

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// many makes n replies out of the shop's: each has some words of its own, so that the vocabulary grows as it does when
// people write.
func many(t testing.TB, n int) []Reply {
	replies := readReplies(t, "shop")
	shop := len(replies)
	r := rand.New(rand.NewPCG(1, 2))
	own := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
			if r.IntN(3) == 0 {
				b.WriteByte("lmnrst"[r.IntN(6)])
			}
		}
		return b.String()
	}
	for i := shop; i < n; i++ {
		reply := replies[i%shop]
		reply.ID, reply.Shortcut = int64(i+1), fmt.Sprintf("%s-%s", reply.Shortcut, own())
		reply.Title += " " + own()
		reply.Body = rich.Of(rich.Plain(reply.Body) + " " + own() + " " + own())
		replies = append(replies, reply)
	}
	return replies
}

// queries are those of the table and, as while one types, their beginnings.
func queries(t testing.TB) (out []string) {
	for _, row := range readTable(t, "shop_queries.csv") {
		out = append(out, row[1], row[1][:1], row[1][:3], row[1][:len(row[1])/2])
	}
	return out
}

// BenchmarkSearch searches 5,000 replies with some 20,000 different words.
func BenchmarkSearch(b *testing.B) {
	x, asked := NewIndex(many(b, 5000)), queries(b)
	var took []time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		x.Search(asked[i%len(asked)], 0, 25)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkNewIndex(b *testing.B) {
	replies := many(b, 5000)
	b.ReportAllocs()
	for b.Loop() {
		NewIndex(replies)
	}
}
