package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// outcome is how a command ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// command runs the real program in a directory with only this configuration.
func command(t testing.TB, yaml string, environ []string, args ...string) outcome {
	t.Helper()
	path, err := binary()
	must(t, err)
	dir := t.TempDir()
	if yaml != "" {
		must(t, os.WriteFile(filepath.Join(dir, "skein.yaml"), []byte(yaml), 0o600))
	}
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // none of these goes on to serve
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, environ...)
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("skein %q: %v", args, err)
	} else if ok && exit.ExitCode() < 0 {
		t.Fatalf("skein %q: %v\n%s", args, err, &stderr)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

const goodConfig = `listen: 127.0.0.1:0
endpoints:
  website:
    desk: [support-slack]
    allowed_origins: ["https://shop.example"]
    identity_secret: identity-` + canary + `
  support-slack:
    bot_token: xoxb-` + canary + `
    app_token: xapp-` + canary + `
    channel: C0DESK
    api_url: http://127.0.0.1:1/api/
`

// TestBadConfiguration: a wrong configuration ends the program with 1 before anything runs, and the message names file,
// line and key, says what was expected, and holds no value.
func TestBadConfiguration(t *testing.T) {
	t.Parallel()
	if o := command(t, goodConfig, nil, "check"); o.code != exitOK || o.stderr != "" {
		t.Fatalf("the good one: %+v", o)
	}
	for _, test := range []struct {
		name, yaml string
		environ    []string
		want       []string
	}{
		{
			"unknown key", strings.Replace(goodConfig, "listen:", "lissen:", 1), nil,
			[]string{"skein.yaml:1: lissen: unknown key", "did you mean listen?"},
		},
		{
			"unknown key of an endpoint", strings.Replace(goodConfig, "bot_token:", "bot_tokn:", 1), nil,
			[]string{"skein.yaml:8: endpoints.support-slack.bot_tokn: unknown key", "did you mean bot_token?"},
		},
		{
			"unknown key with a secret", goodConfig + "    token: " + canary + "\n", nil,
			[]string{"skein.yaml:12: endpoints.support-slack.token: unknown key"},
		},
		{
			"a secret as a list", strings.Replace(goodConfig, "xoxb-"+canary, "[xoxb-"+canary+"]", 1), nil,
			[]string{"skein.yaml:8: endpoints.support-slack.bot_token: "},
		},
		{
			"a secret as a section", strings.Replace(goodConfig, "xoxb-"+canary, "{xoxb-"+canary+": x}", 1), nil,
			[]string{"skein.yaml:8: endpoints.support-slack.bot_token"},
		},
		{
			"a secret's file that is not there", strings.Replace(goodConfig, "bot_token: xoxb-", "bot_token_file: /nowhere/", 1), nil,
			[]string{"skein.yaml:8: endpoints.support-slack.bot_token_file: "},
		},
		{"no YAML", "listen: [" + canary + "\n", nil, []string{"skein.yaml:"}},
		{"a secret in what is no YAML", strings.Replace(goodConfig, "xoxb-"+canary, "\"xoxb-"+canary, 1), nil, []string{"skein.yaml:"}},
		{
			"a desk that is not there", strings.Replace(goodConfig, "[support-slack]", "[suport-slack]", 1), nil,
			[]string{"skein.yaml:4: endpoints.website.desk", "did you mean support-slack?"},
		},
		{
			"an origin that is none", strings.Replace(goodConfig, "https://shop.example", "shop.example/"+canary, 1), nil,
			[]string{"skein.yaml:5: endpoints.website.allowed_origins"},
		},
		{"a database with its password", "database: mysql://u:" + canary + "@h/d\n" + goodConfig, nil, []string{"skein.yaml:1: database: "}},
		{"unknown variable", goodConfig, []string{"SKEIN_LISSEN=" + canary}, []string{"environment: SKEIN_LISSEN: unknown key", "did you mean listen?"}},
		{
			"unknown variable of an endpoint", goodConfig,
			[]string{"SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKN=" + canary},
			[]string{"environment: SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKN: ", "bot_token"},
		},
		{"a variable's wrong value", goodConfig, []string{"SKEIN_LOG_LEVEL=" + canary}, []string{"environment: SKEIN_LOG_LEVEL: "}},
	} {
		for _, word := range []string{"serve", "check", "migrate"} {
			t.Run(test.name+"/"+word, func(t *testing.T) {
				o := command(t, test.yaml, test.environ, word)
				if o.code != exitFailure || o.stdout != "" {
					t.Errorf("ended with %d and said %q", o.code, o.stdout)
				}
				for _, want := range test.want {
					if !strings.Contains(o.stderr, want) {
						t.Errorf("says %q, want %q in it", o.stderr, want)
					}
				}
				if strings.Contains(o.stderr, canary) {
					t.Errorf("says a value: %q", o.stderr)
				}
			})
		}
	}
}

// TestBadDatabase: a database that cannot be opened ends the program with 1, and its password stays secret.
func TestBadDatabase(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"nobody listens":   "postgres://user:" + canary + "@127.0.0.1:1/d?sslmode=disable",
		"odd parameters":   "postgres://user:" + canary + "@127.0.0.1:1/d?sslmode=" + "whatever",
		"broken escapes":   "postgres://user:" + canary + "%zz@127.0.0.1:1/d",
		"no such folder":   "sqlite:/nowhere/at/all/skein.db",
		"a port too large": "postgres://user:" + canary + "@127.0.0.1:99999/d",
	} {
		t.Run(name, func(t *testing.T) {
			o := command(t, goodConfig, []string{"SKEIN_DATABASE=" + dsn}, "serve")
			if o.code != exitFailure || o.stderr == "" || strings.Contains(o.stderr, canary) || strings.Contains(o.stderr, "goroutine") {
				t.Errorf("ended with %d: %q", o.code, o.stderr)
			}
		})
	}
}

// TestUsage: what is no command line ends the program with 2 and a hint.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serv"}, {"--lisen", "x"}, {"check", "extra"}, {"-config"}, {"manifest"}, {"manifest", "teams"}, {"--"}, {"serve", "-x"}} {
		o := command(t, goodConfig, []string{"SKEIN_LOG_LEVEL=nonsense"}, args...) // so that nothing goes on to serve
		if len(args) == 1 && args[0] == "--" {
			if o.code == exitOK {
				t.Errorf("skein %q: ended with %d", args, o.code)
			}
			continue
		}
		if o.code != exitUsage || !strings.Contains(o.stderr, "skein") || strings.Contains(o.stderr, canary) {
			t.Errorf("skein %q: ended with %d: %q", args, o.code, o.stderr)
		}
	}
	missing := command(t, "", nil, "check", "-config", "nowhere.yaml")
	if missing.code != exitFailure || !strings.Contains(missing.stderr, "nowhere.yaml") {
		t.Errorf("a file that is not there: %+v", missing)
	}
	if help := command(t, "", nil, "-help"); help.code != exitOK || !strings.Contains(help.stdout, "serve") {
		t.Errorf("help: %+v", help)
	}
}
