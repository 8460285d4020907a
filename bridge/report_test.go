package bridge

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestSpread compares estimates with the truth: they are in the same step.
func TestSpread(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		var steps [len(SpreadBounds) + 1]int64
		var all []time.Duration
		var sum time.Duration
		for range 1 + random.IntN(500) {
			d := time.Duration(random.ExpFloat64() * float64(random.IntN(int(4*time.Hour))))
			i, _ := slices.BinarySearch(SpreadBounds[:], d)
			steps[i]++
			sum += d
			all = append(all, d)
		}
		slices.Sort(all)
		got := NewSpread(steps, sum)
		if got.Count != int64(len(all)) || got.Mean != sum/time.Duration(len(all)) {
			t.Fatalf("%+v of %d", got, len(all))
		}
		for q, estimate := range map[float64]time.Duration{0.5: got.Median, 0.9: got.P90} {
			truth := all[max(0, int(q*float64(len(all))+0.999999)-1)]
			i, _ := slices.BinarySearch(SpreadBounds[:], truth)
			j, _ := slices.BinarySearch(SpreadBounds[:], estimate)
			if i != j {
				t.Errorf("of %d, %v is %s, estimated as %s", len(all), q, truth, estimate)
			}
		}
	}
	var last [len(SpreadBounds) + 1]int64
	last[len(SpreadBounds)] = 3
	if got := NewSpread(last, 0); got.Median != SpreadBounds[len(SpreadBounds)-1] {
		t.Errorf("beyond the last bound: %+v", got)
	}
}
