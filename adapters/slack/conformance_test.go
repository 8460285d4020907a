package slack_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	desk = "CDESK"
	ana  = "UANA"
	// settle is for tests whose people write within microseconds, over two sockets, on a busy machine.
	settle = 120 * time.Millisecond
)

// newServer starts a workspace with a desk channel and two agents.
func newServer(t *testing.T, opts slacktest.Options) *slacktest.Server {
	t.Helper()
	opts.Users = append(opts.Users,
		slacktest.User{ID: ana, Name: "ana", RealName: "Ana Ruiz", DisplayName: "Ana", Avatar: "https://example.com/ana.png"},
		slacktest.User{ID: "UBEN", Name: "ben", RealName: "Ben"})
	opts.Channels = append(opts.Channels, slacktest.Channel{ID: desk, Name: "desk", Members: []string{ana, "UBEN"}})
	server := slacktest.New(opts)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// newAdapter returns an adapter for a workspace; change may alter its configuration.
func newAdapter(t *testing.T, server *slacktest.Server, change func(*slack.Config)) *slack.Adapter {
	t.Helper()
	cfg := slack.Config{
		Name: "support-slack", BotToken: server.Options().BotToken, AppToken: server.Options().AppToken,
		APIURL: server.URL(), Channel: desk, Timeout: 30 * time.Second,
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	a, err := slack.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestConformance(t *testing.T) {
	adaptertest.Run(t, adaptertest.Harness{
		New: func(t *testing.T) adaptertest.Stage {
			server := newServer(t, slacktest.Options{}) // an event that is given up counts as acknowledged
			files := adaptertest.Files{}
			a := newAdapter(t, server, func(c *slack.Config) {
				c.Files = files
				c.Settle = settle
			})
			return adaptertest.Stage{Adapter: a, Platform: platform{server}, Files: files}
		},
		Features: adaptertest.Features{Edits: true, Redelivers: true, Threads: true, Files: true, Withdraws: true},
	})
}

// platform is a simulated workspace as the suite sees it; the person is Ana.
type platform struct{ server *slacktest.Server }

func place(ref string) (channel, ts string) {
	fields := strings.Split(ref, "/")
	return fields[0], fields[1]
}

func (p platform) Say(t bridge.ThreadRef, text string) (bridge.MessageRef, error) {
	channel, root := place(string(t))
	ts, err := p.server.Say(ana, channel, root, text)
	return bridge.MessageRef(channel + "/" + ts), err
}

func (p platform) Upload(t bridge.ThreadRef, name string, data []byte, caption string) (bridge.MessageRef, error) {
	channel, root := place(string(t))
	ts, err := p.server.Upload(ana, channel, root, name, data, caption)
	return bridge.MessageRef(channel + "/" + ts), err
}

func (p platform) Edit(m bridge.MessageRef, text string) error {
	channel, ts := place(string(m))
	return p.server.Edit(ana, channel, ts, text)
}

func (p platform) Delete(m bridge.MessageRef) error {
	channel, ts := place(string(m))
	return p.server.Delete(ana, channel, ts)
}

func (p platform) Withdraw(f bridge.FileRef) error { return p.server.DeleteFile(ana, f.Ref) }

func (p platform) DeleteThread(t bridge.ThreadRef) error {
	channel, ts := place(string(t))
	return p.server.DeleteMessage(channel, ts)
}

func (p platform) Thread(t bridge.ThreadRef) []adaptertest.Seen {
	channel, ts := place(string(t))
	var list []adaptertest.Seen
	for _, m := range p.server.Thread(channel, ts) {
		seen := adaptertest.Seen{Author: m.Username, Text: rich.Plain(mrkdwn.FromText(m.Text, nil))}
		for _, f := range m.Files {
			if !f.Deleted {
				seen.Files = append(seen.Files, f.Title)
			}
		}
		list = append(list, seen)
	}
	return list
}

func (p platform) Outside() int {
	n := 0
	for _, m := range p.server.Channel(desk) {
		if !m.Tombstone && len(p.server.Thread(desk, m.TS)) == 1 {
			n++
		}
	}
	return n
}

func (p platform) Unacknowledged() int { return p.server.Delivery().Unacked }

func (p platform) Disturb(f adaptertest.Fault) {
	fault := slacktest.Fault{Method: "chat.postMessage", Times: 1}
	switch f {
	case adaptertest.Limited:
		fault.Status, fault.RetryAfter = http.StatusTooManyRequests, 2*time.Second
	case adaptertest.Broken:
		fault.Status = http.StatusInternalServerError
	case adaptertest.AnswerLost:
		fault.Status, fault.Act = http.StatusBadGateway, true
	case adaptertest.TokenTaken:
		fault.Error = "token_revoked"
	case adaptertest.NotAccepted:
		fault.Error = "msg_too_long"
	default:
		panic(fmt.Sprintf("unknown fault %q", f))
	}
	p.server.Fail(fault)
}
