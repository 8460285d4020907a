package discord_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

func TestExamine(t *testing.T) {
	const (
		undeclared = "note The slash commands are not declared yet"
		invite     = "https://discord.com/oauth2/authorize?client_id=900000000000000001&scope=bot+applications.commands&permissions=2252126231317568"
	)
	well := []string{
		"ok The token is good: it is that of the bot skein.",
		"ok Message Content Intent is on.",
		"ok guild 900000000000000002: the bot is on the server Simulated.",
		"ok channel 2001: the bot has all its permissions in #desk.",
		"ok colleagues 2003: the bot has all its permissions in #other.",
		"ok The server has 0 active threads and room for about 1000.",
		undeclared,
	}
	forum := func(c *discord.Config) { c.Channel = forumID }
	deny := func(channel string, p discordtest.Permission) func(*discordtest.Server) {
		return func(s *discordtest.Server) { _ = s.Deny(channel, p) }
	}
	threads := func(n int) func(*discordtest.Options) {
		return func(o *discordtest.Options) {
			for i := range n {
				o.Channels = append(o.Channels, discordtest.Channel{Type: discordtest.PublicThread, Name: fmt.Sprint(i), ParentID: deskID, Owner: ana})
			}
		}
	}
	for name, test := range map[string]struct {
		opts    func(*discordtest.Options)
		cfg     func(*discord.Config)
		prepare func(*discordtest.Server)
		want    map[int]string // instead of what is well
		only    int            // how many findings there are; 0: as many as when all is well
	}{
		"all well": {},
		"forum":    {cfg: forum, want: map[int]string{3: "ok channel 2002: the bot has all its permissions in #forum."}},
		"administrator": {
			opts: func(o *discordtest.Options) {
				o.Everyone, o.BotPermissions = discordtest.ViewChannel, discordtest.Administrator
			},
		},
		"wrong token": {
			cfg:  func(c *discord.Config) { c.Token = "another" },
			want: map[int]string{0: "fix Discord refuses the bot's token. Make a new one"}, only: 1,
		},
		"no message content": {
			opts: func(o *discordtest.Options) { o.NoMessageContent = true },
			want: map[int]string{1: "fix Discord does not give the bot the text of messages. Switch on Message Content Intent"},
		},
		"another server": {
			cfg:  func(c *discord.Config) { c.Guild = "900000000000000009" },
			want: map[int]string{2: "fix guild 900000000000000009: the bot is not on this server, or the id is wrong. Invite it: " + invite}, only: 3,
		},
		"removed from the server": {
			prepare: func(s *discordtest.Server) { _ = s.Kick(s.Options().BotUserID) },
			want:    map[int]string{2: "fix guild 900000000000000002: the bot is not on this server, or the id is wrong. Invite it: " + invite}, only: 3,
		},
		"unknown channel": {
			cfg:  func(c *discord.Config) { c.Channel = "2999" },
			want: map[int]string{3: "fix channel 2999: Discord does not know the channel."},
		},
		"a channel it does not see": {
			prepare: deny(deskID, discordtest.ViewChannel),
			want:    map[int]string{3: "fix channel 2001: the bot does not see the channel. Give it View Channel there."},
		},
		"a voice channel": {
			opts: func(o *discordtest.Options) {
				o.Channels = append(o.Channels, discordtest.Channel{ID: "2008", Type: discordtest.Voice, Name: "talk"})
			},
			cfg:  func(c *discord.Config) { c.Channel, c.Colleagues = "2008", forumID },
			want: map[int]string{3: "fix channel 2008: The Discord channel is neither", 4: "fix colleagues 2002: the channel is not a text channel."},
		},
		"permissions are lacking": {
			prepare: deny(deskID, discordtest.SendInThreads|discordtest.ManageThreads|discordtest.EmbedLinks),
			want:    map[int]string{3: "fix channel 2001: the bot lacks permissions in #desk: Send Messages in Threads, Embed Links, Manage Threads. Give them"},
		},
		"no pins": {
			prepare: deny(deskID, discordtest.PinMessages),
			want:    map[int]string{3: "note channel 2001: the bot has all the permissions it needs in #desk. To have a list"},
		},
		"an invitation without permissions": {
			opts: func(o *discordtest.Options) { o.BotPermissions = discordtest.ViewChannel },
			want: map[int]string{3: "fix channel 2001: the bot lacks permissions in #desk: Manage Threads."},
		},
		"not for everyone, but for the bot": {
			opts: func(o *discordtest.Options) {
				o.Channels = append(o.Channels, discordtest.Channel{ID: "2007", Name: "private", Overwrites: []discordtest.Overwrite{
					{ID: "900000000000000002", Deny: discordtest.ViewChannel | discordtest.AttachFiles},
					{ID: "900000000000000001", Member: true, Allow: discordtest.ViewChannel},
				}})
			},
			cfg:  func(c *discord.Config) { c.Channel = "2007" },
			want: map[int]string{3: "fix channel 2007: the bot lacks permissions in #private: Attach Files."},
		},
		"colleagues' reactions": {
			prepare: deny(otherID, discordtest.AddReactions|discordtest.ManageThreads),
			want:    map[int]string{4: "fix colleagues 2003: the bot lacks permissions in #other: Add Reactions. Give them"},
		},
		"a forum that wants tags": {
			opts: func(o *discordtest.Options) {
				o.Channels = append(o.Channels, discordtest.Channel{ID: "2009", Type: discordtest.Forum, Name: "strict", RequireTag: true})
			},
			cfg:  func(c *discord.Config) { c.Channel = "2009" },
			want: map[int]string{3: "fix channel 2009: The Discord forum wants a tag on every post."},
		},
		"a forum that has them": {
			opts: func(o *discordtest.Options) {
				o.Channels = append(o.Channels, discordtest.Channel{ID: "2009", Type: discordtest.Forum, Name: "strict", RequireTag: true, Tags: []discordtest.Tag{
					{Name: "Unassigned"}, {Name: "assigned"}, {Name: "Robot"}, {Name: "Closed"},
				}})
			},
			cfg:  func(c *discord.Config) { c.Channel = "2009" },
			want: map[int]string{3: "ok channel 2009: "},
		},
		"nearly full": {opts: threads(950), want: map[int]string{5: "note The server has 950 active threads and room for about 1000. Archive some soon."}},
		"full":        {opts: threads(1000), want: map[int]string{5: "fix The Discord server has no room for another active thread."}},
		"no slash commands": {
			prepare: func(s *discordtest.Server) {
				s.Fail(discordtest.Fault{Method: "list_guild_application_commands", Status: http.StatusForbidden, Code: 50001})
			},
			want: map[int]string{6: "fix The bot may not declare slash commands. Invite it again, with the scope applications.commands: " + invite},
		},
		"down": {
			prepare: func(s *discordtest.Server) { s.SetDown(true) },
			want:    map[int]string{0: "fix Discord did not answer. Look at the network"}, only: 1,
		},
		"silent": {
			cfg:     func(c *discord.Config) { c.Timeout = 50 * time.Millisecond },
			prepare: func(s *discordtest.Server) { s.Fail(discordtest.Fault{Hang: true}) },
			want:    map[int]string{0: "fix Discord did not answer. Look at the network"}, only: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opts discordtest.Options
			if test.opts != nil {
				test.opts(&opts)
			}
			server := newServer(t, opts)
			if test.prepare != nil {
				test.prepare(server)
			}
			a := newAdapter(t, server, func(c *discord.Config) {
				c.Colleagues = otherID
				if test.cfg != nil {
					test.cfg(c)
				}
			})
			want := slices.Clone(well)
			if test.only > 0 {
				want = want[:test.only]
			}
			for _, i := range slices.Sorted(maps.Keys(test.want)) {
				want[i] = test.want[i]
			}
			compare(t, a.Examine(t.Context()), want)
		})
	}
}

// compare fails unless each finding begins as it should and none holds the token.
func compare(t *testing.T, got []bridge.Finding, want []string) {
	t.Helper()
	for i, f := range got {
		line := string(f.Grade) + " " + f.Public
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("finding %d is\n%s", i, line)
		}
		if strings.Contains(line, "simulated.discord.token") {
			t.Errorf("the token is shown: %s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d", len(got), len(want))
	}
}

// TestExamineAfterAStart: what a daemon has declared is found, and looking opens no connection and changes nothing.
func TestExamineAfterAStart(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, adaptertest.NewSink()) }()
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := server.Await(within, func(v discordtest.State) bool { return v.Calls("bulk_set_guild_application_commands", "") == 1 }); err != nil {
		t.Fatal(err)
	}
	before := server.Delivery().Readies
	findings := newAdapter(t, server, nil).Examine(t.Context())
	if last := findings[len(findings)-1]; last.Grade != bridge.Fine || !strings.Contains(last.Public, "slash commands are declared") {
		t.Errorf("the last finding is %+v", last)
	}
	if n := server.Delivery().Readies; n != before {
		t.Errorf("looking has opened %d connections", n-before)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
