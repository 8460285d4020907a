package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
)

// maxAnswer bounds what one call may answer; a page of 200 messages is far smaller.
const maxAnswer = 32 << 20

// call makes a Web API call that the library cannot make, or whose answer it would refuse to decode for one
// message of an unknown shape. Errors are those of the library, so that failures judges both kinds.
func (a *Adapter) call(ctx context.Context, method string, args url.Values, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.cfg.APIURL+method, strings.NewReader(args.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+a.cfg.BotToken)
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := checkStatus(resp); err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	var outcome slackgo.SlackResponse
	if err := json.Unmarshal(body, &outcome); err != nil {
		return errors.New("the answer is not JSON")
	}
	switch err := outcome.Err(); {
	case err != nil:
		return err
	case !outcome.Ok:
		return errors.New("the answer is neither ok nor an error")
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("the answer has an unknown form (%T)", err)
	}
	return nil
}

func checkStatus(resp *http.Response) error {
	if resp.StatusCode == http.StatusTooManyRequests {
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			return &slackgo.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
		}
	}
	if resp.StatusCode != http.StatusOK {
		return slackgo.StatusCodeError{Code: resp.StatusCode, Status: http.StatusText(resp.StatusCode)}
	}
	return nil
}

// deadline gives one call of the library its time.
func (a *Adapter) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, a.cfg.Timeout)
}
