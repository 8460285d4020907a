package telegram

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

const (
	defaultAPIURL = "https://api.telegram.org"
	// Telegram asks for about one message a second in a chat, with short bursts, and thirty in all: one
	// less is asked for, since some are on their way for longer than others
	// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
	defaultPlaceRate  = 1
	defaultTotalRate  = 29
	placeBurst        = 2
	defaultTimeout    = 15 * time.Second
	defaultPollTime   = 50 * time.Second
	defaultAlbumTime  = time.Second
	defaultUploadTime = 5 * time.Minute
	defaultGreeting   = "Hello! Write your question here, and our team will answer."
)

// What a bot may send and fetch, in bytes (T:sending-files, T:getfile).
const (
	maxPhoto    = 10 << 20
	maxUpload   = 50 << 20
	maxDownload = 20 << 20
)

// Config describes one endpoint. Name and Token are required, and PublicURL with Webhook.
type Config struct {
	Name   bridge.EndpointName
	Token  string
	APIURL string // base of /bot{token}/… and /file/bot{token}/…; default https://api.telegram.org

	Webhook       bool   // Telegram calls us, see Adapter.Handler; otherwise we ask it
	WebhookSecret string // what its calls must carry; default: made of the token
	PublicURL     string // where this daemon is reached from outside; only for Webhook

	Greeting  string // what a visitor reads after /start; default: a sentence in English
	ShowAgent bool   // begin an agent's line with the agent's name

	PlaceRate float64 // messages a second in one chat; 0: Telegram's own pace, 1; negative: unpaced
	TotalRate float64 // messages a second for the endpoint; 0: Telegram's own pace, 29; negative: unpaced

	Timeout   time.Duration // of one call; default 15 s. An upload or download may take five minutes
	PollTime  time.Duration // how long Telegram may wait with its answer until something happens; default 50 s
	AlbumTime time.Duration // how long the next item of an album is waited for; default 1 s

	Files  bridge.Files // opens what agents sent; nil: their files are refused
	Client *http.Client // default: one with connection limits and no overall timeout; every call has a deadline
	Logger *slog.Logger // default slog.Default
}

// Adapter is a bridge.Adapter for Telegram. All methods may be called concurrently.
type Adapter struct {
	cfg     Config
	http    *http.Client
	log     *slog.Logger
	secret  string
	moved   moves
	typing  *intake.Limiter
	notices *intake.Limiter

	me        atomic.Pointer[user]     // set by getMe
	receiving atomic.Pointer[receiver] // set while Run receives by webhook; read by the handler
	bodies    chan struct{}            // the requests whose bodies are being read
}

var _ bridge.Adapter = (*Adapter)(nil)

// New checks the configuration. It connects nowhere.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("telegram endpoint %q: %w", cfg.Name, err)
	}
	silenceLibrary()
	cfg = cfg.withDefaults()
	return &Adapter{
		cfg: cfg, http: cfg.Client, log: cfg.Logger.With("endpoint", string(cfg.Name)), secret: cfg.WebhookSecret,
		typing: intake.NewLimiter(typingTime), notices: intake.NewLimiter(noticeTime), bodies: make(chan struct{}, maxBodies),
	}, nil
}

var (
	// A token that is anything else would make addresses that mean something else.
	tokenPattern  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) // T:setwebhook
)

func (c Config) validate() error {
	var errs []error
	need := func(ok bool, problem string) {
		if !ok {
			errs = append(errs, errors.New(problem))
		}
	}
	need(c.Name != "", "name is missing")
	need(tokenPattern.MatchString(c.Token), "token is missing or not one of a bot")
	need(c.APIURL == "" || isWebURL(c.APIURL), "api_url is not an http or https address")
	if c.Webhook {
		need(c.WebhookSecret == "" || secretPattern.MatchString(c.WebhookSecret), "webhook_secret is not 1 to 256 of A-Z, a-z, 0-9, _ and -")
		need(isWebURL(c.PublicURL), "mode webhook needs public_url, the address under which Telegram reaches this daemon")
	}
	return errors.Join(errs...)
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func (c Config) withDefaults() Config {
	if c.APIURL == "" {
		c.APIURL = defaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.PlaceRate = paced(c.PlaceRate, defaultPlaceRate)
	c.TotalRate = paced(c.TotalRate, defaultTotalRate)
	c.Greeting = cmp.Or(c.Greeting, defaultGreeting)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.PollTime = cmp.Or(c.PollTime, defaultPollTime)
	c.AlbumTime = cmp.Or(c.AlbumTime, defaultAlbumTime)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.WebhookSecret == "" {
		mac := hmac.New(sha256.New, []byte(c.Token))
		_, _ = mac.Write([]byte("skein webhook " + c.Name)) // a hash accepts everything
		c.WebhookSecret = hex.EncodeToString(mac.Sum(nil))
	}
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

// Abilities returns what Telegram can do. One receiver: Telegram refuses a second one that asks for updates, and calls
// one address only.
func (a *Adapter) Abilities() bridge.Abilities {
	return bridge.Abilities{
		Role:        bridge.RoleVisitor,
		OneReceiver: true,
		PlaceRate:   a.cfg.PlaceRate,
		PlaceBurst:  max(placeBurst, int(a.cfg.PlaceRate)),
		TotalRate:   a.cfg.TotalRate,
		MaxFile:     maxUpload,
	}
}

// silenceLibrary drops what the library would print, for the whole program: it includes addresses with the token.
var silenceLibrary = sync.OnceFunc(func() { _ = tgbotapi.SetLogger(silent{}) })

type silent struct{}

func (silent) Println(...any)        {}
func (silent) Printf(string, ...any) {}
