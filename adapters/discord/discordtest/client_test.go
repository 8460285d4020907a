package discordtest_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

const (
	ana   = "1001"
	ben   = "1002"
	other = "1003" // another application's bot
	desk  = "2001"
	forum = "2002"
	tagA  = "3001"
	tagB  = "3002"
)

// spec loads the official description once.
var spec = sync.OnceValues(func() (*discordtest.Spec, error) { return discordtest.LoadSpec(os.Getenv("SKEIN_SPECS")) })

// start runs a guild with two people, a text channel and a forum, and with the official description on. The test fails
// if anything disagrees with it.
func start(t *testing.T, change func(*discordtest.Options)) *discordtest.Server {
	t.Helper()
	return run(t, change, true)
}

// provoke is start for tests that ask what Discord refuses: only the answers must agree.
func provoke(t *testing.T, change func(*discordtest.Options)) *discordtest.Server {
	t.Helper()
	return run(t, change, false)
}

func run(t *testing.T, change func(*discordtest.Options), requests bool) *discordtest.Server {
	t.Helper()
	t.Parallel() // discordgo waits a second whenever it closes
	if os.Getenv("SKEIN_SPECS") == "" {
		t.Fatal("SKEIN_SPECS is not set: it names the folder of the platforms' official API descriptions. Run the tests with `make test`, or set it")
	}
	official, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	o := discordtest.Options{
		Spec: official,
		Users: []discordtest.User{
			{ID: ana, Username: "ana", GlobalName: "Ana Ruiz"},
			{ID: ben, Username: "ben"},
			{ID: other, Username: "other", Bot: true},
		},
		Channels: []discordtest.Channel{
			{ID: desk, Name: "desk"},
			{ID: forum, Name: "posts", Type: discordtest.Forum, Tags: []discordtest.Tag{{ID: tagA, Name: "open"}, {ID: tagB, Name: "closed"}}},
		},
	}
	if change != nil {
		change(&o)
	}
	s := discordtest.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		for _, v := range s.Violations() {
			if v.Answer || requests {
				t.Errorf("against the official description: %s", v)
			}
		}
	})
	return s
}

// rewriter sends discordgo's requests, whose host is fixed, to the simulator.
type rewriter struct {
	base *url.URL
	next http.RoundTripper
}

func (r rewriter) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = r.base.Scheme, r.base.Host, r.base.Host
	return r.next.RoundTrip(req)
}

// client is the real client library, without its own repeats.
func client(t *testing.T, s *discordtest.Server) *discordgo.Session {
	t.Helper()
	dg, err := discordgo.New("Bot " + s.Options().Token)
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	dg.Client = &http.Client{Transport: rewriter{base, transport}}
	dg.ShouldRetryOnRateLimit, dg.MaxRestRetries, dg.LogLevel = false, 0, -1
	dg.SyncEvents, dg.StateEnabled = true, false
	dg.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessages | discordgo.IntentMessageContent |
		discordgo.IntentsGuildMessageReactions | discordgo.IntentsGuildWebhooks | discordgo.IntentsGuildMessageTyping
	return dg
}

// events collects what a session is told.
type events struct {
	dg *discordgo.Session
	ch chan *discordgo.Event
}

// listen opens a session and waits until it knows the guild.
func listen(t *testing.T, dg *discordgo.Session) events {
	t.Helper()
	e := events{dg, make(chan *discordgo.Event, 1000)}
	dg.AddHandler(func(_ *discordgo.Session, ev *discordgo.Event) {
		if ev.Operation == 0 {
			e.ch <- ev
		}
	})
	if err := dg.Open(); err != nil {
		t.Fatal(err)
	}
	dg.ShouldReconnectOnError = false
	t.Cleanup(func() { _ = dg.Close() })
	e.want(t, "GUILD_CREATE")
	return e
}

// want skips to the next event of the kind.
func (e events) want(t *testing.T, kind string) *discordgo.Event {
	t.Helper()
	for {
		select {
		case ev := <-e.ch:
			if ev.Type == kind {
				return ev
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no %s came", kind)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// refused checks the JSON error code of a refusal.
func refused(t *testing.T, err error, code int) {
	t.Helper()
	rest, ok := errors.AsType[*discordgo.RESTError](err)
	if !ok || rest.Message == nil || rest.Message.Code != code {
		t.Fatalf("got %v, want the code %d", err, code)
	}
}

func TestMessagesThroughTheClient(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)

	sent := value[*discordgo.Message](t)(dg.ChannelMessageSendComplex(desk, &discordgo.MessageSend{
		Content: "  Morning, <@" + ana + ">  ",
		Embeds:  []*discordgo.MessageEmbed{{Title: "Vera", Fields: []*discordgo.MessageEmbedField{{Name: "a", Value: "b"}}}},
		Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{
			discordgo.Button{Label: "Take", CustomID: "take", Style: discordgo.PrimaryButton},
		}}},
		AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}},
	}))
	if sent.Content != "Morning, <@"+ana+">" || len(sent.Embeds) != 1 || len(sent.Components) != 1 {
		t.Errorf("sent %+v", sent)
	}
	if ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate); ev.ID != sent.ID || ev.GuildID != s.Options().GuildID {
		t.Errorf("event %+v", ev)
	}
	if got := s.Pings(); len(got) != 0 {
		t.Errorf("pings %+v", got)
	}
	thread := value[*discordgo.Channel](t)(dg.MessageThreadStartComplex(desk, sent.ID, &discordgo.ThreadStart{Name: "Vera", AutoArchiveDuration: 10080}))
	if thread.ID != sent.ID || thread.ParentID != desk {
		t.Errorf("thread %+v", thread)
	}
	_, err := dg.MessageThreadStartComplex(desk, sent.ID, &discordgo.ThreadStart{Name: "Vera", AutoArchiveDuration: 10080})
	refused(t, err, 160004)

	id := value[string](t)(s.Say(ana, thread.ID, "hello"))
	must(t, s.Edit(ana, id, "hello!"))
	if ev := e.want(t, "MESSAGE_UPDATE").Struct.(*discordgo.MessageUpdate); ev.ID != sent.ID || ev.EditedTimestamp != nil {
		t.Errorf("the start of a thread looked like an edit: %+v", ev.Message)
	}
	if ev := e.want(t, "MESSAGE_UPDATE").Struct.(*discordgo.MessageUpdate); ev.Content != "hello!" || ev.EditedTimestamp == nil {
		t.Errorf("edit %+v", ev.Message)
	}
	edited := value[*discordgo.Message](t)(dg.ChannelMessageEdit(desk, sent.ID, "Morning, <@"+ana+">!"))
	if edited.EditedTimestamp == nil {
		t.Errorf("edited %+v", edited)
	}
	if got := s.Pings(); len(got) != 1 || !got[0].Edit || got[0].Users[0] != ana {
		t.Errorf("an edit without allowed mentions pings: %+v", got)
	}
	must(t, s.Delete(ana, id))
	if ev := e.want(t, "MESSAGE_DELETE").Struct.(*discordgo.MessageDelete); ev.ID != id {
		t.Errorf("deletion %+v", ev)
	}
	if got := value[[]*discordgo.Message](t)(dg.ChannelMessages(thread.ID, 10, "", "", "")); len(got) != 1 || got[0].Type != 21 {
		t.Errorf("history %+v", got)
	}
	_, err = dg.ChannelMessageSend(desk, strings.Repeat("é", 2001))
	refused(t, err, 50035)
	must(t, dg.ChannelMessageDelete(desk, sent.ID))
	_, err = dg.ChannelMessage(desk, sent.ID)
	refused(t, err, 10008)
}
