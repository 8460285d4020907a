package telegram

import (
	"context"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

// notice is something that the bot says by itself, outside every conversation.
type notice string

const (
	noticeNone        notice = ""
	noticeGreeting    notice = "greeting"
	noticeUnsupported notice = "unsupported"
	noticeTooLarge    notice = "too large"
	noticeGroup       notice = "group"
)

// What people are told. Whoever sends the same again and again is not told again and again.
var noticeWords = map[notice]string{
	noticeUnsupported: "Sorry, our team cannot see this kind of message here. Please say it in words, or send a picture or a file.",
	noticeTooLarge:    "Sorry, this file is larger than 20 MB, so that our team cannot open it. Please send a smaller one, or a link to it.",
	noticeGroup:       "I answer in private chats only. Please write to me there.",
}

func noticeOf(c content) notice {
	switch {
	case c.unsupported != "":
		return noticeUnsupported
	case c.tooLarge:
		return noticeTooLarge
	}
	return noticeNone
}

const (
	noticeTime = 10 * time.Minute // between two equal notices in a chat
	groupTime  = 365 * 24 * time.Hour
	typingTime = 4 * time.Second // Telegram shows it for five (T:sendchataction)
)

// notify says a notice in a chat, unless it was said there lately. It is a courtesy: nothing is repeated.
func (r *receiver) notify(n notice, at place) {
	words, limit := noticeWords[n], noticeTime
	switch n {
	case noticeNone:
		return
	case noticeGreeting:
		words, limit = r.cfg.Greeting, time.Second
	case noticeGroup:
		limit = groupTime
	case noticeUnsupported, noticeTooLarge:
	}
	if r.notices.Allow(string(n)+"/"+queueOf(at), limit) {
		r.say(at, words)
	}
}

// say sends a plain text beside everything else.
func (r *receiver) say(at place, words string) {
	r.dispatch.Beside(func() {
		if err := r.call(r.ctx, "sendMessage", addressed(at, tgbotapi.Params{"text": words}), nil); err != nil && r.ctx.Err() == nil {
			r.log.Info("a notice was not accepted", "error", failure("sendMessage", err))
		}
	})
}

// addressed adds where a message goes.
func addressed(at place, p tgbotapi.Params) tgbotapi.Params {
	p["chat_id"] = strconv.FormatInt(at.chat, 10)
	if at.topic != 0 {
		p["message_thread_id"] = strconv.FormatInt(at.topic, 10)
	}
	return p
}

var _ bridge.Typist = (*Adapter)(nil)

// ShowTyping implements bridge.Typist.
func (a *Adapter) ShowTyping(ctx context.Context, t bridge.ThreadRef) {
	at, err := parseThread(t)
	if err != nil || !a.typing.Allow(string(t), typingTime) {
		return
	}
	_ = a.call(ctx, "sendChatAction", addressed(at, tgbotapi.Params{"action": "typing"}), nil) // may fail silently
}
