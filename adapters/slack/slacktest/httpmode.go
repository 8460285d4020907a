package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// SetRequestURL switches to HTTP delivery to this address (events, interactivity and commands),
// or, with an empty one, to Socket Mode.
func (s *Server) SetRequestURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.RequestURL, s.opts.InteractivityURL, s.opts.CommandURL = url, url, url
}

// SetInteractivityURLs sets other addresses for interactivity and commands.
func (s *Server) SetInteractivityURLs(interactivity, commands string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.InteractivityURL, s.opts.CommandURL = interactivity, commands
}

// Sign returns the two headers of a signed request
// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
func Sign(secret string, at time.Time, body []byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", timestamp, body)
	header := http.Header{}
	header.Set("X-Slack-Request-Timestamp", timestamp)
	header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return header
}

func (s *Server) enqueuePost(d *delivery) {
	if s.closed {
		return
	}
	if d.kind != "events_api" {
		s.working.Go(func() { s.post(d) })
		return
	}
	s.out.posts = append(s.out.posts, d)
	select {
	case s.out.posted <- struct{}{}:
	default:
	}
}

// deliverHTTP posts events one after the other. A repeat comes when it is due and may be
// overtaken, as with Slack.
func (s *Server) deliverHTTP() {
	for {
		select {
		case <-s.out.posted:
		case <-s.ctx.Done():
			return
		}
		for {
			s.mu.Lock()
			if len(s.out.posts) == 0 {
				s.mu.Unlock()
				break
			}
			d := s.out.posts[0]
			s.out.posts = s.out.posts[1:]
			s.mu.Unlock()
			s.post(d)
		}
	}
}

// post makes one attempt and settles it or plans the next.
func (s *Server) post(d *delivery) {
	s.mu.Lock()
	target, contentType, body := s.opts.RequestURL, "application/json", []byte(d.payload)
	if d.kind != "events_api" {
		contentType, body = "application/x-www-form-urlencoded", []byte(d.form.Encode())
		if target = s.opts.InteractivityURL; d.kind == "slash_commands" {
			target = s.opts.CommandURL
		}
	}
	s.out.total.Sent++
	if d.attempt > 0 {
		s.out.total.Repeated++
	} else {
		s.out.total.Unacked++
	}
	s.change()
	s.mu.Unlock()

	header := http.Header{"Content-Type": {contentType}}
	if d.attempt > 0 {
		header.Set("X-Slack-Retry-Num", strconv.Itoa(d.attempt))
		header.Set("X-Slack-Retry-Reason", d.reason)
	}
	answer, reason, final := s.postSigned(target, header, body)
	s.locked(func() {
		switch {
		case reason == "":
			s.out.total.Acked++
			s.out.total.Unacked--
			d.finish(answer, nil)
		case final || !d.retries || d.attempt >= len(s.opts.RetryDelays):
			s.out.total.Abandoned++
			s.out.total.Unacked--
			d.finish(nil, errTimeout)
		default:
			delay := s.opts.RetryDelays[d.attempt]
			d.attempt++
			d.reason = reason
			time.AfterFunc(delay, func() { s.locked(func() { s.enqueuePost(d) }) })
		}
	})
}

// postSigned posts and returns the body of a 2xx answer, or Slack's name for what went wrong and
// whether the app asked not to try again.
func (s *Server) postSigned(target string, header http.Header, body []byte) (answer []byte, reason string, final bool) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opts.AckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, "unknown_error", true
	}
	req.Header = Sign(s.opts.SigningSecret, time.Now(), body)
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	resp, err := s.poster.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, "http_timeout", false
		}
		return nil, "connection_failed", false
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	switch {
	case err != nil:
		return nil, "http_timeout", false
	case resp.StatusCode/100 != 2:
		return nil, "http_error", resp.Header.Get("X-Slack-No-Retry") == "1"
	}
	return data, "", false
}

// VerifyURL does what Slack does when a request URL is entered: it sends url_verification and
// wants the challenge back, plain or as JSON.
func (s *Server) VerifyURL() error {
	s.mu.Lock()
	target := s.opts.RequestURL
	challenge := s.state.newID("challenge-")
	s.mu.Unlock()
	body, _ := json.Marshal(map[string]string{"token": "deprecated", "type": "url_verification", "challenge": challenge})
	answer, reason, _ := s.postSigned(target, http.Header{"Content-Type": {"application/json"}}, body)
	if reason != "" {
		return fmt.Errorf("slacktest: url_verification: %s", reason)
	}
	var echoed struct{ Challenge string }
	_ = json.Unmarshal(answer, &echoed)
	if echoed.Challenge != challenge && strings.TrimSpace(string(answer)) != challenge {
		return errors.New("slacktest: url_verification: the challenge did not come back")
	}
	return nil
}
