package slack

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/skeindesk/skein/bridge"
)

// methodScopes says what each method that this package calls needs, from the methods' pages.
var methodScopes = map[string][]string{
	"apps.connections.open":        nil, // app token
	"auth.test":                    nil,
	"bots.info":                    {"users:read"},
	"chat.delete":                  {"chat:write"},
	"chat.postEphemeral":           {"chat:write"},
	"chat.postMessage":             {"chat:write", "chat:write.customize"},
	"chat.update":                  {"chat:write"},
	"conversations.info":           {"channels:read", "groups:read"},
	"conversations.history":        {"channels:history", "groups:history"},
	"conversations.replies":        {"channels:history", "groups:history"},
	"files.completeUploadExternal": {"files:write", "chat:write.customize"},
	"files.delete":                 {"files:write"},
	"files.getUploadURLExternal":   {"files:write"},
	"files.info":                   {"files:read"},
	"reactions.add":                {"reactions:write"},
	"reactions.remove":             {"reactions:write"},
	"users.info":                   {"users:read"},
	"views.open":                   nil,
	"views.publish":                nil,
	"views.update":                 nil,
}

// featureScopes are needed by what is in the manifest but is no method and no event: shortcuts and slash commands.
var featureScopes = []string{"commands"}

// eventScopes says what each subscribed event needs, from the events' pages.
var eventScopes = map[string][]string{
	"app_home_opened":       nil,
	"app_uninstalled":       nil,
	"channel_archive":       {"channels:read"},
	"channel_left":          {"channels:read"},
	"channel_unarchive":     {"channels:read"},
	"group_archive":         {"groups:read"},
	"group_left":            {"groups:read"},
	"group_unarchive":       {"groups:read"},
	"member_joined_channel": {"channels:read", "groups:read"},
	"message.channels":      {"channels:history"},
	"message.groups":        {"groups:history"},
	"reaction_added":        {"reactions:read"},
	"reaction_removed":      {"reactions:read"},
	"tokens_revoked":        nil,
	"user_change":           {"users:read"},
}

var methodName = regexp.MustCompile(`"((?:apps|auth|chat|conversations|files|users|views|reactions|bots)(?:\.[a-z]+)*\.[a-zA-Z]+)"`)

func TestManifestCoversTheCode(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range methodName.FindAllStringSubmatch(string(source), -1) {
			called[found[1]] = true
		}
	}
	needed := map[string]bool{}
	for method := range called {
		scopes, known := methodScopes[method]
		if !known {
			t.Errorf("the code calls %s; say here which scopes that needs", method)
		}
		for _, s := range scopes {
			needed[s] = true
		}
	}
	for method := range methodScopes {
		if !called[method] {
			t.Errorf("the code does not call %s any more", method)
		}
	}
	for _, event := range botEvents {
		scopes, known := eventScopes[event]
		if !known {
			t.Errorf("the manifest subscribes to %s; say here which scopes that needs", event)
		}
		for _, s := range scopes {
			needed[s] = true
		}
	}
	for _, s := range featureScopes {
		needed[s] = true
	}
	for scope := range needed {
		if !slices.Contains(botScopes, scope) {
			t.Errorf("the manifest lacks the scope %s", scope)
		}
	}
	for _, scope := range botScopes {
		if !needed[scope] {
			t.Errorf("nothing needs the scope %s", scope)
		}
	}
}

// testWords are like those there are. Golden files do not change with every word.
var testWords = vocabulary{
	{Word: "take"},
	{Word: "unassign"},
	{Word: "close"},
	{Word: "reopen"},
	{Word: "info"},
	{Word: "robot"},
	{Word: "assign", Usage: "!assign @agent", Help: "give it to somebody", Args: []bridge.Field{{Name: "agent", Kind: bridge.FieldSearch}}},
	{Word: "qr", Usage: "!qr words, or #words", Help: "search quick replies"},
	{Word: "odd", Help: "something odd with it", OnMessage: true},
	{Word: "translate", Help: "say it in another language", OnMessage: true},
	{Word: "recall", Help: "take it back", OnMessage: true},
	{Word: "qr add", Help: "keep it as a quick reply", OnMessage: true},
}

func TestShortcutsAreFew(t *testing.T) {
	words := slices.Clone(testWords)
	for _, w := range []string{"a", "b", "c"} {
		words = append(words, bridge.Word{Word: w, Help: strings.Repeat("x", 200), OnMessage: true})
	}
	list := words.shortcuts()
	if len(list) != 5 || list[0].Callback != "skein:recall" || list[1].Name != "Save as quick reply" || list[3].Callback != "skein:odd" {
		t.Errorf("the shortcuts are %+v", list)
	}
	for _, s := range list {
		if utf8.RuneCountInString(s.Name) > 24 || utf8.RuneCountInString(s.Description) > 150 {
			t.Errorf("too long for Slack: %+v", s)
		}
	}
}

func TestManifest(t *testing.T) {
	for name, cfg := range map[string]Config{
		"socket": {Name: "support-slack", AppToken: "xapp-secret", BotToken: "xoxb-secret"},
		"http":   {Name: "support-slack", SigningSecret: "secret", PublicURL: "https://chat.example.com/"},
		"empty":  {Name: "support-slack"},
		"signin": {
			Name: "support-slack", AppToken: "xapp-secret", ClientID: "1.2", ClientSecret: "client-secret",
			Callback: "https://chat.example.com/workbench/in/with/support-slack/callback",
		},
	} {
		out, err := manifestFor(cfg, testWords)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if strings.Contains(string(out), "secret\n") || strings.Contains(string(out), "-secret") {
			t.Errorf("%s: the manifest holds a secret", name)
		}
		var m manifest
		if err := yaml.UnmarshalWithOptions(out, &m, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m.Settings.SocketMode == (name == "http") {
			t.Errorf("%s: socket mode is %v", name, m.Settings.SocketMode)
		}
		if name == "http" && (m.Settings.Events.URL != "https://chat.example.com/v1/slack/support-slack/events" ||
			m.Settings.Interactivity.URL != "https://chat.example.com/v1/slack/support-slack/interactive") {
			t.Errorf("request URLs are %q and %q", m.Settings.Events.URL, m.Settings.Interactivity.URL)
		}
		golden(t, "manifest-"+name+".yaml", out)
	}
	if out, err := Manifest(Config{Name: "x"}); err != nil || !strings.Contains(string(out), "callback_id: skein:recall") {
		t.Errorf("the manifest lacks the words there are: %s, %v", out, err)
	}
	if _, err := Manifest(Config{Name: "x", SigningSecret: "s"}); err == nil {
		t.Error("HTTP mode without public_url gives a manifest")
	}
}
