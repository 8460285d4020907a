package slacktest_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// form is a modal with a line, a choice and a search.
func form(blocks ...slack.Block) slack.ModalViewRequest {
	line := slack.NewPlainTextInputBlockElement(nil, "line").WithInitialValue("as it was")
	choice := slack.NewOptionsSelectBlockElement("static_select", nil, "choice",
		slack.NewOptionBlockObject("one", plain("One"), nil), slack.NewOptionBlockObject("two", plain("Two"), nil))
	search := slack.NewOptionsSelectBlockElement("external_select", nil, "search")
	optional := slack.NewInputBlock("line", plain("Line"), nil, line)
	optional.Optional = true
	return slack.ModalViewRequest{
		Type: "modal", Title: plain("Form"), Submit: plain("Save"), Blocks: slack.Blocks{BlockSet: append([]slack.Block{
			optional, slack.NewInputBlock("choice", plain("Choice"), nil, choice), slack.NewInputBlock("search", plain("Search"), nil, search),
		}, blocks...)},
	}
}

// opened is a form that Ana has open.
func opened(t *testing.T, s *slacktest.Server, c *slack.Client, w watcher) string {
	t.Helper()
	shortcut := s.GlobalShortcut(ana, "form")
	w.settle(nil)
	v, err := c.OpenViewContext(t.Context(), shortcut.TriggerID, form())
	must(t, err)
	return v.ID
}

func TestFillingInAForm(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	id := opened(t, s, c, w)
	s.Look(func(v slacktest.State) {
		if open, ok := v.Modal(ana); !ok || open.ID != id || open.Values["line"]["line"]["value"] != "as it was" {
			t.Errorf("open is %+v", open)
		}
		if _, ok := v.Modal(ben); ok {
			t.Error("Ben sees Ana's form")
		}
	})
	for name, err := range map[string]error{
		"another's form":       s.Type(ben, id, "line", "x"),
		"no such input":        s.Type(ana, id, "other", "x"),
		"typing into a choice": s.Type(ana, id, "choice", "x"),
		"no such choice":       s.Choose(ana, id, "choice", "three"),
		"nothing is suggested": s.Choose(ana, id, "search", "found"),
		"something is missing": errOf(s.Submit(ana, id)),
		"another submits":      errOf(s.Submit(ben, id)),
	} {
		if err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
	typing := s.Suggest(ana, id, "search", "fo")
	if p := w.settle(map[string]any{"options": []any{map[string]any{"text": plain("Found"), "value": "found"}}}); p["block_id"] != "search" || p["view"] == nil {
		t.Errorf("suggestion %v", p)
	}
	_, err := typing.Await(t.Context())
	must(t, err)
	must(t, s.Choose(ana, id, "search", "found"))
	must(t, s.Choose(ana, id, "choice", "two"))
	must(t, s.Type(ana, id, "line", "new"))
	sent, err := s.Submit(ana, id)
	must(t, err)
	values := w.settle(nil)["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any)
	if got := values["line"].(map[string]any)["line"].(map[string]any)["value"]; got != "new" {
		t.Errorf("submitted %v", values)
	}
	for block, want := range map[string]string{"choice": "two", "search": "found"} {
		if got := values[block].(map[string]any)[block].(map[string]any)["selected_option"].(map[string]any)["value"]; got != want {
			t.Errorf("%s is submitted as %v", block, got)
		}
	}
	_, err = sent.Await(t.Context())
	must(t, err)
}

func TestAFormThatIsShownAgainKeepsWhatWasTyped(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	id := opened(t, s, c, w)
	must(t, s.Type(ana, id, "line", "typed"))
	sent, err := s.SubmitView(ana, id, nil)
	must(t, err)
	w.settle(map[string]any{"response_action": "update", "view": form(slack.NewDividerBlock())})
	_, err = sent.Await(t.Context())
	must(t, err)
	s.Look(func(v slacktest.State) {
		if open, _ := v.Modal(ana); open.ID != id || open.Values["line"]["line"]["value"] != "typed" || !strings.Contains(string(open.Raw), "divider") {
			t.Errorf("open is %+v", open)
		}
	})
	sent, err = s.SubmitView(ana, id, nil)
	must(t, err)
	w.settle(map[string]any{"response_action": "update", "view": map[string]any{"type": "modal"}})
	if _, err := sent.Await(t.Context()); err == nil {
		t.Error("a view without a title was shown")
	}
}

func TestWhatSlackRefusesOfAForm(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	unsubmitted := form()
	unsubmitted.Submit = nil
	long := slack.NewPlainTextInputBlockElement(nil, "long").WithInitialValue(strings.Repeat("x", 3001))
	wrong := slack.NewOptionsSelectBlockElement("static_select", nil, "wrong", slack.NewOptionBlockObject("one", plain("One"), nil)).
		WithInitialOption(slack.NewOptionBlockObject("two", plain("Two"), nil))
	empty := slack.NewOptionsSelectBlockElement("static_select", nil, "empty")
	bad := map[string]slack.ModalViewRequest{
		"invalid_arguments": unsubmitted,
		"invalid_blocks":    form(slack.NewInputBlock("long", plain("Long"), nil, long)),
		"invalid_blocks ":   form(slack.NewInputBlock("wrong", plain("Wrong"), nil, wrong)),
		"invalid_blocks  ":  form(slack.NewInputBlock("empty", plain("Empty"), nil, empty)),
	}
	for code, v := range bad {
		shortcut := s.GlobalShortcut(ana, "form")
		w.settle(nil)
		_, err := c.OpenViewContext(t.Context(), shortcut.TriggerID, v)
		wantError(t, err, strings.TrimSpace(code))
	}
	shortcut := s.GlobalShortcut(ana, "form")
	w.settle(nil)
	s.ExpireTriggers()
	_, err := c.OpenViewContext(t.Context(), shortcut.TriggerID, form())
	wantError(t, err, "expired_trigger_id")
	message := slack.MsgOptionBlocks(slack.NewInputBlock("b", plain("B"), nil, slack.NewPlainTextInputBlockElement(nil, "a")))
	_, _, err = c.PostMessageContext(t.Context(), desk, message)
	wantError(t, err, "invalid_blocks")
}

func TestHome(t *testing.T) {
	s, c := start(t, nil)
	w := watch(t, s)
	must(t, s.OpenHome(ana))
	if e := w.want("app_home_opened", ""); e["user"] != ana || e["tab"] != "home" || e["view"] != nil {
		t.Errorf("opened %v", e)
	}
	home := slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("one", slack.NewButtonBlockElement("take", "1", plain("Take"))),
		slack.NewActionBlock("two", slack.NewButtonBlockElement("take", "2", plain("Take"))),
	}}}
	published, err := c.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ana, View: home})
	must(t, err)
	stale := "stale"
	_, err = c.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ana, View: home, Hash: &stale})
	wantError(t, err, "hash_conflict")
	if _, err := s.PressView(ben, published.ID, "two", "take", ""); err == nil {
		t.Error("Ben presses in Ana's home")
	}
	_, err = s.PressView(ana, published.ID, "two", "take", "")
	must(t, err)
	p := w.settle(nil)
	if action := p["actions"].([]any)[0].(map[string]any); action["value"] != "2" || p["view"].(map[string]any)["type"] != "home" || p["channel"] != nil {
		t.Errorf("press %v", p)
	}
}

func TestWhatOnePersonSeesCanBePressed(t *testing.T) {
	s, c := start(t, nil)
	root := post(t, c, desk, slack.MsgOptionText("card", false))
	w := watch(t, s)
	ts, err := c.PostEphemeralContext(t.Context(), desk, ana, slack.MsgOptionText("Send?", false), slack.MsgOptionTS(root),
		slack.MsgOptionBlocks(slack.NewActionBlock("", slack.NewButtonBlockElement("send", "7", plain("Send")))))
	must(t, err)
	if _, err := s.Press(ben, ts, "send", ""); err == nil {
		t.Error("Ben presses what only Ana sees")
	}
	if _, err := s.Press(ana, ts, "send", "8"); err == nil {
		t.Error("a button has another value than its own")
	}
	press, err := s.Press(ana, ts, "send", "")
	must(t, err)
	p := w.settle(nil)
	if at := p["container"].(map[string]any); at["is_ephemeral"] != true || at["thread_ts"] != root || p["message"] != nil {
		t.Errorf("press %v", p)
	}
	_, _, err = c.PostMessageContext(t.Context(), "", slack.MsgOptionDeleteOriginal(press.ResponseURL))
	must(t, err)
	s.Look(func(v slacktest.State) {
		if left := v.Ephemerals(); len(left) != 0 {
			t.Errorf("left are %+v", left)
		}
	})
}

func TestMentionsInACommand(t *testing.T) {
	s, _ := start(t, nil)
	w := watch(t, s)
	_, err := s.Command(ana, desk, "/assign", "<@"+ben+"> & co")
	must(t, err)
	if p := w.settle(nil); p["text"] != "<@"+ben+"|ben> &amp; co" {
		t.Errorf("command %v", p)
	}
}
