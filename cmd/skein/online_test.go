package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/store/pgtest"
)

// online is a configuration with an endpoint of each type, whose platforms are simulated and whose secrets all hold the
// canary.
type online struct {
	slack    *slacktest.Server
	discord  *discordtest.Server
	telegram *telegramtest.Server
	yaml     string
}

func newOnline(t *testing.T) *online {
	t.Helper()
	spec, err := discordtest.LoadSpec(os.Getenv("SKEIN_SPECS"))
	must(t, err)
	telegramSpec, err := telegramtest.LoadSpec()
	must(t, err)
	o := &online{
		slack: slacktest.New(slacktest.Options{
			BotToken: "xoxb-" + canary, AppToken: "xapp-" + canary,
			Channels: []slacktest.Channel{{ID: "C0DESK", Name: "customers"}, {ID: "C0ALL", Name: "team"}},
		}),
		discord: discordtest.New(discordtest.Options{
			Token: canary, Spec: spec,
			Channels: []discordtest.Channel{{ID: "2001", Name: "customers", Type: discordtest.Forum}, {ID: "2002", Name: "team"}},
		}),
		telegram: telegramtest.New(telegramtest.Options{Token: "1000:" + canary, Spec: telegramSpec}),
	}
	must(t, o.slack.Start())
	must(t, o.discord.Start())
	must(t, o.telegram.Start())
	t.Cleanup(func() {
		o.slack.Close()
		o.discord.Close()
		o.telegram.Close()
		for _, v := range o.discord.Violations() {
			t.Errorf("against Discord's description: %+v", v)
		}
		for _, v := range o.telegram.Violations() {
			t.Error("against Telegram's description: ", v)
		}
	})
	o.yaml = fmt.Sprintf(`listen: 127.0.0.1:0
public_url: http://127.0.0.1:1
endpoints:
  website:
    desk: [support-slack, support-discord]
    allowed_origins: ["http://localhost:3000"]
    identity_secret: %[1]s
  support-slack:
    bot_token: xoxb-%[1]s
    app_token: xapp-%[1]s
    channel: C0DESK
    colleagues: C0ALL
    api_url: %[2]s
  support-discord:
    token: %[1]s
    guild: "900000000000000002"
    channel: "2001"
    colleagues: "2002"
    api_url: %[3]s
  shop-telegram:
    desk: [support-discord]
    token: 1000:%[1]s
    api_url: %[4]s
colleagues: [support-slack, support-discord]
`, canary, o.slack.URL(), o.discord.URL(), o.telegram.URL())
	return o
}

// whatIsWell is what an examination says before the first start when nothing must be done.
const whatIsWell = `The configuration is valid: 4 endpoints.
ok    database: There is no database yet; Skein makes it when it starts.
ok    files: There is no directory for files yet; Skein makes it when it starts.
note  website: Nothing answers at public_url. If Skein does not run yet, start it and check again; if it does, look at ` + "`listen`" + ` and at the proxy in front of it.
ok    support-slack: The bot token is good: it is skein's in the workspace Simulated.
ok    support-slack: The app has all 12 permissions of the manifest.
ok    support-slack: The app token opens a connection: Socket Mode is on.
ok    support-slack: channel C0DESK: the app is in #customers and may read its threads.
ok    support-slack: colleagues C0ALL: the app is in #team and may read its threads.
ok    support-discord: The token is good: it is that of the bot skein.
ok    support-discord: Message Content Intent is on.
ok    support-discord: guild 900000000000000002: the bot is on the server Simulated.
ok    support-discord: channel 2001: the bot has all its permissions in #customers.
ok    support-discord: colleagues 2002: the bot has all its permissions in #team.
ok    support-discord: The server has 0 active threads and room for about 1000.
note  support-discord: The slash commands are not declared yet, or are of another version. Skein declares them when it starts.
ok    shop-telegram: The token is good: it is that of @skein_bot.
ok    shop-telegram: No webhook takes messages away from polling; no message waits.
Nothing must be done.
`

func TestCheckOnline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*testing.T, *online)
		environ []string
		was, is string // of whatIsWell: the beginning of a line, and the line that stands there instead
		last    string
	}{
		"all well": {},
		"Slack": {
			prepare: func(t *testing.T, o *online) { must(t, o.slack.Leave("U0SIMULATED", "C0DESK")) },
			was:     "ok    support-slack: channel C0DESK: ",
			is:      "fix   support-slack: channel C0DESK: The app is not in #customers. Write there: /invite @skein",
		},
		"Discord": {
			prepare: func(t *testing.T, o *online) { must(t, o.discord.Deny("2001", discordtest.AttachFiles)) },
			was:     "ok    support-discord: channel 2001: ",
			is: "fix   support-discord: channel 2001: the bot lacks permissions in #customers: Attach Files. Give them to its role, " +
				"or in the channel's own permissions.",
		},
		"Telegram": {
			environ: []string{"SKEIN_ENDPOINTS__SHOP_TELEGRAM__MODE=webhook"},
			was:     "ok    shop-telegram: No webhook",
			is: "ok    shop-telegram: public_url is an address that Telegram may call.\n" +
				"note  shop-telegram: The webhook is not set yet: Skein sets it when it starts. Check again then; no message waits.",
			last: "Nothing must be done.",
		},
		"database": {
			environ: []string{"SKEIN_DATABASE=postgres://skein:" + canary + "@127.0.0.1:1/skein?sslmode=disable"},
			was:     "ok    database: ",
			is: "fix   database: The database cannot be opened. See that it runs, and correct `database` " +
				"(reach the database: dial tcp 127.0.0.1:1: connect: connection refused).",
		},
		"no place for a database": {
			environ: []string{"SKEIN_DATABASE=sqlite:/nowhere/at/all/skein.db"},
			was:     "ok    database: ",
			is:      "fix   database: There is no database, and none can be made in its directory. Make the directory, and let Skein write there (",
		},
		"directory": {
			environ: []string{"SKEIN_FILES=/dev/null/files"},
			was:     "ok    files: ",
			is:      "fix   files: Files cannot be kept in the directory of `files`. Let Skein write there, or configure another one (",
		},
		"object store": {
			environ: []string{
				"SKEIN_FILES=s3://skein-files?region=us-east-1&endpoint=http://127.0.0.1:1",
				"SKEIN_FILES_ACCESS_KEY=" + canary, "SKEIN_FILES_SECRET_KEY=" + canary,
			},
			was: "ok    files: ",
			is:  "fix   files: The object store does not work. Correct `files`, its keys, or what they may do: get, put, delete and list objects (",
		},
		"a platform that hangs": {
			prepare: func(_ *testing.T, o *online) {
				o.telegram.Fail(telegramtest.Fault{Method: "getWebhookInfo", Hang: true})
			},
			was: "ok    shop-telegram: No webhook",
			is: "fix   shop-telegram: Telegram did not answer. Look at the network, the proxy and api_url, and check again " +
				"(getWebhookInfo: context deadline exceeded).",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOnline(t)
			if test.prepare != nil {
				test.prepare(t, o)
			}
			code, last := exitOK, "Nothing must be done."
			if test.is != "" {
				code, last = exitFailure, "1 thing must be done."
			}
			if test.last != "" {
				code, last = exitOK, test.last
			}
			_, err := binary() // it takes a while to build
			must(t, err)
			began := time.Now()
			got := command(t, o.yaml, test.environ, "check", "-online")
			if took := time.Since(began); took > time.Minute { // it would wait 20 s for whoever says nothing
				t.Errorf("it took %v", took)
			}
			want := strings.Replace(whatIsWell, "Nothing must be done.", last, 1)
			compareLines(t, got.stdout, replaceLine(want, test.was, test.is))
			if got.code != code || got.stderr != "" {
				t.Errorf("ended with %d and said %q", got.code, got.stderr)
			}
			if strings.Contains(got.stdout, canary) {
				t.Errorf("a secret is printed:\n%s", got.stdout)
			}
		})
	}
}

// replaceLine puts another line, or several, in the place of the one that begins with was.
func replaceLine(text, was, is string) string {
	if was == "" {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, was) {
			lines[i] = is + "\n"
		}
	}
	return strings.Join(lines, "")
}

// compareLines fails unless the texts are the same, but for what follows an opening bracket at a wanted line's end: the
// words of an operating system.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	have, need := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(have) != len(need) {
		t.Errorf("says\n%swant\n%s", got, want)
		return
	}
	for i := range need {
		open := strings.HasSuffix(need[i], "(")
		if have[i] != need[i] && (!open || !strings.HasPrefix(have[i], need[i])) {
			t.Errorf("line %d is\n%s\nwant\n%s", i+1, have[i], need[i])
		}
	}
}

// TestCheckOnlineMakesNothing: whoever checks may be another user than the daemon.
func TestCheckOnlineMakesNothing(t *testing.T) {
	t.Parallel()
	o, dir := newOnline(t), t.TempDir()
	files := filepath.Join(dir, "files")
	must(t, os.Mkdir(files, 0o700))
	got := command(t, o.yaml, []string{"SKEIN_DATABASE=sqlite:" + filepath.Join(dir, "skein.db"), "SKEIN_FILES=" + files}, "check", "-online")
	if got.code != exitOK || !strings.Contains(got.stdout, "ok    files: Files can be kept in the directory.") {
		t.Errorf("%+v", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	inside, err := os.ReadDir(files)
	must(t, err)
	if len(left) != 1 || len(inside) != 0 {
		t.Errorf("left behind: %q, %q", left, inside)
	}
}

// TestCheckOnlineOfStores: PostgreSQL, and an object store that works.
func TestCheckOnlineOfStores(t *testing.T) {
	t.Parallel()
	got := command(t, newOnline(t).yaml, []string{
		"SKEIN_DATABASE=" + pgtest.Database(t, migrate), "SKEIN_FILES=" + newBucket(t),
		"SKEIN_FILES_ACCESS_KEY=" + canary, "SKEIN_FILES_SECRET_KEY=" + canary,
	}, "check", "-online")
	for _, want := range []string{
		"ok    database: The database can be changed, and its schema is this version's.\n",
		"ok    files: The object store takes, returns and removes files.\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("says\n%s", got.stdout)
		}
	}
	if got.code != exitOK {
		t.Errorf("ended with %d", got.code)
	}
}

// TestCheckOnlineBesideADaemon: what runs is found running, and is not disturbed.
func TestCheckOnlineBesideADaemon(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	r.settings["ENDPOINTS__WEBSITE__ALLOWED_ORIGINS"] = "http://localhost:3000"
	p := r.start(freeAddress(t))
	environ := r.environ(p.address, r.database)
	got := command(t, "", environ, "check", "-online")
	for _, want := range []string{
		"ok    database: The database can be changed, and its schema is this version's.\n",
		"ok    website: public_url leads to a Skein that runs, and it lets the pages of allowed_origins in.\n",
		"Nothing must be done.\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%q is missing:\n%s%s", want, got.stdout, got.stderr)
		}
	}
	if got.code != exitOK {
		t.Errorf("ended with %d", got.code)
	}
	p.terminate()
}
