package telegramtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

const (
	vera  = 7
	willi = 8
	other = 900 // another bot
	group = -50
	hall  = -100_500
)

// start runs a world with two people, another bot, a group and a supergroup that the bot administers.
// The test fails if anything differs from the description of the API.
func start(t *testing.T, change func(*telegramtest.Options)) (*telegramtest.Server, *tgbotapi.BotAPI) {
	t.Helper()
	spec, err := telegramtest.LoadSpec()
	if err != nil {
		t.Fatal(err)
	}
	opts := telegramtest.Options{
		Users: []telegramtest.User{
			{ID: vera, FirstName: "Vera", LastName: "Nowak", Username: "vera", Language: "de"},
			{ID: willi, FirstName: "Willi"},
			{ID: other, FirstName: "Other", Username: "other_bot", Bot: true},
		},
		Chats: []telegramtest.Chat{
			{ID: group, Type: "group", Title: "Friends", Members: []int64{vera, other}},
			{ID: hall, Type: "supergroup", Title: "Hall", Members: []int64{vera, willi, other}, Admin: true},
		},
		Spec:         spec,
		WebhookRetry: 10 * time.Millisecond,
	}
	if change != nil {
		change(&opts)
	}
	s := telegramtest.New(opts)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	t.Cleanup(func() {
		for _, v := range s.Violations() {
			t.Error("violation:", v)
		}
	})
	return s, client(t, s)
}

// quietTransport keeps no connection, so that none outlives its test.
var quietTransport = &http.Transport{DisableKeepAlives: true}

func client(t *testing.T, s *telegramtest.Server) *tgbotapi.BotAPI {
	t.Helper()
	bot, err := tgbotapi.NewBotAPIWithClient(s.Options().Token, s.URL()+"/bot%s/%s",
		&http.Client{Transport: quietTransport, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return bot
}

// params makes parameters of pairs; what is no string is written as JSON.
func params(pairs ...any) tgbotapi.Params {
	p := tgbotapi.Params{}
	for i := 0; i < len(pairs); i += 2 {
		if text, ok := pairs[i+1].(string); ok {
			p[pairs[i].(string)] = text
			continue
		}
		data, err := json.Marshal(pairs[i+1])
		if err != nil {
			panic(err)
		}
		p[pairs[i].(string)] = string(data)
	}
	return p
}

// do calls a method and decodes its result.
func do[T any](t *testing.T, bot *tgbotapi.BotAPI, method string, pairs ...any) T {
	t.Helper()
	resp, err := bot.MakeRequest(method, params(pairs...))
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	var result T
	if err := json.Unmarshal(resp.Result, &result); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return result
}

// refused calls a method and wants it refused in these words.
func refused(t *testing.T, bot *tgbotapi.BotAPI, code int, text, method string, pairs ...any) *tgbotapi.Error {
	t.Helper()
	_, err := bot.MakeRequest(method, params(pairs...))
	var e *tgbotapi.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != text {
		t.Fatalf("%s: got error %v, want %d %s", method, err, code, text)
	}
	return e
}

type update struct {
	ID       int64             `json:"update_id"`
	Message  *tgbotapi.Message `json:"message"`
	Edited   *tgbotapi.Message `json:"edited_message"`
	Callback *tgbotapi.CallbackQuery
	Member   *tgbotapi.ChatMemberUpdated `json:"my_chat_member"`
	Reaction json.RawMessage             `json:"message_reaction"`
}

func (u *update) UnmarshalJSON(data []byte) error {
	type plain update
	aux := struct {
		*plain
		Query *tgbotapi.CallbackQuery `json:"callback_query"`
	}{plain: (*plain)(u)}
	err := json.Unmarshal(data, &aux)
	u.Callback = aux.Query
	return err
}

// updates fetches what is waiting, confirming everything before offset.
func updates(t *testing.T, bot *tgbotapi.BotAPI, offset int64) []update {
	t.Helper()
	return do[[]update](t, bot, "getUpdates", "offset", offset)
}

// await fails the test unless the condition holds in time.
func await(t *testing.T, s *telegramtest.Server, condition func(telegramtest.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Await(ctx, condition); err != nil {
		t.Fatalf("await: %v", err)
	}
}

// must returns a value or ends the test.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestSayFetchAnswerEditDelete(t *testing.T) {
	s, bot := start(t, nil)
	if bot.Self.ID != 1000 || bot.Self.UserName != "skein_bot" {
		t.Fatalf("getMe: %+v", bot.Self)
	}
	refused(t, bot, 403, "Forbidden: bot can't initiate conversation with a user", "sendMessage", "chat_id", vera, "text", "hi")
	if _, err := s.Begin(vera, "TOKEN-1"); err != nil {
		t.Fatal(err)
	}
	got := updates(t, bot, 0)
	if len(got) != 1 || got[0].Message.Text != "/start TOKEN-1" || got[0].Message.Entities[0].Type != "bot_command" ||
		got[0].Message.From.LanguageCode != "de" || got[0].Message.Chat.Type != "private" {
		t.Fatalf("got %+v", got)
	}
	m := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "  Grüße 👋 bold  ",
		"entities", []map[string]any{{"type": "bold", "offset": 11, "length": 6}},
		"reply_parameters", map[string]any{"message_id": got[0].Message.MessageID, "allow_sending_without_reply": true},
		"link_preview_options", map[string]any{"is_disabled": true})
	if m.Text != "Grüße 👋 bold" || len(m.Entities) != 1 || m.Entities[0].Offset != 9 || m.Entities[0].Length != 4 || m.ReplyToMessage == nil {
		t.Fatalf("sent %+v", m)
	}
	if !s.Chat(vera)[1].NoPreview {
		t.Fatal("the person sees a preview")
	}
	do[tgbotapi.Message](t, bot, "editMessageText", "chat_id", vera, "message_id", m.MessageID, "text", "changed")
	refused(t, bot, 400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
		"editMessageText", "chat_id", vera, "message_id", m.MessageID, "text", "changed")
	seen := s.Chat(vera)
	if len(seen) != 2 || seen[1].NoPreview || seen[1].Text != "changed" || seen[1].Edited.IsZero() || seen[1].ReplyTo != seen[0].ID {
		t.Fatalf("the person sees %+v", seen)
	}
	if !do[bool](t, bot, "deleteMessage", "chat_id", vera, "message_id", m.MessageID) {
		t.Fatal("not deleted")
	}
	refused(t, bot, 400, "Bad Request: message to delete not found", "deleteMessage", "chat_id", vera, "message_id", m.MessageID)
	refused(t, bot, 400, "Bad Request: message to edit not found", "editMessageText", "chat_id", vera, "message_id", m.MessageID, "text", "x")
	refused(t, bot, 400, "Bad Request: message can't be edited", "editMessageText", "chat_id", vera, "message_id", seen[0].ID, "text", "x")
	if seen := s.Chat(vera); len(seen) != 1 {
		t.Fatalf("the person sees %+v", seen)
	}
}

func TestEditReachesTheBotAlsoWithoutChange(t *testing.T) {
	s, bot := start(t, nil)
	id := must(s.Say(vera, vera, "one"))(t)
	if err := errors.Join(s.Edit(vera, vera, id, "two"), s.Touch(vera, vera, id)); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, u := range updates(t, bot, 0) {
		if u.Edited != nil {
			texts = append(texts, u.Edited.Text)
		}
	}
	if !slices.Equal(texts, []string{"two", "two"}) {
		t.Fatalf("got edits %q", texts)
	}
}
