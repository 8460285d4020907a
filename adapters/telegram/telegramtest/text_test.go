package telegramtest_test

import (
	"slices"
	"strings"
	"testing"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

func TestTextLimitsAndEntities(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	entity := func(kind string, offset, length int) []map[string]any {
		return []map[string]any{{"type": kind, "offset": offset, "length": length}}
	}
	for name, test := range map[string]struct {
		pairs []any
		want  string // refusal; empty: accepted
	}{
		"empty":             {[]any{"text", ""}, "message text is empty"},
		"only white space":  {[]any{"text", " \n "}, "message text is empty"},
		"longest":           {[]any{"text", strings.Repeat("👋", 2048)}, ""},
		"too long":          {[]any{"text", strings.Repeat("👋", 2048) + "x"}, "message is too long"},
		"invalid UTF-8":     {[]any{"text", "a\xff"}, "strings must be encoded in UTF-8"},
		"entity fits":       {[]any{"text", "👋", "entities", entity("bold", 0, 2)}, ""},
		"entity beyond":     {[]any{"text", "👋", "entities", entity("bold", 0, 3)}, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 3"},
		"entity in a pair":  {[]any{"text", "👋", "entities", entity("bold", 1, 1)}, "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1"},
		"negative offset":   {[]any{"text", "abc", "entities", entity("bold", -1, 1)}, "can't parse entities: wrong entity offset or length"},
		"unknown entity":    {[]any{"text", "abc", "entities", entity("shiny", 0, 1)}, "can't parse entities: unsupported entity type"},
		"markup":            {[]any{"text", "1 < 2", "parse_mode", "HTML"}, "can't parse entities: can't find end of the entity starting at byte offset 2"},
		"unknown mode":      {[]any{"text", "x", "parse_mode", "BBCode"}, "unsupported parse_mode"},
		"button data":       {[]any{"text", "x", "reply_markup", keyboard("go", strings.Repeat("x", 65))}, "BUTTON_DATA_INVALID"},
		"button says none":  {[]any{"text", "x", "reply_markup", keyboard("", "x")}, "can't parse inline keyboard button: button text must be non-empty"},
		"answers nothing":   {[]any{"text", "x", "reply_parameters", map[string]any{"message_id": 999}}, "message to be replied not found"},
		"answers if it can": {[]any{"text", "x", "reply_parameters", map[string]any{"message_id": 999, "allow_sending_without_reply": true}}, ""},
	} {
		pairs := append([]any{"chat_id", vera}, test.pairs...)
		if test.want == "" {
			do[tgbotapi.Message](t, bot, "sendMessage", pairs...)
			continue
		}
		t.Run(name, func(t *testing.T) { refused(t, bot, 400, "Bad Request: "+test.want, "sendMessage", pairs...) })
	}
	refused(t, bot, 400, "Bad Request: chat not found", "sendMessage", "chat_id", 12345, "text", "x")
}

func keyboard(text, data string) map[string]any {
	return map[string]any{"inline_keyboard": [][]map[string]any{{{"text": text, "callback_data": data}}}}
}

func TestEntitiesAreTrimmedSortedAndFound(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	m := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "\n a\tb \r\nsee https://x.example/a. or mail@x.example ",
		"entities", []map[string]any{
			{"type": "italic", "offset": 4, "length": 2},
			{"type": "bold", "offset": 0, "length": 2},
			{"type": "text_link", "offset": 2, "length": 1, "url": "nonsense one"},
			{"type": "text_link", "offset": 2, "length": 3, "url": "https://y.example"},
		})
	if m.Text != "a b \nsee https://x.example/a. or mail@x.example" {
		t.Fatalf("text %q", m.Text)
	}
	var got []string
	for _, e := range s.Chat(vera)[1].Entities {
		got = append(got, e.Type+" "+e.Of(m.Text))
	}
	if want := []string{"text_link a b", "italic b", "url https://x.example/a", "email mail@x.example"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestNothingIsFoundInCode(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	m := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "see https://x.example/a",
		"entities", []map[string]any{{"type": "code", "offset": 0, "length": 23}})
	if len(m.Entities) != 1 || m.Entities[0].Type != "code" {
		t.Fatalf("got %+v", m.Entities)
	}
}

func TestPeoplesFormattingReachesTheBot(t *testing.T) {
	s, bot := start(t, nil)
	must(s.Post(vera, vera, telegramtest.Draft{Text: "👋 code", Entities: []telegramtest.Entity{{Type: "pre", Offset: 3, Length: 4, Language: "go"}}}))(t)
	e := updates(t, bot, 0)[0].Message.Entities[0]
	if e.Type != "pre" || e.Offset != 3 || e.Length != 4 || e.Language != "go" {
		t.Fatalf("got %+v", e)
	}
}
