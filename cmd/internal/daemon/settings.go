package daemon

import (
	"cmp"
	"maps"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

// newSettings makes what the team can decide without a restart: whatever of it the configuration does not say.
func newSettings(d *daemon) *bridge.Settings {
	return bridge.NewSettings(bridge.SettingsConfig{
		Book: d.store, Ledger: d.store, Settings: declared(d.cfg), Policy: policy(d.cfg), Hub: d.set, Log: d.log,
	})
}

// declared lists what there is to set.
func declared(cfg config.Config) []bridge.Setting {
	var all []bridge.Setting
	// add also looks for what says a part of the setting, if it has parts.
	add := func(s bridge.Setting, parts ...string) {
		paths := []string{s.Key.String()}
		for i, part := range parts {
			paths = append(paths[:i], s.Key.String()+"."+part)
		}
		for _, path := range paths {
			s.Fixed = cmp.Or(s.Fixed, cfg.Said[path])
		}
		all = append(all, s)
	}
	for _, e := range cfg.Endpoints {
		name := bridge.EndpointName(e.Name)
		key := func(setting string) bridge.SettingKey { return bridge.SettingKey{Endpoint: name, Name: setting} }
		switch s := e.Settings.(type) {
		case *config.Website:
			add(bridge.Setting{Key: key(bridge.SettingHours)}, "zone", "open", "closed")
			add(bridge.Setting{Key: key(bridge.SettingGreeting)})
			add(bridge.Setting{Key: key(bridge.SettingAway)})
			add(bridge.Setting{Key: key(bridge.SettingRoutes), Desk: names(s.Desk), Hours: true})
		case *config.Telegram:
			add(bridge.Setting{Key: key(bridge.SettingRoutes), Desk: names(s.Desk)})
		case *config.Slack, *config.Discord:
			add(bridge.Setting{Key: key(bridge.SettingPlainText)})
			add(bridge.Setting{Key: key(bridge.SettingHold)})
		}
	}
	add(bridge.Setting{Key: bridge.SettingKey{Name: bridge.SettingReportZone}})
	add(bridge.Setting{Key: bridge.SettingKey{Name: bridge.SettingClosedDays}})
	return all
}

// policy is what the configuration says.
func policy(cfg config.Config) bridge.Policy {
	p := bridge.Policy{
		Endpoints: map[bridge.EndpointName]bridge.EndpointPolicy{}, ClosedDays: cfg.Retention.ClosedDays, ReportZone: cfg.Reports.Zone,
	}
	for _, e := range cfg.Endpoints {
		var of bridge.EndpointPolicy
		switch s := e.Settings.(type) {
		case *config.Website:
			of.Hours = bridge.OfficeHours{Zone: s.Hours.Zone, Open: s.Hours.Open, Closed: s.Hours.Closed}
			of.Greeting, of.Away, of.Rules = maps.Clone(bridge.Texts(s.Greeting)), maps.Clone(bridge.Texts(s.Away)), rules(s.Routes)
		case *config.Telegram:
			of.Rules = rules(s.Routes)
		case *config.Slack:
			of.Notes, of.Hold = s.PlainText == config.PlainNote, s.Hold
		case *config.Discord:
			of.Notes, of.Hold = s.PlainText == config.PlainNote, s.Hold
		}
		p.Endpoints[bridge.EndpointName(e.Name)] = of
	}
	return p
}

func rules(routes []config.Rule) (rules []bridge.Rule) {
	for _, r := range routes {
		rules = append(rules, bridge.Rule{
			Path: r.Path, Languages: r.Language, Tags: r.Tag, Hours: bridge.When(r.Hours), Desk: names(r.Desk),
		}.Tidy())
	}
	return rules
}
