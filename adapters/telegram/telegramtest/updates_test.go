package telegramtest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

func texts(list []update) (out []string) {
	for _, u := range list {
		out = append(out, u.Message.Text)
	}
	return out
}

func sayAll(t *testing.T, s *telegramtest.Server, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := s.Say(vera, vera, text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUpdatesStayUntilTheyAreConfirmed(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "a", "b", "c", "d")
	first := updates(t, bot, 0)
	if got := texts(first); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Fatalf("got %q", got)
	}
	if got := texts(updates(t, bot, 0)); len(got) != 4 {
		t.Fatalf("unconfirmed updates came back as %q", got)
	}
	if got := texts(do[[]update](t, bot, "getUpdates", "offset", first[1].ID, "limit", 2)); !slices.Equal(got, []string{"b", "c"}) {
		t.Fatalf("got %q", got)
	}
	if got := texts(updates(t, bot, -1)); !slices.Equal(got, []string{"d"}) {
		t.Fatalf("the newest is %q", got)
	}
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"d"}) {
		t.Fatalf("a negative offset left %q", got)
	}
	if got := updates(t, bot, first[3].ID+1); len(got) != 0 {
		t.Fatalf("confirmed updates came back: %+v", got)
	}
}

func TestUpdatesAreKeptADay(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "old")
	s.Advance(23 * time.Hour)
	sayAll(t, s, "new")
	s.Advance(2 * time.Hour)
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"new"}) {
		t.Fatalf("got %q", got)
	}
}

func TestUpdateNumbersMayStartAgain(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "a")
	before := updates(t, bot, 0)[0].ID
	updates(t, bot, before+1)
	s.RestartUpdateIDs(5)
	sayAll(t, s, "b")
	if got := updates(t, bot, 0); len(got) != 1 || got[0].ID != 5 {
		t.Fatalf("got %+v", got)
	}
}

func TestAllowedUpdatesStick(t *testing.T) {
	s, bot := start(t, nil)
	do[[]update](t, bot, "getUpdates", "allowed_updates", []string{"edited_message"})
	id := must(s.Say(vera, vera, "a"))(t)
	if err := s.Edit(vera, vera, id, "b"); err != nil {
		t.Fatal(err)
	}
	got := updates(t, bot, 0)
	if len(got) != 1 || got[0].Edited == nil {
		t.Fatalf("got %+v", got)
	}
	do[[]update](t, bot, "getUpdates", "offset", got[0].ID+1, "allowed_updates", []string{})
	sayAll(t, s, "c")
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"c"}) {
		t.Fatalf("got %q", got)
	}
}

// poll calls getUpdates and gives its outcome to the channel.
func poll(bot *tgbotapi.BotAPI, seconds int) <-chan error {
	done := make(chan error, 1)
	go func() {
		resp, err := bot.MakeRequest("getUpdates", params("timeout", seconds))
		if err == nil && string(resp.Result) == "[]" {
			err = errors.New("empty")
		}
		done <- err
	}()
	return done
}

func TestLongPollEndsWithAnUpdate(t *testing.T) {
	s, bot := start(t, nil)
	done := poll(bot, 50)
	await(t, s, telegramtest.State.Polling)
	sayAll(t, s, "now")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestLongPollEndsWithItsTimeout(t *testing.T) {
	_, bot := start(t, nil)
	if err := <-poll(bot, 1); err == nil || err.Error() != "empty" {
		t.Fatalf("got %v", err)
	}
}

func TestTheNewerPollEndsTheOlder(t *testing.T) {
	s, bot := start(t, nil)
	older := poll(bot, 50)
	await(t, s, telegramtest.State.Polling)
	newer := poll(bot, 50)
	err := <-older
	var e *tgbotapi.Error
	if !errors.As(err, &e) || e.Code != 409 || e.Message != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" {
		t.Fatalf("got %v", err)
	}
	sayAll(t, s, "x")
	if err := <-newer; err != nil {
		t.Fatal(err)
	}
}

func TestGoingDownEndsThePollAndKeepsUpdates(t *testing.T) {
	s, bot := start(t, nil)
	done := poll(bot, 50)
	await(t, s, telegramtest.State.Polling)
	s.SetDown(true)
	if err := <-done; err == nil {
		t.Fatal("a server that is down answered")
	}
	sayAll(t, s, "meanwhile")
	if _, err := bot.MakeRequest("getMe", nil); err == nil {
		t.Fatal("a server that is down answered")
	}
	s.SetDown(false)
	if got := texts(updates(t, bot, 0)); !slices.Equal(got, []string{"meanwhile"}) {
		t.Fatalf("got %q", got)
	}
}

func TestTokensAreRevoked(t *testing.T) {
	s, bot := start(t, nil)
	s.SetToken("1000:new")
	refused(t, bot, 401, "Unauthorized", "getMe")
	bot.Token = "nonsense"
	refused(t, bot, 404, "Not Found", "getMe")
}

func TestInjectedUpdatesComeAsTheyAre(t *testing.T) {
	s, bot := start(t, nil)
	id := must(s.Inject(`{"update_id":%ID%,"message":"not a message"}`))(t)
	if _, err := s.Inject(`{`); err == nil {
		t.Fatal("what is no JSON was queued")
	}
	raw := do[[]json.RawMessage](t, bot, "getUpdates")
	var got struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw[0], &got); err != nil || got.ID != id || len(raw) != 1 {
		t.Fatalf("got %s, %v", raw, err)
	}
}
