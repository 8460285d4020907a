package slack

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

func TestFailures(t *testing.T) {
	code := func(c string) error { return slackgo.SlackErrorResponse{Err: c} }
	status := func(c int) error { return slackgo.StatusCodeError{Code: c} }
	post := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://slack.com/upload/secret-ticket", Err: err}
	}
	type want struct {
		verdict        bridge.Verdict
		after          time.Duration
		whole, refused bool
	}
	operator := want{bridge.Wait, time.Minute, true, true}
	for name, c := range map[string]struct {
		err  error
		want want
	}{
		"429 with a time":     {&slackgo.RateLimitedError{RetryAfter: 7 * time.Second}, want{verdict: bridge.Wait, after: 7 * time.Second}},
		"429 with no time":    {&slackgo.RateLimitedError{}, want{verdict: bridge.Wait, after: time.Second}},
		"429 without header":  {status(429), want{verdict: bridge.Wait, after: 30 * time.Second}},
		"429 with a bad time": {&strconv.NumError{Func: "ParseInt", Num: "soon", Err: strconv.ErrSyntax}, want{verdict: bridge.Wait, after: 30 * time.Second}},
		"ratelimited":         {code("ratelimited"), want{verdict: bridge.Wait, after: 30 * time.Second}},
		"limit of messages":   {code("message_limit_exceeded"), want{verdict: bridge.Wait, after: time.Minute}},
		"channel moves":       {code("external_channel_migrating"), want{verdict: bridge.Wait, after: time.Minute}},

		"500":                 {status(500), want{verdict: bridge.Unsure}},
		"502":                 {status(502), want{verdict: bridge.Unsure}},
		"503":                 {status(503), want{verdict: bridge.Unsure}},
		"302":                 {status(302), want{verdict: bridge.Unsure}},
		"408":                 {status(408), want{verdict: bridge.Unsure}},
		"fatal_error":         {code("fatal_error"), want{verdict: bridge.Unsure}},
		"internal_error":      {code("internal_error"), want{verdict: bridge.Unsure}},
		"service_unavailable": {code("service_unavailable"), want{verdict: bridge.Unsure}},
		"update_failed":       {code("update_failed"), want{verdict: bridge.Unsure}},
		"file_update_failed":  {code("file_update_failed"), want{verdict: bridge.Unsure}},
		"deadline":            {post(context.DeadlineExceeded), want{verdict: bridge.Unsure}},
		"cancelled":           {post(context.Canceled), want{verdict: bridge.Unsure}},
		"connection broken":   {post(io.ErrUnexpectedEOF), want{verdict: bridge.Unsure}},
		"connection reset":    {post(&net.OpError{Op: "read", Err: errors.New("reset by peer")}), want{verdict: bridge.Unsure}},
		"malformed answer":    {&json.SyntaxError{}, want{verdict: bridge.Unsure}},
		"no ts in the answer": {errNoAnswer, want{verdict: bridge.Unsure}},
		"unknown error":       {errors.New("?"), want{verdict: bridge.Unsure}},

		"dial refused":     {post(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), want{verdict: bridge.Retry}},
		"unknown host":     {post(&net.DNSError{Err: "no such host"}), want{verdict: bridge.Retry}},
		"bad certificate":  {post(&tls.CertificateVerificationError{Err: errors.New("expired")}), want{verdict: bridge.Retry}},
		"request_timeout":  {code("request_timeout"), want{verdict: bridge.Retry}},
		"nothing was sent": {errNotMade{errors.New("x")}, want{verdict: bridge.Retry}},

		"invalid_auth":      {code("invalid_auth"), operator},
		"not_authed":        {code("not_authed"), operator},
		"account_inactive":  {code("account_inactive"), operator},
		"token_revoked":     {code("token_revoked"), operator},
		"token_expired":     {code("token_expired"), operator},
		"missing_scope":     {slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "files:write"}, operator},
		"not_in_channel":    {code("not_in_channel"), operator},
		"channel_not_found": {code("channel_not_found"), operator},
		"is_archived":       {code("is_archived"), operator},
		"restricted_action": {code("restricted_action"), operator},
		"invalid_channel":   {code("invalid_channel"), operator},
		"posting denied":    {code("posting_to_channel_denied"), operator},
		"404":               {status(404), operator},
		"403":               {status(403), operator},

		"thread_not_found":        {code("thread_not_found"), want{verdict: bridge.Reopen}},
		"cannot_reply_to_message": {code("cannot_reply_to_message"), want{verdict: bridge.Reopen}},

		"msg_too_long":         {code("msg_too_long"), want{verdict: bridge.GiveUp}},
		"msg_blocks_too_long":  {code("msg_blocks_too_long"), want{verdict: bridge.GiveUp}},
		"invalid_blocks":       {code("invalid_blocks"), want{verdict: bridge.GiveUp}},
		"thread locked":        {code("restricted_action_thread_locked"), want{verdict: bridge.Reopen}},
		"cant_update_message":  {code("cant_update_message"), want{verdict: bridge.GiveUp}},
		"edit_window_closed":   {code("edit_window_closed"), want{verdict: bridge.GiveUp}},
		"no_text":              {code("no_text"), want{verdict: bridge.GiveUp}},
		"file too large":       {code("file_upload_size_restricted"), want{verdict: bridge.GiveUp}},
		"storage full":         {code("storage_limit_reached"), want{verdict: bridge.GiveUp}},
		"a code of the future": {code("not_on_a_sunday"), want{verdict: bridge.GiveUp}},
		"a failure already":    {&bridge.Failure{Verdict: bridge.GiveUp, Public: "x", Err: errors.New("y")}, want{verdict: bridge.GiveUp}},
	} {
		f := failure("chat.postMessage", fmt.Errorf("wrapped: %w", c.err))
		if got := (want{f.Verdict, f.After, f.Whole, f.Refused}); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if f.Public == "" || f.Err == nil || !strings.HasPrefix(f.Err.Error(), "chat.postMessage: ") {
			t.Errorf("%s: public %q, error %v", name, f.Public, f.Err)
		}
		if strings.Contains(f.Error(), "secret-ticket") {
			t.Errorf("%s: the error shows an address: %v", name, f)
		}
	}
}

func TestFailureCodesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range meanings {
		if m.public == "" || m.verdict == "" || (m.verdict == bridge.Wait) != (m.after > 0) || m.refused && m.after == 0 {
			t.Errorf("%s: %+v says too little", m.codes, m)
		}
		for _, code := range strings.Fields(m.codes) {
			if seen[code] {
				t.Errorf("%s means two things", code)
			}
			seen[code] = true
		}
	}
}

// A refusal of the channel of colleagues keeps no visitor waiting.
func TestChannelCodesAreRefusals(t *testing.T) {
	for _, code := range append(channelCodes, "invalid_channel", "posting_to_channel_denied") {
		f := failure("chat.postMessage", slackgo.SlackErrorResponse{Err: code})
		if !f.Refused || !f.Whole || !ofTheChannel(f) {
			t.Errorf("%s: %+v", code, f)
		}
	}
}

func TestFailureNamesTheScope(t *testing.T) {
	f := failure("files.info", slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "files:read<script>"})
	if !strings.Contains(f.Public, "files:read") || strings.Contains(f.Public, "<") {
		t.Errorf("public is %q", f.Public)
	}
}
