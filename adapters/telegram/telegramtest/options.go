package telegramtest

import "time"

// Options describe the bot, the people around it and the server's habits. The zero value is a bot
// and no one else. New fills in every default; Server.Options returns the result.
type Options struct {
	// Address to listen on; default 127.0.0.1:0.
	Address string
	// BaseURL is where clients reach the server when it is mounted as an http.Handler instead of
	// being started: scheme and host.
	BaseURL string

	Token                string // default "1000:simulated-token"; the bot's user id stands before the colon
	BotName, BotUsername string

	Users []User
	Chats []Chat // groups, supergroups and channels; a private chat exists for every user

	// Spec is what requests and answers are checked against; nil: they are not. See LoadSpec.
	Spec *Spec

	// Limits answers 429; the zero value means none. See TelegramLimits.
	Limits Limits
	// Latency is spent before every call is carried out.
	Latency time.Duration
	// WebhookRetry is the pause before a webhook delivery is repeated; default 1 s.
	WebhookRetry time.Duration
	// QueryLife is how long a pressed button may be answered; default 15 min.
	QueryLife time.Duration

	// OnCall is called after every call was carried out and before it is answered, from the
	// goroutine of the request and outside the server's lock.
	OnCall func(Call)
}

func (o Options) withDefaults() Options {
	setDefault(&o.Address, "127.0.0.1:0")
	setDefault(&o.Token, "1000:simulated-token")
	setDefault(&o.BotName, "Skein")
	setDefault(&o.BotUsername, "skein_bot")
	setDefault(&o.WebhookRetry, time.Second)
	setDefault(&o.QueryLife, 15*time.Minute)
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
