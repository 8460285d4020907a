package discordtest

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limit is a bucket of Discord's kind: Calls within each window of Per, which begins with its first call. Buckets are
// kept apart by channel, guild or webhook.
type Limit struct {
	Calls  int
	Per    time.Duration
	Hidden bool // not told in headers, only by 429
	Shared bool // answered with the scope "shared", which does not count as an invalid request
}

// Limits are the buckets by operation ("create_message"), and under four names of their own: Global for the whole bot,
// WebhookChannel for everything that webhooks post into one channel, Rename and ThreadEdit for changes of a channel's
// or thread's name and of anything else about it. What is not listed is not limited.
type Limits map[string]Limit

// The names of the buckets that belong to no single operation.
const (
	Global         = "global"
	WebhookChannel = "webhook channel"
	Rename         = "rename"
	ThreadEdit     = "thread edit"
)

// DiscordLimits are the global limit that Discord documents
// (https://docs.discord.com/developers/topics/rate-limits) and the per-route ones that its answers show or that were
// observed: it publishes none of them and may change them.
func DiscordLimits() Limits {
	const s = time.Second
	return Limits{
		Global:           {Calls: 50, Per: s},
		"create_message": {Calls: 5, Per: 5 * s}, "update_message": {Calls: 5, Per: 5 * s},
		"delete_message": {Calls: 5, Per: s}, "add_my_message_reaction": {Calls: 1, Per: s / 4},
		"delete_my_message_reaction": {Calls: 1, Per: s / 4}, "list_messages": {Calls: 5, Per: s},
		"create_thread_from_message": {Calls: 50, Per: 300 * s}, "create_thread": {Calls: 50, Per: 300 * s},
		"execute_webhook": {Calls: 5, Per: 2 * s}, WebhookChannel: {Calls: 30, Per: 60 * s, Hidden: true},
		Rename: {Calls: 2, Per: 600 * s, Hidden: true}, ThreadEdit: {Calls: 10, Per: 15 * s, Hidden: true},
	}
}

type limiter struct {
	limits  Limits
	buckets map[string]*bucket
	invalid []time.Time // 401, 403 and 429 of the last ten minutes
}

type bucket struct {
	until time.Time
	spent int
}

func newLimiter(limits Limits) limiter { return limiter{limits: limits, buckets: map[string]*bucket{}} }

// SetLimits replaces the limits; every bucket starts full. nil lifts them.
func (s *Server) SetLimits(limits Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = newLimiter(limits)
}

// key is one bucket that a call draws on.
type key struct{ name, major string }

// keys are the buckets of a call, those that Discord tells first. Interaction answers do not count against the global
// limit.
func (s *Server) keys(c *call) []key {
	major := c.channel() + c.ids["guild_id"] + c.ids["webhook_id"] + c.ids["webhook_token"]
	keys := []key{{c.name, major}}
	if !c.open {
		keys = append(keys, key{Global, ""})
	}
	switch c.name {
	case "execute_webhook":
		if h := s.state.webhooks[c.ids["webhook_id"]]; h != nil {
			keys = append(keys, key{WebhookChannel, h.Channel})
		}
	case "update_channel":
		if fields, err := c.fields(); err == nil {
			name := ThreadEdit
			if _, renames := fields["name"]; renames {
				name = Rename
			}
			keys = append(keys, key{name, c.channel()})
		}
	}
	return keys
}

// exceeded is a 429 to be given.
type exceeded struct {
	wait          time.Duration
	global, share bool
}

// take spends a call of every bucket and sets the headers, or returns the 429.
func (l *limiter) take(keys []key, c *call) *exceeded {
	for _, k := range keys {
		limit, ok := l.limits[k.name]
		if !ok {
			continue
		}
		b := l.bucket(k, limit, c.at)
		if b.spent >= limit.Calls {
			over := &exceeded{wait: max(time.Millisecond, b.until.Sub(c.at)), global: k.name == Global, share: limit.Shared}
			if !limit.Hidden && !over.global {
				b.tell(c.head, k, limit, c.at)
			}
			if !over.share {
				l.count(c.at)
			}
			return over
		}
	}
	for _, k := range keys {
		limit, ok := l.limits[k.name]
		if !ok {
			continue
		}
		b := l.bucket(k, limit, c.at)
		b.spent++
		if !limit.Hidden && k.name != Global {
			b.tell(c.head, k, limit, c.at)
		}
	}
	return nil
}

func (l *limiter) bucket(k key, limit Limit, now time.Time) *bucket {
	id := k.name + "/" + k.major
	b := l.buckets[id]
	if b == nil || !now.Before(b.until) {
		b = &bucket{until: now.Add(limit.Per)}
		l.buckets[id] = b
	}
	return b
}

func (b *bucket) tell(h http.Header, k key, limit Limit, now time.Time) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit.Calls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit.Calls-b.spent))
	h.Set("X-RateLimit-Reset", seconds(time.Duration(b.until.UnixNano())))
	h.Set("X-RateLimit-Reset-After", seconds(b.until.Sub(now)))
	h.Set("X-RateLimit-Bucket", strings.ReplaceAll(k.name, "_", "")+"0")
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// answer is the 429 in JSON.
func (e *exceeded) answer(h http.Header) answer {
	scope := "user"
	switch {
	case e.global:
		scope = "global"
		h.Set("X-RateLimit-Global", "true")
	case e.share:
		scope = "shared"
	}
	h.Set("X-RateLimit-Scope", scope)
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.wait.Seconds()))))
	return answer{status: http.StatusTooManyRequests, header: h, body: encode(map[string]any{
		"message": "You are being rate limited.", "retry_after": math.Round(e.wait.Seconds()*1000) / 1000,
		"global": e.global, "code": 0,
	})}
}

// invalidWindow is how long an invalid request counts.
const invalidWindow = 10 * time.Minute

// count notes an invalid request.
func (l *limiter) count(now time.Time) {
	l.invalid = append(l.invalid, now)
	for len(l.invalid) > 0 && now.Sub(l.invalid[0]) > invalidWindow {
		l.invalid = l.invalid[1:]
	}
}

// htmlLimited is the 429 of the network in front of Discord.
func htmlLimited(wait time.Duration) answer {
	h := http.Header{"Content-Type": {"text/html; charset=UTF-8"}}
	h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	return answer{status: http.StatusTooManyRequests, header: h, body: html("You are being rate limited (1015)")}
}

func html(title string) []byte {
	return []byte("<!DOCTYPE html><html><head><title>" + title + "</title></head><body>" + title + "</body></html>")
}
