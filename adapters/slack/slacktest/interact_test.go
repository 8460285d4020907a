package slacktest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// settle acknowledges the next interaction on the socket with a payload and returns its content.
func (w watcher) settle(payload any) map[string]any {
	w.t.Helper()
	f := w.sock.frame(w.t)
	if f["accepts_response_payload"] != true {
		w.t.Fatalf("no interaction: %v", f)
	}
	must(w.t, w.sock.WriteJSON(map[string]any{"envelope_id": f["envelope_id"], "payload": payload}))
	return f["payload"].(map[string]any)
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

func TestSelectsAndSuggestions(t *testing.T) {
	s, c := start(t, nil)
	agents := slack.NewOptionsSelectBlockElement("static_select", plain("Assign"), "assign",
		slack.NewOptionBlockObject("ana", plain("Ana"), nil), slack.NewOptionBlockObject("ben", plain("Ben"), nil))
	quick := slack.NewOptionsSelectBlockElement("external_select", plain("Quick reply"), "quick")
	root := post(t, c, desk, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(slack.NewActionBlock("card", agents, quick)))
	w := watch(t, s)

	press, err := s.Press(ana, root, "assign", "ben")
	must(t, err)
	action := w.settle(nil)["actions"].([]any)[0].(map[string]any)
	if action["selected_option"].(map[string]any)["value"] != "ben" {
		t.Errorf("action %v", action)
	}
	if _, err := press.Await(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Press(ana, root, "assign", "zoe"); err == nil {
		t.Error("an option that is not offered was chosen")
	}
	typing := s.Suggest(ana, root, "quick", "refu")
	if p := w.settle(map[string]any{"options": []any{}}); p["type"] != "block_suggestion" || p["value"] != "refu" {
		t.Errorf("suggestion %v", p)
	}
	if ack, err := typing.Await(t.Context()); err != nil || string(ack) != `{"options":[]}` {
		t.Errorf("ack %s, %v", ack, err)
	}
	s.GlobalShortcut(ana, "duty")
	if p := w.settle(nil); p["type"] != "shortcut" || p["callback_id"] != "duty" || p["message"] != nil {
		t.Errorf("shortcut %v", p)
	}
}

func TestPressWithNothingConnectedFails(t *testing.T) {
	s, c := start(t, func(o *slacktest.Options) { o.AckTimeout = 200 * time.Millisecond })
	button := slack.NewButtonBlockElement("take", "1", plain("Take"))
	root := post(t, c, desk, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(slack.NewActionBlock("", button)))
	press, err := s.Press(ana, root, "take", "")
	must(t, err)
	if _, err := press.Await(t.Context()); err == nil {
		t.Fatal("acknowledged by nobody")
	}
	w := watch(t, s)
	press, err = s.Press(ana, root, "take", "")
	must(t, err)
	w.sock.frame(t) // read, never acknowledged
	if _, err := press.Await(t.Context()); err == nil {
		t.Fatal("a press that nobody acknowledged succeeded")
	}
}

func TestViews(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	shortcut := s.GlobalShortcut(ana, "duty")
	w.settle(nil)
	modal := func(title string) slack.ModalViewRequest {
		return slack.ModalViewRequest{
			Type: "modal", CallbackID: "duty", Title: plain(title), Submit: plain("Save"),
			Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("b", plain("B"), nil, slack.NewPlainTextInputBlockElement(nil, "a"))}},
		}
	}
	_, err := c.OpenViewContext(t.Context(), "made-up", modal("Duty"))
	wantError(t, err, "invalid_trigger_id")
	_, err = c.OpenViewContext(t.Context(), shortcut.TriggerID, modal("A title of more than 24 characters"))
	wantError(t, err, "invalid_arguments")
	opened, err := c.OpenViewContext(t.Context(), shortcut.TriggerID, modal("Duty"))
	must(t, err)
	_, err = c.UpdateViewContext(t.Context(), modal("Later"), "", "stale", opened.ID)
	wantError(t, err, "hash_conflict")
	_, err = c.UpdateViewContext(t.Context(), modal("Later"), "", opened.Hash, opened.ID)
	must(t, err)

	open := func() (n int) {
		s.Look(func(v slacktest.State) { n = len(v.Views()) })
		return n
	}
	submit := func(answer any) {
		t.Helper()
		sent, err := s.SubmitView(ana, opened.ID, map[string]map[string]any{"b": {"a": map[string]string{"value": "x"}}})
		must(t, err)
		if p := w.settle(answer); p["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any)["b"] == nil {
			t.Errorf("submission %v", p)
		}
		_, err = sent.Await(t.Context())
		must(t, err)
	}
	submit(map[string]any{"response_action": "errors", "errors": map[string]string{"b": "no"}})
	if open() != 1 {
		t.Error("errors closed the view")
	}
	submit(nil)
	if open() != 0 {
		t.Error("a submission left the view open")
	}
	_, err = c.PublishViewContext(t.Context(), slack.PublishViewContextRequest{
		UserID: ana,
		View:   slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}},
	})
	must(t, err)
	if open() != 1 {
		t.Error("no home tab")
	}
}

func TestResponseURL(t *testing.T) {
	s, c := start(t, nil)
	button := slack.NewButtonBlockElement("take", "1", plain("Take"))
	root := post(t, c, desk, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(slack.NewActionBlock("", button)))
	press, err := s.Press(ana, root, "take", "")
	must(t, err)
	respond := func(args map[string]any) error {
		t.Helper()
		body, _ := json.Marshal(args)
		resp, err := http.Post(press.ResponseURL, "application/json", bytes.NewReader(body))
		must(t, err)
		defer resp.Body.Close()
		var answer slack.SlackResponse
		must(t, json.NewDecoder(resp.Body).Decode(&answer))
		return answer.Err()
	}
	must(t, respond(map[string]any{"text": "only you"}))
	must(t, respond(map[string]any{"text": "taken", "replace_original": true}))
	must(t, respond(map[string]any{"text": "all of you", "response_type": "in_channel", "thread_ts": root}))
	if thread := s.Thread(desk, root); len(thread) != 2 || thread[0].Text != "taken" || thread[1].Text != "all of you" {
		t.Errorf("thread %+v", thread)
	}
	must(t, respond(map[string]any{"text": "four"}))
	must(t, respond(map[string]any{"delete_original": true}))
	wantError(t, respond(map[string]any{"text": "six"}), "used_url")
	s.Look(func(v slacktest.State) {
		if got := v.Ephemerals(); len(got) != 2 || got[0].Text != "only you" || got[0].User != ana {
			t.Errorf("ephemerals %+v", got)
		}
		if m, _ := v.Message(root); !m.Tombstone {
			t.Errorf("root %+v", m)
		}
	})
}

func TestClearFaults(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	s.Fail(slacktest.Fault{Status: 500})
	s.FailEvents(slacktest.EventFault{Swap: true})
	if attempt(t, c, desk) == nil {
		t.Fatal("the fault was not applied")
	}
	_, err := s.Say(ana, desk, "", "held back")
	must(t, err)
	s.ClearFaults()
	if e := w.want("message", ""); e["text"] != "held back" {
		t.Errorf("event %v", e)
	}
	must(t, attempt(t, c, desk))
}

func TestLatency(t *testing.T) {
	s, c := start(t, nil)
	s.SetLatency(30 * time.Millisecond)
	began := time.Now()
	must(t, attempt(t, c, desk))
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Fatalf("took %v", took)
	}
}

func TestSlackLimitsLetANormalPacePass(t *testing.T) {
	s, c := start(t, func(o *slacktest.Options) { o.Limits = slacktest.SlackLimits() })
	for _, channel := range []string{desk, secret} {
		for range 3 {
			must(t, attempt(t, c, channel))
		}
	}
	var err error
	for n := 0; err == nil && n < 50; n++ { // a slow machine has a call more every second
		err = attempt(t, c, desk)
	}
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) || limited.RetryAfter != time.Second {
		t.Fatalf("got %v", err)
	}
	users, err := c.GetUsersContext(t.Context(), slack.GetUsersOptionLimit(1))
	if err != nil || len(users) != 3 {
		t.Fatalf("%d users page by page, %v", len(users), err)
	}
	if got := s.Members(desk); len(got) != 3 {
		t.Fatalf("members %v", got)
	}
}
