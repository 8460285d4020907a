package workbench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/adapters/files"
	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/sqlitetest"
	"github.com/skeindesk/skein/workbench"
)

const (
	desk    = bridge.EndpointName("support-slack")
	website = bridge.EndpointName("website")
)

// rig is a workbench on a real database, served over HTTP, with a website and a Slack whose platforms are not there.
type rig struct {
	t      *testing.T
	store  *store.Store
	hub    *bridge.Hub
	desk   *bridge.Desk
	server *httptest.Server
	bench  *workbench.Workbench
	n      int

	database string // the file
	blobs    bridge.Blobs

	decisions *bridge.Settings
}

func newRig(t *testing.T) *rig { return newRigWith(t, func(*workbench.Config) {}) }

// newRigWith is a rig with something else in the workbench's configuration.
func newRigWith(t *testing.T, change func(*workbench.Config)) *rig {
	t.Helper()
	database := sqlitetest.Database(t)
	s, err := store.Open(t.Context(), database, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	r := &rig{t: t, store: s, database: database, hub: bridge.NewHub()}
	r.server = httptest.NewUnstartedServer(nil)
	public := "http://" + r.server.Listener.Addr().String()
	knowledge := bridge.NewKnowledge(s, nil)
	r.desk = bridge.NewDesk(bridge.DeskConfig{
		Ledger: s, Hub: r.hub, Shelf: r.shelf(), Knowledge: knowledge, Workbench: public + workbench.Base, Routes: routes(),
	})
	r.decisions = decisions(r)
	cfg := workbench.Config{
		Decisions: r.decisions,

		Undelivered: s, Knowledge: knowledge,
		Markup: workbench.Markup{Read: func(source string) rich.Doc { return markdown.Read(source, nil) }, Write: markdown.Write},
		Looks:  []workbench.Look{{Name: "Telegram", Of: func(doc rich.Doc) rich.Doc { return entities.Read(entities.Write(doc)) }}},

		PublicURL: public, Desk: r.desk, Hub: r.hub, Sessions: s, Lists: s, Finder: s, Reports: s, Conversations: s, Lags: s,
		Visitors: []bridge.EndpointName{website}, Channels: channels, Settings: settings(),
		Files: r.files(),
	}
	change(&cfg)
	r.bench = workbench.New(cfg)
	r.server.Config.Handler = r.bench.Handler()
	r.server.Config.RegisterOnShutdown(r.bench.Close)
	r.server.Start()
	t.Cleanup(r.server.Close)
	return r
}

func routes() []bridge.Route {
	return []bridge.Route{
		{Endpoint: website, Role: bridge.RoleVisitor, Reads: true, Desk: []bridge.EndpointName{desk}},
		{Endpoint: desk, Role: bridge.RoleTeam},
	}
}

// agent makes a member of the team, known in Slack. The first is the owner.
func (r *rig) agent(name string) bridge.Agent {
	r.t.Helper()
	var agent bridge.Agent
	must(r.t, r.store.Change(r.t.Context(), func(tx bridge.Tx) (err error) {
		agent, err = tx.JoinAgent(desk, bridge.Person{ID: "U" + name, Name: name})
		return err
	}))
	return agent
}

// says lets a visitor write on the website, and returns the entry.
func (r *rig) says(visitor, text string) bridge.Entry {
	r.t.Helper()
	r.n++
	en, err := r.desk.Accept(r.t.Context(), bridge.Inbound{
		Endpoint: website, Key: fmt.Sprint("said-", r.n), Message: bridge.MessageRef(fmt.Sprint("m-", r.n)), Kind: bridge.InSaid, Thread: bridge.ThreadRef(visitor),
		From: bridge.Person{ID: visitor, Name: visitor}, Body: rich.Of(text), At: time.Now().UTC(),
	})
	must(r.t, err)
	return en
}

// browser is one person's, without JavaScript.
type browser struct {
	t      *testing.T
	rig    *rig
	client *http.Client
}

func (r *rig) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(r.t, err)
	return &browser{t: r.t, rig: r, client: &http.Client{Jar: jar}}
}

// signedIn is the browser of an agent who has come in by a link.
func (r *rig) signedIn(agent bridge.Agent) *browser {
	r.t.Helper()
	b := r.browser()
	link, err := r.desk.SignInLink(r.t.Context(), bridge.SignIn{Agent: agent.ID})
	must(r.t, err)
	if p := b.post(strings.TrimPrefix(link, r.server.URL), nil); p.status != http.StatusOK {
		r.t.Fatalf("signing in was answered %d:\n%s", p.status, p.body)
	}
	return b
}

// page is an answer, redirects followed.
type page struct {
	status int
	path   string
	body   string
	header http.Header
}

func (b *browser) get(path string) page { return b.do(http.MethodGet, path, nil, nil) }

// post sends a form as a page of ours would.
func (b *browser) post(path string, form url.Values) page {
	return b.do(http.MethodPost, path, form, http.Header{"Sec-Fetch-Site": {"same-origin"}})
}

func (b *browser) do(method, path string, form url.Values, header http.Header) page {
	b.t.Helper()
	if header = header.Clone(); header == nil {
		header = http.Header{}
	}
	if form != nil {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.send(method, path, form.Encode(), header)
}

func (b *browser) send(method, path, content string, header http.Header) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), method, b.rig.server.URL+path, strings.NewReader(content))
	must(b.t, err)
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	return page{status: res.StatusCode, path: res.Request.URL.Path, body: string(body), header: res.Header}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) address() *url.URL {
	u, err := url.Parse(r.server.URL)
	must(r.t, err)
	return u
}

// channels are endpoints of every type, in different conditions.
func channels() []workbench.Channel {
	return []workbench.Channel{
		{Name: website, Type: "website", Visitors: true, Desk: []bridge.EndpointName{desk}, Condition: bridge.Condition{State: bridge.Running}},
		{
			Name: "shop-telegram", Type: "telegram", Visitors: true, Condition: bridge.Condition{State: bridge.Running},
			ChatLink: func(context.Context) (string, error) { return "https://t.me/tarn_and_tor_bot?start=chat", nil },
		},
		{Name: desk, Type: "slack", Condition: bridge.Condition{
			State: bridge.Refused, Public: "Slack has withdrawn the app's token. Install the app again and put the new token into the configuration.",
		}, Manifest: func() ([]byte, error) { return []byte("display_information:\n  name: Skein\n"), nil }},
	}
}

func settings() []workbench.Setting {
	return []workbench.Setting{
		{Key: "listen", Value: "127.0.0.1:8080"},
		{Key: "public_url", Value: "https://chat.example.com", Source: "skein.yaml, line 3"},
		{Key: "database", Value: "set, not shown", Source: "variable SKEIN_DATABASE"},
		{Key: "assignment.mode", Value: "round_robin", Source: "skein.yaml, line 30"},
		{Key: "assignment.remind_after", Value: "5m0s"},
		{Key: "endpoints.website.type", Value: "website", Source: "skein.yaml, line 6"},
		{Key: "endpoints.website.greeting"},
	}
}

// files are kept in a directory of the test.
func (r *rig) files() workbench.Files {
	dir, err := files.Open(r.t.TempDir())
	must(r.t, err)
	r.blobs = dir
	porter := bridge.NewPorter(bridge.PorterConfig{Book: r.store, Blobs: dir, Limit: maxFile, Look: files.Look})
	return workbench.Files{Book: r.store, Blobs: dir, Open: porter, Pictures: files.NewThumbnails(dir, porter, 0), Limit: maxFile}
}

const maxFile = 1 << 20

// shelf follows what is kept, until the test ends.
func (r *rig) shelf() *bridge.Shelf {
	shelf := bridge.NewShelf(r.store, nil)
	ctx, stop := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = shelf.Run(ctx) // ends with ctx
	}()
	r.t.Cleanup(func() {
		stop()
		<-ended
	})
	return shelf
}
