package slacktest_test

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// watcher reads and acknowledges the inner events of one raw socket.
type watcher struct {
	t    *testing.T
	sock rawSocket
}

func watch(t *testing.T, s *slacktest.Server) watcher {
	t.Helper()
	w := watcher{t, dial(t, s)}
	w.sock.frame(t) // hello
	return w
}

func (w watcher) next() map[string]any {
	w.t.Helper()
	f := w.sock.frame(w.t)
	if err := w.sock.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}); err != nil {
		w.t.Fatal(err)
	}
	return f["payload"].(map[string]any)["event"].(map[string]any)
}

func (w watcher) want(kind, subtype string) map[string]any {
	w.t.Helper()
	e := w.next()
	got, _ := e["subtype"].(string)
	if e["type"] != kind || got != subtype {
		w.t.Fatalf("got %v, want %s %s", e, kind, subtype)
	}
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPeople(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)

	root, err := s.Say(ana, desk, "", "hello <@"+s.Options().BotUserID+">")
	must(t, err)
	w.want("message", "")
	if e := w.want("app_mention", ""); e["ts"] != root {
		t.Errorf("mention %v", e)
	}
	_, err = s.Post(ben, desk, slacktest.Draft{Text: "look", ThreadTS: root, Broadcast: true})
	must(t, err)
	if e := w.want("message", "thread_broadcast"); e["root"].(map[string]any)["ts"] != root {
		t.Errorf("broadcast %v", e)
	}
	_, err = s.Post(ben, desk, slacktest.Draft{Text: "waves", Me: true})
	must(t, err)
	w.want("message", "me_message")
	must(t, s.React(ben, desk, root, "eyes"))
	if e := w.want("reaction_added", ""); e["item_user"] != ana || e["user"] != ben {
		t.Errorf("reaction %v", e)
	}
	must(t, s.Unreact(ben, desk, root, "eyes"))
	w.want("reaction_removed", "")
	must(t, s.Delete(ana, desk, root))
	if e := w.want("message", "message_changed"); e["message"].(map[string]any)["subtype"] != "tombstone" {
		t.Errorf("tombstone %v", e)
	}
	_, err = s.Upload(ana, desk, "", "a.txt", []byte("abc"), "")
	must(t, err)
	w.want("file_shared", "")
	w.want("message", "file_share")
	other := s.AddUser(slacktest.User{Name: "otherbot", Bot: true})
	must(t, s.Join(other.ID, desk))
	w.want("member_joined_channel", "")
	w.want("message", "channel_join")
	_, err = s.Say(other.ID, desk, "", "beep")
	must(t, err)
	if e := w.want("message", "bot_message"); e["bot_id"] == s.Options().BotID || e["bot_id"] == nil {
		t.Errorf("other bot %v", e)
	}
	must(t, s.Leave(other.ID, desk))
	w.want("member_left_channel", "")
	must(t, s.Archive(ana, desk, true))
	w.want("channel_archive", "")
	if _, err := s.Say(ana, desk, "", "too late"); err == nil {
		t.Error("said in an archived channel")
	}
	must(t, s.Archive(ana, desk, false))
	w.want("channel_unarchive", "")
	must(t, s.Leave(s.Options().BotUserID, secret))
	if e := w.want("group_left", ""); e["channel"] != secret || e["user"] != nil {
		t.Errorf("the bot's own leave %v", e)
	}

	history, err := c.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: desk, Limit: 3})
	must(t, err)
	if !history.HasMore || len(history.Messages) != 3 || history.Messages[0].Text != "beep" {
		t.Errorf("history %+v", history)
	}
}

func TestPeopleAreHeldToTheRules(t *testing.T) {
	s, c := start(t, nil)
	bots := post(t, c, desk, slack.MsgOptionText("card", false))
	must(t, s.LockThread(desk, bots, true))
	for name, err := range map[string]error{
		"stranger":          errOf(s.Say("UNOBODY", desk, "", "x")),
		"not a member":      errOf(s.Say(ben, secret, "", "x")),
		"locked thread":     errOf(s.Say(ana, desk, bots, "x")),
		"no such thread":    errOf(s.Say(ana, desk, "1.000000", "x")),
		"nothing to say":    errOf(s.Say(ana, desk, "", " \n")),
		"another's message": s.Edit(ana, desk, bots, "x"),
		"delete another's":  s.Delete(ana, desk, bots),
		"no such button":    errOf(s.Press(ana, bots, "take", "")),
		"no such reaction":  s.Unreact(ana, desk, bots, "eyes"),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestBotHearsOnlyWhereItIsMember(t *testing.T) {
	s, _ := start(t, nil)
	w := watch(t, s)
	_, err := s.Say(ana, away, "", "in private")
	must(t, err)
	_, err = s.Say(ana, secret, "", "in the group")
	must(t, err)
	if e := w.want("message", ""); e["channel"] != secret || e["channel_type"] != "group" {
		t.Errorf("event %v", e)
	}
}

func TestRevokedTokens(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	tokens := func() string {
		t.Helper()
		data, err := json.Marshal(w.want("tokens_revoked", "")["tokens"])
		must(t, err)
		return string(data)
	}
	s.RevokeTokens(ana)
	if got := tokens(); got != `{"oauth":["`+ana+`"]}` {
		t.Errorf("of a person: %s", got)
	}
	post(t, c, desk, slack.MsgOptionText("still here", false))
	w.want("message", "")
	s.RevokeTokens(ben, s.Options().BotUserID)
	if got := tokens(); got != `{"bot":["`+s.Options().BotUserID+`"],"oauth":["`+ben+`"]}` {
		t.Errorf("of both: %s", got)
	}
	if _, err := c.AuthTestContext(t.Context()); err == nil || err.Error() != "token_revoked" {
		t.Errorf("the bot's token: %v", err)
	}
}

func TestSnapshotSharesNothing(t *testing.T) {
	s, _ := start(t, nil)
	ts, err := s.Say(ana, desk, "", "hello")
	must(t, err)
	must(t, s.React(ana, desk, ts, "eyes"))
	snap := s.Snapshot()
	snap.Messages[desk][0].Reactions[0].Users[0] = "changed"
	if got := s.Channel(desk)[0].Reactions[0].Users[0]; got != ana {
		t.Fatalf("the snapshot wrote through: %s", got)
	}
}
