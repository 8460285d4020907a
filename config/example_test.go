package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

const examplePath = "../docs/skein.example.yaml"

// TestExampleShowsTheDefaults loads the example file and puts back what it had to fill in.
func TestExampleShowsTheDefaults(t *testing.T) {
	got := mustLoad(t, examplePath)
	want := Defaults()
	website, telegram, slack, discord := DefaultWebsite(), DefaultTelegram(), DefaultSlack(), DefaultDiscord()
	website.Desk, website.AllowedOrigins = []string{"support-slack"}, []string{"https://shop.example.com"}
	telegram.Desk, telegram.Token = []string{"support-discord"}, "replace-me"
	slack.BotToken, slack.AppToken = "replace-me", "replace-me"
	slack.Channel, slack.Colleagues = "C0123456789", "C0987654321"
	discord.Token, discord.Guild = "replace-me", "100000000000000001"
	discord.Channel, discord.Colleagues = "100000000000000002", "100000000000000003"
	want.Endpoints = []Endpoint{
		{"website", &website},
		{"shop-telegram", &telegram},
		{"support-slack", &slack},
		{"support-discord", &discord},
	}
	want.Colleagues = []string{"support-slack", "support-discord"}
	diff(t, want, got)
}

// TestExampleHasEveryKey fails when a key is added to the structs and not to the example.
func TestExampleHasEveryKey(t *testing.T) {
	source, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	root, problems := parse(examplePath, source)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	requireKeys(t, root, reflect.ValueOf(&Config{}).Elem(), "")
	for _, e := range root.get(endpointsKey).value.entries {
		requireKeys(t, e.value, reflect.ValueOf(defaults(e.value.get(typeKey).value.text)).Elem(), e.key)
	}
}

func requireKeys(t *testing.T, n *node, section reflect.Value, path string) {
	t.Helper()
	for _, f := range fields(section) {
		switch e := n.get(f.key); {
		case e == nil:
			t.Errorf("the example lacks %s", join(path, f.key))
		case f.value.Kind() == reflect.Struct:
			requireKeys(t, e.value, f.value, join(path, f.key))
		}
	}
}

// reveal returns a copy in which a difference between secrets shows.
func reveal(c Config) map[string]any {
	out := map[string]any{"": plain(reflect.ValueOf(c))}
	var order []string
	for _, e := range c.Endpoints {
		order = append(order, e.Name)
		out[e.Name] = plain(reflect.ValueOf(e.Settings).Elem())
	}
	out["order"] = order
	return out
}

func plain(v reflect.Value) map[string]any {
	out := make(map[string]any)
	for _, f := range fields(v) {
		switch value := f.value.Interface().(type) {
		case Secret:
			out[f.key] = string(value)
		case []string:
			out[f.key] = strings.Join(value, ",")
		default:
			out[f.key] = value
			if f.value.Kind() == reflect.Struct {
				out[f.key] = plain(f.value)
			}
		}
	}
	return out
}
