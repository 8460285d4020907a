package main

import (
	"testing"
	"time"
)

const crowdSize = 50

// BenchmarkAccept measures how many visitors' messages a second are accepted, committed and acknowledged when 50
// visitors write as fast as they are answered. Slack takes one message a second in a channel, as the real one does.
// Beside it stand rows a second of the same kind of database at the same durability, and POSTs a second of a server
// that does nothing. BenchmarkAcceptUnpaced is the same with a Slack that takes everything at once, in this process.
func BenchmarkAccept(b *testing.B) { benchmarkAccept(b, "1") }

// BenchmarkAcceptUnpaced is described with BenchmarkAccept.
func BenchmarkAcceptUnpaced(b *testing.B) { benchmarkAccept(b, "0") }

func benchmarkAccept(b *testing.B, pace string) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			r := newRig(b, kind)
			r.settings["ENDPOINTS__SUPPORT_SLACK__PLACE_RATE"] = pace
			statements := 1.0
			if kind == "postgres" {
				statements = r.statementsPerMessage(b)
			}
			p := r.start("127.0.0.1:0")
			visitors, nothing, row := callers(b, p.address, crowdSize), trivial(b, crowdSize), rawRows(b, r, kind)
			var accepted, rows, posts, shares []float64
			window := lasting(2*time.Second, 200*time.Millisecond)
			for range counting(6, 1) { // in turns: the machine's other users come and go
				rows = append(rows, saturate(b, window/2, rawClients(kind), row)/statements)
				posts = append(posts, saturate(b, window/2, crowdSize, func(i int) error { return nothing[i].say(saying) }))
				accepted = append(accepted, saturate(b, window, crowdSize, func(i int) error { return visitors[i].say(saying) }))
				shares = append(shares, accepted[len(accepted)-1]/rows[len(rows)-1])
			}
			// The share is judged by the median of the rounds' shares: limit is what makes it come out so.
			rate := median(accepted)
			name := "accepted-per-s"
			if pace == "0" {
				name = "accepted-unpaced-per-s"
			}
			measured(b, kind, name, rate, rate/median(shares))
			b.ReportMetric(median(posts), "posts-per-s")
			b.ReportMetric(median(shares), "share")
			if kind == "postgres" {
				b.ReportMetric(statements, "statements")
			}
			p.terminate()
		})
	}
}
