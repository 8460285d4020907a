package telegram

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

const (
	// limitedPause is for a 429 that does not say how long; operatorPause for what a person must put right first.
	limitedPause  = 30 * time.Second
	operatorPause = time.Minute
)

// failure judges why a call of a method was not accepted. No part of its error is message text, a token or an address.
// err must not be nil.
func failure(method string, err error) *bridge.Failure {
	f := judge(err)
	f.Err = fmt.Errorf("%s: %w", method, f.Err)
	return &f
}

func judge(err error) bridge.Failure {
	if f, ok := errors.AsType[*bridge.Failure](err); ok {
		return *f
	}
	if refused, ok := errors.AsType[*tgbotapi.Error](err); ok {
		return judgeRefusal(refused)
	}
	if status, ok := errors.AsType[errStatus](err); ok {
		return judgeStatus(int(status))
	}
	if neverSent(err) {
		return bridge.Failure{Verdict: bridge.Retry, Public: "Telegram cannot be reached.", Err: err}
	}
	return bridge.Failure{Verdict: bridge.Unsure, Public: "Telegram did not answer.", Err: err}
}

// neverSent reports whether the request certainly did not reach Telegram: there was no connection to carry it.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// judgeStatus is for answers that are not Telegram's: of a proxy, or of a server that is broken.
func judgeStatus(code int) bridge.Failure {
	err := errStatus(code)
	switch {
	case code == http.StatusTooManyRequests:
		return waitFor(limitedPause, err)
	case code == http.StatusRequestEntityTooLarge:
		return giveUp("The file is too large for Telegram.", err)
	case code >= 500 || code == http.StatusRequestTimeout || code < 300:
		return bridge.Failure{Verdict: bridge.Unsure, Public: "Telegram had a fault of its own.", Err: err}
	default:
		return refusal("Something between Skein and Telegram refuses our calls. Check api_url and the proxy.", err)
	}
}

func waitFor(after time.Duration, err error) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: after, Public: "Telegram asked us to wait.", Err: err}
}

func giveUp(public string, err error) bridge.Failure {
	return bridge.Failure{Verdict: bridge.GiveUp, Public: public, Err: err}
}

// refusal is a failure that a person must put right; nothing is given up because of it.
func refusal(public string, err error) bridge.Failure {
	return bridge.Failure{Verdict: bridge.Wait, After: operatorPause, Whole: true, Refused: true, Public: public, Err: err}
}

const (
	adviseToken   = "Telegram refuses the bot token. Configure the one that @BotFather shows for the bot."
	adviseWebhook = "Telegram does not accept the webhook. It needs public_url to begin with https and to have the port 443, 80, 88 or 8443."
	adviseTooOld  = "Telegram lets nothing be deleted that is older than 48 hours."
	adviseBlocked = "The visitor has blocked the bot, so that Telegram does not deliver to them."
)

// What Telegram's descriptions mean for a part, by words in them in lower case, the first that fits (B:Client.cpp). A
// description that is not here is permanent: with a code of 400 or 403 nothing has been done.
var meanings = []struct{ words, public string }{
	{"bot was blocked by the user", adviseBlocked},
	{"user is deactivated", "The visitor's Telegram account no longer exists."},
	{"bot can't initiate conversation", "The visitor has not opened a chat with the bot, and a bot cannot begin one."},
	{"bot can't send messages to bots", "Telegram lets no bot write to another."},
	{"bot was kicked", "The bot was removed from the chat."},
	{"bot is not a member", "The bot is not in the chat."},
	{"chat not found", "Telegram does not know the visitor's chat: the visitor cannot be reached there."},
	{"peer_id_invalid", "Telegram does not know the visitor's chat: the visitor cannot be reached there."},
	{"user not found", "Telegram does not know the visitor: they cannot be reached there."},
	{"message can't be deleted", adviseTooOld},
	{"message can't be edited", "Telegram no longer lets this message be changed."},
	{"message is too long", "The message is too long for Telegram."},
	{"caption is too long", "The message is too long for Telegram."},
	{"text is empty", "The message is empty."},
	{"text must be non-empty", "The message is empty."},
	{"file must be non-empty", "The file is empty."},
	{"too big", "The file is too large for Telegram."},
	{"too large", "The file is too large for Telegram."},
	{"photo", "Telegram does not accept this picture."},
	{"image", "Telegram does not accept this picture."},
	{"file", "Telegram does not accept this file."},
}

func judgeRefusal(refused *tgbotapi.Error) bridge.Failure {
	err := fmt.Errorf("%d %s", refused.Code, described(refused.Message))
	switch {
	case refused.RetryAfter > 0:
		return waitFor(time.Duration(refused.RetryAfter)*time.Second, err)
	case refused.Code == http.StatusTooManyRequests:
		return waitFor(limitedPause, err)
	case refused.Code == http.StatusUnauthorized, refused.Code == http.StatusNotFound: // 404: not even the form of one
		return refusal(adviseToken, err)
	case refused.Code == http.StatusConflict:
		return bridge.Failure{Verdict: bridge.Retry, Public: conflict(refused.Message), Err: err}
	case refused.Code >= 500 || refused.Code < 400:
		return bridge.Failure{Verdict: bridge.Unsure, Public: "Telegram had a fault of its own.", Err: err}
	}
	message := strings.ToLower(refused.Message)
	for _, m := range meanings {
		if strings.Contains(message, m.words) {
			return giveUp(m.public, err)
		}
	}
	if refused.Code == http.StatusForbidden {
		return giveUp("Telegram does not let the bot write to this chat.", err)
	}
	return giveUp("Telegram refused the message.", err)
}

// conflict says which of the two reasons there are for Telegram not to give updates (T:getupdates).
func conflict(description string) string {
	if strings.Contains(strings.ToLower(description), "webhook") {
		return "A webhook is set for this bot, perhaps by another program. Skein takes it away, since it is configured to poll."
	}
	return "Another program asks Telegram for this bot's messages. Stop it, or give Skein a bot of its own."
}

// described lets through what Telegram's descriptions are made of, so that nothing else can reach a log.
func described(description string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.:,;' /()", r) {
			return r
		}
		return -1
	}, description[:min(len(description), 120)])
}

// says reports whether Telegram refused with a description that has one of the words.
func says(err error, any ...string) bool {
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	if !ok {
		return false
	}
	message := strings.ToLower(refused.Message)
	for _, words := range any {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
}

// isCode reports whether Telegram refused with a code.
func isCode(err error, code int) bool {
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	return ok && refused.Code == code
}

// cannotOpen judges why a file of ours cannot be sent.
func cannotOpen(err error) *bridge.Failure {
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file no longer exists.", Err: err}
	case errors.Is(err, bridge.ErrTooLarge):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is too large to be passed on.", Err: err}
	case errors.Is(err, context.Canceled):
		return &bridge.Failure{Verdict: bridge.Retry, Public: "Skein was stopped meanwhile.", Err: err}
	}
	return &bridge.Failure{Verdict: bridge.Retry, Public: "The file cannot be read at the moment.", Err: err}
}
