package discordtest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

func TestNonce(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.NonceWindow = 200 * time.Millisecond })
	path := "/channels/" + desk + "/messages"
	body := object{"content": "once", "nonce": "abc", "enforce_nonce": true}
	first := call(t, s, "POST", path, body).id(t)
	if again := call(t, s, "POST", path, body).id(t); again != first {
		t.Errorf("the enforced nonce made a second message")
	}
	if free := call(t, s, "POST", path, object{"content": "once", "nonce": "abc"}).id(t); free == first {
		t.Errorf("a nonce that is not enforced made none")
	}
	th := thread(t, s)
	if elsewhere := call(t, s, "POST", "/channels/"+th+"/messages", body).id(t); elsewhere == first {
		t.Errorf("a nonce counts in its channel only")
	}
	err := s.Await(t.Context(), func(discordtest.State) bool { return true })
	must(t, err)
	time.Sleep(220 * time.Millisecond) // the window has no event to await
	if later := call(t, s, "POST", path, body).id(t); later == first {
		t.Errorf("the nonce was remembered for too long")
	}
}

func TestContentRules(t *testing.T) {
	s := provoke(t, nil)
	path := "/channels/" + desk + "/messages"
	refusals := []struct {
		name string
		body object
		code int
	}{
		{"long", object{"content": strings.Repeat("x", 2001)}, 50035},
		{"empty", object{"content": "  \n "}, 50006},
		{"embeds in all", object{"embeds": []object{
			{"description": strings.Repeat("x", 4000)}, {"description": strings.Repeat("x", 2001)},
		}}, 50035},
		{"custom id twice", object{"content": "x", "components": []object{{"type": 1, "components": []object{
			{"type": 2, "style": 1, "label": "a", "custom_id": "a"}, {"type": 2, "style": 1, "label": "b", "custom_id": "a"},
		}}}}, 50035},
		{"six buttons", object{"content": "x", "components": []object{{"type": 1, "components": slices.Repeat([]object{
			{"type": 2, "style": 5, "label": "a", "url": "https://example.com"},
		}, 6)}}}, 50035},
		{"six rows", object{"content": "x", "components": slices.Repeat([]object{{"type": 1, "components": []object{
			{"type": 2, "style": 5, "label": "a", "url": "https://example.com"},
		}}}, 6)}, 50035},
		{"text display without the flag", object{"components": []object{{"type": 10, "content": "x"}}}, 50035},
		{"content with the flag", object{"content": "x", "flags": 1 << 15, "components": []object{{"type": 10, "content": "x"}}}, 50035},
		{"mentions both ways", object{"content": "x", "allowed_mentions": object{"parse": []string{"users"}, "users": []string{ana}}}, 50035},
		{"answer to nothing", object{"content": "x", "message_reference": object{"message_id": "17"}}, 50035},
		{"unknown attachment", object{"content": "x", "attachments": []object{{"id": "0"}}}, 50035},
	}
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) { call(t, s, "POST", path, r.body).want(t, 400, r.code) })
	}
	if got := s.Messages(desk); len(got) != 0 {
		t.Errorf("refused messages were kept: %+v", got)
	}
	modern := call(t, s, "POST", path, object{"flags": 1 << 15, "components": []object{{"type": 10, "content": "x"}}})
	modern.want(t, 200, 0)
}

func TestEditing(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.MaxOldEdits = 1 })
	theirs := value[string](t)(s.Say(ana, desk, "mine"))
	call(t, s, "PATCH", "/channels/"+desk+"/messages/"+theirs, object{"content": "x"}).want(t, 403, 50005)

	m := say(t, s, desk, "one")
	path := "/channels/" + desk + "/messages/" + m
	call(t, s, "PATCH", path, object{"content": ""}).want(t, 400, 50006)
	must(t, s.Age(m, 2*time.Hour))
	call(t, s, "PATCH", path, object{"content": "two"}).want(t, 200, 0)
	call(t, s, "PATCH", path, object{"content": "three"}).want(t, 429, 30046)

	must(t, s.Age(theirs, 15*24*time.Hour))
	call(t, s, "POST", "/channels/"+desk+"/messages/bulk-delete", object{"messages": []string{theirs, m}}).want(t, 400, 50034)
}

// TestHistory reads pages in all directions: newest first, and after a bound the oldest of what is newer.
func TestHistory(t *testing.T) {
	s := start(t, nil)
	var ids []string
	for range 10 {
		ids = append(ids, value[string](t)(s.Say(ana, desk, "x")))
	}
	must(t, s.Delete(ana, ids[5]))
	pages := []struct {
		query string
		want  []int
	}{
		{"limit=3", []int{9, 8, 7}},
		{"limit=3&before=" + ids[7], []int{6, 4, 3}},
		{"limit=3&after=" + ids[3], []int{7, 6, 4}},
		{"limit=4&around=" + ids[4], []int{7, 6, 4, 3}},
		{"limit=3&after=0", []int{2, 1, 0}},
		{"limit=3&after=" + ids[9], []int{}},
	}
	for _, p := range pages {
		var got []struct{ ID string }
		call(t, s, "GET", "/channels/"+desk+"/messages?"+p.query, nil).into(t, &got)
		var places []int
		for _, m := range got {
			places = append(places, slices.Index(ids, m.ID))
		}
		if !slices.Equal(places, p.want) {
			t.Errorf("%s: %v, want %v", p.query, places, p.want)
		}
	}
	call(t, s, "GET", "/channels/"+desk+"/messages?before=1&after=1", nil).want(t, 400, 50035)
}

func TestPings(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.Roles = []discordtest.Role{{ID: "4001", Name: "crew"}} })
	path := "/channels/" + desk + "/messages"
	text := "<@" + ana + "> <@&4001> @everyone"
	theirs := value[string](t)(s.Say(ben, desk, "hello"))
	answer := object{"message_id": theirs}
	call(t, s, "POST", path, object{"content": text, "allowed_mentions": object{"parse": []string{}}, "message_reference": answer}).want(t, 200, 0)
	if got := s.Pings(); len(got) != 0 {
		t.Errorf("pings %+v", got)
	}
	call(t, s, "POST", path, object{"content": text, "allowed_mentions": object{"roles": []string{"4001"}}}).want(t, 200, 0)
	m := call(t, s, "POST", path, object{"content": text, "message_reference": answer}).id(t)
	call(t, s, "PATCH", path+"/"+m, object{"content": text}).want(t, 200, 0)
	hook := s.AddWebhook(discordtest.Webhook{Name: "h", Channel: desk})
	call(t, s, "POST", "/webhooks/"+hook.ID+"/"+hook.Token, object{"content": text}).want(t, 204, 0)
	got := s.Pings()
	if len(got) != 4 {
		t.Fatalf("pings %+v", got)
	}
	if p := got[0]; len(p.Users) != 0 || p.Everyone || !slices.Equal(p.Roles, []string{"4001"}) {
		t.Errorf("named role: %+v", p)
	}
	if p := got[1]; !slices.Equal(p.Users, []string{ana, ben}) || !p.Everyone || len(p.Roles) != 1 || p.Edit {
		t.Errorf("default: %+v", p)
	}
	if p := got[2]; !slices.Equal(p.Users, []string{ana}) || !p.Everyone || !p.Edit {
		t.Errorf("edit: %+v", p)
	}
	if p := got[3]; !slices.Equal(p.Users, []string{ana}) || p.Everyone || len(p.Roles) != 0 {
		t.Errorf("webhook: %+v", p)
	}
}

func TestReactionsAndPins(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	id := value[string](t)(s.Say(ana, desk, "hello"))
	must(t, dg.MessageReactionAdd(desk, id, "👀"))
	e.want(t, "MESSAGE_REACTION_ADD")
	must(t, s.React(ben, id, "👀"))
	users := value[int](t)(func() (int, error) {
		list, err := dg.MessageReactions(desk, id, "👀", 10, "", "")
		return len(list), err
	}())
	if users != 2 {
		t.Errorf("%d reacted", users)
	}
	refused(t, dg.MessageReactionAdd(desk, id, "nonsense"), 10014)
	must(t, dg.MessageReactionRemove(desk, id, "👀", "@me"))
	e.want(t, "MESSAGE_REACTION_REMOVE")
	refused(t, dg.MessageReactionRemove(desk, id, "👀", "@me"), 10014)

	must(t, dg.ChannelMessagePin(desk, id))
	if ev := e.want(t, "MESSAGE_UPDATE"); strings.Contains(string(ev.RawData), `"edited_timestamp":"`) {
		t.Errorf("a pin is no edit: %s", ev.RawData)
	}
	must(t, s.Unfurl(id, "A page"))
	if ev := e.want(t, "MESSAGE_UPDATE"); strings.Contains(string(ev.RawData), `"edited_timestamp":"`) || !strings.Contains(string(ev.RawData), "A page") {
		t.Errorf("a preview is no edit: %s", ev.RawData)
	}
}
