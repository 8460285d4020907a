package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// TestRefusals lets a platform turn the bot away, or send what no platform should: the endpoint's condition says what to
// do where a person must act, another platform's conversation is not disturbed, and the log holds no text and no token.
func TestRefusals(t *testing.T) {
	const secret = "kanarienvogel"
	onDiscord := func(do func(s *discordtest.Server)) func(f *floor) {
		return func(f *floor) { do(f.rooms[1].(discordRoom).server) }
	}
	onTelegram := func(do func(s *telegramtest.Server)) func(f *floor) {
		return func(f *floor) { do(f.front.(*botFront).server) }
	}
	for _, c := range []struct {
		name     string
		do       func(f *floor)
		endpoint string
		says     string // "": nothing is wrong
	}{
		{"discord token revoked", onDiscord(func(s *discordtest.Server) { s.RevokeToken(true) }), "support-discord", "Make a new one"},
		{"discord intent switched off", onDiscord(func(s *discordtest.Server) { s.SetMessageContent(false) }), "support-discord", "Message Content Intent"},
		{"discord channel deleted", onDiscord(func(s *discordtest.Server) { must(t, s.DeleteChannel(deskPlace)) }), "support-discord", "does not know the channel"},
		{"discord nonsense", onDiscord(func(s *discordtest.Server) {
			for _, data := range []string{`{`, `[]`, `null`, `{"op":0,"t":"MESSAGE_CREATE","s":true}`, `{"op":99,"d":"` + secret + `"}`} {
				s.SendFrame([]byte(data))
			}
			for _, kind := range []string{
				"GUILD_CREATE", "GUILD_UPDATE", "VOICE_STATE_UPDATE", "READY",
				"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "THREAD_DELETE", "SOMETHING_NEW",
			} {
				for _, data := range []any{nil, 7, secret, []any{}, map[string]any{"id": -1, "channel_id": map[string]any{}, "content": []any{secret}}} {
					s.Dispatch(kind, data)
				}
			}
		}), "support-discord", ""},
		{"telegram token revoked", onTelegram(func(s *telegramtest.Server) { s.SetToken("1000:another") }), "shop-telegram", "refuses the bot token"},
		{"telegram nonsense", onTelegram(func(s *telegramtest.Server) {
			for _, text := range []string{
				`{"update_id":%ID%}`, `{"update_id":%ID%,"message":7}`, `{"update_id":%ID%,"something_new":{"text":"` + secret + `"}}`,
				`{"update_id":%ID%,"message":{"message_id":"x","chat":{"id":[]},"text":{"a":"` + secret + `"}}}`,
				`{"update_id":%ID%,"message":{"message_id":901,"date":1,"chat":{"id":7900,"type":"private"},"from":{"id":7900,"is_bot":true,"first_name":"Bot"},"text":"` + secret + `"}}`,
				`{"update_id":%ID%,"message":{"message_id":902,"date":1,"chat":{"id":7901,"type":"private"},"from":{"id":7901,"is_bot":false,"first_name":"Otto"},"text":"` + secret + `","entities":[{"type":"bold","offset":-5,"length":99999},{"type":7}]}}`,
			} {
				_, err := s.Inject(text)
				must(t, err)
			}
		}), "shop-telegram", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", pairing{"telegram", []string{"slack", "discord"}})
			shop := f.addShop("support-slack", f.address)
			daemon := f.start(f.address)
			first := f.talk(t, "Vera")
			first.visitorSaid("Hello " + secret)
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(daemon.stderr)
				}
			})
			c.do(f)
			if c.endpoint == f.front.endpoint() && c.says != "" { // a poll under way goes on; the next call is refused
				first.rooms[0].say(0, first.threads[0], "Hello, "+secret)
			}
			first.within(func() string {
				condition, detail := f.readiness(t, c.endpoint)
				switch {
				case c.says == "" && condition != "running", c.says != "" && !strings.Contains(detail, c.says):
					return c.endpoint + " is " + condition + ": " + detail
				}
				return ""
			})
			beside := &talk{
				floor: &floor{rig: f.rig, address: f.address, front: shop, rooms: f.rooms[:1]}, t: t, name: "Ada",
				visitor: shop.newcomer("Ada"), threads: make([]string, 1), wait: first.wait,
			}
			beside.visitorSaid("And I? " + secret)
			beside.agentSaid(0, "You too, "+secret)
			if c.says == "" {
				first.visitorSaid("All is well " + secret)
				first.agentSaid(1, "It is, "+secret)
			}
			daemon.kill()
			log := daemon.stderr.String()
			for _, word := range []string{secret, "simulated-token", "simulated.discord.token", f.slack.Options().BotToken} {
				if strings.Contains(log, word) {
					t.Errorf("the log holds %q", word)
				}
			}
		})
	}
}

// readiness asks the daemon how one of its endpoints does.
func (f *floor) readiness(t testing.TB, endpoint string) (condition, detail string) {
	t.Helper()
	request, err := http.NewRequestWithContext(f.ctx, http.MethodGet, "http://"+f.address+"/readyz", nil)
	must(t, err)
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer answer.Body.Close()
	var body struct {
		Endpoints map[string]struct{ Condition, Detail string }
	}
	must(t, json.NewDecoder(answer.Body).Decode(&body))
	e := body.Endpoints[endpoint]
	return e.Condition, e.Detail
}
