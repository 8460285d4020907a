package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// spoken is what a visitor said, as parts with keys.
func spoken(t *testing.T, a *slack.Adapter, thread bridge.ThreadRef, seq int64, text string, files ...bridge.File) []bridge.Part {
	t.Helper()
	parts, err := a.Render(bridge.Delivery{Thread: thread, Conversation: bridge.Conversation{ID: 12}, Entry: bridge.Entry{
		Conversation: 12, Seq: seq, Kind: bridge.Said, By: bridge.Speaker{Kind: bridge.ByVisitor, Name: "Maria", Avatar: "https://example.com/m.png"},
		Body: rich.Of(text), Files: files,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		parts[i].Key = bridge.NewDeliveryKey(12, seq, i, a.Name())
		parts[i].After = time.Now()
	}
	return parts
}

func verdictOf(t *testing.T, err error) bridge.Failure {
	t.Helper()
	f, ok := errors.AsType[*bridge.Failure](err)
	if !ok {
		t.Fatalf("no Failure: %v", err)
	}
	return *f
}

func TestPostShowsTheVisitor(t *testing.T) {
	params := make(chan map[string]string, 8)
	server := newServer(t, slacktest.Options{OnCall: func(c slacktest.Call) {
		if c.Method == "chat.postMessage" {
			params <- c.Params
		}
	}})
	a := newAdapter(t, server, nil)
	ref, _ := openThread(t, a)
	<-params
	p := spoken(t, a, ref, 1, "hello <!channel> @here https://example.com")[0]
	if _, err := a.Send(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got := <-params
	for name, want := range map[string]string{
		"username": "Maria · visitor", "icon_url": "https://example.com/m.png", "parse": "none",
		"unfurl_links": "false", "unfurl_media": "false",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if strings.Contains(got["text"], "<!channel>") || got["link_names"] == "true" || got["link_names"] == "1" {
		t.Errorf("the visitor can call everybody: %q, link_names %q", got["text"], got["link_names"])
	}
	var meta struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	}
	if err := json.Unmarshal([]byte(got["metadata"]), &meta); err != nil || meta.Type != "skein_part" || len(meta.Payload) != 1 || meta.Payload["key"] != string(p.Key) {
		t.Errorf("the metadata is %s, %v", got["metadata"], err)
	}
}

func TestStrayIsTakenBack(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	ref, root := openThread(t, a)
	if err := server.DeleteMessage(desk, root); err != nil {
		t.Fatal(err)
	}
	_, err := a.Send(t.Context(), spoken(t, a, ref, 1, "anybody there?")[0])
	if f := verdictOf(t, err); f.Verdict != bridge.Reopen || f.Public == "" {
		t.Errorf("the verdict is %+v", f)
	}
	if list := server.Channel(desk); len(list) != 0 {
		t.Errorf("%d messages are left in the channel", len(list))
	}
}

func TestCardIsUpdated(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	ref, root := openThread(t, a)
	parts, err := a.Render(bridge.Delivery{
		Thread: ref, Landed: []bridge.Landed{{Message: bridge.MessageRef(ref)}},
		Conversation: bridge.Conversation{ID: 12, Endpoint: "website", State: bridge.StateAssigned, OwnerName: "Ana"},
		Card:         &bridge.Card{},
	})
	if err != nil || len(parts) != 1 || parts[0].Urgency != bridge.UrgencyCard {
		t.Fatalf("rendered %+v, %v", parts, err)
	}
	if _, err := a.Send(t.Context(), parts[0]); err != nil {
		t.Fatal(err)
	}
	card := server.Thread(desk, root)[0]
	if !strings.Contains(string(card.Blocks), "Ana") || !strings.Contains(card.Text, "Assigned") || len(card.Metadata) == 0 {
		t.Errorf("the card is %+v", card)
	}
	if err := server.DeleteMessage(desk, root); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), parts[0]); err != nil {
		t.Errorf("a card that is gone holds its lane up: %v", err)
	}
}

func TestSendOutcomes(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	hasty := newAdapter(t, server, func(c *slack.Config) { c.Timeout = time.Second })
	ref, _ := openThread(t, a)
	for name, c := range map[string]struct {
		fault slacktest.Fault
		want  bridge.Verdict
	}{
		"limited":        {slacktest.Fault{Status: 429, RetryAfter: 3 * time.Second}, bridge.Wait},
		"limited, HTML":  {slacktest.Fault{Status: 429, RetryAfter: 3 * time.Second, HTML: true}, bridge.Wait},
		"502":            {slacktest.Fault{Status: 502}, bridge.Unsure},
		"502 after all":  {slacktest.Fault{Status: 502, Act: true}, bridge.Unsure},
		"dropped":        {slacktest.Fault{Drop: true}, bridge.Unsure},
		"no answer":      {slacktest.Fault{Hang: true}, bridge.Unsure},
		"half an answer": {slacktest.Fault{Malformed: true}, bridge.Unsure},
		"archived":       {slacktest.Fault{Error: "is_archived"}, bridge.Wait},
		"too long":       {slacktest.Fault{Error: "msg_too_long"}, bridge.GiveUp},
	} {
		c.fault.Method, c.fault.Times = "chat.postMessage", 1
		standing := server.Fail(c.fault)
		sender := a
		if c.fault.Hang { // only there it is the time that decides
			sender = hasty
		}
		_, err := sender.Send(t.Context(), spoken(t, a, ref, 1, "a word")[0])
		if f := verdictOf(t, err); f.Verdict != c.want || c.want == bridge.Wait && f.After <= 0 {
			t.Errorf("%s: %+v, want %s", name, f, c.want)
		}
		if strings.Contains(err.Error(), "a word") || strings.Contains(err.Error(), server.Options().BotToken) {
			t.Errorf("%s: the error says too much: %v", name, err)
		}
		standing.Clear()
	}
	server.Close()
	stranger := newAdapter(t, server, nil) // without a connection that might have carried it
	_, err := stranger.Send(t.Context(), spoken(t, a, ref, 2, "a word")[0])
	if f := verdictOf(t, err); f.Verdict != bridge.Retry {
		t.Errorf("nobody listens: %+v, want retry", f)
	}
}

func TestAnswerWithoutTimestampIsUnsure(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":false,"error":""}`)
	}))
	defer web.Close()
	a, err := slack.New(slack.Config{Name: "s", BotToken: "x", AppToken: "x", Channel: desk, APIURL: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	const thread, message = bridge.ThreadRef(desk + "/1700000000.000100"), bridge.MessageRef(desk + "/1700000001.000100")
	edit := spoken(t, a, thread, 2, "x")[0]
	edit.Op, edit.Message = bridge.Edit, message
	for _, p := range []bridge.Part{spoken(t, a, thread, 1, "x")[0], edit} {
		if _, err := a.Send(t.Context(), p); verdictOf(t, err).Verdict != bridge.Unsure {
			t.Errorf("%s: %v", p.Op, err)
		}
	}
	if _, _, err := a.Find(t.Context(), spoken(t, a, thread, 1, "x")[0]); err == nil {
		t.Error("Find says something though Slack did not")
	}
}

func TestFindPages(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	ref, root := openThread(t, a)
	for range 250 { // more than a page, before the one that is looked for
		say(t, server, root, "chatter")
	}
	part := spoken(t, a, ref, 1, "the one")[0]
	server.Fail(slacktest.Fault{Method: "chat.postMessage", Times: 1, Act: true, Status: 502})
	if _, err := a.Send(t.Context(), part); verdictOf(t, err).Verdict != bridge.Unsure {
		t.Fatal(err)
	}
	sent, found, err := a.Find(t.Context(), part)
	if err != nil || !found {
		t.Fatalf("Find = %v, %v", found, err)
	}
	_, ts := place(string(sent.Message))
	server.Look(func(v slacktest.State) {
		if m, _ := v.Message(ts); m.Text != "the one" {
			t.Errorf("found %q", m.Text)
		}
	})
	server.Fail(slacktest.Fault{Method: "conversations.replies", Status: 429, RetryAfter: 9 * time.Second})
	if _, _, err := a.Find(t.Context(), part); verdictOf(t, err).After != 9*time.Second {
		t.Errorf("a limited Find: %v", err)
	}
}

func TestDialErrorIsRetry(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	a, err := slack.New(slack.Config{Name: "s", BotToken: "x", AppToken: "x", Channel: desk, APIURL: "http://" + address + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	sink := adaptertest.NewSink()
	if err := a.Run(t.Context(), sink); err == nil || verdictOf(t, err).Verdict != bridge.Retry {
		t.Errorf("Run = %v", err)
	}
	if c := last(sink.Heard()); c.State != bridge.Impaired || c.Public == "" {
		t.Errorf("the condition is %+v", c)
	}
	if err := a.Run(canceled(t), sink); err != nil {
		t.Errorf("Run after its context has ended: %v", err)
	}
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// A command that makes no sense is answered to the agent alone, and not offered again.
func TestProblemsAreToldToTheirAuthor(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
		if rich.Plain(in.Body) == "!nonsense" {
			return &bridge.Problem{Code: "unknown_command", Public: "That is not a command."}
		}
		return nil
	}
	run(t, server, a, sink)
	_, root := openThread(t, a)
	say(t, server, root, "!nonsense")
	awaitServer(t, server, "the answer", func(v slacktest.State) bool { return len(v.Ephemerals()) == 1 })
	server.Look(func(v slacktest.State) {
		if e := v.Ephemerals()[0]; e.User != ana || e.ThreadTS != root || e.Text != "That is not a command." {
			t.Errorf("told %+v", e)
		}
	})
	say(t, server, root, "sense")
	if in := sink.AwaitInbounds(t, 1)[0]; rich.Plain(in.Body) != "sense" {
		t.Errorf("received %q", rich.Plain(in.Body))
	}
}
