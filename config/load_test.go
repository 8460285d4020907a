package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write returns the path of a new file.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "skein.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, path string, environ ...string) Config {
	t.Helper()
	c, err := Load(path, environ)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// simple is a valid configuration as most teams begin with.
const simple = `
endpoints:
  website:
    allowed_origins: ["https://shop.example.com"]
  support-slack:
    bot_token: xoxb-1
    app_token: xapp-1
    channel: C0123456789
`

func simpleConfig() Config {
	slack := DefaultSlack()
	slack.BotToken, slack.AppToken, slack.Channel = "xoxb-1", "xapp-1", "C0123456789"
	return WebsiteAndSlack(slack, "https://shop.example.com")
}

func diff(t *testing.T, want, got Config) {
	t.Helper()
	if d := cmp.Diff(reveal(want), reveal(got)); d != "" {
		t.Errorf("configuration (-want +got):\n%s", d)
	}
}

func TestLoadSimple(t *testing.T) {
	diff(t, simpleConfig(), mustLoad(t, write(t, simple)))
	if err := simpleConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestLoadEnvironmentOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	c := mustLoad(t, "",
		"HOME=/root",
		"SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKEN=xoxb-1",
		"SKEIN_ENDPOINTS__SUPPORT_SLACK__APP_TOKEN=xapp-1",
		"SKEIN_ENDPOINTS__SUPPORT_SLACK__CHANNEL=C0123456789",
		"SKEIN_ENDPOINTS__WEBSITE__ALLOWED_ORIGINS=https://shop.example.com",
		"SKEIN_TEST_POSTGRES=postgres://somewhere", "SKEIN_SPECS=specs",
	)
	want := simpleConfig()
	want.Endpoints[0], want.Endpoints[1] = want.Endpoints[1], want.Endpoints[0]
	diff(t, want, c)
}

func TestLoadNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	diff(t, Defaults(), mustLoad(t, ""))
	for _, empty := range []string{"", "\n", "# nothing yet\n", "---\n", "endpoints:\n", "\ufeff", "listen:\ntranslator:\n"} {
		diff(t, Defaults(), mustLoad(t, write(t, empty)))
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(DefaultPath, []byte("listen: :1"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := write(t, "listen: :2")
	if c := mustLoad(t, ""); c.Listen != ":1" {
		t.Errorf("listen %s, want that of ./skein.yaml", c.Listen)
	}
	if c := mustLoad(t, "", "SKEIN_CONFIG="+other); c.Listen != ":2" {
		t.Errorf("listen %s, want that of SKEIN_CONFIG", c.Listen)
	}
	if c := mustLoad(t, DefaultPath, "SKEIN_CONFIG="+other); c.Listen != ":1" {
		t.Errorf("listen %s, want that of the path given", c.Listen)
	}
	for _, missing := range []struct{ path, variable string }{{"missing.yaml", ""}, {"", "missing.yaml"}} {
		_, err := Load(missing.path, []string{"SKEIN_CONFIG=" + missing.variable})
		if want := "missing.yaml: expected a file that can be read: no such file or directory"; err == nil || err.Error() != want {
			t.Errorf("%+v: error %v, want %s", missing, err, want)
		}
	}
}

func TestLoadValues(t *testing.T) {
	c := mustLoad(t, write(t, `
%YAML 1.2
---
listen: :9090
public_url: https://chat.example.com/skein/
database: postgres://skein:pw@db/skein?sslmode=verify-full
files: s3://bucket?region=eu-central-1
log_level: debug
log_format: json
endpoints:
  website:
    desk: helpdesk
    greeting: |
      Hello.
      How can we help?
    accent: "#2459d3"
    max_file_size: 500KB
    limits: {messages_per_minute: 0}
  helpdesk:
    type: slack
    bot_token: "xoxb"
    signing_secret: 'quoted # not a comment'
    api_url: http://127.0.0.1:4000
    channel: 0123456789
    hold: 1500ms
    ping_interval: 200ms
    place_rate: 0.5
    total_rate: 20
`[1:]))
	if c.LogLevel != slog.LevelDebug || c.PublicURL != "https://chat.example.com/skein" {
		t.Errorf("level %v, public URL %s", c.LogLevel, c.PublicURL)
	}
	website := DefaultWebsite()
	website.Desk, website.Greeting, website.Accent = []string{"helpdesk"}, Texts{"": "Hello.\nHow can we help?\n"}, "#2459d3"
	website.MaxFileSize, website.Limits.MessagesPerMinute = 500_000, 0
	slack := DefaultSlack()
	slack.BotToken, slack.SigningSecret, slack.APIURL, slack.Channel = "xoxb", "quoted # not a comment", "http://127.0.0.1:4000/", "0123456789"
	slack.Hold, slack.PingInterval, slack.Rates = 1500*time.Millisecond, 200*time.Millisecond, Rates{Place: 0.5, Total: 20}
	want := c
	want.Endpoints = []Endpoint{{"website", &website}, {"helpdesk", &slack}}
	diff(t, want, c)
}

func TestEnvironmentWins(t *testing.T) {
	c := mustLoad(t, write(t, simple+"log_level: info\ncolleagues: []\n"),
		"SKEIN_LOG_LEVEL=warn",
		"SKEIN_ENDPOINTS__SUPPORT_SLACK__HOLD=3s",
		"SKEIN_ENDPOINTS__WEBSITE__LIMITS__STREAMS_PER_ADDRESS=7",
		"SKEIN_ENDPOINTS__WEBSITE__ALLOWED_ORIGINS=https://a.example, https://b.example,",
		"SKEIN_ENDPOINTS__SUPPORT_SLACK__COLLEAGUES=C2",
		"SKEIN_COLLEAGUES=support-slack",
	)
	want := simpleConfig()
	want.LogLevel = slog.LevelWarn
	want.Colleagues = []string{"support-slack"}
	website, slack := want.Endpoints[0].Settings.(*Website), want.Endpoints[1].Settings.(*Slack)
	website.AllowedOrigins = []string{"https://a.example", "https://b.example"}
	website.Limits.StreamsPerAddress = 7
	slack.Hold, slack.Colleagues = 3*time.Second, "C2"
	diff(t, want, c)
}

func TestSecretsFromFiles(t *testing.T) {
	token := write(t, "xoxb-from-file\r\n")
	database := write(t, "postgres://skein:pw@db/skein\n")
	file := write(t, strings.Replace(simple, "bot_token: xoxb-1", "bot_token: \"\"\n    bot_token_file: "+token, 1))
	c := mustLoad(t, file, "SKEIN_DATABASE_FILE="+database)
	slack := c.Endpoints[1].Settings.(*Slack)
	if slack.BotToken != "xoxb-from-file" || c.Database != "postgres://skein:pw@db/skein" {
		t.Errorf("bot token %q, database %q", string(slack.BotToken), string(c.Database))
	}
	c = mustLoad(t, file, "SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKEN=xoxb-from-environment")
	if got := c.Endpoints[1].Settings.(*Slack).BotToken; got != "xoxb-from-environment" {
		t.Errorf("bot token %q, want the environment's over the file's", string(got))
	}
	c = mustLoad(t, write(t, simple), "SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKEN_FILE="+token)
	if got := c.Endpoints[1].Settings.(*Slack).BotToken; got != "xoxb-from-file" {
		t.Errorf("bot token %q, want that of the environment's file", string(got))
	}
}

func TestDeskIsNotGuessedAmongSeveral(t *testing.T) {
	two := simple + "  other-slack: {bot_token: b, app_token: a, channel: C2}\n"
	_, err := Load(write(t, two), nil)
	if err == nil || !strings.Contains(err.Error(), "endpoints.website.desk: expected the names of the endpoints") {
		t.Errorf("error %v", err)
	}
}

func TestEndpointByName(t *testing.T) {
	c := simpleConfig()
	if e, ok := c.Endpoint("support-slack"); !ok || e.Settings.Type() != TypeSlack {
		t.Errorf("found %v, %v", e.Name, ok)
	}
	if _, ok := c.Endpoint("nobody"); ok {
		t.Error("found an endpoint that is not there")
	}
}
