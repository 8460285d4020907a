package slack

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	return bridge.Failure{Verdict: bridge.Wait, After: after, Public: sayWait, Err: err}
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
		return bridge.Failure{Verdict: bridge.Unsure, Public: sayFault, Err: err}
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
	adviseKept    = "Slack does not let the app delete the file. Delete it there yourself."
)

const (
	sayWait   = "Slack asked us to wait."
	sayFault  = "Slack had a fault of its own."
	sayLost   = "The thread was deleted in Slack."
	sayLength = "The message is too long for Slack."
)

// What Slack's error codes mean for a part, from the pages of the methods that we call. A code that is not here is
// permanent: Slack answers ok false only when it has done nothing, but for the codes listed as unsure. It is a list, as
// the program has to make a map from code as long as all of its entries.
var meanings = []struct {
	verdict bridge.Verdict
	after   time.Duration // of Wait
	refused bool          // see refusal
	public  string
	codes   string
}{
	{bridge.Wait, operatorPause, true, adviseInstall, "invalid_auth not_authed account_inactive token_revoked token_expired " +
		"not_allowed_token_type org_login_required two_factor_setup_required team_access_not_granted"},
	{bridge.Wait, operatorPause, true, adviseScope, "missing_scope no_permission access_denied"},
	{bridge.Wait, operatorPause, true, adviseRules, "ekm_access_denied enterprise_is_restricted accesslimited restricted_action " +
		"restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel " +
		"posting_to_general_channel_denied posting_to_channel_denied"},
	{bridge.Wait, operatorPause, true, adviseInvite, "not_in_channel"},
	{bridge.Wait, operatorPause, true, adviseChannel, "channel_not_found invalid_channel"},
	{bridge.Wait, operatorPause, true, adviseArchive, "is_archived is_inactive"},

	{bridge.Wait, limitedPause, false, sayWait, "ratelimited rate_limited"},
	{bridge.Wait, operatorPause, false, sayWait, "message_limit_exceeded team_added_to_org external_channel_migrating"},

	// "It is possible some aspect of the operation succeeded before the error was raised."
	{bridge.Unsure, 0, false, sayFault, "fatal_error internal_error service_unavailable update_failed file_update_failed"},
	{bridge.Retry, 0, false, "Slack did not read the whole request.", "request_timeout"},

	{bridge.Reopen, 0, false, sayLost, "thread_not_found cannot_reply_to_message invalid_thread_ts"},
	// A conversation must go on, and a notice could not be written there either.
	{bridge.Reopen, 0, false, adviseLocked, "restricted_action_thread_locked"},

	{bridge.GiveUp, 0, false, sayLength, "msg_too_long msg_blocks_too_long"},
	{bridge.GiveUp, 0, false, "The message is empty.", "no_text"},
	{bridge.GiveUp, 0, false, adviseText, "invalid_blocks invalid_blocks_format"},
	{bridge.GiveUp, 0, false, adviseEdit, "cant_update_message edit_window_closed"},
	{bridge.GiveUp, 0, false, "Slack does not let this message be deleted.", "cant_delete_message"},
	{bridge.GiveUp, 0, false, "The message no longer exists in Slack.", "message_not_found"},
	{bridge.GiveUp, 0, false, "The file is too large for Slack.", "file_upload_size_restricted"},
	{bridge.GiveUp, 0, false, "The Slack workspace does not accept files.", "file_uploads_disabled"},
	{bridge.GiveUp, 0, false, "The Slack workspace has no room for files left.", "storage_limit_reached"},
	{bridge.GiveUp, 0, false, adviseFile, "file_type_blocked file_type_not_allowed file_uploads_except_images_disabled blocked_file_type"},
	{bridge.GiveUp, 0, false, adviseKept, "file_deleting_disabled delete_not_allowed cant_delete_file"},
}

// channelCodes are refusals that say nothing about any other channel.
var channelCodes = []string{
	"not_in_channel", "channel_not_found", "invalid_channel", "is_archived", "is_inactive", "posting_to_general_channel_denied",
	"posting_to_channel_denied", "restricted_action",
	"restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
}

// refusedWith is a code of Slack's as the error of a failure.
type refusedWith string

func (code refusedWith) Error() string { return string(code) }

func ofTheChannel(f *bridge.Failure) bool {
	code, ok := errors.AsType[refusedWith](f)
	return ok && slices.Contains(channelCodes, string(code))
}

func judgeCode(refused slackgo.SlackErrorResponse) bridge.Failure {
	f := bridge.Failure{Verdict: bridge.GiveUp, Public: "Slack refused the message."}
	for _, m := range meanings {
		if slices.Contains(strings.Fields(m.codes), refused.Err) {
			f = bridge.Failure{Verdict: m.verdict, After: m.after, Whole: m.refused, Refused: m.refused, Public: m.public}
		}
	}
	f.Err = refusedWith(codeText(refused.Err))
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
