package telegramtest

import (
	"strings"
	"time"
)

// Limit is a token bucket: Burst messages at once, then one per Every. A zero Every is no limit.
type Limit struct {
	Every time.Duration
	Burst int // at least 1
}

// Limits are the buckets for what a bot sends and edits.
type Limits struct {
	PerChat  Limit // each private chat
	PerGroup Limit // each group, supergroup or channel
	Total    Limit
}

// TelegramLimits are Telegram's published ones (https://core.telegram.org/bots/faq): one message
// per second and chat with short bursts, 20 per minute and group, 30 per second in all. Whether
// edits count is unpublished; here they do. The bursts are unpublished.
func TelegramLimits() Limits {
	return Limits{
		PerChat:  Limit{Every: time.Second, Burst: 3},
		PerGroup: Limit{Every: 3 * time.Second, Burst: 20},
		Total:    Limit{Every: time.Second / 30, Burst: 30},
	}
}

type limiter struct {
	limits Limits
	chats  map[int64]*bucket
	total  bucket
}

type bucket struct {
	tokens float64
	at     time.Time // zero: still full
}

func newLimiter(limits Limits) limiter { return limiter{limits: limits, chats: map[int64]*bucket{}} }

// SetLimits replaces the limits; every bucket starts full.
func (s *Server) SetLimits(limits Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = newLimiter(limits)
}

// take spends tokens, or returns how long until there are enough.
func (l *limiter) take(c *call, ch *chat, now time.Time) time.Duration {
	counted := strings.HasPrefix(c.name, "send") && c.name != "sendChatAction" ||
		strings.HasPrefix(c.name, "edit") || c.name == "copyMessage"
	if !counted || ch == nil {
		return 0
	}
	b := l.chats[ch.ID]
	if b == nil {
		b = &bucket{}
		l.chats[ch.ID] = b
	}
	own := l.limits.PerGroup
	if ch.Type == "private" {
		own = l.limits.PerChat
	}
	wait := max(b.fill(own, now), l.total.fill(l.limits.Total, now))
	if wait == 0 {
		b.tokens--
		l.total.tokens--
	}
	return wait
}

// fill adds what has accrued and says how long until a token is there.
func (b *bucket) fill(limit Limit, now time.Time) time.Duration {
	if limit.Every == 0 {
		return 0
	}
	full := float64(max(limit.Burst, 1))
	if b.at.IsZero() {
		b.tokens = full
	} else {
		b.tokens = min(full, b.tokens+float64(now.Sub(b.at))/float64(limit.Every))
	}
	b.at = now
	if b.tokens >= 1 {
		return 0
	}
	return max(1, time.Duration((1-b.tokens)*float64(limit.Every)))
}
