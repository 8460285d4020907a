package slack

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

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

const (
	defaultAPIURL = "https://slack.com/api/"
	// Slack allows one message a second in a channel, with short bursts (S:apis/web-api/rate-limits).
	defaultPlaceRate = 1
	// Slack allows short bursts and does not say how short. One less than what passes is spared for messages that
	// are on their way for longer than those behind them.
	placeBurst        = 2
	tierBurst         = 5
	defaultPing       = 30 * time.Second
	defaultHomePause  = 5 * time.Second
	defaultTimeout    = 15 * time.Second
	defaultFileLimit  = 100 << 20
	defaultSettle     = time.Millisecond // a little more would cost twice as much: the poller counts in milliseconds
	defaultUploadTime = 5 * time.Minute
)

// Config describes one endpoint. Name, BotToken, Channel and one of AppToken and SigningSecret are required.
type Config struct {
	Name          bridge.EndpointName
	BotToken      string // xoxb-…
	AppToken      string // xapp-…: receive by Socket Mode
	SigningSecret string // without AppToken: receive by HTTP, see Adapter.Handler
	APIURL        string // base of the Web API; default https://slack.com/api/
	Channel       string // id of the channel with the visitors' threads
	Colleagues    string // id of the channel for colleagues; "" for none
	PublicURL     string // where this daemon is reached from outside; for the manifest's request URLs

	ClientID     string // of the app, for people who sign in; "": nobody does
	ClientSecret string
	SignInURL    string // the OpenID issuer; default: APIURL without its api/
	Callback     string // where browsers come back to

	PlaceRate float64 // messages a second in one channel; 0: Slack's own pace, 1; negative: unpaced
	TotalRate float64 // messages a second for the endpoint; 0: only what Slack answers

	PingInterval time.Duration // Slack's pings are expected at least this often; default 30 s
	Timeout      time.Duration // of one call; default 15 s. An upload or download may take five minutes
	FileLimit    int64         // bytes of one file read from Slack; default 100 MiB
	// Settle is how long an event waits for an earlier one of its thread that may still be on the way over the
	// other connection. 0: 1 ms, and not at all while nothing moves there.
	Settle time.Duration
	// HomePause is how often at most the app's home of one person is brought up to date by itself; default 5 s.
	HomePause time.Duration

	Files  bridge.Files // opens what visitors sent; nil: their files are refused
	Client *http.Client // default: one with connection limits and no overall timeout; every call has a deadline
	Logger *slog.Logger // default slog.Default
}

// Adapter is a bridge.Adapter for Slack. All methods may be called concurrently.
type Adapter struct {
	cfg    Config
	api    *slackgo.Client
	http   *http.Client
	log    *slog.Logger
	people *people
	words  vocabulary
	homes  *homes
	bodies chan struct{} // the requests whose bodies are being read

	me        atomic.Pointer[self]     // set by the first auth.test
	receiving atomic.Pointer[receiver] // set while Run receives by HTTP; read by the handler
}

var (
	_ bridge.Adapter = (*Adapter)(nil)
	_ bridge.Linker  = (*Adapter)(nil)
)

// New checks the configuration. It connects nowhere.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("slack endpoint %q: %w", cfg.Name, err)
	}
	cfg = cfg.withDefaults()
	a := &Adapter{
		cfg: cfg, http: cfg.Client, log: cfg.Logger.With("endpoint", string(cfg.Name)), words: bridge.Vocabulary(), homes: newHomes(),
		bodies: make(chan struct{}, maxBodies),
	}
	a.api = slackgo.New(cfg.BotToken,
		slackgo.OptionAPIURL(cfg.APIURL),
		slackgo.OptionAppLevelToken(cfg.AppToken),
		slackgo.OptionHTTPClient(cfg.Client),
		slackgo.OptionLog(silent{}))
	a.people = newPeople(a.lookUp, a.log)
	return a, nil
}

func (c Config) validate() error {
	var errs []error
	need := func(ok bool, problem string) {
		if !ok {
			errs = append(errs, errors.New(problem))
		}
	}
	need(c.Name != "", "name is missing")
	need(c.BotToken != "", "bot_token is missing")
	need(c.AppToken != "" || c.SigningSecret != "", "app_token (Socket Mode) or signing_secret (HTTP) is missing")
	need(c.Channel != "", "channel is missing")
	need(!strings.Contains(c.Channel, "/"), "channel is not a channel id")
	need(!strings.Contains(c.Colleagues, "/"), "colleagues is not a channel id")
	need(c.Colleagues == "" || c.Colleagues != c.Channel, "colleagues is the channel of visitors' threads")
	if c.APIURL != "" {
		u, err := url.Parse(c.APIURL)
		need(err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http"), "api_url is not an http or https address")
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.APIURL == "" {
		c.APIURL = defaultAPIURL
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	switch {
	case c.PlaceRate == 0:
		c.PlaceRate = defaultPlaceRate
	case c.PlaceRate < 0:
		c.PlaceRate = 0
	}
	c.PingInterval = cmp.Or(c.PingInterval, defaultPing)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.HomePause = cmp.Or(c.HomePause, defaultHomePause)
	c.FileLimit = cmp.Or(c.FileLimit, defaultFileLimit)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 64
		c.Client = &http.Client{Transport: transport}
	}
	return c
}

// Name returns the endpoint's name.
func (a *Adapter) Name() bridge.EndpointName { return a.cfg.Name }

// Abilities returns what Slack can do. One receiver holds for both modes: Slack spreads the events of one thread
// over all connections of an app, and only one process can put them back in order.
func (a *Adapter) Abilities() bridge.Abilities {
	return bridge.Abilities{
		Role:        bridge.RoleTeam,
		OneReceiver: true,
		PlaceRate:   a.cfg.PlaceRate,
		PlaceBurst:  max(placeBurst, int(a.cfg.PlaceRate)),
		TotalRate:   a.cfg.TotalRate,
		Apart:       a.apart(),
		MaxFile:     maxUpload,
	}
}

// apart are the operations that Slack counts by the method and the workspace, at least so many a minute
// (S:apis/web-api/rate-limits).
func (a *Adapter) apart() map[bridge.Op]bridge.Rate {
	tier := func(perMinute float64) bridge.Rate {
		if a.cfg.PlaceRate == 0 { // unpaced
			perMinute = 0
		}
		return bridge.Rate{PerSecond: perMinute / 60, Burst: tierBurst, Anywhere: true}
	}
	return map[bridge.Op]bridge.Rate{bridge.Edit: tier(50), bridge.Delete: tier(50), bridge.React: tier(50), bridge.Unreact: tier(20)}
}

// silent drops what the library would print: it includes message text.
type silent struct{}

func (silent) Output(int, string) error { return nil }
