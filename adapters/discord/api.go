package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
)

// apiError is an answer of Discord's that is no success. It holds nothing of what was sent.
type apiError struct {
	status int
	code   int // Discord's own, 0 without one
	json   bool
	after  time.Duration // 429: not before
	global bool
}

func (e *apiError) Error() string { return fmt.Sprintf("status %d, code %d", e.status, e.code) }

// isCode reports whether Discord refused with one of the codes.
func isCode(err error, any ...int) bool {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		return false
	}
	for _, code := range any {
		if e.code == code {
			return true
		}
	}
	return false
}

// call makes one call within Config.Timeout. body and answer may be nil. Nothing is repeated.
func (a *Adapter) call(ctx context.Context, method, path string, body, answer any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return errNotMade{err}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	return a.request(ctx, method, path, "application/json", raw, answer)
}

// request waits until Discord's limits let the call through, if that is a matter of moments, and makes it.
func (a *Adapter) request(ctx context.Context, method, path, contentType string, body []byte, answer any) error {
	route := routeOf(method, path)
	if err := a.gates.pass(ctx, route); err != nil {
		return err
	}
	var n note
	began := time.Now()
	// A limiter of its own for each call: the library's would sleep in the call, whatever ctx says, and remember
	// every thread for ever.
	bucket := discordgo.NewRatelimiter().LockBucket(route)
	raw, err := a.rest.RequestWithLockedBucket(method, libraryBase+path, contentType, body, bucket, 0,
		discordgo.WithContext(withNote(ctx, &n)), discordgo.WithRetryOnRatelimit(false), discordgo.WithRestRetries(0))
	a.gates.learn(route, &n, time.Since(began))
	if err != nil {
		return answered(err, &n, raw)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("the answer has an unknown form (%T)", err)
	}
	return nil
}

// answered turns an error of the library into an apiError, or into one without an address, which may hold a token.
func answered(err error, n *note, _ []byte) error {
	if n.status == 0 || n.status < 300 { // not sent, or the answer was lost on its way
		return bare(err)
	}
	e := &apiError{status: n.status}
	if refused, ok := errors.AsType[*discordgo.RESTError](err); ok && refused.Message != nil {
		e.code, e.json = refused.Message.Code, true
	}
	if n.status == http.StatusTooManyRequests {
		e.global = n.header.Get("X-RateLimit-Global") == "true" || n.header.Get("X-RateLimit-Scope") == "global"
		if limited, ok := errors.AsType[*discordgo.RateLimitError](err); ok && limited.TooManyRequests != nil {
			e.after = limited.TooManyRequests.RetryAfter
			e.json = e.after > 0
		}
		if e.after == 0 {
			e.after = seconds(n.header.Get("Retry-After"))
		}
	}
	return e
}

func seconds(s string) time.Duration {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e6 {
		return 0
	}
	return time.Duration(f * float64(time.Second))
}

// routeOf names what Discord's limits count together, as far as it can be told from outside: a method and a path, of
// whose ids only the first matters.
func routeOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	fields := strings.Split(path, "/")
	first := true
	for i, f := range fields {
		switch {
		case !isID(f):
		case first:
			first = false
		default:
			fields[i] = "*"
		}
	}
	return method + " " + strings.Join(fields, "/")
}
