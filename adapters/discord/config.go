package discord

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

const (
	defaultAPIURL = "https://discord.com/api/v9"
	// Discord lets about five messages in five seconds through in a channel; it publishes no number.
	defaultPlaceRate   = 1
	placeBurst         = 4
	defaultTotalRate   = 49 // of the 50 calls that it documents (D:topics/rate-limits)
	defaultTimeout     = 15 * time.Second
	defaultOpenTime    = 20 * time.Second
	defaultSilence     = 100 * time.Second // Discord answers a heartbeat every 41 s
	defaultFileLimit   = 100 << 20
	defaultUploadLimit = 10 << 20 // D:reference#uploading-files
	defaultUploadTime  = 5 * time.Minute
	maxUploads         = 4 // at once: the library holds a whole request in memory
)

// Config describes one endpoint. Name, Token, Guild and Channel are required.
type Config struct {
	Name       bridge.EndpointName
	Token      string // the bot's, without "Bot "
	APIURL     string // base with the version; default https://discord.com/api/v9
	Guild      string // id of the server
	Channel    string // id of the text or forum channel with the visitors' threads
	Colleagues string // id of the channel for colleagues; empty: none

	ClientID     string // of the application, for people who sign in; empty: nobody does
	ClientSecret string
	SignInURL    string // what /oauth2/authorize is below; default: APIURL without its /api/v9
	Callback     string // where browsers come back to

	PlaceRate float64 // messages a second in one channel; 0: the platform's own pace, 1; negative: unpaced
	TotalRate float64 // messages a second for the endpoint; 0: Discord's own pace, 49; negative: unpaced

	Timeout     time.Duration // of one call; default 15 s. An upload or download may take five minutes
	OpenTime    time.Duration // until a connection is ready; default 20 s
	Silence     time.Duration // after which a connection is taken for dead; default 100 s
	ListPause   time.Duration // at least between two changes of the pinned list; 0: there is none
	FirstPause  time.Duration // before the second attempt to connect; default 1 s, doubled up to a minute
	FileLimit   int64         // bytes of one file read from Discord; default 100 MiB
	UploadLimit int64         // bytes of one file sent to Discord; default 10 MiB

	Files  bridge.Files // opens what visitors sent; nil: their files are refused
	Client *http.Client // default: one with connection limits and no overall timeout; every call has a deadline
	Logger *slog.Logger // default slog.Default
}

// Adapter is a bridge.Adapter for Discord. All methods may be called concurrently.
type Adapter struct {
	cfg     Config
	rest    *discordgo.Session // of the library's part that makes calls; it never connects
	http    *http.Client       // for Discord's API only: it goes to cfg.APIURL
	gateway http.RoundTripper  // for connections
	log     *slog.Logger
	gates   *gates
	words   []bridge.Word // that are declared to Discord and stand on buttons
	uploads chan struct{}
	typing  *intake.Limiter

	me   atomic.Pointer[self] // set by the first users/@me
	desk atomic.Pointer[desk] // what is known of the channel
	ours *ours                // messages of ours
	news chan struct{}        // wakes whoever keeps the pinned list
	shut atomic.Bool          // something of ours was refused for want of access or a permission
}

var (
	_ bridge.Adapter = (*Adapter)(nil)
	_ bridge.Linker  = (*Adapter)(nil)
)

// New checks the configuration. It connects nowhere.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("discord endpoint %q: %w", cfg.Name, err)
	}
	cfg = cfg.withDefaults()
	a := &Adapter{
		cfg: cfg, log: cfg.Logger.With("endpoint", string(cfg.Name)), words: bridge.Vocabulary(),
		gates: newGates(cfg.TotalRate), uploads: make(chan struct{}, maxUploads), ours: newOurs(), news: make(chan struct{}, 1),
		typing: intake.NewLimiter(typingTime),
	}
	client := *cfg.Client
	if a.gateway = cfg.Client.Transport; a.gateway == nil {
		a.gateway = http.DefaultTransport
	}
	client.Transport = &transport{base: cfg.APIURL, next: a.gateway}
	a.http = &client
	a.rest = a.newSession()
	return a, nil
}

// newSession makes a session of the library that neither waits, repeats, remembers nor prints anything.
func (a *Adapter) newSession() *discordgo.Session {
	s, _ := discordgo.New("Bot " + a.cfg.Token) // it has no error to give
	s.Client = a.http
	s.LogLevel = -1
	s.StateEnabled = false
	s.SyncEvents = true
	s.ShouldReconnectOnError = false
	s.ShouldRetryOnRateLimit = false
	s.MaxRestRetries = 0
	s.Identify.Compress = false
	s.Identify.Intents = intents
	return s
}

func (c Config) validate() error {
	var errs []error
	need := func(ok bool, problem string) {
		if !ok {
			errs = append(errs, errors.New(problem))
		}
	}
	need(c.Name != "", "name is missing")
	need(c.Token != "", "token is missing")
	need(isID(c.Guild), "guild is not the id of a server")
	need(isID(c.Channel), "channel is not the id of a channel")
	need(c.Colleagues == "" || isID(c.Colleagues), "colleagues is not the id of a channel")
	if c.APIURL != "" {
		u, err := url.Parse(c.APIURL)
		need(err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http"), "api_url is not an http or https address")
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	c.APIURL = cmp.Or(c.APIURL, defaultAPIURL)
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	c.SignInURL = strings.TrimRight(c.SignInURL, "/")
	c.PlaceRate = paced(c.PlaceRate, defaultPlaceRate)
	c.TotalRate = paced(c.TotalRate, defaultTotalRate)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.OpenTime = cmp.Or(c.OpenTime, defaultOpenTime)
	c.Silence = cmp.Or(c.Silence, defaultSilence)
	c.FirstPause = cmp.Or(c.FirstPause, time.Second)
	c.FileLimit = cmp.Or(c.FileLimit, defaultFileLimit)
	c.UploadLimit = cmp.Or(c.UploadLimit, defaultUploadLimit)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 64
		c.Client = &http.Client{Transport: transport}
	}
	return c
}

func paced(rate, usual float64) float64 {
	switch {
	case rate == 0:
		return usual
	case rate < 0:
		return 0
	}
	return rate
}

// Name returns the endpoint's name.
func (a *Adapter) Name() bridge.EndpointName { return a.cfg.Name }

// Abilities returns what Discord can do. One receiver: two connections of one bot each receive everything.
func (a *Adapter) Abilities() bridge.Abilities {
	return bridge.Abilities{
		Role:        bridge.RoleTeam,
		OneReceiver: true,
		PlaceRate:   a.cfg.PlaceRate,
		PlaceBurst:  max(placeBurst, int(a.cfg.PlaceRate)),
		TotalRate:   a.cfg.TotalRate,
		Apart: map[bridge.Op]bridge.Rate{
			bridge.Edit:   {PerSecond: a.cfg.PlaceRate, Burst: max(placeBurst, int(a.cfg.PlaceRate))},
			bridge.Delete: {}, bridge.React: {}, bridge.Unreact: {}, // as Discord's headers say
		},
		MaxFile: a.cfg.UploadLimit,
	}
}
