package slack

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// methodScopes says what each method that this package calls needs, from the methods' pages.
var methodScopes = map[string][]string{
	"apps.connections.open":        nil, // app token
	"auth.test":                    nil,
	"chat.delete":                  {"chat:write"},
	"chat.postEphemeral":           {"chat:write"},
	"chat.postMessage":             {"chat:write", "chat:write.customize"},
	"chat.update":                  {"chat:write"},
	"conversations.history":        {"channels:history", "groups:history"},
	"conversations.replies":        {"channels:history", "groups:history"},
	"files.completeUploadExternal": {"files:write", "chat:write.customize"},
	"files.delete":                 {"files:write"},
	"files.getUploadURLExternal":   {"files:write"},
	"files.info":                   {"files:read"},
	"users.info":                   {"users:read"},
}

// eventScopes says what each subscribed event needs, from the events' pages.
var eventScopes = map[string][]string{
	"app_uninstalled":  nil,
	"message.channels": {"channels:history"},
	"message.groups":   {"groups:history"},
	"tokens_revoked":   nil,
	"user_change":      {"users:read"},
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

func TestManifest(t *testing.T) {
	for name, cfg := range map[string]Config{
		"socket": {Name: "support-slack", AppToken: "xapp-secret", BotToken: "xoxb-secret"},
		"http":   {Name: "support-slack", SigningSecret: "secret", PublicURL: "https://chat.example.com/"},
		"empty":  {Name: "support-slack"},
	} {
		out, err := Manifest(cfg)
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
	if _, err := Manifest(Config{Name: "x", SigningSecret: "s"}); err == nil {
		t.Error("HTTP mode without public_url gives a manifest")
	}
}
