package discordtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// TestEveryOperation succeeds with each operation once, in both versions of the API: start checks what is asked and
// answered against the official description.
func TestEveryOperation(t *testing.T) {
	for _, version := range []string{"v9", "v10"} {
		t.Run(version, func(t *testing.T) {
			s := start(t, func(o *discordtest.Options) { o.BotPermissions = discordtest.Administrator })
			for _, step := range everyOperation(t, s) {
				req := request(t, s, step.method, step.path, "application/json", step.reader())
				req.URL.Path = strings.Replace(req.URL.Path, "/api/v9/", "/api/"+version+"/", 1)
				r, err := do(t, req)
				must(t, err)
				if r.status/100 != 2 {
					t.Errorf("%s %s: %d %s", step.method, step.path, r.status, r.body)
				}
			}
			for _, name := range discordtest.Operations() {
				good := false
				for _, c := range s.Calls(name, "") {
					good = good || c.Status/100 == 2
				}
				if !good {
					t.Errorf("%s did not succeed", name)
				}
			}
		})
	}
}

type step struct{ method, path, body string }

func (s step) reader() *strings.Reader {
	if s.body == "" {
		return strings.NewReader("")
	}
	return strings.NewReader(s.body)
}

// everyOperation prepares a guild and lists one good call of each operation.
func everyOperation(t *testing.T, s *discordtest.Server) []step {
	o := s.Options()
	guild, app := "/guilds/"+o.GuildID, "/applications/"+o.ApplicationID+"/guilds/"+o.GuildID+"/commands"
	th := thread(t, s)
	messages := "/channels/" + desk + "/messages/"
	m, gone := say(t, s, desk, "<@"+ana+"> <@&"+o.GuildID+"> @everyone"), say(t, s, desk, "gone")
	b1, b2 := say(t, s, desk, "1"), say(t, s, desk, "2")
	noThread := value[string](t)(s.Say(ana, desk, "no thread yet"))
	must(t, s.React(ana, m, "👀"))
	old := thread(t, s)
	must(t, s.ArchiveThread(old, true))
	hook, hook2, hook3 := s.AddWebhook(discordtest.Webhook{Name: "one", Channel: desk}),
		s.AddWebhook(discordtest.Webhook{Name: "two", Channel: desk}), s.AddWebhook(discordtest.Webhook{Name: "three", Channel: desk})
	hooked := call(t, s, "POST", "/webhooks/"+hook.ID+"/"+hook.Token+"?wait=true", object{"content": "x", "username": "Vera"}).id(t)
	call(t, s, "PUT", app, []object{{"name": "take", "description": "Take it"}})
	i := value[*discordtest.Interaction](t)(s.Command(ana, desk, "take", nil))
	call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback?with_response=true", object{"type": 4, "data": object{"content": "yes"}}).want(t, 200, 0)
	j := value[*discordtest.Interaction](t)(s.Command(ana, desk, "take", nil))
	hookPath, answer := "/webhooks/"+hook.ID+"/"+hook.Token, "/webhooks/"+o.ApplicationID+"/"+i.Token
	members, reaction := "/channels/"+th+"/thread-members", messages+m+"/reactions/👍"
	return []step{
		{"GET", "/gateway", ""},
		{"GET", "/gateway/bot", ""},
		{"GET", "/users/@me", ""},
		{"GET", "/users/" + ana, ""},
		{"GET", "/applications/@me", ""},
		{"GET", "/oauth2/applications/@me", ""},
		{"GET", guild, ""},
		{"GET", guild + "/channels", ""},
		{"GET", guild + "/roles", ""},
		{"GET", guild + "/members/" + o.BotUserID, ""},
		{"GET", guild + "/threads/active", ""},
		{"GET", guild + "/webhooks", ""},
		{"GET", "/channels/" + forum, ""},
		{"GET", "/channels/" + th, ""},
		{"PATCH", "/channels/" + th, `{"name":"Vera B","archived":false,"auto_archive_duration":10080}`},
		{"PATCH", "/channels/" + forum, `{"topic":"posts","available_tags":[{"name":"new"}]}`},
		{"POST", "/channels/" + th + "/typing", ""},
		{"GET", messages[:len(messages)-1] + "?limit=100&after=0", ""},
		{"GET", messages + m, ""},
		{"POST", messages[:len(messages)-1], `{"content":"answer","message_reference":{"message_id":"` + m + `"},"nonce":"n1","enforce_nonce":true,"allowed_mentions":{"parse":[]}}`},
		{"PATCH", messages + m, `{"content":"edited","embeds":[{"title":"t","author":{"name":"a"},"footer":{"text":"f"},"fields":[{"name":"n","value":"v","inline":null}]}],"allowed_mentions":{"parse":[]}}`},
		{"DELETE", messages + gone, ""},
		{"POST", messages + "bulk-delete", `{"messages":["` + b1 + `","` + b2 + `"]}`},
		{"PUT", reaction + "/@me", ""},
		{"GET", reaction, ""},
		{"DELETE", reaction + "/@me", ""},
		{"DELETE", messages + m + "/reactions/👀/" + ana, ""},
		{"PUT", "/channels/" + desk + "/pins/" + m, ""},
		{"GET", "/channels/" + desk + "/pins", ""},
		{"GET", messages + "pins", ""},
		{"DELETE", "/channels/" + desk + "/pins/" + m, ""},
		{"PUT", messages + "pins/" + m, ""},
		{"DELETE", messages + "pins/" + m, ""},
		{"POST", messages + noThread + "/threads", `{"name":"x","auto_archive_duration":60}`},
		{"POST", "/channels/" + desk + "/threads", `{"name":"x","type":11}`},
		{"POST", "/channels/" + forum + "/threads", `{"name":"post","message":{"content":"first","flags":4}}`},
		{"GET", "/channels/" + desk + "/threads/archived/public?limit=2", ""},
		{"GET", members, ""},
		{"GET", members + "/" + o.BotUserID, ""},
		{"PUT", members + "/@me", ""},
		{"PUT", members + "/" + ana, ""},
		{"DELETE", members + "/" + ana, ""},
		{"DELETE", members + "/@me", ""},
		{"POST", "/channels/" + desk + "/webhooks", `{"name":"four"}`},
		{"GET", "/channels/" + desk + "/webhooks", ""},
		{"GET", "/webhooks/" + hook.ID, ""},
		{"GET", hookPath, ""},
		{"POST", hookPath, `{"content":"no wait"}`},
		{"GET", hookPath + "/messages/" + hooked, ""},
		{"PATCH", hookPath + "/messages/" + hooked, `{"content":"y"}`},
		{"DELETE", hookPath + "/messages/" + hooked, ""},
		{"DELETE", "/webhooks/" + hook2.ID, ""},
		{"DELETE", "/webhooks/" + hook3.ID + "/" + hook3.Token, ""},
		{"PUT", app, `[{"name":"take","description":"Take it","options":[{"type":3,"name":"why","description":"d","autocomplete":true}]},{"name":"Recall","type":3}]`},
		{"GET", app, ""},
		{"POST", "/interactions/" + j.ID + "/" + j.Token + "/callback", `{"type":5,"data":{"flags":64}}`},
		{"POST", answer, `{"content":"more"}`},
		{"GET", answer + "/messages/@original", ""},
		{"PATCH", answer + "/messages/@original", `{"content":"changed"}`},
		{"DELETE", answer + "/messages/@original", ""},
		{"DELETE", "/channels/" + th, ""},
		{"DELETE", "/channels/" + forum, ""},
	}
}

func TestAuthorization(t *testing.T) {
	s := start(t, nil)
	req := request(t, s, "GET", "/users/@me", "", http.NoBody)
	req.Header.Set("Authorization", "Bot wrong")
	r, err := do(t, req)
	must(t, err)
	r.want(t, 401, 0)
	s.RevokeToken(true)
	call(t, s, "GET", "/users/@me", nil).want(t, 401, 0)
	s.RevokeToken(false)
	call(t, s, "GET", "/users/@me", nil).want(t, 200, 0)
	if got := 0; true {
		s.Look(func(v discordtest.State) { got = v.Invalid() })
		if got != 2 {
			t.Errorf("%d invalid requests, want 2", got)
		}
	}
}
