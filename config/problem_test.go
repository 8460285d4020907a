package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestProblems gives each configuration its complete list of problems.
func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name, yaml string
		environ    []string
		want       []string
	}{
		{name: "unknown key at the top", yaml: "listen: :1\nlissten: :2\n", want: []string{
			"f:2: lissten: unknown key; expected listen, public_url, trusted_proxies, metrics_listen, database, database_file, files, files_access_key, files_access_key_file, files_secret_key, files_secret_key_file, picture_megapixels, places, log_level, " +
				"log_format, colleagues, assignment, translator, robot, mail, reports, retention or endpoints; did you mean listen?",
		}},
		{name: "unknown key deep inside", yaml: simple + "  other:\n    type: website\n    desk: [support-slack]\n    limits:\n\n      # why\n      message_per_minute: 1\n", want: []string{
			"f:15: endpoints.other.limits.message_per_minute: unknown key; expected messages_per_minute, sessions_per_minute, " +
				"requests_per_minute or streams_per_address; did you mean messages_per_minute?",
		}},
		{name: "unknown key with nothing near", yaml: "robot:\n  colour: red\n", want: []string{
			"f:2: robot.colour: unknown key; expected engine, url, key, key_file, model, name, mode, unsure_after or handoff",
		}},
		{name: "line after CRLF", yaml: "robot:\r\n  engine: none\r\n  # why\r\n  colour: red\r\n", want: []string{
			"f:4: robot.colour: unknown key; expected engine, url, key, key_file, model, name, mode, unsure_after or handoff",
		}},
		{name: "key twice", yaml: "listen: :1\nlisten: :2\n", want: []string{"f:2: listen: expected once, but it is here again"}},
		{name: "endpoint twice", yaml: simple + "  website: {}\n", want: []string{
			"f:9: endpoints.website: expected once: an endpoint's name is unique",
		}},
		{name: "the web view's name", yaml: simple + "  workbench: {type: website}\n", want: []string{
			"f:9: endpoints.workbench: expected another name: this one is the web view's",
		}},
		{name: "syntax", yaml: "listen: :1\n\tdatabase: x", want: []string{
			"f:2: expected YAML: found character '\t' that cannot start any token",
		}},
		{name: "not a section", yaml: "- listen", want: []string{"f:1: expected keys with values, such as `listen: 127.0.0.1:8080`"}},
		{name: "two documents", yaml: "listen: :1\n---\nlisten: :2\n", want: []string{"f:3: expected one document"}},
		{name: "anchors", yaml: "listen: &a :1\nfiles: *a\n", want: []string{
			"f:1: expected plain YAML: anchors, aliases, tags and merge keys are not supported",
			"f:2: expected plain YAML: anchors, aliases, tags and merge keys are not supported",
		}},
		{name: "everything at the top", yaml: `
listen: nowhere
public_url: ftp://x
metrics_listen: ":x"
database: mysql://x
files: gs://bucket
log_level: loud
log_format: xml
colleagues: {a: b}
translator: [none]
robot: {engine: human}
endpoints: []
`[1:], want: []string{
			"f:1: listen: expected host:port, such as 127.0.0.1:8080",
			"f:2: public_url: expected an http:// or https:// URL without a query",
			"f:3: metrics_listen: expected host:port, or nothing",
			"f:4: database: expected sqlite:PATH or postgres://…",
			"f:5: files: expected a directory or s3://bucket?region=…",
			"f:6: log_level: expected debug, info, warn or error",
			"f:7: log_format: expected text or json",
			"f:8: colleagues: expected a list, such as [one, two]",
			"f:9: translator: expected keys with values",
			"f:10: robot.engine: expected none, knowledge, openai or webhook",
			"f:11: endpoints: expected endpoints by their names, such as `website:`",
		}},
		{name: "types", yaml: "endpoints:\n  a: {type: slak}\n  b:\n  c: x\n  d: {type: [slack]}\n", want: []string{
			"f:2: endpoints.a.type: expected website, telegram, slack or discord; did you mean slack?",
			"f:3: endpoints.b.type: expected a type: website, telegram, slack or discord",
			"f:4: endpoints.c: expected keys with values, such as `type: website`",
			"f:5: endpoints.d.type: expected one value",
		}},
		{name: "names", yaml: simple + "  Other-slack: {bot_token: b, app_token: a, channel: C2}\n", want: []string{
			"f:3: endpoints.website.desk: expected the names of the endpoints where conversations open threads: support-slack or Other-slack",
			"f:9: endpoints.Other-slack: expected a name of small letters, digits and hyphens",
		}},
		{name: "slack", yaml: `
endpoints:
  slack:
    api_url: slack.com
    channel: "#support"
    colleagues: "#team"
    language: English!
    plain_text: maybe
    members: all
    hold: 11s
    ping_interval: 0s
    place_rate: -1
    total_rate: NaN
    client_id: "1.2"
    sign_in_url: slack.com
`[1:], want: []string{
			"f:2: endpoints.slack.app_token: expected an app-level token (xapp-…) for Socket Mode, or else signing_secret for HTTP mode",
			"f:2: endpoints.slack.bot_token: expected the app's bot token (xoxb-…)",
			"f:2: endpoints.slack.client_secret: expected the secret that belongs to client_id",
			"f:3: endpoints.slack.api_url: expected an http:// or https:// URL without a query",
			"f:4: endpoints.slack.channel: expected the id of the channel of visitors' threads, not its name",
			"f:5: endpoints.slack.colleagues: expected a channel's id, not its name",
			"f:6: endpoints.slack.language: expected a language such as en or pt-BR",
			"f:7: endpoints.slack.plain_text: expected reply or note",
			"f:8: endpoints.slack.members: expected open or invited",
			"f:9: endpoints.slack.hold: expected a duration from 0s to 10s",
			"f:10: endpoints.slack.ping_interval: expected a duration above 0",
			"f:11: endpoints.slack.place_rate: expected messages a second, 0 or more",
			"f:12: endpoints.slack.total_rate: expected messages a second, 0 or more",
			"f:14: endpoints.slack.sign_in_url: expected an http:// or https:// URL without a query",
		}},
		{name: "discord and telegram", yaml: `
endpoints:
  discord:
    channel: 1
    colleagues: 1
    hold: soon
    place_rate: fast
  telegram:
    mode: carrier pigeon
    desk: []
    show_agent: sometimes
`[1:], want: []string{
			"f:2: endpoints.discord.guild: expected the server's id",
			"f:2: endpoints.discord.token: expected the bot's token",
			"f:4: endpoints.discord.colleagues: expected another channel than `channel`",
			"f:5: endpoints.discord.hold: expected a duration such as 30s or 500ms",
			"f:6: endpoints.discord.place_rate: expected a number",
			"f:7: endpoints.telegram.token: expected the bot's token from @BotFather",
			"f:8: endpoints.telegram.mode: expected polling or webhook",
			"f:9: endpoints.telegram.desk: expected the names of the endpoints where conversations open threads: discord",
			"f:10: endpoints.telegram.show_agent: expected true or false",
		}},
		{name: "website", yaml: simple + `
  shop:
    type: website
    desk:
      - support-slak
      - website
      - support-slack
      - support-slack
    allowed_origins: [https://shop.example.com/, shop.example.com, "https://Shop.example.com", "*"]
    accent: red
    max_file_size: 0
    limits:
      messages_per_minute: many
      requests_per_minute: -1
    title: "a\x07b"
    tombstone: {}
`[1:], want: []string{
			"f:12: endpoints.shop.desk[0]: expected an endpoint of type slack or discord instead of support-slak: support-slack; did you mean support-slack?",
			"f:13: endpoints.shop.desk[1]: expected an endpoint of type slack or discord instead of website: support-slack",
			"f:15: endpoints.shop.desk[3]: expected each endpoint once",
			"f:16: endpoints.shop.allowed_origins[0]: expected an origin, such as https://shop.example.com, without a path",
			"f:16: endpoints.shop.allowed_origins[1]: expected an origin, such as https://shop.example.com, without a path",
			"f:16: endpoints.shop.allowed_origins[2]: expected an origin, such as https://shop.example.com, without a path",
			"f:16: endpoints.shop.allowed_origins[3]: expected an origin, such as https://shop.example.com, without a path",
			"f:17: endpoints.shop.accent: expected a colour such as \"#2459d3\"",
			"f:18: endpoints.shop.max_file_size: expected a size above 0",
			"f:20: endpoints.shop.limits.messages_per_minute: expected a whole number",
			"f:21: endpoints.shop.limits.requests_per_minute: expected 0 (no limit) or more",
			"f:22: endpoints.shop.title: expected text without control characters",
			"f:23: endpoints.shop.tombstone: expected one value",
		}},
		{name: "what a website asks, and when", yaml: simple + `
  shop:
    type: website
    desk: [support-slack]
    greeting: {"not a tag": Hello}
    away: [one, two]
    form:
      - Name
      - {name: order, type: number}
      - {name: order, options: []}
      - {name: topic, type: select}
      - {name: age, kind: text}
      - [name]
    hours:
      zone: Europe/Atlantis
      open: [mon-fri 9-17, weekdays 9-17, mon 24-25]
      closed: [2026-02-29, tomorrow, 02-29]
  stall:
    type: website
    desk: [support-slack]
    form: name
    hours: {open: [mon 9-17]}
`[1:], want: []string{
			"f:12: endpoints.shop.greeting: expected texts by language, such as {en: Hello, de: Hallo}",
			"f:13: endpoints.shop.away: expected one value",
			"f:15: endpoints.shop.form[0].name: expected a name of small letters, digits, - and _, such as order_number",
			"f:16: endpoints.shop.form[1].type: expected text, email, tel, select or textarea",
			"f:17: endpoints.shop.form[2].name: expected each field once",
			"f:18: endpoints.shop.form[3].options: expected 1 to 30 choices for a select, and none for another type",
			"f:19: endpoints.shop.form[4].kind: unknown key; expected name, type, label, required or options",
			"f:20: endpoints.shop.form[5]: expected keys with values",
			"f:22: endpoints.shop.hours.zone: expected a time zone such as Europe/Berlin",
			"f:23: endpoints.shop.hours.open[1]: expected days and times such as mon-fri 9-17:30",
			"f:23: endpoints.shop.hours.open[2]: expected days and times such as mon-fri 9-17:30",
			"f:24: endpoints.shop.hours.closed[0]: expected a day such as 2026-12-24, or 12-25 for every year",
			"f:24: endpoints.shop.hours.closed[1]: expected a day such as 2026-12-24, or 12-25 for every year",
			"f:28: endpoints.stall.form: expected a list of fields, such as [name, \"email*\"]",
			"f:29: endpoints.stall.hours.zone: expected the time zone of these hours, such as Europe/Berlin",
		}},
		{name: "where conversations open", yaml: simple + `
  shop:
    type: website
    desk: [support-slack]
    routes:
      - {path: shop, language: [english!], hours: sometimes, desk: []}
      - {path: /shop, tag: [vip], desk: [support-slack, website], colour: red}
      - /shop
  bot:
    type: telegram
    token: "1:x"
    desk: [support-slack]
    routes: [{hours: within, desk: [support-slack]}]
  stall:
    type: website
    desk: [support-slack]
    routes: support-slack
`[1:], want: []string{
			"f:13: endpoints.shop.routes[0].desk: expected some of the endpoint's desks: support-slack",
			"f:13: endpoints.shop.routes[0].hours: expected within or outside",
			"f:13: endpoints.shop.routes[0].language[0]: expected a language such as en or pt-BR",
			"f:13: endpoints.shop.routes[0].path: expected a path such as /shop or /*/returns",
			"f:14: endpoints.shop.routes[1].colour: unknown key; expected path, language, tag, hours or desk",
			"f:14: endpoints.shop.routes[1].desk[1]: expected one of the endpoint's desks: support-slack",
			"f:15: endpoints.shop.routes[2]: expected a rule, such as {path: /shop, desk: [support-slack]}",
			"f:20: endpoints.bot.routes[0].hours: expected no hours: endpoints of this type have none",
			"f:24: endpoints.stall.routes: expected a list of rules, such as [{path: /shop, desk: [support-slack]}]",
		}},
		{name: "what is kept and counted", yaml: "reports: {zone: Europe/Atlantis}\nretention: {closed_days: -1}\n", want: []string{
			"f:1: reports.zone: expected a time zone such as Europe/Berlin",
			"f:2: retention.closed_days: expected a number of days, or 0 (never)",
		}},
		{name: "one wrong type is one problem", yaml: "endpoints:\n  website:\n    desk: [support]\n  support:\n    type: slak\n", want: []string{
			"f:5: endpoints.support.type: expected website, telegram, slack or discord; did you mean slack?",
		}},
		{name: "colleagues", yaml: simple + "colleagues: [website, support-slack, support-slack]\n", want: []string{
			"f:9: colleagues[0]: expected an endpoint of type slack or discord instead of website: support-slack",
			"f:9: colleagues[1]: expected an endpoint with a `colleagues` channel of its own, which support-slack lacks",
			"f:9: colleagues[2]: expected each endpoint once",
		}},
		{name: "engines", yaml: "translator: {engine: libretranslate}\nrobot: {engine: webhook, url: x, key: y, mode: talk, unsure_after: 0, name: ' ', handoff: {hours: never, pages: [orders], words: ['']}}\n", want: []string{
			"f:1: translator.url: expected the address of the libretranslate server",
			"f:2: robot.handoff.hours: expected within, outside or nothing",
			"f:2: robot.handoff.pages: expected paths such as /orders or */returns",
			"f:2: robot.handoff.words: expected words",
			"f:2: robot.mode: expected answer or draft",
			"f:2: robot.name: expected a name of at most 80 characters",
			"f:2: robot.unsure_after: expected a number from 1 to 10",
			"f:2: robot.url: expected an http:// or https:// URL without a query",
		}},
		{name: "engines' keys", yaml: "translator: {engine: deepl}\nrobot: {engine: openai, model: m}\n", want: []string{
			"f:1: translator.key: expected the key of deepl",
			"f:2: robot.key: expected a key, or the url of a server that needs none",
		}},
		{name: "a mail server", yaml: "mail: {smtp: https://mail.example.com, from: nobody, after: 0s}\n", want: []string{
			"f:1: mail.after: expected a time such as 10m",
			"f:1: mail.from: expected an e-mail address, perhaps with a name: Fern & Moss <help@fern.example>",
			"f:1: mail.smtp: expected smtp://user:password@host:587, or smtps:// for TLS from the start",
		}},
		{name: "half a mail server", yaml: "mail: {smtp: smtp://mail.example.com}\n", want: []string{
			"f:1: mail.from: expected both smtp and from, or neither",
		}},
		{name: "metrics at the same address", yaml: "metrics_listen: 127.0.0.1:8080\n", want: []string{
			"f:1: metrics_listen: expected another address than listen has",
		}},
		{name: "secret files", yaml: "database: sqlite:x\ndatabase_file: y\nrobot: {engine: openai, model: m, key_file: missing}\ntranslator: {key_file: empty}\n", want: []string{
			"f:2: database_file: expected either database or database_file, not both",
			"f:3: robot.key_file: expected a file that can be read: file does not exist",
			"f:4: translator.key_file: expected a file that holds the secret and nothing else",
		}},
		{name: "environment", environ: []string{
			"SKEIN_LOG_LEVEL=loud", "SKEIN_LOGLEVEL=info", "SKEIN_=x", "SKEIN_LISTEN__PORT=1", "SKEIN_COLLEAGUES=nobody",
			"SKEIN_ENDPOINTS__SUPPORT_SLACK__APP_TOKEN=xapp-1", "SKEIN_ENDPOINTS__SUPPORT_SLACK__CHANEL=C1", "SKEIN_ROBOT=none",
		}, yaml: "listen: :1\n", want: []string{
			"environment: SKEIN_: unknown key; expected listen, public_url, trusted_proxies, metrics_listen, database, database_file, files, files_access_key, files_access_key_file, files_secret_key, files_secret_key_file, picture_megapixels, places, log_level, " +
				"log_format, colleagues, assignment, translator, robot, mail, reports, retention or endpoints",
			"environment: SKEIN_COLLEAGUES: expected an endpoint of type slack or discord instead of nobody: support-slack",
			"environment: SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKEN: expected the app's bot token (xoxb-…)",
			"environment: SKEIN_ENDPOINTS__SUPPORT_SLACK__CHANEL: unknown key; expected bot_token, bot_token_file, app_token, app_token_file, " +
				"signing_secret, signing_secret_file, api_url, ping_interval, client_id, client_secret, client_secret_file, sign_in_url, channel, colleagues, language, plain_text, members, guard, hold, " +
				"place_rate, total_rate or type; did you mean channel?",
			"environment: SKEIN_ENDPOINTS__SUPPORT_SLACK__CHANNEL: expected the id of the channel of visitors' threads, not its name",
			"environment: SKEIN_LISTEN__PORT: expected a section of that name, but the file has a value there",
			"environment: SKEIN_LOGLEVEL: unknown key; expected listen, public_url, trusted_proxies, metrics_listen, database, database_file, files, files_access_key, files_access_key_file, files_secret_key, files_secret_key_file, picture_megapixels, places, log_level, " +
				"log_format, colleagues, assignment, translator, robot, mail, reports, retention or endpoints; did you mean log_level?",
			"environment: SKEIN_LOG_LEVEL: expected debug, info, warn or error",
			"environment: SKEIN_ROBOT: expected keys with values",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load("f", []byte(test.yaml), test.environ, scripted)
			var got Problems
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want problems", err)
			}
			lines := strings.Split(err.Error(), "\n")
			for _, line := range lines {
				if !slices.Contains(test.want, line) {
					t.Errorf("unexpected: %s", line)
				}
			}
			for _, line := range test.want {
				if !slices.Contains(lines, line) {
					t.Errorf("missing:    %s", line)
				}
			}
			if !t.Failed() && !slices.Equal(lines, test.want) {
				t.Errorf("wrong order:\n%s", err)
			}
		})
	}
}

// scripted stands for a file system with one empty file.
func scripted(name string) ([]byte, error) {
	if name == "empty" {
		return []byte("\n"), nil
	}
	return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
}

func TestFileTooLarge(t *testing.T) {
	path := write(t, strings.Repeat("#", maxFile+1))
	_, err := Load(path, nil)
	if err == nil || err.Error() != path+": expected at most 256 KiB" {
		t.Errorf("error %v", err)
	}
}

func TestFileThatIsADirectory(t *testing.T) {
	if _, err := Load(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("error %v", err)
	}
}

// TestValidateByHand checks a configuration that no file and no environment was asked about.
func TestValidateByHand(t *testing.T) {
	c := simpleConfig()
	c.Endpoints[1].Settings.(*Slack).Hold = -1
	c.Endpoints = append(c.Endpoints, Endpoint{Name: "website"})
	err := c.Validate()
	want := strings.Join([]string{
		"configuration: endpoints.support-slack.hold: expected a duration from 0s to 10s",
		"configuration: endpoints.website: expected a name that no other endpoint has",
		"configuration: endpoints.website.type: expected a type: website, telegram, slack or discord",
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}

// TestNoValueInProblems breaks a configuration in many ways, with a canary as the value everywhere.
func TestNoValueInProblems(t *testing.T) {
	const canary = "canary/7f3a+"
	secretFile := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secretFile, []byte(canary+"\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	broken := []string{
		canary, canary + ":", "- " + canary, `"` + canary, "[" + canary, "listen: " + canary + "\n  x: y", "database: |" + canary,
		"database: !" + canary + " x", "database: &" + canary + " x", "database: *" + canary, "database: \"\\" + canary + "\"",
		"database: {" + canary, "database:" + canary, "robot: {key: '" + canary, "<<: " + canary, "? " + canary,
		"database_file: " + canary, "database_file: " + secretFile,
	}
	for i, line := range lines {
		key, _, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, value := range []string{canary, `"` + canary + `\x01"`, "[" + canary + "]", "{" + canary + ": " + canary + "}"} {
			changed := slices.Clone(lines)
			changed[i] = key + ": " + value
			broken = append(broken, strings.Join(changed, "\n"))
		}
	}
	refused := 0
	for _, b := range broken {
		_, err := Load(write(t, b), []string{"SKEIN_HOLD=" + canary, "SKEIN_ENDPOINTS__WEBSITE__DESK=" + canary})
		if err == nil {
			t.Errorf("no problem in:\n%s", b)
			continue
		}
		refused++
		if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "7f3a") {
			t.Errorf("a value is shown in:\n%v", err)
		}
	}
	if refused < 100 {
		t.Errorf("only %d configurations were tried", refused)
	}
}
