package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The benchmarks measure the real binary from outside: over HTTP, beside a simulated Slack. One iteration is one whole
// measurement. What a figure is worth depends on the machine and on who else uses it, so each stands beside what the
// same machine does at most, measured in the same seconds, and beside the load.
//
//	go test -run '^$' -bench . ./cmd/skein            all figures
//	go test -run '^$' -bench . ./cmd/skein -targets   and fail where one misses its target
//	go test -run '^$' -bench . -short ./cmd/skein     that everything still works, in seconds; no figure counts

var judging = flag.Bool("targets", false, "fail benchmarks that miss their target")

// target is what a figure shall reach: by itself, or as a share of the machine's limit.
type target struct {
	atLeast, atMost float64 // 0: no such bound
	orShare         float64 // of the limit, instead of atLeast
}

// targets are the promises about speed and size, by figure.
var targets = map[string]target{
	"sqlite/accepted-per-s":      {atLeast: 5000, orShare: 1.0 / 4},
	"postgres/accepted-per-s":    {atLeast: 2800, orShare: 1.0 / 3},
	"accept-p50-ms":              {atMost: 1.8},
	"accept-p99-ms":              {atMost: 14},
	"visitor-to-slack-p50-ms":    {atMost: 2.5},
	"agent-to-visitor-p50-ms":    {atMost: 3},
	"share-of-pace":              {atLeast: 0.9},
	"share-of-limit":             {atLeast: 0.95},
	"answered-429":               {atMost: 0.5},
	"added-by-429-ms":            {atMost: 50},
	"KiB-per-visitor":            {atMost: 13},
	"transactions-per-keepalive": {atMost: 0.01},
	"idle-MiB":                   {atMost: 30},
	"ready-fresh-ms":             {atMost: 150},
	"ready-again-ms":             {atMost: 150},
	"command-p99-ms":             {atMost: 1000},
	"suggestion-p99-ms":          {atMost: 50},
	"quick-reply-p99-ms":         {atMost: 50},
	"slash-p99-ms":               {atMost: 1000},
	"binary-MB":                  {atMost: 25},
	"widget-KB":                  {atMost: 20},
}

// missed says why a value misses the target, or nothing.
func (t target) missed(value, limit float64) string {
	switch {
	case t.atMost > 0 && value > t.atMost:
		return fmt.Sprintf("is more than %.4g", t.atMost)
	case t.atLeast > 0 && value < t.atLeast && t.orShare == 0:
		return fmt.Sprintf("is less than %.4g", t.atLeast)
	case t.atLeast > 0 && value < t.atLeast && value < t.orShare*limit:
		return fmt.Sprintf("is less than %.4g and than %.2g of the machine's %.4g", t.atLeast, t.orShare, limit)
	}
	return ""
}

// measured reports a figure and judges it. limit is the machine's own, 0 where there is none.
func measured(b *testing.B, kind, name string, value, limit float64) {
	b.Helper()
	b.ReportMetric(value, name)
	if limit > 0 {
		b.ReportMetric(limit, "limit-"+name)
	}
	t, ok := targets[name]
	if !ok {
		t = targets[kind+"/"+name]
	}
	if missed := t.missed(value, limit); missed != "" {
		misses = append(misses, fmt.Sprintf("%s: %s of %.4g %s", b.Name(), name, value, missed))
	}
}

// misses are the figures that missed their target since a benchmark began. Benchmarks run one after the other.
var misses []string

// whole runs a benchmark of which one iteration is one measurement, adds the load of the machine, and hides the time
// of an iteration, which says nothing. The outer benchmark fails for a miss: of one that fails no figures are shown.
func whole(b *testing.B, name string, measure func(b *testing.B)) {
	b.Helper()
	misses = nil
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			measure(b)
		}
		b.ReportMetric(load(), "load")
		b.ReportMetric(0, "ns/op")
	})
	if *judging && !testing.Short() {
		for _, m := range misses {
			b.Error(m)
		}
	}
}

// load is the number of processes that ran or waited to, averaged over the last minute.
func load() float64 {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var one float64
	_, _ = fmt.Sscan(strings.Fields(string(content))[0], &one)
	return one
}

// lasting is full, or a moment when only a smoke run is asked for.
func lasting(full, smoke time.Duration) time.Duration {
	if testing.Short() {
		return smoke
	}
	return full
}

// counting is lasting for numbers.
func counting(full, smoke int) int {
	if testing.Short() {
		return smoke
	}
	return full
}

// quantile of durations in milliseconds; 0 of none.
func quantile(took []time.Duration, q float64) float64 {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]) / 1e6
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
