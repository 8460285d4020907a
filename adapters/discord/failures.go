package discord

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// limitedPause is for a 429 that does not say how long, operatorPause for what a person must put right first,
	// banPause for the network in front of Discord, which shuts out an address that asks too much (D:topics/rate-limits).
	limitedPause  = 30 * time.Second
	operatorPause = time.Minute
	banPause      = 10 * time.Minute
)

// errNotMade wraps an error that came up before the call was made.
type errNotMade struct{ error }

func (e errNotMade) Unwrap() error { return e.error }

// failure judges why a call was not accepted. No part of its error is message text, a token or an address. err must
// not be nil.
func failure(call string, err error) *bridge.Failure {
	f := judge(err)
	f.Err = fmt.Errorf("%s: %w", call, f.Err)
	return &f
}

func judge(err error) bridge.Failure {
	if f, ok := errors.AsType[*bridge.Failure](err); ok {
		return *f
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		f := judgeAnswer(e)
		f.Err = e
		return f
	}
	cause := bare(err)
	if neverSent(err) {
		return bridge.Failure{Verdict: bridge.Retry, Public: "Discord cannot be reached.", Err: cause}
	}
	return bridge.Failure{Verdict: bridge.Unsure, Public: "Discord did not answer.", Err: cause}
}

// bare takes the address off an error of net/http.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// neverSent reports whether the request certainly did not reach Discord: there was no connection to carry it.
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

const (
	adviseToken      = "Discord refuses the bot's token. Make a new one on the page of the application and configure it."
	adviseIntents    = "Discord does not give the bot the text of messages. Switch on Message Content Intent on the bot's page of the application."
	adviseGuild      = "The bot is not on the Discord server. Invite it with the address in docs/discord.md."
	adviseChannel    = "Discord does not know the channel. Check the configured id and let the bot see the channel."
	adviseKind       = "The Discord channel is neither a text channel nor a forum. Configure another one."
	advisePermission = "The bot lacks a permission in the Discord channel. Compare its role with the list in docs/discord.md."
	adviseReactions  = "The bot may not add reactions in the Discord channel. Give its role Add Reactions there."
	adviseAccess     = "The bot does not see the Discord channel, or is no longer on the server. Let it see the channel, or invite it with the address in docs/discord.md."
	adviseTag        = "The Discord forum wants a tag on every post. Let the bot manage the channel, or make tags called Unassigned, Assigned, Robot and Closed."
	adviseFull       = "The Discord server has no room for another active thread. Archive some."
	adviseBan        = "Discord's network has shut out this address for a while, because of too many refused calls."
	adviseFilter     = "It was blocked by the filter of the Discord server."
	adviseText       = "Discord does not accept this text."
	adviseProxy      = "Something between Skein and Discord refuses our calls. Check api_url and the proxy."
)

// What Discord's error codes mean for a part (D:topics/opcodes-and-status-codes#json). One that is not here is
// permanent: Discord answers a code only when it has done nothing.
var codes = map[int]bridge.Failure{
	10003: {Verdict: bridge.Reopen, Public: "The thread was deleted in Discord."},
	10004: refusal(adviseGuild),
	10008: giveUp("The message no longer exists in Discord."),

	20028:              waitFor(limitedPause), // the channel's own limit on writing, and the server's
	20029:              waitFor(limitedPause),
	20009:              giveUp(adviseFilter),
	30007:              giveUp("The Discord channel has no room for another webhook."),
	30046:              giveUp("Discord no longer lets this message be changed."),
	40001:              refusal(adviseToken),
	40002:              refusal("The Discord account of the bot must be verified first."),
	40005:              giveUp("The file is too large for Discord."),
	40067:              refusal(adviseTag),
	missingAccess:      refusal(adviseAccess),
	missingPermissions: refusal(advisePermission),
	50014:              refusal(adviseToken),
	wrongChannelType:   refusal(adviseKind),
	50005:              giveUp("Discord does not let this message be changed."),
	50006:              giveUp("The message is empty."),
	50035:              giveUp(adviseText),
	50045:              giveUp("The file is too large for Discord."),
	50083:              {Verdict: bridge.Retry, Public: "The thread is archived in Discord."},
	// A conversation must go on, and a notice could not be written there either.
	160005: {Verdict: bridge.Reopen, Public: "The thread is locked in Discord."},
	160006: {Verdict: bridge.Wait, After: operatorPause, Refused: true, Public: adviseFull},
	160007: {Verdict: bridge.Wait, After: operatorPause, Refused: true, Public: adviseFull},
	200000: giveUp(adviseFilter),
	200001: giveUp(adviseFilter),
	240000: giveUp(adviseFilter),

	130000: {Verdict: bridge.Wait, After: limitedPause, Public: "Discord is overloaded."},
}

func giveUp(public string) bridge.Failure {
	return bridge.Failure{Verdict: bridge.GiveUp, Public: public}
}

// refusal is a failure that a person must put right; nothing is given up because of it.
func refusal(public string) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: operatorPause, Whole: true, Refused: true, Public: public}
}

func waitFor(after time.Duration) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: after, Public: "Discord asked us to wait."}
}

func judgeAnswer(e *apiError) bridge.Failure {
	f, known := codes[e.code]
	switch {
	case e.status == http.StatusTooManyRequests && !e.json:
		return bridge.Failure{Verdict: bridge.Wait, After: max(e.after, banPause), Whole: true, Refused: true, Public: adviseBan}
	case e.status == http.StatusTooManyRequests:
		after := e.after
		if after == 0 {
			after = limitedPause
		}
		f = waitFor(max(after, time.Second))
		f.Whole = e.global
		return f
	case known:
		return f
	case e.status == http.StatusUnauthorized:
		return refusal(adviseToken)
	case e.status >= 500 || e.status == http.StatusRequestTimeout || e.status < 400:
		return bridge.Failure{Verdict: bridge.Unsure, Public: "Discord had a fault of its own."}
	case e.status == http.StatusRequestEntityTooLarge:
		return giveUp("The file is too large for Discord.")
	case e.status == http.StatusForbidden && e.json && e.code == 0:
		return refusal(advisePermission)
	case !e.json:
		return refusal(adviseProxy)
	}
	return giveUp("Discord refused the message.")
}

// surely turns the doubt about a call that may be repeated into Retry.
func surely(f *bridge.Failure) *bridge.Failure {
	if f.Verdict == bridge.Unsure {
		f.Verdict = bridge.Retry
	}
	return f
}
