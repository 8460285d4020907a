package telegramtest_test

import (
	"slices"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

func TestBlockingAndDeletedAccounts(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	if err := s.Block(vera, true); err != nil {
		t.Fatal(err)
	}
	refused(t, bot, 403, "Forbidden: bot was blocked by the user", "sendMessage", "chat_id", vera, "text", "x")
	s.Look(func(v telegramtest.State) {
		if !v.Blocked(vera) || v.Blocked(willi) {
			t.Error("the wrong person has blocked the bot")
		}
	})
	if _, err := s.Say(vera, vera, "x"); err == nil {
		t.Fatal("a person wrote to a bot that they had blocked")
	}
	if err := s.Block(vera, false); err != nil {
		t.Fatal(err)
	}
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "x")
	got := updates(t, bot, 0)
	if len(got) != 3 || got[1].Member.NewChatMember.Status != "kicked" || got[2].Member.NewChatMember.Status != "member" {
		t.Fatalf("got %+v", got)
	}
	if err := s.Deactivate(vera); err != nil {
		t.Fatal(err)
	}
	refused(t, bot, 403, "Forbidden: user is deactivated", "sendMessage", "chat_id", vera, "text", "x")
	refused(t, bot, 403, "Forbidden: bot can't send messages to bots", "sendMessage", "chat_id", other, "text", "x")
}

func TestButtons(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	m := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "choose", "reply_markup", keyboard("Go", "go:1"))
	query := must(s.Press(vera, vera, int64(m.MessageID), "Go"))(t)
	got := updates(t, bot, 0)[1].Callback
	if got == nil || got.ID != query || got.Data != "go:1" || got.From.ID != vera || got.Message.MessageID != m.MessageID {
		t.Fatalf("got %+v", got)
	}
	do[bool](t, bot, "answerCallbackQuery", "callback_query_id", query, "text", "done")
	s.Look(func(v telegramtest.State) {
		if a, ok := v.Answered(query); !ok || a.Text != "done" {
			t.Errorf("the person sees %+v, %v", a, ok)
		}
	})
	const old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	refused(t, bot, 400, old, "answerCallbackQuery", "callback_query_id", query)
	query = must(s.Press(vera, vera, int64(m.MessageID), "go:1"))(t)
	s.Advance(16 * time.Minute)
	refused(t, bot, 400, old, "answerCallbackQuery", "callback_query_id", query)
	do[tgbotapi.Message](t, bot, "editMessageReplyMarkup", "chat_id", vera, "message_id", m.MessageID)
	if _, err := s.Press(vera, vera, int64(m.MessageID), "Go"); err == nil {
		t.Fatal("a button that is gone was pressed")
	}
	if seen := s.Chat(vera)[1]; !seen.Edited.IsZero() {
		t.Fatal("new buttons alone look like an edit")
	}
}

func TestDeletingIsPossibleForTwoDays(t *testing.T) {
	s, bot := start(t, nil)
	theirs := must(s.Say(vera, vera, "hi"))(t)
	ours := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "x").MessageID
	s.Advance(47 * time.Hour)
	fresh := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "y").MessageID
	do[bool](t, bot, "deleteMessage", "chat_id", vera, "message_id", theirs)
	s.Advance(time.Hour)
	const late = "Bad Request: message can't be deleted for everyone"
	refused(t, bot, 400, late, "deleteMessage", "chat_id", vera, "message_id", ours)
	refused(t, bot, 400, late, "deleteMessages", "chat_id", vera, "message_ids", []int{fresh, ours})
	do[bool](t, bot, "deleteMessages", "chat_id", vera, "message_ids", []int{fresh, 9999})
	if seen := s.Chat(vera); len(seen) != 1 || seen[0].ID != int64(ours) {
		t.Fatalf("the person sees %+v", seen)
	}
	do[tgbotapi.Message](t, bot, "editMessageText", "chat_id", vera, "message_id", ours, "text", "still edited")
}

func TestPeoplesDeletionsAreNotTold(t *testing.T) {
	s, bot := start(t, nil)
	id := must(s.Say(vera, vera, "hi"))(t)
	if err := s.Delete(vera, vera, id); err != nil {
		t.Fatal(err)
	}
	if got := updates(t, bot, 0); len(got) != 1 || len(s.Chat(vera)) != 0 {
		t.Fatalf("got %+v, the person sees %+v", got, s.Chat(vera))
	}
}

func TestGroups(t *testing.T) {
	s, bot := start(t, nil)
	for _, text := range []string{"chatter", "/help", "hello @skein_bot"} {
		must(s.Say(vera, group, text))(t)
		must(s.Say(other, hall, text))(t)
	}
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"/help", "/help", "hello @skein_bot", "hello @skein_bot"}) {
		t.Fatalf("with privacy mode the bot sees %q", got)
	}
	if err := s.Upgrade(group, -100_777); err != nil {
		t.Fatal(err)
	}
	e := refused(t, bot, 400, "Bad Request: group chat was upgraded to a supergroup chat", "sendMessage", "chat_id", group, "text", "x")
	if e.MigrateToChatID != -100_777 {
		t.Fatalf("migrated to %d", e.MigrateToChatID)
	}
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", -100_777, "text", "x")
	if err := s.Kick(vera, hall, true); err != nil {
		t.Fatal(err)
	}
	refused(t, bot, 403, "Forbidden: bot was kicked from the supergroup chat", "sendMessage", "chat_id", hall, "text", "x")
}

func TestReactions(t *testing.T) {
	s, bot := start(t, nil)
	do[[]update](t, bot, "getUpdates", "allowed_updates", []string{"message", "message_reaction"})
	id := must(s.Say(vera, vera, "hi"))(t)
	do[bool](t, bot, "setMessageReaction", "chat_id", vera, "message_id", id, "reaction", []map[string]any{{"type": "emoji", "emoji": "👀"}})
	refused(t, bot, 400, "Bad Request: REACTION_INVALID", "setMessageReaction", "chat_id", vera, "message_id", id, "reaction", []map[string]any{{"type": "emoji", "emoji": "🧦"}})
	if seen := s.Chat(vera)[0]; len(seen.Reactions) != 1 || seen.Reactions[0] != (telegramtest.Reaction{User: s.Bot().ID, Emoji: "👀"}) {
		t.Fatalf("the person sees %+v", seen.Reactions)
	}
	there := must(s.Say(vera, hall, "hi"))(t)
	if err := s.React(vera, vera, id, "👍"); err != nil {
		t.Fatal(err)
	}
	if err := s.React(vera, hall, there, "👍"); err != nil {
		t.Fatal(err)
	}
	got := updates(t, bot, 0)
	if len(got) != 3 || got[2].Reaction == nil {
		t.Fatalf("a bot is told of reactions where it is an administrator: got %+v", got)
	}
}

func TestUnknownKinds(t *testing.T) {
	s, bot := start(t, nil)
	for _, kind := range telegramtest.Kinds() {
		if _, err := s.Unknown(vera, vera, kind); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range updates(t, bot, 0) {
		if u.Message == nil || u.Message.Text != "" {
			t.Errorf("got %+v", u)
		}
	}
}

func TestOtherMethods(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	do[bool](t, bot, "sendChatAction", "chat_id", vera, "action", "typing")
	s.Look(func(v telegramtest.State) {
		if v.Action(vera) != "typing" {
			t.Error("the person sees nobody typing")
		}
	})
	s.Advance(6 * time.Second)
	s.Look(func(v telegramtest.State) {
		if v.Action(vera) != "" {
			t.Error("typing did not end")
		}
	})
	refused(t, bot, 400, "Bad Request: wrong parameter action in request", "sendChatAction", "chat_id", vera, "action", "dancing")
	commands := []tgbotapi.BotCommand{{Command: "help", Description: "Hilfe"}}
	do[bool](t, bot, "setMyCommands", "commands", commands, "language_code", "de", "scope", map[string]any{"type": "all_private_chats"})
	if got := do[[]tgbotapi.BotCommand](t, bot, "getMyCommands", "language_code", "de", "scope", map[string]any{"type": "all_private_chats"}); !slices.Equal(got, commands) {
		t.Fatalf("got %+v", got)
	}
	do[bool](t, bot, "deleteMyCommands", "language_code", "de", "scope", map[string]any{"type": "all_private_chats"})
	refused(t, bot, 400, "Bad Request: BOT_COMMAND_INVALID", "setMyCommands", "commands", []tgbotapi.BotCommand{{Command: "Help", Description: "x"}})
	if got := do[tgbotapi.Chat](t, bot, "getChat", "chat_id", vera); got.FirstName != "Vera" {
		t.Fatalf("got %+v", got)
	}
	do[tgbotapi.Message](t, bot, "sendLocation", "chat_id", vera, "latitude", 1.5, "longitude", 2)
	do[tgbotapi.Message](t, bot, "sendContact", "chat_id", vera, "phone_number", "+1", "first_name", "A")
	copied := do[struct {
		ID int64 `json:"message_id"`
	}](t, bot, "copyMessage", "chat_id", vera, "from_chat_id", vera, "message_id", s.Chat(vera)[0].ID)
	if m := s.Chat(vera)[3]; m.ID != copied.ID || m.Text != "hi" || m.From != s.Bot().ID {
		t.Fatalf("copied %+v", m)
	}
}
