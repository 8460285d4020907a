package slacktest

import "time"

// Options describe the workspace, the installed app and the server's habits. The zero value is a
// workspace with a bot and no one else. New fills in every default; Server.Options returns the
// result, so that a test need not invent tokens.
type Options struct {
	// Address to listen on; default 127.0.0.1:0.
	Address string
	// BaseURL is where clients reach the server when it is mounted as an http.Handler instead of
	// being started: scheme, host and path prefix without a trailing slash.
	BaseURL string

	TeamID, TeamName, TeamDomain     string
	AppID, BotID, BotUserID, BotName string
	// BotAppID is the app that the bot belongs to; default AppID, the app of AppToken.
	BotAppID           string
	BotToken, AppToken string
	SigningSecret      string

	// Scopes of the bot token; default: all that Skein asks for. A method outside them answers
	// missing_scope.
	Scopes []string
	// Subscriptions are the bot events the app has subscribed to, by their manifest names
	// ("message.channels"); default: the usual set. Other events are not sent.
	Subscriptions []string

	Users    []User
	Channels []Channel

	// Limits answers 429; nil means none. See SlackLimits.
	Limits Limits
	// MaxText, if positive, makes chat.postMessage refuse longer text (in characters) with
	// msg_too_long. 0 is Slack's documented behaviour: truncation at 40,000.
	MaxText int
	// Latency is spent before every Web API call is carried out.
	Latency time.Duration

	// AckTimeout is how long an event may stay unacknowledged; default 3 s (Slack's).
	AckTimeout time.Duration
	// PingInterval between the WebSocket pings on each socket; default 5 s.
	PingInterval time.Duration
	// MaxSockets at a time; default 10 (Slack's).
	MaxSockets int
	// SocketModeOff greets no socket: each is told that the app's Socket Mode is switched off.
	SocketModeOff bool
	// HoldEvents keeps events that arrive while no socket is open until one opens. By default
	// they are lost: Slack documents nothing better.
	HoldEvents bool

	// RequestURL switches from Socket Mode to HTTP delivery. InteractivityURL and CommandURL
	// default to it.
	RequestURL, InteractivityURL, CommandURL string
	// RetryDelays before the repeats of a failed HTTP delivery; default 0, 1 min, 5 min (Slack's).
	// Their number is the number of repeats.
	RetryDelays []time.Duration

	// ShareDelay postpones the message of a completed upload, as Slack's file processing does.
	ShareDelay time.Duration

	// OnCall is called after every Web API call was carried out and before it is answered, from
	// the goroutine of the request and outside the server's lock.
	OnCall func(Call)
}

// defaultScopes and defaultSubscriptions are what the product's manifest asks for.
var defaultScopes = []string{
	"app_mentions:read", "channels:history", "channels:read", "chat:write", "chat:write.customize",
	"commands", "files:read", "files:write", "groups:history", "groups:read", "im:history",
	"im:write", "metadata.message:read", "reactions:read", "reactions:write", "team:read", "users:read",
}

var defaultSubscriptions = []string{
	"app_home_opened", "app_mention", "channel_archive", "channel_id_changed", "channel_left", "channel_rename",
	"channel_unarchive", "file_shared", "group_archive", "group_left", "group_rename", "group_unarchive",
	"member_joined_channel", "member_left_channel", "message.channels", "message.groups", "message.im",
	"reaction_added", "reaction_removed", "tokens_revoked", "user_change",
}

func (o Options) withDefaults() Options {
	setDefault(&o.Address, "127.0.0.1:0")
	setDefault(&o.TeamID, "T0SIMULATED")
	setDefault(&o.TeamName, "Simulated")
	setDefault(&o.TeamDomain, "simulated")
	setDefault(&o.AppID, "A0SIMULATED")
	setDefault(&o.BotAppID, o.AppID)
	setDefault(&o.BotID, "B0SIMULATED")
	setDefault(&o.BotUserID, "U0SIMULATED")
	setDefault(&o.BotName, "skein")
	setDefault(&o.BotToken, "xoxb-simulated-bot-token")
	setDefault(&o.AppToken, "xapp-simulated-app-token")
	setDefault(&o.SigningSecret, "simulated-signing-secret")
	setDefault(&o.AckTimeout, 3*time.Second)
	setDefault(&o.PingInterval, 5*time.Second)
	setDefault(&o.MaxSockets, 10)
	setDefault(&o.InteractivityURL, o.RequestURL)
	setDefault(&o.CommandURL, o.RequestURL)
	if o.Scopes == nil {
		o.Scopes = defaultScopes
	}
	if o.Subscriptions == nil {
		o.Subscriptions = defaultSubscriptions
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
