package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/files"
	"github.com/skeindesk/skein/adapters/mail"
	"github.com/skeindesk/skein/adapters/places"
	"github.com/skeindesk/skein/adapters/robot"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/translate"
	"github.com/skeindesk/skein/adapters/website"
	"github.com/skeindesk/skein/adapters/website/widget"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/workbench"
)

// This is the only file that names every adapter.

// platforms are the configured adapters and what they serve over HTTP.
type platforms struct {
	adapters []bridge.Adapter
	byName   map[bridge.EndpointName]bridge.Adapter
	handlers map[string]http.Handler // by pattern
	pictures *files.Thumbnails
	atlas    *places.Atlas // nil: nobody knows places
	ways     []workbench.Provider
}

func (p *platforms) source(e bridge.EndpointName) (bridge.FileSource, bool) {
	s, ok := p.byName[e].(bridge.FileSource)
	return s, ok
}

// place says about where an address is.
func (p *platforms) place(address string) string {
	if p.atlas == nil {
		return ""
	}
	return p.atlas.Of(address)
}

// followPlaces keeps up with the file of places until ctx ends.
func (p *platforms) followPlaces(ctx context.Context) error {
	if p.atlas == nil {
		return nil
	}
	return p.atlas.Run(ctx)
}

// threadLink is where a person finds a thread.
func (d *daemon) threadLink(e bridge.EndpointName, t bridge.ThreadRef) string {
	if l, ok := d.platforms.byName[e].(bridge.Linker); ok {
		return l.ThreadLink(t)
	}
	return ""
}

// showTyping shows in a thread that somebody is writing, where that can be shown.
func (d *daemon) showTyping(ctx context.Context, e bridge.EndpointName, t bridge.ThreadRef) {
	if typist, ok := d.platforms.byName[e].(bridge.Typist); ok {
		typist.ShowTyping(ctx, t)
	}
}

// routes tells the Desk what it must know of the endpoints.
func routes(cfg config.Config) []bridge.Route {
	var routes []bridge.Route
	for _, e := range cfg.Endpoints {
		r := bridge.Route{Endpoint: bridge.EndpointName(e.Name)}
		switch s := e.Settings.(type) {
		case *config.Website:
			r.Role, r.Reads, r.Desk, r.Translates = bridge.RoleVisitor, true, names(s.Desk), s.Translate
		case *config.Telegram:
			r.Role, r.Desk, r.Rates, r.Translates = bridge.RoleVisitor, names(s.Desk), s.AskRating, s.Translate
		case *config.Slack:
			teamRoute(&r, s.Team)
		case *config.Discord:
			teamRoute(&r, s.Team)
		}
		routes = append(routes, r)
	}
	return routes
}

// assignment translates the section of that name.
func assignment(a config.Assignment) bridge.Assignment {
	modes := map[string]bridge.AssignMode{
		config.AssignRoundRobin: bridge.AssignRoundRobin, config.AssignLeastBusy: bridge.AssignLeastBusy,
		config.AssignByLanguage: bridge.AssignByLanguage,
	}
	return bridge.Assignment{
		Mode: modes[a.Mode], RemindAfter: a.RemindAfter, EscalateAfter: a.EscalateAfter, Reopen: time.Duration(a.ReopenDays) * 24 * time.Hour,
	}
}

func teamRoute(r *bridge.Route, t config.Team) {
	r.Role, r.Invited, r.Asks = bridge.RoleTeam, t.Members == config.MembersInvited, t.Guard == config.GuardAsk
	r.Language = t.Language
}

func names(in []string) []bridge.EndpointName {
	out := make([]bridge.EndpointName, len(in))
	for i, n := range in {
		out[i] = bridge.EndpointName(n)
	}
	return out
}

// newPlatforms makes an adapter of each configured endpoint.
func newPlatforms(d *daemon, blobs bridge.Blobs, links files.Links, secret []byte) (*platforms, error) {
	p := &platforms{byName: map[bridge.EndpointName]bridge.Adapter{}, handlers: map[string]http.Handler{}}
	p.pictures = files.NewThumbnails(blobs, d.porter, d.cfg.PictureMegapixels)
	if d.cfg.Places != "" {
		p.atlas = places.Open(d.cfg.Places, d.log)
	}
	for _, e := range d.cfg.Endpoints {
		var a bridge.Adapter
		var err error
		switch s := e.Settings.(type) {
		case *config.Website:
			a, err = p.website(d, e.Name, s, blobs, secret)
		case *config.Slack:
			a, err = p.slack(d, e.Name, s)
		case *config.Telegram:
			a, err = p.telegram(d, e.Name, s)
		case *config.Discord:
			a, err = p.discord(d, e.Name, s)
		default:
			err = cannotConnect(e)
		}
		if err != nil {
			return nil, err
		}
		p.adapters = append(p.adapters, a)
		p.byName[a.Name()] = a
	}
	if d.cfg.Robot.Engine != config.NoEngine {
		engine, err := robotEngine(d.cfg.Robot)
		if err != nil {
			return nil, err
		}
		p.adapters = append(p.adapters, robot.New(robot.Config{
			Engine: engine, Look: d.store.Look, Find: d.knowledge.Find, Drafts: d.cfg.Robot.Mode == config.RobotDrafts, Patience: robotPatience,
		}))
	}
	p.handlers["GET /files/{id}"] = links.Handler(d.store, d.porter, d.log)
	p.handlers["/widget.js"], p.handlers["/widget/"] = widgetHandlers(d.cfg)
	return p, nil
}

func (p *platforms) website(d *daemon, name string, s *config.Website, blobs bridge.Blobs, secret []byte) (bridge.Adapter, error) {
	endpoint := bridge.EndpointName(name)
	a, err := website.New(website.Config{
		Name: endpoint, PublicURL: d.cfg.PublicURL, AllowedOrigins: s.AllowedOrigins,
		Secret: secret, IdentitySecret: string(s.IdentitySecret),
		TrustedProxies: prefixes(d.cfg.TrustedProxies),
		Limits: website.Limits{
			MessagesPerMinute: s.Limits.MessagesPerMinute, SessionsPerMinute: s.Limits.SessionsPerMinute,
			RequestsPerMinute: s.Limits.RequestsPerMinute, StreamsPerAddress: s.Limits.StreamsPerAddress,
		},
		Settings: website.Settings{Title: s.Title, Accent: s.Accent, Tombstone: s.Tombstone != ""},
		Form:     formFields(s.Form), OfflineForm: s.OfflineForm,
		Policy: func() bridge.EndpointPolicy { return d.settings.Policy().At(endpoint) }, Attended: d.desk.Attended,
		MaxFileSize: int64(s.MaxFileSize),
		Telegram:    bridge.EndpointName(s.Telegram), DeepLink: p.deepLink(s.Telegram),
		Desk: d.desk, Log: d.store, Hub: d.hub, Typing: d.typing, Proofs: d.proofs, Book: d.store, Blobs: blobs, Files: d.porter, Logger: d.log,
		Pictures: p.pictures, Place: p.place,
		Meters: website.Meters{
			Connected: func(change int) { d.metrics.connected(endpoint, change) },
			Refused:   func(reason string) { d.metrics.refused(endpoint, reason) },
		},
	})
	if err != nil {
		return nil, err
	}
	p.handlers["/v1/website/"+name+"/"] = a.Handler()
	return a, nil
}

// newMailing sends mail through the server of the configuration: to visitors, and to people who are invited. nil: there is
// none.
func newMailing(d *daemon) (*bridge.Mailing, workbench.Mail, error) {
	cfg := d.cfg.Mail
	if cfg.SMTP == "" {
		return nil, nil, nil
	}
	sender, err := mail.New(mail.Config{Server: string(cfg.SMTP), From: cfg.From, Site: d.mailSite})
	if err != nil {
		return nil, nil, err
	}
	connected := func(e bridge.EndpointName, t bridge.ThreadRef) bool {
		a, ok := d.platforms.byName[e].(*website.Adapter)
		return ok && a.Connected(t)
	}
	return &bridge.Mailing{Book: d.store, Send: sender.Send, Connected: connected, Proofs: d.proofs, After: cfg.After}, sender.Letter, nil
}

func (d *daemon) mailSite(name bridge.EndpointName) mail.Site {
	e, _ := d.cfg.Endpoint(string(name))
	if s, ok := e.Settings.(*config.Website); ok {
		return mail.Site{Title: s.Title, Origins: s.AllowedOrigins}
	}
	return mail.Site{}
}

func formFields(form []config.FormField) (fields []website.Field) {
	for _, f := range form {
		fields = append(fields, website.Field{
			Name: f.Name, Type: f.Type, Label: bridge.Texts(f.Label), Required: f.Required, Options: f.Options,
		})
	}
	return fields
}

// deepLink asks the adapter of an endpoint, which may be made later, for addresses that lead there.
func (p *platforms) deepLink(name string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, token string) (string, error) {
		linker, ok := p.byName[bridge.EndpointName(name)].(bridge.DeepLinker)
		if !ok {
			return "", fmt.Errorf("endpoint %s has no links", name)
		}
		return linker.DeepLink(ctx, token)
	}
}

// caller finds the network that a request comes from.
func caller(cfg config.Config) func(*http.Request) string {
	trusted := prefixes(cfg.TrustedProxies)
	return func(r *http.Request) string { return website.Caller(r, trusted) }
}

func widgetHandlers(cfg config.Config) (loader, page http.Handler) {
	h := widget.Handler(widget.Options{Site: func(name string) (widget.Site, bool) {
		e, _ := cfg.Endpoint(name)
		s, ok := e.Settings.(*config.Website)
		if !ok {
			return widget.Site{}, false
		}
		return widget.Site{Origins: s.AllowedOrigins, Accent: s.Accent}, true
	}})
	return h, h
}

func (p *platforms) slack(d *daemon, name string, s *config.Slack) (bridge.Adapter, error) {
	cfg := slackConfig(d.cfg, name, s)
	cfg.Files, cfg.Logger = d.porter, d.log
	a, err := slack.New(cfg)
	if err != nil {
		return nil, err
	}
	if way := a.SignIn(); way != nil {
		p.ways = append(p.ways, way)
	}
	if s.AppToken == "" {
		p.handlers["/v1/slack/"+name+"/"] = a.Handler()
	}
	return a, nil
}

func (p *platforms) discord(d *daemon, name string, s *config.Discord) (bridge.Adapter, error) {
	cfg := discordConfig(d.cfg, name, s)
	cfg.Files, cfg.Logger = d.porter, d.log
	a, err := discord.New(cfg)
	if err != nil {
		return nil, err
	}
	if way := a.SignIn(); way != nil {
		p.ways = append(p.ways, way)
	}
	return a, nil
}

// slackConfig translates an endpoint's settings. The manifest is made from the same value.
func slackConfig(cfg config.Config, name string, s *config.Slack) slack.Config {
	return slack.Config{
		Name: bridge.EndpointName(name), BotToken: string(s.BotToken), AppToken: string(s.AppToken),
		SigningSecret: string(s.SigningSecret), APIURL: s.APIURL, Channel: s.Channel, Colleagues: commons(cfg, name, s.Team),
		PublicURL: cfg.PublicURL, PlaceRate: unpaced(s.Place), TotalRate: s.Total, PingInterval: s.PingInterval,
		ClientID: s.ClientID, ClientSecret: string(s.ClientSecret), SignInURL: s.SignInURL,
		Callback: workbench.CallbackURL(cfg.PublicURL, bridge.EndpointName(name)),
	}
}

// commons is the endpoint's shared channel, if it is one of those that are one conversation.
func commons(cfg config.Config, name string, t config.Team) string {
	if !slices.Contains(cfg.Colleagues, name) {
		return ""
	}
	return t.Colleagues
}

// sharing are the adapters whose shared channels are one conversation.
func (p *platforms) sharing(cfg config.Config) []bridge.Adapter {
	var all []bridge.Adapter
	for _, name := range cfg.Colleagues {
		a := p.byName[bridge.EndpointName(name)]
		if c, ok := a.(bridge.Commons); ok && c.Commons() != "" {
			all = append(all, a)
		}
	}
	return all
}

// unpaced says that an operator asked for no pace: an adapter's zero means the platform's own.
func unpaced(rate float64) float64 {
	if rate == 0 {
		return -1
	}
	return rate
}

func (p *platforms) telegram(d *daemon, name string, s *config.Telegram) (bridge.Adapter, error) {
	cfg := telegramConfig(d.cfg, name, s)
	cfg.Files, cfg.Logger = d.porter, d.log
	a, err := telegram.New(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Webhook {
		p.handlers[a.Route()] = a.Handler()
	}
	return a, nil
}

func telegramConfig(cfg config.Config, name string, s *config.Telegram) telegram.Config {
	return telegram.Config{
		Name: bridge.EndpointName(name), Token: string(s.Token), APIURL: s.APIURL,
		Webhook: s.Mode == config.TelegramWebhook, WebhookSecret: string(s.WebhookSecret), PublicURL: cfg.PublicURL,
		Greeting: s.Greeting, ShowAgent: s.ShowAgent, PlaceRate: unpaced(s.Place), TotalRate: unpaced(s.Total),
	}
}

func discordConfig(cfg config.Config, name string, s *config.Discord) discord.Config {
	c := discord.Config{
		Name: bridge.EndpointName(name), Token: string(s.Token), APIURL: s.APIURL, Guild: s.Guild, Channel: s.Channel,
		Colleagues: commons(cfg, name, s.Team), PlaceRate: unpaced(s.Place), TotalRate: unpaced(s.Total),
		ClientID: s.ClientID, ClientSecret: string(s.ClientSecret), SignInURL: s.SignInURL,
		Callback: workbench.CallbackURL(cfg.PublicURL, bridge.EndpointName(name)),
	}
	if s.Pinned {
		c.ListPause = listPause
	}
	return c
}

// listPause is how often a list in a chat may change: what happens within it is seen at once.
const listPause = 5 * time.Second

// SlackManifest returns the Slack app manifest (YAML) of the first Slack endpoint of the configuration, or of one that
// is still to be configured: it is what an operator needs before there are tokens.
func SlackManifest(cfg config.Config) ([]byte, error) {
	of := slack.Config{Name: "support-slack", AppToken: "xapp-", PublicURL: cfg.PublicURL}
	for _, e := range cfg.Endpoints {
		if s, ok := e.Settings.(*config.Slack); ok {
			of = slackConfig(cfg, e.Name, s)
			break
		}
	}
	return slack.Manifest(of)
}

// probeTime bounds how long a start waits for the file store.
const probeTime = 5 * time.Second

// tryFiles says in the log when files cannot be kept. Text can be delivered without.
func (d *daemon) tryFiles(ctx context.Context, blobs bridge.Blobs) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if err := files.Probe(ctx, blobs); err != nil {
		d.log.Warn("the file store does not work", "error", err)
	}
}

// newPorter makes the Porter, and the links that it gives out.
func newPorter(ctx context.Context, d *daemon, blobs bridge.Blobs) (*bridge.Porter, files.Links, error) {
	secret, err := d.store.Secret(ctx, "file links")
	if err != nil {
		return nil, files.Links{}, err
	}
	links := files.NewLinks(d.cfg.PublicURL, secret)
	return bridge.NewPorter(bridge.PorterConfig{
		Book: d.store, Blobs: blobs, Limit: fileLimit, Log: d.log, Look: files.Look, Link: links.Link,
		Source: func(e bridge.EndpointName) (bridge.FileSource, bool) { return d.platforms.source(e) },
		Lost:   func(ctx context.Context, f bridge.StoredFile) { d.desk.FileLost(ctx, f) },
	}), links, nil
}

// openFiles opens the file store.
func openFiles(cfg config.Config) (bridge.Blobs, error) {
	if inObjectStore(cfg) {
		return files.NewObjectStore(cfg.Files, credentials(cfg))
	}
	return files.Open(cfg.Files)
}

func inObjectStore(cfg config.Config) bool { return strings.HasPrefix(cfg.Files, "s3:") }

func credentials(cfg config.Config) files.Credentials {
	if cfg.FilesAccessKey != "" {
		return files.Credentials{AccessKey: string(cfg.FilesAccessKey), SecretKey: string(cfg.FilesSecretKey)}
	}
	return files.Credentials{
		AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
}

// probeObjects proves that an object store keeps, returns and removes.
func probeObjects(ctx context.Context, cfg config.Config) error {
	blobs, err := openFiles(cfg)
	if err != nil {
		return err
	}
	return files.Probe(ctx, blobs)
}

// Check says what of a valid configuration this version cannot run. It connects nowhere.
func Check(cfg config.Config) error {
	var errs []error
	if inObjectStore(cfg) { // a directory would be made
		_, err := openFiles(cfg)
		errs = append(errs, err)
	}
	if cfg.Places != "" {
		if err := places.Check(cfg.Places); err != nil {
			errs = append(errs, fmt.Errorf("places (%s): expected a file of places in MaxMind's format: %w", cfg.Said["places"], err))
		}
	}
	_, err := examiners(cfg)
	return errors.Join(append(errs, err)...)
}

// examiners makes what proves of each endpoint that it works. It connects nowhere.
func examiners(cfg config.Config) ([]bridge.Examiner, error) {
	var all []bridge.Examiner
	var errs []error
	for _, e := range cfg.Endpoints {
		var x bridge.Examiner
		var err error
		switch s := e.Settings.(type) {
		case *config.Website:
			x = website.Outside{
				Name: bridge.EndpointName(e.Name), PublicURL: cfg.PublicURL, AllowedOrigins: s.AllowedOrigins, Timeout: examineCall,
			}
		case *config.Slack:
			of := slackConfig(cfg, e.Name, s)
			of.Timeout = examineCall
			x, err = slack.New(of)
		case *config.Telegram:
			of := telegramConfig(cfg, e.Name, s)
			of.Timeout = examineCall
			x, err = telegram.New(of)
		case *config.Discord:
			of := discordConfig(cfg, e.Name, s)
			of.Timeout = examineCall
			x, err = discord.New(of)
		default:
			err = cannotConnect(e)
		}
		all, errs = append(all, x), append(errs, err)
	}
	return all, errors.Join(errs...)
}

func cannotConnect(e config.Endpoint) error {
	return fmt.Errorf("endpoints.%s: this version of Skein cannot connect to %s yet", e.Name, e.Settings.Type())
}

// leastForModel is the confidence that something must have been found with for a model to be asked at all.
const leastForModel = 0.2

// robotEngine makes the configured engine of the robot. It connects nowhere.
func robotEngine(cfg config.Robot) (bridge.RobotEngine, error) {
	switch cfg.Engine {
	case "openai":
		return robot.NewOpenAI(robot.OpenAIConfig{
			URL: cmp.Or(cfg.URL, "https://api.openai.com/v1"), Key: string(cfg.Key), Model: cfg.Model, Least: leastForModel,
		})
	case "webhook":
		return robot.NewWebhook(robot.WebhookConfig{URL: cfg.URL, Secret: string(cfg.Key)})
	}
	return robot.Knowledge{Sure: knowledge.Sure, Possible: knowledge.Possible}, nil
}

// newTranslator makes the configured engine, or takes the program's own, with what is put around any.
func newTranslator(d *daemon, cfg config.Translator) (bridge.Translator, error) {
	engine := d.opts.Translator
	if engine == nil {
		var err error
		engine, err = translate.New(translate.Config{
			Engine: cfg.Engine, URL: cfg.URL, Key: string(cfg.Key), Region: cfg.Region, Model: cfg.Model,
		})
		if err != nil {
			return nil, err
		}
	}
	return translate.Around(engine, translate.Options{
		Usage: d.store, Cap: cfg.MonthlyCharacters,
		Changed: func(down bool) { d.log.Warn("translator", "engine", cfg.Engine, "down", down) },
	}), nil
}
