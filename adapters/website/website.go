// Package website is the endpoint behind the widget: the visitor API over HTTP.
//
// It differs from the other adapters in one point: visitors' programs fetch entries from the log themselves, so
// nothing is ever sent. GET /messages and GET /stream are the same reading of the same log; a stream only knows in
// addition when to look again. Reconnecting is therefore reading, and a visitor can neither miss nor repeat an entry.
//
//	website token identity         the adapter; who a visitor is
//	form presence                  what a visitor is told and asked, and whether somebody is there
//	handler origin limit problem   what every request passes
//	examine                        what can be proven from outside
//	session profile message history entry receipt rating upload download   one call each
//	stream streams reader wheel workers                      the server-sent events
//
// A stream costs one goroutine with a small stack and no buffers. Work on a stream (reading the log, writing) is done
// by workers that exist only while there is work, one at a time for any one visitor, which is what keeps order.
package website

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Desk takes in what visitors do.
type Desk interface {
	// Accept appends what a visitor said and returns the committed entry. For a key that the log already has it
	// returns the first entry and an error that wraps bridge.ErrSeen. A *bridge.Problem may be shown to the visitor.
	Accept(ctx context.Context, in bridge.Inbound) (bridge.Entry, error)
	// Greet inserts or updates a visitor and returns it with its ID. Empty fields do not overwrite what is known.
	Greet(ctx context.Context, v bridge.Visitor) (bridge.Visitor, error)
	// Rate takes what a visitor thinks of how they were served; in's body is their comment. It returns
	// bridge.ErrNotFound when they have no conversation, and a *bridge.Problem for a wrong score. A key that the log
	// already has changes nothing.
	Rate(ctx context.Context, in bridge.Inbound, score int) error
	// Invite makes a link by which the visitor can go on elsewhere; its token is of letters and digits.
	Invite(ctx context.Context, l bridge.Link) (token string, err error)
	// Typing passes on that the visitor is writing.
	Typing(ctx context.Context, from bridge.EndpointName, t bridge.ThreadRef, by bridge.Person)
}

// Log is what visitors read. Its methods may be called concurrently and return bridge.ErrNotFound for what is not
// there.
type Log interface {
	// ConversationAt finds the conversation that has a lane in this thread.
	ConversationAt(ctx context.Context, e bridge.EndpointName, t bridge.ThreadRef) (bridge.Conversation, error)
	// ThreadOf finds the thread of a conversation at an endpoint.
	ThreadOf(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (bridge.ThreadRef, error)
	// Visible returns the entries after seq that such a reader may see, in order and as they stand now; fewer than limit
	// means that there are no more yet. held is how long it takes until there are more that are held back; 0: none are.
	Visible(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role, after int64, limit int) (
		entries []bridge.Entry, held time.Duration, err error)
	// VisibleBefore returns the last entries before seq that Visible gives, in order; fewer than limit mean that there are
	// no more.
	VisibleBefore(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, r bridge.Role, before int64, limit int) (
		[]bridge.Entry, error)
	// Fetched records that the reader has what agents have said up to seq. It never goes back.
	Fetched(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error
	// Seen records that the reader has acknowledged everything up to seq. It never goes back.
	Seen(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error
	// SeenUpTo returns what Seen has recorded.
	SeenUpTo(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (int64, error)
	// Visitor finds a visitor by key.
	Visitor(ctx context.Context, e bridge.EndpointName, key string) (bridge.Visitor, error)
}

// Pictures knows pictures. It may be called concurrently.
type Pictures interface {
	// Look finds out from its bytes what a file is; width and height are 0 when it does not say.
	Look(r io.Reader) (kind string, width, height int)
	// OpenThumbnail returns a small JPEG or PNG of a picture. Any error but bridge.ErrNotFound and a context's says that
	// there is none.
	OpenThumbnail(ctx context.Context, f bridge.File) ([]byte, error)
}

// Settings is how the widget presents itself to a visitor. What does not depend on them is sent as it stands here.
type Settings struct {
	Title       string `json:"title,omitempty"`
	Greeting    string `json:"greeting,omitempty"` // in their language, as Config.Policy has it
	Away        string `json:"away,omitempty"`     // likewise
	Form        []ask  `json:"form,omitempty"`     // what to ask before the first line
	Offline     []ask  `json:"offline,omitempty"`  // and what instead while nobody is there
	Accent      string `json:"accent,omitempty"`   // a CSS colour
	Position    string `json:"position,omitempty"` // "left" or "right"
	Tombstone   bool   `json:"tombstone"`          // show that a message was removed
	Telegram    bool   `json:"telegram"`           // POST links leads to a Telegram chat; set by New
	MaxText     int    `json:"max_text"`           // characters in one message; set by New
	MaxFileSize int64  `json:"max_file_size"`      // bytes; set by New
}

// Meters are told what is to be counted. A nil field is not called. They may be called concurrently.
type Meters struct {
	Connected func(change int)    // streams opened (+1) and closed (-1)
	Refused   func(reason string) // a request was answered with the problem of this code
}

// Config is what an Adapter is made of. All ports but Pictures are required; everything else may be left zero.
type Config struct {
	Name           bridge.EndpointName
	PublicURL      string   // its origin may always call
	AllowedOrigins []string // origins of host pages, "https://shop.example.com"
	Secret         []byte   // key of visitors' tokens, at least 32 bytes, the same on every instance
	IdentitySecret string   // HS256 secret of the host site's signed identities; empty: none are accepted
	Limits         Limits
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Settings       Settings
	MaxFileSize    int64   // bytes; 0: 20 MiB
	Form           []Field // what visitors are asked before their first line
	OfflineForm    bool    // ask for an address with the first line while nobody is there
	// Policy is what holds at the moment: the greeting, the words instead of it while nobody is there, and the hours in which
	// the team can be reached, if Attended says so too. nil: no words, and always.
	Policy func() bridge.EndpointPolicy
	// Attended reports whether anybody is on duty; nil: always.
	Attended func(ctx context.Context) (bool, error)
	Telegram bridge.EndpointName // where visitors can go on; empty: nowhere
	// DeepLink is the address that leads there. An error says that it is not known at the moment.
	DeepLink func(ctx context.Context, token string) (string, error)

	Desk     Desk
	Log      Log
	Hub      *bridge.Hub
	Typing   *bridge.Hub // tells of conversations in which an agent is writing; nil: nobody does
	Proofs   *bridge.Hub // told of conversations in which a visitor has fetched or seen something; nil: nobody is
	Book     bridge.FileBook
	Blobs    bridge.Blobs
	Files    bridge.Files
	Pictures Pictures                    // nil: the size of pictures is not known, and there are no small ones
	Place    func(address string) string // about where an address is, "" where that is not known; nil: never. It must not wait.
	Logger   *slog.Logger
	Meters   Meters
}

const (
	minSecret          = 32
	defaultMaxFileSize = 20 << 20
)

// Adapter is one website endpoint. Handler serves visitors at any time; only while Run runs are streams told of news.
type Adapter struct {
	cfg      Config
	origins  map[string]bool
	limits   *limits
	presence presence
	streams  *streams
	handler  http.Handler
}

var _ bridge.Adapter = (*Adapter)(nil)

// New returns the adapter of one endpoint.
func New(c Config) (*Adapter, error) {
	switch {
	case !plainName(c.Name):
		return nil, fmt.Errorf("website: the name %q does not fit into an address", c.Name)
	case c.Desk == nil, c.Log == nil, c.Hub == nil, c.Book == nil, c.Blobs == nil, c.Files == nil:
		return nil, fmt.Errorf("website %s: a port is missing", c.Name)
	case len(c.Secret) < minSecret:
		return nil, fmt.Errorf("website %s: the secret has %d bytes, needs at least %d", c.Name, len(c.Secret), minSecret)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.MaxFileSize == 0 {
		c.MaxFileSize = defaultMaxFileSize
	}
	if c.Proofs != nil {
		c.Log = telling{Log: c.Log, proofs: c.Proofs}
	}
	if c.Policy == nil {
		c.Policy = func() bridge.EndpointPolicy { return bridge.EndpointPolicy{} }
	}
	c.Settings.Telegram = c.Telegram != ""
	c.Settings.MaxText, c.Settings.MaxFileSize = maxText, c.MaxFileSize
	c.Logger = c.Logger.With("endpoint", c.Name)
	origins, err := originSet(append([]string{c.PublicURL}, c.AllowedOrigins...))
	if err != nil {
		return nil, fmt.Errorf("website %s: %w", c.Name, err)
	}
	a := &Adapter{cfg: c, origins: origins, limits: newLimits(c.Limits)}
	a.presence = presence{policy: c.Policy, attended: c.Attended, logger: c.Logger, known: true}
	a.streams = newStreams(c.Name, c.Log, c.Logger, c.Limits.StreamsPerAddress, c.Meters.Connected)
	a.handler = a.routes()
	return a, nil
}

func plainName(name bridge.EndpointName) bool {
	return name != "" && !strings.ContainsFunc(string(name), func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// Name returns the endpoint's name.
func (a *Adapter) Name() bridge.EndpointName { return a.cfg.Name }

// Abilities says that visitors read for themselves.
func (a *Adapter) Abilities() bridge.Abilities {
	return bridge.Abilities{Role: bridge.RoleVisitor, Reads: true}
}

// Run keeps the open streams told of news and alive until ctx ends; then it closes them, refuses new ones and returns
// when all their goroutines have ended. Visitors' messages come in through Handler.
func (a *Adapter) Run(ctx context.Context, sink bridge.Sink) error {
	a.streams.open()
	cancel := a.cfg.Hub.Subscribe(a.streams.hear)
	defer a.streams.close()
	defer cancel()
	if a.cfg.Typing != nil {
		defer a.cfg.Typing.Subscribe(a.streams.hearTyping)()
	}
	a.streams.hearAll() // of news that came before we subscribed
	sink.Report(ctx, a.cfg.Name, bridge.Condition{State: bridge.Running})
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { a.presence.watch(ctx, a.ShowPresence) })
	a.streams.turn(ctx)
	return nil
}

// Render returns no parts: the browser reads the log.
func (a *Adapter) Render(bridge.Delivery) ([]bridge.Part, error) { return nil, nil }

// Send is never called, because Render makes no parts.
func (a *Adapter) Send(context.Context, bridge.Part) (bridge.Sent, error) {
	return bridge.Sent{}, &bridge.Failure{Verdict: bridge.GiveUp, Public: "Nothing is sent to a website."}
}

// ShowPresence tells every stream on this instance whether somebody is on duty.
func (a *Adapter) ShowPresence(online bool) {
	if online {
		a.streams.signalAll(signalOnline)
	} else {
		a.streams.signalAll(signalAway)
	}
}

// Connected reports whether the visitor of the thread listens on this instance.
func (a *Adapter) Connected(t bridge.ThreadRef) bool { return a.streams.has(t) }

// Handler serves /v1/website/{endpoint}/. It may be called concurrently. Streams take their connections over, so it
// must be reached with HTTP/1.1 and without a wrapper that hides http.Hijacker.
func (a *Adapter) Handler() http.Handler { return a.handler }
