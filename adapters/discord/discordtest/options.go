package discordtest

import "time"

// Options describe the guild, the installed application and the server's habits. The zero value is a guild with a bot
// and its owner. New fills in every default; Server.Options returns the result, so that a test need not invent tokens.
type Options struct {
	// Address to listen on; default 127.0.0.1:0.
	Address string
	// BaseURL is where clients reach the server when it is mounted as an http.Handler instead of being started: scheme,
	// host and path prefix without a trailing slash.
	BaseURL string

	Token              string // the bot's, without "Bot "
	ApplicationID      string
	ClientSecret       string   // of the application, whose client id is ApplicationID
	Redirects          []string // where people who sign in elsewhere with their account are sent back to
	BotUserID, BotName string   // the user's id is the application's by default, as Discord makes it
	GuildID, GuildName string
	OwnerID            string // the guild's owner, who may do everything

	Users    []User
	Roles    []Role
	Channels []Channel

	// Everyone is what the guild's members may do; default: read, write, react, attach, open public threads.
	Everyone Permission
	// BotPermissions is what the bot's own role allows besides; default: what a bridge asks for.
	BotPermissions Permission
	// NoMessageContent leaves the privileged message content intent switched off.
	NoMessageContent bool
	// Members and Presences switch on the two other privileged intents.
	Members, Presences bool

	// Limits answers 429; nil means none. See DiscordLimits.
	Limits Limits
	// MaxInvalid requests within ten minutes shut the address out; default 10,000 (Discord's).
	MaxInvalid int
	// Latency is spent before every call is carried out.
	Latency time.Duration

	// Spec is the official description to check requests and answers against; nil: no check. See LoadSpec.
	Spec *Spec

	// MaxActiveThreads of the guild; default 1000.
	MaxActiveThreads int
	// MaxFile and MaxRequest bound uploads in bytes; default 10 MiB and 25 MiB.
	MaxFile, MaxRequest int
	// NonceWindow is how long an enforced nonce is remembered; default 3 min ("the past few minutes").
	NonceWindow time.Duration
	// LinkLife is how long an attachment's address is good; default 24 h.
	LinkLife time.Duration
	// AnswerTimeout for an interaction's first answer, and TokenLife for its later ones; default 3 s and 15 min.
	AnswerTimeout, TokenLife time.Duration
	// MaxOldEdits is how many edits a message older than an hour takes before 30046; default 3. Discord publishes none.
	MaxOldEdits int

	// HeartbeatInterval asked of clients; default 41.25 s.
	HeartbeatInterval time.Duration
	// MaxIdentifies within a day; default 1000.
	MaxIdentifies int
	// ResumeWindow is how long a session without a connection can be resumed; default 3 min. Discord publishes none.
	ResumeWindow time.Duration
	// Replay is how many dispatches a session keeps for a resume; default 1000.
	Replay int

	// OnCall is called after every call was carried out and before it is answered, from the goroutine of the request
	// and outside the server's lock.
	OnCall func(Call)
}

func (o Options) withDefaults() Options {
	setDefault(&o.Address, "127.0.0.1:0")
	setDefault(&o.Token, "simulated.discord.token")
	setDefault(&o.ApplicationID, "900000000000000001")
	setDefault(&o.ClientSecret, "simulated-client-secret")
	setDefault(&o.BotUserID, o.ApplicationID)
	setDefault(&o.BotName, "skein")
	setDefault(&o.GuildID, "900000000000000002")
	setDefault(&o.GuildName, "Simulated")
	setDefault(&o.OwnerID, "900000000000000003")
	setDefault(&o.Everyone, defaultEveryone)
	setDefault(&o.BotPermissions, defaultBot)
	setDefault(&o.MaxActiveThreads, 1000)
	setDefault(&o.MaxFile, 10<<20)
	setDefault(&o.MaxRequest, 25<<20)
	setDefault(&o.NonceWindow, 3*time.Minute)
	setDefault(&o.LinkLife, 24*time.Hour)
	setDefault(&o.AnswerTimeout, 3*time.Second)
	setDefault(&o.TokenLife, 15*time.Minute)
	setDefault(&o.MaxOldEdits, 3)
	setDefault(&o.HeartbeatInterval, 41250*time.Millisecond)
	setDefault(&o.MaxIdentifies, 1000)
	setDefault(&o.MaxInvalid, 10_000)
	setDefault(&o.ResumeWindow, 3*time.Minute)
	setDefault(&o.Replay, 1000)
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
