package workbench

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Config is what a Workbench is made of. PublicURL, Desk, Hub, Sessions and Lists are required.
type Config struct {
	PublicURL     string // of the daemon, without a final slash
	Desk          *bridge.Desk
	Hub           *bridge.Hub
	Markup        Markup     // the zero Markup: text is plain
	Looks         []Look     // of the platforms, besides the widget's
	Mail          Mail       // nil: there is no mail server
	Providers     []Provider // of identities, each of another endpoint
	Undelivered   Undelivered
	Knowledge     Knowledge             // nil: there are no pages about it
	Visitors      []bridge.EndpointName // where visitors write
	Sessions      Sessions
	Lists         Lists
	Finder        Finder
	Reports       Reports
	Conversations Conversations // reads the log
	Files         Files
	Lags          Lags
	Channels      func() []Channel           // as they are now
	Settings      []Setting                  // what the configuration says
	Decisions     Decisions                  // nil: there is nothing to decide
	Address       func(*http.Request) string // the caller's, as far as it can be trusted; nil: that of the connection
	Log           *slog.Logger
}

// Workbench serves the web view.
type Workbench struct {
	cfg     Config
	secure  bool // cookies for https only
	assets  map[string]asset
	closing chan struct{}
	markup  Markup
	looks   []Look
	log     *slog.Logger
}

// Base is where the workbench is under the public URL.
const Base = "/workbench"

// New returns a Workbench.
func New(cfg Config) *Workbench {
	if cfg.Address == nil {
		cfg.Address = func(r *http.Request) string { return r.RemoteAddr }
	}
	if cfg.Markup.Read == nil {
		cfg.Markup = plainly()
	}
	widget := Look{Name: "Widget", Of: func(doc rich.Doc) rich.Doc { return doc }}
	return &Workbench{
		markup: cfg.Markup, looks: append([]Look{widget}, cfg.Looks...),
		cfg: cfg, secure: strings.HasPrefix(cfg.PublicURL, "https://"), assets: loadAssets(), closing: make(chan struct{}),
		log: cmp.Or(cfg.Log, slog.New(slog.DiscardHandler)),
	}
}

// Close ends the event streams, for the server to stop. It is called once.
func (b *Workbench) Close() { close(b.closing) }

// Handler serves everything under Base.
func (b *Workbench) Handler() http.Handler { return b.guarded(&b.routes().mux) }

func (b *Workbench) routes() *routes {
	mux := new(routes)
	mux.Handle("GET "+Base+"/static/{name}", http.HandlerFunc(b.static))
	mux.Handle("GET "+Base+"/in", http.HandlerFunc(b.door))
	mux.Handle("GET "+Base+"/in/{token}", b.attempted(b.offerSignIn))
	mux.Handle("POST "+Base+"/in/{token}", b.attempted(b.signIn))
	mux.Handle("GET "+withPath+"{endpoint}", b.attempted(b.signInWith))
	mux.Handle("GET "+withPath+"{endpoint}/callback", b.attempted(b.comeBack))
	b.post(mux, "/out", bridge.RankAgent, b.signOut)

	mux.Handle("GET "+Base+"/events", b.visited(bridge.RankAgent, b.events))

	b.page(mux, "/{$}", bridge.RankAgent, b.lists)
	b.page(mux, "/conversations", bridge.RankAgent, b.lists)
	b.handleSearch(mux)
	b.handleConversation(mux)
	b.quickReplies(mux)
	b.handleKnowledge(mux)
	b.handleTeam(mux)
	b.handleUndelivered(mux)
	b.handleReports(mux)
	b.handleChannels(mux)
	b.handleSettings(mux)
	mux.Handle("GET "+Base+"/files/{id}", b.visited(bridge.RankAgent, b.file))
	b.page(mux, "/", bridge.RankAgent, func(*visit) (content, error) { return content{}, bridge.ErrNotFound })
	return mux
}

// routes are a mux and the patterns that it knows: what is to hold for every page is tested for every page.
type routes struct {
	mux      http.ServeMux
	patterns []string
}

// Handle registers a handler of "METHOD /path".
func (r *routes) Handle(pattern string, h http.Handler) {
	r.patterns = append(r.patterns, pattern)
	r.mux.Handle(pattern, h)
}

// page registers a page that only members see who are at least that.
func (b *Workbench) page(mux *routes, path string, least bridge.Rank, show show) {
	mux.Handle("GET "+Base+path, b.visited(least, func(v *visit) error {
		content, err := show(v)
		if err != nil {
			return err
		}
		return v.render(http.StatusOK, content)
	}))
}

// post registers what a form does.
func (b *Workbench) post(mux *routes, path string, least bridge.Rank, act act) {
	mux.Handle("POST "+Base+path, b.visited(least, b.formed(func(v *visit) error {
		to, err := act(v)
		if err != nil {
			return err
		}
		http.Redirect(v.w, v.Request, to, http.StatusSeeOther)
		return nil
	})))
}

var errForm = &bridge.Problem{Code: "form", Public: "Nothing was changed: what was sent is not a form, or is too large."}

// formed reads the form of a request first.
func (b *Workbench) formed(serve func(v *visit) error) func(v *visit) error {
	return func(v *visit) error {
		v.Body = http.MaxBytesReader(v.w, v.Body, maxForm)
		if err := v.ParseForm(); err != nil {
			return errForm
		}
		return serve(v)
	}
}

const (
	maxForm    = 1 << 20 // bytes of a form without files
	readWithin = 10 * time.Second
)
