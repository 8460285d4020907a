package config

import "time"

// Endpoint is one configured account on one platform.
type Endpoint struct {
	Name     string   // [a-z0-9-]+, unique; it never changes
	Settings Settings // never nil
}

// Settings are what one type of endpoint can be told: *Website, *Telegram, *Slack or *Discord, and nothing else.
type Settings interface {
	// Type is the value of the key type.
	Type() string
	validate(*checker)
}

// Types of endpoints.
const (
	TypeWebsite  = "website"
	TypeTelegram = "telegram"
	TypeSlack    = "slack"
	TypeDiscord  = "discord"
)

var types = []string{TypeWebsite, TypeTelegram, TypeSlack, TypeDiscord}

// defaults returns the settings of an endpoint of that type about which nothing else is said; nil: no such type.
func defaults(typ string) Settings {
	switch typ {
	case TypeWebsite:
		s := DefaultWebsite()
		return &s
	case TypeTelegram:
		s := DefaultTelegram()
		return &s
	case TypeSlack:
		s := DefaultSlack()
		return &s
	case TypeDiscord:
		s := DefaultDiscord()
		return &s
	}
	return nil
}

// Website is the widget and the visitor API for one site or several.
type Website struct {
	// Desk names where conversations open threads. Left out, it is the only Slack or Discord endpoint there is.
	Desk           []string `yaml:"desk"`
	AllowedOrigins []string `yaml:"allowed_origins"` // scheme://host[:port] of the sites that embed the widget
	IdentitySecret Secret   `yaml:"identity_secret"` // HS256 secret of the host site's signed identities; empty: none are taken
	Routes         []Rule   `yaml:"routes"`          // which of Desk conversations open at; where none holds: all
	Limits         Limits   `yaml:"limits"`
	Telegram       string   `yaml:"telegram"` // the Telegram endpoint where visitors can go on; empty: none

	Title       string `yaml:"title"`                 // over the conversation
	Accent      string `yaml:"accent"`                // #rrggbb; empty: the widget's own
	Greeting    Texts  `yaml:"greeting" text:"lines"` // what a visitor reads before the first line; empty: the widget's own
	Tombstone   string `yaml:"tombstone"`             // what stands where a line was taken back; empty: nothing
	MaxFileSize Bytes  `yaml:"max_file_size"`         // of one uploaded file

	Form        []FormField `yaml:"form"`              // what a visitor is asked before the first line
	Hours       OfficeHours `yaml:"hours"`             // when the team can be reached, besides somebody being on duty
	Away        Texts       `yaml:"away" text:"lines"` // instead of Greeting while it cannot be
	OfflineForm bool        `yaml:"offline_form"`      // ask for an address with the first line while it cannot be
	Translate   bool        `yaml:"translate"`         // conversations begin with translation both ways
}

// Limits bound what one visitor and one address may ask for; 0: no limit.
type Limits struct {
	MessagesPerMinute int `yaml:"messages_per_minute"`
	SessionsPerMinute int `yaml:"sessions_per_minute"`
	RequestsPerMinute int `yaml:"requests_per_minute"`
	StreamsPerAddress int `yaml:"streams_per_address"`
}

// DefaultWebsite returns a website's settings without a desk and without origins.
func DefaultWebsite() Website {
	return Website{
		Limits:      Limits{MessagesPerMinute: 60, SessionsPerMinute: 30, RequestsPerMinute: 600, StreamsPerAddress: 50},
		MaxFileSize: 25 << 20,
		OfflineForm: true,
	}
}

// Telegram is one bot that visitors write to.
type Telegram struct {
	Desk   []string `yaml:"desk"`   // as Website.Desk
	Routes []Rule   `yaml:"routes"` // as Website.Routes
	Token  Secret   `yaml:"token"`
	APIURL string   `yaml:"api_url"` // base of /bot{token}/… and /file/bot{token}/…, without a trailing slash
	Mode   string   `yaml:"mode"`    // TelegramPolling or TelegramWebhook

	WebhookSecret Secret `yaml:"webhook_secret"`        // what Telegram's calls must carry; empty: one made of the token
	Greeting      string `yaml:"greeting" text:"lines"` // what a visitor reads after /start; empty: a sentence in English
	ShowAgent     bool   `yaml:"show_agent"`            // begin an agent's line with the agent's name
	AskRating     bool   `yaml:"ask_rating"`            // ask once how the visitor was served, when a conversation is closed
	Translate     bool   `yaml:"translate"`             // conversations begin with translation both ways
	Rates         `yaml:",inline"`
}

// Values of Telegram.Mode.
const (
	TelegramPolling = "polling"
	TelegramWebhook = "webhook"
)

// DefaultTelegram returns a Telegram endpoint's settings without a token and a desk. The rates are the platform's
// own: about one message a second in a chat and thirty in all (Telegram's FAQ for bots).
func DefaultTelegram() Telegram {
	return Telegram{APIURL: "https://api.telegram.org", Mode: TelegramPolling, AskRating: true, Rates: Rates{Place: 1, Total: 29}}
}

// Slack is one Slack app in one workspace, where agents write.
type Slack struct {
	BotToken      Secret        `yaml:"bot_token"`
	AppToken      Secret        `yaml:"app_token"`      // Socket Mode
	SigningSecret Secret        `yaml:"signing_secret"` // HTTP mode, when AppToken is empty
	APIURL        string        `yaml:"api_url"`        // base, with a trailing slash
	PingInterval  time.Duration `yaml:"ping_interval"`  // how long a socket may be silent before it is doubted
	Client        `yaml:",inline"`
	Team          `yaml:",inline"`
	Rates         `yaml:",inline"`
}

// DefaultSlack returns a Slack endpoint's settings without tokens and channel.
func DefaultSlack() Slack {
	return Slack{
		APIURL:       "https://slack.com/api/",
		PingInterval: 30 * time.Second,
		Team:         defaultTeam(),
		Rates:        Rates{Place: 1},
	}
}

// Discord is one Discord bot on one server, where agents write.
type Discord struct {
	Token  Secret `yaml:"token"`
	APIURL string `yaml:"api_url"`     // base with the version, without a trailing slash
	Guild  string `yaml:"guild"`       // the server's id
	Pinned bool   `yaml:"pinned_list"` // keep a list of what is open pinned in the channel
	Client `yaml:",inline"`
	Team   `yaml:",inline"`
	Rates  `yaml:",inline"`
}

// Client is the app as people who sign in to the workbench with their account meet it.
type Client struct {
	ClientID     string `yaml:"client_id"` // empty: nobody signs in like that
	ClientSecret Secret `yaml:"client_secret"`
	SignInURL    string `yaml:"sign_in_url"` // where people say who they are; empty: what APIURL is a part of
}

// DefaultDiscord returns a Discord endpoint's settings without token, guild and channel.
func DefaultDiscord() Discord {
	return Discord{APIURL: "https://discord.com/api/v9", Pinned: true, Team: defaultTeam(), Rates: Rates{Place: 1, Total: 49}}
}

// Team is what endpoints have in common where agents write.
type Team struct {
	Channel    string        `yaml:"channel"`    // id of the channel of visitors' threads
	Colleagues string        `yaml:"colleagues"` // id of the channel of colleague conversations; empty: none
	Language   string        `yaml:"language"`   // what agents here read and write, as a BCP 47 tag
	PlainText  string        `yaml:"plain_text"` // PlainReply or PlainNote: what a plain line in a thread means
	Members    string        `yaml:"members"`    // MembersOpen or MembersInvited: who counts as an agent
	Guard      string        `yaml:"guard"`      // GuardAsk or GuardOff: whether agents are asked before doubtful lines go out
	Hold       time.Duration `yaml:"hold"`       // how long an agent's line waits before it goes out, at most MaxHold
}

// Values of Team.PlainText, Team.Members and Team.Guard.
const (
	PlainReply     = "reply"
	PlainNote      = "note"
	MembersOpen    = "open"
	MembersInvited = "invited"
	GuardAsk       = "ask"
	GuardOff       = "off"
)

// MaxHold is the longest hold.
const MaxHold = 10 * time.Second

func defaultTeam() Team {
	return Team{Language: "en", PlainText: PlainReply, Members: MembersOpen, Guard: GuardAsk}
}

// Rates are our own pace in messages a second, so that a platform need not slow us down; 0: only what it answers.
type Rates struct {
	Place float64 `yaml:"place_rate"` // per channel or chat
	Total float64 `yaml:"total_rate"` // for the whole endpoint
}

// Type implements [Settings].
func (*Website) Type() string { return TypeWebsite }

// Type implements [Settings].
func (*Telegram) Type() string { return TypeTelegram }

// Type implements [Settings].
func (*Slack) Type() string { return TypeSlack }

// Type implements [Settings].
func (*Discord) Type() string { return TypeDiscord }

// desk returns where an endpoint's desk is kept; nil: endpoints of this type open no threads elsewhere.
func (e Endpoint) desk() *[]string {
	switch s := e.Settings.(type) {
	case *Website:
		return &s.Desk
	case *Telegram:
		return &s.Desk
	}
	return nil
}

// team returns what the endpoint's agents are offered; nil: no agents write there.
func (e Endpoint) team() *Team {
	switch s := e.Settings.(type) {
	case *Slack:
		return &s.Team
	case *Discord:
		return &s.Team
	}
	return nil
}
