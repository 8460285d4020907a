// Package config reads what the operator configured: skein.yaml, SKEIN_ environment variables and files that hold
// secrets, in one typed value that has been checked as a whole.
//
// [Load] reports every problem it finds, not only the first, each with the file, the line and the key. No value from
// the configuration is ever part of such a report: a token that was written behind the wrong key stays unseen too.
//
// The package knows the configuration's shape only. Commands build adapters from it; nothing else imports it.
package config

import "log/slog"

// Config is a whole configuration. Every field is set, from the file, from the environment or by [Defaults].
type Config struct {
	// Listen is the host:port of the widget, visitor API, workbench and webhooks.
	Listen string `yaml:"listen"`
	// PublicURL is where visitors and platforms reach Listen: http or https, without a trailing slash.
	PublicURL string `yaml:"public_url"`
	// TrustedProxies are the addresses or networks of proxies whose X-Forwarded-For tells who a visitor is.
	TrustedProxies []string `yaml:"trusted_proxies"`
	// MetricsListen is the host:port of /metrics; empty: it is served on Listen, to loopback callers only.
	MetricsListen string `yaml:"metrics_listen"`
	// Database is sqlite:PATH or a postgres:// URL, which may hold a password.
	Database Secret `yaml:"database"`
	// Files is a directory or an s3:// URL.
	Files     string     `yaml:"files"`
	LogLevel  slog.Level `yaml:"log_level"`
	LogFormat string     `yaml:"log_format"` // LogText or LogJSON

	// Endpoints are in the file's order; those that only the environment names follow, by name.
	Endpoints []Endpoint
	// Colleagues names the endpoints whose colleagues channels are one conversation.
	Colleagues []string   `yaml:"colleagues"`
	Translator Translator `yaml:"translator"`
	Robot      Robot      `yaml:"robot"`
}

// Values of Config.LogFormat.
const (
	LogText = "text"
	LogJSON = "json"
)

// NoEngine is the engine of a translator or a robot that there is not.
const NoEngine = "none"

// Translator is the machine that translates between visitors and agents.
type Translator struct {
	Engine string `yaml:"engine"` // none, apertium, libretranslate, deepl, google or openai
	URL    string `yaml:"url"`    // empty: the engine's public service, where there is one
	Key    Secret `yaml:"key"`
	Model  string `yaml:"model"` // of an openai engine
}

// Robot is the machine that answers visitors before an agent does.
type Robot struct {
	Engine string `yaml:"engine"` // none, knowledge, openai or webhook
	URL    string `yaml:"url"`
	Key    Secret `yaml:"key"`
	Model  string `yaml:"model"` // of an openai engine
}

// Endpoint returns the endpoint of that name.
func (c Config) Endpoint(name string) (Endpoint, bool) {
	for _, e := range c.Endpoints {
		if e.Name == name {
			return e, true
		}
	}
	return Endpoint{}, false
}

// Defaults returns the configuration of an empty file: no endpoints, everything on this machine.
func Defaults() Config {
	return Config{
		Listen:    "127.0.0.1:8080",
		PublicURL: "http://127.0.0.1:8080",
		// A proxy on the same machine is the usual way to serve HTTPS.
		TrustedProxies: []string{"127.0.0.0/8", "::1/128"},
		Database:       "sqlite:skein.db",
		Files:          "./files",
		LogLevel:       slog.LevelInfo,
		LogFormat:      LogText,
		Translator:     Translator{Engine: NoEngine},
		Robot:          Robot{Engine: NoEngine},
	}
}

// WebsiteAndSlack returns the configuration most teams begin with: the endpoint "website", whose conversations become
// threads in the endpoint "support-slack". Begin with [DefaultSlack] and set what it lacks; origins are the sites
// that embed the widget. Check the result with [Config.Validate].
func WebsiteAndSlack(slack Slack, origins ...string) Config {
	website := DefaultWebsite()
	website.Desk = []string{"support-slack"}
	website.AllowedOrigins = origins
	c := Defaults()
	c.Endpoints = []Endpoint{
		{Name: "website", Settings: &website},
		{Name: "support-slack", Settings: &slack},
	}
	return c
}
