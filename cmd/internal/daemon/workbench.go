package daemon

import (
	"context"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/cmd/internal/looks"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/workbench"
)

// WorkbenchURL is where people find the workbench.
func WorkbenchURL(cfg config.Config) string {
	return strings.TrimRight(cfg.PublicURL, "/") + workbench.Base
}

func (d *daemon) workbench() *workbench.Workbench {
	return workbench.New(workbench.Config{
		Markup: looks.Markup(), Looks: looks.Platforms(), Undelivered: d.store, Knowledge: d.knowledge,

		PublicURL: strings.TrimRight(d.cfg.PublicURL, "/"), Desk: d.desk, Hub: d.hub, Sessions: d.store, Lists: d.store, Finder: d.store, Reports: d.store, Conversations: d.store,
		Visitors: visitorEndpoints(d.cfg), Lags: d.store, Channels: d.channels, Settings: settings(d.cfg), Decisions: d.settings, Address: caller(d.cfg), Log: d.log,
		Files: workbench.Files{Book: d.store, Blobs: d.blobs, Open: d.porter, Pictures: d.platforms.pictures, Limit: fileLimit},
		Mail:  d.letters, Providers: d.platforms.ways,
	})
}

// visitorEndpoints are where visitors write.
func visitorEndpoints(cfg config.Config) (names []bridge.EndpointName) {
	for _, r := range routes(cfg) {
		if r.Role == bridge.RoleVisitor {
			names = append(names, r.Endpoint)
		}
	}
	return names
}

// channels are the endpoints as the page about them shows them.
func (d *daemon) channels() []workbench.Channel {
	conditions := d.conditions.All()
	channels := make([]workbench.Channel, len(d.cfg.Endpoints))
	for i, e := range d.cfg.Endpoints {
		name := bridge.EndpointName(e.Name)
		c := workbench.Channel{Name: name, Condition: conditions[name]}
		switch s := e.Settings.(type) {
		case *config.Website:
			c.Type, c.Visitors, c.Desk = "website", true, names(s.Desk)
		case *config.Telegram:
			c.Type, c.Visitors, c.Desk = "telegram", true, names(s.Desk)
		case *config.Slack:
			c.Type, c.Manifest = "slack", func() ([]byte, error) { return SlackManifest(d.cfg) }
		case *config.Discord:
			c.Type = "discord"
		}
		if linker, ok := d.platforms.byName[name].(bridge.DeepLinker); ok {
			c.ChatLink = func(ctx context.Context) (string, error) { return linker.DeepLink(ctx, "chat") }
		}
		channels[i] = c
	}
	return channels
}

func settings(cfg config.Config) []workbench.Setting {
	var settings []workbench.Setting
	for _, e := range cfg.Explain() {
		settings = append(settings, workbench.Setting(e))
	}
	return settings
}
