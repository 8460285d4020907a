package discord_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	deskID  = "2001"
	forumID = "2002"
	otherID = "2003"
	ana     = "1001"
	ben     = "1002"
)

// spec is Discord's own description, which every request and every answer of the tests is checked against.
var spec = sync.OnceValues(func() (*discordtest.Spec, error) { return discordtest.LoadSpec(os.Getenv("SKEIN_SPECS")) })

// newServer starts a server with a text channel, a forum and two agents. What we sent against Discord's own
// description fails the test.
func newServer(t *testing.T, opts discordtest.Options) *discordtest.Server {
	t.Helper()
	if os.Getenv("SKEIN_SPECS") == "" {
		t.Fatal("SKEIN_SPECS is not set: it names the folder of the platforms' official API descriptions. Run the tests with `make test`, or set it")
	}
	var err error
	if opts.Spec, err = spec(); err != nil {
		t.Fatal(err)
	}
	opts.AnswerTimeout = cmp.Or(opts.AnswerTimeout, time.Minute) // on a busy machine three seconds are soon over
	opts.Users = append(opts.Users,
		discordtest.User{ID: ana, Username: "ana", GlobalName: "Ana", Avatar: "a1"}, discordtest.User{ID: ben, Username: "ben", Nick: "Benjamin"})
	opts.Channels = append(opts.Channels,
		discordtest.Channel{ID: deskID, Name: "desk"}, discordtest.Channel{ID: forumID, Name: "forum", Type: discordtest.Forum},
		discordtest.Channel{ID: otherID, Name: "other"})
	server := discordtest.New(opts)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			t.Errorf("against Discord's description: %+v", v)
		}
	})
	return server
}

// newAdapter returns an adapter for a server; change may alter its configuration.
func newAdapter(t *testing.T, server *discordtest.Server, change func(*discord.Config)) *discord.Adapter {
	t.Helper()
	cfg := discord.Config{
		Name: "support-discord", Token: server.Options().Token, APIURL: server.URL(), Guild: server.Options().GuildID,
		Channel: deskID, Timeout: 30 * time.Second, FirstPause: 20 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	a, err := discord.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestConformance(t *testing.T) {
	for name, channel := range map[string]string{"text": deskID, "forum": forumID} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, adaptertest.Harness{
				New: func(t *testing.T) adaptertest.Stage {
					server := newServer(t, discordtest.Options{})
					files := adaptertest.Files{}
					a := newAdapter(t, server, func(c *discord.Config) { c.Channel, c.Files = channel, files })
					return adaptertest.Stage{Adapter: a, Platform: platform{server, channel}, Files: files}
				},
				Features: adaptertest.Features{
					Edits: true, Redelivers: true, Threads: true, Files: true, Withdraws: true, Unasked: true,
				},
			})
		})
	}
}

// platform is a simulated server as the suite sees it; the person is Ana.
type platform struct {
	server  *discordtest.Server
	channel string
}

func messageID(m bridge.MessageRef) string { return strings.Split(string(m), "/")[1] }

func (p platform) Say(t bridge.ThreadRef, text string) (bridge.MessageRef, error) {
	id, err := p.server.Say(ana, string(t), text)
	return bridge.MessageRef(string(t) + "/" + id), err
}

func (p platform) Upload(t bridge.ThreadRef, name string, data []byte, caption string) (bridge.MessageRef, error) {
	id, err := p.server.Upload(ana, string(t), name, data, caption)
	return bridge.MessageRef(string(t) + "/" + id), err
}

func (p platform) Edit(m bridge.MessageRef, text string) error {
	return p.server.Edit(ana, messageID(m), text)
}

func (p platform) Delete(m bridge.MessageRef) error { return p.server.Delete(ana, messageID(m)) }

func (p platform) Withdraw(f bridge.FileRef) error {
	fields := strings.Split(f.Ref, "/")
	return p.server.RemoveFile(ana, fields[1], fields[2])
}

func (p platform) DeleteThread(t bridge.ThreadRef) error { return p.server.DeleteChannel(string(t)) }

func (p platform) Thread(t bridge.ThreadRef) []adaptertest.Seen {
	var list []adaptertest.Seen
	p.server.Look(func(s discordtest.State) {
		if m, ok := s.Message(string(t)); ok && m.Channel != string(t) && !m.Deleted {
			list = append(list, seen(m))
		}
		for _, m := range s.Said(string(t)) {
			list = append(list, seen(m))
		}
	})
	return list
}

// embed is who speaks in a message of ours.
type embed struct {
	URL    string
	Color  int
	Author struct {
		Name string
		Icon string `json:"icon_url"`
	}
}

func embedOf(m discordtest.Message) (e embed) {
	var list []embed
	if json.Unmarshal(m.Embeds, &list) == nil && len(list) > 0 {
		e = list[0]
	}
	return e
}

// split cuts a message of ours into its speaker's name and what stands below it.
func split(m discordtest.Message) (name, words string) {
	line, text, _ := strings.Cut(m.Content, "\n")
	if strings.HasPrefix(line, "**") && embedOf(m).Author.Name != "" {
		return rich.Plain(markdown.Read(line, nil)), text
	}
	return "", m.Content
}

func seen(m discordtest.Message) adaptertest.Seen {
	name, words := split(m)
	s := adaptertest.Seen{Author: name, Text: rich.Plain(markdown.Read(words, nil))}
	for _, f := range m.Attachments {
		s.Files = append(s.Files, f.Name)
	}
	return s
}

func (p platform) Outside() int {
	n := 0
	p.server.Look(func(s discordtest.State) {
		for _, m := range s.Said(p.channel) {
			if _, threaded := s.Channel(m.ID); !threaded {
				n++
			}
		}
	})
	return n
}

func (p platform) Unacknowledged() int { return 0 }

func (p platform) Disturb(f adaptertest.Fault) {
	fault := discordtest.Fault{Times: 1, Match: func(c discordtest.Call) bool {
		return c.Method == "create_message" || c.Method == "create_thread"
	}}
	switch f {
	case adaptertest.Limited:
		fault.Status, fault.RetryAfter = http.StatusTooManyRequests, 2*time.Second
	case adaptertest.Broken:
		fault.Status = http.StatusInternalServerError
	case adaptertest.AnswerLost:
		fault.Status, fault.Act = http.StatusBadGateway, true
	case adaptertest.TokenTaken:
		fault.Status, fault.Code = http.StatusUnauthorized, 40001
	case adaptertest.NotAccepted:
		fault.Code = 50035
	default:
		panic(fmt.Sprintf("unknown fault %q", f))
	}
	p.server.Fail(fault)
}
