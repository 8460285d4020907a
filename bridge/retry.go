package bridge

import "time"

// retrySchedule is how long to wait before each further attempt; the last value repeats. It reaches a minute soon:
// platforms that are down for longer are not helped by being asked more often, and a person waits for the first.
var retrySchedule = [...]time.Duration{
	500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
	15 * time.Second, 30 * time.Second, time.Minute,
}

// retryAfter returns the pause after the given number of failed attempts (1 for the first). spread in [0, 1) lengthens
// it by up to a fifth, so that lanes that failed together do not come back together.
func retryAfter(attempts int, spread float64) time.Duration {
	i := min(max(attempts, 1), len(retrySchedule)) - 1
	d := retrySchedule[i]
	return d + time.Duration(spread*float64(d)/5)
}
