package telegramtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

type webhook struct {
	url       string
	secret    string
	max       int
	lastError string
	errorAt   time.Time
}

var secretPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// setWebhook takes any http or https address, as a Bot API server in local mode does.
func (s *Server) setWebhook(c *call) (any, error) {
	address, err := url.Parse(c.get("url"))
	if err != nil || c.has("url") && (address.Host == "" || address.Scheme != "https" && address.Scheme != "http") {
		return nil, refuse("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if c.has("secret_token") && !secretPattern.MatchString(c.get("secret_token")) {
		return nil, refuse("secret token contains unallowed characters")
	}
	connections, err := c.number("max_connections", 40)
	if err != nil {
		return nil, err
	}
	if connections < 1 || connections > 100 {
		connections = 40
	}
	if err := s.allow(c); err != nil {
		return nil, err
	}
	if c.flag("drop_pending_updates") {
		s.queue.waiting = nil
	}
	s.hook = webhook{url: c.get("url"), secret: c.get("secret_token"), max: int(connections)}
	return true, nil
}

func (s *Server) deleteWebhook(c *call) (any, error) {
	if c.flag("drop_pending_updates") {
		s.queue.waiting = nil
	}
	s.hook = webhook{}
	return true, nil
}

func (s *Server) getWebhookInfo(*call) (any, error) {
	s.expire()
	info := object{"url": s.hook.url, "has_custom_certificate": false, "pending_update_count": len(s.queue.waiting)}
	if s.hook.url != "" {
		info["max_connections"] = s.hook.max
	}
	if s.hook.lastError != "" {
		info["last_error_message"], info["last_error_date"] = s.hook.lastError, s.hook.errorAt.Unix()
	}
	if s.queue.allowed != nil {
		info["allowed_updates"] = s.queue.allowed
	}
	return info, nil
}

// deliverWebhook posts updates to the webhook until the server closes: those of one chat one after
// another, those of different chats on up to max connections. What is not answered 2xx is posted
// again; with one connection nothing overtakes it.
func (s *Server) deliverWebhook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.ctx.Err() == nil {
		u, wait := s.due()
		if u != nil {
			u.inFlight = true
			hook := s.hook
			s.working.Go(func() { s.post(u, hook) })
			continue
		}
		changed := s.mu.Next()
		s.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-s.ctx.Done():
		}
		timer.Stop()
		s.mu.Lock()
	}
}

// due returns the update to post now, or how long to wait for one.
func (s *Server) due() (*update, time.Duration) {
	const idle = time.Hour
	s.expire()
	if s.hook.url == "" || s.down.Load() {
		return nil, idle
	}
	busy, flying, wait, now := map[int64]bool{}, 0, idle, time.Now()
	for _, u := range s.queue.waiting {
		if u.inFlight {
			busy[u.chat] = true
			flying++
		}
	}
	for _, u := range s.queue.waiting {
		switch {
		case flying >= s.hook.max:
			return nil, wait
		case busy[u.chat]:
			continue
		case u.notBefore.After(now):
			wait = min(wait, u.notBefore.Sub(now))
			busy[u.chat] = true
			if s.hook.max == 1 {
				return nil, wait
			}
		default:
			return u, 0
		}
	}
	return nil, wait
}

// post delivers one update and settles it.
func (s *Server) post(u *update, hook webhook) {
	err := s.postTo(hook, u.raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	u.inFlight = false
	if err == nil {
		s.queue.waiting = slices.DeleteFunc(s.queue.waiting, func(x *update) bool { return x == u })
	} else {
		u.notBefore = time.Now().Add(s.opts.WebhookRetry)
		s.hook.lastError, s.hook.errorAt = err.Error(), s.now()
	}
	s.change()
}

func (s *Server) postTo(hook webhook, body json.RawMessage) error {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, hook.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if hook.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	resp, err := s.poster.Do(req)
	if err != nil {
		return fmt.Errorf("Connection failed: %w", err) //nolint:staticcheck // Telegram's wording
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("Wrong response from the webhook: %s", resp.Status) //nolint:staticcheck // Telegram's wording
	}
	return nil
}
