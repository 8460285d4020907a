package main

import (
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

const websiteEndpoint = "website"

// desks is where the next conversation of a visitor's endpoint opens its threads: one of the website in Slack, one of
// Telegram in Discord, or each in both.
func (d *demo) desks(visitors bridge.EndpointName) []bridge.EndpointName {
	switch {
	case d.both.Load():
		return []bridge.EndpointName{slackEndpoint, discordEndpoint}
	case visitors == telegramEndpoint:
		return []bridge.EndpointName{discordEndpoint}
	default:
		return []bridge.EndpointName{slackEndpoint}
	}
}

// config is the daemon's configuration: the shop's widget, and every simulated platform.
func (d *demo) config(address string) config.Config {
	website := config.DefaultWebsite()
	website.Translate = true
	website.AllowedOrigins = []string{d.origin}
	if local := strings.Replace(d.origin, "//127.0.0.1:", "//localhost:", 1); local != d.origin {
		website.AllowedOrigins = append(website.AllowedOrigins, local)
	}
	website.Limits = config.Limits{MessagesPerMinute: 6000, SessionsPerMinute: 6000, RequestsPerMinute: 60_000, StreamsPerAddress: 5000}
	website.Telegram = telegramEndpoint
	website.Title, website.Accent, website.Greeting = shopName, shopAccent, config.Texts{"": shopGreeting}
	cfg := config.Defaults()
	cfg.Listen, cfg.PublicURL = address, d.origin
	cfg.Robot.Engine = "knowledge"
	cfg.Colleagues = []string{slackEndpoint, discordEndpoint}
	cfg.Endpoints = []config.Endpoint{{Name: websiteEndpoint, Settings: &website}}
	for _, p := range d.platforms {
		cfg.Endpoints = append(cfg.Endpoints, p.Endpoint())
	}
	for _, e := range cfg.Endpoints {
		var desk []string
		for _, name := range d.desks(bridge.EndpointName(e.Name)) {
			desk = append(desk, string(name))
		}
		switch s := e.Settings.(type) {
		case *config.Website:
			s.Desk = desk
		case *config.Telegram:
			s.Desk = desk
		}
	}
	return cfg
}
