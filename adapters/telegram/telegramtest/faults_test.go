package telegramtest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault  telegramtest.Fault
		code   int  // of the error; 0: none that the library understands
		posted bool // all the same
	}{
		"flood":                  {telegramtest.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond}, 429, false},
		"500":                    {telegramtest.Fault{Status: 500}, 500, false},
		"502 with a page":        {telegramtest.Fault{Status: 502}, 0, false},
		"502 after having acted": {telegramtest.Fault{Status: 502, Act: true}, 0, true},
		"500 after having acted": {telegramtest.Fault{Status: 500, Act: true}, 500, true},
		"refused":                {telegramtest.Fault{Status: 403, Error: "Forbidden: x"}, 403, false},
		"dropped":                {telegramtest.Fault{Drop: true}, 0, false},
		"silent after acting":    {telegramtest.Fault{Drop: true, Act: true}, 0, true},
		"cut":                    {telegramtest.Fault{Cut: true, Act: true}, 0, true},
		"malformed":              {telegramtest.Fault{Malformed: true}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, bot := start(t, nil)
			sayAll(t, s, "hi")
			test.fault.Method, test.fault.Chat, test.fault.Times = "sendMessage", vera, 1
			f := s.Fail(test.fault)
			_, err := bot.MakeRequest("sendMessage", params("chat_id", vera, "text", "x"))
			var e *tgbotapi.Error
			if errors.As(err, &e) != (test.code != 0) || e != nil && e.Code != test.code || err == nil || f.Hits() != 1 {
				t.Fatalf("got %v after %d hits", err, f.Hits())
			}
			if test.code == 429 && (e.RetryAfter != 2 || e.Message != "Too Many Requests: retry after 2") {
				t.Fatalf("got %+v", e)
			}
			if got := len(s.Chat(vera)) == 2; got != test.posted {
				t.Fatalf("posted: %v", got)
			}
			do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "y") // the fault is spent
		})
	}
}

func TestFaultsChooseTheirCalls(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	must(s.Say(willi, willi, "hi"))(t)
	s.Fail(telegramtest.Fault{Method: "sendMessage", Chat: vera, Status: 500, Match: func(c telegramtest.Call) bool { return c.Params["text"] == "bad" }})
	do[bool](t, bot, "sendChatAction", "chat_id", vera, "action", "typing")
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", willi, "text", "bad")
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "good")
	refused(t, bot, 500, "Internal Server Error", "sendMessage", "chat_id", vera, "text", "bad")
	s.ClearFaults()
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "bad")
}

func TestHangsUntilCleared(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	f := s.Fail(telegramtest.Fault{Method: "sendMessage", Hang: true, Act: true})
	done := make(chan error, 1)
	go func() {
		_, err := bot.MakeRequest("sendMessage", params("chat_id", vera, "text", "x"))
		done <- err
	}()
	if err := f.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if len(s.Chat(vera)) != 2 {
		t.Fatal("not carried out")
	}
	f.Clear()
	if err := <-done; err == nil {
		t.Fatal("a hung call was answered")
	}
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "y")
}

func TestDownloadsFail(t *testing.T) {
	s, bot := start(t, nil)
	must(s.Post(vera, vera, telegramtest.Draft{Attach: telegramtest.Document("a", "", []byte("x"))}))(t)
	f := do[tgbotapi.File](t, bot, "getFile", "file_id", updates(t, bot, 0)[0].Message.Document.FileID)
	s.Fail(telegramtest.Fault{Method: "file", Status: http.StatusBadGateway, Times: 1})
	if status, _ := download(t, s, f.FilePath); status != http.StatusBadGateway {
		t.Fatalf("status %d", status)
	}
	if status, data := download(t, s, f.FilePath); status != 200 || string(data) != "x" {
		t.Fatalf("status %d, %q", status, data)
	}
}

func TestLimits(t *testing.T) {
	s, bot := start(t, func(o *telegramtest.Options) { o.Limits = telegramtest.TelegramLimits() })
	sayAll(t, s, "hi")
	must(s.Say(willi, willi, "hi"))(t)
	to := params("chat_id", vera, "text", "x")
	var err error
	sent := 0
	for ; err == nil; sent++ {
		if sent > 50 { // a slow machine has a message more every second
			t.Fatal("no limit")
		}
		_, err = bot.MakeRequest("sendMessage", to)
	}
	wantRefusal(t, err, "Too Many Requests: retry after 1")
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", willi, "text", "x")
	s.Look(func(v telegramtest.State) {
		if sent < 4 || v.Calls("sendMessage", vera) != sent || v.Limited("sendMessage", vera) != 1 || v.Limited("sendMessage", willi) != 0 {
			t.Errorf("calls %d, limited %d", v.Calls("sendMessage", vera), v.Limited("sendMessage", vera))
		}
	})
	s.Advance(time.Second)
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "x")
}

func TestTotalLimit(t *testing.T) {
	s, bot := start(t, func(o *telegramtest.Options) {
		o.Limits = telegramtest.Limits{Total: telegramtest.Limit{Every: time.Hour, Burst: 1}}
	})
	sayAll(t, s, "hi")
	must(s.Say(willi, willi, "hi"))(t)
	do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", willi, "text", "x")
	_, err := bot.MakeRequest("sendMessage", params("chat_id", vera, "text", "x"))
	var e *tgbotapi.Error
	if !errors.As(err, &e) || e.Code != 429 || e.RetryAfter > 3600 || e.RetryAfter < 3500 { // less what has passed meanwhile
		t.Fatalf("got %+v", err)
	}
	do[bool](t, bot, "sendChatAction", "chat_id", vera, "action", "typing") // not a message
}
