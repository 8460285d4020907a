package discordtest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// FuzzBodies: whatever a client sends, it is answered, and never by the simulator's own failure.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{"content":"x","nonce":7,"enforce_nonce":true}`, `{"embeds":[{"title":null,"fields":[{}]}],"flags":32768}`,
		`{"components":[{"type":1,"components":[{"type":2,"style":1,"custom_id":"a","label":"x"}]}]}`,
		`{"components":[{"type":9,"accessory":{},"components":[null]}],"flags":32768}`, `{"attachments":[{"id":[]}]}`,
		`{"allowed_mentions":{"parse":null,"users":[]},"message_reference":{"message_id":"1"}}`, `[{"name":"x","options":[{"options":[]}]}]`,
		`{"name":"x","applied_tags":null,"message":{"content":"x"}}`, `{"archived":true,"available_tags":[{"name":1}]}`, `null`, `[]`, `"x"`,
	} {
		f.Add(seed)
	}
	s := discordtest.New(discordtest.Options{
		BaseURL: "http://discord.test", BotPermissions: discordtest.Administrator, MaxActiveThreads: 10,
		Channels: []discordtest.Channel{{ID: desk, Name: "desk"}, {ID: forum, Name: "posts", Type: discordtest.Forum}},
	})
	f.Cleanup(s.Close)
	o := s.Options()
	m, err := s.Say(o.BotUserID, desk, "x")
	if err != nil {
		f.Fatal(err)
	}
	hook := s.AddWebhook(discordtest.Webhook{Name: "h", Channel: desk})
	f.Fuzz(func(t *testing.T, body string) {
		for _, route := range [][2]string{
			{"POST", "/channels/" + desk + "/messages"},
			{"PATCH", "/channels/" + desk + "/messages/" + m},
			{"POST", "/channels/" + forum + "/threads"},
			{"PATCH", "/channels/" + forum},
			{"POST", "/webhooks/" + hook.ID + "/" + hook.Token + "?wait=true"},
			{"PUT", "/applications/" + o.ApplicationID + "/guilds/" + o.GuildID + "/commands"},
		} {
			req := httptest.NewRequest(route[0], "/api/v10"+route[1], strings.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bot "+o.Token)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)
			if w.Code >= 500 || w.Code == 0 {
				t.Errorf("%s %s: %d %s", route[0], route[1], w.Code, w.Body)
			}
		}
	})
}
