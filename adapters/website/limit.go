package website

import (
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// Limits are the calls allowed in any minute, and streams at once; 0: no limit. A visitor's own limit is checked
// before that of their address, which many visitors may share and which therefore allows ten times as much.
// Where no visitor is known yet (sessions, bad tokens) the address has the limit itself.
type Limits struct {
	MessagesPerMinute int
	SessionsPerMinute int
	RequestsPerMinute int
	StreamsPerAddress int
}

const addressShare = 10

type limits struct {
	messages, messagesAddress *limit
	requests, requestsAddress *limit
	unknown                   *limit // requests of an address without a valid token
	sessions                  *limit
}

func newLimits(l Limits) *limits {
	return &limits{
		messages:        newLimit(l.MessagesPerMinute),
		messagesAddress: newLimit(l.MessagesPerMinute * addressShare),
		requests:        newLimit(l.RequestsPerMinute),
		requestsAddress: newLimit(l.RequestsPerMinute * addressShare),
		unknown:         newLimit(l.RequestsPerMinute),
		sessions:        newLimit(l.SessionsPerMinute),
	}
}

// message counts a message or a file.
func (l *limits) message(w http.ResponseWriter, r *http.Request, visitor, address string) error {
	if err := l.messages.spend(w, r, visitor); err != nil {
		return err // and the address has not been charged
	}
	return l.messagesAddress.spend(w, r, address)
}

func (l *limits) request(w http.ResponseWriter, r *http.Request, visitor, address string) error {
	if err := l.requests.spend(w, r, visitor); err != nil {
		return err // and the address has not been charged
	}
	return l.requestsAddress.spend(w, r, address)
}

// limit is a sliding window of a minute. A nil limit allows everything.
type limit struct {
	perMinute int
	counter   httprate.LimitCounter
	limiter   *httprate.RateLimiter
}

func newLimit(perMinute int) *limit {
	if perMinute <= 0 {
		return nil
	}
	counter := httprate.NewLocalLimitCounter(time.Minute)
	return &limit{perMinute, counter, httprate.NewRateLimiter(perMinute, time.Minute,
		httprate.WithLimitCounter(counter), httprate.WithResponseHeaders(httprate.ResponseHeaders{}))}
}

// spend counts a call of key, or refuses it.
func (l *limit) spend(w http.ResponseWriter, r *http.Request, key string) error {
	if l == nil || !l.limiter.OnLimit(w, r, key) {
		return nil
	}
	wait := int(math.Ceil(l.wait(key, time.Now()).Seconds()))
	return &refusal{
		status: http.StatusTooManyRequests, code: "too_many", retryAfter: max(1, wait),
		detail: "Too many calls in a short time. Nothing was stored; try again after the pause named here.",
	}
}

// wait is how long until key may call again. The window slides: the last minute's count weighs less as this minute
// passes.
func (l *limit) wait(key string, now time.Time) time.Duration {
	window := now.UTC().Truncate(time.Minute)
	current, previous, err := l.counter.Get(key, window, window.Add(-time.Minute))
	if err != nil {
		return time.Minute
	}
	until, weighing, room := window, previous, l.perMinute-1-current
	if room < 0 { // not in this minute: then this minute's count is the one that fades
		until, weighing, room = window.Add(time.Minute), current, l.perMinute-1
	}
	if weighing > room {
		until = until.Add(time.Duration(float64(time.Minute) * (1 - float64(room)/float64(weighing))))
	}
	return until.Sub(now)
}

// address is the network that a request comes from, as a key for limits: an IPv4 address or an IPv6 /64.
func (a *Adapter) address(r *http.Request) string { return Caller(r, a.cfg.TrustedProxies) }

// Caller is the network that a request comes from, an IPv4 address or an IPv6 /64. What a proxy that is not trusted says of
// whom it asks for counts for nothing.
func Caller(r *http.Request, trusted []netip.Prefix) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := from.Addr().Unmap()
	trusts := func(ip netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusts(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap()
	}
	return httprate.CanonicalizeIP(ip.WithZone("").String())
}
