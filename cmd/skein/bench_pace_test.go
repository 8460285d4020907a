package main

import "testing"

// BenchmarkPace measures how much of what each platform's limits allow it receives from a daemon that has more to send:
// the least of the flows that are limited by themselves.
func BenchmarkPace(b *testing.B) {
	for _, kind := range pressures {
		whole(b, kind.name, func(b *testing.B) {
			long := 3.0
			if testing.Short() {
				long = 0.5
			}
			shares, refused := kind.measure(b, effort{long: long, full: true})
			least := 10.0
			for _, share := range shares {
				least = min(least, share)
			}
			measured(b, "", "share-of-limit", least, 0)
			measured(b, "", "answered-429", float64(len(refused)), 0)
		})
	}
}
