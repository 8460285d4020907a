package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretIsNeverShown(t *testing.T) {
	c := simpleConfig()
	const canary = "xoxb-1"
	slack := c.Endpoints[1].Settings.(*Slack)
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
		fmt.Fprintf(&shown, verb+verb+verb+"\n", slack.BotToken, *slack, &slack.BotToken)
	}
	fmt.Fprintln(&shown, slack.BotToken.String(), slack.BotToken.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
		slog.New(handler).Info("configured", "token", slack.BotToken, "settings", slack, "config", c)
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, func(v any) ([]byte, error) { return yaml.Marshal(v) }} {
		out, err := marshal(slack)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(out)
	}
	if strings.Contains(shown.String(), canary) || strings.Contains(shown.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("the secret is shown:\n%s", shown.String())
	}
	if n := strings.Count(shown.String(), hidden); n < 20 {
		t.Errorf("%d marks in place of secrets:\n%s", n, shown.String())
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "1": 1, "10B": 10, "500KB": 500_000, "25MiB": 25 << 20, "2 gib": 2 << 30, "3MB": 3_000_000, "1GB": 1e9, "4KiB": 4096,
	} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q gives %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KB", "-1", "1.5MB", "9999999999GiB", "1TB", "0x10"} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q gives %d, want an error", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"bot_token", "app_token", "channel"}
	for got, want := range map[string]string{
		"bot_tokn": "bot_token", "Bot_Token": "bot_token", "chanenl": "channel", "token": "", "colour": "", strings.Repeat("bot_token", 9): "",
	} {
		if near := nearest(got, names); near != want {
			t.Errorf("nearest to %s is %q, want %q", got, near, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(simple), "SKEIN_LISTEN=:1")
	f.Add([]byte("endpoints: {a: {type: slack, desk: [1, 'x'], hold: 1s}}\ncolleagues: a"), "SKEIN_ENDPOINTS__A__TYPE=discord")
	f.Add([]byte("? a\n: &b |\n  c\n<<: *b\n---\n%TAG !x\n"), "SKEIN_ENDPOINTS____=\x00")
	f.Fuzz(func(t *testing.T, source []byte, variable string) {
		c, err := load("f", source, []string{variable}, scripted)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error that says nothing")
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Errorf("loaded, and not valid: %v", err)
		}
	})
}
