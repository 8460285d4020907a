package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

const commonsID = "CCOMMONS"

// asked are the findings of an examination, a line each, as an operator reads them.
func asked(findings []bridge.Finding) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, string(f.Grade)+" "+f.Public)
	}
	return lines
}

func TestExamine(t *testing.T) {
	well := []string{
		"ok The bot token is good: it is skein's in the workspace Simulated.",
		"ok The app has all 12 permissions of the manifest.",
		"ok The app token opens a connection: Socket Mode is on.",
		"ok channel CDESK: the app is in #desk and may read its threads.",
		"ok colleagues CCOMMONS: the app is in #commons and may read its threads.",
	}
	all := slacktest.New(slacktest.Options{}).Options().Scopes
	without := func(scopes ...string) func(*slacktest.Options) {
		return func(o *slacktest.Options) {
			o.Scopes = slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(scopes, s) })
		}
	}
	for name, test := range map[string]struct {
		opts    func(*slacktest.Options)
		cfg     func(*slack.Config)
		prepare func(*slacktest.Server)
		want    map[int]string // instead of what is well
		only    int            // how many findings there are; 0: as many as when all is well
	}{
		"all well": {},
		"wrong bot token": {
			cfg:  func(c *slack.Config) { c.BotToken = "xoxb-other" },
			want: map[int]string{0: "fix Slack refuses the bot token. Install", 1: well[2]}, only: 2,
		},
		"app token for bot token": {
			cfg:  func(c *slack.Config) { c.BotToken = c.AppToken },
			want: map[int]string{0: "fix Slack refuses the bot token. Install", 1: well[2]}, only: 2,
		},
		"wrong app token": {
			cfg:  func(c *slack.Config) { c.AppToken = "xapp-other" },
			want: map[int]string{2: "fix Slack refuses the app token. Check that Socket Mode is on"},
		},
		"app token without its scope": {
			prepare: func(s *slacktest.Server) {
				s.Fail(slacktest.Fault{Method: "apps.connections.open", Error: "missing_scope"})
			},
			want: map[int]string{2: "fix Slack refuses the app token. Check that Socket Mode is on"},
		},
		"socket mode off": {
			opts: func(o *slacktest.Options) { o.SocketModeOff = true },
			want: map[int]string{2: "fix Slack refuses the app token. Check that Socket Mode is on"},
		},
		"tokens of two apps": {
			opts: func(o *slacktest.Options) { o.BotAppID = "A0OTHER" },
			want: map[int]string{2: "fix app_token belongs to another app (A0SIMULATED) than bot_token (A0OTHER)."},
		},
		"http": {
			cfg:  func(c *slack.Config) { c.AppToken, c.SigningSecret = "", "hushhush" },
			want: map[int]string{2: "note The signing secret cannot be proven from here."},
		},
		"no customising": {
			opts: without("chat:write.customize", "reactions:write"),
			want: map[int]string{1: "fix The Slack app lacks permissions: chat:write.customize, reactions:write. Add them and install the app again."},
		},
		"no looking at channels": {
			opts: without("channels:read", "groups:read"),
			want: map[int]string{
				1: "fix The Slack app lacks permissions: channels:read, groups:read.",
				3: "fix channel CDESK: The Slack app lacks the permission channels:read.",
				4: "fix colleagues CCOMMONS: The Slack app lacks the permission channels:read.",
			},
		},
		"not a member": {
			prepare: func(s *slacktest.Server) { _ = s.Leave(s.Options().BotUserID, desk) },
			want:    map[int]string{3: "fix channel CDESK: The app is not in #desk. Write there: /invite @skein"},
		},
		"not among colleagues": {
			prepare: func(s *slacktest.Server) { _ = s.Leave(s.Options().BotUserID, commonsID) },
			want:    map[int]string{4: "fix colleagues CCOMMONS: The app is not in #commons. Write there: /invite @skein"},
		},
		"archived": {
			prepare: func(s *slacktest.Server) { _ = s.Archive(ana, desk, true) },
			want:    map[int]string{3: "fix channel CDESK: The Slack channel is archived. Restore it, or configure another one."},
		},
		"unknown channel": {
			cfg:  func(c *slack.Config) { c.Channel = "CNOWHERE" },
			want: map[int]string{3: "fix channel CNOWHERE: Slack does not know the channel."},
		},
		"threads cannot be read": {
			prepare: func(s *slacktest.Server) {
				s.Fail(slacktest.Fault{Method: "conversations.replies", Channel: desk, Error: "missing_scope"})
			},
			want: map[int]string{3: "fix channel CDESK: The Slack app lacks a permission."},
		},
		"an answer nobody knows": {
			prepare: func(s *slacktest.Server) {
				s.Fail(slacktest.Fault{Method: "conversations.info", Channel: desk, Error: "method_deprecated"})
			},
			want: map[int]string{3: "fix channel CDESK: Slack refuses to tell (conversations.info: method_deprecated)."},
		},
		"down": {
			prepare: func(s *slacktest.Server) { s.SetDown(true) },
			want:    map[int]string{0: "fix Slack did not answer. Look at the network", 1: "fix Slack did not answer. Look at the network"}, only: 2,
		},
		"silent": {
			cfg:     func(c *slack.Config) { c.Timeout = 2 * time.Second }, // and the other calls are answered within it
			prepare: func(s *slacktest.Server) { s.Fail(slacktest.Fault{Method: "auth.test", Hang: true}) },
			want:    map[int]string{0: "fix Slack did not answer. Look at the network", 1: well[2]}, only: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := slacktest.Options{Channels: []slacktest.Channel{{ID: commonsID, Name: "commons"}}}
			if test.opts != nil {
				test.opts(&opts)
			}
			server := newServer(t, opts)
			if _, err := server.Say(ana, desk, "", "hello"); err != nil {
				t.Fatal(err)
			}
			if test.prepare != nil {
				test.prepare(server)
			}
			a := newAdapter(t, server, func(c *slack.Config) {
				c.Colleagues = commonsID
				if test.cfg != nil {
					test.cfg(c)
				}
			})
			want := slices.Clone(well)
			if test.only > 0 {
				want = want[:test.only]
			}
			for i, line := range test.want {
				want[i] = line
			}
			compare(t, asked(a.Examine(t.Context())), want, "xoxb-", "xapp-", "hushhush")
		})
	}
}

// compare fails unless each line begins as it should and none holds a secret.
func compare(t *testing.T, got, want []string, secrets ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("finding %d is\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
	for _, s := range secrets {
		if strings.Contains(strings.Join(got, "\n"), s) {
			t.Errorf("the findings hold a secret:\n%s", strings.Join(got, "\n"))
		}
	}
}

// TestExamineBesideADaemon: what is written while we look reaches the daemon that runs, and nothing is written by us.
func TestExamineBesideADaemon(t *testing.T) {
	server := newServer(t, slacktest.Options{AckTimeout: 100 * time.Millisecond})
	running := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, running, sink)
	_, root := openThread(t, running)
	posted := len(server.Calls("chat.postMessage", ""))
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		for range 5 {
			newAdapter(t, server, nil).Examine(t.Context())
		}
	}()
	const lines = 20
	for i := range lines {
		say(t, server, root, fmt.Sprintf("line %d", i))
	}
	<-looked
	awaitAll(t, server, sink, lines)
	if n := len(server.Calls("chat.postMessage", "")); n != posted {
		t.Errorf("%d messages were written", n-posted)
	}
}
