package bridge

import (
	"testing"
	"time"
)

func TestRetrySchedule(t *testing.T) {
	want := []time.Duration{
		500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
		15 * time.Second, 30 * time.Second, time.Minute, time.Minute,
	}
	for i, d := range want {
		if got := retryAfter(i+1, 0); got != d {
			t.Errorf("after %d attempts: %v, want %v", i+1, got, d)
		}
		if got := retryAfter(i+1, 0.999); got < d || got > d+d/5 {
			t.Errorf("after %d attempts with spread: %v, want at most a fifth over %v", i+1, got, d)
		}
	}
	for _, attempts := range []int{-1, 0, 1 << 40} {
		if got := retryAfter(attempts, 0); got < want[0] || got > time.Minute {
			t.Errorf("after %d attempts: %v", attempts, got)
		}
	}
}
