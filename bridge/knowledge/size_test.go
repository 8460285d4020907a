//go:build unix

package knowledge

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// TestSize: 2,000 articles, their texts included, need at most 30 MB, and a question over them at most 5 ms of a processor.
func TestSize(t *testing.T) {
	before := heap()
	all := many(t)
	x := Build(all)
	questions := table(t, "questions.csv")
	if used := float64(heap()-before) / 1e6; used > 30 {
		t.Errorf("2,000 articles need %.1f MB", used)
	} else {
		t.Logf("2,000 articles: %.1f MB", used)
	}
	begin := worked(t)
	for i, row := range questions[:200] {
		x.Find(mistype(row[3], uint64(i)), "en", 3)
	}
	each := (worked(t) - begin) / 200
	t.Logf("a question over 2,000 articles: %v", each)
	if each > 5*time.Millisecond*slow {
		t.Errorf("a question takes %v", each)
	}
	runtime.KeepAlive(all)
	runtime.KeepAlive(x)
}

// worked is how long the program has had a processor so far: whatever else the machine does.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkFind(b *testing.B) {
	x := Build(many(b))
	questions := table(b, "questions.csv")
	for i := 0; b.Loop(); i++ {
		x.Find(mistype(questions[i%len(questions)][3], uint64(i)), "en", 3)
	}
}

func BenchmarkBuild(b *testing.B) {
	all := many(b)
	for b.Loop() {
		Build(all)
	}
}
