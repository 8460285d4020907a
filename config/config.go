// Package config reads what the operator configured: skein.yaml, SKEIN_ environment variables and files that hold
// secrets, in one typed value that has been checked as a whole.
//
// [Load] reports every problem it finds, not only the first, each with the file, the line and the key. No value from
// the configuration is ever part of such a report: a token that was written behind the wrong key stays unseen too.
//
// The package knows the configuration's shape only. Commands build adapters from it; nothing else imports it.
package config

import (
	"log/slog"
	"time"
)

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
	Files string `yaml:"files"`
	// FilesAccessKey and FilesSecretKey are those of an object store; empty: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
	// of the environment.
	FilesAccessKey Secret `yaml:"files_access_key"`
	FilesSecretKey Secret `yaml:"files_secret_key"`
	// PictureMegapixels is how large a picture may be of which a small one is made.
	PictureMegapixels int `yaml:"picture_megapixels"`
	// Places is a file in MaxMind's format that says where addresses are; empty: that is not known.
	Places string `yaml:"places"`

	LogLevel  slog.Level `yaml:"log_level"`
	LogFormat string     `yaml:"log_format"` // LogText or LogJSON

	// Endpoints are in the file's order; those that only the environment names follow, by name.
	Endpoints []Endpoint
	// Colleagues names the endpoints whose colleagues channels are one conversation.
	Colleagues []string   `yaml:"colleagues"`
	Assignment Assignment `yaml:"assignment"`
	Translator Translator `yaml:"translator"`
	Robot      Robot      `yaml:"robot"`
	Mail       Mail       `yaml:"mail"`
	Reports    Reports    `yaml:"reports"`
	Retention  Retention  `yaml:"retention"`

	// Said tells in words where a key was said, by its dotted path, for people. Keys that are not in it have their defaults,
	// and some of these can be set in the workbench.
	Said map[string]string
}

// Values of Config.LogFormat.
const (
	LogText = "text"
	LogJSON = "json"
)

// NoEngine is the engine of a translator or a robot that there is not.
const NoEngine = "none"

// Assignment is how conversations find an owner, and what happens when visitors wait.
type Assignment struct {
	Mode          string        `yaml:"mode"`           // AssignOff, AssignRoundRobin, AssignLeastBusy or AssignByLanguage
	RemindAfter   time.Duration `yaml:"remind_after"`   // a visitor has waited so long: the owner is called, or those on duty; 0: never
	EscalateAfter time.Duration `yaml:"escalate_after"` // and so long: the admins are; 0: never
	ReopenDays    int           `yaml:"reopen_days"`    // how long a closed conversation goes on when its visitor writes; 0: always
}

// Values of Assignment.Mode.
const (
	AssignOff        = "off"
	AssignRoundRobin = "round_robin"
	AssignLeastBusy  = "least_busy"
	AssignByLanguage = "by_language"
)

// Translator is the machine that translates between visitors and agents.
type Translator struct {
	Engine string `yaml:"engine"` // none, apertium, libretranslate, deepl, google, azure or openai
	URL    string `yaml:"url"`    // empty: the engine's public service, where there is one
	Key    Secret `yaml:"key"`
	Model  string `yaml:"model"`  // of an openai engine
	Region string `yaml:"region"` // of an azure engine
	// Limit is how long a line waits for its translation at most. Later it goes out as it is, and the translation follows.
	Limit time.Duration `yaml:"limit"`
	// MonthlyCharacters is how much is translated in a calendar month at most; 0: no cap.
	MonthlyCharacters int `yaml:"monthly_characters"`
	// Glossary are words that are not translated, each alone, or with what it is always called: "Fern & Moss",
	// "gift card = Geschenkkarte".
	Glossary []string `yaml:"glossary"`
}

// Robot is the machine that answers visitors before an agent does.
type Robot struct {
	Engine string `yaml:"engine"` // none, knowledge, openai or webhook
	URL    string `yaml:"url"`
	Key    Secret `yaml:"key"`
	Model  string `yaml:"model"` // of an openai engine
	Name   string `yaml:"name"`  // as visitors see it
	Mode   string `yaml:"mode"`  // RobotAnswers or RobotDrafts
	// UnsureAfter is how many times in a row the robot may have no answer. Then a person takes over.
	UnsureAfter int     `yaml:"unsure_after"`
	Handoff     Handoff `yaml:"handoff"`
}

// Values of Robot.Mode.
const (
	RobotAnswers = "answer" // visitors, first
	RobotDrafts  = "draft"  // it proposes answers to agents
)

// Handoff says which visitors get a person at once.
type Handoff struct {
	Words    []string `yaml:"words"`    // that their line has, whole words
	Pages    []string `yaml:"pages"`    // that they are on: paths as in the routes of a website
	Verified bool     `yaml:"verified"` // whom the host site vouches for
	Hours    string   `yaml:"hours"`    // within or outside the endpoint's hours; empty: they do not matter
}

// Mail is the mail server through which website visitors who have left get what agents wrote, and people who are invited
// to the team their link.
type Mail struct {
	SMTP  Secret        `yaml:"smtp"` // smtp://user:password@host:587 or smtps://host:465; empty: no mail is sent
	From  string        `yaml:"from"` // an address, perhaps with a name
	After time.Duration `yaml:"after"`
}

// Reports are how reports count.
type Reports struct {
	Zone string `yaml:"zone"` // the time zone by which they count days, such as Europe/Berlin
}

// Retention is how long things are kept.
type Retention struct {
	ClosedDays int `yaml:"closed_days"` // after so many days closed conversations are erased; 0: never
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

		PictureMegapixels: 25,

		LogLevel:   slog.LevelInfo,
		LogFormat:  LogText,
		Assignment: Assignment{Mode: AssignOff, RemindAfter: 5 * time.Minute, EscalateAfter: 15 * time.Minute, ReopenDays: 7},
		Translator: Translator{Engine: NoEngine, Limit: 3 * time.Second},
		Robot:      Robot{Engine: NoEngine, Name: "Robot", Mode: RobotAnswers, UnsureAfter: 2},
		Mail:       Mail{After: 10 * time.Minute},
		Reports:    Reports{Zone: "UTC"},
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
