package slack

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/skeindesk/skein/bridge"
)

// botScopes are the permissions that the app asks for; manifest_test says which method or event needs which.
var botScopes = []string{
	"channels:history",
	"channels:read",
	"chat:write",
	"chat:write.customize",
	"commands",
	"files:read",
	"files:write",
	"groups:history",
	"groups:read",
	"reactions:read",
	"reactions:write",
	"users:read",
}

// botEvents are the events that the app subscribes to. app_rate_limited comes without a subscription.
var botEvents = []string{
	"app_home_opened",
	"app_uninstalled",
	"channel_archive",
	"channel_left",
	"channel_unarchive",
	"group_archive",
	"group_left",
	"group_unarchive",
	"member_joined_channel",
	"message.channels",
	"message.groups",
	"reaction_added",
	"reaction_removed",
	"tokens_revoked",
	"user_change",
}

// The shape of an app manifest (S:reference/app-manifest). Order here is order in the file.
type manifest struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display  manifestDisplay  `yaml:"display_information"`
	Features manifestFeatures `yaml:"features"`
	OAuth    struct {
		Redirects []string `yaml:"redirect_urls,omitempty"`
		Scopes    struct {
			User []string `yaml:"user,omitempty"`
			Bot  []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings manifestSettings `yaml:"settings"`
}

type manifestDisplay struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Colour      string `yaml:"background_color"`
}

type manifestFeatures struct {
	Home struct {
		Home     bool `yaml:"home_tab_enabled"`
		Messages bool `yaml:"messages_tab_enabled"`
	} `yaml:"app_home"`
	BotUser struct {
		Name   string `yaml:"display_name"`
		Online bool   `yaml:"always_online"`
	} `yaml:"bot_user"`
	Shortcuts []manifestShortcut `yaml:"shortcuts"`
	Commands  []manifestCommand  `yaml:"slash_commands"`
}

type manifestShortcut struct {
	Name        string `yaml:"name"` // at most 24 characters
	Type        string `yaml:"type"`
	Callback    string `yaml:"callback_id"`
	Description string `yaml:"description"` // at most 150
}

type manifestCommand struct {
	Command     string `yaml:"command"`
	URL         string `yaml:"url,omitempty"`
	Description string `yaml:"description"`
	Hint        string `yaml:"usage_hint,omitempty"`
	Escape      bool   `yaml:"should_escape"`
}

type manifestSettings struct {
	Events struct {
		URL    string   `yaml:"request_url,omitempty"`
		Events []string `yaml:"bot_events"`
	} `yaml:"event_subscriptions"`
	Interactivity struct {
		Enabled bool   `yaml:"is_enabled"`
		URL     string `yaml:"request_url,omitempty"`
		Options string `yaml:"message_menu_options_url,omitempty"`
	} `yaml:"interactivity"`
	OrgDeploy  bool `yaml:"org_deploy_enabled"`
	SocketMode bool `yaml:"socket_mode_enabled"`
	Rotation   bool `yaml:"token_rotation_enabled"` // cannot be switched off again
}

const manifestHead = `# The Slack app of this Skein: https://api.slack.com/apps, Create New App, From a manifest.
# Every installation makes its own app. Afterwards install it in the workspace and invite it to its channel.
`

const (
	manifestSocket = "# Then make an app-level token with the scope connections:write: it is app_token; the bot token is bot_token.\n"
	manifestHTTP   = "# Basic Information shows the signing secret: it is signing_secret; the bot token is bot_token.\n"
	manifestLate   = "# Switch on Event Subscriptions > Delayed Events, so that Slack keeps events for a day while Skein is down.\n"
)

// Manifest returns, as YAML, the manifest of the Slack app for a configuration: for Socket Mode when there is an app
// token or no signing secret, else with the request URLs below PublicURL. Tokens may be missing; none is printed.
func Manifest(cfg Config) ([]byte, error) { return manifestFor(cfg, bridge.Vocabulary()) }

func manifestFor(cfg Config, words vocabulary) ([]byte, error) {
	socket := cfg.AppToken != "" || cfg.SigningSecret == ""
	if !socket && cfg.PublicURL == "" {
		return nil, fmt.Errorf("slack endpoint %q: HTTP mode needs public_url, the address at which Slack reaches this daemon", cfg.Name)
	}
	var m manifest
	m.Metadata.Major, m.Metadata.Minor = 2, 1
	m.Display = manifestDisplay{
		Name: "Skein", Description: "Answer your customers in threads, where your team already talks.", Colour: "#16233A",
	}
	m.Features.Home.Home = true
	m.Features.BotUser.Name, m.Features.BotUser.Online = "Skein", true
	m.Features.Shortcuts, m.Features.Commands = words.shortcuts(), words.commands()
	m.OAuth.Scopes.Bot = botScopes
	if cfg.ClientID != "" {
		m.OAuth.Redirects, m.OAuth.Scopes.User = []string{cfg.Callback}, signInScopes
	}
	m.Settings.Events.Events = botEvents
	m.Settings.Interactivity.Enabled = true
	m.Settings.SocketMode = socket
	head := manifestHead + manifestSocket + manifestLate
	if !socket {
		base := strings.TrimSuffix(cfg.PublicURL, "/") + (&Adapter{cfg: cfg}).Route()
		m.Settings.Events.URL, m.Settings.Interactivity.URL = base+"events", base+"interactive"
		m.Settings.Interactivity.Options = base + "interactive"
		for i := range m.Features.Commands {
			m.Features.Commands[i].URL = base + "commands"
		}
		head = manifestHead + manifestHTTP + manifestLate
	}
	var out bytes.Buffer
	out.WriteString(head)
	if err := yaml.NewEncoder(&out, yaml.IndentSequence(true)).Encode(m); err != nil {
		return nil, fmt.Errorf("slack endpoint %q: manifest: %w", cfg.Name, err)
	}
	return out.Bytes(), nil
}
