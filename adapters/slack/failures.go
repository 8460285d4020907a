package slack

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

const (
	// limitedPause is for a 429 that does not say how long; operatorPause for what a person must put right first.
	limitedPause  = 30 * time.Second
	operatorPause = time.Minute
)

// errNotMade wraps an error that came up before the call was made.
type errNotMade struct{ error }

func (e errNotMade) Unwrap() error { return e.error }

// failure judges why a call of a method was not accepted. No part of its error is message text, a token or an
// address with a ticket in it. err must not be nil.
func failure(method string, err error) *bridge.Failure {
	f := judge(err)
	f.Err = fmt.Errorf("%s: %w", method, f.Err)
	return &f
}

func judge(err error) bridge.Failure {
	if f, ok := errors.AsType[*bridge.Failure](err); ok {
		return *f
	}
	if limited, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return waitFor(max(limited.RetryAfter, time.Second), errors.New("rate limited"))
	}
	if refused, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		return judgeCode(refused)
	}
	if status, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		return judgeStatus(status.Code)
	}
	if _, ok := errors.AsType[*strconv.NumError](err); ok { // of the library: a Retry-After that is no number
		return waitFor(limitedPause, errors.New("rate limited without a time"))
	}
	cause := bare(err)
	if neverSent(err) {
		return bridge.Failure{Verdict: bridge.Retry, Public: "Slack cannot be reached.", Err: cause}
	}
	return bridge.Failure{Verdict: bridge.Unsure, Public: "Slack did not answer.", Err: cause}
}

func waitFor(after time.Duration, err error) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: after, Public: "Slack asked us to wait.", Err: err}
}

// bare takes the address off an error of net/http.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// neverSent reports whether the request certainly did not reach Slack: there was no connection to carry it.
func neverSent(err error) bool {
	if _, ok := errors.AsType[errNotMade](err); ok {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

func judgeStatus(code int) bridge.Failure {
	err := fmt.Errorf("status %d", code)
	switch {
	case code == http.StatusTooManyRequests:
		return waitFor(limitedPause, err)
	case code >= 500 || code == http.StatusRequestTimeout || code < 400:
		return bridge.Failure{Verdict: bridge.Unsure, Public: "Slack had a fault of its own.", Err: err}
	default: // a proxy, or a wrong api_url: Slack itself answers 200 to what it refuses
		return refusal("Something between Skein and Slack refuses our calls. Check api_url and the proxy.", err)
	}
}

// refusal is a failure that a person must put right; nothing is given up because of it.
func refusal(public string, err error) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: operatorPause, Whole: true, Refused: true, Public: public, Err: err}
}

const (
	adviseInstall = "Slack refuses the bot token. Install the app in the workspace again and configure its new token."
	adviseScope   = "The Slack app lacks a permission. Compare it with `skein manifest slack` and install it again."
	adviseInvite  = "The Slack app is not in the channel. Invite it there."
	adviseChannel = "Slack does not know the channel. Check the configured id and invite the app there."
	adviseArchive = "The Slack channel is archived. Restore it, or configure another one."
	adviseRules   = "The rules of the Slack channel or workspace do not let the app write there. Ask its owner."
	adviseText    = "Slack does not accept this text."
	adviseLocked  = "The thread is locked in Slack. Unlock it to receive the visitor's messages there."
	adviseEdit    = "Slack no longer lets this message be changed."
	adviseFile    = "Slack does not accept this file."
)

// What Slack's error codes mean for a part, from the pages of the methods that we call. A code that is not here is
// permanent: Slack answers ok false only when it has done nothing, but for the codes listed as unsure.
var codes = map[string]bridge.Failure{
	"invalid_auth":                             refusal(adviseInstall, nil),
	"not_authed":                               refusal(adviseInstall, nil),
	"account_inactive":                         refusal(adviseInstall, nil),
	"token_revoked":                            refusal(adviseInstall, nil),
	"token_expired":                            refusal(adviseInstall, nil),
	"not_allowed_token_type":                   refusal(adviseInstall, nil),
	"org_login_required":                       refusal(adviseInstall, nil),
	"two_factor_setup_required":                refusal(adviseInstall, nil),
	"team_access_not_granted":                  refusal(adviseInstall, nil),
	"missing_scope":                            refusal(adviseScope, nil),
	"no_permission":                            refusal(adviseScope, nil),
	"access_denied":                            refusal(adviseScope, nil),
	"ekm_access_denied":                        refusal(adviseRules, nil),
	"enterprise_is_restricted":                 refusal(adviseRules, nil),
	"accesslimited":                            refusal(adviseRules, nil),
	"restricted_action":                        refusal(adviseRules, nil),
	"restricted_action_read_only_channel":      refusal(adviseRules, nil),
	"restricted_action_thread_only_channel":    refusal(adviseRules, nil),
	"restricted_action_non_threadable_channel": refusal(adviseRules, nil),
	"posting_to_general_channel_denied":        refusal(adviseRules, nil),
	"not_in_channel":                           refusal(adviseInvite, nil),
	"channel_not_found":                        refusal(adviseChannel, nil),
	"is_archived":                              refusal(adviseArchive, nil),
	"is_inactive":                              refusal(adviseArchive, nil),

	"ratelimited":            waitFor(limitedPause, nil),
	"rate_limited":           waitFor(limitedPause, nil),
	"message_limit_exceeded": waitFor(operatorPause, nil),
	"team_added_to_org":      waitFor(operatorPause, nil),

	// "It is possible some aspect of the operation succeeded before the error was raised."
	"fatal_error":         {Verdict: bridge.Unsure, Public: "Slack had a fault of its own."},
	"internal_error":      {Verdict: bridge.Unsure, Public: "Slack had a fault of its own."},
	"service_unavailable": {Verdict: bridge.Unsure, Public: "Slack had a fault of its own."},
	"request_timeout":     {Verdict: bridge.Retry, Public: "Slack did not read the whole request."},

	"thread_not_found":        {Verdict: bridge.Reopen, Public: "The thread was deleted in Slack."},
	"cannot_reply_to_message": {Verdict: bridge.Reopen, Public: "The thread was deleted in Slack."},
	"invalid_thread_ts":       {Verdict: bridge.Reopen, Public: "The thread was deleted in Slack."},
	// A conversation must go on, and a notice could not be written there either.
	"restricted_action_thread_locked": {Verdict: bridge.Reopen, Public: adviseLocked},

	"msg_too_long":                        giveUp("The message is too long for Slack."),
	"msg_blocks_too_long":                 giveUp("The message is too long for Slack."),
	"no_text":                             giveUp("The message is empty."),
	"invalid_blocks":                      giveUp(adviseText),
	"invalid_blocks_format":               giveUp(adviseText),
	"cant_update_message":                 giveUp(adviseEdit),
	"edit_window_closed":                  giveUp(adviseEdit),
	"cant_delete_message":                 giveUp("Slack does not let this message be deleted."),
	"message_not_found":                   giveUp("The message no longer exists in Slack."),
	"file_upload_size_restricted":         giveUp("The file is too large for Slack."),
	"file_uploads_disabled":               giveUp("The Slack workspace does not accept files."),
	"file_type_blocked":                   giveUp(adviseFile),
	"file_uploads_except_images_disabled": giveUp(adviseFile),
	"blocked_file_type":                   giveUp(adviseFile),
	"storage_limit_reached":               refusal("The Slack workspace has no room for files left.", nil),
}

func giveUp(public string) bridge.Failure {
	return bridge.Failure{Verdict: bridge.GiveUp, Public: public}
}

func judgeCode(refused slackgo.SlackErrorResponse) bridge.Failure {
	f, known := codes[refused.Err]
	if !known {
		f = giveUp("Slack refused the message.")
	}
	f.Err = errors.New(codeText(refused.Err))
	if scope := codeText(refused.Needed); refused.Err == "missing_scope" && scope != "" {
		f.Public = fmt.Sprintf("The Slack app lacks the permission %s. Add it and install the app again.", scope)
	}
	return f
}

// codeText lets through what Slack's codes and scopes are made of, so that nothing else can reach a log.
func codeText(code string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.:, ", r) {
			return r
		}
		return -1
	}, code[:min(len(code), 100)])
}

// isCode reports whether Slack refused with one of the codes.
func isCode(err error, any ...string) bool {
	refused, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	if !ok {
		return false
	}
	for _, code := range any {
		if refused.Err == code {
			return true
		}
	}
	return false
}

// surely turns the doubt about a call that changes nothing a person can see, or that may be repeated, into Retry.
func surely(f *bridge.Failure) *bridge.Failure {
	if f.Verdict == bridge.Unsure {
		f.Verdict = bridge.Retry
	}
	return f
}
