package telegram_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// said lists what the bot has said to Vera.
func said(server *telegramtest.Server) []string {
	var list []string
	for _, m := range server.Chat(vera) {
		if m.From == server.Bot().ID {
			list = append(list, m.Text)
		}
	}
	return list
}

func TestStart(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	if _, err := server.Begin(vera, ""); err != nil {
		t.Fatal(err)
	}
	await(t, server, "the greeting", func(telegramtest.State) bool { return true })
	if _, err := server.Begin(vera, "AbC123"); err != nil {
		t.Fatal(err)
	}
	in := sink.AwaitInbounds(t, 1)[0]
	if in.Kind != bridge.InJoined || in.Join != "AbC123" || in.Thread != "7001" || in.From.Name != "Vera Moreau" {
		t.Errorf("a visitor with a link arrived as %+v", in)
	}
	await(t, server, "the greeting", func(s telegramtest.State) bool {
		return slices.ContainsFunc(s.Chat(vera), func(m telegramtest.Message) bool { return m.Text == greeting })
	})
}

// Visitors may ask any instance for a link, also one that never receives.
func TestLinksNeedNobodyToReceive(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	a := newAdapter(t, server, nil)
	server.Fail(telegramtest.Fault{Method: "getMe", Status: 502, Times: 1})
	if link, err := a.DeepLink(t.Context(), "abc"); err == nil || strings.Contains(err.Error(), server.Options().Token) {
		t.Errorf("while Telegram does not say who we are: %q, %v", link, err)
	}
	for range 2 {
		if link, err := a.DeepLink(t.Context(), "abc"); err != nil || link != "https://t.me/"+server.Options().BotUsername+"?start=abc" {
			t.Errorf("the link is %q, %v", link, err)
		}
	}
	if _, err := a.DeepLink(t.Context(), "a b"); err == nil {
		t.Error("a token that no link can carry makes one")
	}
}

func TestKindsThatCannotBeRead(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	n := 0
	for _, kind := range telegramtest.Kinds() {
		if _, err := server.Unknown(vera, vera, kind); err != nil {
			t.Fatal(err)
		}
		n++
	}
	for i, in := range sink.AwaitInbounds(t, n) {
		if rich.IsEmpty(in.Body) && len(in.Files) == 0 {
			t.Errorf("%s arrived as %+v", telegramtest.Kinds()[i], in)
		}
	}
	await(t, server, "a polite note", func(s telegramtest.State) bool { return s.Calls("sendMessage", vera) > 0 })
	post(t, server, telegramtest.Draft{Text: "after"})
	sink.AwaitInbounds(t, n+1)
	if notes := said(server); len(notes) != 1 || !strings.Contains(notes[0], "cannot see this kind") {
		t.Errorf("the visitor was told %q, want it once", notes)
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	film := telegramtest.Document("film.mov", "video/quicktime", []byte("film"))
	film.Size = 30 << 20
	post(t, server, telegramtest.Draft{Text: "my film", Attach: film})
	in := sink.AwaitInbounds(t, 1)[0]
	if words := rich.Plain(in.Body); len(in.Files) != 0 || !strings.Contains(words, "my film") || !strings.Contains(words, "film.mov, 30 MB") {
		t.Errorf("the film arrived as %+v", in)
	}
	await(t, server, "a polite note", func(s telegramtest.State) bool { return s.Calls("sendMessage", vera) > 0 })
	if notes := said(server); len(notes) != 1 || !strings.Contains(notes[0], "20 MB") {
		t.Errorf("the visitor was told %q", notes)
	}
}

func TestBlocking(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	post(t, server, telegramtest.Draft{Text: "hello"})
	sink.AwaitInbounds(t, 1)
	for i, blocked := range []bool{true, false} {
		if err := server.Block(vera, blocked); err != nil {
			t.Fatal(err)
		}
		in := sink.AwaitInbounds(t, 2+i)[1+i]
		if in.Kind != bridge.InNoticed || in.Thread != "7001" || strings.Contains(rich.Plain(in.Body), "unblocked") == blocked {
			t.Errorf("blocked %v arrived as %+v", blocked, in)
		}
		_, err := a.Send(t.Context(), render(t, a, "are you there?")[0])
		if f := bridge.AsFailure(err); blocked != (err != nil) || blocked && (f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "blocked the bot")) {
			t.Errorf("blocked %v: sending gives %v", blocked, err)
		}
	}
}

func TestGroupsAreToldOnce(t *testing.T) {
	const group = -500
	server := newServer(t, telegramtest.Options{Chats: []telegramtest.Chat{{ID: group, Type: "group", Title: "Friends", Members: []int64{vera}, NoBot: true}}})
	sink := adaptertest.NewSink()
	run(t, newAdapter(t, server, nil), sink)
	if err := server.Kick(vera, group, false); err != nil {
		t.Fatal(err)
	}
	await(t, server, "the answer", func(s telegramtest.State) bool { return s.Calls("sendMessage", group) == 1 })
	for range 3 {
		if _, err := server.Say(vera, group, "/start@"+server.Options().BotUsername); err != nil {
			t.Fatal(err)
		}
	}
	post(t, server, telegramtest.Draft{Text: "in private"})
	if got := texts(sink.AwaitInbounds(t, 1)); !slices.Equal(got, []string{"in private"}) {
		t.Errorf("came %q", got)
	}
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
	if n := len(server.Calls("sendMessage", group)); n != 1 {
		t.Errorf("the group was answered %d times", n)
	}
}

func TestWhatTheDeskRefusesIsTold(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
		if rich.Plain(in.Body) == "bad" {
			return &bridge.Problem{Code: "bad", Public: "Please be kind."}
		}
		return nil
	}
	run(t, newAdapter(t, server, nil), sink)
	post(t, server, telegramtest.Draft{Text: "bad"})
	post(t, server, telegramtest.Draft{Text: "good"})
	sink.AwaitInbounds(t, 1)
	await(t, server, "the sentence", func(s telegramtest.State) bool { return s.Calls("sendMessage", vera) == 1 && s.Pending() == 0 })
	if got := said(server); !slices.Equal(got, []string{"Please be kind."}) {
		t.Errorf("the visitor was told %q", got)
	}
}

// An update on which the program panics is dropped after some attempts; what follows arrives.
func TestAPanicStopsNothing(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	sink.OnReceive = func(_ context.Context, in bridge.Inbound) error {
		if rich.Plain(in.Body) == "boom" {
			panic(errors.New("boom"))
		}
		return nil
	}
	run(t, newAdapter(t, server, nil), sink)
	post(t, server, telegramtest.Draft{Text: "boom"})
	post(t, server, telegramtest.Draft{Text: "after"})
	sink.AwaitInbounds(t, 1)
	await(t, server, "the confirmation", func(s telegramtest.State) bool { return s.Pending() == 0 })
}

func TestTyping(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	a := newAdapter(t, server, nil)
	post(t, server, telegramtest.Draft{Text: "hello"})
	for range 3 {
		a.ShowTyping(t.Context(), "7001")
	}
	server.Look(func(s telegramtest.State) {
		if s.Action(vera) != "typing" || s.Calls("sendChatAction", vera) != 1 {
			t.Errorf("Vera sees %q after %d calls, want one", s.Action(vera), s.Calls("sendChatAction", vera))
		}
	})
}
