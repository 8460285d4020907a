package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Limit is a token bucket: Burst calls at once, then one per Every.
type Limit struct {
	Every      time.Duration
	Burst      int  // at least 1
	PerChannel bool // a bucket per channel instead of one for the method
}

// Limits are the buckets by method; a method that is not listed is not limited.
type Limits map[string]Limit

// SlackLimits are Slack's published tiers (https://docs.slack.dev/apis/web-api/rate-limits) for
// the methods that the simulator knows: one message per second and channel with a short burst,
// and 20, 50 or 100 calls per minute for the rest. Slack's bursts are unpublished.
func SlackLimits() Limits {
	limits := Limits{"chat.postMessage": {Every: time.Second, Burst: 3, PerChannel: true}}
	tiers := map[int][]string{
		20: {"conversations.list", "reactions.remove", "users.list"},
		50: {
			"chat.update", "chat.delete", "conversations.replies", "conversations.history",
			"conversations.info", "reactions.add", "bots.info", "apps.connections.open", "files.delete",
		},
		100: {
			"chat.postEphemeral", "files.getUploadURLExternal", "files.completeUploadExternal", "files.info",
			"views.open", "views.update", "views.publish", "users.info", "conversations.members",
		},
	}
	for perMinute, names := range tiers {
		for _, name := range names {
			limits[name] = Limit{Every: time.Minute / time.Duration(perMinute), Burst: perMinute / 2}
		}
	}
	return limits
}

type limiter struct {
	limits  Limits
	buckets map[callKey]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(limits Limits) limiter {
	return limiter{limits: limits, buckets: map[callKey]*bucket{}}
}

// SetLimits replaces the limits; every bucket starts full. nil lifts them.
func (s *Server) SetLimits(limits Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = newLimiter(limits)
}

// take spends a token, or returns how long until there is one.
func (l *limiter) take(method, channel string, now time.Time) time.Duration {
	limit, ok := l.limits[method]
	if !ok {
		return 0
	}
	key := callKey{method: method}
	if limit.PerChannel {
		key.channel = channel
	}
	full := float64(max(limit.Burst, 1))
	b := l.buckets[key]
	if b == nil {
		b = &bucket{tokens: full, at: now}
		l.buckets[key] = b
	}
	if now.After(b.at) {
		b.tokens = min(full, b.tokens+float64(now.Sub(b.at))/float64(limit.Every))
		b.at = now
	}
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return max(1, time.Duration((1-b.tokens)*float64(limit.Every)))
}

// writeLimited answers 429. Retry-After is in whole seconds, rounded up, as Slack's is.
func writeLimited(w http.ResponseWriter, wait time.Duration, html bool) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	if html {
		writeHTML(w, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	writeJSON(w, http.StatusTooManyRequests, answer{"ok": false, "error": "ratelimited"})
}

func writeHTML(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>" + title + "</title></head><body>" + title + "</body></html>"))
}
