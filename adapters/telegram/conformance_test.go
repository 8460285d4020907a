package telegram_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
)

const (
	vera     = 7001
	greeting = "Welcome!"
	// albumTime is for tests whose people write within microseconds.
	albumTime = 80 * time.Millisecond
)

// newServer starts a simulated Telegram with one person. Whatever is asked and answered is held against the official
// description of the API.
func newServer(t *testing.T, opts telegramtest.Options) *telegramtest.Server {
	t.Helper()
	opts.Users = append(opts.Users, telegramtest.User{ID: vera, FirstName: "Vera", LastName: "Moreau", Username: "vera_m", Language: "fr"})
	spec, err := telegramtest.LoadSpec()
	if err != nil {
		t.Fatal(err)
	}
	opts.Spec = spec
	server := telegramtest.New(opts)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			t.Error("against the description of the API: ", v)
		}
	})
	return server
}

// newAdapter returns an adapter for a simulated Telegram; change may alter its configuration.
func newAdapter(t *testing.T, server *telegramtest.Server, change func(*telegram.Config)) *telegram.Adapter {
	t.Helper()
	cfg := telegram.Config{
		Name: "shop-telegram", Token: server.Options().Token, APIURL: server.URL(), Greeting: greeting,
		Timeout: 30 * time.Second, PollTime: 5 * time.Second, AlbumTime: albumTime,
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	a, err := telegram.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestConformance(t *testing.T) {
	for mode, adapter := range map[string]func(*testing.T, *telegramtest.Server, func(*telegram.Config)) *telegram.Adapter{
		"polling": newAdapter,
		"webhook": func(t *testing.T, server *telegramtest.Server, change func(*telegram.Config)) *telegram.Adapter {
			a, _ := newHook(t, server, change)
			return a
		},
	} {
		t.Run(mode, func(t *testing.T) {
			adaptertest.Run(t, adaptertest.Harness{
				New: func(t *testing.T) adaptertest.Stage {
					server := newServer(t, telegramtest.Options{WebhookRetry: 20 * time.Millisecond})
					files := adaptertest.Files{}
					a := adapter(t, server, func(c *telegram.Config) { c.Files = files })
					return adaptertest.Stage{Adapter: a, Platform: &platform{server: server}, Files: files}
				},
				Features: adaptertest.Features{Edits: true, Keeps: true, Redelivers: true, Files: true},
			})
		})
	}
}

// platform is a simulated Telegram as the suite sees it. Each thread is the chat of a person of its own.
type platform struct {
	server *telegramtest.Server
	people atomic.Int64
}

func (p *platform) Begin() (bridge.ThreadRef, error) {
	id := 8000 + p.people.Add(1)
	p.server.AddUser(telegramtest.User{ID: id, FirstName: "Person", LastName: strconv.FormatInt(id, 10)})
	_, err := p.server.Begin(id, "")
	return bridge.ThreadRef(strconv.FormatInt(id, 10)), err
}

func chatOf(t bridge.ThreadRef) int64 {
	id, _ := strconv.ParseInt(string(t), 10, 64)
	return id
}

func spot(m bridge.MessageRef) (chat, id int64) {
	fields := strings.Split(string(m), "/")
	chat, _ = strconv.ParseInt(fields[0], 10, 64)
	id, _ = strconv.ParseInt(fields[1], 10, 64)
	return chat, id
}

func ref(chat, id int64) bridge.MessageRef {
	return bridge.MessageRef(fmt.Sprintf("%d/%d", chat, id))
}

func (p *platform) Say(t bridge.ThreadRef, text string) (bridge.MessageRef, error) {
	chat := chatOf(t)
	id, err := p.server.Say(chat, chat, text)
	return ref(chat, id), err
}

func (p *platform) Upload(t bridge.ThreadRef, name string, data []byte, caption string) (bridge.MessageRef, error) {
	chat := chatOf(t)
	id, err := p.server.Post(chat, chat, telegramtest.Draft{Text: caption, Attach: telegramtest.Document(name, "text/plain", data)})
	return ref(chat, id), err
}

func (p *platform) Edit(m bridge.MessageRef, text string) error {
	chat, id := spot(m)
	return p.server.Edit(chat, chat, id, text)
}

func (p *platform) Delete(m bridge.MessageRef) error {
	chat, id := spot(m)
	return p.server.Delete(chat, chat, id)
}

func (p *platform) Withdraw(bridge.FileRef) error       { return fmt.Errorf("not on Telegram") }
func (p *platform) DeleteThread(bridge.ThreadRef) error { return fmt.Errorf("not on Telegram") }
func (p *platform) Outside() int                        { return 0 }

func (p *platform) Thread(t bridge.ThreadRef) []adaptertest.Seen {
	var list []adaptertest.Seen
	for _, m := range p.server.Chat(chatOf(t)) {
		if m.Text == "/start" || m.Text == greeting {
			continue
		}
		seen := adaptertest.Seen{Author: "the bot", Text: m.Text}
		if m.File != nil {
			seen.Files = []string{m.File.Name}
		}
		list = append(list, seen)
	}
	return list
}

func (p *platform) Unacknowledged() int {
	n := 0
	p.server.Look(func(s telegramtest.State) { n = s.Pending() })
	return n
}

func (p *platform) Disturb(f adaptertest.Fault) {
	fault := telegramtest.Fault{Method: "sendMessage", Times: 1}
	switch f {
	case adaptertest.Limited:
		fault.Status, fault.RetryAfter = http.StatusTooManyRequests, 2*time.Second
	case adaptertest.Broken:
		fault.Status = http.StatusInternalServerError
	case adaptertest.AnswerLost:
		fault.Status, fault.Act = http.StatusBadGateway, true
	case adaptertest.TokenTaken:
		fault.Status, fault.Error = http.StatusUnauthorized, "Unauthorized"
	case adaptertest.NotAccepted:
		fault.Status, fault.Error = http.StatusBadRequest, "Bad Request: message is too long"
	default:
		panic(fmt.Sprintf("unknown fault %q", f))
	}
	p.server.Fail(fault)
}
