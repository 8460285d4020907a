package daemon

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/skeindesk/skein/adapters/files"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/website"
	"github.com/skeindesk/skein/adapters/website/widget"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

// This is the only file that names every adapter.

// platforms are the configured adapters and what they serve over HTTP.
type platforms struct {
	adapters []bridge.Adapter
	byName   map[bridge.EndpointName]bridge.Adapter
	handlers map[string]http.Handler // by pattern
}

func (p *platforms) source(e bridge.EndpointName) (bridge.FileSource, bool) {
	s, ok := p.byName[e].(bridge.FileSource)
	return s, ok
}

// routes tells the Desk what it must know of the endpoints.
func routes(cfg config.Config) []bridge.Route {
	var routes []bridge.Route
	for _, e := range cfg.Endpoints {
		r := bridge.Route{Endpoint: bridge.EndpointName(e.Name)}
		switch s := e.Settings.(type) {
		case *config.Website:
			r.Role, r.Reads, r.Desk = bridge.RoleVisitor, true, names(s.Desk)
		case *config.Telegram:
			r.Role, r.Desk = bridge.RoleVisitor, names(s.Desk)
		case *config.Slack:
			r.Role, r.Invited, r.Notes = bridge.RoleTeam, s.Members == config.MembersInvited, s.PlainText == config.PlainNote
		case *config.Discord:
			r.Role, r.Invited, r.Notes = bridge.RoleTeam, s.Members == config.MembersInvited, s.PlainText == config.PlainNote
		}
		routes = append(routes, r)
	}
	return routes
}

func names(in []string) []bridge.EndpointName {
	out := make([]bridge.EndpointName, len(in))
	for i, n := range in {
		out[i] = bridge.EndpointName(n)
	}
	return out
}

// newPlatforms makes an adapter of each configured endpoint.
func newPlatforms(d *daemon, blobs bridge.Blobs, secret []byte) (*platforms, error) {
	p := &platforms{byName: map[bridge.EndpointName]bridge.Adapter{}, handlers: map[string]http.Handler{}}
	for _, e := range d.cfg.Endpoints {
		var a bridge.Adapter
		var err error
		switch s := e.Settings.(type) {
		case *config.Website:
			a, err = p.website(d, e.Name, s, blobs, secret)
		case *config.Slack:
			a, err = p.slack(d, e.Name, s)
		default:
			err = cannotConnect(e)
		}
		if err != nil {
			return nil, err
		}
		p.adapters = append(p.adapters, a)
		p.byName[a.Name()] = a
	}
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
		Settings:    website.Settings{Title: s.Title, Greeting: s.Greeting, Accent: s.Accent, Tombstone: s.Tombstone != ""},
		MaxFileSize: int64(s.MaxFileSize),
		Desk:        d.desk, Log: d.store, Hub: d.hub, Book: d.store, Blobs: blobs, Files: d.porter, Logger: d.log,
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

// prefixes reads networks that the configuration has checked.
func prefixes(networks []string) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		if p, err := netip.ParsePrefix(n); err == nil {
			out = append(out, p)
		} else if a, err := netip.ParseAddr(n); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return out
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
	if s.AppToken == "" {
		p.handlers["/v1/slack/"+name+"/"] = a.Handler()
	}
	return a, nil
}

// slackConfig translates an endpoint's settings. The manifest is made from the same value.
func slackConfig(cfg config.Config, name string, s *config.Slack) slack.Config {
	rate := s.Place
	if rate == 0 {
		rate = -1 // the operator asked for none; the adapter's zero means Slack's own
	}
	return slack.Config{
		Name: bridge.EndpointName(name), BotToken: string(s.BotToken), AppToken: string(s.AppToken),
		SigningSecret: string(s.SigningSecret), APIURL: s.APIURL, Channel: s.Channel, Colleagues: s.Colleagues,
		PublicURL: cfg.PublicURL, PlaceRate: rate, TotalRate: s.Total, PingInterval: s.PingInterval,
	}
}

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

// openFiles opens the file store.
func openFiles(place string) (bridge.Blobs, error) {
	if isObjectStore(place) {
		return nil, errObjectStore
	}
	return files.Open(place)
}

// Check says what of a valid configuration this version cannot run. It connects nowhere.
func Check(cfg config.Config) error {
	var errs []error
	if isObjectStore(cfg.Files) {
		errs = append(errs, errObjectStore)
	}
	for _, e := range cfg.Endpoints {
		switch s := e.Settings.(type) {
		case *config.Website:
		case *config.Slack:
			_, err := slack.New(slackConfig(cfg, e.Name, s))
			errs = append(errs, err)
		default:
			errs = append(errs, cannotConnect(e))
		}
	}
	return errors.Join(errs...)
}

func cannotConnect(e config.Endpoint) error {
	return fmt.Errorf("endpoints.%s: this version of Skein cannot connect to %s yet", e.Name, e.Settings.Type())
}

var errObjectStore = errors.New("files: this version of Skein keeps files in a directory only")

func isObjectStore(place string) bool { return strings.HasPrefix(place, "s3:") }
